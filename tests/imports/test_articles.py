"""What can be read as articles, line by line, and what is refused with which sentence."""

import io
import json
from datetime import UTC, datetime

import pytest

from annotations.domain.text import digest
from annotations.imports import FORMATS, _bytes, _json, _streams
from annotations.imports.rows import ArticleRow, BadRow, Remark, SpanRow

SPAN = {"label": "quote", "start": 0, "end": 2, "text": "We"}


def read(*lines):
    """The rows of a file of these lines: bytes as they are, other values as JSON."""
    raw = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return list(FORMATS["articles"].read(io.BytesIO(b"\n".join(raw) + b"\n"), "wire.jsonl"))


def test_an_article_needs_only_its_text():
    assert read({"text": "We won."}) == [ArticleRow(1, "We won.")]


def test_all_that_is_known_of_an_article_is_read():
    anchored = {"value": "We", "start": 0, "end": 2}
    known = {"slug": "we", "outlet": "Daily", "story": "cup", "title": "T", "language": "en"}
    row = {
        "schema": "newsroom.article/1",
        **known,
        "url": "https://example.org/",
        "published_at": "2024-05-28T19:30:00.5+02:00",
        "text": "We won.",
        "spans": [SPAN | {"attributes": {"speaker": anchored, "cue": None}}],
    }
    assert read(row) == [
        ArticleRow(
            line=1,
            text="We won.",
            **known,
            url="https://example.org/",
            published_at=datetime(2024, 5, 28, 17, 30, 0, 500_000, tzinfo=UTC),
            spans=(SpanRow("quote", 0, 2, "We", {"speaker": anchored, "cue": None}),),
        )
    ]


def test_null_says_as_little_as_nothing():
    nothing = dict.fromkeys(["slug", "outlet", "title", "url", "published_at", "spans"])
    assert read({"text": "We won.", **nothing}) == [ArticleRow(1, "We won.")]
    assert read({"text": "We", "spans": [SPAN | {"attributes": None}]})[0].spans[0].attributes == {}


def test_who_did_and_decided_what_is_not_read():
    forged = {"uid": "1", "state": "approved", "author": "eve", "decided_by": "eve", "revision": 9}
    row = {"text": "We won.", "state": "reviewed", "revision": 9, "spans": [SPAN | forged]}
    assert read(row) == [ArticleRow(1, "We won.", spans=(SpanRow("quote", 0, 2, "We"),))]


def test_only_a_line_feed_ends_a_line():
    text = "One\u2028two\u2029three\x85four\x0bfive\x1csix\r\nseven"
    line = json.dumps({"text": text}, ensure_ascii=False).encode()
    assert read(line, {"text": "Next."}) == [ArticleRow(1, text), ArticleRow(2, "Next.")]


def test_a_file_with_crlf_and_blank_lines_is_read_and_its_lines_are_numbered():
    assert read(b'{"text":"One."}\r', b"", b"  \r", b'{"text":"Two."}') == [
        ArticleRow(1, "One."),
        ArticleRow(4, "Two."),
    ]


def test_the_last_line_may_lack_its_end():
    assert list(FORMATS["articles"].read(io.BytesIO(b'{"text":"One."}'), "")) == [
        ArticleRow(1, "One.")
    ]


def test_a_byte_order_mark_at_the_start_is_dropped_and_told():
    assert read(b'\xef\xbb\xbf{"text":"\xef\xbb\xbfOne."}') == [
        Remark(1, "A byte order mark at the start of the file was dropped."),
        ArticleRow(1, "\ufeffOne."),
    ]


def test_a_bad_line_costs_only_itself():
    rows = read({"text": "One."}, b"{", {"text": "Three."})
    assert [type(row) for row in rows] == [ArticleRow, BadRow, ArticleRow]
    assert rows[1].line == 2


def test_the_slug_of_the_article_that_it_replaces_is_read():
    assert read({"text": "We lost.", "replaces": "we-won"}) == [
        ArticleRow(1, "We lost.", replaces="we-won")
    ]


def test_a_line_that_is_too_long_is_refused_and_passed_over(monkeypatch):
    monkeypatch.setattr(_streams, "MOST_BYTES", 30)
    monkeypatch.setattr(_json, "MOST_BYTES", 30)
    rows = read({"text": "x" * 200}, {"text": "Short."})
    assert rows == [BadRow(1, "The line is longer than 50 MB."), ArticleRow(2, "Short.")]
    assert _bytes.MOST_BYTES == 50_000_000


def test_the_sum_of_the_text_as_it_stands_in_the_file_may_be_given():
    sha256 = "7e4b0d1f3b1d7f1e0a"
    text = "We won.\r\n"
    right = digest(text)
    assert read({"text": text, "text_sha256": right}) == [ArticleRow(1, text)]
    assert read({"text": text, "text_sha256": sha256})[0].why.startswith("The text is not the one")


def test_the_sum_of_a_text_that_has_none_is_left_to_who_refuses_the_text():
    assert read({"text": "\ud800", "text_sha256": "0"}) == [ArticleRow(1, "\ud800")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param(b"{", "This is not JSON", id="broken off"),
        pytest.param(b"[]", "no article in this file", id="an empty list"),
        pytest.param(b"5", "one JSON object", id="a number"),
        pytest.param(b'"text"', "one JSON object", id="a string"),
        pytest.param(b'{"text":"\xff"}', "not UTF-8 (byte 9 is 0xff)", id="latin-1"),
        pytest.param(b'{"text":"a","text":"b"}', "“text” stands twice", id="a key twice"),
        pytest.param(b'{"text":"a","x":{"y":1,"y":2}}', "“y” stands twice", id="a key twice deep"),
        pytest.param(b'{"text":"a","x":NaN}', "NaN is not a number", id="NaN"),
        pytest.param(b'{"text":"a","x":-Infinity}', "-Infinity is not a number", id="infinity"),
        pytest.param(b'{"text":"a","x":' + b"1" * 5000 + b"}", "too long", id="huge number"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="deep brackets"),
        pytest.param({"schema": "newsroom.sum/1"}, '"newsroom.sum/1", but only', id="a sum"),
        pytest.param({"schema": None, "text": "a"}, "The schema is null", id="no schema"),
        pytest.param({"schema": ["x"] * 99}, "…, but only", id="a strange schema"),
        pytest.param({}, "needs a “text”", id="no text"),
        pytest.param({"text": 5}, "needs a “text”", id="text is a number"),
        pytest.param({"text": "a", "slug": 5}, "“slug” must be a string, not 5", id="slug"),
        pytest.param({"text": "a", "title": "\0"}, "“title” holds a character", id="NUL"),
        pytest.param({"text": "a", "outlet": "\ud800"}, "“outlet” holds a char", id="surrogate"),
        pytest.param({"text": "a", "published_at": "2024-05-28"}, "with its zone", id="a day"),
        pytest.param({"text": "a", "published_at": "today"}, "with its zone", id="no time"),
        pytest.param(
            {"text": "a", "published_at": "0001-01-01T00:00:00+14:00"}, "with its", id="before time"
        ),
        pytest.param({"text": "a", "spans": {}}, "“spans” must be a list", id="spans"),
        pytest.param({"text": "a", "spans": [5]}, "Span 1 must be an object", id="a span is 5"),
        pytest.param(
            {"text": "a", "spans": [SPAN, SPAN | {"attributes": []}]},
            "The “attributes” of Span 2",
            id="attributes",
        ),
        *(
            pytest.param(
                {"text": "a", "spans": [SPAN | {key: value}]},
                f"Span 1 needs {what}",
                id=f"{key} {value!r}",
            )
            for key, value, what in [
                ("start", True, "“start”, a whole number, not true"),
                ("start", 1.5, "“start”, a whole number, not 1.5"),
                ("start", "4", "“start”, a whole number"),
                ("start", None, "“start”, a whole number, not null"),
                ("end", False, "“end”, a whole number"),
                ("end", 2.0, "“end”, a whole number, not 2.0"),
                ("label", ["quote"], "a label, which is a string"),
                ("label", " ", "a label, which is a string"),
                ("text", None, "“text”, the words it covers"),
            ]
        ),
    ],
)
def test_what_is_no_article_is_refused_with_a_sentence(line, why):
    (row,) = read(line)
    assert isinstance(row, BadRow)
    assert why in row.why
    assert row.why.endswith(".")


@pytest.mark.parametrize("format", ["articles", "doccano", "prodigy"])
@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        (
            "newsroom.archive/1",
            "This is an archive of a newsroom; it comes back by import_articles --restore, into an "
            "empty database.",
        ),
        (
            "newsroom.span/1",
            "These are spans without their articles. Export the format “articles” instead: it has "
            "the texts, and the spans with them.",
        ),
    ],
)
def test_a_file_of_ours_that_holds_no_articles_is_refused_whole(schema, sentence, format):
    whole = [json.dumps({"schema": schema}), *[json.dumps({"record": "span", "text": "We"})] * 3]
    for raw in ("\n".join(whole), f"[{', '.join(whole)}]"):
        rows = list(FORMATS[format].read(io.BytesIO(raw.encode()), "wire.jsonl"))
        assert rows == [BadRow(1, sentence)]


def test_a_span_among_articles_costs_only_its_line():
    first, second, third = read({"text": "a"}, {"schema": "newsroom.span/1"}, {"text": "b"})
    assert isinstance(second, BadRow)
    assert (first.text, third.text) == ("a", "b")

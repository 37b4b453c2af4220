"""The lines of both formats, key by key, as docs/export-format.md has them."""

import json
import re
from copy import copy
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from msgspec import UNSET

from annotations.exports import FORMATS, _json
from annotations.queries.exports import ExportedArticle, ExportedSpan

TEXT = "".join(f"{number:03d} " for number in range(30))
MOMENT = datetime(2024, 6, 3, 9, 44, 46, tzinfo=timezone(timedelta(hours=2)))
ARTICLE = ExportedArticle(
    slug="counting",
    outlet="daily",
    title="Counting\u2028on",
    url="https://example.org/",
    published_at=MOMENT,
    language="en",
    story="numbers",
    state="reviewed",
    replaces="counted",
    text_sha256="0" * 64,
    text=TEXT,
)
BARE = ExportedArticle(
    "bare", None, "Bare", "", None, "", None, "open", None, "1" * 64, "“Only 😀.”"
)
SPAN = ExportedSpan(
    schema=UNSET,
    article=UNSET,
    uid=str(UUID(int=7)),
    label="quote",
    start=40,
    end=43,
    text="010",
    attributes={"speaker": {"value": "Ä", "start": 0, "end": 3}, "continues": False, "cue": None},
    state="approved",
    amended=True,
    revision=3,
    origin="human",
    author="ann",
    last_editor="bob",
    decided_by="rob",
    decided_at="2024-06-03T07:44:46.000005Z",
    reason=None,
    guideline_revision=2,
    text_group="1:0123456789abcdef",
    prefix=TEXT[8:40],
    suffix=TEXT[43:75],
)
SUGGESTED = ExportedSpan(
    schema=UNSET,
    article=UNSET,
    uid=str(UUID(int=8)),
    label="quote",
    start=0,
    end=9,
    text=BARE.text,
    attributes={},
    state="suggested",
    amended=False,
    revision=1,
    origin="suggester:quotes/1",
    author=None,
    last_editor=None,
    decided_by=None,
    decided_at=None,
    reason=None,
    guideline_revision=None,
    text_group="1:0",
    prefix="",
    suffix="",
)
SPAN_LINE = {
    "schema": "newsroom.span/1",
    "uid": "00000000-0000-0000-0000-000000000007",
    "article": {
        "slug": "counting",
        "outlet": "daily",
        "title": "Counting\u2028on",
        "url": "https://example.org/",
        "published_at": "2024-06-03T07:44:46.000000Z",
        "language": "en",
        "story": "numbers",
        "state": "reviewed",
        "replaces": "counted",
        "text_sha256": "0" * 64,
    },
    "label": "quote",
    "start": 40,
    "end": 43,
    "text": "010",
    "attributes": {
        "speaker": {"value": "Ä", "start": 0, "end": 3},
        "continues": False,
        "cue": None,
    },
    "state": "approved",
    "amended": True,
    "revision": 3,
    "origin": "human",
    "author": "ann",
    "last_editor": "bob",
    "decided_by": "rob",
    "decided_at": "2024-06-03T07:44:46.000005Z",
    "reason": None,
    "guideline_revision": 2,
    "text_group": "1:0123456789abcdef",
    "prefix": TEXT[8:40],
    "suffix": TEXT[43:75],
}


def lines(format, *rows):
    """rows: articles with their spans, which a format may make its own."""
    rows = [(article, [copy(span) for span in spans]) for article, spans in rows]
    return list(FORMATS[format].lines(iter(rows), []))


def in_order(value):
    """The value with its keys' order made part of what is compared."""
    if isinstance(value, dict):
        return [(key, in_order(part)) for key, part in value.items()]
    return [in_order(part) for part in value] if isinstance(value, list) else value


def test_a_span_is_one_line_with_every_key_in_the_order_of_the_contract():
    (line,) = lines("spans", (ARTICLE, [SPAN]))
    assert in_order(json.loads(line)) == in_order(SPAN_LINE)


def test_what_is_not_there_is_null():
    (line,) = map(json.loads, lines("spans", (BARE, [SUGGESTED])))
    assert line.keys() == SPAN_LINE.keys()
    assert line["article"].keys() == SPAN_LINE["article"].keys()
    nothing = [key for key in line if line[key] is None]
    assert nothing == [
        "author",
        "last_editor",
        "decided_by",
        "decided_at",
        "reason",
        "guideline_revision",
    ]
    nothing = [key for key in line["article"] if line["article"][key] is None]
    assert nothing == ["outlet", "url", "published_at", "language", "story", "replaces"]
    assert (line["prefix"], line["suffix"]) == ("", "")


def test_an_article_has_its_text_and_its_spans_without_themselves():
    spans, none = map(json.loads, lines("articles", (ARTICLE, [SPAN]), (BARE, [])))
    known = dict(SPAN_LINE["article"])
    sha256 = known.pop("text_sha256")
    inside = {key: SPAN_LINE[key] for key in SPAN_LINE if key not in ("schema", "article")}
    assert in_order(spans) == in_order(
        {
            "schema": "newsroom.article/1",
            **known,
            "text": TEXT,
            "text_sha256": sha256,
            "spans": [inside],
        }
    )
    assert none["spans"] == []


@pytest.mark.parametrize("format", ["spans", "articles"])
def test_only_a_line_feed_ends_a_line_and_letters_stand_as_themselves(format):
    (line,) = lines(format, (ARTICLE, [SPAN]))
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert "Counting\u2028on" in line.decode()
    assert "Ä" in line.decode()


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (None, None),
        (datetime(2024, 5, 28, tzinfo=UTC), "2024-05-28T00:00:00.000000Z"),
        (MOMENT, "2024-06-03T07:44:46.000000Z"),
    ],
)
def test_a_time_is_utc_with_microseconds_whatever_it_was(moment, words):
    assert _json.instant(moment) == words


def test_the_lines_shown_in_the_docs_are_lines_of_these_formats():
    page = Path(settings.BASE_DIR, "docs/export-format.md").read_text("utf-8")
    shown = [json.loads(line) for line in re.findall(r'^\{"schema".*\}$', page, re.MULTILINE)]
    span, article = shown
    assert span.keys() == SPAN_LINE.keys()
    assert span["article"].keys() == SPAN_LINE["article"].keys()
    (expected,) = map(json.loads, lines("articles", (ARTICLE, [SPAN])))
    assert list(article) == list(expected)
    for inside in article["spans"]:
        assert list(inside) == list(expected["spans"][0])
        assert article["text"][inside["start"] : inside["end"]] == inside["text"]

"""Files that mean harm, or were cut: a sentence where it stands, the rest read, nothing raised."""

import gzip
import io
import json
import tracemalloc

import pytest

from annotations.imports import FORMATS, LONGEST_SENTENCE, guess, unpacked
from annotations.imports.rows import ArticleRow, BadRow, Remark

TEXT = "We won, “fine” 🌉 end."


def articles(start, end, label="quote", text=TEXT):
    return {"text": text, "spans": [{"label": label, "start": start, "end": end, "text": "We"}]}


def doccano(start, end, label="quote", text=TEXT):
    return {"text": text, "label": [[start, end, label]], "offset_unit": "code_points"}


def related(start, end, label="quote", text=TEXT):
    entity = {"id": 1, "label": label, "start_offset": start, "end_offset": end}
    return {"text": text, "entities": [entity], "relations": [], "offset_unit": "code_points"}


def label_studio(start, end, label="quote", text=TEXT):
    value = {"start": start, "end": end, "text": "We", "labels": [label]}
    result = {"type": "labels", "from_name": "label", "to_name": "text", "value": value}
    return {"data": {"text": text}, "annotations": [{"result": [result]}]}


def prodigy(start, end, label="quote", text=TEXT):
    span = {"label": label, "start": start, "end": end, "text": "We"}
    return {"text": text, "spans": [span], "answer": "accept"}


WITH_SPANS = [
    pytest.param("articles", articles, id="articles"),
    pytest.param("doccano", doccano, id="doccano"),
    pytest.param("doccano", related, id="doccano with relations"),
    pytest.param("label_studio", label_studio, id="label_studio"),
    pytest.param("prodigy", prodigy, id="prodigy"),
]
GOOD = {
    "articles": articles(0, 2),
    "doccano": doccano(0, 2),
    "label_studio": label_studio(0, 2),
    "prodigy": prodigy(0, 2),
    "ninjs": {"uri": "urn:1", "body_text": TEXT},
}
BAD = [
    pytest.param(b"{", "This is not JSON", id="broken off"),
    pytest.param(b'{"text": "a"} x', "This is not JSON: Extra data", id="more behind it"),
    pytest.param(b'["a"]', "must be one JSON object", id="a list"),
    pytest.param(b'"a"', "must be one JSON object", id="a string"),
    pytest.param(b"null", "must be one JSON object", id="null"),
    pytest.param(b'{"text":"\xff"}', "This is not UTF-8", id="not UTF-8"),
    pytest.param(b'{"text":"\xed\xa0\x80"}', "This is not UTF-8", id="half a character in UTF-8"),
    pytest.param(b'{"text":"a","text":"b"}', "“text” stands twice", id="a key twice"),
    pytest.param(b'{"text":"a","x":[{"y":1,"y":1}]}', "“y” stands twice", id="a key twice inside"),
    pytest.param(b'{"text":"a","x":NaN}', "NaN is not a number", id="NaN"),
    pytest.param(b'{"text":"a","x":-Infinity}', "-Infinity is not a number", id="infinity"),
    pytest.param(
        b'{"text":"a","x":' + b"7" * 5000 + b"}", "A number is too long", id="5,000 digits"
    ),
    pytest.param(b"[" * 100_000, "nested too deeply", id="100,000 brackets"),
    pytest.param(b'{"a":' * 100_000, "nested too deeply", id="100,000 braces"),
    pytest.param(b"{}", "“text”|no body", id="nothing in it"),
    pytest.param(b'{"text":5,"body_text":5,"data":{"text":5}}', "string", id="a number for a text"),
]


def read(format, raw, after=0):
    return list(FORMATS[format].read(io.BytesIO(raw), "wire", after))


def line(value):
    return json.dumps(value, ensure_ascii=False).encode()


def texts(rows):
    return [(row.line, row.text) for row in rows if isinstance(row, ArticleRow)]


def refusals(rows):
    return [(row.line, row.why) for row in rows if isinstance(row, BadRow)]


@pytest.mark.parametrize("format", GOOD)
@pytest.mark.parametrize(("bad", "why"), BAD)
def test_a_bad_line_costs_itself_only_and_says_why(format, bad, why):
    good = line(GOOD[format])
    rows = read(format, b"\n".join([good, bad, good]))
    assert texts(rows) == [(1, TEXT), (3, TEXT)]
    ((number, said),) = refusals(rows)
    assert number == 2
    assert any(words in said for words in why.split("|"))
    assert said.endswith(".")


LOST = ["broken off", "more behind it", "100,000 brackets", "100,000 braces"]


@pytest.mark.parametrize("format", GOOD)
@pytest.mark.parametrize(("bad", "why"), [case for case in BAD if case.id not in LOST])
def test_a_bad_item_of_a_list_costs_itself_only(format, bad, why):
    good = line(GOOD[format])
    rows = read(format, b"\n [" + b" ,\n".join([good, bad, good]) + b"]\n")
    assert texts(rows) == [(1, TEXT), (3, TEXT)]
    ((number, said),) = refusals(rows)
    assert number == 2
    assert any(words in said for words in why.split("|"))


@pytest.mark.parametrize("format", GOOD)
@pytest.mark.parametrize(("bad", "why"), [case for case in BAD if case.id in LOST])
def test_where_nobody_knows_where_an_item_ends_the_rest_is_refused(format, bad, why):
    good = line(GOOD[format])
    rows = read(format, b"[" + b",".join([good, bad, good]) + b"]")
    assert texts(rows)[0] == (1, TEXT)
    number, said = refusals(rows)[-1]
    assert number in (2, 3)
    assert said.endswith("ot read.")


@pytest.mark.parametrize("format", GOOD)
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_what_was_read_before_is_passed_over(format, after):
    good = line(GOOD[format])
    lines = b"\n".join([good] * 3)
    items = b"[" + b",".join([good] * 3) + b"]"
    expected = [(number, TEXT) for number in (1, 2, 3) if number > after]
    assert texts(read(format, lines, after)) == expected
    assert texts(read(format, items, after)) == expected
    assert refusals(read(format, lines, after) + read(format, items, after)) == []


@pytest.mark.parametrize("format", GOOD)
def test_marks_line_ends_and_separators_are_no_trouble(format):
    odd = "One\u2028two\u2029three\x85four\x0bfive"
    value = json.loads(json.dumps(GOOD[format]).replace(json.dumps(TEXT)[1:-1], "@"))
    value = json.loads(
        json.dumps(value).replace("@", json.dumps(odd)[1:-1]).replace('"We"', '"On"')
    )
    rows = read(format, b"\xef\xbb\xbf" + line(value) + b"\r\n\r\n" + line(value))
    assert isinstance(rows[0], Remark)
    assert texts(rows) == [(1, odd), (3, odd)]


@pytest.mark.parametrize("format", GOOD)
def test_one_object_over_several_lines_is_one_item(format):
    rows = read(format, json.dumps(GOOD[format], indent=1).encode())
    assert texts(rows) == [(1, TEXT)]


@pytest.mark.parametrize("format", GOOD)
@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "no article in this file"),
        (b" \n\n", "no article in this file"),
        (b"[]", "no article in this file"),
        ("\ufeff{}".encode("utf-16-le"), "UTF-16"),
        ("\ufeff{}".encode("utf-16-be"), "UTF-16"),
        (b"PK\x03\x04\xff\xff", "zip archive"),
        (b"[" + b"[" * 100_000, "nested too deeply"),
        (b"[1", "must be one JSON object"),
    ],
)
def test_what_is_no_such_file_at_all_is_refused(format, raw, why):
    assert why in refusals(read(format, raw))[0][1]


@pytest.mark.parametrize("format", ["text", "feed", "html"])
@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("\ufeffWords".encode("utf-16-le"), "UTF-16"),
        ("\ufeffWords".encode("utf-32-le"), "UTF-32"),
        (b"PK\x03\x04\xff\xff", "zip archive"),
        (b"%PDF-1.7\xff", "PDF"),
        (b"Z\xfcrich", "not UTF-8 (byte 1 is 0xfc)"),
    ],
)
def test_a_document_that_is_no_text_is_refused(format, raw, why):
    ((number, said),) = refusals(read(format, raw))
    assert number == 1
    assert why in said


@pytest.mark.parametrize(("format", "made"), WITH_SPANS)
@pytest.mark.parametrize(
    ("start", "end", "label", "why"),
    [
        (True, 2, "quote", "a whole number, not true"),
        (0, False, "quote", "a whole number, not false"),
        (0.0, 2, "quote", "a whole number, not 0.0"),
        (0, 1e300, "quote", "a whole number, not 1e+300"),
        ("0", 2, "quote", "a whole number, not"),
        (None, 2, "quote", "a whole number, not null"),
        ([0], 2, "quote", "a whole number, not [0]"),
        (-1, 2, "quote", "cannot start before the text"),
        (2, 2, "quote", "must end after it starts"),
        (2, 0, "quote", "must end after it starts"),
        (0, 99, "quote", f"ends at 99, but the text has {len(TEXT)} characters"),
        (0, 2**64, "quote", "but the text has"),
        (0, 10**4200, "quote", "but the text has"),
        (7, 8, "quote", "more than blanks"),
        (0, 2, 5, "needs a label"),
        (0, 2, "", "needs a label"),
        (0, 2, None, "needs a label"),
        (0, 2, ["quote"], "needs a label"),
    ],
)
def test_a_span_that_is_none_refuses_its_line(format, made, start, end, label, why):
    good, bad = line(made(0, 2)), line(made(start, end, label))
    rows = read(format, b"\n".join([good, bad, good]))
    assert texts(rows) == [(1, TEXT), (3, TEXT)]
    ((number, said),) = refusals(rows)
    assert number == 2
    assert "Span 1" in said
    assert why in said or len(said) == LONGEST_SENTENCE


@pytest.mark.parametrize(("format", "made"), WITH_SPANS)
@pytest.mark.parametrize("text", ["We \ud800.", "We \udc00", "We\0"])
def test_a_text_that_cannot_be_stored_is_left_to_who_cleans_it(format, made, text):
    raw = json.dumps(made(0, 2, text=text)).encode()
    assert texts(read(format, raw)) == [(1, text)]


@pytest.mark.parametrize(("format", "made"), WITH_SPANS)
def test_a_sentence_holds_nothing_that_no_table_keeps(format, made):
    raw = json.dumps(made(0, 2) | {"offset_unit": "\ud800\0"}).encode()
    for _, said in refusals(read(format, raw)):
        assert said.encode()
        assert "\0" not in said


class Endless(io.RawIOBase):
    """`begin`, then so many of one letter, then `end`; nothing of it in memory."""

    def __init__(self, begin, letters, end):
        self._parts = [begin, *[b"x" * 1_000_000] * (letters // 1_000_000), end]
        self._held = b""

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self._held and self._parts:
            self._held = self._parts.pop(0)
        piece = self._held[: len(buffer)]
        buffer[: len(piece)] = piece
        self._held = self._held[len(piece) :]
        return len(piece)


@pytest.mark.parametrize("format", ["articles", "doccano"])
def test_a_line_of_a_gigabyte_is_passed_over_in_little_memory(format):
    stream = io.BufferedReader(
        Endless(b'{"text":"', 1_000_000_000, b'"}\n' + line(GOOD[format]) + b"\n"), 1_000_000
    )
    tracemalloc.start()
    try:
        rows = list(FORMATS[format].read(stream, "wire"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refusals(rows) == [(1, "The line is longer than 50 MB.")]
    assert texts(rows) == [(2, TEXT)]
    assert peak < 160_000_000


@pytest.mark.parametrize("format", ["text", "feed", "html"])
def test_a_document_that_is_too_large_is_refused(format):
    stream = io.BufferedReader(Endless(b"<p>", 60_000_000, b"</p>"))
    assert refusals(FORMATS[format].read(stream, "wire")) == [(1, "The file is larger than 50 MB.")]


def test_an_item_of_a_list_that_is_too_long_ends_it(monkeypatch):
    monkeypatch.setattr("annotations.imports._json.MOST_BYTES", 100_000)
    good = line(GOOD["articles"])
    rows = read("articles", b"[" + good + b',{"text":"' + b"x" * 400_000 + b'"},' + good + b"]")
    assert texts(rows) == [(1, TEXT)]
    assert refusals(rows) == [(2, "The item is longer than 50 MB. What follows it was not read.")]


def test_a_long_list_is_read_in_pieces():
    items = [articles(0, 2, text="We " + "é🌉" * 500) for _ in range(300)]
    raw = json.dumps(items, ensure_ascii=False, indent=1).encode()
    assert len(raw) > 5 * 65_536
    assert [row.line for row in read("articles", raw)] == list(range(1, 301))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'[{"text":"a"}', "broken off before its end"),
        (b'[{"text":"a"},', "broken off before its end"),
        (b'[{"text":"a"},]', "A comma or the list’s end"),
        (b'[{"text":"a"} {"text":"b"}]', "A comma or the list’s end"),
        (b'[{"text":"a"}] x', "Something follows after the list’s end"),
    ],
)
def test_a_list_that_does_not_end_well_is_told(raw, why):
    rows = read("articles", raw)
    assert texts(rows) == [(1, "a")]
    ((number, said),) = refusals(rows)
    assert number == 2
    assert why in said


def packed(raw):
    return unpacked(io.BytesIO(gzip.compress(raw)))


def test_a_packed_file_is_unpacked_and_can_be_gone_through_again():
    stream = packed(b'{"text":"One."}\n' * 10_000)
    assert guess("wire.jsonl.gz", stream.read(65_536)).format == "articles"
    stream.seek(0)
    rows = list(FORMATS["articles"].read(stream, "wire"))
    assert len(texts(rows)) == len(rows) == 10_000


def test_a_file_that_is_not_packed_is_left_alone():
    stream = io.BytesIO(b"Words")
    assert unpacked(stream) is stream
    assert stream.read() == b"Words"


@pytest.mark.parametrize("format", FORMATS)
def test_a_bomb_is_refused_long_before_it_is_unpacked(format):
    rows = list(FORMATS[format].read(packed(b'{"text": "' + b"x" * 40_000_000), "wire.gz"))
    assert "more than 200 times its size" in refusals(rows)[-1][1]


def test_what_is_too_large_unpacked_is_refused(monkeypatch):
    monkeypatch.setattr("annotations.imports._streams.MOST_UNPACKED", 100_000)
    rows = list(FORMATS["articles"].read(packed(b'{"text":"One."}\n' * 50_000), "wire.gz"))
    assert "larger than" in refusals(rows)[-1][1]


@pytest.mark.parametrize("cut", [0.2, 0.9])
def test_a_packed_file_that_is_broken_off_is_told_and_what_came_before_is_read(cut):
    raw = gzip.compress(b"".join(line({"text": f"Line {n}."}) + b"\n" for n in range(50_000)))
    rows = list(FORMATS["articles"].read(unpacked(io.BytesIO(raw[: int(len(raw) * cut)])), "w"))
    assert len(texts(rows)) > 5_000
    assert "broken off" in refusals(rows)[-1][1]


def test_a_damaged_packed_file_is_told():
    raw = bytearray(gzip.compress(b"Words " * 50_000))
    raw[40:60] = bytes(20)
    assert "gzip file is" in refusals(FORMATS["text"].read(unpacked(io.BytesIO(raw)), "w"))[0][1]


def test_a_damaged_packed_file_raises_what_a_copy_of_it_expects():
    with pytest.raises(OSError, match="broken off"):
        unpacked(io.BytesIO(gzip.compress(b"Words " * 50_000)[:-20])).read()

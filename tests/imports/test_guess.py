"""Which format a file is of, and what tells it."""

import json

import pytest

from annotations.imports import FALLBACKS, FORMATS, Guess, guess

FIRST_LINE, FIRST_ITEM, FIRST_TAGS = "by its first line", "by its first item", "by its first tags"
ONLY_BY_NAME, NOTHING_ELSE = FALLBACKS
TASK = {"id": 1, "data": {"text": "a"}, "annotations": []}


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("wire.txt", b'{"text":', ("text", "by its name")),
        ("wire.TXT.GZ", b"<html>", ("text", "by its name")),
        ("wire.JSONL", b"Words", ("articles", ONLY_BY_NAME)),
        ("wire.ndjson", b"", ("articles", "by its name")),
        ("wire.jsonl", {"text": "a"}, ("articles", "by its name")),
        ("wire.jsonl", {"text": "a", "spans": []}, ("articles", "by its name")),
        ("wire", b'\xef\xbb\xbf\n {"text":', ("articles", "by its first brace")),
        ("wire.export", b"{", ("articles", "by its first brace")),
        ("wire", {"schema": "newsroom.article/1", "text": "a"}, ("articles", FIRST_LINE)),
        ("spans.jsonl", {"schema": "newsroom.span/1"}, ("articles", FIRST_LINE)),
        ("wire.jsonl", {"headline": "a"}, ("articles", ONLY_BY_NAME)),
        ("wire", b"Words", ("text", NOTHING_ELSE)),
        ("wire", b"", ("text", NOTHING_ELSE)),
        ("wire", b"PK\x03\x04", ("text", NOTHING_ELSE)),
        ("all.jsonl", {"id": 1, "text": "a", "label": []}, ("doccano", FIRST_LINE)),
        ("all.jsonl", {"text": "a", "entities": [], "relations": []}, ("doccano", FIRST_LINE)),
        ("all.json", [TASK], ("label_studio", FIRST_ITEM)),
        ("all.json", TASK, ("label_studio", FIRST_LINE)),
        ("all.json", [{"data": {"text": "a"}}], ("label_studio", FIRST_ITEM)),
        ("tasks.jsonl", {"data": {"text": "a"}}, ("label_studio", FIRST_LINE)),
        (
            "ours.jsonl",
            {"text": "a", "label": [], "spans": [{"label": "quote", "text": "a"}]},
            ("doccano", FIRST_LINE),
        ),
        ("min.json", [{"text": "a", "label": [], "annotator": 1}], ("label_studio", FIRST_ITEM)),
        ("all.jsonl", {"text": "a", "spans": [], "answer": "accept"}, ("prodigy", FIRST_LINE)),
        (
            "all.jsonl",
            {"text": "a", "spans": [{"start": 0, "end": 1, "label": "X"}]},
            ("prodigy", FIRST_LINE),
        ),
        ("item.json", {"uri": "a", "body_text": "b"}, ("ninjs", FIRST_LINE)),
        ("item.json", {"uri": "a", "headline": "b"}, ("ninjs", FIRST_LINE)),
        ("item.json", [{"uri": "a", "bodies": []}], ("ninjs", FIRST_ITEM)),
        ("feed.xml", b'<?xml version="1.0"?>\n<rss version="2.0">', ("feed", FIRST_TAGS)),
        ("feed", b'<feed xmlns="http://www.w3.org/2005/Atom">', ("feed", FIRST_TAGS)),
        ("feed.xml", b"<other>", ("feed", ONLY_BY_NAME)),
        ("page", b"<!DOCTYPE HTML>\n<html>", ("html", FIRST_TAGS)),
        ("page.htm", b"just words", ("html", ONLY_BY_NAME)),
    ],
)
def test_a_format_is_told_by_how_a_file_begins_else_by_its_name(name, head, expected):
    raw = head if isinstance(head, bytes) else json.dumps(head).encode()
    assert guess(name, raw) == Guess(*expected)
    assert expected[0] in FORMATS


@pytest.mark.parametrize(
    ("line", "format"),
    [
        ({"schema": "newsroom.article/1", "text": "x" * 70_000}, "articles"),
        ({"id": 1, "label": [[0, 1, "X"]], "text": '}"{' * 70_000}, "doccano"),
        (
            [{"id": 1, "annotations": [{"x": {"text": 1}}], "data": {"t": "x" * 70_000}}],
            "label_studio",
        ),
        ({"_task_hash": 1, "text": "x" * 70_000}, "prodigy"),
        ({"uri": "a", "version": "1", "body_text": "x" * 70_000}, "ninjs"),
    ],
)
def test_a_first_line_longer_than_what_is_looked_at_is_known_by_its_keys(line, format):
    assert guess("file.jsonl", json.dumps(line).encode()).format == format


def test_every_format_has_words_for_people():
    assert [format.words for format in FORMATS.values() if not format.words] == []

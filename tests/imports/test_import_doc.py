"""Every file that docs/import-format.md shows is read as it says."""

import io
import re
from pathlib import Path

import pytest

from annotations.imports import FORMATS, guess
from annotations.imports.rows import ArticleRow, BadRow

DOC = (Path(__file__).parents[2] / "docs/import-format.md").read_text("utf-8")
SHOWN = [
    (section.split("`")[1], file)
    for section in re.split(r"^## ", DOC, flags=re.MULTILINE)
    for file in re.findall(r"^```\w+\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
]


def test_every_format_but_plain_text_is_shown():
    assert {format for format, _ in SHOWN} == FORMATS.keys() - {"text"}


@pytest.mark.parametrize(("format", "file"), SHOWN)
def test_what_is_shown_is_read(format, file):
    rows = list(FORMATS[format].read(io.BytesIO(file.encode()), "shown"))
    assert not [row.why for row in rows if isinstance(row, BadRow)]
    articles = [row for row in rows if isinstance(row, ArticleRow)]
    assert len(articles) == (1 if format in ("label_studio", "feed", "html") else file.count("\n"))
    for row in articles:
        assert "The mayor said “we are fine”." in row.text
        spans = [(span.label, span.text) for span in row.spans]
        if format in ("articles", "doccano", "label_studio", "prodigy"):
            assert spans == [("quote", "“we are fine”")]


@pytest.mark.parametrize(("format", "file"), SHOWN)
def test_what_is_shown_is_known_for_what_it_is(format, file):
    assert guess("shown.jsonl", file.encode()).format == format

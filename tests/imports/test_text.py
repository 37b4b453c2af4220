"""A file that is one article."""

import io

import pytest

from annotations.imports import FORMATS, _bytes
from annotations.imports.rows import ArticleRow, BadRow, Remark


def read(raw, name="wire.txt"):
    return list(FORMATS["text"].read(io.BytesIO(raw), name))


def test_the_whole_file_is_the_text():
    raw = "\n\n“We won,”\r\nhe said.\u2028\n"
    assert read(raw.encode()) == [ArticleRow(1, raw, slug="wire")]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("000_64473a.txt", "000_64473a"),
        ("Our Story, part 2.final.txt", "our-story-part-2final"),
        ("首相.txt", ""),
        ("x" * 300, "x" * 120),
        ("wire.txt.gz", "wire"),
    ],
)
def test_the_slug_comes_from_the_name_of_the_file(name, slug):
    assert read(b"Words.", name)[0].slug == slug


def test_a_byte_order_mark_is_dropped_and_told():
    remark, row = read(b"\xef\xbb\xbfWords.")
    assert isinstance(remark, Remark)
    assert row.text == "Words."


def test_bytes_that_are_not_utf_8_are_refused():
    (row,) = read("Zürich".encode("latin-1"))
    assert isinstance(row, BadRow)
    assert "byte 1 is 0xfc" in row.why


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(_bytes, "MOST_BYTES", 3)
    assert read(b"Words.") == [BadRow(1, "The file is larger than 50 MB.")]


@pytest.mark.parametrize("name", ["spans.csv", "spans.CSV.gz", "spans.tsv"])
def test_a_table_is_no_article_and_says_what_comes_in_instead(name):
    (row,) = read(b"slug,text\nwe,We won.\n", name)
    assert isinstance(row, BadRow)
    assert row.why.startswith("A table (CSV) cannot come in. Bring its articles as JSON Lines")

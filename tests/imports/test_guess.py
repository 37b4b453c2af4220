"""Which format a file is of."""

import pytest

from annotations.imports import FORMATS, guess


@pytest.mark.parametrize(
    ("name", "first_bytes", "format"),
    [
        ("wire.txt", b'{"text":', "text"),
        ("wire.JSONL", b"Words", "articles"),
        ("wire.ndjson", b"", "articles"),
        ("wire", b'\xef\xbb\xbf\n {"text":', "articles"),
        ("wire.export", b"{", "articles"),
        ("wire", b"Words", "text"),
        ("wire", b"", "text"),
    ],
)
def test_a_format_is_told_by_the_name_else_by_the_first_bytes(name, first_bytes, format):
    assert guess(name, first_bytes).format == format
    assert format in FORMATS

"""Format `text`: the file is one article, its name the slug."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO

from django.utils.text import slugify

from annotations.imports._bytes import (
    MARK_DROPPED,
    MOST_BYTES,
    MOST_MEGABYTES,
    Unreadable,
    decoded,
    without_mark,
)
from annotations.imports.rows import ArticleRow, BadRow, Remark, Row

LONGEST_SLUG = 120


def read(stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]:
    """The one article in `stream`; name: the file's, which its slug is made of."""
    if after:
        return
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        yield BadRow(1, f"The file is larger than {MOST_MEGABYTES} MB.")
        return
    raw, marked = without_mark(raw)
    if marked:
        yield Remark(1, MARK_DROPPED)
    try:
        yield ArticleRow(1, decoded(raw), slug=slugify(PurePath(name).stem)[:LONGEST_SLUG])
    except Unreadable as error:
        yield BadRow(1, str(error))

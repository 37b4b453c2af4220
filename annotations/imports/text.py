"""Format `text`: the file is one article, its name the slug."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO

from django.utils.text import slugify

from annotations.imports._bytes import MARK_DROPPED, Refused, decoded, whole, without_mark
from annotations.imports._sample import Sample
from annotations.imports.rows import ArticleRow, Remark, Row

WORDS = "plain text"
LONGEST_SLUG = 120
TABLES = (".csv", ".tsv")


def read(stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]:
    """The one article in `stream`; name: the file's, which makes its slug. Raises Unreadable;
    Refused for a table, which is many."""
    if after:
        return
    if _without_gz(name).suffix.lower() in TABLES:
        raise Refused(
            "A table (CSV) cannot come in. Bring its articles as JSON Lines: one object a line, "
            "with the article’s “text”."
        )
    raw, marked = without_mark(whole(stream))
    if marked:
        yield Remark(1, MARK_DROPPED)
    yield ArticleRow(1, decoded(raw), slug=slug_of(name))


def knows(sample: Sample) -> bool:
    """Anything may be text, so nothing says that a file is."""
    return False


def slug_of(name: str) -> str:
    """The slug that a file's name makes; empty where it makes none."""
    return slugify(_without_gz(name).stem)[:LONGEST_SLUG]


def _without_gz(name: str) -> PurePath:
    path = PurePath(name)
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path

"""Files that come in: one module for each format, which only says what stands where.

A module has WORDS, what the format is called; `read`, which goes through a file once; and
`knows`, whether a file looks like one of its own. docs/import-format.md describes them for
whoever brings files.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO, NamedTuple

from annotations.domain.text import readable
from annotations.imports import (
    articles,
    doccano,
    feed,
    html,
    label_studio,
    ninjs,
    prodigy,
    text,
)
from annotations.imports._bytes import Unreadable
from annotations.imports._sample import Sample
from annotations.imports._streams import CHUNK as HEAD
from annotations.imports._streams import unpacked
from annotations.imports.rows import ArticleRow, BadRow, Remark, Row

__all__ = ["FALLBACKS", "FORMATS", "HEAD", "Format", "Guess", "Unreadable", "guess", "unpacked"]


class Read(NamedTuple):
    """A module's `read` that never raises: what goes wrong is a row, the last one."""

    rows: Callable[[BinaryIO, str, int], Iterator[Row]]

    def __call__(self, stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]:
        """The rows of the file; a bad line or item costs only itself.

        stream: at its start, unpacked. name: the file's. after: the number of the last
        line or item that was brought in before; those up to it are passed over.
        """
        line, any_row = after, False
        try:
            for row in self.rows(stream, name, after):
                line, any_row = row.line, any_row or not isinstance(row, Remark)
                yield _plain(row)
        except Unreadable as error:
            yield _plain(BadRow(line + 1, str(error)))
        else:
            if not any_row and not after:
                yield BadRow(1, "There is no article in this file.")


class Format(NamedTuple):
    """A format: its words for people, and how a file of it becomes rows."""

    words: str
    read: Read


class Guess(NamedTuple):
    """A format's name, and what tells that a file is of it, as "by its name"."""

    format: str
    why: str


_ONLY_BY_NAME = "by its name only, as it does not begin like any format we know"
_NOTHING_ELSE = "as it looks like no other format"
FALLBACKS = (_ONLY_BY_NAME, _NOTHING_ELSE)  # what a guess says where nothing in the file tells
LONGEST_SENTENCE = 500  # characters; a file may hold numbers and names of any length
# In the order in which a file is shown to them: what is sure before what is likely.
_MODULES = {
    "articles": articles,
    "label_studio": label_studio,
    "ninjs": ninjs,
    "prodigy": prodigy,
    "doccano": doccano,
    "feed": feed,
    "html": html,
    "text": text,
}
FORMATS = {name: Format(module.WORDS, Read(module.read)) for name, module in _MODULES.items()}
_BY_SUFFIX = {
    ".txt": "text",
    ".jsonl": "articles",
    ".ndjson": "articles",
    ".json": "articles",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}


def guess(name: str, head: bytes) -> Guess:
    """The format of a file, by how it begins, else by its name; a .txt file is text.

    head: its first bytes, unpacked; HEAD of them are enough.
    """
    sample = Sample(name, head[:HEAD])
    if sample.suffix == ".txt":
        return Guess("text", "by its name")
    for format, module in _MODULES.items():
        if module.knows(sample):
            first = "item" if sample.listed else "line" if sample.value else "tags"
            return Guess(format, f"by its first {first}")
    by_name = _BY_SUFFIX.get(sample.suffix)
    if by_name is not None:
        ours = not sample.words or (by_name == "articles" and sample.has("text"))
        return Guess(by_name, "by its name" if ours else _ONLY_BY_NAME)
    if sample.words.startswith(("{", "[")):
        return Guess("articles", "by its first brace")
    return Guess("text", _NOTHING_ELSE)


def _plain(row: Row) -> Row:
    """The row, its sentence readable everywhere: a file may name things that no table keeps."""
    match row:
        case BadRow():
            return replace(row, why=_shown(row.why))
        case Remark():
            return replace(row, what=_shown(row.what))
        case ArticleRow():
            return row


def _shown(words: str) -> str:
    plain = readable(words)
    return plain if len(plain) <= LONGEST_SENTENCE else plain[: LONGEST_SENTENCE - 1] + "…"

"""Files that come in: one module for each format, which only says what stands where."""

from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import BinaryIO

from annotations.imports import articles, text
from annotations.imports.rows import Row

# Name -> read(stream, the file's name), which goes through the file once.
FORMATS: dict[str, Callable[[BinaryIO, str], Iterator[Row]]] = {
    "text": text.read,
    "articles": articles.read,
}
_BY_SUFFIX = {".txt": "text", ".jsonl": "articles", ".ndjson": "articles", ".json": "articles"}


def guess(name: str, first_bytes: bytes) -> str:
    """The format of a file, by its name, else by how it begins."""
    by_name = _BY_SUFFIX.get(PurePath(name).suffix.lower())
    if by_name is not None:
        return by_name
    return "articles" if first_bytes.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "text"

"""Files that come in: one module for each format, which only says what stands where."""

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from pathlib import PurePath
from typing import BinaryIO, NamedTuple, Protocol

from annotations.imports import articles, text
from annotations.imports.rows import Row

MOST_UNPACKED = 4_000_000_000  # bytes


class Read(Protocol):
    """Goes through the file once; rows of lines up to `after` are passed over."""

    def __call__(self, stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]: ...


class Format(NamedTuple):
    """words: what it is called on screen."""

    words: str
    read: Read


class Guess(NamedTuple):
    """The format of a file, and in a few words by what that was seen."""

    format: str
    why: str


FORMATS: dict[str, Format] = {
    "text": Format("plain text, one article a file", text.read),
    "articles": Format("articles as JSON lines", articles.read),
}
_BY_SUFFIX = {".txt": "text", ".jsonl": "articles", ".ndjson": "articles", ".json": "articles"}


def guess(name: str, head: bytes) -> Guess:
    """The format of a file, by its name, else by how it begins."""
    by_name = _BY_SUFFIX.get(PurePath(name).suffix.lower())
    if by_name is not None:
        return Guess(by_name, "by its name")
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return Guess("articles" if begins else "text", "by its first line")


class _Unpacked(RawIOBase):
    def __init__(self, packed: BinaryIO) -> None:
        self._packed, self._left = gzip.GzipFile(fileobj=packed), MOST_UNPACKED

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        try:
            read = self._packed.read(len(buffer))
        except (EOFError, zlib.error) as error:
            raise OSError(f"It is no whole gzip file: {error}.") from None
        self._left -= len(read)
        if self._left < 0:
            raise OSError("What is packed in it is too large.")
        buffer[: len(read)] = read
        return len(read)


def unpacked(stream: BinaryIO) -> BinaryIO:
    """What is in the stream; if it is gzip, what is packed in that. Raises OSError."""
    head = stream.read(2)
    stream.seek(0)
    if head != b"\x1f\x8b":
        return stream
    unpacking: RawIOBase = _Unpacked(stream)
    return BufferedReader(unpacking)

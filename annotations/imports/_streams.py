"""Streams on their way in: packed files, and a look ahead."""

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from annotations.imports._bytes import MOST_BYTES, Unreadable

MAGIC = b"\x1f\x8b"
MOST_UNPACKED = 2_000_000_000  # bytes
RATIO = 200  # how many times its size a file may become; texts become 3 to 20 times it
FREE = 20_000_000  # bytes that may come out whatever the ratio
CHUNK = 64 * 1024


class Damaged(Unreadable, OSError):
    """What is packed cannot be unpacked, or not all of it. The message is a sentence."""


class _Unpacked(io.RawIOBase):
    """What a gzip file holds, from its start on. Raises Damaged, a bomb included."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._gzip = gzip.GzipFile(fileobj=packed, mode="rb")
        self._out = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._out

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET and offset != self._out:
            self._out = self._gzip.seek(offset)
        return self._out

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._gzip.read1(min(len(buffer), CHUNK))
        except EOFError:
            raise Damaged("The gzip file is broken off; what came before is read.") from None
        except (OSError, zlib.error):
            raise Damaged("The gzip file is damaged; what came before is read.") from None
        self._out += len(piece)
        if self._out > FREE and self._out > RATIO * max(1, self._packed.tell()):
            raise Damaged(
                f"Unpacked, the file is more than {RATIO} times its size. No text is packed so "
                "tightly, so the rest was not unpacked."
            )
        if self._out > MOST_UNPACKED:
            raise Damaged(
                f"Unpacked, the file is larger than {MOST_UNPACKED // 1_000_000_000} GB; the rest "
                "was not read. Bring it in as several files."
            )
        buffer[: len(piece)] = piece
        return len(piece)


def unpacked(stream: BinaryIO) -> BinaryIO:
    """The stream itself, or what is in it where it is a gzip file (by its first bytes).

    stream: seekable, at its start. Reading on may raise Damaged, also in the middle: the file
    is damaged, or too much comes out of it. `read` of every format tells that as a row.
    """
    magic = stream.read(len(MAGIC))
    stream.seek(0)
    if magic != MAGIC:
        return stream
    return io.BufferedReader(_Unpacked(stream), CHUNK)


class Peeked:
    """A stream whose `head`, at most 64 KB, was looked at and is still to be read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.head = stream.read(CHUNK)
        self._held = io.BytesIO(self.head)

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end only."""
        return self._held.read(size) or self._stream.read(size)

    def readline(self, size: int) -> bytes:
        """As a stream's."""
        line = self._held.readline(size)
        if line.endswith(b"\n") or len(line) == size:
            return line
        return line + self._stream.readline(size - len(line))


def lines(stream: BinaryIO | Peeked) -> Iterator[tuple[int, bytes]]:
    """(number, line), from 1; of a line that is too long one byte more than the most.

    Only "\\n" ends a line. What a line is too long by is passed over in small pieces.
    """
    number = 0
    while line := stream.readline(MOST_BYTES + 1):
        number += 1
        yield number, line
        ended, size = line.endswith(b"\n"), len(line)
        del line
        while not ended and size:
            rest = stream.readline(CHUNK)
            ended, size = rest.endswith(b"\n"), len(rest)

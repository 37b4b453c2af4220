"""Parts of a file that are made side by side and stand in it one after the other."""

from collections.abc import Iterator
from tempfile import TemporaryFile

from django.conf import settings

_PIECE = 64 * 1024  # bytes


class Spool:
    """Bytes put by in a temporary file, which goes when it is read or let go."""

    def __init__(self) -> None:
        self._file = TemporaryFile(dir=settings.VAR_DIR)  # noqa: SIM115  closed by who reads it
        self.size = 0  # bytes
        self.count = 0  # of calls

    def add(self, part: bytes) -> None:
        self._file.write(part)
        self.size += len(part)
        self.count += 1

    def pieces(self) -> Iterator[bytes]:
        """All of it, from its start, once."""
        with self._file:
            self._file.seek(0)
            while piece := self._file.read(_PIECE):
                yield piece

    def close(self) -> None:
        self._file.close()

"""A zip archive as a stream: its files one after the other, none of them held in memory."""

import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, cast

_ALWAYS = (1980, 1, 1, 0, 0, 0)  # the same choice gives the same bytes on every day


def zipped(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """The archive of those files (name, content), in pieces."""
    sink = _Sink()
    with zipfile.ZipFile(cast(IO[bytes], sink), "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as file:
                for piece in content:
                    file.write(piece)
                    yield from sink.taken()
            yield from sink.taken()
    yield from sink.taken()


class _Sink:
    """What zipfile writes to; it can't be sought in, so sizes stand behind the files."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._held.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        pass

    def taken(self) -> Iterator[bytes]:
        """What was written since the last call."""
        held, self._held = self._held, []
        return iter(held)

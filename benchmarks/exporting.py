"""One export in a process of its own, timed: `python -m benchmarks.exporting FORMAT FILE`.

With `floor` for FORMAT the same rows are read by the same statements and unpacked, one batch after
the other, and as many bytes as FILE has are written over it, but nothing is built of them. Prints
one line of JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import django


def main(format: str, path: Path) -> None:
    django.setup()
    chunks = _floor(path) if format == "floor" else _exported(format)
    next(chunks)  # all is imported, and the database connected to
    began = time.perf_counter()
    first = None
    with path.open("wb") as file:
        for chunk in chunks:
            first = first or time.perf_counter() - began
            file.write(chunk)
    took = time.perf_counter() - began
    print(json.dumps({"seconds": took, "first": first, "memory": _peak()}))


def _exported(format: str) -> Iterator[bytes]:
    from django.db import connection

    from annotations import pipelines
    from annotations.queries.exports import ExportFilter

    connection.ensure_connection()
    yield b""
    yield from pipelines.export(format, ExportFilter())


def _floor(path: Path) -> Iterator[bytes]:
    from django.db import connection

    from annotations.pipelines.exports import CHUNK
    from annotations.queries import _columns, _exported
    from annotations.queries._snapshot import snapshot
    from annotations.queries.exports import ExportFilter, asked

    connection.ensure_connection()
    size = path.stat().st_size
    chunk = b" " * CHUNK
    yield b""
    with snapshot():
        for _, _, packed in _exported.batches(*asked(ExportFilter()), alone=()):
            _columns.unpacked(packed)
    for _ in range(size // CHUNK):
        yield chunk
    yield chunk[: size % CHUNK]


def _peak() -> int:
    """The most memory this process had, in bytes; `getrusage` would count its parent's, too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the kernel does not tell the peak of memory")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

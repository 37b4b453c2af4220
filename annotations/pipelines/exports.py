"""What is chosen on its way out: read, shaped and written, as one stream of chunks."""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import BinaryIO

from django.conf import settings
from django.db import connection

from annotations.exports import FORMATS
from annotations.queries import exports as queries
from annotations.queries.exports import ExportFilter

CHUNK = 64 * 1024  # bytes


def export(format: str, chosen: ExportFilter, *, pseudonyms: bool = False) -> Iterator[bytes]:
    """The file of that format, in chunks of at least 64 KB, save the last.

    The screen and the command share it. Raises KeyError for a format there is not.

    SQLite spools to a temporary file before the first chunk: with a rollback journal an open
    reader keeps everybody else from writing, and a slow download would be one. PostgreSQL
    streams from a transaction of its own, so use up or close the iterator.
    """
    shape = FORMATS[format]
    rows = queries.articles(chosen, bare=shape.bare, pseudonyms=pseudonyms)
    chunks = _chunks(shape.lines(rows, queries.labels(chosen)))
    return _spooled(chunks) if connection.vendor == "sqlite" else chunks


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= CHUNK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _spooled(chunks: Iterator[bytes]) -> Iterator[bytes]:
    file = TemporaryFile(dir=settings.VAR_DIR)  # noqa: SIM115  closed by who reads it
    file.writelines(chunks)
    file.seek(0)
    return _read_back(file)


def _read_back(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while lines := file.readlines(CHUNK):
            yield b"".join(lines)

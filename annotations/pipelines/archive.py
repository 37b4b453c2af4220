"""Everything out as one file, and back into an empty database."""

from collections.abc import Iterator
from typing import BinaryIO

from django.db import connection

from annotations import actions
from annotations.exports import archive as shape
from annotations.imports import archive as reader
from annotations.pipelines.exports import _chunks, _spooled
from annotations.queries.archive import records


def archive() -> Iterator[bytes]:
    """The whole newsroom, as of one moment, in chunks of at least 64 KB, save the last.

    Spooled first on SQLite, where nobody writes meanwhile; see `pipelines.export`.
    """
    chunks = _chunks(shape.lines(records()))
    return _spooled(chunks) if connection.vendor == "sqlite" else chunks


def restore(stream: BinaryIO) -> actions.Restored:
    """Bring an archive back into an empty database, or leave it empty.

    stream: seekable; it is read twice, the first time to see that it is whole. Raises BadArchive.
    """
    counts = reader.check_whole(stream)
    stream.seek(0)
    return actions.restore_archive(reader.read(stream, counts))

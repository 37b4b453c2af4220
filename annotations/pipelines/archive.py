"""An archive on its way back, into an empty database."""

from typing import BinaryIO

from django.db import transaction

from annotations import actions
from annotations.imports import archive


def restore(stream: BinaryIO, *, trial: bool = False) -> actions.Restored:
    """Bring an archive back into an empty database, or leave it empty, as a trial does in any case.

    stream: seekable; it is read twice, the first time to see that it is whole. Raises BadArchive.
    """
    counts = archive.check_whole(stream)
    stream.seek(0)
    with transaction.atomic():
        restored = actions.restore_archive(archive.read(stream, counts))
        transaction.set_rollback(trial)
    return restored

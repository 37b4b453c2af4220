"""Files that importers bring: begun once, brought in by one at a time, ended for good.

An upload's record is written with the batches that it tells of, so that both are there or neither,
whenever somebody breaks off.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from annotations import permissions
from annotations.domain.intake import UploadState
from annotations.domain.refusals import Illegal, Reused
from annotations.models import Person, Upload, UploadLine
from annotations.models.uploads import COUNTED

PATIENCE = timedelta(seconds=30)  # after which somebody who works on it counts as gone
AT_ONCE = 500
_TOLD = ("name", "format", "trial", "corrections", "sha256")  # by which it is the same
_BROUGHT = ("importer", "name", "format", "why_format", "trial", "corrections", "size", "sha256")


def begin_upload(upload: Upload) -> Upload:
    """Take note of a file that lies in the var folder; the one that is here, if it was told twice.

    Raises NotPermitted; Illegal if the id is another's; Reused if the one that is here is of
    another file or was brought otherwise.
    """
    permissions.check_import(upload.importer)
    begun, _ = Upload.objects.get_or_create(
        uid=upload.uid,
        defaults={name: getattr(upload, name) for name in _BROUGHT},
    )
    if begun.importer_id != upload.importer_id:
        raise Illegal("This form was sent by somebody else before; please load the page again.")
    if any(getattr(begun, name) != getattr(upload, name) for name in _TOLD):
        raise Reused(
            "This form was sent before with another file or other choices, and that one is kept. "
            "Choose the files again to bring them, too."
        )
    return begun


def take_up(upload: Upload, worker: UUID, importer: Person) -> bool:
    """Whether this worker may go on with the upload now: nobody else does, and it is not ended.

    Raises NotPermitted.
    """
    permissions.check_import(importer)
    now = timezone.now()
    free = Q(busy_until=None) | Q(busy_until__lt=now)
    taken = Upload.objects.filter(free, pk=upload.pk, state=UploadState.GOING)
    return taken.update(busy_until=now + PATIENCE, busy_with=worker) == 1


def let_go(upload: Upload, worker: UUID) -> None:
    """Let others go on with it."""
    Upload.objects.filter(pk=upload.pk, busy_with=worker).update(busy_until=None, busy_with=None)


@transaction.atomic
def note_batch(upload: Upload, worker: UUID, lines: Sequence[UploadLine], reached: int) -> None:
    """Write down what became of a batch; call it in the transaction in which that comes in.

    upload: as it stood when the batch was read; it is brought up to date. Raises Illegal if
    somebody else goes on with it, or it was stopped: then the batch must not come in.
    """
    counted = Counter(line.outcome for line in lines)
    more = {name: counted[outcome] for outcome, name in COUNTED.items()}
    more["suggestions"] = sum(line.suggestions for line in lines)
    changes: dict[str, Any] = {name: F(name) + number for name, number in more.items()}
    mine = Upload.objects.filter(
        pk=upload.pk, state=UploadState.GOING, busy_with=worker, line=upload.line
    )
    until = timezone.now() + PATIENCE
    if not mine.update(line=reached, position=upload.position, busy_until=until, **changes):
        raise Illegal("Somebody else goes on with this file, or has stopped it.")
    UploadLine.objects.bulk_create(lines, batch_size=AT_ONCE)


def end_upload(upload: Upload, state: UploadState, importer: Person) -> bool:
    """Call it done, or stop it for good; whether it was going. What came in stays.

    Raises NotPermitted.
    """
    permissions.check_import(importer)
    going = Upload.objects.filter(pk=upload.pk, state=UploadState.GOING)
    ended = going.update(state=state, ended_at=timezone.now(), busy_until=None, busy_with=None)
    return ended == 1

"""Files that importers upload: kept in the var folder, brought in step by step, then removed.

Each step is short and may be the last for a while: what has come in is on record with it, so that
a closed tab or a restart of the server costs nothing, and the next step goes on after it.
"""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from django.conf import settings

from annotations import actions
from annotations.actions import Foreseen
from annotations.domain.intake import Outcome, UploadState
from annotations.domain.refusals import Illegal, Invalid
from annotations.imports import Unreadable, unpacked
from annotations.imports.rows import BadRow, Remark
from annotations.models import Person, Upload, UploadLine
from annotations.pipelines.imports import How, batches, guessed, recorded
from annotations.pipelines.reports import Added, Batch, Known, Near, Told

STEP = 1.5  # seconds of work that one request does
_CHUNK = 1_000_000  # bytes


def keep_upload(
    file: BinaryIO,
    name: str,
    format: str | None,
    *,
    uid: UUID,
    importer: Person,
    trial: bool = False,
    corrections: bool = False,
) -> Upload:
    """Put the file, unpacked, into the var folder and take note of it; nothing comes in yet.

    format: guessed where it is None. corrections: see `How`. Raises Invalid for a file that cannot
    be read, NotPermitted.
    """
    path = _spool(uid)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    written = path.with_suffix(f".{uuid4().hex}")
    shown = recorded(name).removesuffix(".gz") or "?"
    try:
        size, digest = _copy(file, written, shown)
        with written.open("rb") as stream:
            chosen, why = guessed(stream, shown, format)
        upload = Upload(
            uid=uid,
            importer=importer,
            name=shown,
            format=chosen,
            why_format=why[:200],
            trial=trial,
            corrections=corrections,
            size=size,
            sha256=digest,
        )
        begun = actions.begin_upload(upload)
        if begun.going and begun.line == 0:
            written.replace(path)
        return begun
    finally:
        written.unlink(missing_ok=True)


def step(upload: Upload, importer: Person, seconds: float = STEP) -> bool:
    """Bring in more of the file, for about so long; false if somebody else does just now.

    Nothing, if it is ended. Raises NotPermitted.
    """
    worker = uuid4()
    if not actions.take_up(upload, worker, importer):
        upload.refresh_from_db()
        return not upload.going
    upload.refresh_from_db()
    try:
        if _go_on(upload, worker, seconds):
            actions.end_upload(upload, UploadState.DONE, importer)
            _remove(upload)
    except OSError:
        actions.end_upload(upload, UploadState.STOPPED, importer)
        _remove(upload)
    except Illegal:  # stopped, or taken over, meanwhile
        pass
    finally:
        actions.let_go(upload, worker)
        upload.refresh_from_db()
    return True


def stop(upload: Upload, importer: Person) -> None:
    """Bring no more of the file in; what has come in stays. Raises NotPermitted."""
    actions.end_upload(upload, UploadState.STOPPED, importer)
    _remove(upload)
    upload.refresh_from_db()


def _go_on(upload: Upload, worker: UUID, seconds: float) -> bool:
    """Whether that was the end of the file. Raises OSError; Illegal if another goes on with it."""
    until = time.monotonic() + seconds
    trial = _foreseen(upload) if upload.trial else None
    with _spool(upload.uid).open("rb") as stream:

        def settle(batch: Batch) -> None:
            upload.position = min(stream.tell(), upload.size)
            lines = [_line(upload, told) for told in batch.told]
            actions.note_batch(upload, worker, lines, batch.line)
            if trial is not None:
                _keep_foreseen(upload, trial, batch.line)

        how = How(trial, upload.corrections, settle=settle)
        came = batches(stream, upload.name, upload.format, how, after=upload.line)
        for batch in came:
            upload.line = batch.line
            if time.monotonic() >= until:
                return False
    return True


def _line(upload: Upload, told: Told) -> UploadLine:
    line = UploadLine(upload=upload, line=told.line)
    match told:
        case Added():
            line.outcome, line.slug = Outcome.ADDED, told.slug
            line.suggestions = told.suggestions
        case Known():
            line.outcome, line.slug = Outcome.KNOWN, told.slug
            if told.differs:
                line.words = "Its text here is another, which was left as it is."
        case Near():
            line.outcome, line.slug = Outcome.NEAR, told.slug
            line.words = f"Nearly the same as {told.other}."
        case BadRow():
            line.outcome, line.words = Outcome.REFUSED, _storable(told.why)
        case Remark():
            line.outcome, line.words = Outcome.REMARK, _storable(told.what)
    return line


def _storable(words: str) -> str:
    """A file may name things that no database keeps."""
    return words.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _copy(file: BinaryIO, path: Path, name: str) -> tuple[int, str]:
    """How many bytes it unpacks to, and their sum."""
    size, digest = 0, sha256()
    try:
        with path.open("wb") as kept:
            stream = unpacked(file)
            while chunk := stream.read(_CHUNK):
                kept.write(chunk)
                digest.update(chunk)
                size += len(chunk)
    except Unreadable as error:
        raise Invalid(f"“{name}” cannot be read: {error}", "file") from None
    except OSError as error:
        raise Invalid(f"“{name}” cannot be read: {error.strerror or error}", "file") from None
    return size, digest.hexdigest()


# A trial stores no article, so what it has foreseen lies beside the file from step to step.


def _foreseen(upload: Upload) -> Foreseen:
    foreseen = Foreseen()
    with suppress(FileNotFoundError), _beside(upload).open() as lines:
        for told in _whole(lines):
            line, *article = told
            if line <= upload.line:
                foreseen.add(*article)
    foreseen.fresh.clear()
    return foreseen


def _whole(lines: Iterator[str]) -> Iterator[list]:
    """What was written to its end; of a step that was broken off the last line may not be."""
    for line in lines:
        with suppress(ValueError):
            yield json.loads(line)


def _keep_foreseen(upload: Upload, foreseen: Foreseen, line: int) -> None:
    with _beside(upload).open("a") as lines:
        lines.writelines(json.dumps([line, *each]) + "\n" for each in foreseen.fresh)
    foreseen.fresh.clear()


def _spool(uid: UUID) -> Path:
    return settings.VAR_DIR / "uploads" / str(uid)


def _beside(upload: Upload) -> Path:
    return _spool(upload.uid).with_suffix(".foreseen")


def _remove(upload: Upload) -> None:
    for path in (_spool(upload.uid), _beside(upload)):
        path.unlink(missing_ok=True)

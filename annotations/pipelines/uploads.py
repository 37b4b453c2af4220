"""Files that importers upload: kept in the var folder, brought in step by step, then removed.

Each step is short and may be the last for a while: what has come in is on record with it, so that
a closed tab or a restart of the server costs nothing, and the next step goes on after it.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.db import transaction

from annotations import actions
from annotations.actions import Foreseen
from annotations.domain.intake import Outcome, UploadState
from annotations.domain.refusals import Illegal, Invalid
from annotations.domain.text import readable
from annotations.imports import Unreadable, unpacked
from annotations.imports.rows import BadRow, Remark
from annotations.models import Person, Upload, UploadLine
from annotations.pipelines.imports import How, batches, guessed, recorded
from annotations.pipelines.reports import Added, Batch, Known, Near, Told
from annotations.queries import uploads as queries

STEP = 1.5  # seconds of work that one request does
MOST_UNPACKED = 2_000_000_000  # bytes that come out of the files of one request
LEFT_BEHIND = 24 * 60 * 60  # seconds after which a file that nobody needs is taken away
_CHUNK = 1_000_000  # bytes
_FORESEEN = ".foreseen"


def keep_uploads(
    files: Sequence[tuple[BinaryIO, str]],
    format: str | None,
    *,
    uid: UUID,
    importer: Person,
    trial: bool = False,
    corrections: bool = False,
) -> list[Upload]:
    """Put files, each with its name, unpacked into the var folder and take note of them, or of
    none; nothing comes in yet.

    format: guessed of each where it is None. uid: the request's. corrections: see `How`. Raises
    Invalid for a file that cannot be read, and where too much comes out of them; Reused if other
    files were brought by that request; NotPermitted.
    """
    folder = settings.VAR_DIR / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    _sweep(folder)
    uploads: list[tuple[Upload, Path]] = []
    written = [folder / f"{uuid5(uid, str(number))}.{uuid4().hex}" for number in range(len(files))]
    left = _most_unpacked()
    try:
        for (file, name), path in zip(files, written, strict=True):
            shown = recorded(name).removesuffix(".gz") or "?"
            size, digest = _copy(file, path, shown, left)
            left -= size
            with path.open("rb") as stream:
                chosen, why = guessed(stream, shown, format)
            upload = Upload(
                uid=UUID(path.stem),
                importer=importer,
                name=shown,
                format=chosen,
                why_format=why[:200],
                trial=trial,
                corrections=corrections,
                size=size,
                sha256=digest,
            )
            uploads.append((upload, path))
        with transaction.atomic():
            begun = [(actions.begin_upload(upload), path) for upload, path in uploads]
            # In place before anybody knows of it. Of one that was told twice it is the same bytes.
            for upload, path in begun:
                if upload.going:
                    path.replace(_spool(upload.uid))
        return [upload for upload, _ in begun]
    finally:
        for path in written:
            path.unlink(missing_ok=True)


def step(upload: Upload, importer: Person, seconds: float = STEP) -> bool:
    """Bring in more of the file, for about so long; false if somebody else does just now.

    Nothing, if it is ended. Raises NotPermitted; Illegal with why its file cannot be read, and
    then what came in stays and it may be gone on with later.
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
    except OSError as error:
        upload.refresh_from_db()
        if upload.going:  # else it was stopped meanwhile, and its file taken away
            raise Illegal(_why_not_now(error)) from None
    except Illegal:  # stopped, or taken over, meanwhile
        pass
    finally:
        actions.let_go(upload, worker)
        upload.refresh_from_db()
    return True


def _why_not_now(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return (
            "Its file is not on this machine. Go on where it was brought, or stop here and bring "
            "it again: what came in already is left as it is."
        )
    return (
        f"It cannot go on just now: {error.strerror or error}. What came in stays, and so does the "
        "file; go on once that is mended."
    )


def stop(upload: Upload, importer: Person) -> None:
    """Bring no more of the file in; what has come in stays. Raises NotPermitted."""
    actions.end_upload(upload, UploadState.STOPPED, importer)
    _remove(upload)
    upload.refresh_from_db()


def _go_on(upload: Upload, worker: UUID, seconds: float) -> bool:
    """Whether that was the end of the file. Raises OSError; Illegal if another goes on with it."""
    trial = _foreseen(upload) if upload.trial else None
    until = 0.0
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
            # Only now, for passing over what came in before may take longer than a whole step.
            until = until or time.monotonic() + seconds
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
            line.outcome, line.words = Outcome.REFUSED, readable(told.why)
        case Remark():
            line.outcome, line.words = Outcome.REMARK, readable(told.what)
    return line


def _copy(file: BinaryIO, path: Path, name: str, most: int) -> tuple[int, str]:
    """How many bytes it unpacks to, and their sum. Raises Invalid, also for more than `most`."""
    size, digest = 0, sha256()
    try:
        with path.open("wb") as kept:
            stream = unpacked(file)
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise Invalid(
                        f"Unpacked, this is more than {_most_unpacked() // 1_000_000:,} MB in all. "
                        "Bring less at once, or use the command import_articles.",
                        "file",
                    )
                kept.write(chunk)
                digest.update(chunk)
    except Unreadable as error:
        raise Invalid(f"“{name}” cannot be read: {error}", "file") from None
    except OSError as error:
        raise Invalid(f"“{name}” cannot be read: {error.strerror or error}", "file") from None
    return size, digest.hexdigest()


def _most_unpacked() -> int:
    """What may come out of the files of one request, in bytes; what is not packed always may."""
    at_most = int(settings.UPLOAD_MB * 1_000_000)
    return max(at_most, min(4 * at_most, MOST_UNPACKED))


def _sweep(folder: Path) -> None:
    """Take away what was left behind by a request, or a machine, that broke off."""
    going = queries.going()
    before = time.time() - LEFT_BEHIND
    for path in folder.iterdir():
        with suppress(OSError, ValueError):  # somebody else was first; it is not ours
            needed = UUID(path.stem) in going and path.suffix in ("", _FORESEEN)
            if not needed and path.stat().st_mtime < before:
                path.unlink()


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
        lines.write("\n")  # what a full disk broke off ends here
        lines.writelines(json.dumps([line, *each]) + "\n" for each in foreseen.fresh)
    foreseen.fresh.clear()


def _spool(uid: UUID) -> Path:
    return settings.VAR_DIR / "uploads" / str(uid)


def _beside(upload: Upload) -> Path:
    return _spool(upload.uid).with_suffix(_FORESEEN)


def _remove(upload: Upload) -> None:
    for path in (_spool(upload.uid), _beside(upload)):
        path.unlink(missing_ok=True)

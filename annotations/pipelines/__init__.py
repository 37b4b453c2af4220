"""What chains the parts: files in, articles and suggestions; spans, lines, files out."""

from annotations.imports.rows import BadRow, Remark
from annotations.pipelines.archive import restore
from annotations.pipelines.exports import TakenAway, export, take_away
from annotations.pipelines.imports import How, batches, guessed, import_file, recorded
from annotations.pipelines.reports import Added, Batch, Known, Near, Report, Told
from annotations.pipelines.uploads import STEP, keep_uploads, step, stop

__all__ = [
    "STEP",
    "Added",
    "BadRow",
    "Batch",
    "How",
    "Known",
    "Near",
    "Remark",
    "Report",
    "TakenAway",
    "Told",
    "batches",
    "export",
    "guessed",
    "import_file",
    "keep_uploads",
    "recorded",
    "restore",
    "step",
    "stop",
    "take_away",
]

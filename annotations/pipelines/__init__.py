"""What chains the parts: files in, articles and suggestions; spans, lines, files out."""

from annotations.imports.rows import BadRow, Remark
from annotations.pipelines.exports import export
from annotations.pipelines.imports import (
    Added,
    Batch,
    Known,
    Near,
    Report,
    Told,
    batches,
    guessed,
    import_file,
    recorded,
)

__all__ = [
    "Added",
    "BadRow",
    "Batch",
    "Known",
    "Near",
    "Remark",
    "Report",
    "Told",
    "batches",
    "export",
    "guessed",
    "import_file",
    "recorded",
]

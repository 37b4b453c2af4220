"""What chains the parts: files in, articles and suggestions; spans, lines, files out."""

from annotations.pipelines.exports import TakenAway, export, take_away
from annotations.pipelines.imports import Added, Known, Report, import_file, rehearsal

__all__ = [
    "Added",
    "Known",
    "Report",
    "TakenAway",
    "export",
    "import_file",
    "rehearsal",
    "take_away",
]

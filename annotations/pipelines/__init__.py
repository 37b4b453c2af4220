"""What chains the parts: files in, articles and suggestions; spans, lines, files out."""

from annotations.pipelines.archive import archive, restore
from annotations.pipelines.exports import export
from annotations.pipelines.imports import Added, Known, Report, import_file, rehearsal

__all__ = ["Added", "Known", "Report", "archive", "export", "import_file", "rehearsal", "restore"]

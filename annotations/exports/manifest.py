"""The manifest beside an export, `newsroom.export/1`: what a file holds, and if it is whole."""

import json
import sys
from typing import Any

from annotations.domain import records
from annotations.exports import FORMATS, _json
from annotations.models import Export
from annotations.queries.archive import ARCHIVE
from annotations.queries.chosen import DAYS, LISTS

SCHEMA = "newsroom.export/1"


def manifest(export: Export, file: str | None = None) -> bytes:
    """The manifest, one key a line, so that `sed` finds one, too. docs/exporting.md has each key.

    file: its name, where it is not the format's. `sha256` is null, and `complete` false, until
    the file has left whole.
    """
    shape = FORMATS.get(export.format)
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "id": str(export.uid),
        "format": export.format,
        "format_schema": schema_of(export.format),
        "file": file or (shape.file_name if shape else None),
        "filter": {name: export.chosen.get(name) for name in (*LISTS, *DAYS)},
        "people": "pseudonym" if export.pseudonyms else "names",
        "spans": export.spans,
        "articles": export.articles,
        "bytes": export.bytes,
        "sha256": export.sha256 or None,
        "begun_at": _json.instant(export.begun_at),
        "ended_at": _json.instant(export.ended_at),
        "complete": export.whole,
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(told[key], ensure_ascii=False)}" for key in told]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def schema_of(format: str) -> str | None:
    """The schema that the lines of a format name: its module's SCHEMA; None for others' formats."""
    if format == ARCHIVE:
        return records.SCHEMA
    shape = FORMATS.get(format)
    module = sys.modules.get(getattr(shape.lines, "__module__", "")) if shape else None
    return getattr(module, "SCHEMA", None)

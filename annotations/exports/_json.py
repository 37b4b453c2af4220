"""JSON as every format has it."""

import json
from datetime import UTC, datetime
from typing import Any

# Line separators such as U+2028 stand as they are: only "\n" ends a line, and JSON escapes that.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def line(value: dict[str, Any]) -> bytes:
    """The value as one line of UTF-8 with its line end."""
    return _encode(value).encode() + b"\n"


def instant(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, always with microseconds: as strings they sort as they happened."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

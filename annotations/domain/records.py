"""Records of an archive: one JSON object a line, written in one way only.

Equal contents are equal bytes, whichever database they come from: so two archives can be
compared, and what was changed by hand is seen.
"""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

SCHEMA = "newsroom.archive/1"


class BadArchive(Exception):
    """Why an archive cannot be restored, as a sentence. line: where, from 1; 0: the whole of it."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


class BadRecord(ValueError):
    """Why a line is no record, as a sentence."""


def line(record: Mapping[str, Any]) -> bytes:
    """The record as one line of UTF-8: its keys as they come, those within its values sorted.

    Times and UUIDs are strings there. Raises BadRecord for a number that JSON does not know.
    """
    try:
        return _encode({key: _sorted(value) for key, value in record.items()}).encode() + b"\n"
    except ValueError as error:  # or half a character
        raise BadRecord(f"This cannot be written as JSON: {error}.") from None


def parsed(raw: bytes) -> dict[str, Any]:
    """The one object that a line holds, as JSON has it. Raises BadRecord."""
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_once_each, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise BadRecord(f"This is not UTF-8 (byte {error.start}).") from None
    except json.JSONDecodeError as error:
        raise BadRecord(f"This is not JSON: {error.msg} (character {error.pos}).") from None
    except RecursionError:
        raise BadRecord("Its brackets are nested too deeply.") from None
    except BadRecord:
        raise
    except ValueError:
        raise BadRecord("A number has too many digits.") from None
    if not isinstance(value, dict):
        raise BadRecord("A line must be one JSON object, in braces.")
    return value


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(each) for each in value]
    return value


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return instant(value)
    assert isinstance(value, UUID)
    return str(value)


_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
).encode


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = Counter(key for key, _ in pairs)
        twice = next(key for key, count in keys.items() if count > 1)
        raise BadRecord(f"“{twice[:50]}” stands twice in one object.")
    return value


def _no_number(constant: str) -> NoReturn:
    raise BadRecord(f"{constant} is not a number that JSON knows.")

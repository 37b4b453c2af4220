"""JSON as every format has it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from annotations.domain import records

# Letters and line separators such as U+2028 stand as they are: only "\n" ends a line, and JSON
# escapes that.
_encoder = msgspec.json.Encoder()


def line(value: Any) -> bytes:
    """The value as one line of UTF-8 with its line end."""
    return _encoder.encode(value) + b"\n"


def lines(values: Sequence[Any]) -> bytes:
    """A line for each of the values."""
    return _encoder.encode_lines(values)


def raw(value: Any) -> msgspec.Raw:
    """The value, written once, to be put into many lines."""
    return msgspec.Raw(_encoder.encode(value))


def instant(moment: datetime | str | None) -> str | None:
    """ISO 8601 in UTC, always with microseconds: as strings they sort as they happened.

    What is a string is one of these already.
    """
    if moment is None or isinstance(moment, str):
        return moment
    return records.instant(moment)

"""The columns of spans on their way out: packed by the database, unpacked here, all values at once.

The database packs each column into one JSON array: Python runs on meanwhile, where it would have to
take turns with who fetches row by row. By columns, for what a value is need not be found out for
each.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from annotations.domain.lifecycle import State

COLUMNS = {  # with what each holds; first what gives their order
    "article_id": int,
    "start": int,
    "end": int,
    "uid_text": UUID,
    "label_id": int,
    "attributes_text": dict,
    "state": State,
    "amended": bool,
    "revision": int,
    "origin": str,
    "author_id": int,
    "last_editor_id": int,
    "decided_by_id": int,
    "decided_at_text": datetime,
    "reason": str,
    "guideline_revision": int,
    "text_group": str,
}
# What is read of each: uids, states and times as text, attributes as they are packed.
_READ: dict[type, Any] = {int: int | None, bool: bool | int, dict: msgspec.Raw}
_decoders = [
    msgspec.json.Decoder(list[_READ.get(held, str | None)]).decode  # type: ignore[misc]
    for held in COLUMNS.values()
]
_BARE = len('"00000000000000000000000000000000",')  # a uid in an array, as SQLite has it
_INSTANT = len("2026-02-24T05:06:07.000008Z")


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def packing() -> str:
    """The SQL that says how many spans there are, and each of COLUMNS as a JSON array."""
    arrays = (_array(f'"{name}"', held) for name, held in COLUMNS.items())
    return f"count(*), {', '.join(arrays)}"


def packed(fetched: Sequence[bytes | str | None]) -> list[bytes]:
    """The arrays as a database gives them: without a span there is none."""
    return [it.encode() if isinstance(it, str) else it or b"[]" for it in fetched]


def articles_in(packed: Sequence[bytes]) -> set[int]:
    """The keys of the articles that these spans lie in."""
    return set(_decoders[0](packed[0]))


def _array(column: str, held: type) -> str:
    """The SQL that packs a column into a JSON array, without escapes where none can be needed."""
    if is_sqlite():
        if held is dict:
            return f"CAST('[' || group_concat({column}, ',') || ']' AS blob)"
        return f"CAST(json_group_array({column}) AS blob)"
    if held is str:
        return f"CAST(json_agg({column}) AS text)"
    if held in (UUID, State, datetime):
        column = f"'\"' || {column} || '\"'"
    return f"'[' || string_agg(coalesce(CAST({column} AS text), 'null'), ',') || ']'"


def unpacked(packed: Sequence[bytes | memoryview]) -> list[list[Any]]:
    """The columns as lists of Python's values."""
    columns: dict[str, Any] = dict(zip(COLUMNS, packed, strict=True))
    columns["uid_text"] = _hyphenated(bytes(columns["uid_text"]))
    columns["decided_at_text"] = _instants(bytes(columns["decided_at_text"]))
    return [decode(it) for decode, it in zip(_decoders, columns.values(), strict=True)]


def _hyphenated(uids: bytes) -> bytes:
    """An array of uids, of which SQLite keeps the digits; all at once, place by place."""
    if not is_sqlite():
        return uids
    whole = b'"00000000-0000-0000-0000-000000000000",'
    found = bytearray(whole * (len(uids) // _BARE))
    places = [place for place, character in enumerate(whole) if character == ord("0")]
    for bare, place in enumerate(places, 2):  # behind the bracket and the first quotation mark
        found[place :: len(whole)] = uids[bare::_BARE]
    return b"[" + found[:-1] + b"]"


def _instants(times: bytes) -> bytes:
    """An array of times, in UTC, as either database writes them, as ISO 8601; see `padded`."""
    times = times.replace(b" ", b"T")
    if is_sqlite():
        return times.replace(b'",', b'Z",').replace(b'"]', b'Z"]')
    return times.replace(b'+00"', b'Z"')


def padded(instant: str) -> str:
    """With all microseconds, of which PostgreSQL leaves out the last zeros, and SQLite six."""
    if len(instant) == _INSTANT:
        return instant
    whole, _, fraction = instant.removesuffix("Z").partition(".")
    return f"{whole}.{fraction:0<6}Z"


def in_order(columns: list[list[Any]], places: list[Any]) -> list[list[Any]]:
    """The columns in the order of the places. They are in it mostly: in that of an index."""
    if places == sorted(places):
        return columns
    order = sorted(range(len(places)), key=places.__getitem__)
    return [[column[at] for at in order] for column in columns]


def runs(keys: list[int]) -> dict[int, slice]:
    """Where each article's spans are, that stand together."""
    many = Counter(keys)
    ends = accumulate(many.values())
    return {
        key: slice(end - size, end) for (key, size), end in zip(many.items(), ends, strict=True)
    }

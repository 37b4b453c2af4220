"""Format `archive` on its way back: whole, and written as an archive writes it, or refused.

Each record is held to its model: its fields, their types, lengths and choices. What only the other
records can tell is asked by `actions.restore`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from typing import Any, BinaryIO

from annotations.domain.records import SCHEMA, BadArchive, BadRecord, line, parsed
from annotations.imports._bytes import MOST_BYTES
from annotations.imports._values import Reader, or_nothing, read_part, reader, row_reader
from annotations.queries.archive import KINDS, Kind, Record, fields_of, row_model

MOST_OF_A_LINE = 7 * MOST_BYTES  # a text of control characters, escaped, beside the rest
_BY_NAME = {kind.name: kind for kind in KINDS}


def check_whole(stream: BinaryIO) -> Counter[str]:
    """Read the file to its end and return how many records of each kind its last line tells.

    Raises BadArchive if it is no archive of this version, was cut off, or is not what its last
    line was made of.
    """
    seal = sha256()
    last, number = b"", 0
    for number, raw in _lines(stream):
        if number == 1 and raw != line({"schema": SCHEMA}):
            raise BadArchive(1, f"This is no archive of ours: it must begin with {SCHEMA}.")
        seal.update(last)
        last = raw
    counts, told = _told(number, last)
    if told != seal.hexdigest():
        raise BadArchive(number, "Its SHA-256 is not that of the lines above: something changed.")
    if counts.total() != number - 2:
        raise BadArchive(number, f"It counts {counts.total()} records, and there are {number - 2}.")
    return counts


def _told(number: int, last: bytes) -> tuple[Counter[str], str]:
    """What the last line counts, and the SHA-256 of all before it."""
    try:
        end = parsed(last)
        counts, seal = end["counts"], end["sha256"]
        whole = line({"record": "end", "counts": counts, "sha256": seal}) == last
        if whole and all(type(count) is int and count >= 0 for count in counts.values()):
            return Counter(counts), seal
    except (BadRecord, KeyError, AttributeError):
        pass
    raise BadArchive(number, "The archive was cut off: its last line is missing or not whole.")


def read(stream: BinaryIO, told: Counter[str]) -> Iterator[Record]:
    """The records of an archive that is whole; told: as `check_whole` returns it.

    They come by kind, in the order of KINDS. Raises BadArchive at the first that is none.
    """
    reached = 0
    counts: Counter[str] = Counter()
    for number, raw in _lines(stream):
        if number in (1, told.total() + 2):
            continue
        value = _record(number, raw)
        kind = _kind(number, value.pop("record", None))
        if KINDS.index(kind) < reached:
            raise BadArchive(number, f"“{kind.name}” must stand before what may name it.")
        reached = KINDS.index(kind)
        counts[kind.name] += 1
        yield _checked(kind, value, raw, number)
    for name in told:
        if told[name] != counts[name]:
            words = f"It counts {told[name]} of “{name[:50]}”, and there are {counts[name]}."
            raise BadArchive(told.total() + 2, words)


def _kind(number: int, name: Any) -> Kind:
    kind = _BY_NAME.get(name) if isinstance(name, str) else None
    if kind is None:
        raise BadArchive(number, "There is no such kind of “record”.")
    return kind


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while raw := stream.readline(MOST_OF_A_LINE + 1):
        number += 1
        if len(raw) > MOST_OF_A_LINE:
            raise BadArchive(number, f"The line is longer than {MOST_OF_A_LINE // 10**6} MB.")
        yield number, raw


def _record(number: int, raw: bytes) -> dict[str, Any]:
    try:
        return parsed(raw)
    except BadRecord as error:
        raise BadArchive(number, str(error)) from None


def _checked(kind: Kind, found: Mapping[str, Any], raw: bytes, number: int) -> Record:
    readers = _readers(kind)
    try:
        for name in [*readers, *found]:
            if name not in found:
                raise BadRecord(f"“{name}” is missing.")
            if name not in readers:
                raise BadRecord(f"There is no “{name[:50]}” in “{kind.name}”.")
        values = {name: read_part(name, read, found[name]) for name, read in readers.items()}
        for name in kind.rows.split():
            row = row_reader(row_model(values))
            null = kind.model._meta.get_field(name).null
            values[name] = read_part(name, or_nothing(row) if null else row, found[name])
        if line({"record": kind.name, **values}) != raw:
            raise BadRecord("It is not written as an archive writes it.")
    except BadRecord as error:
        raise BadArchive(number, str(error)) from None
    return Record(kind, values, number)


@cache
def _readers(kind: Kind) -> dict[str, Reader]:
    """What makes a field's value of what stands in the file, or raises BadRecord."""
    return {
        field.name: _as_it_is if field.name in kind.rows.split() else reader(field)
        for field in fields_of(kind)
    }


def _as_it_is(value: Any) -> Any:
    return value

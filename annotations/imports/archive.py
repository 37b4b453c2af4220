"""Format `archive` on its way back: whole, and written as an archive writes it, or refused.

Each record is held to its model: its fields, their types, lengths and choices. What only the other
records can tell is asked by `actions.restore`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from types import NoneType
from typing import Any, BinaryIO
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_datetime

from annotations.domain.checks import Concern
from annotations.domain.records import SCHEMA, BadArchive, BadRecord, instant, line, parsed
from annotations.domain.text import is_storable
from annotations.imports._bytes import MOST_BYTES
from annotations.models import Article, Span
from annotations.queries.archive import (
    KINDS,
    Kind,
    Record,
    fields_of,
    kind_of,
    row_fields,
    row_model,
)
from annotations.queries.chosen import DAYS, LISTS

MOST_OF_A_LINE = 7 * MOST_BYTES  # a text of control characters, escaped, beside the rest
Reader = Callable[[Any], Any]
_ANCHORED = ("value", "start", "end")
_LARGEST = {
    "PositiveSmallIntegerField": 2**15 - 1,
    "PositiveIntegerField": 2**31 - 1,
    "PositiveBigIntegerField": 2**63 - 1,
}
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
        values = {name: _read(name, read, found[name]) for name, read in readers.items()}
        for name in kind.rows.split():
            row = _row_reader(row_model(values))
            null = kind.model._meta.get_field(name).null
            values[name] = _read(name, _or_nothing(row) if null else row, found[name])
        if line({"record": kind.name, **values}) != raw:
            raise BadRecord("It is not written as an archive writes it.")
    except BadRecord as error:
        raise BadArchive(number, str(error)) from None
    return Record(kind, values, number)


def _read(name: str, read: Reader, value: Any) -> Any:
    try:
        return read(value)
    except BadRecord as error:
        raise BadRecord(f"“{name}” {error}") from None


@cache
def _readers(kind: Kind) -> dict[str, Reader]:
    """What makes a field's value of what stands in the file, or raises BadRecord."""
    return {
        field.name: _as_it_is if field.name in kind.rows.split() else _reader(field)
        for field in fields_of(kind)
    }


def _as_it_is(value: Any) -> Any:
    return value


def _reader(field: Any) -> Reader:
    if field.many_to_many:
        return _list_of(_words_reader(field.related_model._meta.get_field("name")))
    target = kind_of(field)
    if target is not None:
        read = _name_reader(target)
    elif isinstance(field, models.JSONField):
        read = _JSON[field.name]
    elif isinstance(field, models.BooleanField):
        read = _yes_or_no
    elif isinstance(field, models.DateTimeField):
        read = _instant
    elif isinstance(field, models.UUIDField):
        read = _uuid
    elif isinstance(field, models.IntegerField):
        read = _number_reader(_LARGEST[field.get_internal_type()])
    else:
        read = _words_reader(field)
    return _or_nothing(read) if field.null else read


def _or_nothing(read: Reader) -> Reader:
    return lambda value: None if value is None else read(value)


def _name_reader(kind: Kind) -> Reader:
    parts = [_reader(kind.model._meta.get_field(name)) for name in kind.named_by.split()]
    if len(parts) == 1:
        return parts[0]

    def read(value: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) != len(parts):
            raise BadRecord(f"must be a list of {len(parts)}: {kind.named_by}.")
        return [part(each) for part, each in zip(parts, value, strict=True)]

    return read


def _list_of(read: Reader) -> Reader:
    def read_all(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise BadRecord("must be a list.")
        values = [read(each) for each in value]
        if values != sorted(set(values)):
            raise BadRecord("must be in order, and hold nothing twice.")
        return values

    return read_all


def _yes_or_no(value: Any) -> bool:
    if type(value) is not bool:
        raise BadRecord("must be true or false.")
    return value


def _number_reader(largest: int) -> Reader:
    def read(value: Any) -> int:
        if type(value) is not int or not 0 <= value <= largest:
            raise BadRecord(f"must be a whole number from 0 to {largest}.")
        return value

    return read


def _instant(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None and instant(moment) == value:
            return moment
    except (TypeError, ValueError, OverflowError):
        pass
    raise BadRecord("must be a time as 2024-05-28T17:30:00.000000Z.")


def _kept_instant(value: Any) -> str:
    """A time as events keep it, which is a string there."""
    try:
        moment = parse_datetime(value)
        if moment is not None and moment.astimezone(UTC).isoformat() == value:
            return str(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise BadRecord("must be a time as 2024-05-28T17:30:00+00:00.")


def _uuid(value: Any) -> UUID:
    try:
        uid = UUID(value)
        if str(uid) == value:
            return uid
    except (TypeError, ValueError, AttributeError):
        pass
    raise BadRecord("must be a UUID.")


def _words_reader(field: Any) -> Reader:
    choices = {value for value, _ in field.flatchoices}

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise BadRecord("must be a string.")
        if not is_storable(value):
            raise BadRecord("holds a character that no database keeps.")
        if not value and not field.blank:
            raise BadRecord("must not be empty.")
        if value and choices and value not in choices:
            raise BadRecord(f"must be one of: {', '.join(sorted(choices))}.")
        if value and field.validators:
            try:
                field.run_validators(value)
            except ValidationError as error:
                raise BadRecord(f"cannot be stored: {error.messages[0]}") from None
        return value

    return read


def _attributes(value: Any) -> dict[str, Any]:
    """Values as `domain.attributes.Kind` has them; whether they fit is asked later."""
    if not isinstance(value, dict) or not all(map(_fits, value.values())):
        raise BadRecord("must be an object of words, yes or no, and anchored words.")
    if not all(map(is_storable, [*value, *filter(_is_words, map(_said, value.values()))])):
        raise BadRecord("holds a character that no database keeps.")
    return {key: _in_order(each) for key, each in value.items()}


def _fits(value: Any) -> bool:
    if not isinstance(value, dict):
        return isinstance(value, (str, bool))
    anchored = value.keys() == set(_ANCHORED) and _is_words(value["value"])
    return anchored and all(type(value[end]) in (int, NoneType) for end in ("start", "end"))


def _is_words(value: Any) -> bool:
    return isinstance(value, str)


def _said(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) else value


def _in_order(value: Any) -> Any:
    """As a deed stores it: SQLite keeps the order of keys, and other exports show it."""
    return {part: value[part] for part in _ANCHORED} if isinstance(value, dict) else value


def _waved(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(each in list(Concern) for each in value):
        raise BadRecord(f"must be a list of: {', '.join(Concern)}.")
    return value


def _chosen(value: Any) -> dict[str, Any]:
    """A filter as `queries.chosen.plain` keeps it."""
    names = {*LISTS, *DAYS}
    if not isinstance(value, dict) or value.keys() != names:
        raise BadRecord(f"must be an object with: {', '.join(sorted(names))}.")
    for name in LISTS:
        each = value[name]
        if not isinstance(each, list) or not all(_is_words(word) for word in each):
            raise BadRecord(f"must have a list of words as “{name}”.")
        if not all(map(is_storable, each)):
            raise BadRecord("holds a character that no database keeps.")
    for name in DAYS:
        if value[name] is not None and not _is_day(value[name]):
            raise BadRecord(f"must have a day as “{name}”, as 2024-05-28.")
    return value


def _is_day(value: Any) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        return False


_JSON: dict[str, Reader] = {"attributes": _attributes, "waved": _waved, "chosen": _chosen}


@cache
def _row_reader(model: type[Span | Article]) -> Reader:
    """Of a row of the model as an event keeps it, with names instead of keys."""
    readers = {field.name: _kept_reader(field) for field in row_fields(model).values()}

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or value.keys() != readers.keys():
            raise BadRecord(f"must be an object with: {', '.join(readers)}.")
        return {name: _read(name, readers[name], value[name]) for name in readers}

    return read


def _kept_reader(field: Any) -> Reader:
    if isinstance(field, models.DateTimeField):
        return _or_nothing(_kept_instant)
    read = _reader(field)
    if kind_of(field) is None:
        return read
    is_gone = _number_reader(_LARGEST["PositiveIntegerField"])

    def read_name(value: Any) -> Any:
        if isinstance(value, dict) and value.keys() == {"gone"} and is_gone(value["gone"]):
            return value
        return read(value)

    return read_name

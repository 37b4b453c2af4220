"""A record's values, each held to the field of its model: type, length, choices, and no more.

A Reader takes what JSON has and gives the value, or raises BadRecord with the rest of a sentence
that begins with the field's name.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_datetime

from annotations.domain.checks import Concern
from annotations.domain.records import BadRecord, instant
from annotations.domain.text import is_storable
from annotations.models import Article, Span
from annotations.queries.archive import Kind, kind_of, row_fields
from annotations.queries.chosen import DAYS, LISTS

Reader = Callable[[Any], Any]
_ANCHORED = ("value", "start", "end")
_LARGEST = {
    "PositiveSmallIntegerField": 2**15 - 1,
    "PositiveIntegerField": 2**31 - 1,
    "PositiveBigIntegerField": 2**63 - 1,
}


def read_part(name: str, read: Reader, value: Any) -> Any:
    """The value of what has that name. Raises BadRecord with a whole sentence."""
    try:
        return read(value)
    except BadRecord as error:
        raise BadRecord(f"“{name}” {error}") from None


def reader(field: Any) -> Reader:
    """Of the model's field."""
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
    return or_nothing(read) if field.null else read


def or_nothing(read: Reader) -> Reader:
    """The same, but null is nothing."""
    return lambda value: None if value is None else read(value)


def _name_reader(kind: Kind) -> Reader:
    parts = [reader(kind.model._meta.get_field(name)) for name in kind.named_by.split()]
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
def row_reader(model: type[Span | Article]) -> Reader:
    """Of a row of the model as an event keeps it, with names instead of keys."""
    readers = {field.name: _kept_reader(field) for field in row_fields(model).values()}

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or value.keys() != readers.keys():
            raise BadRecord(f"must be an object with: {', '.join(readers)}.")
        return {name: read_part(name, readers[name], value[name]) for name in readers}

    return read


def _kept_reader(field: Any) -> Reader:
    if isinstance(field, models.DateTimeField):
        return or_nothing(_kept_instant)
    read = reader(field)
    if kind_of(field) is None:
        return read
    is_gone = _number_reader(_LARGEST["PositiveIntegerField"])

    def read_name(value: Any) -> Any:
        if isinstance(value, dict) and value.keys() == {"gone"} and is_gone(value["gone"]):
            return value
        return read(value)

    return read_name

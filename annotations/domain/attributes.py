"""What a label asks of its spans: typed attributes, and what is still missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from annotations.domain.extents import BadExtent, Extent, check_extent
from annotations.domain.text import is_storable

UNKNOWN = "unknown"  # an answer; an empty field is none
MAX_VALUE_LENGTH = 500


class Kind(StrEnum):
    """The type of an attribute's value, as it is stored.

    text: a str. anchored: {"value": str, "start": int | None, "end": int | None}, code points
    of the article where the value stands, case and white space aside. choice: the key of a
    choice, or "unknown". yes_no: True, False or "unknown".
    """

    TEXT = "text"
    ANCHORED = "anchored"
    CHOICE = "choice"
    YES_NO = "yes_no"


class BadAttribute(ValueError):
    """A value that does not fit its attribute. `key` says which; the message is a sentence."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a label.

    choices: the keys allowed, in order. required: before approval. unless: (another
    attribute's key, a value of it) under which it is not.
    """

    key: str
    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    required: bool = False
    unless: tuple[str, str] | None = None


def check_attributes(
    attributes: Iterable[Attribute], values: Mapping[str, Any], text: str
) -> dict[str, Any]:
    """The values as they are stored: every filled one, in the label's order.

    values: attribute key -> value; None and blank text count as not filled. text: the
    article's, which anchored values must lie in. Raises BadAttribute.
    """
    by_key = {attribute.key: attribute for attribute in attributes}
    for key in values:
        if key not in by_key:
            raise BadAttribute(key, f"This label has no attribute “{key}”.")
    stored = {}
    for key, attribute in by_key.items():
        value = _checked(attribute, values.get(key), text)
        if value is not None:
            stored[key] = value
    return stored


def fitting(
    attributes: Iterable[Attribute], values: Mapping[str, Any], text: str
) -> dict[str, Any]:
    """Those of another label's values that these attributes take, too, as they are stored."""
    stored: dict[str, Any] = {}
    for attribute in attributes:
        try:
            stored |= check_attributes(
                [attribute], {attribute.key: values.get(attribute.key)}, text
            )
        except BadAttribute:
            continue  # same key, other type
    return stored


def missing(attributes: Iterable[Attribute], values: Mapping[str, Any]) -> list[Attribute]:
    """The attributes that are required and not filled, in the label's order."""
    return [
        attribute
        for attribute in attributes
        if attribute.required
        and values.get(attribute.key) is None
        and not (attribute.unless and values.get(attribute.unless[0]) == attribute.unless[1])
    ]


def _checked(attribute: Attribute, value: Any, text: str) -> Any:
    match attribute.kind:
        case Kind.TEXT:
            return _words(attribute, value)
        case Kind.ANCHORED:
            return _anchored(attribute, value, text)
        case Kind.CHOICE:
            return _one_of(attribute, value, attribute.choices)
        case _:  # yes or no
            return value if isinstance(value, bool) else _one_of(attribute, value, ())


def _words(attribute: Attribute, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadAttribute(attribute.key, f"{attribute.name} takes words.")
    if not is_storable(value):
        raise BadAttribute(attribute.key, f"{attribute.name} holds a character nobody can read.")
    if len(value) > MAX_VALUE_LENGTH:
        raise BadAttribute(
            attribute.key,
            f"{attribute.name} has {len(value)} characters; {MAX_VALUE_LENGTH} are the most.",
        )
    return value.strip() or None


def _one_of(attribute: Attribute, value: Any, choices: tuple[str, ...]) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and (value == UNKNOWN or value in choices):
        return value
    offered = ", ".join(choices) if choices else "yes, no"
    raise BadAttribute(attribute.key, f"{attribute.name} is one of: {offered}, or unknown.")


def _anchored(attribute: Attribute, value: Any, text: str) -> dict[str, Any] | None:
    if isinstance(value, Mapping):
        words, start, end = (value.get(part) for part in ("value", "start", "end"))
        if set(value) - {"value", "start", "end"}:
            raise BadAttribute(attribute.key, f"{attribute.name} has a value, a start and an end.")
    else:
        words, start, end = value, None, None
    said = _words(attribute, words)
    if said is None:
        return None
    if start is None and end is None:
        return {"value": said, "start": None, "end": None}
    if type(start) is not int or type(end) is not int:
        raise BadAttribute(attribute.key, f"{attribute.name} needs both a start and an end.")
    try:
        check_extent(text, Extent(start, end))
    except BadExtent as error:
        raise BadAttribute(attribute.key, f"{attribute.name}: {error}") from None
    if Extent(start, end).of(text).casefold().split() != said.casefold().split():
        raise BadAttribute(
            attribute.key, f"{attribute.name}: “{said}” does not stand at {start}–{end}."
        )
    return {"value": said, "start": start, "end": end}

"""Format `articles`: one JSON object a line, `newsroom.article/1`, as our own export has it.

Only `text` is needed. Who did and decided what is not read at all: state, authors, decisions
and the spans' ids in a file are of another desk, and nobody here has vouched for them.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, NoReturn

from annotations.domain.text import digest, is_storable
from annotations.imports._bytes import (
    MARK_DROPPED,
    MOST_BYTES,
    MOST_MEGABYTES,
    Unreadable,
    decoded,
    without_mark,
)
from annotations.imports.rows import ArticleRow, BadRow, Remark, Row, SpanRow

SCHEMA = "newsroom.article/1"
_WORDS = ("slug", "outlet", "story", "title", "url", "language", "replaces")


class _Bad(ValueError):
    """Why a line cannot come in, as a sentence."""


def read(stream: BinaryIO, name: str) -> Iterator[Row]:
    """The articles in `stream`, line by line; a bad line costs itself only.

    Only "\\n" ends a line. Blank lines are passed over.
    """
    for number, raw in _lines(stream):
        if number == 1:
            raw, marked = without_mark(raw)
            if marked:
                yield Remark(1, MARK_DROPPED)
        if len(raw) > MOST_BYTES:
            yield BadRow(number, f"The line is longer than {MOST_MEGABYTES} MB.")
        elif raw.strip():
            try:
                yield _article(number, _parsed(decoded(raw)))
            except (_Bad, Unreadable) as error:
                yield BadRow(number, str(error))


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(number, line); of a line that is too long one byte more than the most."""
    number = 0
    while line := stream.readline(MOST_BYTES + 1):
        number += 1
        yield number, line
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MOST_BYTES)


def _parsed(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line, object_pairs_hook=_once_each, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _Bad(f"This is not JSON: {error.msg} (character {error.pos}).") from None
    except RecursionError:
        raise _Bad("This is not an article: its brackets are nested too deeply.") from None
    except ValueError as error:  # ours, or a number of thousands of digits
        raise error if isinstance(error, _Bad) else _Bad("A number is too long.") from None
    if not isinstance(value, dict):
        raise _Bad("A line must be one JSON object, in braces.")
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Bad(f"“{twice}” stands twice in one object.")
    return value


def _no_number(constant: str) -> NoReturn:
    raise _Bad(f"{constant} is not a number that JSON knows.")


def _article(number: int, value: dict[str, Any]) -> ArticleRow:
    schema = value.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise _Bad(f"The schema is {_shown(schema)}, but only {SCHEMA} can be read.")
    text = value.get("text")
    if not isinstance(text, str):
        raise _Bad("An article needs a “text”, which is a string.")
    words = {key: _words(value, key) for key in _WORDS}
    _check_sha256(_words(value, "text_sha256"), text)
    return ArticleRow(
        line=number,
        text=text,
        published_at=_instant(_words(value, "published_at")),
        spans=_spans(value.get("spans")),
        **words,
    )


def _words(value: dict[str, Any], key: str) -> str:
    """A string that may be missing. Raises for what no database keeps."""
    words = value.get(key)
    if words is None:
        return ""
    if not isinstance(words, str):
        raise _Bad(f"“{key}” must be a string, not {_shown(words)}.")
    if not is_storable(words):
        raise _Bad(f"“{key}” holds a character that cannot be stored.")
    return words


def _check_sha256(expected: str, text: str) -> None:
    """Refuse a text that changed on its way. One that cannot be encoded is refused later."""
    try:
        changed = bool(expected) and digest(text) != expected
    except UnicodeEncodeError:
        return
    if changed:
        raise _Bad("The text is not the one that “text_sha256” was made of.")


def _instant(words: str) -> datetime | None:
    if not words:
        return None
    try:
        moment = datetime.fromisoformat(words)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _Bad(
        "“published_at” must be a time with its zone, as 2024-05-28T17:30:00Z, "
        f"not {_shown(words)}."
    )


def _spans(value: Any) -> tuple[SpanRow, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _Bad("“spans” must be a list.")
    return tuple(_span(number, span) for number, span in enumerate(value, 1))


def _span(number: int, value: Any) -> SpanRow:
    if not isinstance(value, dict):
        raise _Bad(f"Span {number} must be an object, in braces.")
    for key, kind, words in (
        ("label", str, "a label"),
        ("start", int, "a whole number"),
        ("end", int, "a whole number"),
        ("text", str, "the words it covers"),
    ):
        if type(value.get(key)) is not kind:  # not isinstance: True is an int
            raise _Bad(f"Span {number} needs “{key}”, {words}.")
    attributes = value.get("attributes")
    if attributes is not None and not isinstance(attributes, dict):
        raise _Bad(f"The “attributes” of span {number} must be an object, in braces.")
    return SpanRow(value["label"], value["start"], value["end"], value["text"], attributes or {})


def _shown(value: Any) -> str:
    words = json.dumps(value)
    return words if len(words) <= 40 else words[:40] + "…"

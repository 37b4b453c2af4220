"""Format `articles`: one JSON object a line, `newsroom.article/1`, as our own export has it.

Only `text` is needed. Who did and decided what is not read at all: state, authors, decisions
and the spans' ids in a file are of another desk, and nobody here has vouched for them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from annotations.domain.text import digest, is_storable
from annotations.imports import _json, _units
from annotations.imports._json import Bad, shown
from annotations.imports._sample import Sample
from annotations.imports.rows import ArticleRow, Remark, Row

WORDS = "our own articles JSONL"
SCHEMA = "newsroom.article/1"
_PARTICULARS = ("slug", "outlet", "story", "title", "url", "language", "replaces")


def read(stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]:
    """The articles in `stream`, line by line; a bad line costs itself only.

    Only "\\n" ends a line. Blank lines are passed over.
    """
    return _json.read(stream, after, _article)


def knows(sample: Sample) -> bool:
    """Whether a file looks like one of these."""
    schema = sample.value.get("schema")  # of a line longer than the sample only the key is known
    return sample.has("schema") and str(schema or "newsroom.").startswith("newsroom.")


def _article(number: int, value: dict[str, Any]) -> list[Row]:
    schema = value.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise Bad(f"The schema is {shown(schema)}, but only {SCHEMA} can be read.")
    text = value.get("text")
    if not isinstance(text, str):
        raise Bad("An article needs a “text”, which is a string.")
    words = {key: _words(value, key) for key in _PARTICULARS}
    _check_sha256(_words(value, "text_sha256"), text)
    spans, told = _units.in_code_points(
        text,
        _marks(value.get("spans")),
        _units.declared_unit(value),
        usual=_units.CODE_POINTS,  # as the format says
    )
    row = ArticleRow(
        line=number,
        text=text,
        published_at=_instant(_words(value, "published_at")),
        spans=spans,
        **words,
    )
    return [*(Remark(number, what) for what in told), row]


def _words(value: dict[str, Any], key: str) -> str:
    """A string that may be missing. Raises for what no database keeps."""
    words = value.get(key)
    if words is None:
        return ""
    if not isinstance(words, str):
        raise Bad(f"“{key}” must be a string, not {shown(words)}.")
    if not is_storable(words):
        raise Bad(f"“{key}” holds a character that cannot be stored.")
    return words


def _check_sha256(expected: str, text: str) -> None:
    """Refuse a text that changed on its way. One that cannot be encoded is refused later."""
    try:
        changed = bool(expected) and digest(text) != expected
    except UnicodeEncodeError:
        return
    if changed:
        raise Bad("The text is not the one that “text_sha256” was made of.")


def _instant(words: str) -> datetime | None:
    if not words:
        return None
    try:
        moment = datetime.fromisoformat(words)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Bad(
        f"“published_at” must be a time with its zone, as 2024-05-28T17:30:00Z, not {shown(words)}."
    )


def _marks(value: Any) -> list[_units.Mark]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Bad("“spans” must be a list.")
    return [_mark(f"Span {number}", span) for number, span in enumerate(value, 1)]


def _mark(where: str, value: Any) -> _units.Mark:
    if not isinstance(value, dict):
        raise Bad(f"{where} must be an object, in braces.")
    text = value.get("text")
    if not isinstance(text, str):
        raise Bad(f"{where} needs “text”, the words it covers.")
    attributes = value.get("attributes")
    if attributes is not None and not isinstance(attributes, dict):
        raise Bad(f"The “attributes” of {where} must be an object, in braces.")
    return _units.Mark(
        where,
        _units.label_name(value.get("label"), where),
        _units.whole_number(value.get("start"), where, "start"),
        _units.whole_number(value.get("end"), where, "end"),
        text,
        attributes,
    )

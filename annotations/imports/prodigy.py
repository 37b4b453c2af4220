"""Format `prodigy`: one JSON object a line, as `db-out` writes it, with `text` and `spans`.

A span has its words only in some recipes; the tokens, where they are there, have theirs and prove
how the offsets count.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from annotations.imports import _json, _units
from annotations.imports._json import Bad, shown
from annotations.imports._known import counted, known_of
from annotations.imports._sample import Sample
from annotations.imports.rows import ArticleRow, Remark, Row

WORDS = "Prodigy JSONL"
_OF_PRODIGY = ("_task_hash", "_input_hash", "_view_id", "_session_id", "answer", "tokens")


def read(stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]:
    """The articles in `stream`, one a line: those that were accepted."""
    return _json.read(stream, after, _article)


def knows(sample: Sample) -> bool:
    """Whether a file looks like one of these, rather than like our own minimal lines."""
    if not sample.has("text"):
        return False
    spans = sample.value.get("spans")
    bare = isinstance(spans, list) and any(
        isinstance(span, dict) and "label" in span and "text" not in span for span in spans
    )
    return bare or sample.has(*_OF_PRODIGY)


def _article(number: int, value: dict[str, Any]) -> list[Row]:
    answer = value.get("answer", "accept")
    if answer != "accept":
        raise Bad(f"The answer is {shown(answer)}; only lines that were accepted come in.")
    text = value.get("text")
    if not isinstance(text, str):
        raise Bad("A Prodigy line needs a “text”, which is a string; only text can come in.")
    meta = value.get("meta")
    known = known_of(value, meta)
    unit = _units.declared_unit(value)
    if unit is None and isinstance(meta, dict):
        unit = _units.declared_unit(meta)
    marks = [_mark(f"Span {place}", span) for place, span in enumerate(_list(value, "spans"), 1)]
    tokens = _tokens(value)
    spans, told = _units.in_code_points(
        text, [*marks, *tokens] if marks else [], unit, usual=_units.CODE_POINTS
    )
    passed = [
        words
        for key, words in (("relations", "relation"), ("accept", "choice"))
        for _ in _list(value, key)
    ]
    if passed:
        told.append(f"Passed over: {counted(passed)}.")
    remarks = [Remark(number, what) for what in [*known.told, *told]]
    return [*remarks, ArticleRow(number, text, spans=spans[: len(marks)], **known.values)]


def _list(value: dict[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise Bad(f"“{key}” must be a list, not {shown(found)}.")
    return found


def _mark(where: str, value: Any) -> _units.Mark:
    if not isinstance(value, dict):
        raise Bad(f"{where} must be an object, in braces.")
    text = value.get("text")
    return _units.Mark(
        where,
        _units.label_name(value.get("label"), where),
        _units.whole_number(value.get("start"), where, "start"),
        _units.whole_number(value.get("end"), where, "end"),
        text if isinstance(text, str) else None,
    )


def _tokens(value: dict[str, Any]) -> list[_units.Mark]:
    """The tokens that have words, as marks: they count as the spans do."""
    tokens = []
    for number, token in enumerate(_list(value, "tokens"), 1):
        where = f"Token {number}"
        words = token.get("text") if isinstance(token, dict) else None
        if isinstance(words, str) and words.strip():
            tokens.append(_mark(where, token | {"label": "token"}))
    return tokens

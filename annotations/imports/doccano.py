"""Format `doccano`: one JSON object a line, of a sequence labelling project, or with relations.

`label` (or `labels`) is a list of [start, end, label]; with relations, `entities` is a list of
objects. doccano's page counts UTF-16 units and keeps no words, so a text with an emoji needs the
unit declared.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from annotations.imports import _json, _units
from annotations.imports._json import Bad, shown
from annotations.imports._known import counted, known_of
from annotations.imports._sample import Sample
from annotations.imports.rows import ArticleRow, Remark, Row

WORDS = "doccano JSONL"
_LISTS = ("label", "labels", "entities")


def read(stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]:
    """The articles in `stream`, one a line."""
    return _json.read(stream, after, _article)


def knows(sample: Sample) -> bool:
    """Whether a file looks like one of these."""
    return sample.has("text", "data") and sample.has(*_LISTS)


def _article(number: int, value: dict[str, Any]) -> list[Row]:
    text = value.get("text", value.get("data"))  # "data" in exports of other projects than these
    if not isinstance(text, str):
        raise Bad("A doccano line needs a “text”, which is a string.")
    meta = value.get("meta")
    known = known_of(value, meta)
    marks, passed = _marks(value)
    unit = _units.declared_unit(value)
    if unit is None and isinstance(meta, dict):
        unit = _units.declared_unit(meta)
    spans, told = _units.in_code_points(text, marks, unit)
    for key, words in (("relations", "relation"), ("Comments", "comment"), ("comments", "comment")):
        if isinstance(value.get(key), list):
            passed += [words] * len(value[key])
    if passed:
        told.append(f"Passed over: {counted(passed)}.")
    remarks = [Remark(number, what) for what in [*known.told, *told]]
    return [*remarks, ArticleRow(number, text, spans=spans, **known.values)]


def _marks(value: dict[str, Any]) -> tuple[list[_units.Mark], list[str]]:
    """The spans, and what else stands among them: a label of the whole text."""
    marks: list[_units.Mark] = []
    passed: list[str] = []
    for key in _LISTS:
        found = value.get(key)
        if found is None:
            continue
        if not isinstance(found, list):
            raise Bad(f"“{key}” must be a list, not {shown(found)}.")
        for each in found:
            if isinstance(each, str):
                passed.append(f"label of the whole text ({each[:40]})")
            else:
                marks.append(_mark(f"Span {len(marks) + 1}", each))
    return marks, passed


def _mark(where: str, value: Any) -> _units.Mark:
    if isinstance(value, list) and len(value) == 3:
        start, end, label = value
        text = None
    elif isinstance(value, dict):
        start = value.get("start_offset", value.get("start"))
        end = value.get("end_offset", value.get("end"))
        label, text = value.get("label"), value.get("text")
    else:
        raise Bad(f"{where} must be [start, end, label], not {shown(value)}.")
    return _units.Mark(
        where,
        _units.label_name(label, where),
        _units.whole_number(start, where, "start"),
        _units.whole_number(end, where, "end"),
        text if isinstance(text, str) else None,
    )

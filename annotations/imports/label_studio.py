"""Format `label_studio`: a JSON list of tasks (or one a line), or of the lines of its JSON-MIN.

Spans are read from the annotations that were not cancelled; where a task has none, from its
predictions. What else people answered (choices, ratings, relations) is told and left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from annotations.imports import _json, _units
from annotations.imports._json import Bad, shown
from annotations.imports._known import counted, known_of
from annotations.imports._sample import Sample
from annotations.imports.rows import ArticleRow, Remark, Row

WORDS = "Label Studio JSON"
_ANNOTATED = ("annotations", "completions")  # the second until version 1.0
_OF_MIN = ("annotation_id", "annotator", "lead_time")


def read(stream: BinaryIO, name: str, after: int = 0) -> Iterator[Row]:
    """The articles in `stream`, one a task."""
    return _json.read(stream, after, _article)


def knows(sample: Sample) -> bool:
    """Whether a file looks like one of these."""
    if sample.has("data") and sample.has(*_ANNOTATED, "predictions"):
        return True
    return sample.has(*_OF_MIN) or isinstance(sample.value.get("data"), dict)


@dataclass(slots=True)
class _Found:
    """The spans of a task so far, and what was passed over."""

    marks: list[_units.Mark] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)


def _article(number: int, value: dict[str, Any]) -> list[Row]:
    data = value.get("data", value)
    if not isinstance(data, dict):
        raise Bad("“data” must be an object, in braces.")
    key, text = _text(data)
    found = _Found()
    if data is value:
        _read_min(value, found)
    else:
        _read_task(value, data, key, found)
    known = known_of(data, data.get("meta"), value.get("meta"))
    unit = _units.declared_unit(data)
    spans, told = _units.in_code_points(
        text, found.marks, unit, same=_same, usual=_units.CODE_POINTS
    )
    if found.passed:
        told.append(f"Passed over: {counted(found.passed)}.")
    remarks = [Remark(number, what) for what in [*known.told, *told]]
    return [*remarks, ArticleRow(number, text, spans=spans, **known.values)]


def _text(data: Mapping[str, Any]) -> tuple[str, str]:
    """The key and the words of the article's text: `text`, else the only string there is."""
    if isinstance(data.get("text"), str):
        return "text", data["text"]
    strings = [key for key, value in data.items() if isinstance(value, str)]
    if len(strings) == 1:
        return strings[0], data[strings[0]]
    if not strings:
        raise Bad("A task needs a “text”, which is a string.")
    raise Bad(
        "The task does not say which of its strings is the text; call it “text” "
        f"(there are {', '.join(key[:40] for key in strings[:5])})."
    )


def _read_task(task: Mapping[str, Any], data: Mapping[str, Any], key: str, found: _Found) -> None:
    annotated = [each for name in _ANNOTATED for each in _list(task, name, "The task")]
    predicted = _list(task, "predictions", "The task")
    if annotated and predicted:
        found.passed += ["prediction"] * len(predicted)
    for each in annotated or predicted:
        if not isinstance(each, dict):
            raise Bad(f"An annotation must be an object, in braces, not {shown(each)}.")
        if each.get("was_cancelled"):
            found.passed.append("cancelled annotation")
            continue
        for result in _list(each, "result", "An annotation"):
            _read_result(result, data, key, found)


def _read_result(result: Any, data: Mapping[str, Any], key: str, found: _Found) -> None:
    if not isinstance(result, dict):
        raise Bad(f"A result must be an object, in braces, not {shown(result)}.")
    kind, name, of = (result.get(part) for part in ("type", "from_name", "to_name"))
    if kind != "labels":
        said = f"{kind} ({name})" if name else f"{kind}"
        found.passed.append(said[:60])
    elif isinstance(of, str) and of != key and isinstance(data.get(of), str):
        found.passed.append(f"span of “{of[:40]}”")
    else:
        _read_value(result.get("value"), found)


def _read_value(value: Any, found: _Found) -> None:
    """A region with its labels: one span for each."""
    where = f"Span {len(found.marks) + 1}"
    if not isinstance(value, dict):
        raise Bad(f"{where} must be an object, in braces.")
    labels = _list(value, "labels", where)
    if not labels:
        found.passed.append("span without a label")
    text = value.get("text")
    for label in labels:
        found.marks.append(
            _units.Mark(
                where,
                _units.label_name(label, where),
                _units.whole_number(value.get("start"), where, "start"),
                _units.whole_number(value.get("end"), where, "end"),
                text if isinstance(text, str) else None,
            )
        )


def _read_min(line: Mapping[str, Any], found: _Found) -> None:
    """JSON-MIN: each tag's answers stand under the name of the tag."""
    for name, answers in line.items():
        if not isinstance(answers, list):
            continue
        for answer in answers:
            if isinstance(answer, dict) and "labels" in answer and "start" in answer:
                _read_value(answer, found)
            else:
                found.passed.append(f"answer ({name[:40]})")


def _list(value: Mapping[str, Any], key: str, where: str) -> list[Any]:
    found = value.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise Bad(f"“{key}” of {where.lower()} must be a list, not {shown(found)}.")
    return found


def _same(words: str, given: str) -> bool:
    """Whether the words are these. Label Studio loses or escapes line breaks in what it keeps."""
    return _units.same_words(words, given) or _solid(words) == _solid(given)


def _solid(words: str) -> str:
    return "".join(words.replace("\\n", "").split())

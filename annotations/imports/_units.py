"""Offsets in whatever unit a file counts, as code points; proven, or declared, or refused.

Python counts code points, JavaScript and Java UTF-16 units, Go and Rust bytes of UTF-8. They differ
from the first emoji on (bytes from the first accent), and a wrong guess would mark other words.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from annotations.domain.extents import BadExtent, Extent, check_extent
from annotations.domain.text import fold_line_ends, is_storable
from annotations.imports._json import Bad, shown
from annotations.imports.rows import SpanRow

CODE_POINTS, UTF_16, UTF_8 = "code_points", "utf16", "utf8"
_WORDS = {CODE_POINTS: "code points", UTF_16: "UTF-16 units", UTF_8: "bytes of UTF-8"}
KEY = "offset_unit"  # how a file of any format may declare it
# Where an offset of that unit lies in code points; None in the middle of a character.
_Reading = Callable[[int], int | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """A span as a file has it, its offsets in the file's unit.

    where: what a sentence calls it, as "Span 3". text: the words there, if the file has them.
    """

    where: str
    label: str
    start: int
    end: int
    text: str | None = None
    attributes: Mapping[str, Any] | None = None


Same = Callable[[str, str], bool]


def same_words(words: str, given: str) -> bool:
    """Whether a file's words are these, line ends aside."""
    return words == given or fold_line_ends(words) == fold_line_ends(given)


def whole_number(value: Any, where: str, key: str) -> int:
    """An offset. Raises Bad for what only looks like one: true, 1.0, "4"."""
    if type(value) is not int:  # not isinstance: True is an int
        raise Bad(f"{where} needs “{key}”, a whole number, not {shown(value)}.")
    return value


def label_name(value: Any, where: str) -> str:
    """A label as the file calls it. Raises Bad."""
    if not isinstance(value, str) or not value.strip():
        raise Bad(f"{where} needs a label, which is a string, not {shown(value)}.")
    return value.strip()


def declared_unit(value: Mapping[str, Any]) -> str | None:
    """The unit that an object declares. Raises Bad for one that is not known."""
    unit = value.get(KEY)
    if unit is None:
        return None
    if not isinstance(unit, str) or unit not in _WORDS:
        raise Bad(f"“{KEY}” is one of {', '.join(_WORDS)}, not {shown(unit)}.")
    return unit


def in_code_points(
    text: str,
    marks: Sequence[Mark],
    unit: str | None,
    *,
    same: Same = same_words,
    usual: str | None = None,
) -> tuple[tuple[SpanRow, ...], list[str]]:
    """The marks as rows, and what is to be told of them.

    unit: the one declared, if any. Else it must not matter, or the words of the marks must
    prove it: exactly one unit puts all of them where they stand. usual: the unit that the format
    is known to count in; if the words stand there, others are not asked. Raises Bad with the mark
    that lies wrong.
    """
    if not marks or not is_storable(text):  # such a text is refused where it is cleaned
        return (), []
    wordless = all(mark.text is None for mark in marks)
    if unit is None and wordless and not _has_astral(text):
        unit = CODE_POINTS  # UTF-16 units come to the same; nobody counts bytes without saying so
    units = [unit] if unit else [CODE_POINTS, UTF_16] if wordless else list(_WORDS)
    found: dict[str, list[Extent]] = {}
    wrong: dict[str, str] = {}
    for each in units:
        try:
            found[each] = _extents(text, marks, each, same)
        except Bad as error:
            wrong[each] = str(error)
        if each == usual and each in found:
            break
    if not found:
        raise Bad(wrong[units[0]])
    chosen, extents = next(iter(found.items()))
    if (wordless and len(found) < len(units)) or any(extents != each for each in found.values()):
        raise Bad(_DOUBT)
    told = [] if chosen == CODE_POINTS else [f"Its offsets count {_WORDS[chosen]}; converted."]
    return tuple(_row(text, *each) for each in zip(marks, extents, strict=True)), told


_DOUBT = (
    "The text has an emoji or another character that counts as more than one in some units, and "
    f"nothing says for sure how the offsets count. Add “{KEY}”, which is {', '.join(_WORDS)}."
)


def _has_astral(text: str) -> bool:
    """Whether a character takes two UTF-16 units."""
    return not text.isascii() and len(text.encode("utf-16-le")) > 2 * len(text)


def _row(text: str, mark: Mark, extent: Extent) -> SpanRow:
    return SpanRow(mark.label, extent.start, extent.end, extent.of(text), mark.attributes or {})


def _extents(text: str, marks: Iterable[Mark], unit: str, same: Same) -> list[Extent]:
    """Where the marks lie. Raises Bad."""
    reading = _reading(text, unit)
    extents = []
    for mark in marks:
        start, end = reading(mark.start), reading(mark.end)
        if start is None or end is None:
            raise Bad(f"{mark.where}: {mark.start}–{mark.end} cuts a character in two.")
        extent = Extent(start, end)
        try:
            check_extent(text, extent)
        except BadExtent as error:
            raise Bad(f"{mark.where}: {error}") from None
        if mark.text is not None and not same(extent.of(text), mark.text):
            raise Bad(
                f"{mark.where}: its words, {shown_words(mark.text)}, are not those at "
                f"{mark.start}–{mark.end} of the text, {shown_words(extent.of(text))}."
            )
        extents.append(extent)
    return extents


def shown_words(words: str) -> str:
    """Words as a sentence may quote them."""
    plain = words if is_storable(words) else "something unreadable"
    return f"“{plain}”" if len(plain) <= 40 else f"“{plain[:40]}…”"


def _reading(text: str, unit: str) -> _Reading:
    if unit == UTF_8 and not text.isascii():
        starts = [0, *accumulate(len(each.encode()) for each in text)]
        return lambda offset: _at(starts, offset)
    if unit == UTF_16 and _has_astral(text):
        starts = [0, *accumulate(1 + (each > "\uffff") for each in text)]
        return lambda offset: _at(starts, offset)
    return lambda offset: offset


def _at(starts: Sequence[int], offset: int) -> int | None:
    """The code point that begins at `offset`; beyond both ends as far beyond."""
    if offset < 0:
        return offset
    if offset > starts[-1]:
        return len(starts) - 1 + offset - starts[-1]
    place = bisect_left(starts, offset)
    return place if starts[place] == offset else None

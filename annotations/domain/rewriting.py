"""Rewriting: how one text became another, paragraph by paragraph and within those by words."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from annotations.domain.diffs import AROUND, Part, Run, shortened, wordless, words_of
from annotations.domain.excerpts import beginning, ending
from annotations.domain.extents import Extent
from annotations.domain.segments import paragraphs

_SIGNS = {ord("\n"): "¶\n", ord(" "): "␣", ord("\t"): "⇥", 0xA0: "⍽"}  # of a blank that is a change


@dataclass(frozen=True, slots=True)
class Block:
    """Paragraphs with one fate: all of them kept, or some of their words changed.

    before, after: where they stand in the old text and in the new one; one of them may be empty.
    paragraphs: how many they are in the new text, or in the old one if all are gone. runs: kept
    and taken joined are the words before, kept and added those after.
    """

    before: Extent
    after: Extent
    paragraphs: int
    runs: tuple[Run, ...]

    @property
    def changed(self) -> bool:
        return any(run.part is not Part.KEPT for run in self.runs)

    @property
    def shown(self) -> list[Run]:
        """The runs to be read: without the line ends after the last, changed blanks as signs."""
        return _shown(self.runs)


class _Stretch(NamedTuple):
    """Paragraphs [start, end) of the old text that became [new_start, new_end) of the new."""

    start: int
    end: int
    new_start: int
    new_end: int


def rewritten(before: str, after: str) -> list[Block]:
    """How the paragraphs of `before` became those of `after`, in reading order, without a gap.

    Paragraphs that stand once in each text hold the two together; what stands between those is
    compared from both ends, then by words. Costs little more than the lengths of the texts.
    """
    olds, news = ([each.extent for each in paragraphs(text)] for text in (before, after))
    stretches = _stretches([each.of(before) for each in olds], [each.of(after) for each in news])
    blocks = [_block(before, after, olds, news, each) for each in stretches]
    joined: list[Block] = []
    for changed, alike in groupby(blocks, key=lambda block: block.changed):
        run = list(alike)
        joined += run if changed else [_joined(before, run)]
    return joined


def around(blocks: Sequence[Block], extent: Extent, most: int = AROUND) -> list[Run]:
    """What became of the words at `extent` of the old text, and of about `most` code points beside.

    blocks: as rewritten gives them. To be read: what is long is cut.
    """
    low, high = extent.start - most - 1, extent.end + most + 1
    runs: list[Run] = []
    for block in blocks[bisect_left(blocks, low, key=lambda each: each.before.end) :]:
        if block.before.start > high:
            break
        at = block.before.start
        for run in block.runs:
            if run.part is Part.ADDED:
                runs += [run] if low <= at <= high else []
                continue
            text = run.text[max(low - at, 0) : max(high - at, 0)]
            runs += [Run(run.part, text)] if text else []
            at += len(run.text)
    told = _in_turn(runs)
    if [run.part for run in told] == [Part.KEPT]:  # it may stand elsewhere, too
        at = extent.start - max(low, 0)
        ahead, words, behind = _cut(told[0].text, at, at + len(extent))
        excerpt = ending(ahead, most) + beginning(words, 4 * most) + beginning(behind, most)
        return [Run(Part.KEPT, excerpt)]
    return _shown(shortened(told, most))


def _shown(runs: Sequence[Run]) -> list[Run]:
    seen = [
        run
        if run.part is Part.KEPT or not run.text.isspace()
        else Run(run.part, run.text.translate(_SIGNS))
        for run in runs
    ]
    seen[-1] = Run(seen[-1].part, seen[-1].text.rstrip("\n"))
    return [run for run in seen if run.text]


def _cut(text: str, start: int, end: int) -> tuple[str, str, str]:
    return text[:start], text[start:end], text[end:]


def moved(blocks: Sequence[Block], at: int) -> int:
    """Where the place `at` of the old text lies in the new one, or would, were its words there."""
    block = blocks[bisect_right(blocks, at, key=lambda each: each.before.start) - 1]
    old, new = block.before.start, block.after.start
    for run in block.runs:
        if run.part is Part.ADDED:
            new += len(run.text)
            continue
        if at < old + len(run.text):
            return new + (at - old if run.part is Part.KEPT else 0)
        old += len(run.text)
        new += len(run.text) if run.part is Part.KEPT else 0
    return new


def _block(
    before: str, after: str, olds: Sequence[Extent], news: Sequence[Extent], stretch: _Stretch
) -> Block:
    start, end, new_start, new_end = stretch
    old = _whole(olds[start:end], olds[start - 1].end if start else 0)
    new = _whole(news[new_start:new_end], news[new_start - 1].end if new_start else 0)
    was, now = old.of(before), new.of(after)
    runs = [Run(Part.KEPT, was)] if was == now else _by_words(was, now)
    return Block(old, new, (new_end - new_start) or (end - start), tuple(runs))


def _whole(extents: Sequence[Extent], at: int) -> Extent:
    return Extent(at, extents[-1].end if extents else at)


def _joined(before: str, kept: Sequence[Block]) -> Block:
    old = Extent(kept[0].before.start, kept[-1].before.end)
    new = Extent(kept[0].after.start, kept[-1].after.end)
    number = sum(block.paragraphs for block in kept)
    return Block(old, new, number, (Run(Part.KEPT, old.of(before)),))


def _by_words(was: str, now: str) -> list[Run]:
    """How one passage became the other; between changes no blanks or punctuation alone are kept."""
    old, new = words_of(was), words_of(now)
    parts: list[tuple[bool, str, str]] = []
    pairs = (
        ("".join(old[each.start : each.end]), "".join(new[each.new_start : each.new_end]))
        for each in _stretches(old, new)
    )
    for same, run in groupby(pairs, key=lambda pair: pair[0] == pair[1]):
        olds, news = zip(*run, strict=True)
        parts.append((same, "".join(olds), "".join(news)))
    runs: list[Run] = []
    for at, (same, one, other) in enumerate(parts):
        if same and (at in (0, len(parts) - 1) or not wordless(one)):
            runs.append(Run(Part.KEPT, one))
        else:
            runs += [Run(Part.TAKEN, one), Run(Part.ADDED, other)]
    return _in_turn(runs)


def _in_turn(runs: Iterable[Run]) -> list[Run]:
    """The runs: of changes that follow each other first all that was taken, then what was added."""
    turned: list[Run] = []
    for kept, alike in groupby(runs, key=lambda run: run.part is Part.KEPT):
        same = list(alike)
        for part in (Part.KEPT,) if kept else (Part.TAKEN, Part.ADDED):
            text = "".join(run.text for run in same if run.part is part)
            turned += [Run(part, text)] if text else []
    return turned


def _stretches(
    old: Sequence[str], new: Sequence[str], within: _Stretch | None = None, levels: int = 12
) -> Iterator[_Stretch]:
    """Stretches of what the texts are cut into, in order and without a gap.

    What stands once in each holds them together, and between that, what stands once there, and so
    on for some levels. Elsewhere, where as many came as went, one each.
    """
    start, end, new_start, new_end = within or _Stretch(0, len(old), 0, len(new))
    found = _in_both(old[start:end], new[new_start:new_end]) if levels else []
    if not found:
        yield from _between(old, new, _Stretch(start, end, new_start, new_end))
        return
    shared = [(start + one, new_start + other) for one, other in found]
    for (one, other), (next_one, next_other) in pairwise(
        [(start - 1, new_start - 1), *shared, (end, new_end)]
    ):
        if one >= start:
            yield _Stretch(one, one + 1, other, other + 1)
        gap = _Stretch(one + 1, next_one, other + 1, next_other)
        yield from _stretches(old, new, gap, levels - 1)


def _between(old: Sequence[str], new: Sequence[str], gap: _Stretch) -> Iterator[_Stretch]:
    start, end, new_start, new_end = gap
    while start < end and new_start < new_end and old[start] == new[new_start]:
        yield _Stretch(start, start + 1, new_start, new_start + 1)
        start, new_start = start + 1, new_start + 1
    last = 0
    while (
        start < end - last
        and new_start < new_end - last
        and old[end - last - 1] == new[new_end - last - 1]
    ):
        last += 1
    size = end - last - start
    if size == new_end - last - new_start:
        for at in range(size + last):
            yield _Stretch(start + at, start + at + 1, new_start + at, new_start + at + 1)
        return
    yield _Stretch(start, end - last, new_start, new_end - last)
    for at in range(last, 0, -1):
        yield _Stretch(end - at, end - at + 1, new_end - at, new_end - at + 1)


def _in_both(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """(place in old, place in new) of what stands once in each: as many as rise in both."""
    counts = Counter(new)
    where = {paragraph: at for at, paragraph in enumerate(new) if counts[paragraph] == 1}
    counts = Counter(old)
    shared = [
        (at, where[paragraph])
        for at, paragraph in enumerate(old)
        if counts[paragraph] == 1 and paragraph in where
    ]
    return _rising(shared)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of the pairs, whose first parts rise, in which the second parts rise, too."""
    lasts: list[int] = []  # of the runs of each length, the second part that ends lowest
    ends: list[int] = []  # and which pair that is
    before: list[int] = []
    for number, (_, second) in enumerate(pairs):
        length = bisect_left(lasts, second)
        before.append(ends[length - 1] if length else -1)
        lasts[length : length + 1] = [second]
        ends[length : length + 1] = [number]
    at = ends[-1] if ends else -1
    found = []
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]

"""Diffs: what of a text was kept, taken away and added, for a person to read."""

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from functools import partial
from itertools import pairwise

from annotations.domain.edges import cuts_word
from annotations.domain.excerpts import CUT, beginning, ending
from annotations.domain.extents import Extent

MOST_WORDS = 200  # of what differs; more are not compared word by word
AROUND = 40  # code points beside a change that are shown


class Part(StrEnum):
    """What became of a run of words."""

    KEPT = "kept"
    TAKEN = "taken"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Run:
    """Words with one fate. Kept and taken runs joined are the text before, kept and added after."""

    part: Part
    text: str


def between_extents(text: str, before: Extent, after: Extent) -> list[Run]:
    """How the words of `before` became those of `after`, both extents of `text`.

    By place, not by likeness: what both cover is kept, to the code point.
    """
    if not before.overlaps(after):
        return _runs((Part.TAKEN, before.of(text)), (Part.ADDED, after.of(text)))
    starts, ends = sorted((before.start, after.start)), sorted((before.end, after.end))
    return _runs(
        (Part.ADDED if after.start < before.start else Part.TAKEN, text[slice(*starts)]),
        (Part.KEPT, text[starts[1] : ends[0]]),
        (Part.ADDED if after.end > before.end else Part.TAKEN, text[slice(*ends)]),
    )


def between_texts(before: str, after: str) -> list[Run]:
    """How one text became the other, by words; a run of blanks or punctuation alone is not kept.

    Of two long texts only their common beginning and end are kept, so that it costs no more than
    their lengths.
    """
    old, new = words_of(before), words_of(after)
    first = _common(old, new)
    last = _common(old[first:][::-1], new[first:][::-1])
    olds, news = old[first : len(old) - last], new[first : len(new) - last]
    changes = [(Part.TAKEN, "".join(olds)), (Part.ADDED, "".join(news))]
    if olds and news and max(len(olds), len(news)) <= MOST_WORDS:
        changes = _compared(olds, news)
    return _runs(
        (Part.KEPT, "".join(old[:first])),
        *changes,
        (Part.KEPT, "".join(old[len(old) - last :])),
    )


def shortened(runs: list[Run], around: int = AROUND) -> list[Run]:
    """The same to be read: of a long run only the words beside its ends, and "…" between.

    Of what was kept before the first change and after the last, only those beside the change.
    """
    last = len(runs) - 1
    return [
        replace(run, text=_short(run, around, first=at == 0, last=at == last))
        for at, run in enumerate(runs)
    ]


def _short(run: Run, around: int, *, first: bool, last: bool) -> str:
    if run.part is Part.KEPT and first != last:
        return ending(run.text, around) if first else beginning(run.text, around)
    if len(run.text) <= 2 * around:
        return run.text
    return beginning(run.text, around).removesuffix(CUT) + CUT + ending(run.text, around)[1:]


def _runs(*parts: tuple[Part, str]) -> list[Run]:
    return [Run(part, text) for part, text in parts if text]


def words_of(text: str) -> list[str]:
    """The text cut between words; blanks and marks of punctuation are each their own."""
    whole = partial(cuts_word, text)
    edges = [0, *(at for at in range(1, len(text)) if not whole(at)), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def wordless(text: str) -> bool:
    """Whether it is blanks and punctuation alone."""
    return not any(map(str.isalnum, text))


def _common(old: list[str], new: list[str]) -> int:
    """How many words at their beginning are the same."""
    pairs = zip(old, new, strict=False)
    return next(
        (at for at, (one, other) in enumerate(pairs) if one != other), min(map(len, (old, new)))
    )


def _compared(old: list[str], new: list[str]) -> list[tuple[Part, str]]:
    """What was kept between two runs of words, what was taken and what added, in reading order."""
    found: list[tuple[Part, str]] = []
    taken = added = ""
    blocks = SequenceMatcher(wordless, old, new, autojunk=False).get_opcodes()
    for _, start, end, new_start, new_end in blocks:
        was, now = "".join(old[start:end]), "".join(new[new_start:new_end])
        if was == now and not wordless(was):
            found += [(Part.TAKEN, taken), (Part.ADDED, added), (Part.KEPT, was)]
            taken = added = ""
        else:
            taken, added = taken + was, added + now
    return [*found, (Part.TAKEN, taken), (Part.ADDED, added)]

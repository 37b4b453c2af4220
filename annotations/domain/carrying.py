"""Carrying: where runs of an old text stand in the new one that replaces it, if that is certain.

Code point by code point and never by likeness. What comes along with a run is its context: the 32
code points before it and the 32 after it. Where the old text ends sooner, the context ends there
with one line end, for a text begins and ends as its lines do: so a note above or below the text
leaves its first and its last words where they were.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from annotations.domain.extents import Extent

CONTEXT = 32  # code points to each side, as many as an export line shows


class Why(StrEnum):
    """Why a run is not carried."""

    GONE = "gone"
    SEVERAL = "several"
    CHANGED = "changed"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Why.GONE: "Its words do not stand in the new text.",
    Why.SEVERAL: "Its words stand several times in the new text, so it is not certain which.",
    Why.CHANGED: "Its words stand once in the new text, but what stands around them changed.",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a run: `place` is where it is carried to, unless `why` says why it is not.

    With Why.CHANGED `place` is where its words stand, for a person to look at; else None.
    """

    place: Extent | None
    why: Why | None = None


def fates(before: str, after: str, extents: Iterable[Extent]) -> dict[Extent, Fate]:
    """What becomes of each of these extents of `before` in the text `after`, in their order.

    Carried is what stands there once together with its context, letter by letter; places that
    overlap count, too. Each costs at most a few searches through `after`.
    """
    framed = f"\n{after}\n"
    return {extent: _fate(before, after, framed, extent) for extent in dict.fromkeys(extents)}


def moves_along(extent: Extent, other: Extent) -> bool:
    """Whether `other` lies so near to `extent` that the place of the one tells that of the other.

    Both of the old text; `other` is then within the context of `extent`.
    """
    return Extent(extent.start - CONTEXT, extent.end + CONTEXT).covers(other)


def _fate(before: str, after: str, framed: str, extent: Extent) -> Fate:
    ahead, words, behind = _context(before, extent)
    at, again = _first_two(framed, ahead + words + behind)
    if at >= 0 and again < 0:
        start = at + len(ahead) - 1  # less the line end that `framed` begins with
        return Fate(Extent(start, start + len(words)))
    at, again = _first_two(after, words)
    if at < 0:
        return Fate(None, Why.GONE)
    if again >= 0:
        return Fate(None, Why.SEVERAL)
    return Fate(Extent(at, at + len(words)), Why.CHANGED)


def _context(text: str, extent: Extent) -> tuple[str, str, str]:
    ahead = text[max(extent.start - CONTEXT, 0) : extent.start]
    behind = text[extent.end : extent.end + CONTEXT]
    if extent.start < CONTEXT:
        ahead = "\n" + ahead.lstrip("\n")
    if extent.end + CONTEXT > len(text):
        behind = behind.rstrip("\n") + "\n"
    return ahead, extent.of(text), behind


def _first_two(text: str, words: str) -> tuple[int, int]:
    """Where `words` stand first in `text`, and where next; -1 for nowhere."""
    at = text.find(words)
    return at, text.find(words, at + 1) if at >= 0 else -1

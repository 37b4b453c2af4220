"""Extents: where a span lies."""

from dataclasses import dataclass


class BadExtent(ValueError):
    """The extent does not lie in the text. The message is a sentence for whoever chose it."""


@dataclass(frozen=True, slots=True, order=True)
class Extent:
    """A half-open run [start, end) of one article's text, in code points."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The words it covers in `text`."""
        return text[self.start : self.end]

    def overlaps(self, other: "Extent") -> bool:
        """Whether they share at least one code point."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: "Extent") -> bool:
        """Whether all of `other` lies within."""
        return self.start <= other.start and other.end <= self.end

    def __len__(self) -> int:
        return self.end - self.start


def check_extent(text: str, extent: Extent) -> None:
    """Refuse what is no run of words in `text`. Raises BadExtent with a sentence."""
    if extent.start < 0:
        raise BadExtent(f"A span cannot start before the text (at {extent.start}).")
    if extent.end <= extent.start:
        raise BadExtent("A span must end after it starts.")
    if extent.end > len(text):
        raise BadExtent(f"The span ends at {extent.end}, but the text has {len(text)} characters.")
    if not extent.of(text).strip():
        raise BadExtent("A span must cover more than blanks.")


def trim(text: str, extent: Extent) -> Extent:
    """The extent without the white space at its edges; empty, at its start, if it is all blank."""
    words = extent.of(text)
    start = extent.start + len(words) - len(words.lstrip())
    kept = words.strip()
    return Extent(start, start + len(kept)) if kept else Extent(extent.start, extent.start)


def only_place(text: str, words: str) -> Extent | int:
    """Where `words` stand in `text` if they stand there exactly once, else how often they do.

    Overlapping places count, too: "aa" stands twice in "aaa".
    """
    if not words:
        return 0
    places, at = [], text.find(words)
    while at >= 0:
        places.append(at)
        at = text.find(words, at + 1)
    return Extent(places[0], places[0] + len(words)) if len(places) == 1 else len(places)

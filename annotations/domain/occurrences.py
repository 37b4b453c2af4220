"""Occurrences: every place where the same words stand."""

from collections.abc import Iterable, Iterator

from annotations.domain.edges import cuts_word
from annotations.domain.extents import Extent


def occurrences(text: str, words: str) -> list[Extent]:
    """Every place of exactly these words (code point by code point) in `text`.

    Places that would cut a word, a number or a character at an edge do not count; of places that
    overlap only the first does. Extents in code points, in reading order. Linear time.
    """
    return _apart(_whole(text, words))


def elsewhere(text: str, extent: Extent) -> list[Extent]:
    """As occurrences, of the words at `extent`, beside it: no place overlaps it."""
    return _apart(place for place in _whole(text, extent.of(text)) if not place.overlaps(extent))


def _apart(places: Iterable[Extent]) -> list[Extent]:
    """Of places of one length, in reading order, those that overlap none before them."""
    apart: list[Extent] = []
    for place in places:
        if not apart or apart[-1].end <= place.start:
            apart.append(place)
    return apart


def _whole(text: str, words: str) -> Iterator[Extent]:
    """The places where `words` stand as whole words; they may overlap."""
    for start in _starts(text, words):
        end = start + len(words)
        if not cuts_word(text, start) and not cuts_word(text, end):
            yield Extent(start, end)


def _starts(text: str, words: str) -> Iterator[int]:
    """Where `words` start, overlapping places, too.

    Knuth, Morris and Pratt: never reads a code point of `text` twice, so that words that repeat
    themselves ("no no no") in a text that repeats them cost no more than others.
    """
    known = 0  # how many code points of `words` end here
    again = [0]  # as many of them as the next place may have in common with this one
    for at in range(1, len(words)):
        while known and words[at] != words[known]:
            known = again[known - 1]
        known += words[at] == words[known]
        again.append(known)
    # Python's own search is a hundred times as fast: what lies before the first place, or beyond
    # any that could overlap the last, is left to it.
    first = last = text.find(words)
    if not words or first < 0:
        return
    while (beyond := text.find(words, last + len(words))) >= 0:
        last = beyond
    known = 0
    for at, character in enumerate(text[first : last + 2 * len(words)], first):
        while known and (known == len(words) or character != words[known]):
            known = again[known - 1]
        known += character == words[known]
        if known == len(words):
            yield at + 1 - known

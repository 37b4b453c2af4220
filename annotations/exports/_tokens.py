"""A text as tokens, for the formats that want some, cut so that every span is whole tokens.

Words (with their marks, apostrophes and decimal points), single characters where a script is
written without spaces, signs and emoji, runs of white space. Trainers bring tokenizers of their
own; these only have to be sensible, and exact: joined, the tokens are the text.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, pairwise
from typing import NamedTuple

from annotations.queries.exports import ExportedSpan


class Token(NamedTuple):
    """A run [start, end) of the text, in code points.

    blank: it is white space. spaced: one more space follows, which is part of no token.
    """

    start: int
    end: int
    blank: bool
    spaced: bool


# Each character of these is a token: they are written without spaces between words.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),  # Han, and its extensions
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_JOINERS = "\u200c\u200d"
_SKIN_TONES = "\U0001f3fb-\U0001f3ff"
_REGIONAL = "[\U0001f1e6-\U0001f1ff]"


def tokens(text: str, spans: Iterable[ExportedSpan]) -> list[Token]:
    """The text's tokens in reading order; every span starts and ends at the edge of one.

    A single space after a word belongs to it (`spaced`) unless a span starts or ends with it.
    """
    starts: set[int] = set()
    ends: set[int] = set()
    for span in spans:
        starts.add(span.start)
        ends.add(span.end)
    found: list[Token] = []
    word: tuple[int, int] | None = None  # waits for the space that may belong to it
    for start, end, blank in _pieces(text, sorted(starts | ends)):
        if word:
            spaced = blank and text[start] == " " and start not in starts and start + 1 not in ends
            found.append(Token(*word, False, spaced))
            word = None
            start += spaced
        if not blank:
            word = (start, end)
        elif start < end:
            found.append(Token(start, end, True, False))
    if word:
        found.append(Token(*word, False, False))
    return found


def places(tokens: list[Token], spans: Iterable[ExportedSpan]) -> Iterator[tuple[int, int]]:
    """For each span the half-open run of tokens that it is, tokens having been cut at its edges.

    Tokens may lack the blank ones: then the run is of those that lie within the span.
    """
    starts, ends = [token.start for token in tokens], [token.end for token in tokens]
    for span in spans:
        yield bisect_left(starts, span.start), bisect_right(ends, span.end)


def _pieces(text: str, cuts: list[int]) -> Iterator[tuple[int, int, bool]]:
    """(start, end, is white space) of every piece; cuts: ascending, where none may reach over."""
    at = 0
    for match in _pattern().finditer(text):
        start, end = match.span()
        blank = match.lastgroup == "blank"
        while at < len(cuts) and cuts[at] <= start:
            at += 1
        edges = [start]
        while at < len(cuts) and cuts[at] < end:
            edges.append(cuts[at])
            at += 1
        edges.append(end)
        for piece_start, piece_end in pairwise(edges):
            yield piece_start, piece_end, blank


@cache
def _pattern() -> re.Pattern[str]:
    """What matches a token; each character of a text is in one match."""
    marks, letters = _classes()
    alone = "".join(f"{chr(first)}-{chr(last)}" for first, last in _UNSPACED)
    tail = f"[{marks}{_SKIN_TONES}]*"
    word = f"[{letters}{marks}{_JOINERS}]+"
    sign = rf"[^\s{letters}{marks}{_JOINERS}{alone}]{tail}"
    return re.compile(
        rf"(?P<blank>\s+)|{word}(?:(?:['’]|(?<=[0-9])[.,:](?=[0-9])){word})*"
        rf"|[{alone}]{tail}|{_REGIONAL}{{2}}|{sign}(?:\u200d{sign})*"
    )


def _classes() -> tuple[str, str]:
    """Insides of character classes: marks; letters and digits; of scripts written with spaces."""
    alone = {code for first, last in _UNSPACED for code in range(first, last + 1)}
    marks, letters = _Ranges(), _Ranges()
    for code in chain(range(0x20000), range(0xE0000, 0xE0200)):  # there are none elsewhere
        character = chr(code)
        if code in alone:
            continue
        if unicodedata.category(character)[0] == "M":
            marks.add(code)
        elif character.isalnum() or character == "_":
            letters.add(code)
    return str(marks), str(letters)


class _Ranges:
    """Code points as ranges; added in ascending order."""

    def __init__(self) -> None:
        self.runs: list[list[int]] = []

    def add(self, code: int) -> None:
        if self.runs and self.runs[-1][1] == code - 1:
            self.runs[-1][1] = code
        else:
            self.runs.append([code, code])

    def __str__(self) -> str:
        return "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in self.runs)

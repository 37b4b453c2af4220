"""Documents made from a seed: the same text, spans and free places on every machine.

No Django here. Every offset is in code points.
"""

import re
from dataclasses import dataclass, replace
from random import Random

from annotations.domain.checks import warnings
from annotations.domain.extents import Extent

# A few with accents and one beyond the BMP, so that no shortcut through UTF-16 looks fast.
_WORDS = (
    "harbour council bridge winter ministry letter farmer protest budget river evening railway "
    "border village hospital teacher engine market forest captain promise island factory shelter "
    "signal harvest kitchen office window garden journal witness treaty railing copper timber "
    "naïve café señor façade 🌾 old quiet northern costly public broken early narrow steady late "
    "repaired opened counted promised denied carried measured followed doubled lost returned "
    "under behind after before without against between along near the the the a a of of to in "
    "and and but while because"
).split()
_SPEAKERS = "the miller,the mayor,a resident,the ministry,an engineer,two witnesses".split(",")
_PARAGRAPH = (300, 500)  # code points, about
_QUOTED = 0.3  # of all sentences
_SENTENCE = re.compile(r"[^\s.][^.\n]*\.")
_QUOTATION = re.compile(r"“[^”\n]+”")
_WORD = re.compile(r"\w+")
# How many of the spans are of which shape; the rest are runs of words, anywhere.
_PARAGRAPHS, _SENTENCES, _QUOTATIONS = 0.04, 0.25, 0.10


@dataclass(frozen=True, slots=True)
class Mark:
    """Words and what they are said to be; label: a label's slug."""

    label: str
    extent: Extent


@dataclass(frozen=True, slots=True)
class Document:
    """A text, the spans in it, and places where no span lies exactly, spread over the text.

    Within one document no two marks have the same label and extent.
    """

    text: str
    marks: tuple[Mark, ...]
    free: tuple[Extent, ...]


def make_document(*, seed: int, length: int, spans: int, free: int = 50) -> Document:
    """A text of exactly `length` code points with `spans` marks and `free` free places.

    The same seed and length give the same text, however many spans it is to have. Whole
    paragraphs, sentences, quotations and runs of words are marked: spans nest and overlap.
    Raises ValueError if the text is too short for so many.
    """
    text = _text(Random(seed), length)
    chance = Random(f"{seed} {spans}")
    marks = _marks(chance, text, spans)
    return Document(text, marks, _free(chance, text, free, {mark.extent for mark in marks}))


def make_approvable(*, seed: int, length: int, spans: int) -> Document:
    """A document with `spans` marks in reading order, of which a reviewer is warned of nothing."""
    document = make_document(seed=seed, length=length, spans=spans * 2, free=1)
    text = document.text
    fit = [mark for mark in document.marks if not warnings(text, mark.label, mark.extent)][:spans]
    if len(fit) < spans:
        raise ValueError(f"the text has but {len(fit)} such marks")
    return replace(document, marks=tuple(sorted(fit, key=lambda mark: mark.extent)))


def _text(chance: Random, length: int) -> str:
    paragraphs, sum_of = [], 0
    while sum_of < length:
        paragraphs.append(_paragraph(chance))
        sum_of += len(paragraphs[-1]) + 2
    # Cut to measure: the last word is drawn out so that the text ends with it and a full stop.
    cut = "\n\n".join(paragraphs)[: length - 1].rstrip(" \n“”.,")
    return cut.ljust(length - 1, "e") + "."


def _paragraph(chance: Random) -> str:
    sentences: list[str] = []
    size = chance.randint(*_PARAGRAPH)
    while sum(map(len, sentences)) < size:
        sentences.append(_sentence(chance))
    return " ".join(sentences)


def _sentence(chance: Random) -> str:
    words = " ".join(chance.choices(_WORDS, k=chance.randint(6, 18)))
    if chance.random() < _QUOTED:
        said = " ".join(chance.choices(_WORDS, k=chance.randint(3, 8)))
        return f"“{words.capitalize()},” said {chance.choice(_SPEAKERS)}, {said}."
    return f"{words.capitalize()}."


def _marks(chance: Random, text: str, wanted: int) -> tuple[Mark, ...]:
    """`wanted` different marks, in the order in which somebody might have made them."""
    found: dict[Mark, None] = {}
    for label, shape, share in (
        ("boilerplate", re.compile(r"[^\n]+"), _PARAGRAPHS),
        ("claim", _SENTENCE, _SENTENCES),
        ("quote", _QUOTATION, _QUOTATIONS),
    ):
        places = [Extent(*match.span()) for match in shape.finditer(text)]
        number = min(round(wanted * share), len(places))
        found |= dict.fromkeys(Mark(label, place) for place in chance.sample(places, number))
    tries = 0
    while len(found) < wanted:
        if (tries := tries + 1) > 20 * wanted:
            raise ValueError(f"no room for {wanted} spans in {len(text)} characters")
        label = chance.choice(("claim", "quote", "boilerplate"))
        if (place := _run(chance, text, chance.randrange(len(text)))) is not None:
            found[Mark(label, place)] = None
    marks = list(found)
    chance.shuffle(marks)
    return tuple(marks)


def _free(chance: Random, text: str, wanted: int, taken: set[Extent]) -> tuple[Extent, ...]:
    """Runs of words nobody marked, one from each stretch of the text, in shuffled order."""
    stretch = len(text) // wanted
    free: list[Extent] = []
    for number in range(wanted):
        place = None
        while place is None or place in taken:
            place = _run(chance, text, number * stretch + chance.randrange(stretch))
        free.append(place)
        taken.add(place)
    chance.shuffle(free)
    return tuple(free)


def _run(chance: Random, text: str, near: int) -> Extent | None:
    """Two to six whole words of the paragraph around `near`, or None if it has too few."""
    start = text.rfind("\n", 0, near) + 1
    end = text.find("\n", near)
    words = list(_WORD.finditer(text, start, len(text) if end < 0 else end))
    if len(words) < 8:  # so that a run is never the whole paragraph
        return None
    first = chance.randrange(len(words) - 6)
    return Extent(words[first].start(), words[first + chance.randint(1, 5)].end())

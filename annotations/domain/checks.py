"""Checks: what a reviewer is warned of before approving a span. Errors block; these do not."""

from collections.abc import Iterable
from enum import StrEnum

from annotations.domain.edges import cuts_word
from annotations.domain.extents import Extent, trim
from annotations.domain.units import closed_quotations


class Concern(StrEnum):
    """What a warning is about, in the order in which they are told."""

    UNBALANCED_QUOTES = "unbalanced_quotes"
    CUTS_WORD = "cuts_word"
    CROSSES_BOILERPLATE = "crosses_boilerplate"
    BOILERPLATE_ELSEWHERE = "boilerplate_elsewhere"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Concern.UNBALANCED_QUOTES: "It takes only one of two quotation marks that belong together.",
    Concern.CUTS_WORD: "It starts or ends in the middle of a word.",
    Concern.CROSSES_BOILERPLATE: "It lies partly in boilerplate and partly outside.",
    Concern.BOILERPLATE_ELSEWHERE: "The same words are marked as boilerplate elsewhere.",
}


def warnings(
    text: str,
    label: str,
    extent: Extent,
    boilerplate: Iterable[Extent] = (),
    boilerplate_elsewhere: bool = False,
) -> list[Concern]:
    """What may be wrong with the span of `label` at `extent`, in the order of Concern.

    text: the article's. boilerplate: the live boilerplate spans of the same article.
    boilerplate_elsewhere: whether the same folded text is boilerplate in some other place.
    White space at the edges of a span counts for nothing. Never raises: an extent that
    check_extent refuses is an error, told elsewhere. Of the text only the paragraphs that the
    span touches are read.
    """
    words = trim(text, extent)
    holds = {
        Concern.UNBALANCED_QUOTES: _breaks_quotation(text, words),
        Concern.CUTS_WORD: cuts_word(text, extent.start) or cuts_word(text, extent.end),
        Concern.CROSSES_BOILERPLATE: label == "quote"
        and any(_crosses(words, trim(text, each)) for each in boilerplate),
        Concern.BOILERPLATE_ELSEWHERE: label != "boilerplate" and boilerplate_elsewhere,
    }
    return [concern for concern in Concern if holds[concern]]


def _breaks_quotation(text: str, words: Extent) -> bool:
    """Whether one end of `words` lies inside a quotation of `text` and the other does not.

    It is the text's marks that count, not those among the words: an apostrophe is none, nor is
    one that the text itself leaves open. With neither mark, a claim in a quotation is right;
    with the first alone, so is a paragraph of speech that only a later one closes.
    """
    return any(_tears(words, parts) for parts in closed_quotations(text, words))


def _tears(words: Extent, parts: list[Extent]) -> bool:
    """Whether `words` have one end in a quotation. parts: its own, one a paragraph, in order."""
    starts_inside = any(part.start < words.start < part.end for part in parts)
    ends_inside = words.end < parts[-1].end
    return parts[-1].start < words.end and starts_inside != ends_inside


def _crosses(one: Extent, other: Extent) -> bool:
    """Whether they share words and each has some that the other has not."""
    return one.overlaps(other) and not (one.covers(other) or other.covers(one))

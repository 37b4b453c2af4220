"""A text as paragraphs of flat segments: what a page draws."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from annotations.domain.extents import Extent

_PARAGRAPH = re.compile(r"\n*[^\n]+\n*|\n+\Z")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text over which the same spans lie.

    spans: their ids, the longest first, so that the shortest is drawn nearest the text.
    """

    text: str
    spans: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of an article.

    number: from 0, in reading order. extent: the paragraph with its line ends; all the
    paragraphs' extents joined are the whole text. words: the extent without those line ends.
    """

    number: int
    extent: Extent
    words: Extent


def paragraphs(text: str) -> list[Paragraph]:
    """Cut `text` at its line ends, blank lines going with the paragraph before them.

    Blank lines at the very start go with the first. Only LF ends a line: U+2028, U+0085 and
    the like are characters as any other. A text of line ends alone is one paragraph.
    """
    found = []
    for number, match in enumerate(_PARAGRAPH.finditer(text)):
        run = match.group()
        start = match.start() + len(run) - len(run.lstrip("\n"))
        words = Extent(start, start + len(run.strip("\n")))
        found.append(Paragraph(number, Extent(match.start(), match.end()), words))
    return found


def cut(text: str, extents: Mapping[int, Extent]) -> list[Segment]:
    """Cut `text` at every span edge, so that overlapping spans never nest.

    extents: span id -> extent within `text`.
    Returns segments in reading order; joined, their texts are `text`. Each carries the ids of
    the spans over it, the longest first. Raises ValueError if an extent is
    empty or passes an end.
    """
    starts, ends = defaultdict(list), defaultdict(list)
    for span_id, extent in extents.items():
        if not 0 <= extent.start < extent.end <= len(text):
            raise ValueError(
                f"span {span_id} lies at {extent.start}–{extent.end}, text ends at {len(text)}"
            )
        starts[extent.start].append(span_id)
        ends[extent.end].append(span_id)

    def drawn(span_id: int) -> tuple[int, int, int]:
        return (-len(extents[span_id]), extents[span_id].start, span_id)

    segments: list[Segment] = []
    live: set[int] = set()
    # A sweep over the edges: the cost grows with the spans, not with the spans squared.
    for start, end in pairwise(sorted({0, len(text), *starts, *ends})):
        live.difference_update(ends[start])
        live.update(starts[start])
        segments.append(Segment(text[start:end], tuple(sorted(live, key=drawn))))
    return segments


def cut_paragraph(
    text: str, paragraph: Paragraph, extents: Mapping[int, Extent]
) -> tuple[list[Segment], str]:
    """The segments of a paragraph's words, and the line ends that follow (and go before) them.

    extents: of spans that overlap the paragraph, in the whole article's code points; what of
    them lies outside the paragraph is cut off. Leading line ends are part of the first segment.
    """
    frame = Extent(paragraph.extent.start, paragraph.words.end)
    inside = {
        span_id: Extent(
            max(extent.start, frame.start) - frame.start, min(extent.end, frame.end) - frame.start
        )
        for span_id, extent in extents.items()
        if extent.overlaps(frame)
    }
    return cut(frame.of(text), inside), text[frame.end : paragraph.extent.end]

"""Where else in its article a span's words stand and are not marked yet."""

from collections import defaultdict
from dataclasses import dataclass

from annotations import permissions
from annotations.domain.excerpts import beginning, ending
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import LIVE, RESTING, ArticleState, State, Who
from annotations.domain.occurrences import elsewhere
from annotations.domain.refusals import NotPermitted
from annotations.models import Span
from annotations.permissions import Viewer

CONTEXT = 40  # code points to each side


@dataclass(frozen=True, slots=True)
class Place:
    """A place where a span's words stand, too.

    before, after: the text next to it, about 40 code points, cut between words. labels: the names
    of other labels that live spans at this very extent have.
    """

    extent: Extent
    before: str
    after: str
    labels: tuple[str, ...]


def others_like(span: Span) -> list[Place]:
    """Where else the span's words stand, in reading order, save where its label is on them.

    In one statement; the span brings its article along.
    """
    text = span.article.text
    marked = defaultdict(list)
    live = span.article.spans.filter(layer=None, state__in=LIVE, text=span.text)
    for start, label_id, name in live.order_by("pk").values_list(
        "start", "label_id", "label__name"
    ):
        marked[start].append((label_id, name))
    return [
        _place(text, extent, tuple(name for _, name in marked[extent.start]))
        for extent in elsewhere(text, span.extent)
        if span.label_id not in (label_id for label_id, _ in marked[extent.start])
    ]


def why_not(span: Span, viewer: Viewer) -> str:
    """Why this viewer may not mark others like the span now, or nothing."""
    article_state, state = ArticleState(span.article.state), State(span.state)
    if article_state in RESTING:
        return f"This article is {article_state.words}, so its spans rest."
    if state not in LIVE:
        return f"This span is {state.words}, so no others are marked like it."
    try:
        permissions.check_span(Who.ANNOTATOR, viewer, None)
    except NotPermitted as refusal:
        return str(refusal)
    return ""


def _place(text: str, extent: Extent, labels: tuple[str, ...]) -> Place:
    # One more than is shown tells whether that is all there is.
    before = text[max(extent.start - CONTEXT - 1, 0) : extent.start]
    after = text[extent.end : extent.end + CONTEXT + 1]
    return Place(extent, ending(before, CONTEXT), beginning(after, CONTEXT), labels)

"""What the desk draws: an article's paragraphs with the spans over them, and one span's panel."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from annotations import permissions
from annotations.domain.attributes import Attribute, missing
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import LIVE, UNSETTLED, State
from annotations.domain.segments import Paragraph, cut_paragraph, paragraphs
from annotations.models import Article, Label, Span
from annotations.permissions import Viewer

# Drawn in the text; the others stand only in the list.
DRAWN = LIVE
PEOPLE = ("author", "last_editor", "decided_by")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A stretch of text under the same spans, the longest first."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class DrawnParagraph:
    """A paragraph as the page draws it.

    start: its first code point in the article. segments: its words. ends: its line ends; the
    segments' texts and `ends` joined are the paragraph. bars: spans over all of its words,
    drawn in the margin and not in the segments. rows: the spans that start in it, withdrawn
    ones, too, in reading order, each with the names of what it still lacks before approval.
    """

    number: int
    start: int
    segments: tuple[Drawn, ...]
    ends: str
    bars: tuple[Span, ...]
    rows: tuple[tuple[Span, str], ...]


def article(slug: str) -> Article:
    """The article with its outlet and story. Raises Article.DoesNotExist."""
    return Article.objects.select_related("outlet", "story", "submitted_by", "reviewed_by").get(
        slug=slug
    )


def labels() -> QuerySet[Label]:
    """The labels in use, with their attributes and choices."""
    return _with_attributes(Label.objects.filter(archived=False))


def drawn(article: Article, near: Iterable[Extent] | None = None) -> list[DrawnParagraph]:
    """The article's paragraphs in reading order; with `near`, only those it touches.

    The cost grows with the spans over the paragraphs that are drawn, not with the article's.
    """
    whole = paragraphs(article.text)
    if near is None:
        return _draw(article, whole, _spans(article))
    places = list(near)
    touched = [
        paragraph
        for paragraph in whole
        if any(paragraph.extent.overlaps(place) for place in places)
    ]
    return _draw(article, touched, _spans(article).filter(_over(touched)))


def span(uid: UUID) -> Span:
    """One span with all that its panel shows. Raises Span.DoesNotExist."""
    return (
        Span.objects.select_related(*PEOPLE, "label", "article__outlet", "article__story")
        .prefetch_related("label__attributes__choices", "label__attributes__unless_attribute")
        .get(uid=uid)
    )


def progress(article: Article) -> dict[str, int]:
    """How many of the article's spans are in each state; states without any are left out."""
    states = article.spans.order_by().values_list("state", flat=True)
    counted = Counter(states)
    return {state.value: counted[state] for state in State if counted[state]}


def allowed(span: Span, viewer: Viewer) -> dict[str, str]:
    """What the life cycle allows on the span: action -> "" or why this viewer may not."""
    return {action.value: why for action, why in permissions.allowed_on_span(span, viewer).items()}


def _with_attributes(labels: QuerySet[Label]) -> QuerySet[Label]:
    return labels.prefetch_related("attributes__choices", "attributes__unless_attribute")


def _spans(article: Article) -> QuerySet[Span]:
    shared = article.spans.filter(layer=None)
    return shared.select_related(*PEOPLE, "label").order_by("start", "-end", "pk")


def _over(touched: Sequence[Paragraph]) -> Q:
    """Spans that overlap one of the paragraphs."""
    over = Q(pk=None)
    for paragraph in touched:
        over |= Q(start__lt=paragraph.extent.end, end__gt=paragraph.extent.start)
    return over


def _draw(
    article: Article, chosen: Sequence[Paragraph], spans: Iterable[Span]
) -> list[DrawnParagraph]:
    """Draw the chosen paragraphs; spans: all that overlap them, in reading order."""
    asked = {
        label.pk: [attribute.spec for attribute in label.attributes.all()]
        for label in _with_attributes(Label.objects.all())
    }
    starts = [paragraph.extent.start for paragraph in chosen]
    buckets: list[list[Span]] = [[] for _ in chosen]
    for span in spans:
        first = max(bisect_right(starts, span.start) - 1, 0)
        for at in range(first, bisect_left(starts, span.end)):
            if chosen[at].extent.overlaps(span.extent):
                buckets[at].append(span)
    return [
        _draw_one(article.text, paragraph, over, asked)
        for paragraph, over in zip(chosen, buckets, strict=True)
    ]


def _lacking(span: Span, asked: Mapping[int, list[Attribute]]) -> str:
    if State(span.state) not in UNSETTLED:
        return ""
    return ", ".join(
        attribute.name.lower() for attribute in missing(asked[span.label_id], span.attributes)
    )


def _draw_one(
    text: str, paragraph: Paragraph, over: Sequence[Span], asked: Mapping[int, list[Attribute]]
) -> DrawnParagraph:
    shown = [span for span in over if span.state in DRAWN]
    bars = tuple(span for span in shown if span.extent.covers(paragraph.words))
    lines = {span.pk: span for span in shown if span not in bars}
    segments, ends = cut_paragraph(text, paragraph, {pk: span.extent for pk, span in lines.items()})
    return DrawnParagraph(
        number=paragraph.number,
        start=paragraph.extent.start,
        segments=tuple(
            Drawn(segment.text, tuple(lines[pk] for pk in segment.spans)) for segment in segments
        ),
        ends=ends,
        bars=bars,
        rows=tuple(
            (span, _lacking(span, asked)) for span in over if paragraph.extent.start <= span.start
        ),
    )

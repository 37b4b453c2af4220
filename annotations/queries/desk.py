"""What the desk draws: an article's paragraphs with the spans over them, and one span's panel."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Prefetch, Q, Subquery
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from annotations import permissions
from annotations.domain import units as domain_units
from annotations.domain.attributes import Attribute, Kind, missing
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import LIVE, UNSETTLED, Action, State
from annotations.domain.segments import Paragraph, cut_paragraph, paragraphs
from annotations.domain.units import Units
from annotations.models import Article, Event, Label, LabelAttribute, Span
from annotations.permissions import Viewer
from annotations.queries.comments import open_counts

PEOPLE = ("author", "last_editor", "decided_by")
COMPLETIONS = 50
RECENT = 50  # deeds that are looked through for the last attributes
# By which a person gives a span its attributes; who only approves them has not.
GIVING = (Action.PROPOSE, Action.ACCEPT, Action.EDIT, Action.AMEND)
PLACES = 100  # asked for one by one: SQLite takes no condition nested over 1,000 deep
_VERSION = re.compile(r"[0-9]{1,18}\.([0-9]{1,18})\.([0-9-]{1,80})", re.ASCII)
# What changes with every word about an article: said, resolved, opened again, taken back.
TALK = {
    "said": Count("comments"),
    "resolved": Count("comments__resolved_at"),
    "resolved_last": Max("comments__resolved_at"),
    "taken_back": Count("comments__withdrawn_at"),
}


class ShownSpan(NamedTuple):
    """A span as far as the text and the list show it. Not a model: a page may have thousands."""

    pk: int
    uid: UUID
    start: int
    end: int
    text: str
    label: Label
    state: str
    amended: bool
    revision: int
    attributes: dict[str, Any]

    @property
    def extent(self) -> Extent:
        return Extent(self.start, self.end)


class Row(NamedTuple):
    """A span in the list, with the names of what it lacks before approval and its open threads."""

    span: ShownSpan
    lacking: str
    threads: int


LABEL = ShownSpan._fields.index("label")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A stretch of text under the same spans, the longest first."""

    text: str
    spans: tuple[ShownSpan, ...]


@dataclass(frozen=True, slots=True)
class DrawnParagraph:
    """A paragraph as the page draws it.

    start, end: its code points in the article. segments: its words. ends: its line ends; the
    segments' texts and `ends` joined are the paragraph. bars: spans over all of its words,
    drawn in the margin and not in the segments. rows: the spans that start in it, withdrawn
    ones, too, in reading order, each with the names of what it still lacks before approval.
    """

    number: int
    start: int
    end: int
    segments: tuple[Drawn, ...]
    ends: str
    bars: tuple[ShownSpan, ...]
    rows: tuple[Row, ...]


def article(slug: str) -> Article:
    """The article with its outlet and story. Raises Article.DoesNotExist."""
    return Article.objects.select_related("outlet", "story", "submitted_by", "reviewed_by").get(
        slug=slug
    )


def every_label(*, choices: bool = True) -> dict[int, Label]:
    """All labels, archived ones, too, with their attributes: id -> label, in order.

    choices: with what their attributes offer, which forms need.
    """
    attributes = LabelAttribute.objects.select_related("unless_attribute")
    if choices:
        attributes = attributes.prefetch_related("choices")
    asked = Prefetch("attributes", attributes)
    return {label.pk: label for label in Label.objects.prefetch_related(asked)}


def labels(every: Mapping[int, Label] | None = None) -> list[Label]:
    """The labels in use, with their attributes and choices; every: all of them, if at hand."""
    known = every_label() if every is None else every
    return [label for label in known.values() if not label.archived]


def drawn(
    article: Article,
    near: Iterable[Extent] | None = None,
    every: Mapping[int, Label] | None = None,
    *,
    threads: bool = True,
) -> list[DrawnParagraph]:
    """The article's paragraphs in reading order; with `near`, only those it touches.

    every: all labels by id, if they are at hand. threads: whether the rows are to tell of open
    ones. The cost grows with the spans over the paragraphs that are drawn, not with the article's.
    """
    chosen = paragraphs(article.text)
    over = Q()
    if near is not None:
        places = list(near)
        chosen = [each for each in chosen if any(each.extent.overlaps(place) for place in places)]
        over = _over(chosen)
    known = every_label(choices=False) if every is None else every
    counts = open_counts(article) if threads else {}
    return _draw(article, chosen, _shown(article, over, known), counts)


def span(uid: UUID, every: Mapping[int, Label] | None = None) -> Span:
    """One span with all that its panel shows. Raises Span.DoesNotExist.

    every: all labels by id, if they are at hand.
    """
    span = Span.objects.select_related(*PEOPLE, "article__outlet", "article__story").get(uid=uid)
    span.label = (every_label() if every is None else every)[span.label_id]
    return span


def progress(article: Article) -> dict[str, int]:
    """How many of the article's spans are in each state; states without any are left out."""
    states = article.spans.filter(layer=None).order_by().values("state").annotate(times=Count("pk"))
    counted = {row["state"]: row["times"] for row in states}
    return {state.value: counted[state] for state in State if counted.get(state)}


@lru_cache(maxsize=32)  # a text never changes
def units(text: str, language: str) -> Units:
    """The sentences, paragraphs and quotations of an article's text, for keys to walk."""
    return domain_units.units(text, language)


def said_before(article: Article) -> dict[str, list[str]]:
    """What the story's live spans hold in their fields of words: attribute key -> values.

    The most frequent first, at most COMPLETIONS of them; of an article without a story, its own.
    """
    story = {"article__story": article.story_id} if article.story_id else {"article": article.pk}
    asked = LabelAttribute.objects.filter(
        kind__in=[Kind.TEXT, Kind.ANCHORED], label__archived=False
    )
    kinds = set(asked.values_list("key", "kind"))
    said: dict[str, list[str]] = {key: [] for key, _ in sorted(kinds)}
    for key, kind in sorted(kinds):  # two labels may share a key, even with different kinds
        said[key] += _said(key, Kind(kind), story)
    return said


def _said(key: str, kind: Kind, story: dict[str, int]) -> list[str]:
    """What spans hold under that key, of the labels that ask for it as that kind."""
    inner = KeyTransform(key, "attributes") if kind is Kind.ANCHORED else "attributes"
    said = (
        Span.objects.filter(**story, layer=None, state__in=LIVE)
        .filter(label__archived=False, label__attributes__key=key, label__attributes__kind=kind)
        .order_by()
        .annotate(said=KeyTextTransform("value" if kind is Kind.ANCHORED else key, inner))
        .filter(said__isnull=False)
        .values_list("said")
        .annotate(times=Count("pk"))
        .order_by("-times", "said")
    )
    return [value for value, _ in said[:COMPLETIONS]]


def last_like(span: Span, viewer: Viewer) -> dict[str, Any]:
    """The attributes this viewer last gave to another span of the same label; none: empty.

    Places in another article's text say nothing of this one's, so they are left out.
    """
    theirs = Event.objects.filter(
        deed__actor=viewer.pk, action__in=GIVING, span__label=span.label_id
    )
    filled = theirs.exclude(span=span).exclude(after__attributes={}).order_by("-pk")
    event = next(filter(_gave, filled.filter(after__label_id=span.label_id)[:RECENT]), None)
    if event is None:
        return {}
    attributes: dict[str, Any] = dict(event.after["attributes"])
    if event.article_id == span.article_id:
        return attributes
    return {
        key: {**value, "start": None, "end": None} if isinstance(value, dict) else value
        for key, value in attributes.items()
    }


def _gave(event: Event) -> bool:
    """Whether the event changed the attributes, and not just something else of the span."""
    return bool((event.before or {}).get("attributes") != event.after["attributes"])


def version(slug: str) -> str | None:
    """What changes with every deed on the article and every word about it.

    "<revision>.<id of its latest event>.<talk>"
    """
    latest = Event.objects.filter(article=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    found = Article.objects.filter(slug=slug).order_by()
    # Of the article only what is asked for: a database would else group by its text.
    row = next(iter(found.values("revision").annotate(event=Subquery(latest), **TALK)), None)
    return f"{row['revision']}.{row['event'] or 0}.{_talk(row)}" if row else None


def _talk(row: Mapping[str, Any]) -> str:
    at = row["resolved_last"]
    moment = f"{at:%Y%m%d%H%M%S%f}" if at else "0"
    return f"{row['said']}-{row['resolved']}-{row['taken_back']}-{moment}"


@dataclass(frozen=True, slots=True)
class Since:
    """Where spans, or the talk on them, changed; talked: whether anything was said at all."""

    near: list[Extent]
    talked: bool


def changed_since(article: Article, version: str) -> Since:
    """What changed after that version of the article; all of it for a strange one."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return Since([Extent(0, len(article.text))], talked=True)
    later = Event.objects.filter(article=article, span__isnull=False, pk__gt=int(match[1]))
    rows = [row for event in later for row in (event.before, event.after) if row]
    near = [Extent(row["start"], row["end"]) for row in rows]
    talked = _talk(Article.objects.filter(pk=article.pk).aggregate(**TALK)) != match[2]
    if talked:  # the rows count what is open on their spans
        spoken_of = article.spans.filter(layer=None, comments__isnull=False).distinct()
        near += [Extent(*places) for places in spoken_of.order_by("pk").values_list("start", "end")]
    return Since(near, talked)


def allowed(span: Span, viewer: Viewer) -> dict[str, str]:
    """What the life cycle allows on the span: action -> "" or why this viewer may not."""
    return {action.value: why for action, why in permissions.allowed_on_span(span, viewer).items()}


def _shown(article: Article, over: Q, labels: Mapping[int, Label]) -> list[ShownSpan]:
    """The article's spans of the shared layer that lie `over`, in reading order."""
    spans = article.spans.filter(over, layer=None).order_by("start", "-end", "pk")
    columns = [{"label": "label_id"}.get(name, name) for name in ShownSpan._fields]
    return [
        ShownSpan._make([*row[:LABEL], labels[row[LABEL]], *row[LABEL + 1 :]])
        for row in spans.values_list(*columns)
    ]


def _over(touched: Sequence[Paragraph]) -> Q:
    """Spans that overlap one of the paragraphs; of very many, or what lies between them."""
    if len(touched) > PLACES:
        return Q(start__lt=touched[-1].extent.end, end__gt=touched[0].extent.start)
    over = Q(pk=None)
    for paragraph in touched:
        over |= Q(start__lt=paragraph.extent.end, end__gt=paragraph.extent.start)
    return over


def _draw(
    article: Article,
    chosen: Sequence[Paragraph],
    spans: Iterable[ShownSpan],
    threads: Mapping[int, int],
) -> list[DrawnParagraph]:
    """Draw the chosen paragraphs; spans: all that overlap them, in reading order."""
    starts = [paragraph.extent.start for paragraph in chosen]
    buckets: list[list[ShownSpan]] = [[] for _ in chosen]
    for span in spans:
        first = max(bisect_right(starts, span.start) - 1, 0)
        for at in range(first, bisect_left(starts, span.end)):
            if chosen[at].extent.overlaps(span.extent):
                buckets[at].append(span)
    asked: dict[int, list[Attribute]] = {}
    return [
        _draw_one(article.text, paragraph, over, asked, threads)
        for paragraph, over in zip(chosen, buckets, strict=True)
    ]


def _lacking(span: ShownSpan, asked: dict[int, list[Attribute]]) -> str:
    """What it still needs before approval; asked: what each label asks for, once looked up."""
    if span.state not in UNSETTLED:
        return ""
    label = span.label
    if label.pk not in asked:
        asked[label.pk] = [attribute.requirement for attribute in label.attributes.all()]
    lacking = missing(asked[label.pk], span.attributes)
    return ", ".join(attribute.name.lower() for attribute in lacking)


def _draw_one(
    text: str,
    paragraph: Paragraph,
    over: Sequence[ShownSpan],
    asked: dict[int, list[Attribute]],
    threads: Mapping[int, int],
) -> DrawnParagraph:
    shown = [span for span in over if span.state in LIVE]
    bars = tuple(span for span in shown if span.extent.covers(paragraph.words))
    lines = {span.pk: span for span in shown if span not in bars}
    segments, ends = cut_paragraph(text, paragraph, {pk: span.extent for pk, span in lines.items()})
    return DrawnParagraph(
        number=paragraph.number,
        start=paragraph.extent.start,
        end=paragraph.extent.end,
        segments=tuple(
            Drawn(segment.text, tuple(lines[pk] for pk in segment.spans)) for segment in segments
        ),
        ends=ends,
        bars=bars,
        rows=tuple(
            Row(span, _lacking(span, asked), threads.get(span.pk, 0))
            for span in over
            if paragraph.extent.start <= span.start
        ),
    )

"""Corrections: what comes along when one article replaces another, and what came along.

Both from the two texts and the spans of the old one, which rest from then on: nothing of it is
stored twice.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Q

from annotations.domain.attributes import Kind, fitting
from annotations.domain.carrying import Fate, fates, moves_along
from annotations.domain.diffs import Run
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import LIVE, ArticleState, State
from annotations.domain.rewriting import Block, around, moved, rewritten
from annotations.domain.segments import paragraphs
from annotations.models import Article, Span
from annotations.queries.desk import every_label

CARRIED = "carried:"  # and the uid of the span it was: the origin of what came along
LISTED = 200  # spans that are listed; the others are counted
TWICE = "The same words came along from another span of this label."
ARCHIVED = "Its label is not in use any more."


class Coming(NamedTuple):
    """A span of the old article and what is suggested for it in the new text.

    unplaced: names of attributes that keep their value and lose where it stands.
    """

    span: Span
    extent: Extent
    attributes: dict[str, Any]
    unplaced: tuple[str, ...]


class Staying(NamedTuple):
    """A span that is not carried, and the sentence why; place: where its words stand, if once."""

    span: Span
    why: str
    place: Extent | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What comes along and what does not, in reading order; settled: the others, counted."""

    coming: list[Coming]
    staying: list[Staying]
    settled: dict[State, int]


class Listed(NamedTuple):
    """A span that did not come along, to be read. paragraph: where to look in the new text."""

    staying: Staying
    around: list[Run]
    paragraph: int


@dataclass(frozen=True, slots=True)
class Correction:
    """An article beside the text that replaces it.

    listed: of those that do not come along as many as are shown. came: what came along, by its
    origin, once the new article is here.
    """

    old: Article
    blocks: list[Block]
    plan: Plan
    listed: list[Listed]
    came: Mapping[str, Span]

    @property
    def changes(self) -> int:
        """How many places of the text changed."""
        return sum(block.changed for block in self.blocks)

    @property
    def carried(self) -> list[tuple[Coming, Span | None]]:
        """What comes along, as far as it is listed, each with what came of it."""
        return [(each, self.came.get(origin_of(each.span))) for each in self.plan.coming[:LISTED]]

    @property
    def unlisted(self) -> tuple[int, int]:
        """How many more come along, and how many more do not, than are listed."""
        return len(self.plan.coming[LISTED:]), len(self.plan.staying[LISTED:])


class Told(NamedTuple):
    """The article that an article replaces, or that replaces it, and how many spans came along."""

    article: Article
    carried: int
    left: int


def origin_of(span: Span) -> str:
    """The origin of what comes along of this span."""
    return f"{CARRIED}{span.uid}"


def plan(old: Article, text: str, came: Mapping[str, Span] | None = None) -> Plan:
    """What of the article's spans comes along into the text that replaces its own.

    Its live spans do, whatever their state, where words and context stand once (domain.carrying);
    what was rejected, dismissed or withdrawn stays settled and behind. An anchored value moves
    with its span if it stands within that one's context, else by the same rule, else it loses its
    place. came: what did come along, by its origin, once it did. In four statements.
    """
    labels = every_label()
    spans = list(
        old.spans.filter(layer=None)
        .select_related("author", "last_editor", "decided_by")
        .order_by("start", "-end", "pk")
    )
    live = [span for span in spans if span.state in LIVE]
    for span in live:
        span.article, span.label = old, labels[span.label_id]
    found = fates(old.text, text, _places(live))
    coming: list[Coming] = []
    staying: list[Staying] = []
    taken: set[tuple[int, Extent]] = set()
    for span in live:
        place, why = found[span.extent].place, found[span.extent].why
        unused = span.label.archived if came is None else origin_of(span) not in came
        if why is not None:
            staying.append(Staying(span, why.sentence, place))
        elif place is None or (span.label_id, place) in taken:
            staying.append(Staying(span, TWICE, place))
        elif unused:
            staying.append(Staying(span, ARCHIVED, place))
        else:
            taken.add((span.label_id, place))
            coming.append(_coming(span, place, found, text))
    resting = Counter(State(span.state) for span in spans if span.state not in LIVE)
    return Plan(coming, staying, {state: resting[state] for state in State if resting[state]})


def foreseen(old: Article, text: str) -> Correction:
    """What replacing the article by this text, as it is stored, would do; nothing is done."""
    return _compared(old, text, plan(old, text), {})


def correction(new: Article) -> Correction:
    """What came of the article that `new` replaces, which there must be."""
    assert new.replaces is not None
    carried = new.spans.filter(layer=None, origin__startswith=CARRIED)
    came = {span.origin: span for span in carried}
    return _compared(new.replaces, new.text, plan(new.replaces, new.text, came), came)


def told(article: Article) -> dict[str, Told | None]:
    """What an article's head says of corrections: what it `replaces`, what it is `replaced_by`.

    No statement for an article that neither replaces nor is replaced, else at most three.
    """
    found: dict[str, Told | None] = {"replaces": None, "replaced_by": None}
    if article.replaces_id is not None:
        found["replaces"] = _told(article.replaces_id, article)
    successor = _successor(article)
    if successor is not None:
        found["replaced_by"] = Told(successor, 0, 0)
    return found


def _successor(article: Article) -> Article | None:
    if article.state != ArticleState.SUPERSEDED:
        return None
    return Article.objects.defer("text").filter(replaces=article).first()


def _told(old: int, new: Article) -> Told:
    live = Q(article=old, layer=None, state__in=LIVE)
    came = Q(article=new, layer=None, origin__startswith=CARRIED)
    counted = Span.objects.filter(live | came).aggregate(
        live=Count("pk", filter=live), came=Count("pk", filter=came)
    )
    replaced = Article.objects.defer("text").get(pk=old)
    return Told(replaced, counted["came"], counted["live"] - counted["came"])


def _places(spans: Iterable[Span]) -> list[Extent]:
    """Where they stand, and where their anchored values do."""
    return [
        place
        for span in spans
        for place in (span.extent, *filter(None, map(_anchor, span.attributes.values())))
    ]


def _anchor(value: Any) -> Extent | None:
    if isinstance(value, Mapping) and value["start"] is not None:
        return Extent(value["start"], value["end"])
    return None


def _coming(span: Span, place: Extent, found: Mapping[Extent, Fate], text: str) -> Coming:
    moved = {key: _moved(span, place, value, found) for key, value in span.attributes.items()}
    asked = list(span.label.attributes.all())
    unplaced = tuple(
        attribute.name
        for attribute in asked
        if attribute.kind == Kind.ANCHORED
        and _anchor(span.attributes.get(attribute.key))
        and not _anchor(moved[attribute.key])
    )
    attributes = fitting([attribute.spec for attribute in asked], moved, text)
    return Coming(span, place, attributes, unplaced)


def _moved(span: Span, place: Extent, value: Any, found: Mapping[Extent, Fate]) -> Any:
    """The attribute's value as it stands in the new text: without a place where none is certain."""
    anchor = _anchor(value)
    if anchor is None:
        return value
    by = place.start - span.start
    fate = found[anchor]
    if moves_along(span.extent, anchor):
        return {**value, "start": anchor.start + by, "end": anchor.end + by}
    if fate.why is None and fate.place is not None:
        return {**value, "start": fate.place.start, "end": fate.place.end}
    return {**value, "start": None, "end": None}


def _compared(old: Article, text: str, plan: Plan, came: Mapping[str, Span]) -> Correction:
    blocks = rewritten(old.text, text)
    starts = [paragraph.extent.start for paragraph in paragraphs(text)]
    listed = [
        Listed(
            staying,
            around(blocks, staying.span.extent),
            bisect_right(starts, _where_to_look(staying, blocks)) - 1,
        )
        for staying in plan.staying[:LISTED]
    ]
    return Correction(old, blocks, plan, listed, came)


def _where_to_look(staying: Staying, blocks: Sequence[Block]) -> int:
    """The place in the new text where the span's words stand, or where they would."""
    return staying.place.start if staying.place else moved(blocks, staying.span.start)

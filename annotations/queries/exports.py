"""What an export takes along: which spans, of which articles, in which order.

Spans come by article slug, start, end, uid, slugs by code point on both databases. An article
without a chosen span comes along, too, where that says something: it was reviewed (nothing was
found in it), or it was asked for, by its slug or by its state.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, FilteredRelation, Q, QuerySet
from django.db.models.functions import Collate
from django.utils import timezone

from annotations.domain.lifecycle import RESTING, ArticleState, State
from annotations.domain.text import is_storable
from annotations.models import Article, Label, Outlet, Person, Span, Story
from annotations.queries._exported import ExportedArticle, ExportedSpan, read

__all__ = [
    "Counts",
    "ExportFilter",
    "ExportedArticle",
    "ExportedLabel",
    "ExportedSpan",
    "articles",
    "asked",
    "complaints",
    "counts",
    "labels",
]
ACTIVE = tuple(state for state in ArticleState if state not in RESTING)


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """What is chosen: values of states, slugs of all else; empty means all.

    article_states: empty means all but set aside and superseded. reviewers: usernames of who
    decided. decided_from, decided_until: days in the newsroom's time zone, both included; with
    either, only what was decided comes along.
    """

    states: tuple[str, ...] = (State.APPROVED.value,)
    labels: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    article_states: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    decided_from: date | None = None
    decided_until: date | None = None


class Counts(NamedTuple):
    """How many spans a filter takes along, and how many articles (lines of that format)."""

    spans: int
    articles: int


class ExportedLabel(NamedTuple):
    """A label as formats name it."""

    slug: str
    name: str


def complaints(chosen: ExportFilter) -> list[str]:
    """A sentence for each thing the filter names that does not exist; none if all do."""
    return [
        *_unknown("span state", chosen.states, map(str, State)),
        *_unknown("article state", chosen.article_states, map(str, ArticleState)),
        *_not_there("label", chosen.labels, Label.objects.all()),
        *_not_there("outlet", chosen.outlets, Outlet.objects.all()),
        *_not_there("story", chosen.stories, Story.objects.all()),
        *_not_there("article", chosen.articles, Article.objects.all()),
        *_not_there("reviewer", chosen.reviewers, Person.objects.all(), "username"),
        *_backwards(chosen),
    ]


def _backwards(chosen: ExportFilter) -> list[str]:
    first, last = chosen.decided_from, chosen.decided_until
    if first is None or last is None or first <= last:
        return []
    return [f"“Decided from” ({first}) is after “decided until” ({last})."]


def counts(chosen: ExportFilter, *, bare: bool = True) -> Counts:
    """How much the filter takes along: what the exports will hold; bare: see `articles`."""
    joined = _articles(chosen).alias(
        chosen=FilteredRelation("spans", condition=_of_spans(chosen, "spans__"))
    )
    # In one filter(): a second one over the spans would join them a second time.
    rows = joined.filter(Q(chosen__isnull=False) | Q(state__in=_alone(chosen, bare=bare)))
    found = rows.aggregate(spans=Count("chosen__pk"), articles=Count("pk", distinct=True))
    return Counts(found["spans"], found["articles"])


def labels(chosen: ExportFilter) -> list[ExportedLabel]:
    """The labels that may come up: those chosen, else all, archived ones, too; by slug."""
    rows = Label.objects.order_by("slug")
    if chosen.labels:
        rows = rows.filter(slug__in=chosen.labels)
    return [ExportedLabel(slug, name) for slug, name in rows.values_list("slug", "name")]


def articles(
    chosen: ExportFilter, *, bare: bool = True, pseudonyms: bool = False
) -> Iterator[tuple[ExportedArticle, list[ExportedSpan]]]:
    """The articles with their chosen spans, both in order, as of one moment.

    bare: those in which no span was chosen come along (see above). Use it up or close it.
    """
    alone = _alone(chosen, bare=bare)
    return read(*asked(chosen), alone=alone, pseudonyms=pseudonyms)


def asked(chosen: ExportFilter) -> tuple[QuerySet[Article], QuerySet[Span]]:
    """The articles in which spans are looked for, by slug; and the spans that are, in no order."""
    by_code_point = Collate("slug", "C" if connection.vendor == "postgresql" else "BINARY")
    return _articles(chosen).order_by(by_code_point), Span.objects.filter(_of_spans(chosen))


def _articles(chosen: ExportFilter) -> QuerySet[Article]:
    """Those in which spans are looked for."""
    rows = Article.objects.filter(state__in=chosen.article_states or ACTIVE)
    if chosen.outlets:
        rows = rows.filter(outlet__slug__in=chosen.outlets)
    if chosen.stories:
        rows = rows.filter(story__slug__in=chosen.stories)
    if chosen.articles:
        rows = rows.filter(slug__in=chosen.articles)
    return rows


def _of_spans(chosen: ExportFilter, of: str = "") -> Q:
    """Which spans of those articles are chosen; of: where they stand, seen from what is asked."""
    terms: dict[str, Any] = {}
    if chosen.states:
        terms["state__in"] = chosen.states
    if chosen.labels:
        terms["label_id__in"] = _keys(Label.objects.filter(slug__in=chosen.labels))
    if chosen.reviewers:
        terms["decided_by_id__in"] = _keys(Person.objects.filter(username__in=chosen.reviewers))
    if chosen.decided_from or chosen.decided_until:
        terms["decided_at__isnull"] = False
    # The first and the last day there are have no midnight before or after them.
    if chosen.decided_from and chosen.decided_from > date.min:
        terms["decided_at__gte"] = _midnight(chosen.decided_from)
    if chosen.decided_until and chosen.decided_until < date.max:
        terms["decided_at__lt"] = _midnight(chosen.decided_until + timedelta(days=1))
    return Q(**{f"{of}{name}": value for name, value in terms.items()})


def _keys(rows: QuerySet[Any]) -> list[int]:
    """Their ids; 0 if there are none: Django would answer with no article either."""
    return list(rows.values_list("pk", flat=True)) or [0]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def _alone(chosen: ExportFilter, *, bare: bool) -> tuple[str, ...]:
    """The states of articles that come along without a chosen span."""
    if not bare:
        return ()
    if chosen.articles or chosen.article_states:
        return chosen.article_states or ACTIVE
    return (ArticleState.REVIEWED.value,)


def _not_there(
    kind: str, names: Iterable[str], rows: QuerySet[Any], field: str = "slug"
) -> list[str]:
    sought = filter(is_storable, names)  # PostgreSQL raises at a NUL
    there = rows.filter(**{f"{field}__in": sought}).values_list(field, flat=True)
    return _unknown(kind, names, there)


def _unknown(kind: str, asked: Iterable[str], there: Iterable[str]) -> list[str]:
    known = set(there)
    return [f"There is no {kind} “{name[:50]}”." for name in asked if name not in known]

"""What an export takes along: which spans, of which articles, in which order.

Spans come by article slug, start, end, uid, slugs by code point on both databases. An article
without a chosen span comes along, too, where that says something: it was reviewed (nothing was
found in it), or it was asked for, by its slug or by its state.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby, islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, FilteredRelation, Q, QuerySet
from django.db.models.functions import Collate
from django.utils import timezone

from annotations.domain.lifecycle import RESTING, ArticleState, State
from annotations.domain.text import is_storable
from annotations.models import Article, Label, LabelAttribute, Outlet, Person, Span, Story
from annotations.queries._snapshot import snapshot

ACTIVE = tuple(state for state in ArticleState if state not in RESTING)
_ROWS_AT_ONCE = 500  # as many articles' texts may be in memory


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


class Choices(NamedTuple):
    """What a filter may name: (slug or value, name) pairs, as people read them."""

    states: list[tuple[str, str]]
    labels: list[tuple[str, str]]
    outlets: list[tuple[str, str]]
    stories: list[tuple[str, str]]
    articles: list[tuple[str, str]]
    article_states: list[tuple[str, str]]
    reviewers: list[tuple[str, str]]


class Counts(NamedTuple):
    """How many spans a filter takes along, and how many articles (lines of that format)."""

    spans: int
    articles: int


class ExportedLabel(NamedTuple):
    """A label as formats name it."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class ExportedArticle:
    """An article as it leaves; outlet, story and replaces are slugs, None where there is none."""

    slug: str
    outlet: str | None
    title: str
    url: str
    published_at: datetime | None
    language: str
    story: str | None
    state: str
    replaces: str | None
    text_sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class ExportedSpan:
    """A span as it leaves.

    attributes: every key that its label has, None where not filled. author, last_editor,
    decided_by: usernames or pseudonyms.
    """

    article: ExportedArticle
    uid: UUID
    label: str
    start: int
    end: int
    text: str
    attributes: dict[str, Any]
    state: str
    amended: bool
    revision: int
    origin: str
    author: str | None
    last_editor: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    guideline_revision: int | None
    text_group: str


_ARTICLE_COLUMNS = (
    "slug",
    "outlet__slug",
    "title",
    "url",
    "published_at",
    "language",
    "story__slug",
    "state",
    "replaces__slug",
    "text_sha256",
)
_SPAN_COLUMNS = (
    "uid",
    "label_id",  # its slug joined here would be another table before the span's own condition
    "start",
    "end",
    "text",
    "attributes",
    "state",
    "amended",
    "revision",
    "origin",
    "author_id",
    "last_editor_id",
    "decided_by_id",  # joined here for its name, it could not be asked for by the span's condition
    "decided_at",
    "reason",
    "guideline_revision",
    "text_group",
)
_HANDS = ("author_id", "last_editor_id", "decided_by_id")
_PLACE = ("start", "end", "uid")
_LABEL, _ATTRIBUTES = _SPAN_COLUMNS.index("label_id"), _SPAN_COLUMNS.index("attributes")
_PEOPLE = tuple(at for at, column in enumerate(_SPAN_COLUMNS) if column in _HANDS)


def choices() -> Choices:
    """Everything a filter may name."""
    return Choices(
        states=[(state.value, state.words) for state in State],
        labels=list(Label.objects.values_list("slug", "name")),
        outlets=list(Outlet.objects.values_list("slug", "name")),
        stories=list(Story.objects.values_list("slug", "title")),
        articles=list(Article.objects.values_list("slug", "title")),
        article_states=[(state.value, state.words) for state in ArticleState],
        reviewers=[
            (person.username, person.get_full_name() or person.username)
            for person in Person.objects.filter(pk__in=_deciders()).order_by("username")
        ],
    )


def _deciders() -> QuerySet[Any]:
    return Span.objects.order_by().filter(decided_by__isnull=False).values("decided_by").distinct()


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
    """How much the filter takes along: what the exports will hold; bare: as of `articles`."""
    found = _chosen(chosen, bare=bare).aggregate(
        spans=Count("chosen__pk"), articles=Count("pk", distinct=True)
    )
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

    bare: those in which no span was chosen come along (see above).
    """
    rows = _read(_chosen(chosen, bare=bare), pseudonyms)
    for _, run in groupby(rows, key=lambda row: row[0].slug):
        pairs = list(run)
        yield pairs[0][0], [span for _, span in pairs if span is not None]


def _chosen(chosen: ExportFilter, *, bare: bool) -> QuerySet[Article]:
    """Articles joined with their chosen spans: a row a span; if `bare`, or one without any."""
    within = Q()
    if chosen.states:
        within &= Q(spans__state__in=chosen.states)
    if chosen.labels:
        ids = Label.objects.filter(slug__in=chosen.labels).values_list("pk", flat=True)
        # No label is 0; without any, Django would answer with no article either.
        within &= Q(spans__label_id__in=list(ids) or [0])
    if chosen.reviewers:
        people = Person.objects.filter(username__in=chosen.reviewers).values_list("pk", flat=True)
        within &= Q(spans__decided_by_id__in=list(people) or [0])
    if chosen.decided_from:
        within &= Q(spans__decided_at__gte=_midnight(chosen.decided_from))
    if chosen.decided_until and chosen.decided_until < date.max:
        within &= Q(spans__decided_at__lt=_midnight(chosen.decided_until + timedelta(days=1)))
    rows = Article.objects.alias(chosen=FilteredRelation("spans", condition=within)).filter(
        state__in=chosen.article_states or ACTIVE
    )
    for field, slugs in (("outlet__slug", chosen.outlets), ("story__slug", chosen.stories)):
        if slugs:
            rows = rows.filter(**{f"{field}__in": slugs})
    if chosen.articles:
        rows = rows.filter(slug__in=chosen.articles)
    # In one filter(): a second one over the spans would join them a second time.
    return rows.filter(_worth_a_row(chosen, bare=bare))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _worth_a_row(chosen: ExportFilter, *, bare: bool) -> Q:
    """What a joined row must be to come along; bare: articles without a chosen span may."""
    has_span = Q(chosen__isnull=False)
    if not bare:
        return has_span
    if chosen.articles or chosen.article_states:
        return Q()
    return has_span | Q(state=ArticleState.REVIEWED)


def _read(
    rows: QuerySet[Article], pseudonyms: bool
) -> Iterator[tuple[ExportedArticle, ExportedSpan | None]]:
    """The rows, in order, from one statement; the texts, which are frozen, fetched beside it."""
    by_code_point = Collate("slug", "C" if connection.vendor == "postgresql" else "BINARY")
    place, columns = (
        [f"chosen__{column}" for column in names] for names in (_PLACE, _SPAN_COLUMNS)
    )
    ordered = rows.order_by(by_code_point, *place)
    statement = ordered.values_list("pk", *_ARTICLE_COLUMNS, *columns)
    with snapshot():
        stream = statement.iterator(chunk_size=2000)
        build, article, last = None, None, None
        while batch := list(islice(stream, _ROWS_AT_ONCE)):
            # Not before the statement began: so it knows every label that comes up.
            build = build or _builder(pseudonyms)
            texts = _texts({row[0] for row in batch} - {last})
            for pk, *values in batch:
                if article is None or pk != last:
                    known = [*values[: len(_ARTICLE_COLUMNS)], texts.pop(pk)]
                    article, last = ExportedArticle(*known), pk
                own = values[len(_ARTICLE_COLUMNS) :]
                yield article, None if own[0] is None else build(article, own)


def _texts(keys: Iterable[int]) -> dict[int, str]:
    return dict(Article.objects.filter(pk__in=keys).values_list("pk", "text"))


def _builder(pseudonyms: bool) -> Callable[[ExportedArticle, list[Any]], ExportedSpan]:
    """What makes a span of its article and its columns."""
    labels = _labels()
    names = dict(Person.objects.values_list("pk", "username"))
    named: dict[int, str] = {}

    def build(article: ExportedArticle, values: list[Any]) -> ExportedSpan:
        values[_LABEL], empty = labels[values[_LABEL]]
        values[_ATTRIBUTES] = empty | values[_ATTRIBUTES]
        for at in _PEOPLE:
            if values[at] is not None:
                unnamed = f"person-{len(named) + 1}" if pseudonyms else names[values[at]]
                values[at] = named.setdefault(values[at], unnamed)
        return ExportedSpan(article, *values)

    return build


def _labels() -> dict[int, tuple[str, dict[str, None]]]:
    """Each label's slug, and its attributes' keys, in its order, with None."""
    labels: dict[int, tuple[str, dict[str, None]]] = {
        pk: (slug, {}) for pk, slug in Label.objects.values_list("pk", "slug")
    }
    keys = LabelAttribute.objects.order_by("position", "key").values_list("label_id", "key")
    for pk, key in keys:
        labels[pk][1][key] = None
    return labels


def _not_there(
    kind: str, names: Iterable[str], rows: QuerySet[Any], field: str = "slug"
) -> list[str]:
    sought = filter(is_storable, names)  # PostgreSQL raises at a NUL
    there = rows.filter(**{f"{field}__in": sought}).values_list(field, flat=True)
    return _unknown(kind, names, there)


def _unknown(kind: str, asked: Iterable[str], there: Iterable[str]) -> list[str]:
    known = set(there)
    return [f"There is no {kind} “{name[:50]}”." for name in asked if name not in known]

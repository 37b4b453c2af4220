"""What waits for a reviewer, in which order, and what comes next.

The queue reads the spans' own columns by one partial index (models/spans.py): pages by key, never
by number, and no count over spans, so that a million waiting ones cost what fifty do.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
    TupleLessThanOrEqual,
)
from django.utils import timezone

from annotations.domain.lifecycle import (
    AWAITING_REVIEW,
    RESTING,
    ArticleState,
    State,
    Waiting,
)
from annotations.models import Article, Label, Outlet, Person, Span, Story
from annotations.permissions import Viewer
from annotations.queries.desk import PEOPLE

ORDER = ("fresh", "story_rank", "article_id", "start", "id")  # QUEUE_ORDER, without its joins
SHOWN = ("article__outlet", "label", "author")
# What a row does not show, though it is long or much of it: fifty rows would bring it fifty times.
_NAMED = ("id", "username")
NOT_SHOWN = (
    *(f"author__{each.name}" for each in Person._meta.concrete_fields if each.name not in _NAMED),
    *(f"article__{name}" for name in ("text", "text_sha256", "url", "language")),
    *(f"article__{name}_at" for name in ("published", "submitted", "reviewed", "added")),
    "label__guideline",
)
BY_HAND, BY_MACHINE = "human", "machine"


@dataclass(frozen=True, slots=True)
class Queue:
    """Which spans a reviewer wants to see; empty: all.

    state: proposed ones wait for a decision, others are there to be looked at again. label,
    outlet, story, article: slugs. author: a user name. origin: as the span has it, or "machine"
    for all that no hand made. days: that have waited at least so long. answered: only those that
    come back with an answer. group: a text group's id. in_progress: those of articles that are
    not submitted yet, too. own: those whose last hand was the viewer's, too, which they cannot
    decide.
    """

    state: State = State.PROPOSED
    label: str = ""
    outlet: str = ""
    story: str = ""
    article: str = ""
    author: str = ""
    origin: str = ""
    days: int = 0
    answered: bool = False
    group: int = 0
    in_progress: bool = False
    own: bool = False


class Page(NamedTuple):
    """Some rows of the queue, in its order, and whether there are others before and after them."""

    rows: list[Span]
    before: bool
    after: bool

    @property
    def whole(self) -> bool:
        return not (self.before or self.after)


def waiting(queue: Queue, viewer: Viewer, besides: Iterable[int] = ()) -> QuerySet[Span]:
    """The spans of the queue, in its order; besides: articles that are left out, by id."""
    chosen = _chosen(queue)
    if chosen is None:
        return Span.objects.none()
    if queue.state == State.PROPOSED:
        # What waits is proposed and in the shared layer: asking so would miss the index.
        spans = Span.objects.filter(
            waiting__in=list(Waiting) if queue.in_progress else [Waiting.REVIEW]
        )
        if not queue.own:
            spans = spans.filter(_other_than("last_editor", viewer.pk))
    else:
        spans = Span.objects.filter(state=queue.state, layer=None)
        spans = spans.exclude(article__state__in=RESTING)
    if left_out := list(besides):
        spans = spans.exclude(article__in=left_out)
    return spans.filter(chosen).order_by(*_order(queue))


def window(
    queue: Queue, viewer: Viewer, limit: int, at: Span | None = None, *, backwards: bool = False
) -> Page:
    """The first rows of the queue; or, where these do not reach `at`, those from there on.

    backwards: rather those up to there. The places come from the index alone, and only the rows
    that are shown are fetched.
    """
    spans = waiting(queue, viewer)
    places = list(spans.values_list(*_order(queue))[: limit + 1])
    if at is None or len(places) <= limit or _place(at, queue) <= places[limit - 1]:
        keys = [place[-1] for place in places[:limit]]
        return Page(_rows(keys), before=False, after=len(places) > limit)
    on = spans.filter(_beside(at, queue, TupleGreaterThanOrEqual))
    keys = [] if backwards else list(on.values_list("pk", flat=True)[: limit + 1])
    if keys:
        return Page(_rows(keys[:limit]), before=True, after=len(keys) > limit)
    # Backwards, or `at` was the last and is no more.
    back = spans.filter(_beside(at, queue, TupleLessThanOrEqual)).reverse()
    keys = list(back.values_list("pk", flat=True)[:limit])
    return Page(_rows(keys[::-1]), before=True, after=backwards)


def span_after(
    span: Span | None, queue: Queue, viewer: Viewer, besides: Iterable[int] = ()
) -> Span | None:
    """What follows `span` in the queue; after the last, and of None, the queue's first."""
    spans = waiting(queue, viewer, besides)
    if span is not None:
        spans = spans.exclude(pk=span.pk)
        following = spans.filter(_beside(span, queue, TupleGreaterThan))
        if (found := _first(following)) is not None:
            return found
    return _first(spans)


def span_before(span: Span, queue: Queue, viewer: Viewer) -> Span | None:
    """What stands before `span` in the queue."""
    return _first(waiting(queue, viewer).filter(_beside(span, queue, TupleLessThan)).reverse())


def span_there(uid: str) -> Span | None:
    """The span of that uid, if there is one."""
    try:
        return Span.objects.filter(uid=UUID(uid)).first()
    except ValueError:
        return None


def next_to_decide(
    span: Span | None, queue: Queue, viewer: Viewer, besides: Iterable[int] = ()
) -> Span | None:
    """What to decide after `span`: the rest of its article, then what was answered, then on.

    besides: articles that others are at, by id.
    """
    left_out = list(besides)
    if span is not None:
        spans = waiting(queue, viewer, left_out).exclude(pk=span.pk)
        following = spans.filter(_beside(span, queue, TupleGreaterThan))
        if (found := _first(following.filter(article=span.article_id))) is not None:
            return found
        if queue.state == State.PROPOSED and (found := _first(spans.filter(fresh=False))):
            return found
    return span_after(span, queue, viewer, left_out)


def card(uid: UUID) -> Span:
    """One span with all that its card shows, save its label. Raises Span.DoesNotExist."""
    return _cards().get(uid=uid)


def waiting_in_all() -> int:
    """How many spans wait for review, whoever may decide on them, by the articles' own counts."""
    articles = Article.objects.filter(state__in=AWAITING_REVIEW, proposed__gt=0)
    return articles.aggregate(spans=Sum("proposed"))["spans"] or 0


def held_up(queue: Queue, viewer: Viewer, most: int) -> int:
    """How many more spans the queue would have with those of articles still in progress.

    Counts to `most` and one.
    """
    if queue.in_progress or queue.state != State.PROPOSED:
        return 0
    further = waiting(replace(queue, in_progress=True), viewer).filter(waiting=Waiting.EARLY)
    return len(further.order_by().values_list("pk")[: most + 1])


def to_sign_off() -> QuerySet[Article]:
    """Articles whose spans are all settled, waiting for somebody to say nothing is missing."""
    return (
        Article.objects.filter(state__in=AWAITING_REVIEW, proposed=0, sent_back=0)
        .select_related("outlet")
        .only("slug", "title", "outlet__name")
        .order_by("slug")
    )


def settled(article: Article) -> bool:
    """Whether the article waits for nothing but its sign-off."""
    waits = ArticleState(article.state) in AWAITING_REVIEW
    return waits and not (article.proposed or article.sent_back)


def leased_elsewhere(viewer: Viewer) -> dict[int, str]:
    """The articles that others are at now: article's id -> who."""
    held = Article.objects.filter(leased_until__gt=timezone.now()).exclude(leased_to=viewer.pk)
    return dict(held.order_by().values_list("pk", "leased_to__username"))


def _chosen(queue: Queue) -> Q | None:
    """The filters on the spans' own columns; None where one names what is not there."""
    rows: tuple[tuple[str, str, QuerySet[Any]], ...] = (
        ("label", queue.label, Label.objects.filter(slug=queue.label)),
        ("outlet", queue.outlet, Outlet.objects.filter(slug=queue.outlet)),
        ("story_rank", queue.story, Story.objects.filter(slug=queue.story)),
        ("article", queue.article, Article.objects.filter(slug=queue.article)),
        ("author", queue.author, Person.objects.filter(username=queue.author)),
    )
    chosen = Q()
    for column, wanted, named in rows:
        if wanted:
            key = named.order_by().values_list("pk", flat=True).first()
            if key is None:
                return None
            chosen &= Q(**{column: key})
    if queue.origin == BY_MACHINE:
        chosen &= _other_than("origin", BY_HAND)
    elif queue.origin:
        chosen &= Q(origin=queue.origin)
    waits = queue.state == State.PROPOSED  # only what waits has a time and a group
    if queue.days and waits:
        chosen &= Q(waiting_since__lte=timezone.now() - timedelta(days=queue.days))
    if queue.answered:
        chosen &= Q(fresh=False)
    elif queue.story:
        chosen &= Q(fresh__in=[False, True])  # says nothing, and lets the index go to the story
    if queue.group and waits:
        chosen &= Q(group=queue.group)
    return chosen


def _other_than(column: str, value: Any) -> Q:
    """Both sides of the value: where nearly all have it, an index finds the others by that."""
    return Q(**{f"{column}__lt": value}) | Q(**{f"{column}__gt": value})


def _order(queue: Queue) -> tuple[str, ...]:
    return ORDER if queue.state == State.PROPOSED else ORDER[1:]


def _place(span: Span, queue: Queue) -> tuple[Any, ...]:
    return tuple(getattr(span, name) for name in _order(queue))


def _beside(span: Span, queue: Queue, which: Any) -> Any:
    """After or before the span's place in the queue's order."""
    return which(Tuple(*map(F, _order(queue))), _place(span, queue))


def _first(spans: QuerySet[Span]) -> Span | None:
    """The first of them, found in the index alone, with all that its card shows."""
    key = spans.values_list("pk", flat=True).first()
    return None if key is None else _cards().get(pk=key)


def _cards() -> QuerySet[Span]:
    return Span.objects.select_related(*PEOPLE, "article__outlet", "article__story")


def _rows(keys: list[int]) -> list[Span]:
    spans = Span.objects.select_related(*SHOWN).defer(*NOT_SHOWN)
    found = spans.in_bulk(keys)
    return [found[key] for key in keys if key in found]

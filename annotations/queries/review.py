"""What waits for a reviewer, and what comes next."""

from dataclasses import dataclass, replace

from django.db.models import F, Q, QuerySet

from annotations.domain.lifecycle import AWAITING_REVIEW, RESTING, UNSETTLED, ArticleState, State
from annotations.models import Article, Span
from annotations.permissions import Viewer

# By story, article and place; an article without a story comes last.
ORDER = (F("article__story__title").asc(nulls_last=True), "article__slug", "start", "-end", "pk")


@dataclass(frozen=True, slots=True)
class Queue:
    """Which spans a reviewer wants to see; empty: all.

    state: proposed ones wait for a decision, others are there to be looked at again.
    in_progress: those of articles that are not submitted yet, too. own: those whose last hand
    was the viewer's, too, which they cannot decide.
    """

    state: State = State.PROPOSED
    label: str = ""
    outlet: str = ""
    story: str = ""
    article: str = ""
    in_progress: bool = False
    own: bool = False


def waiting(queue: Queue, viewer: Viewer) -> QuerySet[Span]:
    """The spans of the queue, in its order."""
    spans = Span.objects.filter(state=queue.state, layer=None).select_related(
        "article__outlet", "article__story", "label", "author", "last_editor"
    )
    if queue.state == State.PROPOSED and not queue.in_progress:
        spans = spans.filter(article__state__in=AWAITING_REVIEW)
    else:
        spans = spans.exclude(article__state__in=RESTING)
    if queue.state == State.PROPOSED and not queue.own:
        spans = spans.exclude(last_editor=viewer.pk)
    for field, slug in (
        ("label__slug", queue.label),
        ("article__outlet__slug", queue.outlet),
        ("article__story__slug", queue.story),
        ("article__slug", queue.article),
    ):
        if slug:
            spans = spans.filter(**{field: slug})
    return spans.defer("article__text").order_by(*ORDER)


def next_after(span: Span | None, queue: Queue, viewer: Viewer) -> Span | None:
    """What to look at after `span`: the next of its article, else the first of the queue."""
    spans = waiting(queue, viewer)
    if span is not None:
        spans = spans.exclude(pk=span.pk)
        later = Q(start__gt=span.start) | Q(start=span.start, end__lt=span.end)
        same = Q(start=span.start, end=span.end, pk__gt=span.pk)
        following = spans.filter(later | same, article=span.article_id).first()
        if following is not None:
            return following
    return spans.first()


def to_sign_off() -> QuerySet[Article]:
    """Articles whose spans are all settled, waiting for somebody to say nothing is missing."""
    unsettled = Span.objects.filter(state__in=UNSETTLED)
    return (
        Article.objects.filter(state__in=AWAITING_REVIEW)
        .exclude(pk__in=unsettled.values("article"))
        .select_related("outlet")
        .defer("text")
        .order_by("slug")
    )


def held_up(queue: Queue, viewer: Viewer) -> int:
    """How many more spans the queue would have with those of articles still in progress."""
    if queue.in_progress or queue.state != State.PROPOSED:
        return 0
    begun = [ArticleState.OPEN, ArticleState.IN_PROGRESS]
    further = waiting(replace(queue, in_progress=True), viewer)
    return further.filter(article__state__in=begun).count()

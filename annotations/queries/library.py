"""What the library shows."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from annotations.domain.lifecycle import LIVE, RESTING, UNSETTLED, Action, ArticleState, State
from annotations.models import Article, Event, Span
from annotations.permissions import Viewer


def library(*, search: str = "", aside: bool = False, state: str = "") -> QuerySet[Article]:
    """Articles with their outlet, story and numbers of spans: `marked`, `unsettled`, `approved`.

    search: words in the title, the text or the outlet's name. aside: those set aside or
    superseded instead of the others. state: only articles in it. By story, then outlet.
    """
    resting = Q(state__in=RESTING)
    found = Article.objects.filter(resting if aside else ~resting)
    if state:
        found = found.filter(state=state)
    if search:
        found = found.filter(
            Q(title__icontains=search)
            | Q(text__icontains=search)
            | Q(outlet__name__icontains=search)
        )
    live = [state for state in LIVE if state is not State.SUGGESTED]
    return (
        found.select_related("outlet", "story")
        .defer("text")
        .annotate(
            marked=Count("spans", filter=Q(spans__state__in=live)),
            unsettled=Count("spans", filter=Q(spans__state__in=UNSETTLED)),
            approved=Count("spans", filter=Q(spans__state=State.APPROVED)),
        )
        .order_by("story__title", "outlet__name", "slug")
    )


def sent_back_to(viewer: Viewer) -> QuerySet[Span]:
    """The spans this viewer wrote that wait for their answer, in the order they came back.

    Each with the reviewer's `comment`.
    """
    comments = Event.objects.filter(
        span=OuterRef("pk"), action=Action.SEND_BACK, revision=OuterRef("revision")
    )
    return (
        Span.objects.filter(author=viewer.pk, state=State.SENT_BACK)
        .exclude(article__state__in=RESTING)
        .annotate(comment=Subquery(comments.values("comment")[:1]))
        .select_related("article__outlet", "label", "decided_by")
        .order_by("decided_at", "pk")
    )


def next_to_annotate(viewer: Viewer) -> Article | None:
    """The article this viewer might take up next: their own in progress, else one not begun."""
    begun = Article.objects.filter(state=ArticleState.IN_PROGRESS, spans__author=viewer.pk).defer(
        "text"
    )
    fresh = Article.objects.filter(state=ArticleState.OPEN).defer("text")
    return begun.order_by("slug").first() or fresh.order_by("slug").first()

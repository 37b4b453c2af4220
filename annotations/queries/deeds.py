"""What was done: a span's history, and what a person may take back."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import Action
from annotations.models import Article, Deed, Event, Span
from annotations.permissions import Viewer


def history(span: Span) -> QuerySet[Event]:
    """The span's events, the first first, with who did them."""
    return span.events.select_related("deed__actor").order_by("revision")


def last_word(span: Span) -> Event | None:
    """The latest event of the span that says something: a comment to it, or a reason."""
    return (
        span.events.filter(~Q(comment="") | ~Q(reason=""))
        .select_related("deed__actor")
        .order_by("-revision")
        .first()
    )


def undoable(
    viewer: Viewer, article: Article | None = None, among: Iterable[Action] = ()
) -> Deed | None:
    """The viewer's latest deed that is neither an undo nor undone.

    In the article, if given; among these actions, if any.
    """
    return (
        _deeds_of(viewer, article, among)
        .filter(undoes=None, undone=False)
        .exclude(action=Action.IMPORT)
        .order_by("-pk")
        .first()
    )


def redoable(
    viewer: Viewer, article: Article | None = None, among: Iterable[Action] = ()
) -> Deed | None:
    """The viewer's latest undo, unless it is redone or they have done something else since."""
    deeds = _deeds_of(viewer, article, among)
    undo = deeds.filter(root__undone=True, undone_by=None).order_by("-pk").first()
    latest = deeds.filter(undoes=None).order_by("-pk").first()
    if undo is None or (latest is not None and latest.pk > undo.pk):
        return None
    return undo


def _deeds_of(viewer: Viewer, article: Article | None, among: Iterable[Action]) -> QuerySet[Deed]:
    """The viewer's deeds; an undo counts as what the first of its chain was."""
    deeds = Deed.objects.filter(actor=viewer.pk).select_related("root")
    if chosen := list(among):
        deeds = deeds.filter(Q(action__in=chosen) | Q(root__action__in=chosen))
    if article is None:
        return deeds
    return deeds.filter(Exists(Event.objects.filter(deed=OuterRef("pk"), article=article)))


def touched(deed: Deed) -> dict[int, list[Extent]]:
    """Where the deed changed what is drawn: article id -> extents before and after it."""
    places: dict[int, list[Extent]] = {}
    for event in deed.events.filter(span__isnull=False):
        rows = [row for row in (event.before, event.after) if row]
        here = places.setdefault(event.article_id, [])
        here.extend(Extent(row["start"], row["end"]) for row in rows)
    return places

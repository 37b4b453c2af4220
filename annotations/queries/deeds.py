"""What was done: a span's history, and what a person may take back."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import Action
from annotations.models import Article, Deed, Event, Span
from annotations.permissions import Viewer


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a span's history: what was done, and to which of its parts."""

    event: Event
    done: str
    changed: tuple[str, ...]


def history(span: Span) -> list[Told]:
    """The span's events, the first first, with who did them."""
    events = span.events.select_related("deed__actor", "deed__root").order_by("revision")
    undone: Counter[int] = Counter()
    told = []
    for event in events:
        done = event.deed.participle
        if event.deed.root is not None:  # every second one of a chain does it again
            undone[event.deed.root.pk] += 1
            again = undone[event.deed.root.pk] % 2 == 0
            done = f"{'did again' if again else 'undid'}: {event.deed.root.participle}"
        told.append(Told(event, done, _changed(event)))
    return told


def _changed(event: Event) -> tuple[str, ...]:
    """The parts that the event changed, as people call them."""
    if event.before is None:
        return ()
    before, after = event.before, event.after
    parts = [
        name
        for name, key in (("label", "label_id"), ("words", "text"))
        if before[key] != after[key]
    ]
    if before["text"] == after["text"] and before["start"] != after["start"]:
        parts.append("place")
    was, now = before["attributes"], after["attributes"]
    parts += [key for key in sorted({*was, *now}) if was.get(key) != now.get(key)]
    return tuple(parts)


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

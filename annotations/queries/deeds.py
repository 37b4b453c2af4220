"""What was done: a span's history, and what a person may take back."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import Action, past
from annotations.models import Article, Deed, Event, Span
from annotations.permissions import Viewer

# By its action rather than by what it undoes: SQLite takes "undoes nothing" for a rare thing.
NO_UNDO = (Action.UNDO,)


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
        done = past(Action(event.action))  # a deed on many spans may do several things
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
    return _latest(viewer, article, among, but=NO_UNDO, undone=False)


def redoable(
    viewer: Viewer, article: Article | None = None, among: Iterable[Action] = ()
) -> Deed | None:
    """The viewer's latest undo, unless it is redone or they have done something else since."""
    latest = _latest(viewer, article, among)
    if latest is None or latest.undoes_id is None:  # as nearly always; the rest is spared
        return None
    undo = _latest(viewer, article, among, root__undone=True, undone_by=None)
    other = _latest(viewer, article, among, but=NO_UNDO)
    if undo is None or (other is not None and other.pk > undo.pk):
        return None
    return undo


def _latest(
    viewer: Viewer,
    article: Article | None,
    among: Iterable[Action],
    *,
    but: tuple[Action, ...] = (),
    **chosen: Any,
) -> Deed | None:
    """The viewer's latest deed with these fields; an undo counts as what its chain began with.

    In an article it is looked for among that one's events, from the last backwards, so that it
    costs the same whatever the viewer has done elsewhere. What brought articles in is left out.
    """
    of = "" if article is None else "deed__"
    wanted = Q(
        **{f"{of}{name}": value for name, value in chosen.items()}, **{f"{of}actor": viewer.pk}
    )
    wanted &= ~Q(**{f"{of}action__in": [Action.IMPORT, *but]})
    if actions := list(among):
        wanted &= Q(**{f"{of}action__in": actions}) | Q(**{f"{of}root__action__in": actions})
    if article is None:
        return Deed.objects.filter(wanted).select_related("root").order_by("-pk").first()
    events = Event.objects.filter(wanted, article=article).select_related("deed__root")
    latest = events.order_by("-deed_id").first()
    return latest.deed if latest else None


def touched(deed: Deed) -> dict[int, list[Extent]]:
    """Where the deed changed what is drawn: article id -> extents before and after it."""
    places: dict[int, list[Extent]] = {}
    for event in deed.events.filter(span__isnull=False):
        rows = [row for row in (event.before, event.after) if row]
        here = places.setdefault(event.article_id, [])
        here.extend(Extent(row["start"], row["end"]) for row in rows)
    return places

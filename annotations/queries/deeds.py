"""What was done: a span's history, and what a person may take back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from annotations.domain.checks import Concern
from annotations.domain.diffs import (
    AROUND,
    Part,
    Run,
    between_extents,
    between_texts,
    shortened,
)
from annotations.domain.excerpts import beginning, ending
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import VERDICTS, Action, past
from annotations.models import Article, Deed, Event, Label, LabelAttribute, Span
from annotations.models.deeds import REVIEW_DEEDS
from annotations.permissions import Viewer
from annotations.queries.desk import every_label

# By its action rather than by what it undoes: SQLite takes "undoes nothing" for a rare thing.
NO_UNDO = (Action.UNDO,)


@dataclass(frozen=True, slots=True)
class Changed:
    """A part of the span that an event changed, by its name, and how, to be read."""

    name: str
    runs: tuple[Run, ...]

    @property
    def replaced(self) -> bool:
        """Whether one value went and another came, with nothing of the first in it."""
        return [run.part for run in self.runs] == [Part.TAKEN, Part.ADDED]


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a span's history, for people.

    who: a person's name, or what the machine calls itself. done: a participle; of an undo what it
    undid, whose event is `undid`. waved: sentences. guideline: the revision it was decided under.
    """

    event: Event
    who: str
    done: str
    undid: Event | None
    changed: tuple[Changed, ...]
    reason: str
    waved: tuple[str, ...]
    guideline: int | None


def history(span: Span, labels: Mapping[int, Label] | None = None) -> list[Told]:
    """The span's events, the first first; one statement, and those for the labels.

    labels: all of them by id, with their attributes and choices, if they are at hand.
    """
    known = every_label() if labels is None else labels
    events = list(span.events.select_related("deed__actor", "deed__root").order_by("revision"))
    by_deed = {event.deed_id: event for event in events}
    undone: Counter[int] = Counter()
    told = []
    for event in events:
        root = event.deed.root
        done = past(Action(event.action))  # a deed on many spans may do several things
        if root is not None:  # every second one of a chain does it again
            undone[root.pk] += 1
            again = undone[root.pk] % 2 == 0
            done = f"{'did again' if again else 'undid'}: {root.participle}"
        elif event.before is None:
            done = f"{done} as {known[event.after['label_id']].name.lower()}"
        decided = event.action in VERDICTS
        told.append(
            Told(
                event=event,
                who=event.deed.actor.get_username() if event.deed.actor else event.deed.machine,
                done=done,
                undid=by_deed.get(root.pk) if root is not None else None,
                changed=tuple(_changed(event, span.article.text, known)),
                reason=event.reason_words if root is None else "",
                waved=tuple(map(_sentence, event.waved)),
                guideline=event.after["guideline_revision"] if decided else None,
            )
        )
    return told


def _changed(event: Event, text: str, labels: Mapping[int, Label]) -> Iterator[Changed]:
    """The parts that the event changed, or filled in where it made the span."""
    before, after = event.before, event.after
    if before is None:
        before = after | {"attributes": {}}
    if before["label_id"] != after["label_id"]:
        names = [labels[row["label_id"]].name for row in (before, after)]
        yield Changed("Label", _replaced(*names))
    was, now = (Extent(row["start"], row["end"]) for row in (before, after))
    if was != now and before["text"] == after["text"]:
        yield Changed("Place", _replaced(_about(text, was), _about(text, now)))
    elif was != now:
        yield Changed("Words", tuple(shortened(between_extents(text, was, now))))
    olds, news = before["attributes"], after["attributes"]
    known = [
        {attribute.key: attribute for attribute in labels[row["label_id"]].attributes.all()}
        for row in (before, after)
    ]
    for key in dict.fromkeys([*known[1], *known[0], *olds, *news]):
        if olds.get(key) != news.get(key):
            asked = known[1].get(key) or known[0].get(key)
            values = [
                _said(own.get(key), value)
                for own, value in zip(known, (olds.get(key), news.get(key)), strict=True)
            ]
            yield Changed(asked.name if asked else key, _between(*values))


def _between(old: tuple[str, str], new: tuple[str, str]) -> tuple[Run, ...]:
    """From one value, and where it stands, to another."""
    if old[0] == new[0]:
        return (Run(Part.KEPT, old[0]), *_replaced(old[1], new[1]))
    return tuple(shortened(between_texts(old[0], new[0])))


def _replaced(old: str, new: str) -> tuple[Run, ...]:
    runs = (Run(Part.TAKEN, old), Run(Part.ADDED, new))
    return tuple(run for run in runs if run.text)


def _said(attribute: LabelAttribute | None, value: Any) -> tuple[str, str]:
    """A value as people read it, and where it stands, if that is known. Whatever is gone, as is."""
    match value:
        case None:
            return "", ""
        case bool():
            return "yes" if value else "no", ""
        case {"value": said, "start": int(start), "end": int(end)}:
            return str(said), f" at {start}–{end}"
        case {"value": said}:
            return str(said), ""
    names = {each.key: each.name for each in attribute.choices.all()} if attribute else {}
    return names.get(value, str(value)), ""


def _about(text: str, extent: Extent) -> str:
    """The words with those around them, which tell where they stand."""
    edges = text[max(extent.start - AROUND, 0) : extent.start], text[extent.end :][:AROUND]
    before, words, after = ending(edges[0], AROUND // 2), extent.of(text), edges[1]
    return f"{before}{words}{beginning(after, AROUND // 2)}"


def _sentence(concern: str) -> str:
    known = {each.value: each.sentence for each in Concern}
    return known.get(concern, concern)


def latest(viewer: Viewer, among: Iterable[Action] = ()) -> Deed | None:
    """The viewer's latest deed among these actions, if any; an undo counts as what it undoes."""
    return _latest(viewer, None, among)


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
    wanted &= ~Q(**{f"{of}action__in": [Action.IMPORT, Action.SUPERSEDE, *but]})
    if actions := list(among):
        wanted &= Q(**{f"{of}action__in": actions}) | Q(**{f"{of}root__action__in": actions})
        if article is None and set(actions) <= set(REVIEW_DEEDS):  # in the words of an index
            wanted &= Q(action__in=REVIEW_DEEDS)
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

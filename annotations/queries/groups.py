"""Text groups: which come next, and all that one decision on one of them would touch.

The groups are read by the counter that every deed keeps on them (models/groups.py): pages by key,
and no count over spans.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr
from django.utils import timezone

from annotations import permissions
from annotations.domain.attributes import UNKNOWN, Kind, missing
from annotations.domain.checks import Concern
from annotations.domain.excerpts import beginning, ending
from annotations.domain.extents import Extent
from annotations.domain.fingerprints import attributes_group
from annotations.domain.groups import WHY_ONE_BY_ONE, may_decide_together
from annotations.domain.lifecycle import LIVE, RESTING, State
from annotations.models import Label, Person, Span, TextGroup
from annotations.permissions import Viewer
from annotations.queries.checks import concerns
from annotations.queries.desk import every_label
from annotations.queries.review import Queue, waiting

LISTED = 50  # groups on a page of the list
SHOWN = 60  # waiting members on a card
BESIDE = 30  # spans shown beside them
LOOKED_AT = 500  # spans looked through for what stands beside
CONTEXT = 120  # code points shown on each side of a span
LONGEST = 240  # code points of a span's own words in a row
EXAMPLE = 160  # the same in the list

_BY_OUTLET = (F("article__outlet__name").asc(nulls_last=True), "article__slug", "start", "pk")


class At(NamedTuple):
    """A place in the order of the groups: those that occur most come first."""

    waiting: int
    pk: int

    def __str__(self) -> str:
        return f"{self.waiting}-{self.pk}"


@dataclass(frozen=True, slots=True)
class Listed:
    """A group as the list shows it; at_it: who else has it in hand now, or nothing."""

    group: TextGroup
    text: str
    at_it: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list; further: where the next one begins after, if there is one."""

    rows: list[Listed]
    further: At | None


@dataclass(frozen=True, slots=True)
class Context:
    """Words of an article between about 120 code points on each side, cut between words."""

    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Member:
    """A span of the group that waits.

    why_not: why this viewer may not decide on it, or nothing. warnings: what they are warned of.
    """

    span: Span
    context: Context
    why_not: str
    warnings: tuple[str, ...]

    @property
    def ticked(self) -> bool:
        """Whether it is ticked before anybody looked."""
        return not (self.why_not or self.warnings)


@dataclass(frozen=True, slots=True)
class AtOutlet:
    """The members of one outlet, in reading order."""

    outlet: str
    members: list[Member]


@dataclass(frozen=True, slots=True)
class Other:
    """A span with the same text that is not the group's; said: its label and attributes."""

    span: Span
    said: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Live spans with the same text that do not wait in the group.

    same: how many of the group's own label and attributes, by their state. spans: the first of
    those of another label or attributes; more: how many others there are. cut: there are more
    spans than were looked through.
    """

    same: dict[State, int]
    spans: list[Other]
    more: int
    cut: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A group with what it would be to decide on it.

    facts: its attributes, as name and value. more: members that wait and are not shown. why_not:
    why nobody, or not this viewer, decides on it in one deed. lacking: what it needs before it
    can be approved. at_it: who else has it in hand now.
    """

    group: TextGroup
    text: str
    language: str
    facts: list[tuple[str, str]]
    outlets: list[AtOutlet]
    more: int
    why_not: str
    lacking: str
    at_it: str
    beside: Beside

    @property
    def members(self) -> list[Member]:
        return [member for each in self.outlets for member in each.members]


def next_group(
    queue: Queue,
    viewer: Viewer,
    after: At | None = None,
    *,
    backwards: bool = False,
    besides: int | None = None,
) -> TextGroup | None:
    """The group that follows `after` and is free for the viewer; after the last the first.

    Free: nobody else has it in hand, and the last hand on some of it was another's. backwards:
    the one before; of the first there is none. besides: the id of one that comes only if no other
    does.
    """
    groups = _groups(queue, viewer).filter(free(viewer, timezone.now()))
    if backwards:
        return _beyond(groups, after, backwards=True).reverse().first() if after else None
    others = groups.exclude(pk=besides) if besides else groups
    found = _beyond(others, after).first() if after else None
    return found or others.first() or (groups.first() if besides else None)


def free(viewer: Viewer, now: datetime) -> Q:
    """Groups that nobody else has in hand."""
    return Q(leased_until=None) | Q(leased_until__lte=now) | Q(leased_to=viewer.pk)


def page_of_groups(queue: Queue, viewer: Viewer, after: At | None = None) -> Page:
    """The groups that the viewer may decide on, those that occur most first."""
    # Asked for the lowest key, PostgreSQL would walk all spans in its order; so not for the key.
    first = Span.objects.filter(group=OuterRef("pk")).order_by(F("pk") + 0)
    example = Subquery(first.values(some=Substr("text", 1, EXAMPLE + 1))[:1])
    groups = _beyond(_groups(queue, viewer), after).annotate(example=example)
    rows = list(groups[: LISTED + 1])
    now = timezone.now()
    listed = [
        Listed(group, beginning(group.example or "", EXAMPLE), _at_it(group, viewer, now))
        for group in rows[:LISTED]
    ]
    last = listed[-1].group if len(rows) > LISTED else None
    return Page(listed, At(last.waiting, last.pk) if last else None)


def group(pk: int) -> TextGroup:
    """Raises TextGroup.DoesNotExist."""
    return TextGroup.objects.select_related("label", "leased_to").get(pk=pk)


def group_with(spans: Iterable[Span]) -> TextGroup | None:
    """A group in which one of these spans waits now."""
    groups = TextGroup.objects.select_related("label", "leased_to")
    waits = Span.objects.filter(pk__in=[span.pk for span in spans]).exclude(group=None)
    return groups.filter(pk__in=waits.values("group")).order_by("pk").first()


def text_of(group: TextGroup) -> str:
    """The group's text as one of its spans has it."""
    named = Span.objects.filter(text_group=group.text_group).order_by(F("pk") + 0)
    return named.values_list("text", flat=True).first() or ""


def group_card(group: TextGroup, viewer: Viewer) -> Card:
    """The group with those of its spans that wait, and with what stands beside them."""
    labels = every_label()
    label = labels[group.label_id]
    spans = _waiting_in(group, label)
    found = concerns(spans)
    members = [_member(span, viewer, found[span.pk]) for span in spans]
    text = spans[0].text if spans else text_of(group)
    attributes = spans[0].attributes if spans else {}
    lacking = missing([each.spec for each in label.attributes.all()], attributes)
    return Card(
        group=group,
        text=text,
        language=spans[0].article.language if spans else "",
        facts=_facts(label, attributes),
        outlets=[
            AtOutlet(outlet, list(theirs))
            for outlet, theirs in groupby(members, lambda each: str(each.span.article.outlet or ""))
        ],
        more=max(group.waiting - len(members), 0),
        why_not=_why_not(label, text, viewer),
        lacking=", ".join(attribute.name.lower() for attribute in lacking) if spans else "",
        at_it=_at_it(group, viewer, timezone.now()),
        beside=_beside(group, labels),
    )


def context(text: str, extent: Extent) -> Context:
    """The words at `extent` between what stands before and after, about 120 code points of each."""
    # One more than is shown tells whether that is all there is.
    return Context(
        ending(text[max(extent.start - CONTEXT - 1, 0) : extent.start], CONTEXT),
        beginning(extent.of(text), LONGEST),
        beginning(text[extent.end : extent.end + CONTEXT + 1], CONTEXT),
    )


def _groups(queue: Queue, viewer: Viewer) -> QuerySet[TextGroup]:
    """Those that hold a span of the queue whose last hand was not the viewer's, in their order."""
    waits = replace(queue, state=State.PROPOSED, in_progress=False, own=False)
    spans = waiting(waits, viewer).filter(group=OuterRef("pk"))
    groups = TextGroup.objects.select_related("label", "leased_to")
    groups = groups.filter(Exists(spans), waiting__gt=0)
    if queue.label:  # the same again on the group's own column, which is looked at first
        groups = groups.filter(label__slug=queue.label)
    return groups.order_by("-waiting", "id")


def _beyond(
    groups: QuerySet[TextGroup], after: At | None, *, backwards: bool = False
) -> QuerySet[TextGroup]:
    """Those after that place of the order, or before it."""
    if after is None:
        return groups
    if backwards:
        beside = Q(waiting__gt=after.waiting) | Q(pk__lt=after.pk)
        return groups.filter(beside, waiting__gte=after.waiting)
    beside = Q(waiting__lt=after.waiting) | Q(pk__gt=after.pk)
    return groups.filter(beside, waiting__lte=after.waiting)


def _at_it(group: TextGroup, viewer: Viewer, now: datetime) -> str:
    """Who else has the group in hand."""
    held: Person | None = group.leased_to
    if held is None or held.pk == viewer.pk or group.leased_until is None:
        return ""
    return held.get_username() if group.leased_until > now else ""


def _waiting_in(group: TextGroup, label: Label) -> list[Span]:
    """The first of the group's waiting spans by outlet."""
    spans = (
        Span.objects.filter(group=group)
        .select_related("article__outlet", "author", "last_editor")
        .order_by(*_BY_OUTLET)[:SHOWN]
    )
    for span in spans:
        span.label = label
    return list(spans)


def _member(span: Span, viewer: Viewer, found: Iterable[Concern]) -> Member:
    return Member(
        span,
        context(span.article.text, span.extent),
        permissions.why_not_decide(viewer, span),
        tuple(concern.sentence for concern in found),
    )


def _why_not(label: Label, text: str, viewer: Viewer) -> str:
    if not may_decide_together(label.slug, text):
        return WHY_ONE_BY_ONE
    return "" if permissions.may_review(viewer) else "Only reviewers may do this."


def _beside(group: TextGroup, labels: Mapping[int, Label]) -> Beside:
    """What has the same text and does not wait in the group."""
    spans = (
        Span.objects.filter(text_group=group.text_group, layer=None, state__in=LIVE)
        .exclude(group=group)
        .exclude(article__state__in=RESTING)
        .select_related("article__outlet")
        .defer("article__text")
        .order_by(*_BY_OUTLET)
    )
    looked_at = list(spans[: LOOKED_AT + 1])
    same: Counter[State] = Counter()
    others: list[Span] = []
    key = (group.label_id, group.attributes_group)
    for span in looked_at[:LOOKED_AT]:
        if (span.label_id, attributes_group(span.attributes)) == key:
            same[State(span.state)] += 1
        else:
            others.append(span)
    shown = []
    for span in others[:BESIDE]:
        span.label = labels[span.label_id]
        facts = ", ".join(f"{name} {value}" for name, value in _facts(span.label, span.attributes))
        shown.append(Other(span, facts))
    by_state = {state: same[state] for state in State if same[state]}
    return Beside(by_state, shown, len(others) - len(shown), len(looked_at) > LOOKED_AT)


def _facts(label: Label, attributes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The attributes that are filled in, each by its name and as people read it."""
    facts = []
    for attribute in label.attributes.all():
        value = attributes.get(attribute.key)
        if value is None:
            continue
        if attribute.kind == Kind.YES_NO and value != UNKNOWN:
            value = "yes" if value else "no"
        elif attribute.kind == Kind.CHOICE:
            value = next(
                (each.name for each in attribute.choices.all() if each.key == value), value
            )
        elif isinstance(value, Mapping):
            value = value["value"]
        facts.append((attribute.name, str(value)))
    return facts

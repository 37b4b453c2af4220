"""Which spans of a label somebody means to change, and how many there are."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTransform

from annotations.domain.lifecycle import State
from annotations.models import Label, LabelAttribute, Outlet, Span, Story
from annotations.queries.guidelines import outdated


@dataclass(frozen=True, slots=True)
class Selection:
    """The spans of a label, of the shared layer; empty: all.

    attribute, value: those with that value, None for those that have it empty. outdated: only
    approved ones that were decided under an older guideline.
    """

    label: Label
    attribute: LabelAttribute | None = None
    value: Any = None
    story: Story | None = None
    outlet: Outlet | None = None
    outdated: bool = False


def selected(selection: Selection) -> QuerySet[Span]:
    """These spans, by their articles."""
    spans = Span.objects.filter(label=selection.label, layer=None)
    if selection.outdated:
        spans = outdated(selection.label)
    if selection.story:
        spans = spans.filter(article__story=selection.story)
    if selection.outlet:
        spans = spans.filter(article__outlet=selection.outlet)
    if selection.attribute:
        key = selection.attribute.key
        if selection.value is None:
            spans = spans.exclude(attributes__has_key=key)
        else:
            held = spans.annotate(held=KeyTransform(key, "attributes"))
            spans = held.filter(held=selection.value)
    return spans.order_by("article", "pk")


def by_state(spans: QuerySet[Span]) -> dict[State, int]:
    """How many of them there are in each state that there are any in."""
    rows = spans.order_by().values_list("state").annotate(times=Count("pk"))
    counted = dict(rows)
    return {state: counted[state] for state in State if counted.get(state)}

"""One span with its form, as the desk's panel and the review's card draw it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations import permissions
from annotations.domain.attributes import UNKNOWN, Attribute, Kind, missing
from annotations.domain.checks import Concern
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import DECIDED, VERDICTS, Reason, State, span_actions
from annotations.domain.refusals import Stale
from annotations.domain.text import fold_line_ends
from annotations.domain.units import quotation_form
from annotations.forms import fresh_request_id
from annotations.models import Event, Label, LabelAttribute, Span
from annotations.permissions import Viewer
from annotations.queries import deeds as deed_queries
from annotations.queries import desk as desk_queries
from annotations.queries.guidelines import last_decided_under
from annotations.views.outcomes import STATUS, Outcome
from annotations.views.threads import threads_context

# The one label and attribute whose value a text's shape tells.
QUOTE, FORM = "quote", "form"
REASONS = [(reason.value, reason.words) for reason in Reason]
_REVISION = re.compile(r"[0-9]{1,9}\Z")


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute as a form field; values as the form sends them."""

    attribute: LabelAttribute
    name: str
    value: str
    start: str
    end: str
    options: list[tuple[str, str]]

    @property
    def shown(self) -> str:
        """The value as people read it: a choice by its name."""
        return dict(self.options).get(self.value, self.value)


@dataclass(frozen=True, slots=True)
class Guideline:
    """What a label asks for. told: of what is newer than earlier decisions, sentences.

    opened: whether it is to be read before anything else.
    """

    revision: int
    text: str
    told: tuple[str, ...]
    opened: bool


def panel(
    span: Span,
    viewer: Viewer,
    *,
    outcome: Outcome | None = None,
    typed: Mapping[str, str] | None = None,
    label: str = "",
    every: Mapping[int, Label] | None = None,
    concerns: Sequence[Concern] = (),
) -> dict[str, Any]:
    """All that a panel shows.

    typed: what the person entered when the deed was refused; it stays in the fields. label: a
    label that is being tried on, whose attributes the fields are. every: all labels by id, if they
    are at hand. concerns: what a reviewer is warned of; those for which the deed was refused win.
    """
    typed = touched(typed, span) if typed is not None else None
    known = desk_queries.every_label() if every is None else every
    labels = desk_queries.labels(known)
    wanted = label or (typed or {}).get("label") or span.label.slug
    chosen = next((each for each in labels if each.slug == wanted), span.label)
    allowed = desk_queries.allowed(span, viewer)
    events = deed_queries.history(span, known)
    fields = [_field(attribute, span, typed) for attribute in chosen.attributes.all()]
    lacking = [each.key for each in missing(_specs(span.label), span.attributes)]
    refused = outcome is not None and outcome.done is None
    stale = outcome is not None and outcome.status == STATUS[Stale]
    return {
        "span": span,
        "labels": labels,
        "chosen": chosen,
        "fields": fields,
        "lacking": lacking,
        "first_field": next(iter(lacking), fields[0].attribute.key if fields else ""),
        "compared": _compared(typed, span, chosen, fields) if typed and stale else [],
        # What was typed stays in sight, also where it cannot be sent any more.
        "differs": typed is not None and _differs(typed, span, chosen, fields),
        "start": typed.get("start", span.start) if typed else span.start,
        "end": typed.get("end", span.end) if typed else span.end,
        "text": typed.get("text", span.text) if typed else span.text,
        "comment": typed.get("comment", "") if typed else "",
        "reason": typed.get("reason", "") if typed else "",
        "concerns": (outcome.concerns if outcome else ()) or concerns,
        "reasons": REASONS,
        "allowed": allowed,
        "may_mark": permissions.may_mark(viewer, span.article),
        "guideline": _guideline(span, chosen, viewer, [told.event for told in events]),
        "events": events,
        "talk": threads_context(viewer, span.article, span),
        "error": outcome.sentence if outcome and refused else "",
        "error_field": outcome.field if outcome else "",
        "request_id": fresh_request_id(),
    }


def filled(span: Span, viewer: Viewer, *, again: bool) -> dict[str, str]:
    """What a strip fills in where the span has nothing yet: field name -> value. Stored by nobody.

    With `again` what this viewer last gave its label, but the form of a quote from its own shape.
    """
    values: dict[str, Any] = desk_queries.last_like(span, viewer) if again else {}
    if span.label.slug == QUOTE:
        values[FORM] = quotation_form(span.text)
    sent: dict[str, str] = {}
    for attribute in span.label.attributes.all():
        value = values.get(attribute.key)
        offered = {key for key, _ in _options(attribute)}
        if value is None or span.attributes.get(attribute.key) is not None:
            continue
        if offered and _sent(value) not in offered:  # a choice that is gone
            continue
        name = f"attr_{attribute.key}"
        anchor = value if isinstance(value, dict) else {}
        sent[name] = _sent(value)
        sent |= {f"{name}_{end}": _number(anchor.get(end)) for end in ("start", "end")}
    return sent


def touched(typed: Mapping[str, str], span: Span) -> dict[str, str]:
    """What was typed, without the fields that the person left as they saw them.

    Of a span that has changed since, those are shown as they are now: sending the form again must
    not put back what a colleague changed and this person never touched.
    """
    revision = typed.get("seen", "")
    seen = _as_seen(span, int(revision)) if _REVISION.match(revision) else None
    if seen is None or seen.revision == span.revision:
        return dict(typed)
    then = _fields_of(seen)
    return {name: value for name, value in typed.items() if then.get(name) != fold_line_ends(value)}


def alters(span: Span, typed: Mapping[str, str]) -> bool:
    """Whether the fields that came differ from the span as their sender saw it."""
    revision = typed.get("seen", "")
    if revision == str(span.revision):  # as nearly always; the rest is spared
        then = _fields(span.label, span.text, span.extent, span.attributes)
    else:
        seen = _as_seen(span, int(revision)) if _REVISION.match(revision) else None
        then = _fields_of(seen) if seen else {}
    return any(name in then and then[name] != fold_line_ends(typed[name]) for name in typed)


def fitting(span: Span, names: Sequence[str], revision: int) -> str:
    """Of several deeds the first that the span allowed as its actor saw it.

    A key has one name for what is, of a suggestion, another deed than of a mark. As it was seen and
    not as it is: a request that comes again must choose again what it chose at first.
    """
    if len(names) == 1:
        return names[0]
    seen = _as_seen(span, revision)
    allowed = span_actions(State(seen.after["state"] if seen else span.state))
    return next((name for name in names if name in allowed), names[0])


def since(span: Span, revision: str) -> list[tuple[str, str, str]]:
    """(what, as it was seen at that revision, as it is now) of all that differs.

    Empty where nobody knows what was seen.
    """
    seen = _as_seen(span, int(revision)) if _REVISION.match(revision) else None
    if seen is None:
        return []
    then = seen.after
    label = Label.objects.get(pk=then["label_id"])
    was = Span(attributes=then["attributes"])
    asked = {each.key: each for each in (*label.attributes.all(), *span.label.attributes.all())}
    pairs = [
        ("State", State(then["state"]).words, State(span.state).words),
        ("Label", label.name, span.label.name),
        ("Words", then["text"], span.text),
        ("Place", f"{then['start']}–{then['end']}", f"{span.start}–{span.end}"),
        *(
            (each.name, _field(each, was, None).shown, _field(each, span, None).shown)
            for each in asked.values()
        ),
    ]
    return [(name, before, now) for name, before, now in pairs if before != now]


def _as_seen(span: Span, revision: int) -> Event | None:
    """What wrote the span as it was at that revision."""
    return span.events.filter(revision=revision).first()


def _fields_of(event: Event) -> dict[str, str]:
    """The span as the event left it, as its form would send it."""
    label, row = Label.objects.get(pk=event.after["label_id"]), event.after
    return _fields(label, row["text"], Extent(row["start"], row["end"]), row["attributes"])


def _fields(
    label: Label, text: str, extent: Extent, attributes: Mapping[str, Any]
) -> dict[str, str]:
    """What stands in the fields of a form: field name -> value."""
    then = {"label": label.slug, "text": text}
    then |= {"start": str(extent.start), "end": str(extent.end)}
    for attribute in label.attributes.all():
        stored = attributes.get(attribute.key)
        name = f"attr_{attribute.key}"
        anchor = stored if isinstance(stored, dict) else {}
        then[name] = _sent(stored)
        then |= {f"{name}_{end}": _number(anchor.get(end)) for end in ("start", "end")}
    return then


def _guideline(
    span: Span, label: Label, viewer: Viewer, events: Sequence[Event]
) -> Guideline | None:
    """The guideline of the label that is shown; none if it says nothing. events: the span's."""
    if not label.guideline:
        return None
    now = label.guideline_revision
    told = []
    new = False
    if label == span.label and now > 1:
        new = _is_new(span, viewer)
        if new:
            name = label.name.lower()
            told.append(f"New since your last decision on {_article_of(name)} {name}.")
        under = _decided_under(span, events)
        if under is not None and under < now:
            told.append(f"Decided under revision {under}; the guideline is at {now} now.")
    return Guideline(now, label.guideline, tuple(told), new)


def _is_new(span: Span, viewer: Viewer) -> bool:
    """Whether the guideline has changed since this reviewer last decided on a span like it."""
    if span.state != State.PROPOSED or not permissions.may_review(viewer):
        return False
    last = last_decided_under(span.label, viewer)
    return last is not None and last < span.label.guideline_revision


def _decided_under(span: Span, events: Sequence[Event]) -> int | None:
    """The guideline's revision at the span's last verdict under this label; none without one."""
    if span.state in DECIDED:
        return span.guideline_revision
    verdicts = (
        event.after["guideline_revision"]
        for event in reversed(events)
        if event.action in VERDICTS
        and event.after["label_id"] == span.label_id
        and not event.deed.undone
    )
    return next(verdicts, None)


def _article_of(name: str) -> str:
    return "an" if name[:1] in "aeiou" else "a"


def _specs(label: Label) -> list[Attribute]:
    return [attribute.spec for attribute in label.attributes.all()]


def _field(attribute: LabelAttribute, span: Span, typed: Mapping[str, str] | None) -> Field:
    name = f"attr_{attribute.key}"
    stored = span.attributes.get(attribute.key)
    anchor = stored if isinstance(stored, dict) else {}
    value, start, end = _sent(stored), _number(anchor.get("start")), _number(anchor.get("end"))
    if typed is not None and name in typed:
        value = typed[name]
        start, end = typed.get(f"{name}_start", ""), typed.get(f"{name}_end", "")
    return Field(attribute, name, value, start, end, _options(attribute))


def _differs(typed: Mapping[str, str], span: Span, label: Label, fields: list[Field]) -> bool:
    """Whether the fields that came would change the span as it is now."""
    place = {"start": str(span.start), "end": str(span.end), "text": span.text}
    return (
        label != span.label
        or any(fold_line_ends(typed.get(name, now)) != now for name, now in place.items())
        or fields != [_field(field.attribute, span, None) for field in fields]
    )


def _compared(
    typed: Mapping[str, str], span: Span, label: Label, fields: list[Field]
) -> list[tuple[str, str, str]]:
    """(what, as it is now, as it was typed) of all that differs."""
    pairs = [("Label", span.label.name, label.name)]
    pairs.append(("Words", span.text, fold_line_ends(typed.get("text", span.text))))
    for field in fields:
        pairs.append((field.attribute.name, _field(field.attribute, span, None).shown, field.shown))
    return [(name, now, yours) for name, now, yours in pairs if now != yours]


def _options(attribute: LabelAttribute) -> list[tuple[str, str]]:
    if attribute.kind == Kind.YES_NO:
        return [("yes", "yes"), ("no", "no"), (UNKNOWN, "unknown")]
    if attribute.kind == Kind.CHOICE:
        return [(each.key, each.name) for each in attribute.choices.all()] + [(UNKNOWN, "unknown")]
    return []


def _sent(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case {"value": said}:
            return str(said)
        case _:
            return str(value)


def _number(value: int | None) -> str:
    return "" if value is None else str(value)

"""The rules of a reviewer's verdict: the same for one span and for many at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from annotations import permissions
from annotations.actions._write import check_awake, check_said, check_seen, span_row
from annotations.domain.attributes import Attribute, missing
from annotations.domain.checks import Concern
from annotations.domain.lifecycle import Action, Reason, State, past, span_transition
from annotations.domain.refusals import Already, Invalid, Refusal, Warned
from annotations.models import Deed, Event, Label, LabelAttribute, Person, Span
from annotations.queries import checks

UNDECIDED: dict[str, Any] = {
    "decided_by_id": None,
    "decided_at": None,
    "guideline_revision": None,
    "reason": "",
    "amended": False,
}
ASKED = Prefetch("attributes", LabelAttribute.objects.select_related("unless_attribute"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer says of spans."""

    action: Action
    reason: str = ""
    comment: str = ""


def check_verdict(verdict: Verdict) -> None:
    """Raises Invalid if it lacks what such a verdict needs."""
    if verdict.action is Action.REJECT and verdict.reason not in list(Reason):
        raise Invalid("Choose why it is rejected.", "reason")
    if verdict.action is Action.SEND_BACK and not verdict.comment.strip():
        raise Invalid("Say what the annotator should look at.", "comment")
    check_said(verdict.comment, "comment")


def refusals(
    asked: Sequence[tuple[Span, int]], verdict: Verdict, actor: Person
) -> dict[int, Refusal]:
    """Why the actor, who saw each span at that revision, may not give it this verdict: by its key.

    Those that may have it are left out. The spans are locked. In one statement at most.
    """
    repeated = _repeated(asked, verdict)
    refused: dict[int, Refusal] = {}
    for span, seen in asked:
        try:
            _check(span, seen, verdict, actor, span.pk in repeated)
        except Refusal as refusal:
            refused[span.pk] = refusal
    return refused


def unapprovable(
    spans: Sequence[Span], waved: Collection[str] = ()
) -> tuple[dict[int, Refusal], dict[int, list[Concern]]]:
    """Why these spans, as they stand in memory, cannot be approved, and the warnings of the others.

    Both by their keys. Whoever approves waves the warnings in `waved` through. In a few
    statements, however many they are.
    """
    prefetch_related_objects([span.label for span in spans], ASKED)
    found = checks.concerns(spans)
    refused: dict[int, Refusal] = {}
    for span in spans:
        try:
            _check_sound(span)
            _check_filled(span)
            if any(concern not in waved for concern in found[span.pk]):
                raise Warned(found[span.pk])
        except Refusal as refusal:
            refused[span.pk] = refusal
    return refused, {pk: found[pk] for pk in found.keys() - refused.keys()}


def decided(verdict: Verdict, label: Label, deed: Deed) -> dict[str, Any]:
    """What a verdict writes on a span of that label beside its state."""
    return UNDECIDED | {
        "decided_by_id": deed.actor_id,
        "decided_at": deed.at,
        "guideline_revision": label.guideline_revision,
        "reason": Reason(verdict.reason).value if verdict.action is Action.REJECT else "",
    }


def _check(span: Span, seen: int, verdict: Verdict, actor: Person, repeated: bool) -> None:
    check_awake(span.article)
    if repeated and not permissions.why_not_decide(actor, span):
        assert span.decided_by is not None
        raise Already(f"Already {past(verdict.action)} by {span.decided_by.get_username()}.")
    check_seen(span, seen)
    row = span_row(State(span.state), verdict.action)
    permissions.check_span(row.who, actor, span)


def _repeated(asked: Sequence[tuple[Span, int]], verdict: Verdict) -> set[int]:
    """Those that stand just as the verdict would leave them, by nothing else than it, once seen."""
    if verdict.action is Action.AMEND:  # it brings a change of its own
        return set()
    after = span_transition(State.PROPOSED, verdict.action).after
    alike = {
        span.pk: (span, seen)
        for span, seen in asked
        if (span.state, span.amended, span.reason) == (after, False, verdict.reason)
        and span.revision - seen in (0, 1)
    }
    if not alike:
        return set()
    given = Event.objects.filter(span__in=alike, action=verdict.action)
    said: dict[int, dict[int, str]] = defaultdict(dict)
    for pk, revision, comment in given.order_by("pk").values_list("span", "revision", "comment"):
        said[pk][revision] = comment
    return {
        pk
        for pk, (span, seen) in alike.items()
        if (span.revision == seen or span.revision in said[pk]) and _says_no_more(verdict, said[pk])
    }


def _says_no_more(verdict: Verdict, said: Mapping[int, str]) -> bool:
    """Whether no words would be lost. said: the comments with such a verdict, by revision."""
    if not verdict.comment and verdict.action is not Action.SEND_BACK:
        return True
    return bool(said) and verdict.comment == said[max(said)]


def _check_sound(span: Span) -> None:
    for error in checks.errors(span):
        raise Invalid(error, "text", "does not fit its text")


def _check_filled(span: Span) -> None:
    asked: list[Attribute] = [each.requirement for each in span.label.attributes.all()]
    lacking = missing(asked, span.attributes)
    if lacking:
        names = [attribute.name.lower() for attribute in lacking]
        raise Invalid(
            f"Before it can be approved it needs: {', '.join(names)}.",
            f"attr_{lacking[0].key}",
            f"lacks {' and '.join(map(_with_article, names))}",
        )


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"

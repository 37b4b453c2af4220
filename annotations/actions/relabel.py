"""Another label, or another value of an attribute, for many spans at once, as one deed.

Who keeps the labels does it, by the same life cycle as anybody: what is not approved yet is edited,
so that they are its last editor; what is approved is amended (the approval stands, and is theirs)
or edited (it waits for review again).
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from annotations import permissions
from annotations.actions._deeds import Done, known, sign
from annotations.actions._many import AT_MOST, Judged, Seen, Wish, do_many
from annotations.actions._verdicts import Verdict, decided, unapprovable
from annotations.actions._write import (
    Write,
    check_awake,
    check_seen,
    foresee_twins,
    look_at_spans,
    span_row,
)
from annotations.actions.spans import edited, label_of, reopened, specs_of
from annotations.domain.attributes import Attribute, BadAttribute, check_attributes, fitting
from annotations.domain.checks import Concern
from annotations.domain.lifecycle import Action, State, Who
from annotations.domain.refusals import Illegal, Invalid, NotPermitted, Refusal, Stale, Twin
from annotations.models import Deed, Label, Person, Span


class Approvals(StrEnum):
    """What becomes of approvals: they stand, as those of who changes the spans, or they do not."""

    STAND = "stand"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class LabelChange:
    """What spans are to be: of another label, or with another value of an attribute.

    label: its slug. attribute: its key; value: what it is to be, None empties it. Neither: they
    stay, and their approvals are reopened.
    """

    label: str = ""
    attribute: str = ""
    value: Any = None

    @property
    def only_reopens(self) -> bool:
        return not self.label and not self.attribute


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a change would do.

    spans: those it would change, each with its revision. changed: how many of them are in each
    state, by what would be done. skipped: how many would be left, by the few words why. dropped:
    how many values the new label does not take, by the attribute's key. waved: how many warnings
    would be waved through.
    """

    spans: list[tuple[UUID, int]] = field(default_factory=list)
    changed: Counter[tuple[State, Action]] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    waved: Counter[Concern] = field(default_factory=Counter)


# What a span is counted under that was refused so; Illegal and Invalid bring their own words.
KINDS: dict[type[Refusal], str] = {
    NotPermitted: "with your own last hand on it",
    Stale: "changed meanwhile",
    Twin: "marked twice then",
}


class _LeftAlone(Illegal):
    """It is in no state to be changed with many others. `kind`: the few words for it."""

    def __init__(self, sentence: str, kind: str) -> None:
        super().__init__(sentence)
        self.kind = kind


def change_many(
    *,
    spans: Sequence[tuple[UUID, int]],
    change: LabelChange,
    deed: Deed,
    approvals: Approvals = Approvals.REOPEN,
    at_most: int = AT_MOST,
) -> Done:
    """Change each of the spans that may be changed so; what is refused is skipped and told.

    spans: (uid, the revision that was counted). Rejected, withdrawn, dismissed and suggested ones
    are left alone. A value that another label does not take goes; the warnings of an approval that
    stands are waved through. Ends, and goes on with the same request, as decide_many.

    Raises Reused; NotPermitted unless the actor keeps the labels; Invalid if there is no such label
    or the value does not fit; NothingDone if all were skipped; Illegal if the deed was undone
    meanwhile.
    """
    seen = dict(spans)
    asked = sorted((str(uid), revision) for uid, revision in seen.items())
    action = Action.REOPEN if change.only_reopens else Action.EDIT
    sign(deed, action, {"spans": asked, "change": change, "approvals": approvals})
    earlier = known(deed)
    assert deed.actor is not None
    check_change(change, approvals, deed.actor)
    if not seen:
        raise Invalid("There is no span to change.", "spans")

    def judge(rows: Sequence[Span], seen: Seen, standing: Deed) -> Judged:
        return _judged(rows, seen, change, approvals, standing)

    done = "reopened" if change.only_reopens else "changed"
    return do_many(Wish(judge, _kind, done), seen, deed, earlier, at_most=at_most)


def check_change(change: LabelChange, approvals: Approvals, actor: Person) -> None:
    """Raises NotPermitted unless the actor may change many spans so; Invalid if nobody may."""
    permissions.check_keeps_labels(actor)
    part = Who.LABEL_KEEPER if approvals is Approvals.STAND else Who.EITHER
    permissions.check_span(Who.REVIEWER if change.only_reopens else part, actor, None)
    if change.only_reopens and approvals is Approvals.STAND:
        raise Invalid("Choose what is to be changed.", "what")
    if change.label:
        label_of(change.label)


def foresee(
    foreseen: Foreseen,
    uids: Collection[UUID],
    change: LabelChange,
    approvals: Approvals,
    actor: Person,
) -> None:
    """Count in `foreseen` what change_many would do to these spans now. Nothing is written."""
    rows = look_at_spans(uids)
    before = {row.pk: copy(row) for row in rows}
    seen = {row.uid: row.revision for row in rows}
    judged = _judged(rows, seen, change, approvals, Deed(actor=actor))
    refused = dict(judged.refused)
    writes = [(action, each) for action in judged.writes for each in judged.writes[action]]
    twins = foresee_twins(write for _, write in writes)
    for (action, write), twin in zip(writes, twins, strict=True):
        was = before[write.span.pk]
        if twin is not None:
            refused[was.pk] = twin
            continue
        foreseen.spans.append((was.uid, was.revision))
        foreseen.changed[State(was.state), action] += 1
        foreseen.waved.update(Concern(each) for each in write.waved)
        if change.label:
            kept = write.changes.get("attributes", was.attributes)
            foreseen.dropped.update(was.attributes.keys() - kept.keys())
    foreseen.skipped.update(_kind(refusal) for refusal in refused.values())


def _judged(
    rows: Sequence[Span], seen: Seen, change: LabelChange, approvals: Approvals, deed: Deed
) -> Judged:
    """What the change comes to on each of these spans."""
    assert deed.actor is not None
    label = label_of(change.label) if change.label else None
    asked: dict[int, list[Attribute]] = {}
    writes: dict[Action, list[Write]] = {}
    refused: dict[int, Refusal] = {}
    for row in rows:
        try:
            action = _action_on(row, seen[row.uid], change, approvals, deed.actor)
            changes = _changes(row, change, label, asked)
        except Refusal as refusal:
            refused[row.pk] = refusal
            continue
        writes.setdefault(action, []).append(_write(row, action, changes, deed))
    if standing := writes.get(Action.AMEND):
        writes[Action.AMEND] = _approvable(standing, refused)
    return Judged(writes, refused)


def _action_on(
    row: Span, seen: int, change: LabelChange, approvals: Approvals, actor: Person
) -> Action:
    """What is to be done to the span. Raises a Refusal."""
    check_awake(row.article)
    check_seen(row, seen)
    if row.layer_id is not None:
        raise _LeftAlone("It is of somebody who annotates independently.", "of others’ own layers")
    state = State(row.state)
    if change.only_reopens:
        action = Action.REOPEN
        legal = state is State.APPROVED
    else:
        stands = state is State.APPROVED and approvals is Approvals.STAND
        action = Action.AMEND if stands else Action.EDIT
        legal = state in (State.PROPOSED, State.SENT_BACK, State.APPROVED)
    if not legal:
        raise _LeftAlone(f"It is {state.words}, so it is left alone.", state.words)
    permissions.check_span(span_row(state, action).who, actor, row)
    return action


def _changes(
    row: Span, change: LabelChange, label: Label | None, asked: dict[int, list[Attribute]]
) -> dict[str, Any]:
    """What of the change the span is not yet. asked: what labels ask for, once looked up."""
    if change.only_reopens:
        return {}
    wanted: dict[str, Any] = {"label": label} if label else {}
    specs = _specs(label or row.label, asked)
    if label is None:
        values = {**row.attributes, change.attribute: change.value}
        try:
            wanted["attributes"] = check_attributes(specs, values, row.article.text)
        except BadAttribute as error:
            raise Invalid(str(error), f"attr_{error.key}", "that the value does not fit") from None
    elif label != row.label:
        wanted["attributes"] = fitting(specs, row.attributes, row.article.text)
    changes = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if not changes:
        raise Invalid("It is so already.", kind="so already")
    return changes


def _specs(label: Label, asked: dict[int, list[Attribute]]) -> list[Attribute]:
    if label.pk not in asked:
        asked[label.pk] = specs_of(label)
    return asked[label.pk]


def _write(row: Span, action: Action, changes: Mapping[str, Any], deed: Deed) -> Write:
    after = {"state": span_row(State(row.state), action).after}
    if action is Action.REOPEN:
        return Write(row, reopened(row) | after)
    if action is Action.EDIT:
        return Write(row, edited(row, changes, deed) | after)
    verdict = decided(Verdict(action), changes.get("label", row.label), deed)
    return Write(row, {**verdict, "amended": True, **changes, **after})


def _approvable(writes: Sequence[Write], refused: dict[int, Refusal]) -> list[Write]:
    """Those that may be approved as they will be, their warnings waved through."""
    unfit, concerns = unapprovable([_after(write) for write in writes], list(Concern))
    refused |= unfit
    return [
        write._replace(waved=concerns[write.span.pk])
        for write in writes
        if write.span.pk not in unfit
    ]


def _after(write: Write) -> Span:
    """The span as it will be."""
    changed = copy(write.span)
    for name, value in write.changes.items():
        setattr(changed, name, value)
    return changed


def _kind(refusal: Refusal) -> str:
    if isinstance(refusal, (Invalid, _LeftAlone)):
        return refusal.kind
    return KINDS.get(type(refusal), "in articles that rest")

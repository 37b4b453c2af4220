"""Spot checks: looking again at what was approved. No deeds: what is found changes no span."""

from uuid import UUID

from django.db import transaction

from annotations import permissions
from annotations.actions._write import check_said, lock_span
from annotations.actions.comments import MAX_COMMENT_LENGTH
from annotations.domain.lifecycle import Finding, State
from annotations.domain.refusals import Illegal, Invalid, Reused
from annotations.models import Person, Span, SpotCheck


def record_finding(
    *, span: UUID, seen: int, finding: str, note: str, checker: Person, request_id: UUID
) -> SpotCheck:
    """Record what somebody found of an approved span as they saw it; once for each request id.

    A span that is wrong stays approved until somebody reopens it. Raises Span.DoesNotExist; Reused
    for a request id that came with something else; Invalid for no finding, or a wrong one without
    a word; Stale if the span has changed since `seen`; Illegal if it is not approved, was looked
    at already, or its article rests; NotPermitted for whoever had a hand in it.
    """
    told = (span, seen, finding, note, checker.pk)
    if earlier := _repeat_of(request_id, told):
        return earlier
    _check_told(finding, note)
    with transaction.atomic():
        row = lock_span(span, seen)
        if earlier := _repeat_of(request_id, told):  # the same, sent twice at once
            return earlier
        if row.state != State.APPROVED:
            state = State(row.state).words
            raise Illegal(f"This span is {state}, so there is no approval to check.")
        permissions.check_spot_check(checker, row)
        if row.checked:
            raise Illegal("Somebody has looked at this span meanwhile; it is not asked for twice.")
        row.checked = True
        row.save(update_fields=["checked"])
        return _record(row, finding, note, checker, request_id)


def _record(span: Span, finding: str, note: str, checker: Person, request_id: UUID) -> SpotCheck:
    assert span.decided_by_id is not None  # for it is approved
    return SpotCheck.objects.create(
        span=span,
        revision=span.revision,
        label=span.label,
        amended=span.amended,
        decided_by_id=span.decided_by_id,
        checker=checker,
        finding=Finding(finding),
        note=note,
        request_id=request_id,
    )


def _repeat_of(request_id: UUID, told: tuple[object, ...]) -> SpotCheck | None:
    earlier = SpotCheck.objects.select_related("span").filter(request_id=request_id).first()
    if earlier is not None and told != (
        earlier.span.uid,
        earlier.revision,
        earlier.finding,
        earlier.note,
        earlier.checker_id,
    ):
        raise Reused(
            "This form was sent before with other contents. "
            "The page shows how things stand; please do it again from here."
        )
    return earlier


def _check_told(finding: str, note: str) -> None:
    if finding not in list(Finding):
        raise Invalid("Say whether it is right or wrong.", "finding")
    if finding == Finding.WRONG and not note.strip():
        raise Invalid("Say what is wrong with it.", "note")
    if len(note) > MAX_COMMENT_LENGTH:
        raise Invalid(
            f"A note has at most {MAX_COMMENT_LENGTH:,} characters; this one has {len(note):,}.",
            "note",
        )
    check_said(note, "note")

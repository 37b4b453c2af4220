"""One verdict on many spans: by the rules of one, in short transactions, as one deed."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from uuid import UUID

from django.db.models import Count

from annotations import permissions
from annotations.actions._deeds import Done, known, sign
from annotations.actions._many import AT_MOST, Judged, Seen, Wish, do_many
from annotations.actions._verdicts import (
    Verdict,
    check_verdict,
    decided,
    refusals,
    unapprovable,
)
from annotations.actions._write import Write, span_row
from annotations.domain.groups import ONE_BY_ONE, WHY_ONE_BY_ONE, may_decide_together
from annotations.domain.lifecycle import Action, State, Who, past
from annotations.domain.refusals import (
    Already,
    Illegal,
    Invalid,
    NotPermitted,
    Refusal,
    Stale,
    Twin,
    Warned,
)
from annotations.models import Deed, Span

VERDICTS = (Action.APPROVE, Action.REJECT, Action.SEND_BACK)
# What a span is counted under that was refused so; Invalid brings its own words.
KINDS: dict[type[Refusal], str] = {
    NotPermitted: "your own",
    Stale: "changed meanwhile",
    Illegal: "no longer waits",
    Twin: "marked twice",
    Warned: "has a warning",
}


def decide_many(
    *,
    spans: Sequence[tuple[UUID, int]],
    verdict: str,
    deed: Deed,
    reason: str = "",
    comment: str = "",
    at_most: int = AT_MOST,
) -> Done:
    """Give the verdict (approve, reject or send_back) to each span that may have it.

    spans: (uid, the revision that the reviewer saw). Each is held to what a verdict on it alone is
    held to, and a warning cannot be waved through; what is refused is skipped and told. So are
    claims and quotes of under five words, if several of them have the same words. Ends when
    `at_most` are decided: then `remaining` says how many are still to be looked at, and the same
    request again goes on. `spans` of what it returns are all that the deed decided, in earlier
    requests, too; those that were skipped are looked at again in each.

    Raises Reused; NotPermitted unless the actor is a reviewer; Invalid if the verdict lacks what
    it needs; NothingDone if all were skipped; Illegal if the deed was undone meanwhile.
    """
    wanted = _verdict(verdict, reason, comment)
    seen = dict(spans)
    asked = sorted((str(uid), revision) for uid, revision in seen.items())
    sign(deed, wanted.action, {"spans": asked, "reason": reason, "comment": comment})
    earlier = known(deed)
    assert deed.actor is not None
    permissions.check_span(Who.OTHER_REVIEWER, deed.actor, None)
    check_verdict(wanted)
    if not seen:
        raise Invalid("Tick at least one span.", "span")
    repeated = _repeated(seen)
    wish = Wish(
        lambda rows, seen, standing: _judged(rows, seen, wanted, standing, repeated),
        lambda refusal: _kind(refusal, wanted),
        past(wanted.action),
        comment,
    )
    return do_many(wish, seen, deed, earlier, at_most=at_most)


def _verdict(verdict: str, reason: str, comment: str) -> Verdict:
    if verdict not in VERDICTS:
        raise Invalid("There is no such verdict.", "action")
    return Verdict(Action(verdict), reason, comment)


def _repeated(seen: Seen) -> set[tuple[int, str]]:
    """Label and text group of which the whole request names several, where that may matter.

    Asked for once and before anything is locked: what is edited meanwhile was not seen so, and is
    refused for that.
    """
    spans = Span.objects.filter(uid__in=seen, label__slug__in=ONE_BY_ONE).order_by()
    several = spans.values("label", "text_group").annotate(times=Count("pk")).filter(times__gt=1)
    return set(several.values_list("label", "text_group"))


def _judged(
    rows: Sequence[Span],
    seen: Seen,
    verdict: Verdict,
    deed: Deed,
    repeated: AbstractSet[tuple[int, str]],
) -> Judged:
    """Which of the spans the verdict cannot be given to, and what it writes on the others."""
    assert deed.actor is not None
    refused = refusals([(row, seen[row.uid]) for row in rows], verdict, deed.actor)
    alike = [row for row in rows if (row.label_id, row.text_group) in repeated]
    for row in alike:
        if row.pk not in refused and not may_decide_together(row.label.slug, row.text):
            refused[row.pk] = Invalid(WHY_ONE_BY_ONE, "span", "one by one")
    if verdict.action is Action.APPROVE:
        unfit, _ = unapprovable([row for row in rows if row.pk not in refused])
        refused |= unfit
    writes = [_write(row, verdict, deed) for row in rows if row.pk not in refused]
    return Judged({verdict.action: writes}, refused)


def _write(row: Span, verdict: Verdict, deed: Deed) -> Write:
    after = span_row(State(row.state), verdict.action).after
    return Write(row, decided(verdict, row.label, deed) | {"state": after})


def _kind(refusal: Refusal, verdict: Verdict) -> str:
    if isinstance(refusal, Already):
        return f"already {past(verdict.action)}"
    return refusal.kind if isinstance(refusal, Invalid) else KINDS[type(refusal)]

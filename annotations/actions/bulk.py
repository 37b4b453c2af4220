"""One verdict on many spans: by the rules of one, in short transactions, as one deed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from annotations import permissions
from annotations.actions._deeds import Done, Skipped, counted, known, sign
from annotations.actions._queue import Settling, settle
from annotations.actions._verdicts import (
    Verdict,
    check_verdict,
    decided,
    refusals,
    unapprovable,
)
from annotations.actions._write import Write, follow, lock_spans, span_row, write_spans
from annotations.domain.lifecycle import Action, State, Who, past
from annotations.domain.refusals import (
    Already,
    Illegal,
    Invalid,
    NothingDone,
    NotPermitted,
    Refusal,
    Stale,
    Twin,
    Warned,
)
from annotations.models import Deed, Span

VERDICTS = (Action.APPROVE, Action.REJECT, Action.SEND_BACK)
AT_MOST = 500
CHUNK = 50  # spans in one transaction
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
    held to, and a warning cannot be waved through; what is refused is skipped and told. Ends when
    `at_most` are decided: then `remaining` says how many are still to be looked at, and the same
    request again goes on. `spans` of what it returns are all that the deed decided, in earlier
    requests, too; those that were skipped are looked at again in each.

    Raises Reused; NotPermitted unless the actor is a reviewer; Invalid if the verdict lacks what
    it needs; NothingDone if all were skipped; Illegal if the deed was undone meanwhile.
    """
    wish = _wish(verdict, reason, comment)
    seen = dict(spans)
    asked = sorted((str(uid), revision) for uid, revision in seen.items())
    sign(deed, wish.action, {"spans": asked, "reason": reason, "comment": comment})
    earlier = known(deed)
    assert deed.actor is not None
    permissions.check_span(Who.OTHER_REVIEWER, deed.actor, None)
    check_verdict(wish)

    found = Span.objects.filter(uid__in=seen).order_by("article", "pk").values_list("pk", "uid")
    before = list(_decided_by(earlier)) if earlier else []
    done = {span.pk for span in before}
    queue = [uid for pk, uid in found if pk not in done]
    skipped = [
        Skipped(None, "There is no such span.", "not there")
        for _ in range(len(seen) - len(queue) - len(before))
    ]
    written: list[Span] = []
    at = 0
    while at < len(queue) and len(written) < at_most:
        chunk = queue[at : at + min(CHUNK, at_most - len(written))]
        decided_now, passed_over = _once(deed, {uid: seen[uid] for uid in chunk}, wish)
        written += decided_now
        skipped += passed_over
        at += len(chunk)

    decided_all = (*before, *written)
    if not decided_all:
        raise NothingDone(f"Nothing was {past(wish.action)} · {counted(skipped)}.")
    return Done(
        Deed.objects.get(request_id=deed.request_id),
        decided_all[-1].article,
        decided_all,
        tuple(skipped),
        repeated=not written,
        remaining=len(queue) - at,
    )


def _wish(verdict: str, reason: str, comment: str) -> Verdict:
    if verdict not in VERDICTS:
        raise Invalid("There is no such verdict.", "action")
    return Verdict(Action(verdict), reason, comment)


def _decided_by(deed: Deed) -> Iterable[Span]:
    """The spans that the deed has decided, as they are now."""
    return Span.objects.filter(events__deed=deed).select_related("article", "label").order_by("pk")


def _once(
    deed: Deed, seen: Mapping[UUID, int], verdict: Verdict
) -> tuple[list[Span], list[Skipped]]:
    """A chunk, whoever sends the same request at the same moment."""
    try:
        return _decide(deed, seen, verdict)
    except IntegrityError:
        if known(deed) is None:
            raise
        return _decide(deed, seen, verdict)  # the other one has begun the deed by now


@transaction.atomic
def _decide(
    deed: Deed, seen: Mapping[UUID, int], verdict: Verdict
) -> tuple[list[Span], list[Skipped]]:
    """Decide these spans in one transaction; those that the deed decided before are left out.

    The deed first, as undoing it locks that first, too: so it is undone between two chunks.
    """
    stored = Deed.objects.select_for_update(no_key=True).filter(request_id=deed.request_id).first()
    if stored is None:
        deed.pk = None
        deed.save(force_insert=True)
    elif stored.chain.exists():
        raise Illegal(f"This was undone meanwhile, so no more was {past(verdict.action)}.")
    standing = stored or deed
    rows = lock_spans(seen.keys())
    if stored:
        done = set(stored.events.filter(span__in=rows).values_list("span", flat=True))
        rows = [row for row in rows if row.pk not in done]
    refused = _judged(rows, seen, verdict, standing)
    writes = [Write(row, _changes(row, verdict, standing)) for row in rows if row.pk not in refused]
    twins = write_spans(writes, verdict.action, standing, comment=verdict.comment)
    refused |= {write.span.pk: twin for write, twin in zip(writes, twins, strict=True) if twin}
    written = [row for row in rows if row.pk not in refused]
    _follow(written, standing)
    if stored is None and not written:
        transaction.set_rollback(True)  # a deed that did nothing is none
    return written, [
        Skipped(row, str(refused[row.pk]), _kind(refused[row.pk], verdict))
        for row in rows
        if row.pk in refused
    ]


def _judged(
    rows: Sequence[Span], seen: Mapping[UUID, int], verdict: Verdict, deed: Deed
) -> dict[int, Refusal]:
    """Which of the spans the verdict cannot be given to, and why: by their keys."""
    assert deed.actor is not None
    refused = refusals([(row, seen[row.uid]) for row in rows], verdict, deed.actor)
    if verdict.action is Action.APPROVE:
        unfit, _ = unapprovable([row for row in rows if row.pk not in refused])
        refused |= unfit
    return refused


def _changes(row: Span, verdict: Verdict, deed: Deed) -> dict[str, Any]:
    after = span_row(State(row.state), verdict.action).after
    return decided(verdict, row.label, deed) | {"state": after}


def _follow(written: Sequence[Span], deed: Deed) -> None:
    """Let the articles follow their spans, and settle where those wait, all at once."""
    settlings: list[Settling] = []
    for article in {row.article_id: row.article for row in written}.values():
        spans = [row for row in written if row.article_id == article.pk]
        follow(article, deed, spans, settlings)
    settle(settlings)


def _kind(refusal: Refusal, verdict: Verdict) -> str:
    if isinstance(refusal, Already):
        return f"already {past(verdict.action)}"
    return refusal.kind if isinstance(refusal, Invalid) else KINDS[type(refusal)]

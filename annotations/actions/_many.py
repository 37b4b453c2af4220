"""One deed on many spans: in short transactions, by the rules of a deed on one, gone on with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from annotations.actions._deeds import Done, Skipped, counted, known
from annotations.actions._queue import Settling, settle
from annotations.actions._write import Write, follow, lock_spans, write_spans
from annotations.domain.lifecycle import Action
from annotations.domain.refusals import Illegal, NothingDone, Refusal
from annotations.models import Deed, Span

AT_MOST = 500  # spans that one request writes
CHUNK = 50  # spans in one transaction

Seen = Mapping[UUID, int]


class Judged(NamedTuple):
    """What a deed comes to on some spans: what to write, by which action, in this order.

    refused: why the others are left as they are, by their keys.
    """

    writes: Mapping[Action, Sequence[Write]]
    refused: Mapping[int, Refusal]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of many spans.

    judge: what it comes to on these, which are locked and were seen at those revisions. kind: the
    few words that a refused one is counted under. done: what those are that it was done to, as
    "approved".
    """

    judge: Callable[[Sequence[Span], Seen, Deed], Judged]
    kind: Callable[[Refusal], str]
    done: str
    comment: str = ""


def do_many(
    wish: Wish, seen: Seen, deed: Deed, earlier: Deed | None, *, at_most: int = AT_MOST
) -> Done:
    """Do what is wished to each span that it may be done to; what is refused is skipped and told.

    seen: each span's uid, and the revision its actor saw. earlier: the deed as it was begun, if it
    was. Ends when `at_most` are written: then `remaining` says how many are still to be looked at,
    and the same request again goes on. `spans` of what it returns are all that the deed wrote, in
    earlier requests, too; those that were skipped are looked at again in each. Raises NothingDone
    if all were skipped; Illegal if the deed was undone meanwhile.
    """
    before = _written_by(earlier) if earlier else []
    done = {span.pk for span in before}
    found = Span.objects.filter(uid__in=seen).order_by("article", "pk").values_list("pk", "uid")
    queue = [uid for pk, uid in found if pk not in done]
    written: list[Span] = []
    passed_over: list[Skipped] = []
    at = 0
    while at < len(queue) and len(written) < at_most:
        chunk = queue[at : at + min(CHUNK, at_most - len(written))]
        written_now, passed_over_now = _once(wish, {uid: seen[uid] for uid in chunk}, deed)
        written += written_now
        passed_over += passed_over_now
        at += len(chunk)
    unknown = [Skipped(None, "There is no such span.", "not there")]
    skipped = unknown * (len(seen) - len(queue) - len(before)) + passed_over

    stored = Deed.objects.filter(request_id=deed.request_id).first()
    if stored is None:
        raise NothingDone(f"Nothing was {wish.done} · {counted(skipped)}.")
    written_all = [*before, *written]
    if len(written) + len(passed_over) < at:  # the same request did some at the same moment
        written_all = _written_by(stored)
    return Done(
        stored,
        written_all[-1].article,
        tuple(written_all),
        tuple(skipped),
        repeated=not written,
        remaining=len(queue) - at,
    )


def _written_by(deed: Deed) -> list[Span]:
    """The spans that the deed has written, as they are now."""
    spans = Span.objects.filter(events__deed=deed).select_related("article", "label")
    return list(spans.defer("article__text").order_by("article", "pk"))


def _once(wish: Wish, seen: Seen, deed: Deed) -> tuple[list[Span], list[Skipped]]:
    """A chunk, whoever sends the same request at the same moment."""
    try:
        return _do(wish, seen, deed)
    except IntegrityError:
        if known(deed) is None:
            raise
        return _do(wish, seen, deed)  # the other one has begun the deed by now


@transaction.atomic
def _do(wish: Wish, seen: Seen, deed: Deed) -> tuple[list[Span], list[Skipped]]:
    """Do it to these spans in one transaction; those that the deed wrote before are left out.

    The deed first, as undoing it locks that first, too: so it is undone between two chunks.
    """
    stored = Deed.objects.select_for_update(no_key=True).filter(request_id=deed.request_id).first()
    if stored is None:
        deed.pk = None
        deed.save(force_insert=True)
    elif stored.chain.exists():
        raise Illegal(f"This was undone meanwhile, so no more was {wish.done}.")
    standing = stored or deed
    rows = lock_spans(seen.keys())
    if stored:
        done = set(stored.events.filter(span__in=rows).values_list("span", flat=True))
        rows = [row for row in rows if row.pk not in done]
    judged = wish.judge(rows, seen, standing)
    refused = dict(judged.refused)
    for action, writes in judged.writes.items():
        twins = write_spans(writes, action, standing, comment=wish.comment)
        refused |= {write.span.pk: twin for write, twin in zip(writes, twins, strict=True) if twin}
    written = [row for row in rows if row.pk not in refused]
    _follow(written, standing)
    if stored is None and not written:
        transaction.set_rollback(True)  # a deed that did nothing is none
    return written, [
        Skipped(row, str(refused[row.pk]), wish.kind(refused[row.pk]))
        for row in rows
        if row.pk in refused
    ]


def _follow(written: Sequence[Span], deed: Deed) -> None:
    """Let the articles follow their spans, and settle where those wait, all at once."""
    settlings: list[Settling] = []
    for article in {row.article_id: row.article for row in written}.values():
        spans = [row for row in written if row.article_id == article.pk]
        follow(article, deed, spans, settlings)
    settle(settlings)

"""Undo and redo: one deed that restores what another wrote over."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Q

from annotations import permissions
from annotations.actions._deeds import Done, Skipped, records
from annotations.actions._queue import Settling, settle
from annotations.actions._write import (
    WORKED,
    Write,
    article_row,
    check_awake,
    fields_of,
    follow,
    lock_articles,
    row_of,
    write_article,
    write_spans,
)
from annotations.domain.lifecycle import (
    AWAITING_REVIEW,
    UNSETTLED,
    Action,
    ArticleState,
    State,
    Who,
)
from annotations.domain.refusals import Illegal, NotPermitted, Refusal, Stale
from annotations.models import Article, Deed, Event, Outlet, Span, Story

# What is undone, and what undid it, and so on.
SETTLED = Q(deed__undone=True, deed__root=None) | Q(deed__root__undone=True)


class _Later(NamedTuple):
    """An event: the revision it wrote, and the deed that its deed's chain began with, if it did."""

    revision: int
    root: int | None


def _aim(deed: Deed, payload: dict[str, Any]) -> None:
    """Point the undo at the deed it undoes: the last of the chain that `target` belongs to."""
    chosen = Deed.objects.select_related("root").get(pk=payload["target"])
    root = Deed.objects.select_for_update(no_key=True).get(pk=chosen.root_id or chosen.pk)
    if root.actor_id is None or root.actor_id != deed.actor_id:
        raise NotPermitted("You can undo only what you did yourself.")
    tip = root.chain.order_by("-id").first() or root
    if root.undone if chosen == root else chosen != tip:
        raise Illegal("This is undone already.")
    deed.undoes, deed.root = tip, root


@records(Action.UNDO, prepare=_aim)
def undo(*, target: int, deed: Deed) -> Done:
    """Undo the deed with the id `target`; if that is an undo, redo.

    Restores `before` on each span that is as the deed left it, and the article likewise; reports
    the others as skipped, those of articles that rest, too. What the deed made is withdrawn, for
    nothing is deleted. An approval goes back only to its original decider, save where the deed had
    put another in its place. Raises Deed.DoesNotExist; NotPermitted if the deed is another's;
    Illegal if it is undone already; and, where nothing at all could be restored, the refusal that
    stood in the way.
    """
    assert deed.undoes is not None
    assert deed.root is not None
    assert deed.actor is not None
    permissions.check_undo(deed.root, deed.actor)
    if deed.root.action == Action.SUPERSEDE:  # a person's: it brought an article in
        raise Illegal(
            "A correction stays, as every article that came in. If it is wrong, correct it again, "
            "or set it aside."
        )
    undone = deed.undoes.events
    articles = lock_articles(undone.order_by().values_list("article", flat=True))
    # Read only now: before the lock a colleague might still change the spans.
    events = list(undone.select_related("span__label").order_by("id"))
    of_spans = [event for event in events if event.span]
    for span in (event.span for event in events if event.span):
        span.article = articles[span.article_id]

    restored, refused = _restore_spans(of_spans, deed)
    moved: list[Settling] = []
    for article in articles.values():
        own = [event for event in events if event.span is None and event.article_id == article.pk]
        spans = [span for span in restored if span.article_id == article.pk]
        if of_spans and not spans:
            continue
        try:
            _restore_article(own[0] if own else None, article, spans, deed, moved)
        except Refusal:
            if not of_spans:
                raise
            # The article only followed its spans; where it cannot go back, it follows again.
            follow(article, deed, spans, moved)
    settle(moved)
    if of_spans and not restored:
        raise refused[0][1]

    deed.root.undone = not deed.root.undone
    deed.root.save(update_fields=["undone"])
    skipped = tuple(Skipped(span, str(refusal)) for span, refusal in refused)
    return Done(deed, next(iter(articles.values())), tuple(restored), skipped)


def _restore_spans(
    events: Sequence[Event], deed: Deed
) -> tuple[list[Span], list[tuple[Span, Refusal]]]:
    """Put the spans of these events back; which are back, and which are not, and why."""
    later = _later(events)
    writes: list[Write] = []
    refused: dict[int, Refusal] = {}
    for event in events:
        assert event.span is not None
        try:
            writes.append(Write(event.span, _changes_back(event, event.span, later, deed)))
        except Refusal as refusal:
            refused[event.span.pk] = refusal
    twins = write_spans(writes, Action.UNDO, deed)
    refused |= {write.span.pk: twin for write, twin in zip(writes, twins, strict=True) if twin}
    spans = [event.span for event in events if event.span]
    restored = [span for span in spans if span.pk not in refused]
    return restored, [(span, refused[span.pk]) for span in spans if span.pk in refused]


def _changes_back(
    event: Event, span: Span, later: Mapping[int, Sequence[_Later]], deed: Deed
) -> dict[str, Any]:
    """What to set on the span so that it is as before the event. Raises a Refusal."""
    check_awake(span.article)
    if not _stands(event, span, later[span.pk]):
        raise Stale("It has changed since.")
    if event.before is None:
        return {"state": State.WITHDRAWN}
    if event.before["state"] == State.APPROVED:
        _check_approval(event, event.before, deed)
    return fields_of(event.before)


def _check_approval(event: Event, before: Mapping[str, Any], deed: Deed) -> None:
    """Raises NotPermitted unless the deed may bring back the approval that was before `event`.

    Where the event put another approval in its place none is given now, so it may be anybody's.
    """
    assert deed.actor is not None
    if event.after["state"] == State.APPROVED:
        permissions.check_span(Who.LABEL_KEEPER, deed.actor, None)
        return
    if before["decided_by_id"] != deed.actor_id:
        raise NotPermitted("Only who approved it can give that approval back.")
    if not permissions.may_review(deed.actor):
        raise NotPermitted("Only reviewers can give an approval back.")


def _later(events: Sequence[Event]) -> Mapping[int, Sequence[_Later]]:
    """By span, what came after the first of these events and is not undone itself."""
    later: dict[int, list[_Later]] = defaultdict(list)
    if events:
        spans = Event.objects.filter(deed=events[0].deed_id).values("span")
        rows = Event.objects.filter(span__in=spans, pk__gt=events[0].pk).exclude(SETTLED)
        for pk, revision, root in rows.values_list("span", "revision", "deed__root"):
            later[pk].append(_Later(revision, root))
    return later


def _stands(event: Event, thing: Span | Article, later: Iterable[_Later]) -> bool:
    """Whether it is as `event` left it: nothing came after, save what is undone itself.

    An earlier deed that was undone and done again since cancels out, too. To an article nothing
    comes by what is done to its spans, unless it moves along with that. later: what came to it, and
    perhaps some that came before.
    """
    if row_of(thing) != event.after:
        return False
    chains = Counter(each.root for each in later if each.revision > event.revision)
    return None not in chains and all(times % 2 == 0 for times in chains.values())


def _restore_article(
    event: Event | None, article: Article, spans: list[Span], deed: Deed, moved: list[Settling]
) -> None:
    """Put the article back to before `event`; with none, let it follow its spans."""
    if event is None:
        follow(article, deed, spans, moved)
        return
    if event.before is None:
        raise Illegal("An article that came in stays; set it aside instead.")
    own = article.events.filter(span=None, pk__gt=event.pk).exclude(SETTLED)
    if not _stands(event, article, map(_Later._make, own.values_list("revision", "deed__root"))):
        raise Stale("The article has changed since.")
    before = fields_of(event.before)
    assert deed.actor is not None
    state = ArticleState(article.state)
    if state == ArticleState.SUBMITTED and before["state"] in (
        ArticleState.OPEN,
        ArticleState.IN_PROGRESS,
    ):
        permissions.check_article(article_row(state, Action.TAKE_BACK), deed.actor, article)
    if before["state"] == ArticleState.OPEN and article.spans.filter(state__in=WORKED).exists():
        raise Illegal("The article has spans.")
    # Coming back from being set aside, a sign-off was only resting: it is nobody's to give.
    if before["state"] == ArticleState.REVIEWED and state in AWAITING_REVIEW:
        if before["reviewed_by_id"] != deed.actor_id:
            raise NotPermitted("Only who signed the article off can give that back.")
        if article.spans.filter(state__in=UNSETTLED).exists():
            raise Illegal("The article has spans that are not settled.")
        permissions.check_article(article_row(state, Action.REVIEW), deed.actor, article)
    for name, model in (("outlet_id", Outlet), ("story_id", Story)):
        if before[name] and not model._default_manager.filter(pk=before[name]).exists():
            raise Illegal("Its outlet or its story from then is gone.")
    write_article(article, Action.UNDO, deed, spans=spans, later=moved, **before)

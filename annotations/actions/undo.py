"""Undo and redo: one deed that restores what another wrote over."""

from collections import Counter
from typing import Any

from django.db.models import Q

from annotations import permissions
from annotations.actions._deeds import Done, Skipped, records
from annotations.actions._write import (
    WORKED,
    article_row,
    fields_of,
    follow,
    lock_article,
    lock_working,
    row_of,
    write_article,
    write_span,
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

    Restores `before` on each span that is as the deed left it, and the article
    likewise; reports the others as skipped. What the deed made is withdrawn, for nothing is
    deleted. An approval goes back only to its original decider, save where the deed had put
    another in its place. Raises Deed.DoesNotExist;
    NotPermitted if the deed is another's; Illegal if it is undone already; and, where nothing
    at all could be restored, the refusal that stood in the way.
    """
    assert deed.undoes is not None
    assert deed.root is not None
    assert deed.actor is not None
    touched = set(deed.undoes.events.values_list("article_id", "span_id"))
    about_spans = any(span_id for _, span_id in touched)
    permissions.check_undo(deed.root, deed.actor)
    lock = lock_working if about_spans else lock_article
    articles = {pk: lock(pk=pk) for pk in sorted({article_id for article_id, _ in touched})}
    # Read only now: before the lock a colleague might still change the spans.
    events = list(deed.undoes.events.select_related("span__label").order_by("id"))

    restored: list[Span] = []
    refused: list[tuple[Span | None, Refusal]] = []
    for event in events:
        if event.span:
            try:
                restored.append(_restore_span(event, articles[event.article_id], deed))
            except Refusal as refusal:
                refused.append((event.span, refusal))
    for article in articles.values():
        own = [event for event in events if event.span is None and event.article_id == article.pk]
        spans = [span for span in restored if span.article_id == article.pk]
        try:
            _restore_article(own[0] if own else None, article, spans, deed)
        except Refusal:
            if not about_spans:
                raise
            # The article only followed its spans; where it cannot go back, it follows again.
            follow(article, deed, spans)
    if about_spans and not restored:
        raise refused[0][1]

    deed.root.undone = not deed.root.undone
    deed.root.save(update_fields=["undone"])
    skipped = tuple(Skipped(span, str(refusal)) for span, refusal in refused)
    return Done(deed, next(iter(articles.values())), tuple(restored), skipped)


def _restore_span(event: Event, article: Article, deed: Deed) -> Span:
    span = event.span
    assert span is not None
    span.article = article
    if not _stands(event, span):
        raise Stale("It has changed since.")
    if event.before is None:
        return write_span(span, Action.UNDO, deed, state=State.WITHDRAWN)
    if event.before["state"] == State.APPROVED:
        _check_approval(event, deed)
    return write_span(span, Action.UNDO, deed, **fields_of(event.before))


def _check_approval(event: Event, deed: Deed) -> None:
    """Raises NotPermitted unless the deed may bring back the approval that was before `event`.

    Where the event put another approval in its place none is given now, so it may be anybody's.
    """
    assert deed.actor is not None
    if event.after["state"] == State.APPROVED:
        permissions.check_span(Who.LABEL_KEEPER, deed.actor, None)
        return
    if (event.before or {})["decided_by_id"] != deed.actor_id:
        raise NotPermitted("Only who approved it can give that approval back.")
    if not permissions.may_review(deed.actor):
        raise NotPermitted("Only reviewers can give an approval back.")


def _stands(event: Event, thing: Span | Article) -> bool:
    """Whether it is as `event` left it: nothing came after, save what is undone itself.

    An earlier deed that was undone and done again since cancels out, too. To an article nothing
    comes by what is done to its spans, unless it moves along with that.
    """
    if row_of(thing) != event.after:
        return False
    own = thing.events if isinstance(thing, Span) else thing.events.filter(span=None)
    settled = Q(deed__undone=True, deed__root=None) | Q(deed__root__undone=True)
    later = own.filter(revision__gt=event.revision).exclude(settled)
    chains = Counter(later.values_list("deed__root", flat=True))
    return None not in chains and all(times % 2 == 0 for times in chains.values())


def _restore_article(event: Event | None, article: Article, spans: list[Span], deed: Deed) -> None:
    """Put the article back to before `event`; with none, let it follow its spans."""
    if event is None:
        follow(article, deed, spans)
        return
    if event.before is None:
        raise Illegal("An article that came in stays; set it aside instead.")
    if not _stands(event, article):
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
    write_article(article, Action.UNDO, deed, spans=spans, **before)

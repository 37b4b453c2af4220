"""The one place where spans, articles and their events are written.

Every deed locks its article first, so spans of one article change one after the other; then
it checks, writes rows and events, and raises the article's revision once.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from annotations.actions import _queue
from annotations.domain.fingerprints import text_group
from annotations.domain.lifecycle import (
    LIVE,
    RESTING,
    UNSETTLED,
    Action,
    ArticleState,
    LifecycleError,
    State,
    Transition,
    article_transition,
    span_transition,
)
from annotations.domain.refusals import Illegal, Invalid, Stale, Twin
from annotations.domain.text import is_storable
from annotations.models import Article, Deed, Event, Label, Span
from annotations.triggers import ARTICLE_ROW, SPAN_ROW

_TIMES = ("decided_at", "published_at", "submitted_at", "reviewed_at")
# Spans by which an article counts as begun.
WORKED = (State.PROPOSED, State.SENT_BACK, State.APPROVED, State.REJECTED)


def row_of(thing: Span | Article) -> dict[str, Any]:
    """The mutable row as an event keeps it: JSON values, times in ISO 8601."""
    names = SPAN_ROW if isinstance(thing, Span) else ARTICLE_ROW
    return {name: _kept(getattr(thing, name)) for name in names}


def fields_of(row: dict[str, Any]) -> dict[str, Any]:
    """The other way: an event's row as values to set."""
    return {
        name: parse_datetime(value) if name in _TIMES and value else value
        for name, value in row.items()
    }


def lock_article(**which: Any) -> Article:
    """The article with its outlet and story, locked until the transaction ends.

    Raises Article.DoesNotExist. NO KEY UPDATE: a plain lock would also block whoever refers to the
    row. SQLite needs none, its transaction holds the only write lock from the start.
    """
    articles = Article.objects.select_related("outlet", "story")
    return articles.select_for_update(of=("self",), no_key=True).get(**which)


def lock_working(**which: Any) -> Article:
    """As lock_article, of an article whose spans may change. Raises Illegal if it rests."""
    article = lock_article(**which)
    if ArticleState(article.state) in RESTING:
        words = ArticleState(article.state).words
        raise Illegal(f"This article is {words}, so its spans rest.")
    return article


def lock_span(uid: UUID, seen: int) -> Span:
    """The span as it is now, its article locked. Raises Span.DoesNotExist, Stale, Illegal."""
    article_id = Span.objects.values_list("article_id", flat=True).get(uid=uid)
    article = lock_working(pk=article_id)
    span = Span.objects.select_related("label", "author", "last_editor").get(uid=uid)
    span.article = article
    if span.revision != seen:
        raise Stale(
            "This span has changed since you saw it. It is shown as it is now; "
            "what you entered is kept."
        )
    return span


def span_row(state: State | None, action: Action) -> Transition:
    """The life cycle's row, or Illegal with its sentence."""
    try:
        return span_transition(state, action)
    except LifecycleError as error:
        raise Illegal(str(error)) from None


def article_row(state: ArticleState, action: Action) -> Transition:
    """The life cycle's row, or Illegal with its sentence."""
    try:
        return article_transition(state, action)
    except LifecycleError as error:
        raise Illegal(str(error)) from None


def write_span(
    span: Span,
    action: Action,
    deed: Deed,
    *,
    comment: str = "",
    waved: Sequence[str] = (),
    **changes: Any,
) -> Span:
    """Change the span, raise its revision by one and append the event. Raises Twin, Invalid.

    A span without a primary key is new. The article must be locked, the deed permitted, and
    `write_article` must follow with what was written. waved: the warnings that were waved through.
    """
    check_said(comment, "comment")
    before = row_of(span) if span.pk else None
    was = State(span.state) if span.pk else None
    for name, value in changes.items():
        setattr(span, name, value)
    span.text_group = text_group(span.text)
    span.checked = False  # nobody has looked again at what it is now
    if span.state in LIVE:
        _refuse_twin(span)
    _queue.place(span, was)  # counts it on its article, so not before all refusals
    if before is not None:
        span.revision += 1
    span.save(force_insert=before is None)
    Event.objects.create(
        deed=deed,
        article=span.article,
        span=span,
        action=action,
        revision=span.revision,
        before=before,
        after=row_of(span),
        reason=changes.get("reason", ""),
        comment=comment,
        waved=list(waved),
    )
    return span


def write_article(
    article: Article,
    action: Action | None,
    deed: Deed,
    *,
    spans: Iterable[Span] = (),
    reason: str = "",
    comment: str = "",
    **changes: Any,
) -> Article:
    """Change the article and raise its revision by one; append an event unless action is None.

    spans: those of it that the deed wrote. Raises Illegal if that would make it an article that is
    known already, Invalid.
    """
    check_said(comment, "comment")
    check_said(reason, "reason")
    before = row_of(article) if article.pk else None
    for name, value in changes.items():
        setattr(article, name, value)
    if before is not None:
        article.revision += 1
        if (before["outlet_id"], before["url"]) != (article.outlet_id, article.url):
            _refuse_same(article)
    if before is None:
        article.save(force_insert=True)
    else:  # not the text: it is frozen, and a tag should not cost it
        article.save(update_fields=[*ARTICLE_ROW, "revision", "proposed", "sent_back"])
        _queue.settle(article, before, spans, deed.at)
    if action is not None:
        Event.objects.create(
            deed=deed,
            article=article,
            action=action,
            revision=article.revision,
            before=before,
            after=row_of(article),
            reason=reason,
            comment=comment,
        )
    return article


def follow(article: Article, deed: Deed, spans: Iterable[Span]) -> Article:
    """Let the article follow what a deed did to its spans, raising its revision once.

    The first span begins it; a span that needs somebody again reopens it.
    """
    written = list(spans)
    states = {State(span.state) for span in written}
    if article.state == ArticleState.OPEN and states.intersection(WORKED):
        return change_state(article, Action.START, deed, spans=written)
    if article.state == ArticleState.REVIEWED and states.intersection(UNSETTLED):
        return change_state(article, Action.REOPEN, deed, spans=written)
    return write_article(article, None, deed, spans=written)


def change_state(
    article: Article,
    action: Action,
    deed: Deed,
    *,
    after: ArticleState | None = None,
    spans: Iterable[Span] = (),
    reason: str = "",
    comment: str = "",
    **changes: Any,
) -> Article:
    """Move the article along its life cycle; who signed it off goes with `reviewed`.

    after: where to, for the one deed that leads back to where the article was. spans: those of
    it that the deed wrote.
    """
    state = after or article_row(ArticleState(article.state), action).after
    signed = {} if state == ArticleState.REVIEWED else {"reviewed_by_id": None, "reviewed_at": None}
    said = {"reason": reason, "comment": comment}
    return write_article(
        article, action, deed, spans=spans, **said, **(signed | changes | {"state": state})
    )


def _refuse_twin(span: Span) -> None:
    same = Span.objects.filter(
        article=span.article_id, label=span.label_id, start=span.start, end=span.end
    )
    for twin in same:
        # Of two approved ones it does not matter which layers they come from.
        approved = {twin.state, span.state} == {State.APPROVED}
        stands = twin.state in LIVE and (twin.layer_id == span.layer_id or approved)
        if twin.pk == span.pk or not stands:
            continue
        whom = f"by {twin.author.get_username()}" if twin.author else f"by {twin.origin}"
        label: Label = twin.label
        raise Twin(
            f"These words are already marked as {label.name.lower()} {whom} "
            f"({State(twin.state).words}).",
            str(twin.uid),
        )


def _refuse_same(article: Article) -> None:
    known = Article.objects.filter(
        outlet=article.outlet_id, url=article.url, text_sha256=article.text_sha256
    )
    if known.exclude(pk=article.pk).exists():
        raise Illegal("Another article with this outlet, address and text is here already.")


def check_said(words: str, field: str) -> None:
    """Raises Invalid if `words` hold what a database would not keep."""
    if not is_storable(words):
        raise Invalid("It holds a character that nobody can read.", field)


def _kept(value: Any) -> Any:
    """As JSON keeps it; a moment in UTC, so that the same one is always written the same."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value

"""The one place where spans, articles and their events are written.

Every deed locks its article first, so spans of one article change one after the other; then
it checks, writes rows and events, and raises the article's revision once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.dateparse import parse_datetime

from annotations.actions import _queue
from annotations.actions._queue import AT_ONCE, Settling, settle
from annotations.actions._twins import Places
from annotations.domain.fingerprints import text_group
from annotations.domain.lifecycle import (
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
from annotations.models import Article, Deed, Event, Span
from annotations.triggers import ARTICLE_ROW, SPAN_ROW

_TIMES = ("decided_at", "published_at", "submitted_at", "reviewed_at")
_COLUMNS = tuple(field.attname for field in Span._meta.concrete_fields)
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


def lock_articles(pks: Iterable[int]) -> dict[int, Article]:
    """The articles with outlet and story by their keys, locked in the order of those.

    NO KEY UPDATE: a plain lock would also block whoever refers to the row. SQLite needs none, its
    transaction holds the only write lock from the start.
    """
    return {article.pk: article for article in _lockable().filter(pk__in=pks).order_by("pk")}


def lock_article(**which: Any) -> Article:
    """The one article, locked until the transaction ends. Raises Article.DoesNotExist."""
    return _lockable().get(**which)


def _lockable() -> QuerySet[Article]:
    articles = Article.objects.select_related("outlet", "story")
    return articles.select_for_update(of=("self",), no_key=True)


def lock_working(**which: Any) -> Article:
    """As lock_article, of an article whose spans may change. Raises Illegal if it rests."""
    article = lock_article(**which)
    check_awake(article)
    return article


def check_awake(article: Article) -> None:
    """Raises Illegal if the article rests."""
    if ArticleState(article.state) in RESTING:
        words = ArticleState(article.state).words
        raise Illegal(f"This article is {words}, so its spans rest.")


def lock_spans(uids: Collection[UUID]) -> list[Span]:
    """Those of the spans that there are, as they are now, their articles locked, resting ones, too.

    In the order of their articles and their own.
    """
    articles = lock_articles(
        Span.objects.filter(uid__in=uids).order_by().values_list("article", flat=True)
    )
    return _of_these(uids, articles)


def look_at_spans(uids: Collection[UUID]) -> list[Span]:
    """As lock_spans, but nothing is locked: to say what a deed would do."""
    wanted = Span.objects.filter(uid__in=uids).order_by().values("article")
    return _of_these(uids, {each.pk: each for each in Article.objects.filter(pk__in=wanted)})


def _of_these(uids: Collection[UUID], articles: Mapping[int, Article]) -> list[Span]:
    spans = Span.objects.filter(uid__in=uids).order_by("article", "pk")
    found = list(spans.select_related("label", "author", "last_editor", "decided_by"))
    for span in found:
        span.article = articles[span.article_id]
    return found


def lock_one(uid: UUID) -> Span:
    """The one span, as lock_spans has it. Raises Span.DoesNotExist."""
    spans = lock_spans([uid])
    if not spans:
        raise Span.DoesNotExist("There is no such span.")
    return spans[0]


def lock_span(uid: UUID, seen: int) -> Span:
    """The span as it is now, its article locked. Raises Span.DoesNotExist, Stale, Illegal."""
    span = lock_one(uid)
    check_awake(span.article)
    check_seen(span, seen)
    return span


def check_seen(span: Span, seen: int) -> None:
    """Raises Stale unless the span is as it was seen."""
    if span.revision != seen:
        raise Stale(
            "This span has changed since you saw it. It is shown as it is now; "
            "what you entered is kept."
        )


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


class Write(NamedTuple):
    """A span, and what is to be set on it; without a primary key it is new.

    waved: the warnings that were waved through.
    """

    span: Span
    changes: Mapping[str, Any]
    waved: Sequence[str] = ()


class _Draft(NamedTuple):
    """A span with its changes set, and how it was: its columns, its row; nothing if it is new."""

    write: Write
    was: dict[str, Any]
    before: dict[str, Any] | None


def write_span(
    span: Span,
    action: Action,
    deed: Deed,
    *,
    comment: str = "",
    waved: Sequence[str] = (),
    **changes: Any,
) -> Span:
    """As write_spans, of one. Raises Twin, Invalid."""
    [twin] = write_spans([Write(span, changes, waved)], action, deed, comment=comment)
    if twin is not None:
        raise twin
    return span


def write_spans(
    writes: Iterable[Write], action: Action, deed: Deed, *, comment: str = ""
) -> list[Twin | None]:
    """Change the spans, raise the revision of each by one and append its event.

    In their order, as if one after the other, but in few statements. For each: None, or the Twin
    for which it was left as it is. The articles must be locked, the deed permitted, and
    `write_article` must follow with what was written. Raises Invalid.
    """
    check_said(comment, "comment")
    drafts, twins = _ready(writes)
    written = [draft for draft, twin in zip(drafts, twins, strict=True) if twin is None]
    Span.objects.bulk_create([draft.write.span for draft in written if draft.before is None])
    _update([draft for draft in written if draft.before is not None])
    Event.objects.bulk_create(
        [_event(draft, action, deed, comment) for draft in written], batch_size=AT_ONCE
    )
    return twins


def foresee_twins(writes: Iterable[Write]) -> list[Twin | None]:
    """For each the Twin for which write_spans would leave it. Changes them in memory only."""
    return _ready(writes)[1]


def _ready(writes: Iterable[Write]) -> tuple[list[_Draft], list[Twin | None]]:
    drafts = [_drafted(write) for write in writes]
    places = Places([draft.write.span for draft in drafts])
    return drafts, [_placed(draft, places) for draft in drafts]


def _drafted(write: Write) -> _Draft:
    span = write.span
    was = {name: getattr(span, name) for name in _COLUMNS} if span.pk else {}
    before = row_of(span) if span.pk else None
    for name, value in write.changes.items():
        setattr(span, name, value)
    span.text_group = text_group(span.text)
    span.checked = False  # nobody has looked again at what it is now
    return _Draft(write, was, before)


def _placed(draft: _Draft, places: Places) -> Twin | None:
    """Give the span its place in article and queue; or put it back as it was, for its twin."""
    span = draft.write.span
    twin = places.twin_of(span)
    if twin is not None:
        for name, value in draft.was.items():
            setattr(span, name, value)
        return twin
    places.take(span, draft.was)
    # Counts it on its article, so not before all refusals.
    _queue.place(span, State(draft.was["state"]) if draft.was else None)
    if draft.was:
        span.revision += 1
    return None


def _update(drafts: Sequence[_Draft]) -> None:
    """Store what changed; spans in which all of that is the same together."""
    alike: dict[str, list[_Draft]] = defaultdict(list)
    changed = [
        name
        for name in _COLUMNS
        if any(getattr(draft.write.span, name) != draft.was[name] for draft in drafts)
    ]
    changed = [name for name in changed if name != "revision"]
    for draft in drafts:
        alike[repr([getattr(draft.write.span, name) for name in changed])].append(draft)
    for same in alike.values():
        values = {name: getattr(same[0].write.span, name) for name in changed}
        for at in range(0, len(same), AT_ONCE):
            pks = [draft.write.span.pk for draft in same[at : at + AT_ONCE]]
            Span.objects.filter(pk__in=pks).update(revision=F("revision") + 1, **values)


def _event(draft: _Draft, action: Action, deed: Deed, comment: str) -> Event:
    span, changes, waved = draft.write
    return Event(
        deed=deed,
        article=span.article,
        span=span,
        action=action,
        revision=span.revision,
        before=draft.before,
        after=row_of(span),
        reason=changes.get("reason", ""),
        comment=comment,
        waved=list(waved),
    )


def write_article(
    article: Article,
    action: Action | None,
    deed: Deed,
    *,
    spans: Iterable[Span] = (),
    reason: str = "",
    comment: str = "",
    later: list[Settling] | None = None,
    **changes: Any,
) -> Article:
    """Change the article and raise its revision by one; append an event unless action is None.

    spans: those of it that the deed wrote. later: takes what is to be settled, in a deed on
    several articles, whose writer calls `settle` when all of them are written. Raises Illegal if
    that would make it an article that is known already, Invalid.
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
        settling = Settling(article, before, list(spans), deed.at)
        if later is None:
            settle([settling])
        else:
            later.append(settling)
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


def follow(
    article: Article, deed: Deed, spans: Iterable[Span], later: list[Settling] | None = None
) -> Article:
    """Let the article follow what a deed did to its spans, raising its revision once.

    The first span begins it; a span that needs somebody again reopens it. later: see write_article.
    """
    written = list(spans)
    states = {State(span.state) for span in written}
    if article.state == ArticleState.OPEN and states.intersection(WORKED):
        return change_state(article, Action.START, deed, spans=written, later=later)
    if article.state == ArticleState.REVIEWED and states.intersection(UNSETTLED):
        return change_state(article, Action.REOPEN, deed, spans=written, later=later)
    return write_article(article, None, deed, spans=written, later=later)


def change_state(
    article: Article,
    action: Action,
    deed: Deed,
    *,
    after: ArticleState | None = None,
    spans: Iterable[Span] = (),
    reason: str = "",
    comment: str = "",
    later: list[Settling] | None = None,
    **changes: Any,
) -> Article:
    """Move the article along its life cycle; who signed it off goes with `reviewed`.

    after: where to, for the one deed that leads back to where the article was. spans: those of
    it that the deed wrote. later: see write_article.
    """
    state = after or article_row(ArticleState(article.state), action).after
    signed = {} if state == ArticleState.REVIEWED else {"reviewed_by_id": None, "reviewed_at": None}
    said = {"reason": reason, "comment": comment}
    return write_article(
        article,
        action,
        deed,
        spans=spans,
        later=later,
        **said,
        **(signed | changes | {"state": state}),
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

"""Keeping the review's queue: the copies on spans, the counts on articles and text groups.

What a list sorts or filters by stands on the row it lists. `_write` calls these for every span and
every article it writes; nothing here raises a span's revision, for nothing of it is the span's own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, Subquery

from annotations.domain.fingerprints import attributes_group, text_group
from annotations.domain.lifecycle import ArticleState, State, Waiting, waits
from annotations.models import Article, Span, TextGroup
from annotations.models.spans import NO_STORY

AT_ONCE = 500  # rows that one statement changes


class _Key(NamedTuple):
    """What makes spans one text group."""

    text_group: str
    label_id: int
    attributes_group: str


def place(span: Span, was: State | None) -> None:
    """Before the span is saved: copy what it hangs on, and count it on its article.

    was: its state before the deed, None for a new span. It leaves the text group that it waited
    in; `settle` says, when all is written, where it waits from now on.
    """
    article = span.article
    span.outlet_id, span.story_rank = article.outlet_id, article.story_id or NO_STORY
    span.left_group_id, span.left_since = span.group_id, span.waiting_since
    span.group_id = span.waiting_since = None
    shared = span.layer_id is None
    early = shared and waits(ArticleState(article.state), State(span.state)) is Waiting.EARLY
    span.waiting = Waiting.EARLY.value if early else ""
    if shared:
        for state, sign in ((was, -1), (State(span.state), 1)):
            if state is State.PROPOSED:
                article.proposed += sign
            elif state is State.SENT_BACK:
                article.sent_back += sign


def put_back(spans: Sequence[Span]) -> None:
    """Before spans of an archive are stored: all that follows from what they are and hang on.

    Their articles must be set; `count_again` must follow.
    """
    for span in spans:
        article = span.article
        span.outlet_id, span.story_rank = article.outlet_id, article.story_id or NO_STORY
        span.text_group = text_group(span.text)
        wait = waits(ArticleState(article.state), State(span.state))
        span.waiting = wait.value if wait and span.layer_id is None else ""
    waiting = [span for span in spans if span.waiting == Waiting.REVIEW]
    groups = _groups({_key(span) for span in waiting})
    for span in waiting:
        span.group_id = groups[_key(span)]


def count_again() -> None:
    """Count the spans on articles and text groups where they were not counted as they came."""
    shared = Span.objects.filter(layer=None).order_by()
    for name, state in (("proposed", State.PROPOSED), ("sent_back", State.SENT_BACK)):
        there = shared.filter(state=state)
        own = there.filter(article=OuterRef("pk")).values("article").annotate(number=Count("pk"))
        articles = Article.objects.filter(pk__in=there.values("article"))
        articles.update(**{name: Subquery(own.values("number"))})
    waiting = Span.objects.filter(group=OuterRef("pk")).order_by().values("group")
    counted = waiting.annotate(waiting_there=Count("pk")).values("waiting_there")
    TextGroup.objects.update(waiting=Subquery(counted))


class Settling(NamedTuple):
    """An article that a deed has written, and what `settle` has to know of that.

    before: its row before the deed. spans: those of it that the deed wrote.
    """

    article: Article
    before: Mapping[str, Any]
    spans: Sequence[Span]
    at: datetime


def settle(written: Iterable[Settling]) -> None:
    """When all is written: let the spans wait as their articles stand now.

    All the articles of a deed at once, so that text groups are made and locked in one order.
    """
    moved: Counter[int] = Counter()
    joining: list[Span] = []
    for each in written:
        left = Counter(span.left_group_id for span in each.spans if span.left_group_id)
        moved.subtract(left)
        joining += _joining(each, moved)
    moved.update(_join(joining))
    _count(moved)


def _joining(written: Settling, moved: Counter[int]) -> list[Span]:
    """The spans of the article that wait for review from now on, each with since when.

    The others are let go of, and out of `moved`.
    """
    article, before, spans, at = written
    if (before["outlet_id"], before["story_id"]) != (article.outlet_id, article.story_id):
        rank = article.story_id or NO_STORY
        article.spans.update(outlet_id=article.outlet_id, story_rank=rank)
    waited = waits(ArticleState(before["state"]), State.PROPOSED)
    now = waits(ArticleState(article.state), State.PROPOSED)
    if waited is now:
        proposed = [
            span for span in spans if span.layer_id is None and span.state == State.PROPOSED
        ]
        if now is not Waiting.REVIEW:
            return []
        for span in proposed:
            span.waiting_since = span.left_since or at
        return proposed
    proposed_now = article.spans.filter(layer=None, state=State.PROPOSED)
    if now is Waiting.REVIEW:
        rows = list(proposed_now.only("label_id", "text_group", "attributes", "article_id"))
        for span in rows:
            span.waiting_since = at
        return rows
    moved.subtract(proposed_now.exclude(group=None).values_list("group", flat=True))
    proposed_now.update(waiting=now or "", waiting_since=None, group=None)
    return []


def _join(spans: Sequence[Span]) -> Counter[int]:
    """Let the spans wait for review in their text groups; how many came to each."""
    keys = {span.pk: _key(span) for span in spans}
    groups = _groups(set(keys.values()))
    for span in spans:
        span.group_id, span.waiting = groups[keys[span.pk]], Waiting.REVIEW.value
    Span.objects.bulk_update(spans, ["group", "waiting", "waiting_since"], batch_size=AT_ONCE)
    return Counter(span.group_id for span in spans if span.group_id)


def _key(span: Span) -> _Key:
    return _Key(span.text_group, span.label_id, attributes_group(span.attributes))


def _groups(keys: set[_Key]) -> dict[_Key, int]:
    """The ids of these groups; those that are not there yet are made."""
    found = _found(keys)
    # In one order, so that two who make the same ones at once do not wait for each other.
    missing = [TextGroup(**key._asdict()) for key in sorted(keys - found.keys())]
    if missing:
        TextGroup.objects.bulk_create(missing, ignore_conflicts=True, batch_size=AT_ONCE)
        found |= _found(keys - found.keys())
    return found


def _found(keys: set[_Key]) -> dict[_Key, int]:
    texts = sorted({key.text_group for key in keys})
    rows = TextGroup.objects.order_by().values_list("pk", *_Key._fields)
    found = {
        _Key(*key): pk
        for at in range(0, len(texts), AT_ONCE)
        for pk, *key in rows.filter(text_group__in=texts[at : at + AT_ONCE])
    }
    return {key: found[key] for key in keys & found.keys()}


def _count(moved: Counter[int]) -> None:
    """Add to the groups' numbers of waiting spans; all are locked first, in one order."""
    changed = sorted(pk for pk, by in moved.items() if by)
    if not changed:
        return
    list(
        TextGroup.objects.select_for_update(no_key=True)
        .filter(pk__in=changed)
        .order_by("pk")
        .values_list("pk")
    )
    for by in sorted({moved[pk] for pk in changed}):
        same = [pk for pk in changed if moved[pk] == by]
        TextGroup.objects.filter(pk__in=same).update(waiting=F("waiting") + by)

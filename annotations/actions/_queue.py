"""Keeping the review's queue: the copies on spans, the counts on articles and text groups.

What a list sorts or filters by stands on the row it lists. `_write` calls these for every span and
every article it writes; nothing here raises a span's revision, for nothing of it is the span's own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from annotations.domain.fingerprints import attributes_group
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


def settle(
    article: Article, before: Mapping[str, Any], spans: Iterable[Span], at: datetime
) -> None:
    """When all is written: let the spans wait as the article stands now.

    before: the article's row before the deed. spans: those that the deed wrote.
    """
    if (before["outlet_id"], before["story_id"]) != (article.outlet_id, article.story_id):
        rank = article.story_id or NO_STORY
        article.spans.update(outlet_id=article.outlet_id, story_rank=rank)
    waited = waits(ArticleState(before["state"]), State.PROPOSED)
    now = waits(ArticleState(article.state), State.PROPOSED)
    written = list(spans)
    moved = Counter({span.left_group_id: 0 for span in written if span.left_group_id})
    moved.subtract(span.left_group_id for span in written if span.left_group_id)
    proposed = article.spans.filter(layer=None, state=State.PROPOSED)
    if waited is now:
        since = {span.pk: span.left_since or at for span in written if span.state == State.PROPOSED}
        if now is Waiting.REVIEW and since:
            moved.update(_join(proposed.filter(pk__in=since), at, since))
    elif now is Waiting.REVIEW:
        moved.update(_join(proposed, at))
    else:
        moved.subtract(proposed.exclude(group=None).values_list("group", flat=True))
        proposed.update(waiting=now or "", waiting_since=None, group=None)
    _count(moved)


def _join(
    spans: QuerySet[Span], at: datetime, since: Mapping[int, datetime] | None = None
) -> Counter[int]:
    """Let the spans wait for review in their text groups; how many came to each.

    since: since when they wait, by their keys, where that is not `at`.
    """
    waited = since or {}
    rows = list(spans.only("label_id", "text_group", "attributes", "article_id"))
    keys = {span.pk: _key(span) for span in rows}
    groups = _groups(set(keys.values()))
    for span in rows:
        span.group_id = groups[keys[span.pk]]
        span.waiting, span.waiting_since = Waiting.REVIEW.value, waited.get(span.pk, at)
    Span.objects.bulk_update(rows, ["group", "waiting", "waiting_since"], batch_size=AT_ONCE)
    return Counter(span.group_id for span in rows if span.group_id)


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

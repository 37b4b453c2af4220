"""Whether the database keeps its word: every invariant and every copied value, on every row.

What constraints and triggers hold is looked at again here, for they may be dropped, and a
restored or repaired database may never have had them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime
from itertools import islice, pairwise
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Count, F, Q
from django.utils.dateparse import parse_datetime

from annotations import triggers
from annotations.domain.attributes import Attribute, BadAttribute, check_attributes
from annotations.domain.fingerprints import attributes_group, text_group
from annotations.domain.lifecycle import (
    DECIDED,
    UNSETTLED,
    VERDICTS,
    Action,
    ArticleState,
    LifecycleError,
    State,
    Transition,
    Waiting,
    article_transition,
    span_transition,
    waits,
)
from annotations.domain.text import UnfitText, clean, digest
from annotations.models import (
    Article,
    Comment,
    Deed,
    Event,
    Label,
    Span,
    SpotCheck,
    TextGroup,
    Upload,
    UploadLine,
)
from annotations.models.spans import NO_STORY
from annotations.queries._snapshot import snapshot

ARTICLES_AT_ONCE = 50
# What events do not keep, for it never changes, counts the events, or follows from the rest.
_NOT_KEPT: dict[type[Article | Span], set[str]] = {
    Article: {
        "id",
        "slug",
        "text",
        "text_sha256",
        "revision",
        "added_at",
        "proposed",
        "sent_back",
        "leased_to_id",
        "leased_until",
    },
    Span: {
        "id",
        "uid",
        "article_id",
        "layer_id",
        "origin",
        "revision",
        "text_group",
        "created_at",
        "waiting",
        "waiting_since",
        "outlet_id",
        "story_rank",
        "group_id",
        "checked",
    },
}
# Label -> what it asks.
Asked = dict[int, list[Attribute]]


def breaches(checked: Counter[str]) -> Iterator[str]:
    """Each breach, a line, as it is found; `checked` counts the rows that were looked at.

    Article after article, each as of one moment, with bounded memory and no long lock.
    """
    yield from triggers.breaches(connection)
    yield from _missing_constraints()
    yield from _storage()
    asked = _asked()
    keys = Article.objects.order_by("pk").values_list("pk", flat=True).iterator()
    while batch := list(islice(keys, ARTICLES_AT_ONCE)):
        with snapshot(lock=True):
            found = [
                *_of_articles(batch, asked, checked),
                *_of_comments(batch, checked),
                *_of_spot_checks(batch, checked),
            ]
        yield from found
    checked["deed"] = Deed.objects.count()
    yield from _of_deeds()
    yield from _of_groups()
    yield from _of_uploads()


def _missing_constraints() -> Iterator[str]:
    with connection.cursor() as cursor:
        for model in apps.get_app_config("annotations").get_models():
            table = model._meta.db_table
            there = connection.introspection.get_constraints(cursor, table)
            for constraint in model._meta.constraints:
                if constraint.name not in there:
                    yield f"constraint {constraint.name} of {table} is missing"


def _storage() -> Iterator[str]:
    """What SQLite finds itself; PostgreSQL cannot be told to look away."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        yield from (f"SQLite: {words}" for (words,) in cursor.fetchall() if words != "ok")
        cursor.execute("PRAGMA foreign_key_check")
        for table, row, parent, _ in cursor.fetchall():
            yield f"SQLite: row {row} of {table} refers to a row that {parent} does not have"


def _asked() -> Asked:
    labels = Label.objects.prefetch_related("attributes__choices", "attributes__unless_attribute")
    return {label.pk: [attribute.spec for attribute in label.attributes.all()] for label in labels}


def _of_articles(keys: list[int], asked: Asked, checked: Counter[str]) -> Iterator[str]:
    spans: dict[int, list[Span]] = defaultdict(list)
    for span in Span.objects.filter(article__in=keys).select_related("group").order_by("pk"):
        spans[span.article_id].append(span)
        checked["span"] += 1
    events: dict[tuple[int, int | None], list[Event]] = defaultdict(list)
    deeds: dict[int, set[int]] = defaultdict(set)
    kept = Event.objects.filter(Q(article__in=keys) | Q(span__article__in=keys))
    for event in kept.select_related("deed").order_by("revision", "pk"):
        events[event.article_id, event.span_id].append(event)
        deeds[event.article_id].add(event.deed_id)
        checked["event"] += 1
    replaced = set(Article.objects.filter(replaces__in=keys).values_list("replaces", flat=True))
    for article in Article.objects.filter(pk__in=keys).order_by("pk"):
        checked["article"] += 1
        name = f"article {article.slug}"
        own = events[article.pk, None]
        found = [
            *_of_text(article),
            *_of_replacing(article, replaced),
            *_of_state(article, spans[article.pk]),
            *_of_article_chain(article, own, len(deeds[article.pk])),
        ]
        yield from (f"{name}: {words}" for words in found)
        for span in spans[article.pk]:
            found = [
                *_of_span(span, article, asked.get(span.label_id, [])),
                *_of_span_chain(span, events[article.pk, span.pk]),
            ]
            yield from (f"span {span.uid} ({name}): {words}" for words in found)


def _of_text(article: Article) -> Iterator[str]:
    if digest(article.text) != article.text_sha256:
        yield "its text is not the one its sha256 was made of"
    try:
        if clean(article.text).text != article.text:
            yield "its text has line ends other than LF"
    except UnfitText as error:
        yield str(error)


def _of_replacing(article: Article, replaced: Container[int | None]) -> Iterator[str]:
    """An article is superseded when, and only when, another replaces it."""
    if article.pk in replaced and article.state != ArticleState.SUPERSEDED:
        yield f"it was replaced, but is {ArticleState(article.state).words}"
    if article.pk not in replaced and article.state == ArticleState.SUPERSEDED:
        yield "it is superseded, but nothing replaces it"


def _of_state(article: Article, spans: list[Span]) -> Iterator[str]:
    states = {State(span.state) for span in spans}
    if article.state == ArticleState.OPEN and states.intersection({*UNSETTLED, *DECIDED}):
        yield "it is open, but has been worked in"
    if article.state == ArticleState.REVIEWED and states.intersection(UNSETTLED):
        yield "it is reviewed, but a span of it is not settled"
    counted = Counter(span.state for span in spans if span.layer_id is None)
    for state, said in ((State.PROPOSED, article.proposed), (State.SENT_BACK, article.sent_back)):
        if said != counted[state]:
            yield f"it counts {said} {state.words} spans, and has {counted[state]}"


def _of_article_chain(article: Article, events: list[Event], deeds: int) -> Iterator[str]:
    """Events of the article itself are fewer than its revisions: deeds on its spans raise it.

    One that a fixture brought has no first event; it began as open.
    """
    imported = bool(events) and events[0].before is None
    if imported and events[0].revision != 1:
        yield f"it came in at revision {events[0].revision}"
    if events and events[-1].revision > article.revision:
        yield f"it is at revision {article.revision}, an event at {events[-1].revision}"
    if article.revision < deeds + (not imported):
        yield f"it is at revision {article.revision}, after {deeds} deeds"
    if not events and article.state != ArticleState.OPEN:
        yield f"it is {ArticleState(article.state).words}, but no deed made it so"
    yield from _of_links(article, events, made=imported)
    for event in events:
        if event.action != Action.DESCRIBE:  # of no state
            yield from _of_step(event, article_transition)


def _of_step(event: Event, row: Callable[..., Transition]) -> Iterator[str]:
    """What was done leads from the state before to the one after; an undo leads anywhere back."""
    if event.action == Action.UNDO:
        return
    states = State if event.span_id else ArticleState
    before, state = (event.before or {}).get("state"), event.after.get("state")
    try:
        after = row(before and states(before), Action(event.action)).after
    except (LifecycleError, ValueError) as error:
        yield f"event {event.pk}: {error}"
        return
    if after not in (None, state):
        yield f"event {event.pk}: what was done does not lead to “{state}”"


def _of_span(span: Span, article: Article, asked: list[Attribute]) -> Iterator[str]:
    if span.end > len(article.text):
        yield f"it ends at {span.end}, the text at {len(article.text)}"
    if span.text != span.extent.of(article.text):
        yield f"its text is not what stands at {span.start}–{span.end}"
    if span.text_group != text_group(span.text):
        yield "its text group is not that of its text"
    if span.state in DECIDED and (
        span.decided_by_id is None
        or span.last_editor_id is None
        or span.decided_by_id == span.last_editor_id
    ):
        yield f"it is {State(span.state).words} without a second pair of eyes"
    yield from _of_place(span, article)
    try:
        if check_attributes(asked, span.attributes, article.text) != span.attributes:
            yield "its attributes are not stored as they should be"
    except BadAttribute as error:
        yield f"attribute {error.key}: {error}"


def _of_place(span: Span, article: Article) -> Iterator[str]:
    """What the queue sorts and filters by, against what it is copied from."""
    wait = waits(ArticleState(article.state), State(span.state)) if span.layer_id is None else None
    if span.waiting != (wait or ""):
        yield f"it waits for “{span.waiting}”, not for “{wait or ''}”"
    if span.outlet_id != article.outlet_id or span.story_rank != (article.story_id or NO_STORY):
        yield "its outlet or story is not its article's"
    group = span.group
    if group is not None and (group.label_id, group.text_group, group.attributes_group) != (
        span.label_id,
        span.text_group,
        attributes_group(span.attributes),
    ):
        yield "it waits in the text group of others"


def _of_groups() -> Iterator[str]:
    """Each counts the spans that wait in it."""
    counted = Q(spans__waiting=Waiting.REVIEW)
    groups = TextGroup.objects.annotate(there=Count("spans", filter=counted))
    for key, said, there in (
        groups.exclude(waiting=F("there")).values_list("pk", "waiting", "there").iterator()
    ):
        yield f"text group {key}: it counts {said} waiting spans, and has {there}"


def _of_uploads() -> Iterator[str]:
    """Each counts what became of its lines."""
    lines: dict[int, Counter[str]] = defaultdict(Counter)
    rows = UploadLine.objects.order_by().values("upload", "outcome").annotate(there=Count("id"))
    for row in rows:
        lines[row["upload"]][row["outcome"]] = row["there"]
    for upload in Upload.objects.order_by("pk").iterator():
        for outcome, said in upload.counts.items():
            there = lines[upload.pk][outcome]
            if said != there:
                yield f"upload {upload.uid}: it counts {said} {outcome}, its lines are {there}"


def _of_span_chain(span: Span, events: list[Event]) -> Iterator[str]:
    revisions = [event.revision for event in events]
    if revisions != list(range(1, span.revision + 1)):
        there = ", ".join(map(str, revisions)) or "none"
        yield f"it is at revision {span.revision}, and of its events there are: {there}"
    yield from _of_links(span, events, made=True)
    decisions = []
    for event in events:
        before, after = event.before or {}, event.after
        decision = after.get("decided_by_id"), after.get("decided_at")
        if event.action in VERDICTS:
            decisions.append(decision)
            if event.deed.actor_id in (None, before.get("last_editor_id")):
                yield f"event {event.pk}: who decided had the last hand on it"
            if event.deed.actor_id != decision[0]:
                yield f"event {event.pk}: it decides in the name of another"
        elif after.get("state") in DECIDED and decision not in decisions:
            yield f"event {event.pk}: it brings a decision that nobody took"
        yield from _of_step(event, span_transition)


def _of_links(row: Article | Span, events: list[Event], *, made: bool) -> Iterator[str]:
    """Each event begins where the one before ended, and the last ends at the row."""
    if not events:
        return
    if made and events[0].before is not None:
        yield f"event {events[0].pk}: it is the first, but something was before it"
    for one, other in pairwise(events):
        if one.after != other.before:
            yield f"event {other.pk}: it does not begin where event {one.pk} ended"
    wrong = sorted(_differing(events[-1].after, row))
    if wrong:
        yield f"it differs from its last event, {events[-1].pk}, in: {', '.join(wrong)}"


def _differing(kept: dict[str, Any], row: Article | Span) -> Iterable[str]:
    """The columns in which the row is not what an event kept."""
    columns = {field.attname for field in row._meta.concrete_fields} - _NOT_KEPT[type(row)]
    return {
        name
        for name in columns | kept.keys()
        if name not in columns or name not in kept or not _same(kept[name], getattr(row, name))
    }


def _same(kept: Any, value: Any) -> bool:
    if isinstance(value, datetime):
        return isinstance(kept, str) and parse_datetime(kept) == value
    return bool(kept == value)


def _of_comments(keys: list[int], checked: Counter[str]) -> Iterator[str]:
    """Each stands in one place with its thread, which is one level deep."""
    said = Comment.objects.filter(article__in=keys).select_related("article", "span", "reply_to")
    for comment in said.defer("article__text", "span__text").order_by("pk"):
        checked["comment"] += 1
        name = f"comment {comment.uid} (article {comment.article.slug})"
        if comment.span is not None and comment.span.article_id != comment.article_id:
            yield f"{name}: its span is another article's"
        root = comment.reply_to
        if root is None:
            continue
        if (root.article_id, root.span_id) != (comment.article_id, comment.span_id):
            yield f"{name}: it replies to what was said elsewhere"
        if root.reply_to_id is not None:
            yield f"{name}: it replies to a reply"


def _of_spot_checks(keys: list[int], checked: Counter[str]) -> Iterator[str]:
    """Each tells of the span as it was approved at that revision, and a span of its own."""
    found = SpotCheck.objects.filter(span__article__in=keys).select_related("span")
    looked_at: set[int] = set()
    for check in found.defer("span__text").order_by("pk"):
        checked["spot check"] += 1
        name = f"spot check {check.pk} (span {check.span.uid})"
        if check.revision == check.span.revision:
            looked_at.add(check.span_id)
        then = check.span.events.filter(revision=check.revision).values_list("after", flat=True)
        row = then.first() or {}
        if row.get("state") != State.APPROVED:
            yield f"{name}: the span was not approved at revision {check.revision}"
            continue
        if (check.label_id, check.amended, check.decided_by_id) != (
            row["label_id"],
            row["amended"],
            row["decided_by_id"],
        ):
            yield f"{name}: it is not of the span as that was at revision {check.revision}"
        if check.checker_id in (row["decided_by_id"], row["last_editor_id"], row["author_id"]):
            yield f"{name}: who looked had a hand in it"
    spans = Span.objects.filter(article__in=keys)
    for span in spans.filter(Q(checked=True) | Q(pk__in=looked_at)).only("uid", "checked"):
        if span.checked != (span.pk in looked_at):
            called = "checked" if span.checked else "not checked"
            yield f"span {span.uid}: it is called {called}, and its spot checks say otherwise"


def _of_deeds() -> Iterator[str]:
    """A deed leaves events, and its chain of undos says whether it is undone."""
    for key in Deed.objects.filter(events=None).values_list("pk", flat=True).iterator():
        yield f"deed {key}: it left no event"
    chains = Deed.objects.annotate(undos=Count("chain")).filter(Q(undone=True) | Q(undos__gt=0))
    for key, undone, undos in chains.values_list("pk", "undone", "undos").iterator():
        if undone != bool(undos % 2):
            said = "undone" if undone else "not undone"
            yield f"deed {key}: it is called {said}, after {undos} undo(s) and redo(s)"

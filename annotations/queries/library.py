"""What the library shows: every article, how far all of them are, and where a person goes on."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.lookups import Exact, IContains

from annotations.domain.attributes import Kind
from annotations.domain.lifecycle import LIVE, RESTING, UNSETTLED, Action, ArticleState, State
from annotations.models import Article, Choice, Comment, Deed, Event, LabelAttribute, Span
from annotations.permissions import Viewer

# The life of an article, as the bar over all of them shows it.
STAGES = (
    ArticleState.OPEN,
    ArticleState.IN_PROGRESS,
    ArticleState.SUBMITTED,
    ArticleState.REOPENED,
    ArticleState.REVIEWED,
)
# How far back somebody's deeds are looked at for what they worked on last.
LOOKED_BACK = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """An article with its numbers of spans: marked, of these undecided, and approved."""

    article: Article
    marked: int
    unsettled: int
    approved: int


@dataclass(frozen=True, slots=True)
class Stage:
    """How many articles are in a state, and how many are in the states before it."""

    state: ArticleState
    count: int
    before: int


def library(*, search: str = "", aside: bool = False, state: str = "") -> QuerySet[Article]:
    """Articles with their outlet and story, by story, then outlet.

    search: words in the title, the text or the outlet's name, in what the spans' attributes say,
    or in what somebody said of it. aside: those set aside or superseded instead of the others.
    state: only articles in it.
    """
    resting = Q(state__in=RESTING)
    found = Article.objects.filter(resting if aside else ~resting)
    if state:
        found = found.filter(state=state)
    if search:
        found = found.filter(_holding(search))
    return (
        found.select_related("outlet", "story")
        .defer("text")
        .order_by("story__title", "outlet__name", "slug")
    )


def listed(articles: Iterable[Article]) -> list[Listed]:
    """The articles in their order, each with its numbers; one statement for all of them."""
    marked = [state for state in LIVE if state is not State.SUGGESTED]
    wanted = list(articles)
    rows = (
        Span.objects.filter(article__in=wanted, layer=None, state__in=[*marked, *UNSETTLED])
        .order_by()
        .values_list("article")
        .annotate(
            marked=Count("pk", filter=Q(state__in=marked)),
            unsettled=Count("pk", filter=Q(state__in=UNSETTLED)),
            approved=Count("pk", filter=Q(state=State.APPROVED)),
        )
    )
    numbers = {pk: counts for pk, *counts in rows}
    return [Listed(article, *numbers.get(article.pk, (0, 0, 0))) for article in wanted]


def stages() -> list[Stage]:
    """How many articles are where in their life, those that rest left out; in one statement."""
    states = Article.objects.exclude(state__in=RESTING).order_by().values_list("state")
    counted = dict(states.annotate(Count("pk")))
    shown = []
    before = 0
    for state in STAGES:
        shown.append(Stage(state, counted.get(state, 0), before))
        before += counted.get(state, 0)
    return shown


def sent_back_to(viewer: Viewer) -> QuerySet[Span]:
    """The spans this viewer wrote that wait for their answer, in the order they came back.

    Each with the reviewer's `comment`.
    """
    comments = Event.objects.filter(
        span=OuterRef("pk"), action=Action.SEND_BACK, revision=OuterRef("revision")
    )
    return (
        Span.objects.filter(author=viewer.pk, state=State.SENT_BACK)
        .exclude(article__state__in=RESTING)
        .annotate(comment=Subquery(comments.values("comment")[:1]))
        .select_related("article__outlet", "label", "decided_by")
        .order_by("decided_at", "pk")
    )


def next_to_annotate(viewer: Viewer, besides: Article | None = None) -> Article | None:
    """The article this viewer should take up next, another one than `besides`, with its `kind`.

    First one where a span of theirs was sent back, the longest ago; then the one in progress with
    spans of theirs in which they did something last; then the first that nobody has begun.
    """
    articles = Article.objects.defer("text")
    if besides is not None:
        articles = articles.exclude(pk=besides.pk)
    own = Span.objects.filter(author=viewer.pk)
    spans = own.filter(article=OuterRef("pk"))
    deeds = Event.objects.filter(article=OuterRef("pk"), deed__actor=viewer.pk).order_by("-deed")
    back = spans.filter(state=State.SENT_BACK).order_by("decided_at", "pk")
    ways = (
        (
            "sent back",
            # Begun at the few spans: there may be tens of thousands of articles.
            articles.filter(pk__in=own.filter(state=State.SENT_BACK).values("article"))
            .exclude(state__in=RESTING)
            .annotate(since=Subquery(back.values("decided_at")[:1]))
            .order_by("since", "slug"),
        ),
        (
            "begun",
            articles.filter(Exists(spans), state=ArticleState.IN_PROGRESS)
            .annotate(last=Subquery(deeds.values("deed")[:1]))
            .order_by("-last", "slug"),
        ),
        ("new", articles.filter(state=ArticleState.OPEN).order_by("slug")),
    )
    for kind, found in ways:
        if article := found.annotate(kind=Value(kind)).first():
            return article
    return None


def recently_worked_on(viewer: Viewer, limit: int = 5) -> list[Article]:
    """The articles that this viewer's deeds were done to, the latest first; in two statements.

    Those that rest are left out, and so is bringing articles in: that is no work on them.
    """
    deeds = (
        Deed.objects.filter(actor=viewer.pk)
        .exclude(action__in=[Action.IMPORT, Action.DESCRIBE, Action.SUPERSEDE])
        .order_by("-pk")
    )
    latest = (
        Event.objects.filter(deed__in=deeds.values("pk")[:LOOKED_BACK])
        .exclude(article__state__in=RESTING)
        .order_by()
        .values("article")
        .annotate(last=Max("deed"))
        .order_by("-last")
        .values_list("article", flat=True)[:limit]
    )
    order = list(latest)
    found = Article.objects.select_related("outlet").defer("text").in_bulk(order)
    return [found[pk] for pk in order]


def _holding(words: str) -> Q:
    """Articles that have the words in them, or in what stands about them."""
    shared = Q(span=None) | Q(span__layer=None)
    elsewhere = (
        Span.objects.filter(_saying(words), layer=None, state__in=LIVE),
        Event.objects.filter(shared, comment__icontains=words),
        Comment.objects.filter(shared, text__icontains=words, withdrawn_at=None),
    )
    found = Q(title__icontains=words) | Q(text__icontains=words) | Q(outlet__name__icontains=words)
    for rows in elsewhere:
        found |= Q(pk__in=rows.order_by().values("article"))
    return found


def _saying(words: str) -> Q:
    """Spans with the words in a value of an attribute, as people read it."""
    found = Q(pk=None)
    typed = LabelAttribute.objects.filter(kind__in=[Kind.TEXT, Kind.ANCHORED])
    for key, kind in typed.order_by().values_list("key", "kind").distinct():
        value = (
            KeyTextTransform("value", KeyTransform(key, "attributes"))
            if kind == Kind.ANCHORED
            else KeyTextTransform(key, "attributes")
        )
        found |= Q(IContains(value, words))
    choices = Choice.objects.filter(name__icontains=words).order_by()
    for key, choice in choices.values_list("attribute__key", "key").distinct():
        found |= Q(Exact(KeyTextTransform(key, "attributes"), choice))
    return found

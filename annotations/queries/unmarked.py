"""Unmarked places: where a text group's words stand without its label, to be offered."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import StrIndex

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import LIVE, RESTING, State
from annotations.domain.occurrences import occurrences
from annotations.models import Article, Label, Span, TextGroup
from annotations.queries.checks import BOILERPLATE
from annotations.queries.groups import Context, context

VARIANTS = 10  # ways of writing a group's text that are searched for
SEARCHED = 200  # articles that are searched
OFFERED = 50  # places that are offered at once


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an article (its slug, title and outlet) where a group's words stand unmarked."""

    article: str
    title: str
    outlet: str
    language: str
    extent: Extent
    context: Context


@dataclass(frozen=True, slots=True)
class Unmarked:
    """Where a group's words stand unmarked. cut: not everything was searched, or is offered."""

    places: list[Place]
    cut: bool


def unmarked(group: TextGroup) -> Unmarked:
    """Where the texts of the group's waiting spans stand, letter by letter, without its label.

    In articles of the same outlets for boilerplate, else of the same stories; of what belongs to
    none, in the article itself. What was turned down there is not offered again.
    """
    members = Span.objects.filter(group=group).order_by()
    texts = list(members.values_list("text", flat=True).distinct()[: VARIANTS + 1])
    keys = list(_searched(group, members).values_list("pk", flat=True)[: SEARCHED + 1])
    texts_cut, keys_cut = len(texts) > VARIANTS, len(keys) > SEARCHED
    texts = sorted(texts[:VARIANTS], key=len, reverse=True)
    articles = list(_holding(texts, keys[:SEARCHED])) if texts else []
    taken = _taken(group, [article["pk"] for article in articles])
    refused = turned_down(
        group.label, group.text_group, ((each["pk"], each["outlet"]) for each in articles)
    )
    places = [
        place
        for article in articles
        if article["pk"] not in refused
        for place in _open_places(article, texts, taken.get(article["pk"], []))
    ]
    cut = texts_cut or keys_cut or len(places) > OFFERED
    return Unmarked(places[:OFFERED], cut)


def turned_down(
    label: Label, text_group: str, articles: Iterable[tuple[int, int | None]]
) -> set[int]:
    """Of these articles (id, outlet's id) those where somebody dismissed the label on this text.

    Or in what they replaced, which is the same article with an older text. For boilerplate a
    dismissal counts at the whole outlet.
    """
    outlets = dict(articles)
    heirs = _heirs(outlets)
    dismissed = Span.objects.filter(
        label=label, text_group=text_group, layer=None, state=State.DISMISSED
    ).order_by()
    at_home = Q(article__in=[*outlets, *heirs])
    if label.slug != BOILERPLATE:
        found = dismissed.filter(at_home).values_list("article", flat=True).distinct()
        return {heirs.get(pk, pk) for pk in found} | (outlets.keys() & set(found))
    rows = dismissed.filter(at_home | Q(outlet__in={each for each in outlets.values() if each}))
    refused = set(rows.values_list("article", "outlet").distinct())
    where = {outlet for _, outlet in refused if outlet}
    own = {pk for article, _ in refused for pk in (article, heirs.get(article))}
    return {pk for pk, outlet in outlets.items() if pk in own or outlet in where}


def _heirs(keys: Collection[int]) -> dict[int, int]:
    """What these articles replaced, and what that had replaced, and so on: id -> which of them."""
    heirs: dict[int, int] = {}
    step = {pk: pk for pk in keys}
    while step:
        replacing = Article.objects.filter(pk__in=step, replaces__isnull=False).order_by()
        pairs = replacing.values_list("pk", "replaces")
        step = {old: step[new] for new, old in pairs if old is not None and old not in heirs}
        heirs |= step
    return heirs


def _searched(group: TextGroup, members: QuerySet[Span]) -> QuerySet[Article]:
    """The articles where unmarked places of the group are looked for, the latest first."""
    frame = "outlet" if group.label.slug == BOILERPLATE else "story"
    shared = Q(**{f"{frame}__in": members.values(f"article__{frame}")})
    own = Q(pk__in=members.filter(**{f"article__{frame}": None}).values("article"))
    return Article.objects.filter(shared | own).exclude(state__in=RESTING).order_by("-pk")


def _holding(texts: Collection[str], keys: Collection[int]) -> Iterable[Mapping[str, Any]]:
    """Of these articles those in which one of the texts stands."""
    # By the place and not by LIKE, which takes no long pattern and, on SQLite, any case.
    places = [StrIndex("text", Value(text)) for text in texts]
    stands = reduce(or_, (Q(**{f"place{at}__gt": 0}) for at in range(len(places))))
    rows = Article.objects.filter(pk__in=keys).order_by("outlet__name", "slug")
    rows = rows.alias(**{f"place{at}": place for at, place in enumerate(places)})
    return rows.filter(stands).values(
        "pk", "slug", "title", "language", "text", "outlet", "outlet__name"
    )


def _taken(group: TextGroup, keys: Collection[int]) -> dict[int, list[Extent]]:
    """Where the label stands on this text already, or was rejected: article's id -> extents."""
    spans = Span.objects.filter(
        article__in=keys,
        label=group.label_id,
        text_group=group.text_group,
        layer=None,
        state__in=[*LIVE, State.REJECTED],
    ).order_by()
    taken: dict[int, list[Extent]] = {}
    for pk, start, end in spans.values_list("article", "start", "end"):
        taken.setdefault(pk, []).append(Extent(start, end))
    return taken


def _open_places(
    article: Mapping[str, Any], texts: Iterable[str], taken: Iterable[Extent]
) -> list[Place]:
    """Where one of the texts stands in the article and nothing of the group's is; in order."""
    text = article["text"]
    held = list(taken)
    found = []
    for words in texts:  # the longest first: with its quotation marks rather than without
        for extent in occurrences(text, words):
            if not any(extent.overlaps(each) for each in held):
                held.append(extent)
                found.append(extent)
    return [
        Place(
            article["slug"],
            article["title"],
            article["outlet__name"] or "",
            article["language"],
            extent,
            context(text, extent),
        )
        for extent in sorted(found)
    ]

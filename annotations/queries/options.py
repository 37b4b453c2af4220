"""What the export screen offers to choose from: a few of each kind, and what is sought by a word.

With 20,000 articles a list of all would be no choice, and a page of megabytes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.domain.lifecycle import ArticleState, State
from annotations.domain.text import is_storable
from annotations.models import Article, Label, Outlet, Person, Span, Story

SHOWN = 8  # of one kind, besides those that are chosen


class Offer(NamedTuple):
    """What of one kind is offered: (slug or value, name) pairs; more: there are others.

    by_word: there are so many that one seeks them by a word.
    """

    options: list[tuple[str, str]]
    more: bool = False
    by_word: bool = False


class _Kind(NamedTuple):
    rows: QuerySet[Any]
    slug: str
    name: str


def offers(chosen: Mapping[str, Sequence[str]], sought: Mapping[str, str]) -> dict[str, Offer]:
    """What each list of a choice may name, by the name of the list (queries.chosen.LISTS).

    chosen: what is named already, and stays on offer. sought: a word for each list that is to be
    narrowed; found anywhere in slug or name, whatever its case.
    """
    kinds = {
        "label": _Kind(Label.objects.all(), "slug", "name"),
        "outlet": _Kind(Outlet.objects.all(), "slug", "name"),
        "story": _Kind(Story.objects.all(), "slug", "title"),
        "article": _Kind(Article.objects.order_by("slug"), "slug", "title"),
        "reviewer": _Kind(_deciders(), "username", "username"),
    }
    return {
        "state": Offer([(state.value, state.words) for state in State]),
        "article_state": Offer([(state.value, state.words) for state in ArticleState]),
        **{
            name: _offer(kind, chosen.get(name, ()), sought.get(name, "").strip())
            for name, kind in kinds.items()
        },
    }


def _deciders() -> QuerySet[Person]:
    decided = Span.objects.order_by().filter(decided_by=OuterRef("pk"))
    return Person.objects.filter(Exists(decided)).order_by("username")


def _offer(kind: _Kind, chosen: Sequence[str], sought: str) -> Offer:
    """At most three statements; one where all there are fit."""
    all_rows = kind.rows.values_list(kind.slug, kind.name)
    found = list(all_rows[: SHOWN + 1])
    by_word = len(found) > SHOWN
    if not by_word:
        return Offer(found)
    if sought:
        anywhere = Q(**{f"{kind.slug}__icontains": sought})
        anywhere |= Q(**{f"{kind.name}__icontains": sought})
        found = list(all_rows.filter(anywhere)[: SHOWN + 1]) if is_storable(sought) else []
    options = found[:SHOWN]
    if missing := set(chosen) - {slug for slug, _ in options}:
        # Those that are ticked come first: unticking one must not need looking for it.
        options = list(all_rows.filter(**{f"{kind.slug}__in": missing})) + options
    return Offer(options, len(found) > SHOWN, by_word)

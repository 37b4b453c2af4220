"""Which articles are nearly the same as some that come in (domain.sketches)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models.functions import Left

from annotations.domain.sketches import LONGEST, NEARLY, likeness, runs
from annotations.models import Article, Sketch

_AT_ONCE = 50  # texts in memory


class Looked(NamedTuple):
    """An article that is looked at: its text, and the keys of its sketch."""

    text: str
    keys: Sequence[int]


def nearly_same(articles: Mapping[str, Looked]) -> dict[str, str]:
    """Slug -> slug of another one that is here and nearly the same, the most alike of those found.

    articles: by their slugs, stored or not. In two statements. Each is compared with those that
    have a key of its sketch, which are as many as a sketch has keys at most.
    """
    wanted: dict[int, list[str]] = defaultdict(list)
    for slug, looked in articles.items():
        for key in looked.keys:
            wanted[key].append(slug)
    pairs: dict[int, set[str]] = defaultdict(set)
    for key, pk, owner in Sketch.objects.filter(key__in=wanted).values_list(
        "key", "article", "article__slug"
    ):
        pairs[pk].update(slug for slug in wanted[key] if slug != owner)
    others = {pk: slugs for pk, slugs in pairs.items() if slugs}
    if not others:
        return {}
    own = {slug: runs(articles[slug].text) for slug in set().union(*others.values())}
    best: dict[str, tuple[float, str]] = {}
    found = (
        Article.objects.filter(pk__in=others).order_by("pk").annotate(words=Left("text", LONGEST))
    )
    for pk, owner, words in found.values_list("pk", "slug", "words").iterator(_AT_ONCE):
        there = runs(words)
        for slug in others[pk]:
            alike = likeness(own[slug], there)
            if alike >= NEARLY and alike > best.get(slug, (0.0, ""))[0]:
                best[slug] = (alike, owner)
    return {slug: owner for slug, (_, owner) in best.items()}

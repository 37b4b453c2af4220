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


def nearly_same(articles: Mapping[str, Looked], *, together: bool = False) -> dict[str, str]:
    """Slug -> slug of another one that is here and nearly the same, the most alike of those found.

    articles: by their slugs, stored or not. together: an earlier one of them counts as here, too.
    In two statements. Each is compared with those that have a key of its sketch, which are as many
    as a sketch has keys at most.
    """
    wanted: dict[int, list[str]] = defaultdict(list)
    for slug, looked in articles.items():
        for key in looked.keys:
            wanted[key].append(slug)
    stored: dict[int, set[str]] = defaultdict(set)
    earlier: dict[str, set[str]] = defaultdict(set)
    for key, pk, owner in Sketch.objects.filter(key__in=list(wanted)).values_list(
        "key", "article", "article__slug"
    ):
        stored[pk].update(slug for slug in wanted.pop(key) if slug != owner)
    if together:
        for first, *later in wanted.values():
            earlier[first].update(later)
    own = _OwnRuns(articles)
    best: dict[str, tuple[float, str]] = {}

    def compare(slugs: set[str], owner: str, there: frozenset[int]) -> None:
        for slug in slugs:
            alike = likeness(own[slug], there)
            if alike >= NEARLY and alike > best.get(slug, (0.0, ""))[0]:
                best[slug] = (alike, owner)

    pks = [pk for pk, slugs in stored.items() if slugs]
    found = Article.objects.filter(pk__in=pks).order_by("pk").annotate(words=Left("text", LONGEST))
    for pk, owner, words in found.values_list("pk", "slug", "words").iterator(_AT_ONCE):
        compare(stored[pk], owner, runs(words))
    for owner in articles:
        if slugs := earlier.get(owner):
            compare(slugs, owner, own[owner])
    return {slug: owner for slug, (_, owner) in best.items()}


class _OwnRuns(dict[str, frozenset[int]]):
    """The runs of those that are looked at, made when they are asked for."""

    def __init__(self, articles: Mapping[str, Looked]) -> None:
        super().__init__()
        self._articles = articles

    def __missing__(self, slug: str) -> frozenset[int]:
        self[slug] = runs(self._articles[slug].text)
        return self[slug]

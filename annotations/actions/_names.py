"""What an article is called, by whom it was published, and which story it tells."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import slugify

from annotations.actions._write import check_said
from annotations.domain.intake import FIRST_YEAR, LAST_YEAR
from annotations.domain.refusals import Invalid
from annotations.domain.text import digest
from annotations.models import Article, Outlet, Story

LONGEST_BASE = 100  # code points of a slug that is made, before its number
_MOST = {"outlet": 200, "story": 300}  # code points of a name that is new here
_FREE_AT_MOST = 31  # powers of two that are tried for a slug's number

# Of an article's fields those that nobody brings.
_OURS = {field.name for field in Article._meta.fields} - {
    "slug",
    "title",
    "url",
    "published_at",
    "language",
}

Named = TypeVar("Named", Outlet, Story)


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is known of an article beside its text; empty where it is not.

    outlet, story: a slug or a name; one that is not there yet is made.
    """

    slug: str = ""
    outlet: str = ""
    story: str = ""
    title: str = ""
    url: str = ""
    published_at: datetime | None = None
    language: str = ""


_WORDS = [field.name for field in fields(Particulars) if field.name != "published_at"]


class Names(Generic[Named]):
    """Outlets, or stories, by what files call them; read in one statement, made in one.

    Names that make the same slug are the same.
    """

    def __init__(self, model: type[Named], wanted: Iterable[str]) -> None:
        self._model: type[Named] = model
        self._kind: str = model.__name__.lower()
        self._field: str = "name" if model is Outlet else "title"
        self._here: dict[str, Named] = {}
        self._new: dict[str, Named] = {}
        names = {name for name in wanted if name}
        if not names:
            return
        slugs = names | {slug_of(name, self._kind) for name in names}
        rows = model._default_manager.filter(
            Q(slug__in=slugs) | Q(**{f"{self._field}__in": names})
        ).order_by(f"-{self._field}", "-pk")
        for row in rows:  # the first by name is written last, and stays
            self._here[row.slug] = self._here[getattr(row, self._field)] = row

    def of(self, name: str) -> Named | None:
        """The one of that slug or name; one that is not here yet is not stored yet."""
        if not name:
            return None
        slug = slug_of(name, self._kind)
        found = self._here.get(name) or self._here.get(slug) or self._new.get(slug)
        return found or self._model(**{"slug": slug, self._field: name})

    def want(self, name: str) -> Named | None:
        """The same; one that is not here yet is made by `make`."""
        row = self.of(name)
        if row is not None and row.pk is None:
            self._new.setdefault(row.slug, row)
        return row

    def make(self) -> None:
        """Store those that are wanted and not here yet."""
        new = [row for row in self._new.values() if row.pk is None]
        if new:
            self._model._default_manager.bulk_create(new)


def outlet_of(name: str) -> Outlet | None:
    """The outlet of that slug or name, made where it is missing."""
    return _one(Names(Outlet, [name]), name)


def story_of(name: str) -> Story | None:
    """The story of that slug or title, made where it is missing."""
    return _one(Names(Story, [name]), name)


def _one(names: Names[Named], name: str) -> Named | None:
    row = names.want(name)
    names.make()
    return row


class FreeSlugs:
    """Slugs that no article has, made of titles, with a number where they need one.

    at_most: how many are asked for. taken: slugs of which it is known that they are taken.
    """

    def __init__(self, at_most: int, taken: Iterable[str]) -> None:
        self._at_most = at_most
        self._taken = set(taken)
        self._numbers: dict[str, int] = {}

    def take(self, base: str) -> str:
        """The base itself, else with the least number of those that come after a taken one."""
        if base not in self._taken:
            self._taken.add(base)
            return base
        if base not in self._numbers:
            self._numbers[base] = self._look_ahead(base)
        number = self._numbers[base]
        while f"{base}-{number}" in self._taken:
            number += 1
        self._numbers[base] = number + 1
        self._taken.add(f"{base}-{number}")
        return f"{base}-{number}"

    def _look_ahead(self, base: str) -> int:
        """The first free number; what is taken of the next ones is known from now on."""
        powers: list[int] = [2**power for power in range(1, _FREE_AT_MOST)]
        taken = self._of(base, powers)
        free = min(number for number in powers if number not in taken)
        low = free // 2
        while free - low > 1:  # between a taken one, or 1, and a free one
            step = max((free - low) // 64, 1)
            between = range(low + step, free, step)
            taken = self._of(base, between)
            free = min([number for number in between if number not in taken], default=free)
            low = max((number for number in between if number < free), default=low)
        self._of(base, range(free, free + self._at_most))
        return free

    def _of(self, base: str, numbers: Iterable[int]) -> set[int]:
        """Which of the numbers are taken, for this base."""
        slugs = {f"{base}-{number}": number for number in numbers}
        rows = Article.objects.filter(slug__in=slugs).order_by().values_list("slug", flat=True)
        self._taken.update(rows)
        return {number for slug, number in slugs.items() if slug in self._taken}


def opening_words(text: str, most: int = 80) -> str:
    """The text's first line, cut after a word where it is longer than `most` code points."""
    line = next(line for line in text.split("\n") if line.strip()).strip()
    if len(line) <= most:
        return line
    return line[: most + 1].rsplit(maxsplit=1)[0][:most].rstrip(",;:–-") + " …"


def base_of(title: str) -> str:
    """What a slug for that title begins with; its fingerprint where it has no Latin letters."""
    return slugify(title)[:LONGEST_BASE].strip("-") or f"article-{digest(title)[:10]}"


@lru_cache(maxsize=4096)  # a file names the same few thousands of times
def slug_of(name: str, kind: str) -> str:
    """A slug for a name; by its fingerprint where the name has no Latin letters."""
    return slugify(name)[:LONGEST_BASE] or f"{kind}-{digest(name)[:10]}"


def check_particulars(particulars: Particulars) -> None:
    """Raises Invalid with the first that holds what no database keeps, is too long a name, or was
    published in a year that cannot be.
    """
    for field in _WORDS:
        check_said(getattr(particulars, field), field)
    for field, most in _MOST.items():
        name = getattr(particulars, field)
        if len(name) > most:
            raise Invalid(
                f"The name “{name[:40]}…” has {len(name)} characters; {most} are the most.", field
            )
    moment = particulars.published_at
    if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Invalid(
            f"The date of publication must be of the years {FIRST_YEAR} to {LAST_YEAR}.",
            "published_at",
        )


def check_fields(article: Article) -> None:
    """Raises Invalid with the first field that cannot be stored as it is.

    Of an article without a slug not that: it is given one.
    """
    try:
        article.clean_fields(exclude=_OURS if article.slug else _OURS | {"slug"})
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(f"{field.replace('_', ' ').capitalize()}: {messages[0]}", field) from None

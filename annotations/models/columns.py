"""What several tables' columns and constraints are made of."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

Row = TypeVar("Row", bound=models.Model)

# `field__length` in constraints, counting code points on both databases.
models.CharField.register_lookup(Length)
models.TextField.register_lookup(Length)


class NamedBySlug(models.Manager[Row]):
    """Finds rows by the slug that fixtures and files name them by."""

    def get_by_natural_key(self, slug: str) -> Row:
        return self.get(slug=slug)


def choices_of(enum: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """A domain enum as a field's choices."""
    return [(member.value, member.value.replace("_", " ")) for member in enum]


def one_of(field: str, enum: Iterable[StrEnum], *, blank: bool = False) -> Q:
    """That `field` holds a value of the enum; with `blank`, or nothing."""
    values = [member.value for member in enum]
    return Q(**{f"{field}__in": [*values, ""] if blank else values})

"""Everything that a newsroom is, for an archive: which rows, which of their fields, in which order.

A kind comes after those that its rows name, and the rows of a kind as they came to be: deeds,
events and comments as they were done and said, stories, articles and spans as the review's queue
has them. Rows name each other by slugs, usernames, uids and request ids: what leaves holds no
key of this database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from django.db import models

from annotations.models import (
    Article,
    Choice,
    Comment,
    Deed,
    Event,
    Export,
    Label,
    LabelAttribute,
    Outlet,
    Person,
    Span,
    SpotCheck,
    Story,
    Token,
)
from annotations.queries._snapshot import snapshot
from annotations.triggers import ARTICLE_ROW, SPAN_ROW

# A slug, a username, a UUID; a list of these where one alone does not say which row.
Name = Any
# A field of a model.
Field = Any
# What exports on record call it.
ARCHIVE = "archive"


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """The rows of one model. Field names are blank-separated, as they stand in a record.

    name: what the file calls them. fields: what is kept of each. named_by: those of them by which
    others name it. left_out: the model's other fields, and why. rows: those that hold a row of a
    span or an article as an event keeps it. later: one that may name a row of the same kind that
    comes after it. at_once: how many rows may be in memory together. without: rows that stay.
    """

    name: str
    model: type[models.Model]
    fields: str
    named_by: str = ""
    left_out: Mapping[str, str] | None = None
    rows: str = ""
    later: str = ""
    at_once: int = 500
    without: Mapping[str, Any] | None = None


class Record(NamedTuple):
    """One row: its fields' values by their names, in their order.

    What refers to a row holds its Name, what refers to many a sorted list of them. A row that an
    event keeps holds names, too, and {"gone": n} for the n-th of a kind that is not there any more.
    line: where it stands in a file.
    """

    kind: Kind
    values: dict[str, Any]
    line: int = 0


_RIGHTS = "Rights beyond the groups never come from a file."
_LEASE = "A lease is over in minutes."
_COUNTED = "Counted from the spans."
_COPIED = "Copied from the article."

KINDS = (
    Kind(
        "person",
        Person,
        "username first_name last_name email is_active date_joined groups",
        named_by="username",
        left_out={
            "password": "A secret. Nobody signs in as a restored person before one is set.",
            "is_staff": _RIGHTS,
            "is_superuser": _RIGHTS,
            "user_permissions": _RIGHTS,
            "last_login": "Of a session that is no more.",
        },
    ),
    Kind("outlet", Outlet, "slug name homepage", named_by="slug"),
    Kind("story", Story, "slug title", named_by="slug"),
    Kind(
        "label",
        Label,
        "slug name key colour line guideline guideline_revision position archived",
        named_by="slug",
    ),
    Kind(
        "attribute",
        LabelAttribute,
        "label key name kind required unless_attribute unless_value position",
        named_by="label key",
        at_once=100_000,  # all of them: one may depend on another that was made later
    ),
    Kind("choice", Choice, "attribute key name position"),
    Kind(
        "article",
        Article,
        "slug outlet story title url published_at language text text_sha256 replaces state "
        "submitted_by submitted_at reviewed_by reviewed_at revision added_at",
        named_by="slug",
        left_out={
            "proposed": _COUNTED,
            "sent_back": _COUNTED,
            "leased_to": _LEASE,
            "leased_until": _LEASE,
        },
        later="replaces",
        at_once=100,
    ),
    Kind(
        "span",
        Span,
        "uid article layer label start end text attributes state amended revision origin author "
        "last_editor decided_by decided_at reason guideline_revision fresh waiting_since checked "
        "created_at",
        named_by="uid",
        left_out={
            "waiting": "Follows from its state and its article's.",
            "outlet": _COPIED,
            "story_rank": _COPIED,
            "text_group": "Follows from its text.",
            "group": "Follows from its text, label and attributes.",
        },
    ),
    Kind(
        "deed",
        Deed,
        "request_id payload_sha256 actor machine action at undoes root undone",
        named_by="request_id",
    ),
    Kind(
        "event",
        Event,
        "deed article span action revision before after reason comment waved",
        rows="before after",
    ),
    Kind(
        "comment",
        Comment,
        "uid article span reply_to author text at request_id payload_sha256 resolved_by "
        "resolved_at withdrawn_at",
        named_by="uid",
    ),
    Kind(
        "spot_check",
        SpotCheck,
        "span revision label amended decided_by checker at finding note request_id",
    ),
    Kind(
        "token",
        Token,
        "public_id person name scope created_at expires_at used_at revoked_at request_id",
        named_by="public_id",
        left_out={"secret_sha256": "A secret. A restored token opens nothing; make a new one."},
    ),
    Kind(
        "export",
        Export,
        "uid person via token format chosen pseudonyms begun_at ended_at whole spans articles "
        "bytes sha256",
        without={"format": ARCHIVE},  # or an archive would hold its own beginning
    ),
)
# Models that are no kind, and why.
LEFT_OUT = {
    "TextGroup": "Made anew from the spans that wait; else it holds only a lease.",
    "Sketch": "Made anew from the articles' texts.",
    "Upload": "Of a file that lay here. What it brought says so in its deeds.",
    "UploadLine": "The report on such a file.",
    "Person_groups": "In the record of the person.",
    "Person_user_permissions": _RIGHTS,
}
_BY_MODEL = {kind.model: kind for kind in KINDS}


@cache
def kind_of(field: Field) -> Kind | None:
    """What the field refers to; None if to nothing, or to groups, which have only a name."""
    return _BY_MODEL.get(field.related_model) if field.is_relation else None


@cache
def fields_of(kind: Kind) -> list[Field]:
    """The model's fields that are kept, in order."""
    return [kind.model._meta.get_field(name) for name in kind.fields.split()]


@cache
def name_paths(kind: Kind) -> list[str]:
    """The columns, from the kind's table on, that make up a Name: "label__slug", "key"."""
    paths = []
    for name in kind.named_by.split():
        target = kind_of(kind.model._meta.get_field(name))
        paths += [f"{name}__{path}" for path in name_paths(target)] if target else [name]
    return paths


@cache
def row_fields(model: type[Span | Article]) -> dict[str, Field]:
    """The columns of a row as an event keeps it; what refers to another is an …_id there."""
    by_column = {field.attname: field for field in model._meta.concrete_fields}
    return {column: by_column[column] for column in (SPAN_ROW if model is Span else ARTICLE_ROW)}


def row_model(values: Mapping[str, Any]) -> type[Span | Article]:
    """Of what the rows are that an event keeps."""
    return Article if values["span"] is None else Span


def records() -> Iterator[Record]:
    """Every row, as of one moment (see `snapshot` for who waits meanwhile)."""
    with snapshot():
        names = _Names()
        for kind in KINDS:
            yield from _records(kind, names)


def _records(kind: Kind, names: "_Names") -> Iterator[Record]:
    fields = fields_of(kind)
    paths: list[str] = ["pk"]
    takers: list[tuple[str, Callable[[Sequence[Any]], Any]]] = []
    for field in fields:
        taker, columns = _taker(kind, field, len(paths))
        takers.append((field.name, taker))
        paths += columns
    rows = kind.model._default_manager.order_by("pk").values_list(*paths)
    if kind.without:
        rows = rows.exclude(**kind.without)
    for row in rows.iterator(chunk_size=min(kind.at_once, 2000)):
        values = {name: take(row) for name, take in takers}
        for name in kind.rows.split():
            values[name] = names.instead(row_model(values), values[name])
        yield Record(kind, values)


def _taker(kind: Kind, field: Field, at: int) -> tuple[Callable[[Sequence[Any]], Any], list[str]]:
    """What takes the field's value out of a row, where its columns stand from `at` on."""
    if field.many_to_many:
        listed = _listed(kind, field)
        return (lambda row: listed.get(row[0], [])), []
    target = kind_of(field)
    columns = [f"{field.name}__{path}" for path in name_paths(target)] if target else [field.name]
    if len(columns) == 1:
        return (lambda row: row[at]), columns
    end = at + len(columns)
    return (lambda row: None if row[at] is None else list(row[at:end])), columns


def _listed(kind: Kind, field: Field) -> dict[int, list[str]]:
    """By the key of a row, the names of what it has of these."""
    assert field.related_model is Group
    listed: dict[int, list[str]] = {}
    pairs = kind.model._default_manager.filter(**{f"{field.name}__isnull": False})
    for pk, name in pairs.values_list("pk", f"{field.name}__name"):
        listed.setdefault(pk, []).append(name)
    return {pk: sorted(names) for pk, names in listed.items()}


class _Names:
    """Names for the keys that events keep; those of a kind are read when the first is sought."""

    def __init__(self) -> None:
        self._known: dict[str, dict[int, Name]] = {}
        self._gone: dict[str, dict[int, int]] = {}

    def instead(
        self, model: type[Span | Article], row: dict[str, Any] | None
    ) -> dict[str, Any] | None:
        """The row with names instead of keys."""
        if row is None:
            return None
        named = {}
        for column, field in row_fields(model).items():
            kind, value = kind_of(field), row[column]
            named[field.name] = value if kind is None or value is None else self._of(kind, value)
        return named

    def _of(self, kind: Kind, pk: int) -> Name:
        if kind.name not in self._known:
            [path] = name_paths(kind)
            self._known[kind.name] = dict(kind.model._default_manager.values_list("pk", path))
        name = self._known[kind.name].get(pk)
        if name is not None:
            return name
        gone = self._gone.setdefault(kind.name, {})
        return {"gone": gone.setdefault(pk, len(gone) + 1)}

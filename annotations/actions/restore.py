"""A whole newsroom from an archive, into an empty database: all of it, or nothing.

The one way by which states, people and events come from a file. What deeds refuse one by one is
refused here by the constraints and triggers that stand, and by `check_integrity` over the whole
before it counts.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction

from annotations import triggers
from annotations.actions import _queue
from annotations.actions.intake import sketch_article
from annotations.domain.records import BadArchive
from annotations.models import Article, Person, Span
from annotations.queries.archive import (
    KINDS,
    Kind,
    Name,
    Record,
    fields_of,
    kind_of,
    name_paths,
    row_fields,
    row_model,
)
from annotations.queries.integrity import breaches

# They hold for what is done by and by: that it begins at revision 1, and rises with each change.
IN_THE_WAY = ("annotations_span_first_revision", "annotations_article_revision")
_EVENT = re.compile(r": event (\d+):")
_OTHER = re.compile(r"(article|span|deed|comment|spot check) (\S+?)[ :]")


class Restored(NamedTuple):
    """How many rows of each kind there are now, and which groups came without any rights."""

    counts: Counter[str]
    groups: list[str]


def restore(records: Iterable[Record]) -> Restored:
    """Store the records of an archive, kind by kind, in one transaction.

    Nobody restored can sign in until an operator sets their password. A group that is not there
    is made, and has no rights. Raises BadArchive, with the line, if the database is not empty or
    would not be as it must be; then it is as it was.
    """
    with transaction.atomic():
        _refuse_unless_empty()
        there = set(Group.objects.values_list("name", flat=True))
        counts: Counter[str] = Counter()
        first_lines: dict[str, int] = {}
        with triggers.lifted(connection, IN_THE_WAY):
            for kind, own in groupby(records, key=lambda record: record.kind):
                counts[kind.name] = _store(kind, own, first_lines)
            _queue.count_again()
        for breach in breaches(Counter()):
            raise BadArchive(_line_of(breach, first_lines), f"What comes of it is wrong: {breach}.")
        _go_on_counting()
        groups = Group.objects.exclude(name__in=there).order_by("name")
        return Restored(counts, list(groups.values_list("name", flat=True)))


def _refuse_unless_empty() -> None:
    for model in apps.get_app_config("annotations").get_models():
        if number := model._default_manager.count():
            names = model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural
            raise BadArchive(
                0,
                f"The database is not empty: it has {number:,} {names}. "
                "An archive is restored only into one that was just made by “migrate”.",
            )


def _store(kind: Kind, records: Iterator[Record], first_lines: dict[str, int]) -> int:
    """Store the records of one kind, in their order, their keys counting from 1. How many."""
    stored = 0
    later: list[_Later] = []
    while batch := list(islice(records, kind.at_once)):
        first_lines.setdefault(kind.name, batch[0].line)
        numbered = list(enumerate(batch, stored + 1))
        rows = _rows(kind, numbered)
        _create(kind, batch, rows)
        if kind.model is Article:
            for row in rows:
                assert isinstance(row, Article)
                sketch_article(row)
        later += _of_later(kind, numbered)
        stored += len(batch)
    if later:
        field = _field(kind, kind.later)
        ids = _Ids((kind.name, each.name) for each in later)
        for each in later:
            found = ids.of(field, each.name, each.line)
            kind.model._default_manager.filter(pk=each.pk).update(**{field.attname: found})
    return stored


class _Later(NamedTuple):
    """A row that names one of its kind, which may be stored only after it."""

    pk: int
    name: Name
    line: int


def _of_later(kind: Kind, numbered: Sequence[tuple[int, Record]]) -> list[_Later]:
    named = [
        _Later(pk, record.values[kind.later], record.line) for pk, record in numbered if kind.later
    ]
    return [each for each in named if each.name is not None]


def _rows(kind: Kind, numbered: Sequence[tuple[int, Record]]) -> list[models.Model]:
    """The rows of these records, whose keys they come with."""
    ids = _Ids(_named(record for _, record in numbered), dict(_own_names(kind, numbered)))
    rows = []
    for pk, record in numbered:
        row = kind.model(pk=pk)
        for field in fields_of(kind):
            value = record.values[field.name]
            if field.many_to_many or field.name == kind.later:
                continue
            if field.name in kind.rows.split():
                value = ids.row_of(row_model(record.values), value, record.line)
            setattr(row, field.attname, ids.of(field, value, record.line))
        rows.append(row)
    if complete := _COMPLETE.get(kind.name):
        complete(rows)
    return rows


def _own_names(
    kind: Kind, numbered: Sequence[tuple[int, Record]]
) -> Iterator[tuple[tuple[str, Name], int]]:
    """What names these records themselves; they may name each other."""
    names = kind.named_by.split()
    for pk, record in numbered:
        parts = [record.values[name] for name in names]
        if parts:
            yield (kind.name, _key(parts if len(parts) > 1 else parts[0])), pk


class _Ids:
    """The keys here of what is named by kind and Name; asked for all at once.

    own: those of rows that are not stored yet.
    """

    def __init__(
        self,
        named: Iterable[tuple[str, Name]],
        own: Mapping[tuple[str, Name], int] | None = None,
    ) -> None:
        sought: dict[str, set[Name]] = defaultdict(set)
        for name_of_kind, name in named:
            sought[name_of_kind].add(_key(name))
        self._ids = dict(own or {})
        for kind in KINDS:
            if sought[kind.name]:
                self._ids |= _found(kind, sought[kind.name])

    def of(self, field: Any, value: Any, line: int) -> Any:
        """The key of what the field names; its value as it is if it names nothing."""
        kind = kind_of(field)
        if kind is None or value is None:
            return value
        if isinstance(value, dict):
            return -value["gone"]  # no row has it, as none has what it stands for
        found = self._ids.get((kind.name, _key(value)))
        if found is None:
            told = " ".join(map(str, value)) if isinstance(value, list) else str(value)
            raise BadArchive(line, f"“{field.name}”: there is no {kind.name} “{told[:100]}”.")
        return found

    def row_of(
        self, model: type[Span | Article], row: Mapping[str, Any] | None, line: int
    ) -> dict[str, Any] | None:
        """A row as an event keeps it."""
        if row is None:
            return None
        fields = row_fields(model).items()
        return {column: self.of(field, row[field.name], line) for column, field in fields}


def _named(records: Iterable[Record]) -> Iterator[tuple[str, Name]]:
    """The kind and the name of all that these records name."""
    for record in records:
        named = [(field, record.values[field.name]) for field in fields_of(record.kind)]
        for rows in record.kind.rows.split():
            row = record.values[rows] or {}
            fields = row_fields(row_model(record.values)).values()
            named += [(field, row[field.name]) for field in fields if row]
        for field, value in named:
            kind = kind_of(field)
            if kind is not None and value is not None and not isinstance(value, dict):
                yield kind.name, value


def _found(kind: Kind, names: set[Name]) -> dict[tuple[str, Name], int]:
    paths = name_paths(kind)
    firsts = {name[0] if isinstance(name, tuple) else name for name in names}
    rows = kind.model._default_manager.filter(**{f"{paths[0]}__in": firsts}).order_by()
    return {
        (kind.name, _key(parts if len(parts) > 1 else parts[0])): pk
        for pk, *parts in rows.values_list("pk", *paths)
    }


def _key(name: Name) -> Name:
    """The name as a dict's key."""
    return tuple(name) if isinstance(name, list) else name


def _field(kind: Kind, name: str) -> Any:
    return kind.model._meta.get_field(name)


def _create(kind: Kind, batch: Sequence[Record], rows: list[models.Model]) -> None:
    """Store the rows and what they have many of. Raises BadArchive for the first refused."""
    try:
        with transaction.atomic():
            kind.model._default_manager.bulk_create(rows)
    except DatabaseError:
        for record, row in zip(batch, rows, strict=True):
            _create_one(record, row)
    for field in fields_of(kind):
        if field.many_to_many:
            for record, row in zip(batch, rows, strict=True):
                names = record.values[field.name]
                wanted = [Group.objects.get_or_create(name=name)[0] for name in names]
                getattr(row, field.name).set(wanted)


def _create_one(record: Record, row: models.Model) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except DatabaseError as error:
        raise BadArchive(record.line, _why(error, type(row))) from None


def _why(error: DatabaseError, model: type[models.Model]) -> str:
    """The database's refusal as a sentence: by the constraint's or the trigger's own words."""
    words = str(error)
    for constraint in model._meta.constraints:
        if constraint.name in words:
            return f"It breaks a rule: “{constraint.name.replace('_', ' ')}”."
    for trigger in triggers.TRIGGERS:
        if trigger.sentence in words:
            return f"It breaks a rule: {trigger.sentence}."
    if "unique" in words.lower():
        return "It, or something of which there is only one, stands in the archive already."
    return f"The database does not take it: {words.splitlines()[0]}."


def _without_password(people: list[Any]) -> None:
    for person in people:
        assert isinstance(person, Person)
        person.password = make_password(None)


def _without_secret(tokens: list[Any]) -> None:
    for token in tokens:
        token.secret_sha256 = "0" * 64  # of no token that anybody could find


def _put_back(spans: list[Any]) -> None:
    articles = Article.objects.defer("text").in_bulk({span.article_id for span in spans})
    for span in spans:
        span.article = articles[span.article_id]
    _queue.put_back(spans)


# What no record holds, before the rows of a kind are stored.
_COMPLETE: dict[str, Callable[[list[Any]], None]] = {
    "person": _without_password,
    "span": _put_back,
    "token": _without_secret,
}


def _line_of(breach: str, first_lines: Mapping[str, int]) -> int:
    """The line of what the breach is about; 0 if it is about no one row."""
    if event := _EVENT.search(breach):
        return first_lines["event"] + int(event[1]) - 1
    other = _OTHER.match(breach)
    if other is None:
        return 0
    kind = next(kind for kind in KINDS if kind.name == other[1].replace(" ", "_"))
    keys = kind.model._default_manager.values_list("pk", flat=True)
    by_key = kind.name in ("deed", "spot_check")
    pk = int(other[2]) if by_key else keys.get(**{name_paths(kind)[0]: other[2]})
    return first_lines[kind.name] + pk - 1


def _go_on_counting() -> None:
    """Let new rows have keys after those that were given here."""
    stored = [kind.model for kind in KINDS]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), stored):
            cursor.execute(statement)

"""Articles and spans as they leave, and how they are read: a million of them within seconds.

The statements are Django's, the rows the driver's own: past converters that would cost more than
all the rest. What stands in many rows (labels, people) is read once and looked up by its key.
"""

import json
import marshal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice, repeat
from typing import Any

import msgspec
from django.db import connection
from django.db.models import BooleanField, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from msgspec import UNSET, UnsetType

from annotations.domain.carrying import CONTEXT
from annotations.models import Article, Label, LabelAttribute, Person, Span
from annotations.queries._aside import aside
from annotations.queries._columns import (
    COLUMNS,
    articles_in,
    in_order,
    is_sqlite,
    packed,
    packing,
    padded,
    runs,
    unpacked,
)
from annotations.queries._snapshot import snapshot

# As many articles' texts and spans may be in memory, about.
_ARTICLES_AT_ONCE, _SPANS_AT_ONCE = 100, 5_000
_FIRST = 5  # articles: so that the first byte comes soon

_Row = tuple[Any, ...]
# The keys of articles, in their order; their rows; the columns of their spans, packed; in no order.
_Batch = tuple[list[int], list[_Row], list[bytes]]


class ExportedArticle(msgspec.Struct, gc=False):
    """An article as it leaves; outlet, story and replaces are slugs, None where there is none.

    published_at: ISO 8601 in UTC, with microseconds and "Z".
    """

    slug: str
    outlet: str | None
    title: str
    url: str
    published_at: str | None
    language: str
    story: str | None
    state: str
    replaces: str | None
    text_sha256: str
    text: str


class _Span(msgspec.Struct, gc=False):
    schema: str | UnsetType
    uid: str
    article: msgspec.Raw | UnsetType
    label: str
    start: int
    end: int
    text: str
    attributes: Any
    state: str
    amended: bool
    revision: int
    origin: str
    author: str | None
    last_editor: str | None
    decided_by: str | None
    decided_at: str | None
    reason: str | None
    guideline_revision: int | None
    text_group: str
    prefix: str
    suffix: str


class ExportedSpan(_Span, gc=False):
    """A span as it leaves, its keys in the order of its line; None is null.

    schema, article: for a line of its own; left out while they are UNSET. attributes: every key
    that its label has, None where not filled. author, last_editor, decided_by: usernames or
    pseudonyms. decided_at: ISO 8601 in UTC, with microseconds and "Z". prefix, suffix: the CONTEXT
    code points before and after, fewer at an end of the text.
    """

    # The attributes as msgspec encodes them: no dictionary is made that nobody looks into.
    filled = _Span.attributes

    @property  # type: ignore[misc]  # over the field, which `filled` gives
    def attributes(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self.filled)
        return found


class _Anchored(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """An anchored attribute; so its parts have one order: PostgreSQL's own is another."""

    value: str
    start: int | None
    end: int | None


_ARTICLE_COLUMNS = (
    *("slug", "outlet__slug", "title", "url", "published_at_text", "language", "story__slug"),
    *("state", "replaces__slug", "text_sha256", "text"),
)


def read(
    articles: QuerySet[Article],
    spans: QuerySet[Span],
    *,
    alone: Iterable[str],
    pseudonyms: bool,
) -> Iterator[tuple[ExportedArticle, list[ExportedSpan]]]:
    """These articles, in their order, with those of these spans that lie in them, in theirs.

    All as of one moment. alone: the states in which an article comes along without a span. To be
    used up or closed. A batch is the smaller, the more spans the articles before it had.

    With a rollback journal a reader keeps everybody else from writing. So nothing is built of the
    rows while they are read but on another thread: reading is over long before somebody who reads
    slowly has all.
    """
    with closing(aside(_put_by(articles, spans, alone=alone))) as read_aside:
        build = _builder(pseudonyms, *marshal.loads(*next(read_aside)))  # noqa: S302  our own
        for written, *arrays in read_aside:
            keys, known = marshal.loads(written)  # noqa: S302  our own
            found = {row[0]: _article(row) for row in known}
            columns = unpacked(arrays)
            columns = in_order(columns, columns[0])
            places = runs(columns[0])
            for key in keys:
                run = places.get(key, slice(0, 0))
                yield found[key], build(found[key], [column[run] for column in columns])


def _put_by(
    articles: QuerySet[Article], spans: QuerySet[Span], *, alone: Iterable[str]
) -> Generator[list[bytes], None, None]:
    """What is looked up, then the batches: plain values, read by this process only."""
    with snapshot():
        yield [marshal.dumps(_looked_up())]
        for keys, known, columns in batches(articles, spans, alone=alone):
            yield [marshal.dumps((keys, known)), *columns]


def batches(
    articles: QuerySet[Article], spans: QuerySet[Span], *, alone: Iterable[str]
) -> Iterator[_Batch]:
    """The articles that come along, with their spans."""
    keys = articles.values_list("pk", "state").iterator(chunk_size=2000)
    alone, size = frozenset(alone), _FIRST
    read_articles = _Statement(Article.objects.all(), "id", ("pk", *_ARTICLE_COLUMNS))
    read_spans = _Statement(spans, "article_id", tuple(COLUMNS), select=packing())
    while batch := dict(islice(keys, size)):
        ((number, *fetched),) = read_spans.rows(batch)
        columns = packed(fetched)
        marked = articles_in(columns)
        wanted = [key for key, state in batch.items() if key in marked or state in alone]
        if wanted:
            yield wanted, read_articles.rows(wanted), columns
        size = max(1, min(size * 2, _ARTICLES_AT_ONCE, size * _SPANS_AT_ONCE // (number or 1)))


class _Statement:
    """What is read of some rows, batch after batch: Django writes the statement once.

    column: where the keys are looked for. columns: `<name>_text` is what the database writes for
    <name>. select: the SQL of what is selected of them, if not themselves.
    """

    _KEYS = object()  # stands where the keys of a batch come

    def __init__(
        self, those: QuerySet[Any], column: str, columns: Sequence[str], select: str = ""
    ) -> None:
        names = [name.removesuffix("_text") for name in columns if name.endswith("_text")]
        casts = {f"{name}_text": Cast(name, TextField()) for name in names}
        place = f'"{those.model._meta.db_table}"."{column}"'
        among = "IN (SELECT value FROM json_each(%s))" if is_sqlite() else "= ANY(%s)"
        chosen = RawSQL(f"{place} {among}", [self._KEYS], BooleanField())  # noqa: S611  our own names
        rows = those.filter(chosen).order_by().annotate(**casts).values_list(*columns)
        self._statement: str
        self._statement, self._values = rows.query.sql_with_params()
        if select:
            self._statement = f"SELECT {select} FROM ({self._ordered()}) AS c"  # noqa: S608

    def _ordered(self) -> str:
        """By place. SQLite has no sorting to do where it goes by the index; and without statistics
        it might go by another one, through the spans of all articles for each batch.
        """
        if not is_sqlite():
            return f"{self._statement} ORDER BY 1, 2, 3"
        table = f'FROM "{Span._meta.db_table}"'
        return self._statement.replace(table, f"{table} INDEXED BY span_by_place", 1)

    def rows(self, keys: Iterable[int]) -> list[_Row]:
        """Those with these keys, in no order."""
        those: Any = json.dumps(list(keys)) if is_sqlite() else list(keys)
        with connection.cursor() as cursor:
            values = [those if value is self._KEYS else value for value in self._values]
            cursor.execute(self._statement, values)
            found: list[_Row] = cursor.fetchall()
        return found


def _article(row: _Row) -> ExportedArticle:
    _, slug, outlet, title, url, published_at, *rest = row
    if published_at:
        published_at = padded(published_at.replace(" ", "T").removesuffix("+00"))
    return ExportedArticle(slug, outlet, title, url, published_at, *rest)


def _builder(
    pseudonyms: bool,
    labels: dict[int, str],
    keys: dict[int, list[str]],
    usernames: dict[int | None, str | None],
) -> Callable[[ExportedArticle, list[list[Any]]], list[ExportedSpan]]:
    """What makes an article's spans, in their order, of its part of the columns."""
    readers = {label: _reader(keys.get(label, [])) for label in labels}
    people = _Pseudonyms({None: None}) if pseudonyms else usernames

    def build(article: ExportedArticle, columns: list[list[Any]]) -> list[ExportedSpan]:
        places = list(zip(*columns[1:4], strict=True))
        _, start, end, uid, label, *middle, reason, guideline, group = in_order(columns, places)
        attributes, state, amended, revision, origin, *people_and_time = middle
        author, last_editor, decided_by, decided_at = people_and_time
        text = article.text
        return list(
            map(
                ExportedSpan,
                repeat(UNSET),
                uid,
                repeat(UNSET),
                map(labels.__getitem__, label),
                start,
                end,
                # What the database holds is the same, and would have to be sent.
                [text[at:to] for at, to in zip(start, end, strict=True)],
                [readers[it](written) for it, written in zip(label, attributes, strict=True)],
                state,
                map(bool, amended),  # SQLite's are numbers
                revision,
                origin,
                map(people.__getitem__, author),
                map(people.__getitem__, last_editor),
                map(people.__getitem__, decided_by),
                [it and padded(it) for it in decided_at],
                [written or None for written in reason],
                guideline,
                group,
                [text[at - CONTEXT if at > CONTEXT else 0 : at] for at in start],
                [text[at : at + CONTEXT] for at in end],
            )
        )

    return build


class _Pseudonyms(dict[int | None, str | None]):
    """Who comes up gets the next number."""

    def __missing__(self, person: int | None) -> str:
        name = self[person] = f"person-{len(self)}"
        return name


def _looked_up() -> tuple[dict[int, str], dict[int, list[str]], dict[int | None, str | None]]:
    """The labels' slugs and the keys of their attributes, in order; the people's usernames."""
    keys: dict[int, list[str]] = {}
    ordered = LabelAttribute.objects.order_by("position", "key")
    for label, key in ordered.values_list("label_id", "key"):
        keys.setdefault(label, []).append(key)
    nobody: dict[int | None, str | None] = {None: None}
    usernames = nobody | dict(Person.objects.values_list("pk", "username"))
    return dict(Label.objects.values_list("pk", "slug")), keys, usernames


def _reader(keys: list[str]) -> Callable[[msgspec.Raw], Any]:
    """What reads attributes, written as JSON, so that these keys come first, None where missing."""
    names = {f"attribute_{number}": key for number, key in enumerate(keys)}
    shape = msgspec.defstruct(
        "Attributes",
        [(name, _Anchored | str | bool | None, None) for name in names],
        rename=names,
        gc=False,
        forbid_unknown_fields=True,
    )
    typed = msgspec.json.Decoder(shape).decode
    empty = dict.fromkeys(keys)

    def read(written: msgspec.Raw) -> Any:
        try:
            return typed(written)
        except msgspec.ValidationError:  # a key that was taken off the label since
            return empty | json.loads(bytes(written))

    return read

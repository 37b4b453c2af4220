"""Articles and spans as they leave, and how they are read: a million of them within seconds.

The statements are Django's, the rows the driver's own: past converters that would cost more than
all the rest. What stands in many rows (labels, people) is read once and looked up by its key.
"""

import json
import marshal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import msgspec
from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from annotations.models import Article, Label, LabelAttribute, Person, Span
from annotations.queries._aside import aside
from annotations.queries._snapshot import snapshot

# As many articles' texts and spans may be in memory, about.
_ARTICLES_AT_ONCE, _SPANS_AT_ONCE = 100, 5_000
_FIRST = 5  # articles: so that the first byte comes soon

_Row = tuple[Any, ...]
# The keys of articles, in their order; their rows; those of their spans as JSON. Rows in no order.
_Batch = tuple[list[int], list[_Row], bytes]


unpacked = msgspec.json.Decoder(list[_Row]).decode


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
    article: ExportedArticle
    uid: str
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
    reason: str
    guideline_revision: int | None
    text_group: str


class ExportedSpan(_Span, gc=False):
    """A span as it leaves.

    attributes: every key that its label has, None where not filled. author, last_editor,
    decided_by: usernames or pseudonyms. decided_at: ISO 8601 in UTC, with microseconds and "Z".
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
_SPAN_COLUMNS = (  # first what gives their order
    *("article_id", "start", "end", "uid_text", "label_id", "attributes_text", "state", "amended"),
    *("revision", "origin", "author_id", "last_editor_id", "decided_by_id", "decided_at_text"),
    *("reason", "guideline_revision", "text_group"),
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
        build = _builder(pseudonyms, *marshal.loads(next(read_aside)))  # noqa: S302  our own
        for written in read_aside:
            keys, known, packed = marshal.loads(written)  # noqa: S302  our own
            found = {row[0]: _article(row) for row in known}
            rows = unpacked(packed)
            rows.sort()  # here: a database sorts them with all they hold, and no index has the uid
            runs = {key: list(run) for key, run in groupby(rows, itemgetter(0))}
            for key in keys:
                yield found[key], build(found[key], runs.get(key, []))


def _put_by(
    articles: QuerySet[Article], spans: QuerySet[Span], *, alone: Iterable[str]
) -> Generator[bytes, None, None]:
    """What is looked up, then the batches: plain values, read by this process only."""
    with snapshot():
        yield marshal.dumps(_looked_up())
        yield from map(marshal.dumps, batches(articles, spans, alone=alone))


def batches(
    articles: QuerySet[Article], spans: QuerySet[Span], *, alone: Iterable[str]
) -> Iterator[_Batch]:
    """The articles that come along, with their spans."""
    keys = articles.values_list("pk", "state").iterator(chunk_size=2000)
    alone, size = frozenset(alone), _FIRST
    while batch := dict(islice(keys, size)):
        number, marked, packed = _packed(spans.filter(article__in=batch))
        wanted = [key for key, state in batch.items() if key in marked or state in alone]
        if wanted:
            those = Article.objects.filter(pk__in=wanted)
            yield wanted, _rows(those, ("pk", *_ARTICLE_COLUMNS)), packed
        size = max(1, min(size * 2, _ARTICLES_AT_ONCE, size * _SPANS_AT_ONCE // (number or 1)))


def _packed(spans: QuerySet[Span]) -> tuple[int, set[int], bytes]:
    """How many these are, in which articles, and their rows as JSON.

    The database packs them into one value: Python runs on meanwhile, where it would have to take
    turns with who fetches row by row.
    """
    if connection.vendor == "sqlite":
        array, all_of, kind = "json_array", "json_group_array", "blob"
    else:
        array, all_of, kind = "json_build_array", "json_agg", "text"
    statement, values = _statement(spans, _SPAN_COLUMNS)
    names = ", ".join(f'"{name}"' for name in _SPAN_COLUMNS)
    ((number, marked, packed),) = _fetched(
        f'SELECT count(*), CAST({all_of}(DISTINCT "{_SPAN_COLUMNS[0]}") AS text),'  # noqa: S608
        f" CAST({all_of}({array}({names})) AS {kind}) FROM ({statement}) AS chosen",
        values,
    )
    if isinstance(packed, str):
        packed = packed.encode()
    return number, set(json.loads(marked or "[]")), packed or b"[]"


def _rows(those: QuerySet[Any], columns: Sequence[str]) -> list[_Row]:
    """The columns, in no order; `<name>_text` is what the database writes for <name>."""
    return _fetched(*_statement(those, columns))


def _statement(those: QuerySet[Any], columns: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
    written = [name.removesuffix("_text") for name in columns if name.endswith("_text")]
    casts = {f"{name}_text": Cast(name, TextField()) for name in written}
    rows = those.order_by().annotate(**casts).values_list(*columns)
    statement, values = rows.query.sql_with_params()
    return statement, values


def _fetched(statement: str, values: tuple[Any, ...]) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[_Row] = cursor.fetchall()
    return found


def _article(row: _Row) -> ExportedArticle:
    _, slug, outlet, title, url, published_at, *rest = row
    return ExportedArticle(slug, outlet, title, url, published_at and _instant(published_at), *rest)


def _builder(
    pseudonyms: bool,
    labels: dict[int, str],
    keys: dict[int, list[str]],
    usernames: dict[int | None, str | None],
) -> Callable[[ExportedArticle, list[_Row]], list[ExportedSpan]]:
    """What makes an article's spans of their rows."""
    readers = {label: _reader(keys.get(label, [])) for label in labels}
    people = _Pseudonyms({None: None}) if pseudonyms else usernames

    def build(article: ExportedArticle, rows: list[_Row]) -> list[ExportedSpan]:
        text = article.text
        return [
            ExportedSpan(
                article,
                # SQLite keeps 32 hexadecimal digits.
                uid
                if len(uid) == 36
                else f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}",
                labels[label],
                start,
                end,
                text[start:end],  # what the database holds is the same, and would have to be sent
                readers[label](attributes),
                state,
                amended == 1,
                revision,
                origin,
                people[author],
                people[last_editor],
                people[decided_by],
                decided_at and _instant(decided_at),
                reason,
                guideline,
                text_group,
            )
            for (
                _,
                start,
                end,
                uid,
                label,
                attributes,
                state,
                amended,
                revision,
                origin,
                author,
                last_editor,
                decided_by,
                decided_at,
                reason,
                guideline,
                text_group,
            ) in rows
        ]

    return build


def _instant(written: str) -> str:
    """What either database writes for a time, in UTC both, as ISO 8601 with all microseconds."""
    if written[-3] == "+":  # PostgreSQL's "+00"
        written = written[:-3]
    if len(written) == 26:
        return f"{written[:10]}T{written[11:]}Z"
    whole, _, fraction = written.partition(".")
    return f"{whole[:10]}T{whole[11:]}.{fraction:0<6}Z"


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


def _reader(keys: list[str]) -> Callable[[str], Any]:
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

    def read(written: str) -> Any:
        try:
            return typed(written)
        except msgspec.ValidationError:  # a key that was taken off the label since
            return empty | json.loads(written)

    return read

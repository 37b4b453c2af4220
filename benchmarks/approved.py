"""As many approved spans as are asked for, written row by row as the deeds leave them, in bulk.

On both databases. Every constraint holds; the triggers are away meanwhile, and what they hold is
looked at before they come back. There are no deeds and events: an export reads none.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from annotations import triggers
from annotations.domain.attributes import check_attributes
from annotations.domain.fingerprints import text_group
from annotations.domain.text import digest
from annotations.models import Article, Label, Outlet, Person, Span, Story
from benchmarks.documents import Document, Mark, make_document

LENGTH, SPANS = 3_000, 50  # of an article: code points, spans
TEXTS = 500  # different ones; the articles take turns
OUTLETS, STORIES, AUTHORS, REVIEWERS = 50, 500, 20, 5
SEED = 11
_SPREAD = 7_919  # prime: the order in which articles came is not that of their slugs
_BEGUN = datetime(2024, 1, 8, 9, tzinfo=UTC)
_ROWS_AT_ONCE = 20_000
_WORD = re.compile(r"\w+")

_ARTICLE_COLUMNS = (
    *("id", "slug", "outlet_id", "story_id", "title", "url", "published_at", "language", "text"),
    *("text_sha256", "state", "revision", "proposed", "sent_back", "added_at"),
)
_SPAN_COLUMNS = (
    *("uid", "article_id", "label_id", "start", "end", "text", "attributes", "state", "amended"),
    *("revision", "origin", "author_id", "last_editor_id", "decided_by_id", "decided_at"),
    *("reason", "guideline_revision", "fresh", "waiting", "outlet_id", "story_rank", "checked"),
    *("text_group", "created_at"),
)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of which articles are made, and of each span in it the columns that follow from it."""

    text: str
    sha256: str
    spans: list[tuple[Any, ...]]  # label_id, start, end, text, attributes as JSON, text_group


class Filling:
    """A newsroom whose spans are all approved; `fill` makes it larger."""

    def __init__(self, texts: int = TEXTS) -> None:
        """Outlets, stories, people and the texts; no article yet."""
        self.articles = 0

        self._first_id = 1_000_000  # beyond all that came by deeds
        self._outlets = _made(Outlet(slug=f"daily-{n:02}", name=f"Daily {n}") for n in _to(OUTLETS))
        self._stories = _made(Story(slug=f"event-{n:03}", title=f"Event {n}") for n in _to(STORIES))
        self._authors = [Person.objects.create_user(f"marks-{n:02}").pk for n in _to(AUTHORS)]
        self._reviewers = [Person.objects.create_user(f"decides-{n}").pk for n in _to(REVIEWERS)]
        self._texts = list(_texts(texts))

    @property
    def spans(self) -> int:
        return self.articles * SPANS

    def fill(self, articles: int) -> None:
        """Let there be so many articles, each with SPANS approved spans."""
        numbers = range(self.articles, articles)
        triggers.drop(connection)
        with transaction.atomic():
            _insert(Article, _ARTICLE_COLUMNS, map(self._article, numbers))
            spans = (span for number in numbers for span in self._spans(number))
            _insert(Span, _SPAN_COLUMNS, spans)
            _look_at_what_triggers_hold()
        triggers.create(connection)
        self.articles = articles
        if connection.vendor == "postgresql":  # as it does by itself; SQLite has no statistics
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")

    def _article(self, number: int) -> tuple[Any, ...]:
        text = self._texts[number % len(self._texts)]
        name = f"{number * _SPREAD % 1_000_000:06}"
        return (
            *(self._first_id + number, f"event-in-daily-{name}", self._outlet(number)),
            *(self._story(number), f"What the council counted, no. {name}"),
            *(f"https://example.org/{name}", _at(number), "en", text.text, text.sha256),
            *("in_progress", SPANS * 2 + 1, 0, 0, _at(number)),
        )

    def _spans(self, number: int) -> Iterator[tuple[Any, ...]]:
        chance = Random(f"{SEED} {number}")
        author, other = chance.sample(self._authors, 2)
        for place, derived in enumerate(self._texts[number % len(self._texts)].spans):
            label, start, end, text, attributes, group = derived
            hand = other if chance.random() < 0.1 else author
            yield (
                *(_uid(chance), self._first_id + number, label, start, end, text, attributes),
                *("approved", False, 2, "human", author, hand, chance.choice(self._reviewers)),
                *(_at(number + 40, chance.randrange(1_000_000)), "", 1, True, ""),
                *(self._outlet(number), self._story(number), False, group),
                _at(number + place / 100),
            )

    def _outlet(self, number: int) -> int:
        return self._outlets[number % OUTLETS]

    def _story(self, number: int) -> int:
        return self._stories[number // 5 % STORIES]


def _to(number: int) -> range:
    return range(number)


def _made(rows: Iterable[Any]) -> list[int]:
    return [row.pk for row in map(_saved, rows)]


def _saved(row: Any) -> Any:
    row.save()
    return row


def _texts(number: int) -> Iterator[_Text]:
    labels = {label.slug: label for label in Label.objects.all()}
    asked = {
        slug: [attribute.spec for attribute in label.attributes.all()]
        for slug, label in labels.items()
    }
    for seed in range(number):
        document = make_document(seed=SEED + seed, length=LENGTH, spans=SPANS, free=1)
        spans = []
        for mark in document.marks:
            words = mark.extent.of(document.text)
            given = check_attributes(asked[mark.label], _given(mark, document), document.text)
            spans.append(
                (
                    *(labels[mark.label].pk, mark.extent.start, mark.extent.end, words),
                    *(json.dumps(given), text_group(words)),
                )
            )
        yield _Text(document.text, digest(document.text), spans)


def _given(mark: Mark, document: Document) -> dict[str, Any]:
    """What an annotator fills in; who is meant stands at another place in each."""
    word = _WORD.search(document.text, mark.extent.start)
    assert word is not None
    who = {"value": word[0], "start": word.start(), "end": word.end()}
    match mark.label:
        case "quote":
            return {"speaker": who, "form": "direct", "continues": mark.extent.start % 7 == 0}
        case "claim":
            return {"claimant": who, "worthiness": "check_worthy"}
        case _:
            return {"kind": "other"}


def _uid(chance: Random) -> str:
    uid = UUID(int=chance.getrandbits(128), version=4)
    return uid.hex if connection.vendor == "sqlite" else str(uid)


def _at(hours: float, microseconds: int = 0) -> str:
    moment = _BEGUN + timedelta(hours=hours, microseconds=microseconds)
    return str(moment.replace(tzinfo=None) if connection.vendor == "sqlite" else moment)


def _insert(model: Any, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    table = model._meta.db_table
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
            return
        places = ", ".join(["%s"] * len(columns))
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", some)


def _look_at_what_triggers_hold() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM annotations_span s"
            " JOIN annotations_article a ON a.id = s.article_id"
            ' WHERE s."text" <> substr(a."text", s."start" + 1, s."end" - s."start")'
        )
        if cursor.fetchone()[0]:
            raise RuntimeError("spans were filled in whose text is not their article's")

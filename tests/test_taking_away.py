"""An export on its way out: counted as it goes, whole or not, and on record either way."""

import json
from contextlib import suppress
from hashlib import sha256

import pytest
from django.db import OperationalError, connection

from annotations import actions, pipelines
from annotations.domain.lifecycle import State
from annotations.domain.refusals import NotPermitted
from annotations.exports import FORMATS
from annotations.exports.manifest import manifest, schema_of
from annotations.models import Export
from annotations.pipelines import exports
from annotations.queries.exports import ExportFilter
from tests.factories import make_article, make_span, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """A chunk a line or two, so that little is much."""
    monkeypatch.setattr(exports, "CHUNK", 1000)


@pytest.fixture
def corpus():
    """Six approved spans in three articles, and an article that was reviewed and is bare."""
    people = {"author": make_user(annotator=True), "reviewer": make_user(reviewer=True)}
    for number in range(3):
        article = make_article(slug=f"a-{number}")
        for label in ("claim", "quote"):
            make_span(article, label=label, state=State.APPROVED, **people)
    make_article(slug="b-bare", state="reviewed")


@pytest.fixture
def person():
    return make_user(exporter=True)


def take(person, format="spans", **chosen):
    return pipelines.take_away(format, ExportFilter(**chosen), person=person)


def on_record():
    return Export.objects.get()


@pytest.mark.parametrize(
    ("format", "chosen", "spans", "articles"),
    [
        ("spans", {}, 6, 3),
        ("spans", {"labels": ("claim",)}, 3, 3),
        ("spans", {"articles": ("a-1",)}, 2, 1),
        ("spans", {"states": ("rejected",)}, 0, 0),
        ("articles", {}, 6, 4),
        ("articles", {"states": ("rejected",)}, 0, 1),
    ],
)
def test_what_left_whole_is_on_record_as_it_was_counted(
    corpus, person, format, chosen, spans, articles
):
    away = take(person, format, **chosen)
    body = b"".join(away)
    away.close()

    record = on_record()
    assert body == b"".join(pipelines.export(format, ExportFilter(**chosen)))
    assert (record.spans, record.articles, record.bytes) == (spans, articles, len(body))
    assert record.sha256 == sha256(body).hexdigest()
    assert (record.whole, record.person, record.format) == (True, person, format)
    lines = [json.loads(line) for line in body.splitlines()]
    if format == "spans":
        assert len(lines) == spans
    else:
        assert (len(lines), sum(len(line["spans"]) for line in lines)) == (articles, spans)


def test_it_is_on_record_before_its_first_byte(corpus, person):
    away = take(person)
    assert (on_record().ended_at, on_record().whole) == (None, False)
    away.close()


def test_it_is_ended_before_its_last_byte_so_that_its_manifest_is_there(corpus, person):
    away = take(person)
    stream = iter(away)
    size = len(b"".join(pipelines.export("spans", ExportFilter())))
    left = 0
    while left < size - 1:
        assert not on_record().whole
        left += len(next(stream))
    assert left == size - 1
    assert next(stream) == b"\n"
    assert on_record().whole
    assert list(stream) == []
    away.close()


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_who_goes_away_leaves_it_cut_off(corpus, person, taken):
    away = take(person)
    stream = iter(away)
    left = [next(stream) for _ in range(taken)]
    away.close()

    record = on_record()
    assert (record.whole, record.sha256) == (False, "")
    assert record.ended_at
    # What was handed over last may not have left: it counts once more is asked for.
    assert record.bytes in {sum(map(len, left)), sum(map(len, left[:-1]))}
    assert list(stream) == []


def test_nobody_who_asked_for_nothing_leaves_it_open(corpus, person):
    take(person).close()
    assert (on_record().whole, on_record().bytes) == (False, 0)
    assert on_record().ended_at


def test_closing_it_after_its_end_changes_nothing(corpus, person):
    away = take(person)
    list(away)
    ended = on_record().ended_at
    away.close()
    away.close()
    assert (on_record().ended_at, on_record().whole) == (ended, True)


def breaks_after(number, error):
    """A format that gives so many lines and then fails."""

    def lines(rows, labels):
        for at, (article, _) in enumerate(rows):
            if at == number:
                raise error
            yield json.dumps(article.slug).encode() + b" " * 1000 + b"\n"

    return FORMATS["spans"]._replace(lines=lines)


@pytest.mark.postgresql
def test_an_error_midway_is_no_whole_file_to_anybody(corpus, person, monkeypatch):
    monkeypatch.setitem(FORMATS, "spans", breaks_after(2, OperationalError("gone")))
    away = take(person)
    got = []
    with pytest.raises(OperationalError):
        got.extend(away)
    away.close()

    assert got[-1] == exports.BROKEN_OFF
    *lines, empty = b"".join(got).split(b"\n")
    assert empty == b""
    with pytest.raises(json.JSONDecodeError):
        [json.loads(line) for line in lines]
    assert (on_record().whole, on_record().sha256) == (False, "")
    assert on_record().ended_at


@pytest.mark.parametrize("at", ["reading", "ending"])
def test_where_its_end_cannot_be_put_on_record_it_never_counts_as_whole(
    corpus, person, monkeypatch, at
):
    away = take(person)

    def gone(**_):
        raise OperationalError("gone")

    monkeypatch.setattr(actions, "end_export", gone)
    stream, got = iter(away), []
    if at == "reading":
        next(stream)
    else:
        with pytest.raises(OperationalError):
            got.extend(stream)
        assert got[-1] == exports.BROKEN_OFF
    away.close()
    assert (on_record().whole, on_record().ended_at) == (False, None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["whole", "cut off"])
def test_the_record_is_written_outside_of_what_is_read(corpus, person, way):
    away = take(person)
    stream = iter(away)
    next(stream)
    if way == "whole":
        list(stream)
    away.close()
    assert not connection.in_atomic_block
    assert on_record().whole == (way == "whole")
    assert on_record().ended_at


def test_a_block_that_ends_well_took_all_and_one_that_does_not_did_not(corpus):
    with take(None) as away:
        body = b"".join(away.chunks())
    assert (away.record.whole, away.record.bytes) == (True, len(body))
    assert (away.record.person, away.record.via) == (None, "command")

    with suppress(OSError), take(None) as away:
        next(away.chunks())
        raise OSError("full")
    assert (away.record.whole, away.record.bytes) == (False, 0)
    assert away.record.ended_at


def test_nothing_is_a_whole_file_of_no_bytes(person):
    away = take(person)
    assert list(away) == []
    assert (on_record().whole, on_record().bytes) == (True, 0)
    assert on_record().sha256 == sha256(b"").hexdigest()


def test_who_does_not_export_takes_nothing_and_is_not_on_record(corpus):
    with pytest.raises(NotPermitted):
        take(make_user(reviewer=True))
    with pytest.raises(KeyError):
        take(None, "word")
    assert not Export.objects.exists()


# The manifest


def test_the_manifest_says_what_the_file_holds(corpus, person):
    away = pipelines.take_away(
        "articles", ExportFilter(labels=("claim",)), person=person, pseudonyms=True
    )
    body = b"".join(away)

    raw = manifest(away.record)
    told = json.loads(raw)
    record = on_record()
    assert told == {
        "schema": "newsroom.export/1",
        "id": str(record.uid),
        "format": "articles",
        "format_schema": "newsroom.article/1",
        "file": "articles.jsonl",
        "filter": record.chosen,
        "people": "pseudonym",
        "spans": 3,
        "articles": 4,
        "bytes": len(body),
        "sha256": sha256(body).hexdigest(),
        "begun_at": told["begun_at"],
        "ended_at": told["ended_at"],
        "complete": True,
    }
    assert told["begun_at"] < told["ended_at"]
    assert f'\n  "sha256": "{told["sha256"]}",\n'.encode() in raw  # a line `sed` finds


def test_the_manifest_of_what_was_cut_off_says_so(corpus, person):
    away = take(person)
    next(iter(away))
    assert json.loads(manifest(away.record))["complete"] is False
    away.close()
    told = json.loads(manifest(away.record))
    assert (told["complete"], told["sha256"]) == (False, None)
    assert told["ended_at"]


def test_a_format_that_is_gone_or_has_no_schema_still_has_its_manifest(person, monkeypatch):
    away = take(person)
    list(away)
    monkeypatch.setitem(FORMATS, "spans", breaks_after(0, ValueError()))
    assert schema_of("spans") is None
    monkeypatch.delitem(FORMATS, "spans")
    told = json.loads(manifest(away.record))
    assert (told["format"], told["format_schema"], told["file"]) == ("spans", None, None)

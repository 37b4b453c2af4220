"""What the benchmark measures with: the documents, what waits, the races, and the table."""

from collections import Counter

import pytest
from django.db import connection
from django.http import QueryDict

from annotations import actions, triggers
from annotations.domain.checks import warnings
from annotations.domain.segments import paragraphs
from annotations.domain.text import clean
from annotations.forms import QueueForm
from annotations.models import Person, Span
from annotations.queries import exports
from annotations.queries.integrity import breaches
from annotations.queries.review import waiting_in_all
from benchmarks import approved, races, waiting
from benchmarks.documents import make_approvable, make_document
from benchmarks.report import Row, count, milliseconds, p95, table
from tests.factories import load_labels, make_article, make_deed, make_span, make_user

ATTRIBUTES = {
    "quote": {"speaker", "cue", "form", "continues"},
    "claim": {"claimant", "worthiness"},
    "boilerplate": {"kind"},
}


def test_a_document_is_the_same_from_the_same_seed_and_another_from_another():
    first, again = (make_document(seed=3, length=5_000, spans=200) for _ in range(2))
    assert first == again
    assert make_document(seed=4, length=5_000, spans=200).text != first.text


@pytest.mark.parametrize(("length", "spans"), [(5_000, 200), (100_000, 200), (100_000, 2_000)])
def test_a_document_has_the_length_and_the_spans_that_were_asked_for(length, spans):
    document = make_document(seed=3, length=length, spans=spans)
    assert len(document.text) == length
    assert len(set(document.marks)) == len(document.marks) == spans
    assert {mark.label for mark in document.marks} == {"claim", "quote", "boilerplate"}


def test_the_text_depends_on_its_seed_and_length_only():
    few, many = (make_document(seed=3, length=100_000, spans=spans) for spans in (200, 2_000))
    assert few.text == many.text


def test_the_text_is_stored_as_it_is_and_holds_what_lies_beyond_the_bmp():
    text = make_document(seed=3, length=5_000, spans=200).text
    assert clean(text).text == text
    assert any(ord(character) > 0xFFFF for character in text)


def test_every_span_covers_whole_words_and_some_a_whole_paragraph():
    document = make_document(seed=3, length=5_000, spans=200)
    wholes = {paragraph.words for paragraph in paragraphs(document.text)}
    words = [mark.extent.of(document.text) for mark in document.marks]
    assert all(word and word == word.strip() for word in words)
    assert wholes & {mark.extent for mark in document.marks}


def test_spans_nest_and_overlap():
    extents = [mark.extent for mark in make_document(seed=3, length=5_000, spans=200).marks]
    pairs = [(one, other) for one in extents for other in extents if one < other]
    assert any(one.covers(other) for one, other in pairs)
    assert any(one.overlaps(other) and not one.covers(other) for one, other in pairs)


def test_free_places_lie_within_one_paragraph_each_and_on_no_span():
    document = make_document(seed=3, length=5_000, spans=200)
    taken = {mark.extent for mark in document.marks}
    assert len(set(document.free)) == len(document.free) == 50
    assert not taken & set(document.free)
    assert not any("\n" in place.of(document.text) for place in document.free)


def test_a_text_too_short_for_its_spans_is_refused():
    with pytest.raises(ValueError, match="no room"):
        make_document(seed=3, length=300, spans=2_000)


def test_the_table_says_whether_the_median_is_within_its_bar_and_how_it_grew():
    small = Row("200 spans", (0.030, 0.020, 0.900), milliseconds, 0.060)
    large = Row("2,000 spans", (0.120,), milliseconds, 0.100, small)
    *_, first, second = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table([small, large]).splitlines()
    ]
    assert first[:6] == ["200 spans", "30 ms", "20 ms–900 ms", "≤ 60 ms", "yes", ""]
    assert second[:6] == ["2,000 spans", "120 ms", "", "≤ 100 ms", "NO", "× 4.00"]


def test_a_row_may_ask_for_the_least_too():
    rows = [
        Row("fast", (160_000.0,), count, least=150_000),
        Row("slow", (140_000.0,), count, least=150_000),
    ]
    cells = [row.cells() for row in rows]
    assert [(line[3], line[4]) for line in cells] == [("≥ 150,000", "yes"), ("≥ 150,000", "NO")]


def test_of_an_approvable_document_a_reviewer_is_warned_of_nothing():
    document = make_approvable(seed=3, length=2_000, spans=50)
    ads = [mark.extent for mark in document.marks if mark.label == "boilerplate"]
    assert len(set(document.marks)) == len(document.marks) == 50
    assert list(document.marks) == sorted(document.marks, key=lambda mark: mark.extent)
    for mark in document.marks:
        assert warnings(document.text, mark.label, mark.extent, ads) == []


def test_of_a_hundred_values_ninety_five_stay_within_the_p95():
    values = [float(number) for number in range(1, 101)]
    assert 95 <= p95(values) <= 96
    assert p95([3.0, 3.0]) == 3.0


@pytest.mark.django_db(transaction=True)
def test_what_is_filled_in_as_approved_leaves_and_the_triggers_are_back():
    load_labels()
    make_span(make_article(slug="by-deeds"), text="asked")
    filling = approved.Filling(texts=2)
    filling.fill(2)
    filling.fill(3)
    make_span(make_article(slug="by-deeds-again"), text="asked")

    rows = list(exports.articles(exports.ExportFilter(), bare=False))
    assert [len(spans) for _, spans in rows] == [approved.SPANS] * 3
    assert exports.counts(exports.ExportFilter(), bare=False) == (filling.spans, 3)
    for article, spans in rows:
        for span in spans:
            assert span.text == article.text[span.start : span.end]
            assert span.attributes.keys() == ATTRIBUTES[span.label]
    assert triggers.breaches(connection) == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_what_is_filled_in_by_sql_waits_and_is_sound_as_if_by_deeds():
    load_labels()
    make_user("reviewer", reviewer=True)
    filling = waiting.begin(texts=3)
    waiting.fill(filling, 4)
    span = Span.objects.filter(waiting="review").first()
    reviewer = Person.objects.get(username="reviewer")
    actions.approve(span=span.uid, seen=1, deed=make_deed(reviewer))
    waiting.fill(filling, 8)  # goes on where it ended, whatever happened meanwhile

    there = Span.objects.filter(waiting="review").count()
    assert there == waiting_in_all() == filling.spans - 1 == 8 * waiting.SPANS - 1
    assert list(breaches(Counter())) == []
    for _, query in waiting.rare(filling):
        assert QueueForm(QueryDict(query)).is_valid()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_text, bench_mark")
        cursor.execute("DROP FUNCTION picked")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_races_count_one_winner_a_round_and_leave_the_triggers_as_they_were():
    rounds, wrong, strange, lost, *_ = races.rows(rounds=3, naive_rounds=2)
    assert (rounds.median, wrong.median, strange.median, lost.median) == (3, 0, 0, 0)
    assert triggers.breaches(connection) == []

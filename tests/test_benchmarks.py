"""What the benchmark measures with: the documents, and the table."""

import pytest

from annotations.domain.segments import paragraphs
from annotations.domain.text import clean
from benchmarks.documents import make_document
from benchmarks.report import Row, milliseconds, table


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

"""A text as paragraphs of flat segments."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from annotations.domain.extents import Extent
from annotations.domain.segments import Paragraph, Segment, cut, cut_paragraph, paragraphs

TEXTS = st.text("ab 😀é\n\n\u2028\x85", max_size=30)


@st.composite
def texts_with_spans(draw, least=0):
    text = draw(TEXTS.filter(lambda text: len(text) >= least))
    place = st.integers(0, len(text))
    pairs = draw(st.lists(st.tuples(place, place), max_size=8))
    spans = [Extent(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    return text, {7 * number % 11: extent for number, extent in enumerate(spans)}


@given(texts_with_spans())
def test_joined_the_segments_are_the_text_and_none_is_empty(case):
    text, extents = case
    segments = cut(text, extents)
    assert "".join(segment.text for segment in segments) == text
    assert all(segment.text for segment in segments)


@given(texts_with_spans())
def test_each_segment_carries_exactly_the_spans_over_it_the_longest_first(case):
    text, extents = case
    at = 0
    for segment in cut(text, extents):
        place = Extent(at, at + len(segment.text))
        over = [span_id for span_id, extent in extents.items() if extent.overlaps(place)]
        assert sorted(segment.spans) == sorted(over)
        lengths = [len(extents[span_id]) for span_id in segment.spans]
        assert lengths == sorted(lengths, reverse=True)
        at = place.end


@given(texts_with_spans())
def test_neighbouring_segments_differ_in_their_spans_so_none_is_cut_in_vain(case):
    text, extents = case
    edges = {0, *(edge for extent in extents.values() for edge in (extent.start, extent.end))}
    assert len(cut(text, extents)) == len({edge for edge in edges if edge < len(text)})


def test_spans_of_one_length_are_in_reading_order_and_then_by_id():
    spans = {5: Extent(1, 3), 3: Extent(0, 2), 4: Extent(0, 2)}
    assert cut("abc", spans)[1] == Segment("b", (3, 4, 5))


@pytest.mark.parametrize(
    "extent", [Extent(-1, 2), Extent(0, 4), Extent(1, 1), Extent(2, 1), Extent(4, 5)]
)
def test_an_extent_that_is_empty_or_passes_an_end_is_an_error_that_names_it(extent):
    with pytest.raises(ValueError, match="span 9 lies at"):
        cut("abc", {9: extent})


@given(TEXTS)
def test_paragraphs_partition_the_text(text):
    found = paragraphs(text)
    assert "".join(paragraph.extent.of(text) for paragraph in found) == text
    assert [paragraph.number for paragraph in found] == list(range(len(found)))


@given(TEXTS)
def test_a_paragraphs_words_are_its_extent_without_the_line_ends_at_its_edges(text):
    for paragraph in paragraphs(text):
        assert paragraph.words.of(text) == paragraph.extent.of(text).strip("\n")
        assert paragraph.extent.covers(paragraph.words)
        assert "\n" not in paragraph.words.of(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("one", [Paragraph(0, Extent(0, 3), Extent(0, 3))]),
        (
            "one\n\ntwo\n",
            [Paragraph(0, Extent(0, 5), Extent(0, 3)), Paragraph(1, Extent(5, 9), Extent(5, 8))],
        ),
        ("\n\none", [Paragraph(0, Extent(0, 5), Extent(2, 5))]),
        ("\n\n", [Paragraph(0, Extent(0, 2), Extent(2, 2))]),
        ("a\u2028b\x85c\x0bd", [Paragraph(0, Extent(0, 7), Extent(0, 7))]),
    ],
)
def test_only_lf_ends_a_paragraph_and_blank_lines_go_with_the_one_before(text, expected):
    assert paragraphs(text) == expected


@given(texts_with_spans(least=1))
def test_paragraph_by_paragraph_the_segments_and_line_ends_are_the_text(case):
    text, extents = case
    drawn = ""
    for paragraph in paragraphs(text):
        segments, line_ends = cut_paragraph(text, paragraph, extents)
        assert set(line_ends) <= {"\n"}
        drawn += "".join(segment.text for segment in segments) + line_ends
    assert drawn == text


@given(texts_with_spans(least=1))
def test_a_character_carries_the_same_spans_in_its_paragraph_as_in_the_article(case):
    text, extents = case
    for paragraph in paragraphs(text):
        at = paragraph.extent.start
        for segment in cut_paragraph(text, paragraph, extents)[0]:
            place = Extent(at, at + len(segment.text))
            over = {span_id for span_id, extent in extents.items() if extent.overlaps(place)}
            assert set(segment.spans) == over
            at = place.end


@given(texts_with_spans(least=1))
def test_a_span_over_line_ends_alone_is_in_no_segment_behind_the_words(case):
    text, extents = case
    first = paragraphs(text)[0]
    assume(first.words.end < first.extent.end)
    behind = {99: Extent(first.words.end, first.extent.end)}
    segments, _ = cut_paragraph(text, first, extents | behind)
    assert all(99 not in segment.spans for segment in segments)

"""Where a span lies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.extents import BadExtent, Extent, check_extent, only_place, trim

TEXT = "A é😀 b\n"  # 7 code points
SMALL = st.integers(0, 8)
EXTENTS = st.tuples(SMALL, st.integers(1, 4)).map(lambda pair: Extent(pair[0], sum(pair)))
WORDY = st.text("ab é😀\n\u00a0", max_size=12)


def test_an_extent_counts_code_points():
    assert (Extent(2, 4).of(TEXT), len(Extent(2, 4))) == ("é😀", 2)


@given(EXTENTS, EXTENTS)
def test_extents_overlap_if_and_only_if_they_share_a_code_point(one, other):
    shared = set(range(one.start, one.end)) & set(range(other.start, other.end))
    assert one.overlaps(other) is bool(shared)


@given(EXTENTS, EXTENTS)
def test_an_extent_covers_another_if_and_only_if_it_holds_all_its_code_points(one, other):
    inside = set(range(other.start, other.end)) <= set(range(one.start, one.end))
    assert one.covers(other) is inside


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (-1, 2, "cannot start before the text (at -1)"),
        (-3, -1, "cannot start before the text (at -3)"),
        (3, 3, "must end after it starts"),
        (4, 2, "must end after it starts"),
        (0, 8, "ends at 8, but the text has 7 characters"),
        (2**63, 2**63 + 1, "but the text has 7 characters"),
        (1, 2, "more than blanks"),
        (6, 7, "more than blanks"),
    ],
)
def test_what_is_no_run_of_words_in_the_text_is_refused_with_a_sentence(start, end, why):
    with pytest.raises(BadExtent) as refusal:
        check_extent(TEXT, Extent(start, end))
    assert why in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(("start", "end"), [(0, 1), (0, 7), (2, 4), (3, 4), (5, 7)])
def test_a_run_of_words_may_begin_and_end_anywhere_in_the_text(start, end):
    check_extent(TEXT, Extent(start, end))


@given(WORDY, SMALL, SMALL)
def test_trimming_keeps_the_words_and_drops_the_blanks_at_both_edges(text, start, length):
    extent = Extent(min(start, len(text)), min(start + length, len(text)))
    trimmed = trim(text, extent)
    assert trimmed.of(text) == extent.of(text).strip()
    assert extent.covers(trimmed)


def test_a_blank_extent_trims_to_nothing_at_its_start():
    assert trim("a \n b", Extent(1, 4)) == Extent(1, 1)


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("abc", "b", Extent(1, 2)),
        ("😀 abc", "abc", Extent(2, 5)),
        ("abc", "d", 0),
        ("abc", "", 0),
        ("ab ab", "ab", 2),
        ("aaa", "aa", 2),
    ],
)
def test_words_have_a_place_only_where_they_stand_exactly_once(text, words, place):
    assert only_place(text, words) == place

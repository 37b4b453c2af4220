"""Tokens: exact under any spans, and sensible where there are none."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.exports._tokens import places, tokens

ALPHABET = "aé\u0301 \n\t\u00a0\u2028.,’'1234-_“”😀👍\U0001f3fd\u200d🇺🇦नमह्ตัว首相はÅ\ufeff\ufffe"


def span(start, end):
    return SimpleNamespace(start=start, end=end)


def words(text, *spans):
    """The tokens' texts, with an underscore for a space that belongs to the one before."""
    return [text[token.start : token.end] + "_" * token.spaced for token in tokens(text, spans)]


@st.composite
def marked_texts(draw):
    text = draw(st.text(alphabet=ALPHABET, min_size=1, max_size=40))
    edges = st.integers(0, len(text))
    pairs = draw(st.lists(st.tuples(edges, edges), max_size=6))
    return text, [span(*sorted(pair)) for pair in pairs if pair[0] != pair[1]]


@given(marked_texts())
def test_joined_the_tokens_are_the_text_and_every_span_is_whole_tokens(marked):
    text, spans = marked
    found = tokens(text, spans)
    joined = "".join(text[token.start : token.end] + " " * token.spaced for token in found)
    assert joined == text
    assert all(token.blank == text[token.start : token.end].isspace() for token in found)
    for one, (first, behind) in zip(spans, places(found, spans), strict=True):
        assert (found[first].start, found[behind - 1].end) == (one.start, one.end)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The mayor’s don't.", ["The_", "mayor’s_", "don't", "."]),
        ("“5.5 of 1,000 at 12:30.”", ["“", "5.5_", "of_", "1,000_", "at_", "12:30", ".", "”"]),
        ("a  b\n\nc ", ["a_", " ", "b", "\n\n", "c_"]),
        (" a", [" ", "a"]),
        ("cafe\u0301 नहीं", ["cafe\u0301_", "नहीं"]),
        ("首相は1億", ["首", "相", "は", "1", "億"]),
        ("👍🏽👨‍👩‍👧 🇺🇦🇪🇺!", ["👍🏽", "👨‍👩‍👧_", "🇺🇦", "🇪🇺", "!"]),
        ("well-known U.S.", ["well", "-", "known_", "U", ".", "S", "."]),
    ],
)
def test_where_nothing_is_marked_the_tokens_are_what_one_expects(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 3)], ["one_", "two_", "three"]),
        ([(4, 7)], ["one_", "two_", "three"]),
        ([(0, 4)], ["one", " ", "two_", "three"]),
        ([(3, 7)], ["one", " ", "two_", "three"]),
        ([(0, 7)], ["one_", "two_", "three"]),
        ([(1, 5)], ["o", "ne_", "t", "wo_", "three"]),
        ([(0, 3), (2, 13)], ["on", "e_", "two_", "three"]),
    ],
)
def test_a_space_belongs_to_the_word_before_unless_a_span_starts_or_ends_with_it(spans, expected):
    assert words("one two three", *(span(*each) for each in spans)) == expected

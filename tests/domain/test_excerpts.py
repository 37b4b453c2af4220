"""A few words of a long text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.excerpts import beginning, ending

MOST = st.integers(1, 12)


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("", "", ""),
        ("one two", "one two", "one two"),
        ("one two three", "one two…", "…three"),
        ("onetwothree", "onetwoth…", "…twothree"),
        ("one    two    three", "one…", "…three"),
        ("  onetwothree  ", "  onetwo…", "…othree  "),
        ("我在北京工作我在北京", "我在北京工作我在…", "…北京工作我在北京"),
        ("1234567e\u0301s ", "1234567…", "…4567e\u0301s "),
        ("a" + "\u0301" * 9, "a" + "\u0301" * 7 + "…", "…" + "\u0301" * 8),
    ],
)
def test_eight_code_points_are_cut_between_words_or_else_between_characters(text, begins, ends):
    assert (beginning(text, 8), ending(text, 8)) == (begins, ends)


@given(st.text("ab \n\u0301", max_size=20), MOST)
def test_what_is_left_stands_at_that_end_of_the_text_and_is_no_longer_than_asked(text, most):
    begins, ends = beginning(text, most), ending(text, most)
    if len(text) <= most:
        assert begins == ends == text
    else:
        assert text.startswith(begins.removesuffix("…"))
        assert text.endswith(ends.removeprefix("…"))
        assert 1 < len(begins) <= most + 1
        assert 1 < len(ends) <= most + 1

"""A text is cleaned at the door, and every offset finds its way."""

import hashlib
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.domain.text import UnfitText, clean, digest, fold_line_ends, is_storable, readable

# What texts hold, with line ends of every kind far more often than in print.
LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["\r\n", "\r", "\n", "\r\r\n", "\n\r", " ", "a", "\u2028", "\x85", "\ufeff"]
        ),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=14,
).map("".join)
TEXTS = LINES.map(lambda text: text + "x")


def boundaries(raw):
    """Every offset but those between the CR and the LF of a pair."""
    return [at for at in range(len(raw) + 1) if raw[at - 1 : at + 1] != "\r\n" or at == 0]


@given(TEXTS)
@example("a\r\nb\rc\nd")
@example("\r\n\r\n\r\nx")
@example("\r\r\n\n😀\r\n👩‍👩‍👧x")
def test_whatever_was_marked_in_the_raw_text_is_what_its_moved_offsets_mark_in_the_stored(raw):
    stored = clean(raw)
    for start, end in combinations(boundaries(raw), 2):
        marked = raw[start:end]
        expected = marked.replace("\r\n", "\n").replace("\r", "\n")
        assert stored.text[stored.moved(start) : stored.moved(end)] == expected


@given(TEXTS)
def test_the_ends_of_the_text_move_to_the_ends_of_the_stored_one(raw):
    stored = clean(raw)
    assert (stored.moved(0), stored.moved(len(raw))) == (0, len(stored.text))


def test_an_offset_inside_a_pair_moves_to_before_the_line_end():
    stored = clean("ab\r\ncd")
    assert [stored.moved(at) for at in range(7)] == [0, 1, 2, 2, 3, 4, 5]


@given(TEXTS)
def test_cleaning_what_is_clean_changes_nothing(raw):
    once = clean(raw)
    again = clean(once.text)
    assert (again.text, again.dropped) == (once.text, ())


@pytest.mark.parametrize(
    "text",
    [
        "  edge blanks stay \n\n",
        "\ufeffa byte order mark stays",
        "e\u0301 is not composed, \u00e9 is not decomposed",
        "tab\t form feed\x0c vertical\x0b next line\x85 separators\u2028\u2029 stay",
        "no-break\u00a0space and zero\u200bwidth stay",
        "👩‍👩‍👧 🇺🇦 stay whole",
        "\ufffd, \uffff and \U0010ffff are characters as any other",
    ],
)
def test_nothing_but_line_ends_is_touched(text):
    assert clean(text).text == text


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("before\0after", "NUL character (at 6)"),
        ("\0", "NUL character (at 0)"),
        ("half \ud83d of one", "lone surrogate, at 5"),
        ("\udc00", "lone surrogate, at 0"),
        ("pair \ud83d\ude00 as two halves", "lone surrogate, at 5"),
        ("", "empty or only blank"),
        (" \t\r\n\u00a0\u2003\u2028 ", "empty or only blank"),
    ],
)
def test_what_cannot_be_stored_or_marked_up_is_refused_with_a_sentence(raw, why):
    with pytest.raises(UnfitText) as refusal:
        clean(raw)
    assert why in str(refusal.value)
    assert str(refusal.value).endswith((".", "keeps."))


@given(LINES)
def test_folding_line_ends_leaves_no_carriage_return_and_all_else(text):
    folded = fold_line_ends(text)
    assert "\r" not in folded
    assert folded.replace("\n", "") == text.replace("\r", "").replace("\n", "")
    assert folded.count("\n") == text.count("\r\n") + sum(
        1
        for at, character in enumerate(text)
        if (character == "\r" and text[at + 1 : at + 2] != "\n")
        or (character == "\n" and (at == 0 or text[at - 1] != "\r"))
    )


def test_the_digest_is_the_sha256_of_the_utf8_bytes():
    assert digest("é😀\n") == hashlib.sha256(b"\xc3\xa9\xf0\x9f\x98\x80\n").hexdigest()


@pytest.mark.parametrize(
    ("words", "storable"),
    [("", True), ("words 😀\n\t\x01", True), ("a\0b", False), ("a\ud800b", False)],
)
def test_words_are_storable_unless_they_hold_nul_or_half_a_character(words, storable):
    assert is_storable(words) is storable


def test_what_a_file_names_can_be_kept_and_shown():
    assert readable("a\0b\ud800 é😀") == "a\\x00b\\ud800 é😀"

"""Texts that several outlets print alike fold to the same; others do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.fingerprints import FOLD_VERSION, fold, text_group

ALIKE = {
    "straight and curly quotation marks": ('"foreign agent"', "“foreign agent”"),
    "with and without quotation marks": ("foreign agent", "“foreign agent”"),
    "French quotation marks": ("«foreign agent»", "foreign agent"),
    "German quotation marks": ("„foreign agent“", "‚foreign agent‘"),
    "single and double": ("‘foreign agent’", '"foreign agent"'),
    "a mark in the middle": ("the “foreign agent” law", "the foreign agent law"),
    "case": ("Foreign AGENT", "foreign agent"),
    "case beyond ASCII": ("ÉCOLE STRASSE ΣΟΦΟΣ", "école straße σοφος"),
    "punctuation at the end": ("It is over.", "It is over"),
    "punctuation inside the marks": ("“It is over,”", "It is over"),
    "a dash at the start": ("— It is over", "It is over"),
    "brackets": ("(It is over)", "It is over"),
    "an ellipsis": ("… it is over …", "It is over"),
    "white space": (" It  is\n\nover\t", "It is over"),
    "no-break space": ("It\u00a0is over", "It is over"),
    "straight and curly apostrophes": ("We're asked", "We’re asked"),
    "another key for the apostrophe": ("We´re asked", "We`re asked"),
}
UNLIKE = {
    "one word more": ("it is over", "it is all over"),
    "another word": ("it is over", "it was over"),
    "order": ("man bites dog", "dog bites man"),
    "words run together": ("every day", "everyday"),
    "an apostrophe within a word": ("we’re sorry", "were sorry"),
    "an apostrophe after a combining accent": ("cafe\u0301's", "cafe\u0301s"),
    "it is or its": ("it's", "its"),
    "a comma within": ("let’s eat, grandma", "let’s eat grandma"),
    "a hyphen within": ("re-sign", "resign"),
    "a decimal point": ("3.5 million", "35 million"),
    "per cent": ("rose by 30%", "rose by 30"),
    "a minus": ("-5 degrees", "5 degrees"),
    "a typographic minus": ("−5 degrees", "5 degrees"),
    "a point before a digit": (".5 points", "5 points"),
    "a currency": ("$5", "5"),
    "a handle": ("@mayor", "mayor"),
    "an accent": ("resume", "résumé"),
}
WORDS = st.lists(st.text("abcxyz019éß", min_size=1, max_size=4), min_size=1, max_size=4)


@pytest.mark.parametrize("pair", ALIKE.values(), ids=ALIKE)
def test_one_text_group_holds_texts_that_differ_only_in(pair):
    assert fold(pair[0]) == fold(pair[1])
    assert text_group(pair[0]) == text_group(pair[1])


@pytest.mark.parametrize("pair", UNLIKE.values(), ids=UNLIKE)
def test_two_text_groups_hold_texts_that_differ_in(pair):
    assert fold(pair[0]) != fold(pair[1])
    assert text_group(pair[0]) != text_group(pair[1])


@given(st.text(max_size=40))
def test_folding_what_is_folded_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text("ab '’\"“”-.,%5\n(", max_size=12))
def test_folding_what_is_folded_changes_nothing_among_marks(text):
    assert fold(fold(text)) == fold(text)


@given(WORDS, st.sampled_from(["{}", "“{}”", "({}),", "  {} …", "‘{}.’"]))
def test_marks_and_punctuation_around_words_do_not_part_them(words, frame):
    text = " ".join(words)
    assert text_group(frame.format(text)) == text_group(text)


@given(WORDS, WORDS)
def test_different_words_are_never_in_one_group(some, others):
    same = [word.casefold() for word in some] == [word.casefold() for word in others]
    assert (text_group(" ".join(some)) == text_group(" ".join(others))) is same


@pytest.mark.parametrize("text", ["…", "“”", "-", "  "])
def test_a_text_of_punctuation_alone_folds_to_nothing_and_is_a_group_of_its_own(text):
    assert fold(text) == ""
    assert text_group(text) not in {text_group(other) for other in ("a", "—", "!")}


def test_a_text_group_names_the_version_of_the_folding_and_fits_its_column():
    version, _, fingerprint = text_group("foreign agent").partition(":")
    assert version == str(FOLD_VERSION)
    assert len(fingerprint) == 16
    assert set(fingerprint) <= set("0123456789abcdef")

"""Texts that several outlets print alike fold to the same; others do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.fingerprints import FOLD_VERSION, attributes_group, fold, text_group

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


def anchored(value, start=None):
    return {"value": value, "start": start, "end": None if start is None else start + len(value)}


# Of attributes.
SAID_ALIKE = {
    "where a value stands": ({"speaker": anchored("Li", 3)}, {"speaker": anchored("Li", 90)}),
    "whether it stands anywhere": ({"speaker": anchored("Li", 3)}, {"speaker": anchored("Li")}),
    "their order": ({"form": "direct", "continues": True}, {"continues": True, "form": "direct"}),
    "case": ({"cue": anchored("SAID", 3)}, {"cue": anchored("said", 9)}),
    "quotation marks": ({"cue": "“said”"}, {"cue": "said"}),
    "edge punctuation": ({"speaker": anchored("Li,", 3)}, {"speaker": anchored("Li", 3)}),
    "white space": ({"speaker": "Ms\u00a0 Li"}, {"speaker": "Ms Li"}),
}
SAID_UNLIKE = {
    "a value": ({"speaker": "Li"}, {"speaker": "Lo"}),
    "an anchored value": ({"speaker": anchored("Li", 3)}, {"speaker": anchored("Lo", 3)}),
    "a choice": ({"form": "direct"}, {"form": "indirect"}),
    "yes and no": ({"continues": True}, {"continues": False}),
    "an answer that nobody knows": ({"form": "unknown"}, {}),
    "a no that was not said": ({"continues": False}, {}),
    "one more": ({"form": "direct", "cue": "said"}, {"form": "direct"}),
    "which of them says it": ({"speaker": "Li", "cue": "Lo"}, {"speaker": "Lo", "cue": "Li"}),
    "a key": ({"speaker": "Li"}, {"claimant": "Li"}),
    "yes and the word for it": ({"continues": True}, {"continues": "true"}),
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


@pytest.mark.parametrize("pair", SAID_ALIKE.values(), ids=SAID_ALIKE)
def test_attributes_say_the_same_that_differ_only_in(pair):
    assert attributes_group(pair[0]) == attributes_group(pair[1])


@pytest.mark.parametrize("pair", SAID_UNLIKE.values(), ids=SAID_UNLIKE)
def test_attributes_do_not_say_the_same_that_differ_in(pair):
    assert attributes_group(pair[0]) != attributes_group(pair[1])


@given(
    st.dictionaries(st.sampled_from(["speaker", "cue", "claimant"]), st.text(min_size=1)),
    st.integers(0, 10**6),
)
def test_anchors_moved_by_any_number_say_the_same(values, by):
    one, other = (
        {key: anchored(value, start) for key, value in values.items()} for start in (7, 7 + by)
    )
    assert attributes_group(one) == attributes_group(other)


def test_a_group_of_attributes_fits_its_column_whatever_they_say():
    groups = [attributes_group(said) for said in ({}, {"note": "é" * 500}, {"sure": True})]
    assert len(set(groups)) == 3
    for group in groups:
        assert len(group) == 16
        assert set(group) <= set("0123456789abcdef")


def test_nothing_said_is_always_the_same_group():
    """It stands in databases, on every span without attributes."""
    assert attributes_group({}) == "44136fa355b3678a"

"""Every place where the same words stand."""

import re
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from annotations.domain.edges import cuts_word
from annotations.domain.extents import Extent
from annotations.domain.occurrences import elsewhere, occurrences

LETTERS = "ab .\u0301👩\u200d"
TEXTS = st.text(LETTERS, max_size=24)
WORDS = st.text(LETTERS, min_size=1, max_size=5)

# name -> a text, the words, the places in brackets
CASES = {
    "nothing": ("", "a", ""),
    "no words": ("a b", "", "a b"),
    "nowhere": ("one two", "three", "one two"),
    "longer than the text": ("one", "one two", "one"),
    "the whole text": ("one", "one", "[one]"),
    "in reading order": ("a man, a plan, a canal", "a", "[a] man, [a] plan, [a] canal"),
    "within a word": ("art, party, art5, smart, art", "art", "[art], party, art5, smart, [art]"),
    "beside an underscore": ("_art_", "art", "_[art]_"),
    "as a possessive": ("Putin’s men and Putin", "Putin", "[Putin]’s men and [Putin]"),
    "ends in a point": ("Mr. A. and A.B.", "A.", "Mr. [A.] and [A.]B."),
    "a quotation": ("“No.” He: “No.”", "“No.”", "[“No.”] He: [“No.”]"),
    "a blank at its edge": ("a b a b", "a ", "[a ]b [a ]b"),
    "other case": ("The the", "the", "The [the]"),
    "within a number": ("3.5 million, 5 million", "5 million", "3.5 million, [5 million]"),
    "goes on in a number": ("5.5 and 5. And 5", "5", "5.5 and [5]. And [5]"),
    "composed another way": ("café cafe\u0301", "café", "[café] cafe\u0301"),
    "without its accent": ("cafe\u0301 cafe", "cafe", "cafe\u0301 [cafe]"),
    "half a family": ("👩\u200d👧 👩 👧", "👩", "👩\u200d👧 [👩] 👧"),
    "the other half": ("👩\u200d👧 👧", "👧", "👩\u200d👧 [👧]"),
    "without its variation": ("❤\ufe0f ❤", "❤", "❤\ufe0f [❤]"),
    "with it": ("❤\ufe0f ❤", "❤\ufe0f", "[❤\ufe0f] ❤"),
    "without its skin": ("👍🏽 👍", "👍", "👍🏽 [👍]"),
    "half a flag": ("🇺🇦 🇺", "🇺", "🇺🇦 [🇺]"),
    "a flag": ("🇺🇦 🇩🇪 🇺🇦", "🇺🇦", "[🇺🇦] 🇩🇪 [🇺🇦]"),
    "after an emoji": ("😀 ab 😀ab", "ab", "😀 [ab] 😀[ab]"),
    "Arabic": ("قال لا وقال", "قال", "[قال] لا وقال"),
    "Devanagari": ("नमस्ते नमस्तेजी", "नमस्ते", "[नमस्ते] नमस्तेजी"),
    "Thai half a character": ("นำ น", "น", "นำ [น]"),
    "without blanks": ("我在北京，北京人", "北京", "我在[北京]，[北京]人"),
    "overlapping itself": ("no no no no", "no no", "[no no] [no no]"),
    "overlapping a place that cuts": ("uno no no", "no no", "uno [no no]"),
    "over line ends": ("a\nb a\nb", "a\nb", "[a\nb] [a\nb]"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_words_are_found_where_they_stand_whole(case):
    text, words, shown = case
    places = occurrences(text, words)
    drawn, at = "", 0
    for place in places:
        drawn += f"{text[at : place.start]}[{place.of(text)}]"
        at = place.end
    assert drawn + text[at:] == shown


@given(TEXTS, WORDS)
@example("aaaa", "aa")
@example("a a a a", "a a")
def test_they_are_the_first_places_that_do_not_overlap_of_all_that_cut_nothing(text, words):
    whole = [
        Extent(at, at + len(words))
        for at in range(len(text))
        if text.startswith(words, at)
        and not cuts_word(text, at)
        and not cuts_word(text, at + len(words))
    ]
    expected = []
    for place in whole:
        if not any(place.overlaps(earlier) for earlier in expected):
            expected.append(place)
    assert occurrences(text, words) == expected


@given(TEXTS, st.integers(0, 23), st.integers(1, 5))
def test_elsewhere_never_overlaps_the_place_itself_and_misses_no_other(text, start, length):
    assume(start + length <= len(text))
    extent = Extent(start, start + length)
    found = elsewhere(text, extent)
    assert all(place.of(text) == extent.of(text) for place in found)
    assert not any(place.overlaps(extent) for place in found)
    missed = [place for place in occurrences(text, extent.of(text)) if place not in found]
    assert all(any(each.overlaps(place) for each in [extent, *found]) for place in missed)


def test_elsewhere_goes_by_the_place_itself_where_words_overlap_themselves():
    assert elsewhere("no no no no no", Extent(3, 8)) == [Extent(9, 14)]


@pytest.mark.parametrize(
    ("words", "text"),
    [("a" * 20_000, "a" * 100_000), (".aa" * 7_000 + ".a", ".aa" * 33_000)],
)
def test_words_that_repeat_themselves_take_no_longer_than_others(words, text):
    begun = time.perf_counter()
    occurrences(text, words)
    assert time.perf_counter() - begun < 2  # seconds; letter by letter it would take minutes


def test_the_same_as_a_regular_expression_finds_between_words():
    text = "the cat saw the other cat; the end of thee. The, the"
    found = [Extent(*match.span()) for match in re.finditer(r"\bthe\b", text)]
    assert occurrences(text, "the") == found

"""Where a cut would go through a character or a word."""

import pytest

from annotations.domain.edges import cuts_character, cuts_word

# A bar stands where the text is cut.
CHARACTERS = [
    "cafe|\u0301",  # an accent of its own
    "न|ि",
    "น|\u0e33",  # Thai am: a letter to Unicode, half a character to readers
    "ກ|\u0eb3",  # and Lao
    "❤|\ufe0f",  # variation selector
    "👩|\u200d👧",
    "👩\u200d|👧",
    "👍|\U0001f3fd",  # skin tone
    "🏴|\U000e0067",  # tag
    "🇺|🇦",
    "🇺🇦|🇩🇪",  # told only from the run's start
    "ခ\u1039|ခ",
    "ក\u17d2|ក",
]
WORDS = [
    "wo|rd",
    "wor|d5",
    "5|th",
    "café|s",
    "cafe\u0301|s",
    "न\u093f|यम",
    "می|\u200cخواهم",
    "می\u200c|خواهم",
    "コー|ヒー",
    "서울|에서",
    "3|.5",
    "3.|5",
    "1,|000",
    "5|’000",
]
NEITHER = [
    "one| two",
    "one |two",
    "one|, two",
    "“|one",
    "one|’s",
    "state|-owned",
    "don|'t",
    "我在|北京|工作",
    "5|年",
    "これ|は",
    "ไป|บ้าน",
    "👍|👍",
    "love|❤\ufe0f",
    "❤\ufe0f|love",
    "2024|. 5",
    "one|.5",
    "5.|one",
    "a|_b",
    "\u0301|one",  # a mark on nothing
    "|one",
    "one|",
]


def cut(marked):
    """The text without its bars, and where they stood."""
    parts = marked.split("|")
    places = [sum(map(len, parts[:number])) for number in range(1, len(parts))]
    return "".join(parts), places


@pytest.mark.parametrize("marked", CHARACTERS)
def test_what_reads_as_one_character_is_not_cut(marked):
    text, (at,) = cut(marked)
    assert cuts_character(text, at)
    assert cuts_word(text, at)


@pytest.mark.parametrize("marked", WORDS)
def test_a_word_and_a_number_are_not_cut(marked):
    text, (at,) = cut(marked)
    assert cuts_word(text, at)


@pytest.mark.parametrize("marked", NEITHER)
def test_between_words_may_be_cut_and_where_no_blanks_are_written_between_letters(marked):
    text, places = cut(marked)
    assert [(cuts_character(text, at), cuts_word(text, at)) for at in places] == [
        (False, False) for _ in places
    ]

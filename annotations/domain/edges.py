"""Edges: whether a cut at some place would go through a character or a word."""

import re
import unicodedata

# What reads as a part of the character before it, besides combining marks: the joiners, two vowel
# signs that Unicode calls letters, skin tones, the tags of a flag.
_EXTENDS = re.compile("[\u200c\u200d\u0e33\u0eb3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
# These take the character after them along: the joiner of emoji, the stackers of Burmese, Khmer.
_TAKES_NEXT = "\u200d\u1039\u17d2"
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")
# Thai, Lao, Burmese, Khmer, Hiragana and Han are written without blanks: no letter ends a word.
_WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u309f\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
_WITHIN_NUMBER = ".,'’٫٬"


def cuts_character(text: str, at: int) -> bool:
    """Whether the code points before and after `at` read as one character.

    Two flag letters always count as one: which of a run are pairs, only its start could tell.
    """
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return (
        _extends(after)
        or before in _TAKES_NEXT
        or bool(_FLAG_LETTER.match(before) and _FLAG_LETTER.match(after))
    )


def cuts_word(text: str, at: int) -> bool:
    """Whether `at` (code points) lies within a word, a number or a character of `text`.

    An apostrophe or a hyphen ends a word: "Putin" is one in "Putin’s". Asked once for each place
    of a text, this takes time linear in it.
    """
    if cuts_character(text, at):
        return True
    if not 0 < at < len(text):
        return False
    base = at - 1
    while base and _extends(text[base]):
        base -= 1
    before, after = text[base], text[at]
    if before.isalnum() and after.isalnum():
        return not (_WITHOUT_BLANKS.match(before) or _WITHOUT_BLANKS.match(after))
    return _is_number(text[max(at - 2, 0) : at + 1]) or _is_number(text[at - 1 : at + 2])


def _extends(character: str) -> bool:
    return unicodedata.category(character).startswith("M") or bool(_EXTENDS.match(character))


def _is_number(run: str) -> bool:
    """Whether it is a digit, a point or the like, and a digit, as in "3.5"."""
    return len(run) == 3 and run[0].isdigit() and run[1] in _WITHIN_NUMBER and run[2].isdigit()

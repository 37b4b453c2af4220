"""Text groups: which of them a reviewer may settle with one decision."""

import re

from annotations.domain.fingerprints import fold

# Of these labels the same few words can mean another thing elsewhere.
ONE_BY_ONE = frozenset({"claim", "quote"})
FEWEST_WORDS = 5
WHY_ONE_BY_ONE = (
    "Claims and quotes of under five words are decided one by one: "
    "the same few words can mean another thing."
)
# A word ends at a blank; in Chinese and Japanese every character is one. Thai, Lao, Burmese and
# Khmer set no blanks and have long words: six characters of them count as one, rather too few.
_WORD = re.compile(
    "[\u3005-\u3007\u3040-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    "|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{1,6}"
    r"|[^\W\u3005-\u3007\u3040-\u9fff]\S*"
)


def count_words(text: str) -> int:
    """How many words `text` has, the same for all texts of one text group."""
    return len(_WORD.findall(fold(text)))


def may_decide_together(label: str, text: str) -> bool:
    """Whether all spans of this label (its slug) with this text may be decided in one deed."""
    return label not in ONE_BY_ONE or count_words(text) >= FEWEST_WORDS

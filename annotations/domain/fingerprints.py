"""Fold a text to what stays the same when five outlets print it, and fingerprint that."""

import re
import unicodedata
from hashlib import sha256

FOLD_VERSION = 1
_QUOTATION_MARKS = dict.fromkeys(map(ord, "\"'`´“”„‟‘’‚‛«»‹›「」『』〝〞〟＂＇"))
_BLANKS = re.compile(r"\s+")


def fold(text: str) -> str:
    """`text` without quotation marks, edge punctuation, case and runs of white space.

    The result is for comparing only. It may be empty, for a text of punctuation alone.
    """
    bare = _BLANKS.sub(" ", text.translate(_QUOTATION_MARKS)).casefold()
    start, end = 0, len(bare)
    while start < end and _is_edge(bare[start]):
        start += 1
    while start < end and _is_edge(bare[end - 1]):
        end -= 1
    return bare[start:end]


def text_group(text: str) -> str:
    """The text group of a span: "<fold version>:<16 hex digits>", equal for equal folded texts.

    A text that folds to nothing is its own group, by its letters as they stand.
    """
    folded = fold(text) or text
    return f"{FOLD_VERSION}:{sha256(folded.encode()).hexdigest()[:16]}"


def _is_edge(character: str) -> bool:
    return character.isspace() or unicodedata.category(character).startswith("P")

"""Fold a text to what stays the same when five outlets print it, and fingerprint that."""

import json
import re
import unicodedata
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

FOLD_VERSION = 1
_QUOTATION_MARKS = dict.fromkeys(map(ord, "\"'`´“”„‟‘’‚‛«»‹›「」『』〝〞〟＂＇"))
_BLANKS = re.compile(r"\s+")
# Within a word an apostrophe is a letter ("we're" is not "were"): Unicode's own, U+02BC.
_APOSTROPHE = re.compile(r"(?<=[\w\u0300-\u036f])['`´‘’＇](?=\w)")
# Before a digit these are a sign or a point; the others are part of what they stand at.
_MEANT_BEFORE_DIGIT = "-–‐‑.·"
_MEANT = "%‰‱#@&§"


def fold(text: str) -> str:
    """`text` without quotation marks, edge punctuation, case and runs of white space.

    What may tell two texts apart stays: an apostrophe within a word, the sign of a number, "%".
    The result is for comparing only. It may be empty, for a text of punctuation alone.
    """
    worded = _APOSTROPHE.sub("\u02bc", text).translate(_QUOTATION_MARKS)
    bare = _BLANKS.sub(" ", worded).casefold()
    start, end = 0, len(bare)
    while start < end and _is_edge(bare[start]) and not _is_signed(bare[start : start + 2]):
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


def attributes_group(attributes: Mapping[str, Any]) -> str:
    """16 hex digits, equal for attributes that say the same, wherever anchored values stand."""
    said = {
        key: value["value"] if isinstance(value, Mapping) else value
        for key, value in attributes.items()
    }
    plain = {key: fold(value) if isinstance(value, str) else value for key, value in said.items()}
    return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def _is_edge(character: str) -> bool:
    if character in _MEANT:
        return False
    return character.isspace() or unicodedata.category(character).startswith("P")


def _is_signed(pair: str) -> bool:
    return pair[0] in _MEANT_BEFORE_DIGIT and pair[1:].isdigit()

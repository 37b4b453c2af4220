"""What is encoded is byte for byte what Python's own json would write."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.text import is_storable
from annotations.exports import _json

NASTY = Path(__file__).parent.parent / "data/nasty/texts.jsonl"


def usual(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def test_every_character_there_is_stands_as_json_has_it():
    surrogates = range(0xD800, 0xE000)
    for first in range(0, sys.maxunicode + 1, 0x1000):
        codes = (code for code in range(first, first + 0x1000) if code not in surrogates)
        text = "".join(map(chr, codes))
        assert _json.line(text) == usual(text)


def test_nasty_texts_stand_as_json_has_them():
    values = [json.loads(line) for line in NASTY.read_bytes().split(b"\n") if line]
    whole = [value for value in values if is_storable(json.dumps(value, ensure_ascii=False))]
    assert len(whole) > len(values) / 2
    for value in whole:
        assert _json.line(value) == usual(value)


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_values)
def test_whatever_is_stored_stands_as_json_has_it(value):
    assert _json.line(value) == usual(value)
    assert _json.lines([value, value]) == usual(value) * 2
    assert bytes(_json.raw(value)) + b"\n" == usual(value)


def test_half_a_character_is_an_error_and_never_written():
    with pytest.raises(UnicodeEncodeError):
        _json.line("\ud83d")

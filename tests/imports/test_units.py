"""Offsets in other units: converted where the file declares them or the words prove them."""

import pytest

from annotations.imports._json import Bad
from annotations.imports._units import (
    CODE_POINTS,
    UTF_8,
    UTF_16,
    Mark,
    declared_unit,
    in_code_points,
)

TEXT = "É 🌉 “fine” 🚨 fine"
WORDS = "“fine”"
PLACES = {CODE_POINTS: (4, 10), UTF_16: (5, 11), UTF_8: (8, 18)}


def mark(start, end, text=None, where="Span 1"):
    return Mark(where, "quote", start, end, text)


def places(rows):
    return [(row.start, row.end, row.text) for row in rows]


@pytest.mark.parametrize("unit", PLACES)
def test_a_declared_unit_is_converted_and_told(unit):
    rows, told = in_code_points(TEXT, [mark(*PLACES[unit])], unit)
    assert places(rows) == [(4, 10, WORDS)]
    assert bool(told) == (unit != CODE_POINTS)


@pytest.mark.parametrize("unit", PLACES)
@pytest.mark.parametrize("usual", [None, CODE_POINTS])
def test_the_words_prove_the_unit(unit, usual):
    rows, told = in_code_points(TEXT, [mark(*PLACES[unit], WORDS)], None, usual=usual)
    assert places(rows) == [(4, 10, WORDS)]
    assert (
        told
        == {
            CODE_POINTS: [],
            UTF_16: ["Its offsets count UTF-16 units; converted."],
            UTF_8: ["Its offsets count bytes of UTF-8; converted."],
        }[unit]
    )


def test_one_unit_must_put_all_words_where_they_stand():
    first = mark(*PLACES[UTF_16], WORDS)
    with pytest.raises(Bad, match=r"Span 1: its words, .* are not those at 5–11"):
        in_code_points(TEXT, [first, mark(13, 17, "fine", "Span 2")], None)


def test_words_that_stand_there_in_two_units_prove_nothing():
    text = "🌉aaaa"
    with pytest.raises(Bad, match="nothing says for sure how"):
        in_code_points(text, [mark(2, 4, "aa")], None)
    rows, _ = in_code_points(text, [mark(2, 4, "aa")], None, usual=CODE_POINTS)
    assert places(rows) == [(2, 4, "aa")]


def test_a_span_without_words_is_held_to_the_unit_that_the_others_prove():
    marks = [mark(*PLACES[UTF_16], WORDS), mark(15, 19, None, "Span 2")]
    assert places(in_code_points(TEXT, marks, None)[0]) == [(4, 10, WORDS), (13, 17, "fine")]


@pytest.mark.parametrize("text", ["Plain “fine” words", "Plain words are here"])
def test_without_an_astral_character_there_is_no_doubt(text):
    rows, told = in_code_points(text, [mark(6, 12)], None)
    assert places(rows) == [(6, 12, text[6:12])]
    assert told == []


def test_before_the_first_astral_character_there_is_no_doubt():
    assert places(in_code_points("We won 🌉", [mark(0, 2)], None)[0]) == [(0, 2, "We")]


@pytest.mark.parametrize("place", [(4, 9), (2, 3), (13, 17), (3, 17)])
def test_without_words_an_astral_character_before_the_span_refuses_it(place):
    with pytest.raises(Bad, match="Add “offset_unit”, which is code_points, utf16, utf8"):
        in_code_points(TEXT, [mark(*place)], None)


@pytest.mark.parametrize(
    ("unit", "place"), [(UTF_16, (2, 3)), (UTF_16, (3, 5)), (UTF_8, (1, 8)), (UTF_8, (3, 5))]
)
def test_an_offset_in_the_middle_of_a_character_is_refused(unit, place):
    with pytest.raises(Bad, match="cuts a character in two"):
        in_code_points(TEXT, [mark(*place)], unit)


@pytest.mark.parametrize("unit", PLACES)
@pytest.mark.parametrize("place", [(-1, 4), (0, 999), (4, 4), (4, 0)])
def test_an_extent_that_is_none_is_refused_in_every_unit(unit, place):
    with pytest.raises(Bad, match="Span 1: "):
        in_code_points(TEXT, [mark(*place)], unit)


def test_words_may_have_other_line_ends_than_the_text():
    rows, _ = in_code_points("One\r\ntwo", [mark(0, 8, "One\ntwo")], None)
    assert places(rows) == [(0, 8, "One\r\ntwo")]


@pytest.mark.parametrize("unit", ["bytes", 8, ["utf16"], "UTF-16", "\ud800"])
def test_a_unit_that_is_not_known_is_refused(unit):
    with pytest.raises(Bad, match="“offset_unit” is one of code_points, utf16, utf8, not"):
        declared_unit({"offset_unit": unit})


def test_no_unit_need_be_declared():
    assert declared_unit({}) is None
    assert declared_unit({"offset_unit": "utf8"}) == UTF_8


def test_every_place_of_a_text_is_found_again_in_every_unit():
    for start in range(len(TEXT)):
        for end in range(start + 1, len(TEXT) + 1):
            if not TEXT[start:end].strip():
                continue
            for unit, codec in ((UTF_16, "utf-16-le"), (UTF_8, "utf-8")):
                width = 2 if unit == UTF_16 else 1
                place = [len(TEXT[:at].encode(codec)) // width for at in (start, end)]
                rows, _ = in_code_points(TEXT, [mark(*place)], unit)
                assert places(rows) == [(start, end, TEXT[start:end])]

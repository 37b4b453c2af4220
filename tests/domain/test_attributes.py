"""What a label asks of its spans."""

import pytest

from annotations.domain.attributes import (
    MAX_VALUE_LENGTH,
    UNKNOWN,
    Attribute,
    BadAttribute,
    Kind,
    check_attributes,
    fitting,
    missing,
)

TEXT = "Mayor Ada said “no”."
SPEAKER = Attribute("speaker", "Speaker", Kind.ANCHORED, required=True, unless=("form", "scare"))
NOTE = Attribute("note", "Note", Kind.TEXT)
FORM = Attribute("form", "Form", Kind.CHOICE, ("direct", "indirect", "scare"), required=True)
CONTINUES = Attribute("continues", "Continues", Kind.YES_NO)
LABEL = (SPEAKER, NOTE, FORM, CONTINUES)


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("note", " seen twice \n", "seen twice"),
        ("note", "x" * MAX_VALUE_LENGTH, "x" * MAX_VALUE_LENGTH),
        ("note", UNKNOWN, UNKNOWN),
        ("form", "direct", "direct"),
        ("form", UNKNOWN, UNKNOWN),
        ("continues", True, True),
        ("continues", False, False),
        ("continues", UNKNOWN, UNKNOWN),
        ("speaker", "Ada", {"value": "Ada", "start": None, "end": None}),
        ("speaker", {"value": "Ada"}, {"value": "Ada", "start": None, "end": None}),
        (
            "speaker",
            {"value": "Mayor  Ada", "start": 0, "end": 9},
            {"value": "Mayor  Ada", "start": 0, "end": 9},
        ),
        (
            "speaker",
            {"value": TEXT, "start": 0, "end": len(TEXT)},
            {"value": TEXT, "start": 0, "end": len(TEXT)},
        ),
    ],
)
def test_a_fitting_value_is_stored_in_the_shape_of_its_kind(key, value, stored):
    assert check_attributes(LABEL, {key: value}, TEXT) == {key: stored}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("note", None),
        ("note", " \n"),
        ("form", None),
        ("form", ""),
        ("continues", None),
        ("continues", ""),
        ("speaker", None),
        ("speaker", "  "),
        ("speaker", {"value": "", "start": None, "end": None}),
        ("speaker", {}),
    ],
)
def test_what_is_empty_is_not_filled(key, value):
    assert check_attributes(LABEL, {key: value}, TEXT) == {}


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("mood", "sad", "no attribute “mood”"),
        ("note", 5, "Note takes words"),
        ("note", ["a"], "Note takes words"),
        ("note", "a\0b", "a character nobody can read"),
        ("note", "a\ud800b", "a character nobody can read"),
        ("note", "x" * 501, "has 501 characters; 500 are the most"),
        ("form", "sung", "Form is one of: direct, indirect, scare, or unknown"),
        ("form", True, "Form is one of"),
        ("form", ["direct"], "Form is one of"),
        ("continues", "yes", "Continues is one of: yes, no, or unknown"),
        ("continues", 1, "Continues is one of"),
        ("speaker", 5, "Speaker takes words"),
        ("speaker", {"value": 5}, "Speaker takes words"),
        ("speaker", {"value": "Ada", "at": 6}, "has a value, a start and an end"),
        ("speaker", {"value": "Ada", "start": 6}, "needs both a start and an end"),
        ("speaker", {"value": "Ada", "end": 9}, "needs both a start and an end"),
        ("speaker", {"value": "Ada", "start": "6", "end": "9"}, "needs both a start and an end"),
        ("speaker", {"value": "Ada", "start": True, "end": 9}, "needs both a start and an end"),
        ("speaker", {"value": "Ada", "start": 6, "end": 99}, "Speaker: The span ends at 99"),
        ("speaker", {"value": "Ada", "start": 9, "end": 6}, "Speaker: A span must end after"),
        ("speaker", {"value": "Eve", "start": 6, "end": 9}, "“Eve” does not stand at 6–9"),
        ("speaker", {"value": "Ada", "start": -1, "end": 6}, "Speaker: A span cannot start"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_key_and_a_sentence(key, value, why):
    with pytest.raises(BadAttribute) as refusal:
        check_attributes(LABEL, {key: value}, TEXT)
    assert why in str(refusal.value)
    assert refusal.value.key == key


def test_values_are_stored_in_the_labels_order_whatever_order_they_come_in():
    values = {"continues": True, "form": "direct", "note": "n", "speaker": "Ada"}
    assert list(check_attributes(LABEL, values, TEXT)) == ["speaker", "note", "form", "continues"]


@pytest.mark.parametrize(
    ("values", "lacking"),
    [
        ({}, ["speaker", "form"]),
        ({"form": "direct"}, ["speaker"]),
        ({"form": "scare"}, []),
        ({"form": UNKNOWN}, ["speaker"]),
        ({"speaker": {"value": "Ada"}}, ["form"]),
        ({"speaker": {"value": UNKNOWN}, "form": UNKNOWN}, []),
        ({"speaker": None, "form": None}, ["speaker", "form"]),
    ],
)
def test_missing_is_what_is_required_and_not_filled_unless_its_condition_holds(values, lacking):
    assert [attribute.key for attribute in missing(LABEL, values)] == lacking


def test_no_is_an_answer_to_a_required_question():
    required = Attribute("continues", "Continues", Kind.YES_NO, required=True)
    assert missing([required], {"continues": False}) == []


def test_of_another_label_s_values_those_stay_that_fit():
    values = {"note": "!", "form": "verse", "continues": True, "cue": "said"}
    assert fitting(LABEL, values, TEXT) == {"note": "!", "continues": True}
    assert fitting((), values, TEXT) == {}

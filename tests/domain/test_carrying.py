"""What is carried stands once in the new text, with all that is around it; nothing else is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.carrying import CONTEXT, Fate, Why, fates, moves_along
from annotations.domain.extents import Extent

TEXT = (
    "Bridge is safe, says mayor\n\nThe mayor said the bridge was “as safe as a house”. It cost 5 "
    "million, three times the estimate.\n\nSupport our work: donate today.\n"
)
FAR = "x" * CONTEXT


def place(words, text=TEXT):
    start = text.index(words)
    return Extent(start, start + len(words))


def fate(words, after, before=TEXT):
    [found] = fates(before, after, [place(words, before)]).values()
    return found


def test_what_stands_there_with_its_context_is_carried_to_its_place():
    after = TEXT.replace("Bridge is safe", "The new bridge is safe")
    assert fate("It cost 5 million", after) == Fate(place("It cost 5 million", after))
    assert place("It cost 5 million", after) != place("It cost 5 million")


@pytest.mark.parametrize(
    ("words", "was", "now", "why"),
    [
        ("It cost 5 million", "It cost 5 million", "It cost 6 million", Why.GONE),
        ("It cost 5 million", "three times", "thrice", Why.CHANGED),
        ("It cost 5 million", "as safe as a house", "safe", Why.CHANGED),
        ("mayor", "says mayor", "says mayor of the town", Why.SEVERAL),
        ("It cost 5 million", ", three times", " , three times", Why.CHANGED),
    ],
    ids=["its words changed", "behind", "ahead", "it stands elsewhere, too", "a blank counts"],
)
def test_what_is_not_certain_is_not_carried(words, was, now, why):
    after = TEXT.replace(was, now)
    found = fate(words, after)
    assert found.why is why
    assert found.place == (place(words, after) if why is Why.CHANGED else None)


def test_what_stands_there_twice_with_its_context_is_not_carried():
    assert fate("5 million", TEXT + TEXT) == Fate(None, Why.SEVERAL)


def test_places_that_overlap_count():
    before = f"\n{FAR}aa{FAR}"
    after = before.replace("aa", "bb") + "aaa"
    assert fate("aa", after, before) == Fate(None, Why.SEVERAL)


def test_of_several_places_the_one_with_the_context_is_it():
    after = "The mayor is safe.\n\n" + TEXT
    assert fate("The mayor", after) == Fate(Extent(48, 57))
    assert after[48:57] == "The mayor"


@pytest.mark.parametrize(
    ("beyond", "within"),
    [
        (f"{FAR}It cost.{FAR}", True),
        (f"a{FAR}It cost.{FAR}a", True),
        (f"a{FAR[1:]}It cost.{FAR}", False),
        (f"{FAR}It cost.{FAR[1:]}a", False),
    ],
)
def test_the_context_is_32_code_points_to_each_side(beyond, within):
    before = f"beyond {FAR}It cost.{FAR} beyond"
    assert (fate("It cost.", beyond, before).why is None) == within


def test_code_points_are_counted_and_not_units():
    before = "🌉" * 40 + "words" + "👩‍👩‍👧" * 8
    after = "🌉" * 90 + before
    assert fate("words", after, before) == Fate(Extent(130, 135))


@pytest.mark.parametrize("above", ["Correction: it cost 6.\n\n", "\n", "Note\n"])
def test_a_note_above_the_text_leaves_its_first_words_where_they_are(above):
    assert fate("Bridge is safe", above + TEXT) == Fate(Extent(len(above), len(above) + 14))


@pytest.mark.parametrize("below", ["", "\n", "\n\nCorrection: it cost 6.", " \nx\n\n"])
def test_a_note_below_the_text_leaves_its_last_words_where_they_are(below):
    after = TEXT.rstrip("\n") + below
    carried = not below.startswith(" ")
    assert (fate("donate today.", after).why is None) == carried


@pytest.mark.parametrize(
    "after", ["concatenate", "The cat.", "a cat", "cat s", "cat\u0301", "cat\u200d"]
)
def test_where_the_text_ends_only_an_end_of_a_line_is_the_same(after):
    assert fate("cat", after, "cat").why is Why.CHANGED
    assert fate("cat", f"{after[:0]}x\ncat\ny", "cat") == Fate(Extent(2, 5))


def test_line_ends_that_a_span_covers_are_its_own():
    before, after = "\nA word\n", "Note\n\nA word\n\nNote"
    assert fate("\nA word\n", after, before) == Fate(Extent(5, 13))
    assert fate("A word\n", "A word", "A word\n").why is Why.GONE


def test_every_reason_has_a_sentence():
    assert len({why.sentence for why in Why}) == len(Why)
    assert all(why.sentence.endswith(".") for why in Why)


def test_each_extent_is_asked_for_once_and_in_order():
    extents = [Extent(5, 9), Extent(0, 4), Extent(5, 9)]
    assert list(fates(TEXT, TEXT, extents)) == [Extent(5, 9), Extent(0, 4)]


def test_what_lies_within_the_context_moves_along():
    span = Extent(100, 110)
    assert moves_along(span, Extent(100 - CONTEXT, 100))
    assert moves_along(span, Extent(103, 110 + CONTEXT))
    assert not moves_along(span, Extent(99 - CONTEXT, 100))
    assert not moves_along(span, Extent(103, 111 + CONTEXT))


PIECES = st.lists(st.sampled_from(["a", "b", " ", "\n", "🌉", "e\u0301", "word"]), min_size=1)


@given(PIECES, PIECES, st.data())
def test_it_agrees_with_looking_at_every_place(old, new, data):
    """With short contexts, so that chance finds them again."""
    before, after = "".join(old), "".join(new)
    start = data.draw(st.integers(0, len(before) - 1))
    extent = Extent(start, data.draw(st.integers(start + 1, len(before))))
    words, framed = extent.of(before), f"\n{after}\n"
    ahead = before[max(0, extent.start - CONTEXT) : extent.start]
    behind = before[extent.end : extent.end + CONTEXT]
    if extent.start < CONTEXT:
        ahead = "\n" + ahead.lstrip("\n")
    if extent.end > len(before) - CONTEXT:
        behind = behind.rstrip("\n") + "\n"
    places = [
        at
        for at in range(len(after))
        if after.startswith(words, at)
        and framed[: at + 1].endswith(ahead)
        and framed[at + 1 + len(words) :].startswith(behind)
    ]

    [found] = fates(before, after, [extent]).values()

    assert (found.why is None) == (len(places) == 1)
    if found.place is not None:
        assert found.place.of(after) == words
    if found.why is None:
        assert found.place.start == places[0]


@given(PIECES, PIECES, PIECES)
def test_what_is_far_from_any_change_is_carried(old, one, other):
    kept = f"{FAR}{''.join(old)}!{FAR}"
    before, after = f"{''.join(one)}{kept}.", f"{''.join(other)}{kept}?"
    extent = Extent(before.index("!"), before.index("!") + 1)
    [found] = fates(before, after, [extent]).values()
    assert found == Fate(Extent(after.index("!"), after.index("!") + 1))


@pytest.mark.parametrize("unit", ["The mayor said 5 million. ", "a"])
def test_two_thousand_spans_in_a_long_text_take_well_under_a_second(unit):
    text = (unit * 100_000)[:100_000]
    extents = [Extent(at * 49, at * 49 + 30) for at in range(2000)]
    begun = time.perf_counter()
    fates(text + "b", "b" + text[:-1] + "c", extents)
    assert time.perf_counter() - begun < 2  # 0.1 s; a busy machine is none of its business

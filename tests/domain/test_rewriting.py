"""One text and the next, paragraph by paragraph; nothing is lost of either."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.diffs import Part
from annotations.domain.extents import Extent
from annotations.domain.rewriting import around, moved, rewritten

KEPT, TAKEN, ADDED = Part
ONE, TWO, THREE, FOUR = (f"This is paragraph {word}.\n\n" for word in "one two three four".split())


def joined(runs, *parts):
    return "".join(run.text for run in runs if run.part in parts)


def drawn(runs):
    """The runs in one line: what was taken in [-…-], what was added in {+…+}."""
    look = {KEPT: "{}", TAKEN: "[-{}-]", ADDED: "{{+{}+}}"}
    return "".join(look[run.part].format(run.text) for run in runs)


def told(before, after):
    """Each block: how many paragraphs are kept, or its runs."""
    return [
        drawn(block.runs) if block.changed else block.paragraphs
        for block in rewritten(before, after)
    ]


@pytest.mark.parametrize(
    ("before", "after", "blocks"),
    [
        (ONE + TWO, ONE + TWO, [2]),
        (ONE + TWO + THREE, ONE + THREE, [1, f"[-{TWO}-]", 1]),
        (ONE + THREE, ONE + TWO + THREE, [1, f"{{+{TWO}+}}", 1]),
        (ONE + THREE, TWO + ONE + THREE, [f"{{+{TWO}+}}", 2]),
        (ONE + TWO, ONE + TWO + THREE, [2, f"{{+{THREE}+}}"]),
        (
            ONE + TWO + THREE,
            ONE + TWO.replace("two", "2") + THREE,
            [1, "This is paragraph [-two-]{+2+}.\n\n", 1],
        ),
        (ONE + "x\n" * 5 + TWO, ONE + "x\n" * 3 + TWO, [4, "[-x\nx\n-]", 1]),
        (ONE + "x\nx\ny\nx\n" + TWO, ONE + "x\nx\nz\nx\n" + TWO, [3, "[-y-]{+z+}\n", 2]),
    ],
    ids="same taken added first last changed repeated beside".split(),
)
def test_kept_paragraphs_are_counted_and_changed_ones_compared(before, after, blocks):
    assert told(before, after) == blocks


def test_of_what_changed_places_as_much_as_can_be_is_kept():
    assert told(ONE + TWO + THREE + FOUR, FOUR + ONE + TWO + THREE) == [
        f"{{+{FOUR}+}}",
        3,
        f"[-{FOUR}-]",
    ]


def test_as_many_paragraphs_as_went_are_compared_one_by_one():
    after = ONE + TWO.replace("two", "2") + THREE.replace("three", "3") + FOUR
    assert told(ONE + TWO + THREE + FOUR, after) == [
        1,
        "This is paragraph [-two-]{+2+}.\n\n",
        "This is paragraph [-three-]{+3+}.\n\n",
        1,
    ]


TEXTS = st.lists(
    st.sampled_from(["a\n", "b\n\n", "c d e\n", "c d f\n", "🌉 g\n", "\n"]), min_size=1
).map("".join)


@given(TEXTS, TEXTS)
def test_nothing_is_lost_of_either_text_and_the_places_are_true(before, after):
    blocks = rewritten(before, after)
    assert "".join(joined(block.runs, KEPT, TAKEN) for block in blocks) == before
    assert "".join(joined(block.runs, KEPT, ADDED) for block in blocks) == after
    for block in blocks:
        assert joined(block.runs, KEPT, TAKEN) == block.before.of(before)
        assert joined(block.runs, KEPT, ADDED) == block.after.of(after)
    assert all(one.before.end == other.before.start for one, other in pairwise(blocks))
    assert all(one.after.end == other.after.start for one, other in pairwise(blocks))
    assert all(one.changed or other.changed for one, other in pairwise(blocks))


@given(TEXTS, TEXTS, st.data())
def test_around_a_place_stand_its_words_and_what_became_of_them(before, after, data):
    start = data.draw(st.integers(0, len(before) - 1))
    extent = Extent(start, data.draw(st.integers(start + 1, min(len(before), start + 9))))
    runs = around(rewritten(before, after), extent, 9)
    old = joined(runs, KEPT, TAKEN)
    if not {*"…¶␣"} & {*old}:
        assert extent.of(before).rstrip("\n") in old
        assert old in before


def test_around_a_place_is_what_changed_beside_it():
    before, after = ONE + TWO + THREE, ONE + "Added.\n\n" + TWO.replace("two", "2") + THREE
    start = before.index("two")
    runs = around(rewritten(before, after), Extent(start, start + 3), 12)
    assert drawn(runs) == "…paragraph [-two-]{+2+}.\n\nThis is…"
    wide = around(rewritten(before, after), Extent(start, start + 3), 30)
    assert "{+Added.\n\n+}" in drawn(wide)
    far = around(rewritten(before, after), Extent(0, 4), 3)
    assert drawn(far) == "This is…"


@given(TEXTS, TEXTS)
def test_every_place_has_one_in_the_new_text_and_what_is_kept_stands_there(before, after):
    blocks = rewritten(before, after)
    places = [moved(blocks, at) for at in range(len(before) + 1)]
    assert places == sorted(places)
    at = 0
    for run in (run for block in blocks for run in block.runs if run.part is not ADDED):
        if run.part is KEPT:
            assert [after[place] for place in places[at : at + len(run.text)]] == [*run.text]
        at += len(run.text)


def test_a_place_that_is_gone_is_where_it_was():
    blocks = rewritten(ONE + TWO, ONE + "Added.\n\n" + TWO.replace("two", "2 or 3"))
    assert moved(blocks, len(ONE) + 18) == len(ONE) + 8 + 18
    assert moved(blocks, len(ONE) + 20) == len(ONE) + 8 + 18
    assert moved(blocks, len(ONE + TWO)) == len(ONE + TWO) + 8 + 3


def test_what_is_shown_ends_with_words_and_tells_changed_blanks():
    [block] = rewritten("One two.\n\n", "One  two.\n\n")
    assert drawn(block.shown) == "One {+␣+}two."
    [block] = rewritten("One.", "One.\n\n")
    assert drawn(block.shown) == "One.{+¶\n¶+}"
    [block] = rewritten("One.\n\n", "Two.\n\n")
    assert drawn(block.shown) == "[-One-]{+Two+}."


@pytest.mark.parametrize("unit", ["A paragraph of some words {}.\n\n", "x\n"])
def test_long_texts_are_compared_in_little_time(unit):
    lines = [unit.format(number) for number in range(50_000 // len(unit))]
    begun = time.perf_counter()
    rewritten("".join(lines), "".join([*lines[::2], "y\n", *lines[1::3]]))
    assert time.perf_counter() - begun < 5

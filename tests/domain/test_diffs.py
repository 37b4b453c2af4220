"""What of a text was kept, taken away and added; nothing is lost of either text, save to read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.diffs import (
    AROUND,
    MOST_WORDS,
    Part,
    Run,
    between_extents,
    between_texts,
    shortened,
)
from annotations.domain.extents import Extent

TEXT = "The mayor said the bridge was “as safe as a house”."
KEPT, TAKEN, ADDED = Part


def drawn(runs):
    """The runs in one line: what was taken in [-…-], what was added in {+…+}."""
    look = {KEPT: "{}", TAKEN: "[-{}-]", ADDED: "{{+{}+}}"}
    return "".join(look[run.part].format(run.text) for run in runs)


def joined(runs, *parts):
    return "".join(run.text for run in runs if run.part in parts)


def place(words):
    start = TEXT.index(words)
    return Extent(start, start + len(words))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("safe as a", "safe as a house", "safe as a{+ house+}"),
        ("as safe as a house", "safe as a", "[-as -]safe as a[- house-]"),
        ("mayor said", "said the", "[-mayor -]said{+ the+}"),
        ("safe", "as safe as", "{+as +}safe{+ as+}"),
        ("mayor", "mayor", "mayor"),
        ("mayor", "bridge", "[-mayor-]{+bridge+}"),
        ("mayor", "bridge was", "[-mayor-]{+bridge was+}"),
        ("The", " mayor", "[-The-]{+ mayor+}"),
    ],
)
def test_of_extents_what_both_cover_is_kept(before, after, told):
    assert drawn(between_extents(TEXT, place(before), place(after))) == told


def test_the_same_words_in_another_place_are_taken_and_added():
    assert drawn(between_extents("ha ha", Extent(0, 2), Extent(3, 5))) == "[-ha-]{+ha+}"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("The mayor", "The mayor of Elsewhere", "The mayor{+ of Elsewhere+}"),
        ("the mayor", "the former mayor", "the {+former +}mayor"),
        ("Ms Ray", "The mayor", "[-Ms Ray-]{+The mayor+}"),  # a blank alone is not kept
        ("a, b, c", "d, b, e", "[-a-]{+d+}, b, [-c-]{+e+}"),
        ("one, two", "three, four", "[-one, two-]{+three, four+}"),
        ("one two three four", "two one four three", "{+two +}one [-two-]{+four+} three[- four-]"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
        ("same", "same", "same"),
        ("", "", ""),
        ("3.5 million", "3.6 million", "[-3.5-]{+3.6+} million"),
        ("市长说", "市长不说", "市长{+不+}说"),
        ("a 👩‍🚀 b", "a 👩‍🚒 b", "a [-👩‍🚀-]{+👩‍🚒+} b"),
    ],
)
def test_of_texts_whole_words_are_kept(before, after, told):
    assert drawn(between_texts(before, after)) == told


words = st.text(st.sampled_from("ab .,“”é\u0301👩\u200d🚀市\n"), max_size=40)
anything = st.one_of(words, st.text(max_size=20))


@given(before=anything, after=anything)
def test_what_was_kept_and_taken_is_the_text_before_and_kept_and_added_the_text_after(
    before, after
):
    runs = between_texts(before, after)
    assert joined(runs, KEPT, TAKEN) == before
    assert joined(runs, KEPT, ADDED) == after
    assert all(run.text for run in runs)


@given(text=st.text(min_size=1), data=st.data())
def test_so_it_is_of_extents(text, data):
    def extent():
        start = data.draw(st.integers(0, len(text) - 1))
        return Extent(start, data.draw(st.integers(start + 1, len(text))))

    before, after = extent(), extent()
    runs = between_extents(text, before, after)
    assert joined(runs, KEPT, TAKEN) == before.of(text)
    assert joined(runs, KEPT, ADDED) == after.of(text)
    assert all(run.text for run in runs)


def test_of_long_texts_only_the_beginning_and_the_end_are_kept():
    many = [f"w{number} " for number in range(MOST_WORDS)]
    before, after = (
        "".join(many),
        "".join(f"x{word}" if at % 2 else word for at, word in enumerate(many)),
    )
    runs = between_texts(f"In {before}out", f"In {after}out")
    assert [run.part for run in runs] == [KEPT, TAKEN, ADDED, KEPT]
    assert joined(runs, KEPT, ADDED) == f"In {after}out"
    assert runs[0].text == "In w0 "


def test_to_be_read_the_unchanged_middle_of_a_long_run_is_left_out():
    long = " ".join(f"word{number}" for number in range(100))
    first, change, between, other, last = shortened(
        [Run(KEPT, long), Run(TAKEN, long), Run(KEPT, long), Run(ADDED, "x"), Run(KEPT, long)]
    )
    assert first.text.startswith("…word")
    assert first.text.endswith("word98 word99")
    assert change.text == between.text
    assert change.text.startswith("word0 word1")
    assert change.text.count("…") == 1
    assert change.text.endswith("word98 word99")
    assert other.text == "x"
    assert last.text.startswith("word0 word1")
    assert last.text.endswith("…")


def test_where_nothing_changed_both_ends_are_shown():
    [run] = shortened([Run(KEPT, f"The {'long ' * 50}end.")])
    assert run.text.startswith("The long")
    assert run.text.endswith("long end.")


@given(before=st.text(max_size=300), after=st.text(max_size=300))
def test_what_is_shown_is_bounded_and_no_run_is_lost(before, after):
    runs = between_texts(before, after)
    shown = shortened(runs, 10)
    assert [run.part for run in shown] == [run.part for run in runs]
    assert all(0 < len(run.text) <= 2 * AROUND + 1 for run in shown)
    for run, whole in zip(shown, runs, strict=True):
        if len(whole.text) <= 10:
            assert run == whole

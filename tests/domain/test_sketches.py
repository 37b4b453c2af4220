"""Sketches: which texts are nearly the same, and how the one finds the other."""

import random

import pytest

from annotations.domain.sketches import KEYS, LONGEST, NEARLY, likeness, runs, sketch

WORDS = [f"{a}{b}{c}" for a in "bdfkl" for b in "aeiou" for c in "mnrst"]


def text_of(seed, words=400):
    chance = random.Random(seed)
    return " ".join(chance.choices(WORDS, k=words))


def changed(text, seed, words):
    """The text with so many words put in another's place."""
    chance, said = random.Random(seed), text.split()
    for place in chance.sample(range(len(said)), words):
        said[place] = "zzz"
    return " ".join(said)


def test_case_punctuation_and_line_ends_do_not_make_another_text():
    one = "“We won,” she said. Nobody had asked her before."
    assert runs(one) == runs("we won she said\n\nNOBODY had asked; her — before")


def test_a_short_text_is_one_run():
    assert len(runs("We won.")) == 1
    assert runs("We won.") != runs("They won.")
    assert len(runs("…")) == 1


def test_a_script_without_blanks_is_compared_by_its_characters():
    one = "記者は昨日、橋は家と同じくらい安全だと言った。住民は一度も聞かれなかったと話した。" * 3
    other = one[:-4] + "述べた。"
    assert len(runs(one)) > 20
    assert likeness(runs(one), runs(other)) > NEARLY


def test_likeness_is_the_share_of_the_runs_that_both_have():
    assert likeness(runs("a b c d e f"), runs("a b c d e f")) == 1
    assert likeness(runs("a b c d e f"), runs("b c d e f g")) == 1 / 3
    assert likeness(runs(text_of(1)), runs(text_of(2))) == 0


def test_what_comes_after_the_longest_does_not_count():
    text = "word " * (LONGEST // 5)
    assert runs(text + "and something else entirely here") == runs(text)


@pytest.mark.parametrize("words", [1, 3, 6])
def test_a_text_finds_one_that_is_nearly_the_same_by_its_sketch(words):
    found = 0
    for seed in range(60):
        text = text_of(seed)
        one, other = runs(text), runs(changed(text, seed, words))
        assert likeness(one, other) >= NEARLY
        found += bool({*sketch(one)} & {*sketch(other)})
    assert found == 60


def test_a_text_finds_no_other_one():
    kept = {key for seed in range(200) for key in sketch(runs(text_of(seed)))}
    assert not any(kept & {*sketch(runs(text_of(seed)))} for seed in range(1000, 1100))


@pytest.mark.parametrize("text", ["x", "We won.", text_of(1, 6), text_of(1, 40), text_of(1)])
def test_a_sketch_is_a_few_numbers_in_order_that_every_database_keeps(text):
    keys = sketch(runs(text))
    assert 1 <= len(keys) <= KEYS
    assert list(keys) == sorted(set(keys))
    assert all(0 <= key < 2**63 for key in keys)
    assert keys == sketch(runs(text))

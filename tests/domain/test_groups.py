"""Which text groups may be settled with one decision."""

import pytest

from annotations.domain.fingerprints import fold
from annotations.domain.groups import count_words, may_decide_together

COUNTED = {
    "": 0,
    "…": 0,
    "We won.": 2,
    "“We won,” she said, — twice": 5,
    "We don’t know who’s well-known": 5,
    "It cost $5,000.50 in 2020": 5,
    "Мы победили в этой войне": 5,
    "我们赢了": 4,
    "我们赢了。对": 5,
    "勝ちました": 5,
    "우리가 이겼다": 2,
    "เราชนะ": 1,
    "เราชนะแล้ว": 2,
    "นายกรัฐมนตรีกล่าวว่าเราจะชนะ": 5,
    "နိုင်ငံ": 2,
    "2020年": 1,  # rather too few than too many
}


@pytest.mark.parametrize(("text", "count"), COUNTED.items(), ids=COUNTED)
def test_words_are_counted_in_languages_with_and_without_blanks(text, count):
    assert count_words(text) == count


def test_all_texts_of_a_group_have_as_many_words():
    one, other = "“We won by  far,”", "we won by far"
    assert fold(one) == fold(other)
    assert count_words(one) == count_words(other) == 4


@pytest.mark.parametrize("label", ["claim", "quote"])
def test_claims_and_quotes_of_under_five_words_are_decided_one_by_one(label):
    assert not may_decide_together(label, "They won by far.")
    assert may_decide_together(label, "They won by far again.")


def test_any_other_label_is_decided_together_however_short():
    assert may_decide_together("boilerplate", "Comments")

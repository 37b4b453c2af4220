"""Which things are drawn: a share of all, the same ones each time."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.draws import drawn_below

percentages = st.floats(0, 100)


def is_drawn(uid, percent):
    below = drawn_below(percent)
    return below is None or uid < below


@pytest.mark.parametrize(
    ("percent", "uid"),
    [
        (0, "00000000-0000-0000-0000-000000000000"),
        (0.0001, "00000000-0000-0000-0000-000000000000"),
        (10, "19999999-9999-9999-9999-999999999999"),
        (50, "80000000-0000-0000-0000-000000000000"),
        (75.5, "c147ae14-7ae1-47ae-147a-e147ae147ae1"),
    ],
)
def test_a_share_is_what_lies_below_a_uid(percent, uid):
    assert drawn_below(percent) == UUID(uid)


@given(st.uuids())
def test_of_nothing_none_is_drawn_and_of_all_each(uid):
    assert not is_drawn(uid, 0)
    assert is_drawn(uid, 100)


@given(st.uuids(), percentages, percentages)
def test_what_a_smaller_share_draws_a_larger_one_draws_too(uid, one, other):
    smaller, larger = sorted((one, other))
    assert is_drawn(uid, larger) or not is_drawn(uid, smaller)


def test_about_as_many_are_drawn_as_were_asked_for():
    uids = [uuid4() for _ in range(4000)]
    assert 300 < sum(is_drawn(uid, 10) for uid in uids) < 500


@pytest.mark.parametrize("percent", [-0.1, 100.1, float("nan"), float("inf")])
def test_what_is_no_percentage_is_refused(percent):
    with pytest.raises(ValueError, match="A share is a percentage from 0 to 100"):
        drawn_below(percent)

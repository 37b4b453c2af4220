"""Leases of text groups: one person's turn for a while, and nothing that outlives it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotations import actions
from annotations.actions import leases
from annotations.domain.refusals import NotPermitted
from annotations.models import TextGroup
from annotations.queries.groups import At
from annotations.queries.review import Queue
from tests.factories import make_user
from tests.queries.test_groups import appeals, lease
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def rev():
    return make_user("rev", reviewer=True)


@pytest.fixture
def two():
    """Two groups, in their order."""
    ann = make_user(annotator=True)
    return appeals(2, ann, "Two."), appeals(1, ann, "One.")


def holder(group):
    group.refresh_from_db()
    return group.leased_to


def test_the_next_group_is_taken_for_ten_minutes_and_the_one_before_given_back(rev, two):
    first, second = two
    assert actions.lease_next_group(queue=Queue(), person=rev) == first
    first.refresh_from_db()
    left = first.leased_until - timezone.now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)

    at = At(2, first.pk)
    assert actions.lease_next_group(queue=Queue(), person=rev, after=at) == second
    assert (holder(first), holder(second)) == (None, rev)
    assert first.leased_until is None
    back = actions.lease_next_group(
        queue=Queue(), person=rev, after=At(1, second.pk), backwards=True
    )
    assert back == first


def test_two_reviewers_get_two_groups_and_the_third_none(rev, two):
    una = make_user(reviewer=True)
    taken = [actions.lease_next_group(queue=Queue(), person=who) for who in (rev, una)]
    assert taken == list(two)
    assert actions.lease_next_group(queue=Queue(), person=make_user(reviewer=True)) is None


def test_a_group_that_another_has_in_hand_cannot_be_taken_until_the_lease_ends(rev, two):
    first, _ = two
    una = make_user(reviewer=True)
    lease(first, una)
    assert not actions.lease_group(group=first.pk, person=rev)
    assert holder(first) == una
    lease(first, una, minutes=-1)
    assert actions.lease_group(group=first.pk, person=rev)
    assert holder(first) == rev


def test_ones_own_lease_is_kept_and_renewed_only_in_its_second_half(rev, two):
    first, _ = two
    for minutes, renewed in ((8, False), (3, True)):
        lease(first, rev, minutes)
        until = TextGroup.objects.get(pk=first.pk).leased_until
        assert actions.lease_group(group=first.pk, person=rev)
        assert (TextGroup.objects.get(pk=first.pk).leased_until > until) is renewed


def test_whoever_is_always_too_late_gets_none(rev, two, monkeypatch):
    monkeypatch.setattr(leases, "lease_group", lambda **_: False)
    assert actions.lease_next_group(queue=Queue(), person=rev) is None


def test_only_reviewers_take_groups(two):
    with refused(NotPermitted, "Only reviewers"):
        actions.lease_next_group(queue=Queue(), person=make_user(annotator=True))

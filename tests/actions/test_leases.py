"""Leases: two reviewers do not meet, and nothing outlives the lease."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from annotations import actions
from annotations.actions.leases import LEASE
from annotations.domain.refusals import NotPermitted
from annotations.models import Article, Event
from annotations.queries import integrity
from tests.factories import make_article, make_user


def take(article, person):
    return actions.lease_article(article=article.pk, person=person)


def held(article):
    row = Article.objects.get(pk=article.pk)
    return row.leased_to, row.leased_until


@pytest.mark.django_db
def test_an_article_is_taken_for_ten_minutes_and_that_is_no_deed():
    article, rev = make_article(), make_user(reviewer=True)
    events = Event.objects.count()

    assert take(article, rev)

    whom, until = held(article)
    assert whom == rev
    assert timedelta() <= timezone.now() + LEASE - until < timedelta(minutes=1)
    assert Event.objects.count() == events
    assert Article.objects.get().revision == article.revision
    assert not list(integrity.breaches(Counter()))


@pytest.mark.django_db
def test_what_somebody_else_is_at_is_not_taken_until_that_ends():
    article, one, other = make_article(), make_user(reviewer=True), make_user(reviewer=True)
    take(article, one)

    assert not take(article, other)
    assert held(article)[0] == one

    Article.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert take(article, other)
    assert held(article)[0] == other


@pytest.mark.django_db
def test_taking_another_gives_the_first_back():
    one, two, rev = make_article(), make_article(), make_user(reviewer=True)
    take(one, rev)

    assert take(two, rev)

    assert held(one) == (None, None)
    assert held(two)[0] == rev


@pytest.mark.django_db
def test_a_lease_is_renewed_once_half_of_it_has_passed():
    article, rev = make_article(), make_user(reviewer=True)
    take(article, rev)
    until = held(article)[1]
    assert take(article, rev)
    assert held(article)[1] == until

    Article.objects.update(leased_until=timezone.now() + LEASE / 3)
    assert take(article, rev)

    assert held(article)[1] > timezone.now() + LEASE / 2


@pytest.mark.django_db
def test_only_reviewers_take_articles():
    article = make_article()

    with pytest.raises(NotPermitted):
        take(article, make_user(annotator=True))


@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_one_at_once_one_has_it():
    article = make_article()
    people = [make_user(reviewer=True) for _ in range(8)]
    start = Barrier(len(people))

    def race(person):
        try:
            start.wait(10)
            return take(article, person)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        assert sum(pool.map(race, people)) == 1

"""Leases: whose turn it is to review an article, for a while.

No deed: a lease changes nothing that anybody marked or decided, so it is on no record. It ends by
itself, and whoever takes another one gives the first back.
"""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from annotations import permissions
from annotations.domain.refusals import NotPermitted
from annotations.models import Article, Person

LEASE = timedelta(minutes=10)


def lease_article(*, article: int, person: Person) -> bool:
    """Take, or keep, the article (its id) for ten minutes; False if somebody else is at it.

    One conditional update; it is spared while more than half of one's own lease is left. Raises
    NotPermitted unless the person reviews.
    """
    if not permissions.may_review(person):
        raise NotPermitted("Only reviewers take articles to review.")
    now = timezone.now()
    mine = Article.objects.filter(leased_to=person)
    if mine.filter(pk=article, leased_until__gt=now + LEASE / 2).exists():
        return True
    free = Q(leased_until=None) | Q(leased_until__lte=now) | Q(leased_to=person)
    taken = Article.objects.filter(free, pk=article).update(
        leased_to=person, leased_until=now + LEASE
    )
    if taken:
        mine.exclude(pk=article).update(leased_to=None, leased_until=None)
    return bool(taken)

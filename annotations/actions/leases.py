"""Leases: whose turn it is to review an article or a text group, for a while.

No deed: a lease changes nothing that anybody marked or decided, so it is on no record. It ends by
itself, and whoever takes another one gives the first back.
"""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from annotations import permissions
from annotations.domain.refusals import NotPermitted
from annotations.models import Article, Person, TextGroup
from annotations.queries.groups import At, free, next_group
from annotations.queries.review import Queue

LEASE = timedelta(minutes=10)
TRIES = 20  # so many others may be quicker


def lease_article(*, article: int, person: Person) -> bool:
    """Take, or keep, the article (its id) for ten minutes; False if somebody else is at it.

    One conditional update; it is spared while more than half of one's own lease is left. Raises
    NotPermitted unless the person reviews.
    """
    if not permissions.may_review(person):
        raise NotPermitted("Only reviewers take articles to review.")
    return _take(Article.objects.order_by(), article, person)


def lease_group(*, group: int, person: Person) -> bool:
    """The same of a text group."""
    if not permissions.may_review(person):
        raise NotPermitted("Only reviewers take text groups to review.")
    return _take(TextGroup.objects.order_by(), group, person)


def lease_next_group(
    *,
    queue: Queue,
    person: Person,
    after: At | None = None,
    backwards: bool = False,
    besides: int | None = None,
) -> TextGroup | None:
    """Take the group that comes after `after` for the person, and that nobody else has in hand.

    As queries.groups.next_group; None if there is none. Raises NotPermitted unless the person
    reviews.
    """
    for _ in range(TRIES):
        found = next_group(queue, person, after, backwards=backwards, besides=besides)
        if found is None:
            return None
        if lease_group(group=found.pk, person=person):
            found.refresh_from_db(fields=["leased_until"])
            found.leased_to = person
            return found
    return None


def _take(things: QuerySet[Article] | QuerySet[TextGroup], key: int, person: Person) -> bool:
    now = timezone.now()
    mine = things.filter(leased_to=person)
    if mine.filter(pk=key, leased_until__gt=now + LEASE / 2).exists():
        return True
    taken = things.filter(free(person, now), pk=key).update(
        leased_to=person, leased_until=now + LEASE
    )
    if taken:
        mine.exclude(pk=key).update(leased_to=None, leased_until=None)
    return bool(taken)

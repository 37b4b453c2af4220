"""What was taken away, and the tokens that programs do it with."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from annotations.models import Export, Person, Token
from annotations.permissions import EXPORT

LATEST = 20  # rows of a list


def latest_exports(viewer: Person, *, own: bool = False) -> list[Export]:
    """The latest exports on record, newest first; nothing for who does not export.

    own: only those of the viewer, who sees them whatever they may do by now.
    """
    rows = Export.objects.select_related("person", "token")
    if own:
        rows = rows.filter(person=viewer)
    elif not viewer.has_perm(EXPORT):
        return []
    return list(rows[:LATEST])


def export_on_record(uid: UUID) -> Export:
    """Raises Export.DoesNotExist."""
    return Export.objects.get(uid=uid)


def tokens_of(person: Person) -> QuerySet[Token]:
    """Theirs, newest first: all that are good for something, and the latest of the others."""
    good = Q(revoked_at=None, expires_at__gt=timezone.now())
    gone = person.tokens.exclude(good).values("pk")[:LATEST]
    return person.tokens.filter(good | Q(pk__in=list(gone.values_list("pk", flat=True))))

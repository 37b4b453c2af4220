"""What importers have brought, and what became of each line."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import Q, QuerySet

from annotations.domain.intake import Outcome, UploadState
from annotations.models import Person, Upload, UploadLine
from annotations.permissions import IMPORT

LINES_AT_ONCE = 2_000


def uploads() -> QuerySet[Upload]:
    """All of them, the latest first."""
    return Upload.objects.select_related("importer")


def upload(uid: UUID) -> Upload:
    """The one. Raises Upload.DoesNotExist."""
    return uploads().get(uid=uid)


def next_going(uids: Iterable[str]) -> Upload | None:
    """The first of these that is not ended yet."""
    return uploads().filter(uid__in=uids, state=UploadState.GOING).order_by("pk").first()


def going() -> set[UUID]:
    """The ids of all that are not ended yet."""
    return set(Upload.objects.filter(state=UploadState.GOING).values_list("uid", flat=True))


def lines(upload: Upload, outcome: str = "") -> QuerySet[UploadLine]:
    """What became of the file's lines, in their order; only those of that outcome, if any."""
    found = UploadLine.objects.filter(upload=upload)
    return found.filter(outcome=outcome) if outcome else found


def differing(upload: Upload) -> int:
    """How many of the known articles have another text here, which their lines tell."""
    return lines(upload, Outcome.KNOWN).exclude(words="").count()


def every_line(upload: Upload) -> Iterator[UploadLine]:
    """The same of all of them, by and by: no statement stays open, whoever reads slowly."""
    last = 0
    while page := list(lines(upload).filter(pk__gt=last)[:LINES_AT_ONCE]):
        yield from page
        last = page[-1].pk


def importers() -> QuerySet[Person]:
    """Who may bring articles in, by name."""
    codename = IMPORT.partition(".")[2]
    of_group = Q(groups__permissions__codename=codename)
    own = Q(user_permissions__codename=codename)
    may = Person.objects.filter(of_group | own | Q(is_superuser=True), is_active=True)
    return may.distinct().order_by("username")

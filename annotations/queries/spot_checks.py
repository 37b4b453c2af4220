"""Spot checks: which approved spans are shown to a second reviewer, and what was found."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from annotations.domain.draws import drawn_below
from annotations.domain.lifecycle import RESTING, Finding, State
from annotations.models import Article, Label, Person, Span, SpotCheck
from annotations.permissions import Viewer

WRONG_SHOWN = 20
MOST = 99  # that are counted for one person; more are "more than 99"


@dataclass(slots=True)
class Found:
    """Of so many approved spans how many were looked at again, and how many of these were wrong.

    name: whose, or of what; a label's come apart by whether they were amended.
    """

    name: str
    amended: bool = False
    approved: int = 0
    checked: int = 0
    wrong: int = 0


@dataclass(slots=True)
class Summary:
    """What the spot checks found, in all and by label; deciders: of these only what was checked."""

    whole: Found
    labels: list[Found] = field(default_factory=list)
    deciders: list[Found] = field(default_factory=list)
    wrong: list[SpotCheck] = field(default_factory=list)


def next_to_check(viewer: Viewer, after: Span | None = None) -> Span | None:
    """The first span that waits for this viewer's eyes, or the first after that one."""
    return next(_offered(viewer, after, most=1), None)


def number_to_check(viewer: Viewer) -> int:
    """How many wait for this viewer's eyes; MOST + 1 for more."""
    return len(list(islice(_offered(viewer, None, most=MOST + 1), MOST + 1)))


def check_of(span: Span) -> SpotCheck | None:
    """What was found of the span as it is now."""
    checks = span.spot_checks.select_related("checker").filter(revision=span.revision)
    return checks.first()


def summary(*, deciders: bool) -> Summary:
    """What was found so far; deciders: by who approved, too. A bounded number of statements.

    Of the shared layer, without articles that rest, as in the export; a check counts whatever
    became of its span.
    """
    labels = {label.pk: label for label in Label.objects.all()}
    rows = {
        (pk, amended): Found(label.name, amended)
        for pk, label in labels.items()
        for amended in (True, False)
    }
    approved = Span.objects.filter(state=State.APPROVED, layer=None)
    for label, amended, number in _counted(approved, "label", "amended"):
        rows[label, amended].approved = number
    resting = approved.filter(article__in=_resting())  # so that all are counted in an index alone
    for label, amended, number in _counted(resting, "label", "amended"):
        rows[label, amended].approved -= number
    for label, amended, finding, number in _counted(
        SpotCheck.objects.all(), "label", "amended", "finding"
    ):
        _add(rows[label, amended], finding, number)
    found = [row for row in rows.values() if row.approved or row.checked]
    whole = Found("all")
    for row in found:
        whole.approved += row.approved
        whole.checked += row.checked
        whole.wrong += row.wrong
    wrong = SpotCheck.objects.filter(finding=Finding.WRONG).order_by("-pk")
    shown = wrong.select_related("span__article", "label", "checker").defer("span__article__text")
    return Summary(whole, found, _by_decider() if deciders else [], list(shown[:WRONG_SHOWN]))


def _resting() -> QuerySet[Article, Any]:
    return Article.objects.filter(state__in=RESTING).order_by().values("pk")


def _by_decider() -> list[Found]:
    people: dict[int, Found] = {}
    for person, finding, number in _counted(SpotCheck.objects.all(), "decided_by", "finding"):
        _add(people.setdefault(person, Found("")), finding, number)
    names = Person.objects.filter(pk__in=people).values_list("pk", "username")
    for person, name in names:
        people[person].name = name
    return sorted(people.values(), key=lambda row: row.name)


def _counted(rows: QuerySet[Any], *by: str) -> Iterable[tuple[Any, ...]]:
    counted: QuerySet[Any, Any] = rows.order_by().values_list(*by).annotate(number=Count("pk"))
    return counted


def _add(row: Found, finding: str, number: int) -> None:
    row.checked += number
    if finding == Finding.WRONG:
        row.wrong += number


def _offered(viewer: Viewer, after: Span | None, *, most: int) -> Iterator[Span]:
    """The drawn spans that somebody else approved and nobody looked at yet, amended ones first.

    At most so many of each. Each part is one walk along the index `span_to_check`.
    """
    drawn = Q()
    below = drawn_below(settings.SPOT_CHECKS)
    if below is not None:
        drawn = Q(uid__lt=below)
    spans = (
        Span.objects.filter(drawn, state=State.APPROVED, layer=None, checked=False)
        .exclude(author=viewer.pk)
        .exclude(last_editor=viewer.pk)
        .exclude(decided_by=viewer.pk)
        .exclude(article__in=_resting())
        .only("uid", "amended", "article_id")
        .order_by("uid")
    )
    was_amended = after is not None and _stood_as_amended(after)
    for amended in (True, False):
        # By IN, for SQLite looks no bare boolean up in an index.
        part = spans.filter(amended__in=[amended])
        if after is None or was_amended > amended:
            yield from part[:most]
        elif was_amended == amended:
            yield from part.filter(uid__gt=after.uid)[:most]


def _stood_as_amended(span: Span) -> bool:
    """Whether it was among the amended ones, also where it was looked at and reopened since."""
    check = span.spot_checks.order_by("-revision").first()
    return check.amended if check is not None else span.amended

"""Spot checks: what a second reviewer found of spans that were approved."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from annotations.domain.lifecycle import Finding
from annotations.models.columns import choices_of, one_of
from annotations.models.labels import Label
from annotations.models.spans import Span


class SpotCheck(models.Model):
    """What somebody found who looked again at an approved span. Append-only.

    No deed: it raises no revision and leaves no event, so that a look makes nobody's decision
    stale. revision, label, amended, decided_by: the span as it was looked at, for what was found
    to be counted by whatever becomes of it.
    """

    span = models.ForeignKey(Span, models.PROTECT, related_name="spot_checks")
    revision = models.PositiveIntegerField()
    label = models.ForeignKey(Label, models.PROTECT, related_name="+")
    amended = models.BooleanField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="spot_checks"
    )
    at = models.DateTimeField(default=timezone.now)
    finding = models.CharField(max_length=5, choices=choices_of(Finding))
    note = models.TextField(blank=True)
    request_id = models.UUIDField(unique=True)  # makes a repeat harmless

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="spot_check_once_a_revision", fields=["span", "revision"]),
            models.CheckConstraint(
                name="spot_check_revision_from_one", condition=Q(revision__gte=1)
            ),
            models.CheckConstraint(
                name="spot_check_finding_known", condition=one_of("finding", Finding)
            ),
            models.CheckConstraint(
                name="spot_check_wrong_says_why",
                condition=Q(finding=Finding.RIGHT.value) | ~Q(note=""),
            ),
            models.CheckConstraint(
                name="spot_check_by_another_hand", condition=~Q(checker=F("decided_by"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding} #{self.pk}"

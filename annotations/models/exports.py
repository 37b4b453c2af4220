"""Exports: what was taken away, by whom, and whether it left whole."""

from enum import StrEnum
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.models.columns import choices_of, one_of
from annotations.models.tokens import Token


class Via(StrEnum):
    """The way it was taken."""

    SESSION = "session"  # from the screen
    TOKEN = "token"  # noqa: S105  by a program, over HTTP
    COMMAND = "command"  # by an operator, on the machine


class Export(models.Model):
    """One file that was taken away. Kept for good; written only by actions.

    person: none where an operator ran the command. chosen: the filter, as queries.chosen.plain
    has it. spans, articles, bytes: what really went out, counted as it went. sha256: of the whole
    file, only where it left whole. Without `ended_at` it is under way, or the process was killed.
    """

    uid = models.UUIDField(unique=True, default=uuid4)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="exports"
    )
    via = models.CharField(max_length=8, choices=choices_of(Via))
    token = models.ForeignKey(Token, models.PROTECT, null=True, related_name="exports")
    format = models.CharField(max_length=40)
    chosen = models.JSONField()
    pseudonyms = models.BooleanField()
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    whole = models.BooleanField(default=False)
    spans = models.PositiveBigIntegerField(default=0)
    articles = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["person", "-id"], name="export_of_person")]
        constraints = [
            models.CheckConstraint(name="export_via_known", condition=one_of("via", Via)),
            models.CheckConstraint(
                name="export_has_its_person",
                condition=Q(via=Via.COMMAND.value, person__isnull=True)
                | ~Q(via=Via.COMMAND.value) & Q(person__isnull=False),
            ),
            models.CheckConstraint(
                name="export_has_its_token",
                condition=Q(via=Via.TOKEN.value, token__isnull=False)
                | ~Q(via=Via.TOKEN.value) & Q(token__isnull=True),
            ),
            models.CheckConstraint(
                name="export_whole_has_its_sum",
                condition=Q(whole=True, ended_at__isnull=False, sha256__length=64)
                | Q(whole=False, sha256=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.uid}"

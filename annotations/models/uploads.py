"""Files that importers bring, and what became of each of their lines."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.domain.intake import Outcome, UploadState
from annotations.models.articles import Article
from annotations.models.columns import choices_of, one_of

LONGEST_NAME = 150  # of a file, in what it leaves on record
# In the order in which they are shown: the column that counts each.
COUNTED = {
    Outcome.ADDED: "added",
    Outcome.NEAR: "near",
    Outcome.KNOWN: "known",
    Outcome.REFUSED: "refused",
    Outcome.REMARK: "remarks",
}


class Upload(models.Model):
    """A file that somebody brought. Until it is done, its bytes lie in the var folder.

    corrections: an article replaces the one that its line says it corrects. line: how far it has
    come in; position: the same in bytes of what it unpacks to, for the progress bar. added, known,
    refused: articles and lines, of which near ones were added, too.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    importer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads", editable=False
    )
    name = models.CharField(max_length=LONGEST_NAME)
    format = models.CharField(max_length=40)
    why_format = models.CharField(max_length=200, blank=True)
    trial = models.BooleanField(default=False)
    corrections = models.BooleanField(default=False)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(
        max_length=8, choices=choices_of(UploadState), default=UploadState.GOING.value
    )
    ended_at = models.DateTimeField(null=True)
    line = models.PositiveBigIntegerField(default=0)
    position = models.PositiveBigIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    suggestions = models.PositiveIntegerField(default=0)
    near = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    remarks = models.PositiveIntegerField(default=0)
    # Who works on it right now, for a while: a second tab looks on.
    busy_until = models.DateTimeField(null=True)
    busy_with = models.UUIDField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="upload_state_known", condition=one_of("state", UploadState)
            ),
            models.CheckConstraint(
                name="upload_ended_at_some_time",
                condition=Q(state=UploadState.GOING.value, ended_at__isnull=True)
                | ~Q(state=UploadState.GOING.value) & Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many lines came to each."""
        return {outcome: getattr(self, name) for outcome, name in COUNTED.items()}

    @property
    def going(self) -> bool:
        return self.state == UploadState.GOING


class UploadLine(models.Model):
    """What became of a line, or what there was to say of it.

    slug: of the article that is meant. words: a sentence, or nothing.
    """

    upload = models.ForeignKey(Upload, models.PROTECT, related_name="lines", db_index=False)
    line = models.PositiveBigIntegerField()
    outcome = models.CharField(max_length=7, choices=choices_of(Outcome))
    slug = models.CharField(max_length=120, blank=True)
    suggestions = models.PositiveIntegerField(default=0)
    words = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["upload", "id"], name="upload_line_in_order"),
            models.Index(fields=["upload", "outcome", "id"], name="upload_line_by_outcome"),
        ]
        constraints = [
            models.CheckConstraint(
                name="upload_line_outcome_known", condition=one_of("outcome", Outcome)
            )
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.outcome}"


class Sketch(models.Model):
    """A key of an article's sketch (domain.sketches), by which one that is nearly the same finds
    it. The first article that has a key keeps it, so finding costs the same however many are alike.
    """

    key = models.BigIntegerField(primary_key=True)
    article = models.ForeignKey(Article, models.PROTECT, related_name="+", db_index=False)

    def __str__(self) -> str:
        return f"{self.key:016x}"

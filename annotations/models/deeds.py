"""Deeds, and the events they leave: what was done, by whom, for good."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.domain.lifecycle import VERDICTS, Action, past
from annotations.models.articles import Article
from annotations.models.columns import choices_of, one_of
from annotations.models.spans import Span

# What `u` may come upon in the review.
REVIEW_DEEDS = (*VERDICTS, Action.REOPEN, Action.REVIEW, Action.UNDO)


class Deed(models.Model):
    """One act of one person or machine; it may touch many spans."""

    request_id = models.UUIDField(unique=True)  # makes a repeat harmless
    payload_sha256 = models.CharField(max_length=64)  # and tells a repeat from another request
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="deeds"
    )
    machine = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=12, choices=choices_of(Action))
    at = models.DateTimeField(default=timezone.now)
    # Undo, redo and undo again are a chain: each undoes the one before, the first is the root.
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    root = models.ForeignKey("self", models.PROTECT, null=True, related_name="chain")
    undone = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["actor", "-id"], name="deed_latest"),
            models.Index(  # one's latest in the review, however much one has marked since
                fields=["actor", "-id"],
                name="deed_latest_review",
                condition=Q(action__in=[action.value for action in REVIEW_DEEDS]),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="deed_action_known", condition=one_of("action", Action)),
            models.CheckConstraint(
                name="deed_has_an_actor",
                condition=Q(actor__isnull=False, machine="")
                | Q(actor__isnull=True) & ~Q(machine=""),
            ),
            models.CheckConstraint(
                name="deed_undo_names_a_deed",
                condition=Q(action=Action.UNDO.value, undoes__isnull=False, root__isnull=False)
                | ~Q(action=Action.UNDO.value) & Q(undoes__isnull=True, root__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} #{self.pk}"

    @property
    def stands(self) -> bool:
        """Whether it is neither an undo nor undone."""
        return self.undoes_id is None and not self.undone

    @property
    def participle(self) -> str:
        """What was done, as a participle: "sent back"."""
        return past(Action(self.action))


class Event(models.Model):
    """What one deed did to one span, or to an article. Append-only; holds no names.

    before and after are the whole mutable row (actions._write), before is null where the deed
    made it. Of an article event `span` is null.
    """

    deed = models.ForeignKey(Deed, models.PROTECT, related_name="events")
    article = models.ForeignKey(Article, models.PROTECT, related_name="events")
    span = models.ForeignKey(Span, models.PROTECT, null=True, related_name="events")
    action = models.CharField(max_length=12, choices=choices_of(Action))
    revision = models.PositiveIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField()
    reason = models.CharField(max_length=200, blank=True)
    comment = models.TextField(blank=True)
    waved = models.JSONField(default=list)  # the warnings (domain.checks) that were waved through

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["article", "deed"], name="event_by_article")]
        constraints = [
            models.CheckConstraint(name="event_action_known", condition=one_of("action", Action)),
            models.CheckConstraint(name="event_revision_from_one", condition=Q(revision__gte=1)),
            models.UniqueConstraint(
                name="event_once_a_span_revision",
                fields=["span", "revision"],
                condition=Q(span__isnull=False),
            ),
            models.UniqueConstraint(
                name="event_once_an_article_revision",
                fields=["article", "revision"],
                condition=Q(span__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} → {self.revision}"

    @property
    def reason_words(self) -> str:
        """The reason as people read it: a rejection's is a key, a set-aside's is words."""
        return self.reason.replace("_", " ")

"""Comments: what people say to each other about an article or a span."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotations.models.articles import Article
from annotations.models.spans import Span


class Comment(models.Model):
    """What somebody said on an article or, with `span`, on that span of it.

    A word, not a change: it raises no revision and leaves no event, so that talk makes nobody's
    decision stale. A thread is a root and its replies, one level deep, all in one place; it is
    resolved as a whole, on its root. What its author took back stays on record and is not shown.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="comments")
    span = models.ForeignKey(Span, models.PROTECT, null=True, related_name="comments")
    reply_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    request_id = models.UUIDField(unique=True)  # makes a repeat harmless
    payload_sha256 = models.CharField(max_length=64)  # and tells a repeat from another request
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="comment_not_empty", condition=~Q(text="")),
            models.CheckConstraint(
                name="comment_resolved_by_somebody",
                condition=Q(resolved_by__isnull=True, resolved_at__isnull=True)
                | Q(resolved_by__isnull=False, resolved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="comment_resolved_on_its_root",
                condition=Q(reply_to__isnull=True)
                | Q(resolved_by__isnull=True, resolved_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"comment #{self.pk}"

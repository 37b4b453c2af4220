"""Text groups: what one decision of a reviewer can settle at once."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from annotations.models.labels import Label


class TextGroup(models.Model):
    """All spans of one label whose folded text and attributes are the same.

    Made when the first of them comes to wait for review. waiting: how many wait now, kept by every
    deed that changes it (actions._queue), so that the queue never has to count spans.
    """

    label = models.ForeignKey(Label, models.PROTECT, related_name="+")
    text_group = models.CharField(max_length=30)  # domain.fingerprints
    attributes_group = models.CharField(max_length=16)  # domain.fingerprints
    waiting = models.PositiveIntegerField(default=0)
    leased_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    leased_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                F("waiting").desc(), "id", name="group_waiting", condition=Q(waiting__gt=0)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="group_known_once", fields=["text_group", "label", "attributes_group"]
            ),
            models.CheckConstraint(
                name="group_leased_to_somebody",
                condition=Q(leased_to__isnull=True, leased_until__isnull=True)
                | Q(leased_to__isnull=False, leased_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label.slug} {self.text_group}"

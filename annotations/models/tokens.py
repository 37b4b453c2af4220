"""Personal tokens: how a program of somebody's asks in their name."""

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from annotations.models.columns import choices_of, one_of


class Scope(StrEnum):
    """What a token is good for."""

    EXPORT = "export"


class Token(models.Model):
    """A key of one person's, made on their own page and shown there once. Written only by actions.

    public_id: the part of the token by which it is found and named; it opens nothing.
    secret_sha256: of the whole token, in hex. That holds 256 random bits, so nobody guesses it,
    however often they may try, and a slow hash would only make every request slow.
    """

    public_id = models.CharField(max_length=8, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)  # what its person knows it by
    scope = models.CharField(max_length=12, choices=choices_of(Scope), default=Scope.EXPORT.value)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)  # last, to the minute
    revoked_at = models.DateTimeField(null=True)
    request_id = models.UUIDField(unique=True)  # makes a repeat harmless

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["person", "-id"], name="token_of_person")]
        constraints = [
            models.CheckConstraint(name="token_scope_known", condition=one_of("scope", Scope)),
            models.CheckConstraint(name="token_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="token_is_a_hash", condition=Q(secret_sha256__length=64, public_id__length=8)
            ),
            models.CheckConstraint(
                name="token_expires_later", condition=Q(expires_at__gt=F("created_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.public_id})"

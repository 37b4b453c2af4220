"""Articles, who published them, and the stories they tell."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotations.domain.lifecycle import AWAITING_REVIEW, RESTING, ArticleState
from annotations.models.columns import NamedBySlug, choices_of, one_of


class Outlet(models.Model):
    """Who published an article."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    homepage = models.URLField(blank=True, max_length=500)

    objects = NamedBySlug["Outlet"]()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class Story(models.Model):
    """The event that several articles tell."""

    slug = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=300)

    objects = NamedBySlug["Story"]()

    class Meta:
        ordering = ["title"]
        verbose_name_plural = "stories"

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class Article(models.Model):
    """One published text. Slug and text are frozen; a correction is a new article."""

    slug = models.SlugField(max_length=120, unique=True)
    outlet = models.ForeignKey(
        Outlet, models.PROTECT, null=True, blank=True, related_name="articles"
    )
    story = models.ForeignKey(Story, models.PROTECT, null=True, blank=True, related_name="articles")
    title = models.CharField(max_length=500)
    url = models.URLField(max_length=500, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=35, blank=True, help_text="A BCP 47 tag, such as en.")
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64, editable=False)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    state = models.CharField(
        max_length=12, choices=choices_of(ArticleState), default=ArticleState.OPEN.value
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    # Of the shared layer, kept by every deed: nobody has to count spans.
    proposed = models.PositiveIntegerField(default=0)
    sent_back = models.PositiveIntegerField(default=0)
    # Whose turn it is to review it, for a while; nothing outlives the moment.
    leased_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    leased_until = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField(default=timezone.now)

    objects = NamedBySlug["Article"]()

    class Meta:
        ordering = ["slug"]
        permissions = [("import_articles", "May bring articles in")]
        indexes = [
            models.Index(
                fields=["slug"],
                name="article_to_sign_off",
                condition=Q(state__in=AWAITING_REVIEW, proposed=0, sent_back=0),
            ),
            models.Index(
                fields=["proposed"],
                name="article_waiting",
                condition=Q(state__in=AWAITING_REVIEW, proposed__gt=0),
            ),
            models.Index(fields=["state"], name="article_resting", condition=Q(state__in=RESTING)),
            models.Index(
                fields=["leased_until"],
                name="article_leased",
                condition=Q(leased_until__isnull=False),
            ),
            # What is next to annotate, and the library of a state, without a look at every article.
            models.Index(fields=["state", "slug"], name="article_by_state"),
            # Of those that come in, which are here: the unique index asks for the outlet first.
            models.Index(fields=["text_sha256"], name="article_by_text"),
        ]
        constraints = [
            models.UniqueConstraint(
                Coalesce("outlet_id", 0), "url", "text_sha256", name="article_known_once"
            ),
            models.CheckConstraint(
                name="article_state_known", condition=one_of("state", ArticleState)
            ),
            models.CheckConstraint(name="article_text_not_empty", condition=~Q(text="")),
            models.CheckConstraint(
                name="article_sha256_whole", condition=Q(text_sha256__length=64)
            ),
            models.CheckConstraint(name="article_revision_from_one", condition=Q(revision__gte=1)),
            models.CheckConstraint(
                name="article_submitted_by_somebody",
                condition=~Q(state=ArticleState.SUBMITTED.value)
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="article_leased_to_somebody",
                condition=Q(leased_to__isnull=True, leased_until__isnull=True)
                | Q(leased_to__isnull=False, leased_until__isnull=False),
            ),
            models.CheckConstraint(
                name="article_reviewed_by_somebody",
                condition=Q(
                    state=ArticleState.REVIEWED.value,
                    reviewed_by__isnull=False,
                    reviewed_at__isnull=False,
                )
                | ~Q(state=ArticleState.REVIEWED.value)
                & Q(reviewed_by__isnull=True, reviewed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    natural_key.dependencies = ["annotations.outlet", "annotations.story"]  # type: ignore[attr-defined]

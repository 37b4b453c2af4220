"""Spans: the labelled runs of articles' texts."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import AUTHORLESS, DECIDED, LIVE, Reason, State, Waiting
from annotations.models.articles import Article, Outlet
from annotations.models.columns import choices_of, one_of
from annotations.models.groups import TextGroup
from annotations.models.labels import Label

NO_STORY = 2**62  # an article without a story comes after those that have one
# The review's order: what was answered first, then by story, article and place.
QUEUE_ORDER = ("fresh", "story_rank", "article", "start", "id")
# Spot checks: the amended ones apart, of these the drawn ones; and who may not look again.
CHECK_ORDER = ("amended", "uid")
CHECK_HANDS = ("author", "last_editor", "decided_by")
QUEUE_FILTERS = ("last_editor", "label", "outlet", "author", "origin", "waiting_since")


class Span(models.Model):
    """One labelled run of an article's text. Written only by annotations.actions."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="spans")
    layer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The independent annotator whose layer it is; empty: the shared one.",
    )
    label = models.ForeignKey(Label, models.PROTECT, related_name="spans")
    start = models.PositiveIntegerField()  # code points, inclusive
    end = models.PositiveIntegerField()  # code points, exclusive
    text = models.TextField()
    attributes = models.JSONField(default=dict)  # see domain.attributes.Kind
    state = models.CharField(max_length=10, choices=choices_of(State))
    amended = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    origin = models.CharField(max_length=200, default="human")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="authored_spans"
    )
    last_editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True, choices=choices_of(Reason))
    guideline_revision = models.PositiveIntegerField(null=True)  # decided under
    fresh = models.BooleanField(default=True)  # no verdict on it has been answered
    # What the review's queue sorts and filters by, copied from what the span hangs on: kept by
    # actions._queue, without a revision, and compared by check_integrity.
    waiting = models.CharField(max_length=8, blank=True, choices=choices_of(Waiting))
    waiting_since = models.DateTimeField(null=True)
    outlet = models.ForeignKey(Outlet, models.PROTECT, null=True, related_name="+")
    story_rank = models.BigIntegerField(default=NO_STORY)  # the story's id
    group = models.ForeignKey(TextGroup, models.PROTECT, null=True, related_name="spans")
    # Whether somebody looked at it again as it stands now: by a spot check, without a revision.
    checked = models.BooleanField(default=False)
    text_group = models.CharField(max_length=30, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    # No columns: the group it waited in before this deed, and since when.
    left_group_id: int | None = None
    left_since: datetime | None = None

    class Meta:
        ordering = ["article", "start", "-end", "id"]
        permissions = [
            ("annotate", "May mark and edit spans"),
            ("review", "May decide on spans"),
            ("export", "May take spans away"),
        ]
        indexes = [
            models.Index(fields=["article", "start", "end"], name="span_by_place"),
            *(
                # With all that the filters look at, so that a rare choice is found in the index.
                models.Index(
                    fields=[*QUEUE_ORDER, *QUEUE_FILTERS],
                    name=f"span_{name}",
                    condition=Q(waiting__in=[each.value for each in waiting]),
                )
                for name, waiting in (("queue", [Waiting.REVIEW]), ("queue_early", list(Waiting)))
            ),
            # Of each filter's own, so that PostgreSQL finds what is rare without reading the whole
            # queue: it knows how rare, and puts several together. SQLite knows neither and would
            # sort what it finds; it cannot tell that this condition holds, so it leaves them alone.
            *(
                models.Index(fields=[name], name=f"span_wait_{name}", condition=~Q(waiting=""))
                for name in QUEUE_FILTERS
            ),
            models.Index(
                fields=["last_editor"], name="span_early", condition=Q(waiting=Waiting.EARLY.value)
            ),
            models.Index(fields=["state", *QUEUE_ORDER[1:]], name="span_by_state"),
            models.Index(
                fields=[*CHECK_ORDER, *CHECK_HANDS],
                name="span_to_check",
                condition=Q(state=State.APPROVED.value, layer__isnull=True, checked=False),
            ),
            models.Index(  # all that the count asks for, so that it reads nothing else
                fields=["label", "amended", "state", "layer"],
                name="span_approved",
                condition=Q(state=State.APPROVED.value, layer__isnull=True),
            ),
            models.Index(
                fields=["author"], name="span_sent_back", condition=Q(state=State.SENT_BACK.value)
            ),
        ]
        constraints = [
            models.CheckConstraint(name="span_not_empty", condition=Q(start__lt=F("end"))),
            models.CheckConstraint(
                name="span_text_as_long", condition=Q(text__length=F("end") - F("start"))
            ),
            models.CheckConstraint(name="span_state_known", condition=one_of("state", State)),
            models.CheckConstraint(name="span_revision_from_one", condition=Q(revision__gte=1)),
            models.CheckConstraint(name="span_has_origin", condition=~Q(origin="")),
            models.CheckConstraint(
                name="span_authorless_if_suggested_or_dismissed",
                condition=Q(state__in=AUTHORLESS, author__isnull=True, last_editor__isnull=True)
                | ~Q(state__in=AUTHORLESS) & Q(author__isnull=False, last_editor__isnull=False),
            ),
            models.CheckConstraint(
                name="span_decided_by_somebody",
                condition=Q(
                    state__in=DECIDED,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    guideline_revision__isnull=False,
                )
                | ~Q(state__in=DECIDED)
                & Q(
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    guideline_revision__isnull=True,
                ),
            ),
            models.CheckConstraint(  # four eyes; NULL would slip through a bare "differs"
                name="span_decided_by_another_hand",
                condition=~Q(state__in=DECIDED)
                | Q(decided_by__isnull=False, last_editor__isnull=False)
                & ~Q(decided_by=F("last_editor")),
            ),
            models.CheckConstraint(
                name="span_amended_if_approved",
                condition=Q(amended=False) | Q(state=State.APPROVED.value),
            ),
            models.CheckConstraint(
                name="span_waits_if_proposed",
                condition=Q(waiting="", waiting_since__isnull=True, group__isnull=True)
                | Q(waiting=Waiting.EARLY.value, waiting_since__isnull=True, group__isnull=True)
                & Q(state=State.PROPOSED.value, layer__isnull=True)
                | Q(waiting=Waiting.REVIEW.value, waiting_since__isnull=False, group__isnull=False)
                & Q(state=State.PROPOSED.value, layer__isnull=True),
            ),
            models.CheckConstraint(
                name="span_rejected_for_a_reason",
                condition=Q(state=State.REJECTED.value) & ~Q(reason="")
                | ~Q(state=State.REJECTED.value) & Q(reason=""),
            ),
            models.CheckConstraint(
                name="span_reason_known", condition=one_of("reason", Reason, blank=True)
            ),
            models.CheckConstraint(
                name="span_checked_if_approved",
                condition=Q(checked=False) | Q(state=State.APPROVED.value),
            ),
            models.UniqueConstraint(
                "article",
                Coalesce("layer_id", 0),
                "label",
                "start",
                "end",
                name="span_one_live",
                condition=Q(state__in=LIVE),
            ),
            models.UniqueConstraint(
                fields=["article", "label", "start", "end"],
                name="span_one_approved",
                condition=Q(state=State.APPROVED.value),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label.slug} {self.start}–{self.end}"

    @property
    def extent(self) -> Extent:
        return Extent(self.start, self.end)

    @property
    def live(self) -> bool:
        return self.state in LIVE

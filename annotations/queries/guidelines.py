"""What a label's guideline says by now, beside what was decided under its earlier words."""

from django.db.models import QuerySet

from annotations.domain.lifecycle import RESTING, VERDICTS, State
from annotations.models import Deed, Event, Label, Span
from annotations.permissions import Viewer

RECENT = 500  # verdicts of a viewer that are looked through


def last_decided_under(label: Label, viewer: Viewer) -> int | None:
    """The revision of the guideline when this viewer last decided on a span of the label.

    None if that was never, or more than RECENT verdicts ago.
    """
    verdicts = Deed.objects.filter(actor=viewer.pk, action__in=VERDICTS).order_by("-id")[:RECENT]
    events = Event.objects.filter(deed__in=verdicts.values("pk"), after__label_id=label.pk)
    last = events.order_by("-pk").only("after").first()
    return last.after["guideline_revision"] if last else None


def outdated(label: Label) -> QuerySet[Span]:
    """The label's approved spans that were decided under an older guideline than today's."""
    approved = Span.objects.filter(label=label, layer=None, state=State.APPROVED)
    approved = approved.filter(guideline_revision__lt=label.guideline_revision)
    return approved.exclude(article__state__in=RESTING).order_by()

"""The queue as a list to tick: what each row says of itself before anybody decides on many."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.domain.attributes import missing
from annotations.domain.lifecycle import State, Who
from annotations.domain.refusals import NotPermitted
from annotations.models import Span
from annotations.permissions import Viewer, check_span
from annotations.queries.desk import every_label
from annotations.queries.review import Queue, waiting


@dataclass(frozen=True, slots=True)
class Row:
    """A span to tick. why_not: why this viewer may not decide on it; lacking: what it needs."""

    span: Span
    why_not: str
    lacking: str

    @property
    def value(self) -> str:
        """What a ticked row sends: the span, and the revision that was seen."""
        return f"{self.span.uid}:{self.span.revision}"


def rows(spans: Sequence[Span], viewer: Viewer) -> list[Row]:
    """The spans with what stands in the way of each, in their order."""
    labels = every_label(choices=False)
    asked = {
        pk: [attribute.requirement for attribute in label.attributes.all()]
        for pk, label in labels.items()
    }
    return [
        Row(
            span,
            _why_not(span, viewer),
            ", ".join(
                attribute.name.lower()
                for attribute in missing(asked[span.label_id], span.attributes)
            )
            if span.state == State.PROPOSED
            else "",
        )
        for span in spans
    ]


def beyond(queue: Queue, viewer: Viewer, shown: Sequence[Row], most: int) -> list[str]:
    """What would be sent for the queue's further spans, in its order; at most `most` in all."""
    known = {row.value for row in shown}
    found = waiting(queue, viewer).values_list("uid", "revision")[:most]
    values = [f"{uid}:{revision}" for uid, revision in found]
    return [value for value in values if value not in known][: most - len(shown)]


def _why_not(span: Span, viewer: Viewer) -> str:
    try:
        check_span(Who.OTHER_REVIEWER, viewer, span)
    except NotPermitted as refusal:
        return str(refusal)
    return ""

"""The queue as a list to tick: what each row says of itself before anybody decides on many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotations.domain.attributes import Attribute, missing
from annotations.domain.lifecycle import State
from annotations.models import Span
from annotations.permissions import Viewer, why_not_decide
from annotations.queries.checks import bring_texts, concerns
from annotations.queries.desk import every_label
from annotations.queries.review import Queue, waiting


@dataclass(frozen=True, slots=True)
class Row:
    """A span to tick.

    why_not: why this viewer may not decide on it. lacking: what it needs before approval;
    warnings: what may be wrong with it. Whoever approves many approves neither of these.
    """

    span: Span
    why_not: str
    lacking: str
    warnings: tuple[str, ...]

    @property
    def value(self) -> str:
        """What a ticked row sends: the span, and the revision that was seen."""
        return f"{self.span.uid}:{self.span.revision}"


def rows(spans: Sequence[Span], viewer: Viewer) -> list[Row]:
    """The spans with what stands in the way of each, in their order; in a few statements."""
    labels = every_label(choices=False)
    asked = {
        pk: [attribute.requirement for attribute in label.attributes.all()]
        for pk, label in labels.items()
    }
    undecided = [span for span in spans if span.state == State.PROPOSED]
    bring_texts(undecided)
    found = concerns(undecided)
    return [
        Row(
            span,
            why_not_decide(viewer, span),
            _names(missing(asked[span.label_id], span.attributes)) if span in undecided else "",
            tuple(concern.sentence for concern in found.get(span.pk, ())),
        )
        for span in spans
    ]


def beyond(queue: Queue, viewer: Viewer, shown: Sequence[Row], most: int) -> list[str]:
    """What would be sent for the queue's further spans, in its order; at most `most` in all."""
    known = {row.value for row in shown}
    found = waiting(queue, viewer).values_list("uid", "revision")[:most]
    values = [f"{uid}:{revision}" for uid, revision in found]
    return [value for value in values if value not in known][: most - len(shown)]


def _names(attributes: Iterable[Attribute]) -> str:
    return ", ".join(attribute.name.lower() for attribute in attributes)

"""Twins: live spans of one label at one place of one layer, of which there may be one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from annotations.domain.lifecycle import LIVE, State
from annotations.domain.refusals import Twin
from annotations.models import Span

_PLACE = ("article_id", "label_id", "start", "end")


class Places:
    """What stands at the places of some spans, in one statement, and what comes there since."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.standing: dict[tuple[int, ...], list[Span]] = defaultdict(list)
        live = [span for span in spans if span.state in LIVE]
        if not live:
            return
        stored = Span.objects.filter(
            article__in={span.article_id for span in live},
            label__in={span.label_id for span in live},
            start__in={span.start for span in live},
        )
        for span in stored.order_by("pk"):
            self.standing[_place(span)].append(span)

    def twin_of(self, span: Span) -> Twin | None:
        """What stands in its way, if anything does."""
        if span.state not in LIVE:
            return None
        others = (each for each in self.standing[_place(span)] if not _same(each, span))
        twin = next((each for each in others if _is_twin(each, span)), None)
        return _twin(twin) if twin else None

    def take(self, span: Span, was: Mapping[str, Any]) -> None:
        """From now on the span stands where it is, and not where it was."""
        if was:
            here = self.standing[tuple(was[name] for name in _PLACE)]
            here[:] = [each for each in here if not _same(each, span)]
        self.standing[_place(span)].append(span)


def _place(span: Span) -> tuple[int, ...]:
    return tuple(getattr(span, name) for name in _PLACE)


def _same(one: Span, other: Span) -> bool:
    return one is other or (one.pk is not None and one.pk == other.pk)


def _is_twin(one: Span, other: Span) -> bool:
    # Of two approved ones it does not matter which layers they come from.
    approved = {one.state, other.state} == {State.APPROVED}
    return one.state in LIVE and (one.layer_id == other.layer_id or approved)


def _twin(span: Span) -> Twin:
    whom = f"by {span.author.get_username()}" if span.author else f"by {span.origin}"
    return Twin(
        f"These words are already marked as {span.label.name.lower()} {whom} "
        f"({State(span.state).words}).",
        str(span.uid),
    )

"""Marking all like this: the same words elsewhere in the article, in one deed."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from annotations.actions._deeds import Done, Skipped, records
from annotations.actions._write import follow, lock_span
from annotations.actions.spans import Marked, add_span, check_creation
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import Action
from annotations.domain.occurrences import elsewhere
from annotations.domain.refusals import Illegal, Invalid, Twin
from annotations.models import Deed, Span
from annotations.queries.likeness import why_not


def mark_like(*, span: UUID, seen: int, extents: Sequence[Extent], deed: Deed) -> Done:
    """Mark the span's words at `extents`, too, with its label and attributes; all in one deed.

    Each extent must be a place of these words elsewhere in the article. One that was marked
    meanwhile is skipped. Raises Span.DoesNotExist; NotPermitted unless the actor may mark; Stale
    if the span has changed since `seen`; Illegal if it is not live, its article rests, or all the
    places are marked already; Invalid if there is no extent, or one is no such place.
    """
    done = _mark_like(span=span, seen=seen, extents=extents, deed=deed)
    if not done.repeated:
        return done
    # What was passed over left no event: as many as the request named and the deed did not make.
    passed_over = len(set(extents)) - len(done.spans)
    return replace(done, skipped=(Skipped(None, "It was left as it was."),) * passed_over)


@records(Action.PROPOSE)
def _mark_like(*, span: UUID, seen: int, extents: Sequence[Extent], deed: Deed) -> Done:
    check_creation(Action.PROPOSE, deed)
    row = lock_span(span, seen)
    assert deed.actor is not None
    if why := why_not(row, deed.actor):
        raise Illegal(why)
    places = _checked(row, extents)
    marked: list[Span] = []
    skipped: list[Skipped] = []
    for place in places:
        words = Marked(row.label.slug, place, row.text, row.attributes)
        try:
            marked.append(
                add_span(row.article, Action.PROPOSE, words, f"propagated:{row.uid}", deed)
            )
        except Twin as twin:
            skipped.append(Skipped(Span.objects.get(uid=twin.uid), str(twin)))
    if not marked:
        raise Illegal("What you ticked has been marked meanwhile, so nothing is left to mark.")
    return Done(deed, follow(row.article, deed, marked), tuple(marked), tuple(skipped))


def _checked(span: Span, extents: Sequence[Extent]) -> list[Extent]:
    """The extents in reading order, each once. Raises Invalid."""
    if not extents:
        raise Invalid("Tick at least one place.", "place")
    places = sorted(set(extents))
    if not set(places).issubset(elsewhere(span.article.text, span.extent)):
        raise Invalid(
            "The words of this span do not stand at every place that was sent. "
            "Nothing was stored; please tick them again.",
            "place",
        )
    return places

"""Trying a deed, and saying what came of it. One place for all screens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404

from annotations.actions import Done
from annotations.domain.lifecycle import Action, past
from annotations.domain.refusals import (
    Illegal,
    Invalid,
    NotPermitted,
    Refusal,
    Reused,
    Stale,
    Twin,
)

STATUS = {
    NotPermitted: 403,
    Stale: 409,
    Illegal: 409,
    Twin: 409,
    Reused: 409,
    Invalid: 422,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a deed: what was done, or the sentence and status of why not."""

    done: Done | None = None
    sentence: str = ""
    status: int = 200
    field: str = ""


def attempt(action: Callable[..., Done], **arguments: Any) -> Outcome:
    """Do the deed, or turn what it raises into a sentence with its status."""
    try:
        return Outcome(done=action(**arguments))
    except Refusal as refusal:
        field = refusal.field if isinstance(refusal, Invalid) else ""
        return Outcome(sentence=str(refusal), status=STATUS[type(refusal)], field=field)
    except ObjectDoesNotExist as missing:
        raise Http404(str(missing)) from None


def unfit(form: Any) -> Outcome:
    """The outcome of a form that does not validate."""
    return Outcome(sentence=form.sentence(), status=422, field=form.field_at_fault())


def said(outcome: Outcome) -> str:
    """What was done, in a few words for the toast."""
    if outcome.done is None:
        return outcome.sentence
    deed = outcome.done.deed
    if deed.action == Action.PROPOSE:
        return f"Marked as {outcome.done.span.label.name.lower()}."
    if deed.action != Action.UNDO:
        return f"{past(Action(deed.action)).capitalize()}."
    assert deed.root is not None
    again = "Undone" if deed.root.undone else "Done again"
    passed = " ".join(f"One left as it is: {skipped.why}" for skipped in outcome.done.skipped)
    return f"{again}: {past(Action(deed.root.action))}. {passed}".strip()

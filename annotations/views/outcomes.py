"""Trying a deed, and saying what came of it. One place for all screens."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest

from annotations.actions import Done, counted
from annotations.domain.checks import Concern
from annotations.domain.excerpts import beginning
from annotations.domain.lifecycle import VERDICTS, Action, ArticleState, past
from annotations.domain.refusals import (
    Already,
    Illegal,
    Invalid,
    NothingDone,
    NotPermitted,
    Refusal,
    Reused,
    Stale,
    Twin,
    Warned,
)
from annotations.models import Span

T = TypeVar("T")

LONGEST_NAME = 40  # code points
_QUOTATION_MARKS = "\"'“”„‟‘’‚‛«»‹›「」"
STATUS = {
    Already: 200,
    NotPermitted: 403,
    Stale: 409,
    Illegal: 409,
    Twin: 409,
    Reused: 409,
    Warned: 409,
    NothingDone: 409,
    Invalid: 422,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a deed: what was done, or the sentence and status of why not.

    concerns: the warnings for which it was not done.
    """

    done: Done | None = None
    sentence: str = ""
    status: int = 200
    field: str = ""
    concerns: tuple[Concern, ...] = ()

    @property
    def already(self) -> bool:
        """Whether it needed no doing: somebody else has done just that."""
        return self.done is None and self.status == STATUS[Already]


def attempt(action: Callable[..., Done], **arguments: Any) -> Outcome:
    """Do the deed, or turn what it raises into a sentence with its status."""
    done = tried(action, **arguments)
    return done if isinstance(done, Outcome) else Outcome(done=done)


def tried(action: Callable[..., T], **arguments: Any) -> T | Outcome:
    """What the action gives; where it refuses, the sentence with its status instead."""
    try:
        return action(**arguments)
    except Refusal as refusal:
        return Outcome(
            sentence=str(refusal),
            status=STATUS[type(refusal)],
            field=refusal.field if isinstance(refusal, Invalid) else "",
            concerns=refusal.concerns if isinstance(refusal, Warned) else (),
        )
    except ObjectDoesNotExist as missing:
        raise Http404(str(missing)) from None


def unfit(form: Any) -> Outcome:
    """The outcome of a form that does not validate."""
    return Outcome(sentence=form.sentence(), status=422, field=form.field_at_fault())


def is_undo(request: HttpRequest) -> bool:
    """Whether it asks for an undo, which does not say what is open on its screen."""
    match = request.resolver_match
    return match is not None and match.url_name == "undo"


def said(outcome: Outcome) -> str:
    """What was done, and to what, in a few words for the toast."""
    done = outcome.done
    if done is None:
        return outcome.sentence
    if done.deed.action == Action.PROPOSE:
        label = done.span.label.name.lower()
        more = f" {len(done.spans)} more" if _touched_several(done) else ""
        what = f"Marked{more} as {label}."
    elif done.deed.action == Action.SUGGEST:
        what = f"Suggested at {len(done.spans)} place{'' if len(done.spans) == 1 else 's'}."
    elif done.deed.action == Action.UNDO:
        what = _reversed(done)
    elif done.deed.action in VERDICTS and _touched_several(done):
        skipped = f" · {counted(done.skipped)}" if done.skipped else ""
        return f"{past(Action(done.deed.action)).capitalize()} {len(done.spans):,}{skipped}."
    else:
        what = f"{past(Action(done.deed.action)).capitalize()}."
    if _reopens(done):
        what += " That reopened the article."
    return f"{what} {_passed_over(done)}".strip()


def _reopens(done: Done) -> bool:
    """Whether a deed on spans took the article's sign-off along."""
    if not done.spans or done.article.state != ArticleState.REOPENED:
        return False
    return done.deed.events.filter(span=None, action=Action.REOPEN).exists()


def _reversed(done: Done) -> str:
    """What an undo, or a redo, did, and to which words."""
    root = done.deed.root
    assert root is not None
    what = f"{'Undone' if root.undone else 'Done again'}: {past(Action(root.action))}"
    if _touched_several(done):
        return f"{what} {len(done.spans)} span{'' if len(done.spans) == 1 else 's'}."
    return f"{what}. {_named(done.span)}" if done.spans else f"{what}."


def _touched_several(done: Done) -> bool:
    return len(done.spans) + len(done.skipped) > 1


def _named(span: Span) -> str:
    """The span by its first words, without quotation marks of their own at the edges."""
    words = " ".join(span.text.split())
    return f"“{beginning(words.strip(_QUOTATION_MARKS) or words, LONGEST_NAME)}”"


def _passed_over(done: Done) -> str:
    """What the deed left alone, and why; the same reason once."""
    whys = Counter(skipped.why for skipped in done.skipped)
    return " ".join(
        f"{number} left as {'it is' if number == 1 else 'they are'}: {why}"
        for why, number in whys.items()
    )

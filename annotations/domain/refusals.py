"""Why a deed was not done. Every message is a sentence for the person who tried it."""

from collections.abc import Sequence

from annotations.domain.checks import Concern


class Refusal(Exception):
    """A deed that was not done; nothing was written."""


class NotPermitted(Refusal):
    """The person may not do this, or not to this."""


class Stale(Refusal):
    """It has changed since the person saw it."""


class Illegal(Refusal):
    """Its state does not allow it."""


class Already(Refusal):
    """It stands just so: somebody was first with the same verdict."""


class Warned(Refusal):
    """Something may be wrong with it that nobody has waved through. `concerns`: what."""

    def __init__(self, concerns: Sequence[Concern]) -> None:
        told = " ".join(concern.sentence for concern in concerns)
        wave = "it" if len(concerns) == 1 else "them"
        super().__init__(f"Look again: {told} Approve once more to wave {wave} through.")
        self.concerns = tuple(concerns)


class NothingDone(Refusal):
    """Of many things not one was done."""


class Twin(Refusal):
    """It would stand twice. `uid` names the span that is there already."""

    def __init__(self, sentence: str, uid: str) -> None:
        super().__init__(sentence)
        self.uid = uid


class Reused(Refusal):
    """The request's id was used for another request: a form sent from the history, changed."""


class Invalid(Refusal):
    """What was brought does not fit. `field` says which part, where one is to blame.

    kind: what it is counted under where many are told at once, as "lacks a speaker".
    """

    def __init__(self, sentence: str, field: str = "", kind: str = "") -> None:
        super().__init__(sentence)
        self.field, self.kind = field, kind

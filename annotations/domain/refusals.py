"""Why a deed was not done. Every message is a sentence for the person who tried it."""


class Refusal(Exception):
    """A deed that was not done; nothing was written."""


class NotPermitted(Refusal):
    """The person may not do this, or not to this."""


class Stale(Refusal):
    """It has changed since the person saw it."""


class Illegal(Refusal):
    """Its state does not allow it."""


class Twin(Refusal):
    """It would stand twice. `uid` names the span that is there already."""

    def __init__(self, sentence: str, uid: str) -> None:
        super().__init__(sentence)
        self.uid = uid


class Reused(Refusal):
    """The request's id was used for another request: a form sent from the history, changed."""


class Invalid(Refusal):
    """What was brought does not fit. `field` says which part, where one is to blame."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field

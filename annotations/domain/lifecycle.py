"""The life of a span and of an article, as two tables; every deed goes through them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a span stands."""

    SUGGESTED = "suggested"
    PROPOSED = "proposed"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"
    MERGED = "merged"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


class ArticleState(StrEnum):
    """Where an article stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    REOPENED = "reopened"
    SET_ASIDE = "set_aside"
    SUPERSEDED = "superseded"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


class Waiting(StrEnum):
    """That a proposed span waits for a reviewer, and whether its article was submitted."""

    REVIEW = "review"
    EARLY = "early"


class Action(StrEnum):
    """What a deed does. The first groups are done to spans, the last to articles."""

    SUGGEST = "suggest"
    ACCEPT = "accept"
    DISMISS = "dismiss"
    SUPERSEDE = "supersede"
    PROPOSE = "propose"
    PROPAGATE = "propagate"
    EDIT = "edit"
    ANSWER = "answer"
    APPROVE = "approve"
    AMEND = "amend"
    REJECT = "reject"
    SEND_BACK = "send_back"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    MERGE = "merge"

    IMPORT = "import"
    DESCRIBE = "describe"
    START = "start"
    SUBMIT = "submit"
    TAKE_BACK = "take_back"
    REVIEW = "review"
    SET_ASIDE = "set_aside"

    UNDO = "undo"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


class Who(StrEnum):
    """Who may do a deed; `annotations.permissions` decides it for a person and a span."""

    MACHINE = "a suggester, a propagation or an import"
    ANNOTATOR = "an annotator"
    EITHER = "an annotator or a reviewer"
    REVIEWER = "a reviewer"
    OTHER_REVIEWER = "a reviewer who is not its last editor"
    LABEL_KEEPER = "a reviewer who keeps the labels and is not its last editor"
    AUTHOR = "its author"
    IMPORTER = "an importer"
    SUBMITTER = "who submitted it, until a first decision"
    SIGNING_REVIEWER = "a reviewer who is not the only author of its spans"
    ANY_HAND = "whoever adds or edits a span, or a reviewer"


class Reason(StrEnum):
    """Why a span is rejected; the order is that of the digits that choose it."""

    WRONG_LABEL = "wrong_label"
    WRONG_EXTENT = "wrong_extent"
    NOT_A_CLAIM = "not_a_claim"
    WRONG_SPEAKER = "wrong_speaker"
    DUPLICATE = "duplicate"
    GUIDELINE_UNCLEAR = "guideline_unclear"
    OTHER = "other"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


class Finding(StrEnum):
    """What a spot check found of an approved span."""

    RIGHT = "right"
    WRONG = "wrong"


class Needs(StrEnum):
    """What a deed must bring."""

    NOTHING = ""
    COMMENT = "a comment"
    COMMENT_IF_REJECTED = "a comment, if it was rejected"
    REASON = "a reason"
    CHANGE = "a change"
    NOTHING_MISSING = "“nothing is missing”"


class LifecycleError(Exception):
    """The state does not allow the deed. The message is a sentence for whoever tried it."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a table: from which states what deed leads where, by whom.

    before: the states it leaves; None where it creates. after: None means the state that the
    thing had before it came to this one.
    """

    before: tuple[State | ArticleState | None, ...]
    action: Action
    after: State | ArticleState | None
    who: Who
    needs: Needs = Needs.NOTHING


_S, _A = State, ArticleState

SPAN_TRANSITIONS = (
    Transition((None,), Action.SUGGEST, _S.SUGGESTED, Who.MACHINE),
    Transition((_S.SUGGESTED,), Action.ACCEPT, _S.PROPOSED, Who.EITHER),
    Transition((_S.SUGGESTED,), Action.DISMISS, _S.DISMISSED, Who.EITHER),
    Transition((_S.DISMISSED,), Action.RESTORE, _S.SUGGESTED, Who.EITHER),
    Transition((_S.SUGGESTED,), Action.SUPERSEDE, _S.DISMISSED, Who.MACHINE),
    Transition((None,), Action.PROPOSE, _S.PROPOSED, Who.ANNOTATOR),
    Transition((None,), Action.PROPAGATE, _S.PROPOSED, Who.ANNOTATOR),
    Transition(
        (_S.PROPOSED, _S.SENT_BACK, _S.REJECTED),
        Action.EDIT,
        _S.PROPOSED,
        Who.EITHER,
        Needs.COMMENT_IF_REJECTED,
    ),
    Transition(
        (_S.SENT_BACK, _S.REJECTED), Action.ANSWER, _S.PROPOSED, Who.ANNOTATOR, Needs.COMMENT
    ),
    Transition((_S.PROPOSED,), Action.APPROVE, _S.APPROVED, Who.OTHER_REVIEWER),
    Transition((_S.PROPOSED,), Action.AMEND, _S.APPROVED, Who.OTHER_REVIEWER, Needs.CHANGE),
    Transition(
        (_S.PROPOSED, _S.SENT_BACK), Action.REJECT, _S.REJECTED, Who.OTHER_REVIEWER, Needs.REASON
    ),
    Transition((_S.PROPOSED,), Action.SEND_BACK, _S.SENT_BACK, Who.OTHER_REVIEWER, Needs.COMMENT),
    Transition((_S.APPROVED,), Action.EDIT, _S.PROPOSED, Who.EITHER),
    Transition((_S.APPROVED,), Action.AMEND, _S.APPROVED, Who.LABEL_KEEPER, Needs.CHANGE),
    Transition((_S.APPROVED, _S.REJECTED), Action.REOPEN, _S.PROPOSED, Who.REVIEWER),
    Transition((_S.PROPOSED, _S.SENT_BACK), Action.WITHDRAW, _S.WITHDRAWN, Who.AUTHOR),
    Transition((_S.WITHDRAWN,), Action.RESTORE, _S.PROPOSED, Who.AUTHOR),
    Transition((_S.PROPOSED,), Action.MERGE, _S.MERGED, Who.REVIEWER),
)

ARTICLE_TRANSITIONS = (
    Transition((None,), Action.IMPORT, _A.OPEN, Who.IMPORTER),
    Transition((_A.OPEN,), Action.START, _A.IN_PROGRESS, Who.ANY_HAND),
    Transition((_A.OPEN, _A.IN_PROGRESS), Action.SUBMIT, _A.SUBMITTED, Who.ANNOTATOR),
    Transition((_A.SUBMITTED,), Action.TAKE_BACK, _A.IN_PROGRESS, Who.SUBMITTER),
    Transition(
        (_A.SUBMITTED, _A.REOPENED),
        Action.REVIEW,
        _A.REVIEWED,
        Who.SIGNING_REVIEWER,
        Needs.NOTHING_MISSING,
    ),
    Transition((_A.REVIEWED,), Action.REOPEN, _A.REOPENED, Who.ANY_HAND),
    Transition(
        (_A.OPEN, _A.IN_PROGRESS, _A.SUBMITTED, _A.REVIEWED, _A.REOPENED),
        Action.SET_ASIDE,
        _A.SET_ASIDE,
        Who.EITHER,
        Needs.REASON,
    ),
    Transition((_A.SET_ASIDE,), Action.RESTORE, None, Who.EITHER),
    Transition(
        tuple(state for state in _A if state is not _A.SUPERSEDED),
        Action.SUPERSEDE,
        _A.SUPERSEDED,
        Who.IMPORTER,
    ),
)

# One live span an article, layer, label and extent.
LIVE = (State.SUGGESTED, State.PROPOSED, State.SENT_BACK, State.APPROVED)
# Nobody has stood up for these: they have no author.
AUTHORLESS = (State.SUGGESTED, State.DISMISSED)
# A reviewer has spoken and the word stands: these have a decider.
DECIDED = (State.APPROVED, State.REJECTED, State.SENT_BACK)
# What a reviewer's verdict is: four eyes hold for each of these.
VERDICTS = (Action.APPROVE, Action.AMEND, Action.REJECT, Action.SEND_BACK)
# These still need somebody: an article with one of them cannot be signed off.
UNSETTLED = (State.PROPOSED, State.SENT_BACK)
# An article that is out of queues, counts and exports; its spans rest.
RESTING = (ArticleState.SET_ASIDE, ArticleState.SUPERSEDED)
# An article whose spans wait for review.
AWAITING_REVIEW = (ArticleState.SUBMITTED, ArticleState.REOPENED)
# One that somebody still works in: its spans may be looked at early.
UNFINISHED = (ArticleState.OPEN, ArticleState.IN_PROGRESS)


def waits(article: ArticleState, span: State) -> Waiting | None:
    """Whether a span in its article's state waits for a reviewer, and how."""
    if span is not State.PROPOSED:
        return None
    if article in AWAITING_REVIEW:
        return Waiting.REVIEW
    return Waiting.EARLY if article in UNFINISHED else None


def _by_start(rows: Iterable[Transition]) -> dict[tuple[str | None, Action], Transition]:
    return {(state, row.action): row for row in rows for state in row.before}


_SPANS = _by_start(SPAN_TRANSITIONS)
_ARTICLES = _by_start(ARTICLE_TRANSITIONS)


def span_transition(state: State | None, action: Action) -> Transition:
    """The row by which `action` leaves `state` (None: there is no span yet).

    Raises LifecycleError, with a sentence, where the table has none.
    """
    row = _SPANS.get((state, action))
    if row is None:
        raise LifecycleError(_refusal("span", state, action))
    return row


def article_transition(state: ArticleState | None, action: Action) -> Transition:
    """The row by which `action` leaves the article's `state`. Raises LifecycleError."""
    row = _ARTICLES.get((state, action))
    if row is None:
        raise LifecycleError(_refusal("article", state, action))
    return row


def span_actions(state: State) -> list[Action]:
    """What the table lets people and machines do to a span in `state`, in the table's order."""
    return [row.action for row in SPAN_TRANSITIONS if state in row.before]


def article_actions(state: ArticleState) -> list[Action]:
    """What the table lets people do to an article in `state`, in the table's order."""
    return [row.action for row in ARTICLE_TRANSITIONS if state in row.before]


_PAST = {
    Action.SUGGEST: "suggested",
    Action.ACCEPT: "accepted",
    Action.DISMISS: "dismissed",
    Action.SUPERSEDE: "superseded",
    Action.PROPOSE: "marked",
    Action.PROPAGATE: "propagated",
    Action.EDIT: "edited",
    Action.ANSWER: "answered",
    Action.APPROVE: "approved",
    Action.AMEND: "approved with changes",
    Action.REJECT: "rejected",
    Action.SEND_BACK: "sent back",
    Action.REOPEN: "reopened",
    Action.WITHDRAW: "withdrawn",
    Action.RESTORE: "restored",
    Action.MERGE: "merged",
    Action.IMPORT: "brought in",
    Action.DESCRIBE: "described",
    Action.START: "started",
    Action.SUBMIT: "submitted",
    Action.TAKE_BACK: "taken back",
    Action.REVIEW: "signed off",
    Action.SET_ASIDE: "set aside",
    Action.UNDO: "undone",
}


def past(action: Action) -> str:
    """The deed as a participle: "sent back", "approved"."""
    return _PAST[action]


def _refusal(thing: str, state: State | ArticleState | None, action: Action) -> str:
    if state is None:
        return f"A new {thing} cannot be {past(action)}."
    return f"This {thing} is {state.words}, so it cannot be {past(action)}."

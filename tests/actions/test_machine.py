"""Three people and a machine do every deed in any order, and the database does as a model does."""

import json
import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from annotations import actions
from annotations.actions import Change
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.checks import Concern, warnings
from annotations.domain.extents import Extent
from annotations.domain.fingerprints import text_group
from annotations.domain.groups import may_decide_together
from annotations.domain.lifecycle import (
    AWAITING_REVIEW,
    DECIDED,
    LIVE,
    RESTING,
    UNSETTLED,
    VERDICTS,
    Action,
    ArticleState,
    LifecycleError,
    Needs,
    Reason,
    State,
    Who,
    article_transition,
    span_transition,
)
from annotations.domain.occurrences import elsewhere
from annotations.domain.refusals import (
    Already,
    Illegal,
    Invalid,
    NothingDone,
    NotPermitted,
    Refusal,
    Stale,
    Twin,
    Warned,
)
from annotations.exports import spans as export_format
from annotations.models import Article, Deed, Event, Person, Span
from annotations.queries import exports, integrity
from tests.factories import make_article, make_deed, make_label, make_span, make_user
from tests.refusals import refused

# make test THOROUGH=yes; not NEWSROOM_…, for tests/settings.py drops whatever is called so.
THOROUGH = "THOROUGH" in os.environ

# An é of two code points, emoji of one and of three, and words that stand twice.
TEXTS = {
    "bridge": "Zoe\u0301 🌉: “Go 🌉 now!” – Go 🌉 now, she says.",
    "ladder": "Zoe\u0301 🪜: «Go 🌉 now!» – Go 🌉 now, says 👩\u200d🚒.",
}
SPEAKER = {"value": "Zoe\u0301", "start": 0, "end": 4}
ASKED = {
    "quote": [
        Attribute("speaker", "Speaker", Kind.ANCHORED, required=True),
        Attribute("note", "Note", Kind.TEXT),
    ],
    "claim": [Attribute("note", "Note", Kind.TEXT)],
}
KEYS = {label: [attribute.key for attribute in asked] for label, asked in ASKED.items()}
REQUIRED = {
    label: {attribute.key for attribute in asked if attribute.required}
    for label, asked in ASKED.items()
}
REVIEWERS = ("ada", "bo")
KEEPERS = ("bo",)  # of the labels
EVERYBODY = (*REVIEWERS, "cy")  # all of them annotate
MACHINE = "suggester:tests/1"
WORKED = (State.PROPOSED, State.SENT_BACK, State.APPROVED, State.REJECTED)
DEEDS = {"propose", "suggest", "mark_like", "decide_many", "undo"}  # and what the rules below add

# What is drawn. Of what may be wrong most is right, or hardly anything would ever be done.
WORDS = [Extent(9, 17), Extent(22, 30), Extent(8, 19), Extent(0, 4), Extent(2, 6)]
NO_WORDS = [Extent(-1, 4), Extent(9, 9), Extent(20, 99), Extent(4, 5)]
EXTENTS = st.sampled_from(3 * WORDS + NO_WORDS) | st.builds(
    Extent, st.integers(0, 14), st.integers(15, 41)
)
LABELS = st.sampled_from(["quote", "quote", "claim"])
ATTRIBUTES = st.sampled_from(
    [{"speaker": SPEAKER}, {"speaker": SPEAKER, "note": "!"}, {"note": "!"}, {}]
)
SHIFTS = st.sampled_from([0] * 9 + [1])  # the words sent are those that stand so much later
LATE = st.sampled_from([0] * 9 + [1])  # the revision seen is so much older
MARKED = {
    "article": st.sampled_from(["bridge", "bridge", "bridge", "ladder"]),
    "label": LABELS,
    "extent": EXTENTS,
    "attributes": ATTRIBUTES,
    "shift": SHIFTS,
}
CHANGES = st.builds(
    Change,
    extent=st.none() | EXTENTS,
    label=st.none() | LABELS,
    attributes=st.none() | ATTRIBUTES,
)
CHANGED = {"change": CHANGES, "shift": SHIFTS}
WAVED = st.sampled_from([list(Concern)] * 5 + [[]])
REJECTED_FOR = st.sampled_from([*map(str, Reason), "dull"])
SAID = st.sampled_from(["Look at its end.", "No.", "So.", " "])
PEOPLE = st.sampled_from(EVERYBODY)
TURNS = st.integers(0, 99)
MADE = MARKED | {"person": st.none() | PEOPLE}


# The model: rows, what was done to them, and what each deed writes.


@dataclass(frozen=True)
class Mark:
    """A span's row."""

    article: str
    label: str
    extent: Extent
    attributes: dict
    state: State
    author: str | None = None
    last_editor: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    amended: bool = False

    @property
    def place(self):
        return self.article, self.label, self.extent


@dataclass(frozen=True)
class Page:
    """An article's row; was: the one before it was set aside."""

    state: ArticleState = ArticleState.OPEN
    submitted_by: str | None = None
    submitted_at: datetime | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    was: "Page | None" = field(default=None, compare=False, repr=False)


@dataclass(eq=False)
class Kept:
    """A span (its uid) or an article (its slug), as it is now, and each step that led there."""

    key: object
    now: Mark | Page | None = None
    revision: int = 0
    origin: str = "human"
    steps: list["Step"] = field(default_factory=list)


@dataclass(eq=False)
class Doing:
    """A deed that was done. chain: itself, unless it is an undo, and the undos and redos of it."""

    action: Action
    actor: str | None
    do: partial
    answer: actions.Done
    root: "Doing | None" = None
    chain: list["Doing"] = field(default_factory=list)
    undone: bool = False
    steps: list["Step"] = field(default_factory=list)

    def __post_init__(self):
        self.root = self.root or self
        self.root.chain.append(self)

    @property
    def at(self):
        return self.answer.deed.at

    @property
    def is_in_force_by_a_person(self):
        return self.actor is not None and self.root is self and not self.undone


@dataclass(eq=False)
class Step:
    """What one deed did to one span or article."""

    kept: Kept
    doing: Doing
    before: Mark | Page | None
    after: Mark | Page
    revision: int

    def looks_as_left(self):
        return self.kept.now == self.after

    def stands(self):
        """Whether it is as this left it, and all that came after is undone or cancels out."""
        since = [step for step in self.kept.steps if step.revision > self.revision]
        times = Counter(step.doing.root for step in since)
        return self.looks_as_left() and all(
            root.undone or count % 2 == 0 for root, count in times.items()
        )


def last_in_force(span):
    """The last step whose deed is not undone, as far as this span goes; None if all are."""
    times = Counter(step.doing.root for step in span.steps)
    return next((step for step in reversed(span.steps) if times[step.doing.root] % 2), None)


UNDECIDED = {"decided_by": None, "decided_at": None, "reason": "", "amended": False}


def decided(mark, action, person, at, reason=""):
    """What a deed writes on a span beside its state and what it was asked to change."""
    match action:
        case Action.ACCEPT:
            return {"author": person, "last_editor": person}
        case Action.EDIT:
            return UNDECIDED | {"last_editor": person}
        case Action.REOPEN if mark.amended:
            return UNDECIDED | {"last_editor": mark.decided_by}
        case Action.ANSWER | Action.REOPEN | Action.WITHDRAW:
            return UNDECIDED
        case _ if action in VERDICTS:
            amended = action == Action.AMEND
            return {
                "decided_by": person, "decided_at": at, "reason": reason, "amended": amended,
            }  # fmt: skip
    return {}


def signed(page, action, person, at):
    """What a deed writes on an article beside its state."""
    match action:
        case Action.SUBMIT:
            return {"submitted_by": person, "submitted_at": at}
        case Action.TAKE_BACK:
            return {"submitted_by": None, "submitted_at": None}
        case Action.REVIEW:
            return {"reviewed_by": person, "reviewed_at": at}
        case Action.RESTORE:
            return {"reviewed_by": page.was.reviewed_by, "reviewed_at": page.was.reviewed_at}
        case Action.SET_ASIDE:
            return {"reviewed_by": None, "reviewed_at": None, "was": page}
    return {"reviewed_by": None, "reviewed_at": None}


def changed(mark, change):
    """The mark with the change in it."""
    label = change.label or mark.label
    fitting = {key: value for key, value in mark.attributes.items() if key in KEYS[label]}
    return replace(
        mark,
        label=label,
        extent=mark.extent if change.extent is None else change.extent,
        attributes=fitting if change.attributes is None else change.attributes,
    )


def words_of(mark, shift=0):
    start, end = mark.extent.start, mark.extent.end
    return TEXTS[mark.article][max(start, 0) + shift : end + shift]


def same_words(mark):
    return mark.label, text_group(words_of(mark))


def fits(mark, words):
    """Whether there may be such a mark, and the words are those it covers."""
    text, extent = TEXTS[mark.article], mark.extent
    covers = 0 <= extent.start < extent.end <= len(text) and words == words_of(mark)
    return covers and words.strip() and set(mark.attributes).issubset(KEYS[mark.label])


def lacks(row, mark=None, wanted=None, comment="", reason="", nothing_missing=True):
    """Whether a deed comes without what its row of the life cycle needs."""
    match row.needs:
        case Needs.COMMENT:
            lacking = not comment.strip()
        case Needs.COMMENT_IF_REJECTED:
            lacking = mark.state == State.REJECTED and not comment.strip()
        case Needs.REASON:
            lacking = reason not in list(Reason) if mark else not reason.strip()
        case _:
            lacking = not nothing_missing
    if row.action in (Action.EDIT, Action.AMEND):
        lacking = lacking or mark == wanted
    if row.action in (Action.APPROVE, Action.AMEND):
        lacking = lacking or not REQUIRED[wanted.label].issubset(wanted.attributes)
    return lacking


def stands_elsewhere(span):
    mark = span.now
    return mark.state in LIVE and elsewhere(TEXTS[mark.article], mark.extent)


def unsettled(marks):
    return any(mark.state in UNSETTLED for mark in marks)


def row_for(action, kept):
    """The row of the life cycle by which the deed leaves how it is now, or None."""
    table = span_transition if isinstance(kept.now, Mark) else article_transition
    try:
        return table(kept.now.state, action)
    except LifecycleError:
        return None


class Model:
    """Two articles, their spans, and every deed that was done, in plain Python.

    What is against a deed is a dict: kind of refusal -> whether there is a reason for it.
    """

    def __init__(self):
        self.articles = {slug: Kept(slug, Page(), 1) for slug in TEXTS}
        self.spans = []
        self.done = []

    def rests(self, mark):
        return self.articles[mark.article].now.state in RESTING

    def marks(self, article, instead=()):
        """How the article's spans are; or would be, with some others instead."""
        now = {span: span.now for span in self.spans} | dict(instead)
        return [mark for mark in now.values() if mark.article == article.key]

    def has_twin(self, mark, span=None):
        return mark.state in LIVE and any(
            other.now.state in LIVE and other.now.place == mark.place
            for other in self.spans
            if other is not span
        )

    def may(self, who, person, kept, marks=None):
        """Whether the person is the `who` that a row of the life cycle asks for."""
        now = kept.now
        match who:
            case Who.REVIEWER | Who.ANY_HAND:
                return person in REVIEWERS
            case Who.OTHER_REVIEWER:
                return person in REVIEWERS and now.last_editor != person
            case Who.LABEL_KEEPER:
                return person in KEEPERS and now.last_editor != person
            case Who.AUTHOR:
                return now.author == person
            case Who.SUBMITTER:
                return now.submitted_by == person and not self.decided_since(kept)
            case Who.SIGNING_REVIEWER:
                marks = self.marks(kept) if marks is None else marks
                authors = {mark.author for mark in marks if mark.state != State.WITHDRAWN}
                return person in REVIEWERS and authors - {None} != {person}
        return True

    def decided_since(self, article):
        """Whether somebody decided on a span of the article after it was submitted."""
        return any(
            step.doing.action in VERDICTS and step.doing.at > article.now.submitted_at
            for span in self.spans
            if span.now.article == article.key
            for step in span.steps
        )

    def against(self, action, person, span, wanted, words, late, waved, **said):
        """What is against the deed on the span, which would be as `wanted`, in those words."""
        mark, row = span.now, row_for(action, span)
        if not self.rests(mark) and self.stands_just_so(action, person, span, late, **said):
            return {Already: True}
        against = {Stale: late, Illegal: self.rests(mark) or not row}
        if row:
            same = replace(wanted, state=mark.state)
            wanted = replace(wanted, state=row.after)
            against[NotPermitted] = not self.may(row.who, person, span)
            against[Invalid] = not fits(wanted, words) or lacks(row, mark, same, **said)
            against[Twin] = self.has_twin(wanted, span)
        if row and row.after == State.APPROVED:
            text = TEXTS[wanted.article]
            told = warnings(text, wanted.label, wanted.extent)
            against[Warned] = set(told) - set(waved)
        return against

    def stands_just_so(self, action, person, span, late, reason="", comment="", **_):
        """Whether it is as the verdict would leave it, and at most that verdict came since."""
        after = {
            Action.APPROVE: State.APPROVED,
            Action.REJECT: State.REJECTED,
            Action.SEND_BACK: State.SENT_BACK,
        }
        mark = span.now
        given = [step.doing for step in span.steps if step.doing.action == action]
        return (
            mark.state == after.get(action)
            and (mark.amended, mark.reason) == (False, reason)
            and self.may(Who.OTHER_REVIEWER, person, span)
            and (not late or span.steps[-1].doing.action == action)
            and comment == given[-1].do.keywords.get("comment", "")
        )

    def can_be_undone(self, doing):
        """Whether who did it can undo it, and is let to by the machine."""
        if not doing.is_in_force_by_a_person:
            return False
        against, _, _ = self.undoing(doing, doing.actor)
        return not any(against.values())

    def undoing(self, chosen, person):
        """What is against undoing the deed, and what it would write: (against, spans, pages)."""
        root, tip = chosen.root, chosen.root.chain[-1]
        of_spans = [step for step in tip.steps if isinstance(step.after, Mark)]
        against = {
            NotPermitted: root.actor != person,
            Illegal: root.undone if chosen is root else chosen is not tip,
        }
        if any(against.values()):
            return against, {}, {}
        spans, passed_over = {}, []
        for step in of_spans:
            before = step.before or replace(step.after, state=State.WITHDRAWN)
            why_not = self.against_going_back(step, before, person)
            if any(why_not.values()):
                passed_over.append(why_not)
            else:
                spans[step.kept] = before
        if of_spans and not spans:
            return passed_over[0], {}, {}
        pages = {}
        for step in tip.steps:
            slugs = {span.now.article for span in spans}
            if isinstance(step.after, Page) and (not of_spans or step.kept.key in slugs):
                why_not = self.against_turning_back(step, person, self.marks(step.kept, spans))
                if not any(why_not.values()):
                    pages[step.kept] = step.before
                elif not of_spans:
                    return why_not, {}, {}
        return {}, spans, pages

    def against_going_back(self, step, before, person):
        given = before.state == State.APPROVED != step.after.state
        if self.rests(step.after):
            return {Illegal: True}
        return {
            Stale: not step.stands(),
            NotPermitted: given and before.decided_by != person,
            Twin: self.has_twin(before, step.kept),
        }

    def against_turning_back(self, step, person, marks):
        article, now, before = step.kept, step.kept.now, step.before
        opens = before.state == ArticleState.OPEN
        begun = before.state in (ArticleState.OPEN, ArticleState.IN_PROGRESS)
        takes_back = begun and now.state == ArticleState.SUBMITTED
        signs = before.state == ArticleState.REVIEWED and now.state in AWAITING_REVIEW
        may_sign = before.reviewed_by == person and self.may(
            Who.SIGNING_REVIEWER, person, article, marks
        )
        return {
            Stale: not step.stands(),
            Illegal: (opens and any(mark.state in WORKED for mark in marks))
            or (signs and unsettled(marks)),
            NotPermitted: (takes_back and not self.may(Who.SUBMITTER, person, article))
            or (signs and not may_sign),
        }

    def write(self, doing, spans, pages=None):
        """Follow a deed that was done. Each of its articles is one revision on."""
        pages = pages or {}
        slugs = {mark.article for mark in spans.values()} | {page.key for page in pages}
        for span, mark in spans.items():
            if span not in self.spans:
                self.spans.append(span)
            span.revision += 1
            self._step(span, doing, mark)
        for article in map(self.articles.get, slugs):
            article.revision += 1
            page = pages.get(article) or self._followed(article.now, spans)
            if page is not article.now:
                self._step(article, doing, page)

    def _followed(self, page, spans):
        states = {mark.state for mark in spans.values()}
        if page.state == ArticleState.OPEN and states.intersection(WORKED):
            return replace(page, state=ArticleState.IN_PROGRESS)
        if page.state == ArticleState.REVIEWED and states.intersection(UNSETTLED):
            return replace(page, state=ArticleState.REOPENED, reviewed_by=None, reviewed_at=None)
        return page

    def _step(self, kept, doing, after):
        step = Step(kept, doing, kept.now, after, kept.revision)
        kept.steps.append(step)
        doing.steps.append(step)
        kept.now = after


# The machine.


def on_span(action, **drawn):
    def deed(self, **drawn):
        self.do_to_span(action, **drawn)

    deed.__name__ = action.value
    DEEDS.add(deed.__name__)
    somewhere = precondition(lambda self: any(row_for(action, span) for span in self.model.spans))
    return somewhere(rule(who=TURNS, turn=TURNS, late=LATE, **drawn)(deed))


def on_article(act, action, **drawn):
    def deed(self, turn, **drawn):
        articles = list(self.model.articles.values())
        article = choose(turn, articles, partial(row_for, action))
        self.do_to_article(act, action, article, **drawn)

    deed.__name__ = act.__name__
    DEEDS.add(deed.__name__)
    somewhere = precondition(
        lambda self: any(row_for(action, article) for article in self.model.articles.values())
    )
    return somewhere(rule(who=TURNS, turn=TURNS, late=LATE, **drawn)(deed))


with_room = precondition(lambda self: len(self.model.spans) < 8)


def seldom(deed):
    """Else these would be most of what is done, for they can nearly always be."""
    return precondition(lambda self: len(self.model.done) % 4 == 0)(deed)


def choose(turn, things, fit):
    """By turns one of those that fit, and sometimes of all."""
    fitting = [thing for thing in things if fit(thing)] if turn % 6 else []
    return (fitting or things)[turn // 6 % len(fitting or things)]


class Newsroom(RuleBasedStateMachine):
    """A deed must be done if nothing is against it, or else refused for what is."""

    outcomes = Counter()

    def __init__(self):
        super().__init__()
        self.example = ExitStack()
        self.example.enter_context(transaction.atomic())
        self.people = {person.username: person for person in Person.objects.all()}
        self.model = Model()
        self.sound = True  # else teardown would find more, and hide what went wrong first

    def teardown(self):
        try:
            if self.sound:
                self.what_was_done_is_on_record()
                self.undoing_all_leads_back()
                self.rows_are_as_the_model_has_them_and_as_they_must_be()
                self.what_was_done_is_on_record()
        finally:
            transaction.set_rollback(True)
            self.example.close()

    @initialize(who=TURNS, reviewed=st.booleans())
    def begin_with_an_article_reviewed(self, who, reviewed):
        article = self.model.articles["ladder"]
        if reviewed:
            self.do_to_article(actions.submit, Action.SUBMIT, article, who)
            self.do_to_article(actions.sign_off, Action.REVIEW, article, who, nothing_missing=True)

    @initialize(made=st.lists(st.fixed_dictionaries(MADE), min_size=2, max_size=4))
    def begin_with_spans(self, made):
        for marked in made:
            if marked["person"] is None:
                self.suggest(**{name: marked[name] for name in MARKED})
            else:
                self.propose(**marked)

    # Deeds that make spans.

    @with_room
    @rule(person=PEOPLE, **MARKED)
    def propose(self, person, article, label, extent, attributes, shift):
        mark = Mark(article, label, extent, attributes, State.PROPOSED, person, person)
        self.make(actions.propose, Action.PROPOSE, person, mark, shift)

    @with_room
    @rule(**MARKED)
    def suggest(self, article, label, extent, attributes, shift):
        mark = Mark(article, label, extent, attributes, State.SUGGESTED)
        self.make(actions.suggest, Action.SUGGEST, None, mark, shift, origin=MACHINE)

    def make(self, act, action, person, mark, shift, **origin):
        what = {"article": mark.article, "label": mark.label, "attributes": mark.attributes}
        words = words_of(mark, shift)
        against = {
            Illegal: self.model.rests(mark),
            Invalid: not fits(mark, words),
            Twin: self.model.has_twin(mark),
        }
        do = partial(act, extent=mark.extent, text=words, **what, **origin)
        if doing := self.attempt(do, action, person, against):
            self.model.write(doing, {Kept(doing.answer.span.uid, **origin): mark})

    @precondition(lambda self: any(map(stands_elsewhere, self.model.spans)))
    @rule(person=PEOPLE, turn=TURNS, late=LATE)
    def mark_like(self, person, turn, late):
        like = choose(turn, self.model.spans, stands_elsewhere)
        places = elsewhere(TEXTS[like.now.article], like.now.extent)
        new = {"state": State.PROPOSED, "author": person, "last_editor": person, **UNDECIDED}
        marks = [replace(like.now, extent=place, **new) for place in places]
        marks = [mark for mark in marks if not self.model.has_twin(mark)]
        against = {
            Stale: late,
            Illegal: self.model.rests(like.now) or like.now.state not in LIVE or not marks,
            Invalid: not places,
        }
        do = partial(actions.mark_like, span=like.key, seen=like.revision - late, extents=places)
        if doing := self.attempt(do, Action.PROPOSE, person, against):
            origin = f"propagated:{like.key}"
            spans = [Kept(row.uid, origin=origin) for row in doing.answer.spans]
            self.model.write(doing, dict(zip(spans, marks, strict=True)))

    # Deeds on one span.

    accept = on_span(Action.ACCEPT, **CHANGED)
    dismiss = on_span(Action.DISMISS)
    restore = on_span(Action.RESTORE)
    edit = on_span(Action.EDIT, comment=SAID, **CHANGED)
    answer = on_span(Action.ANSWER, comment=SAID)
    approve = on_span(Action.APPROVE, waved=WAVED)
    amend = on_span(Action.AMEND, waved=WAVED, **CHANGED)
    reject = on_span(Action.REJECT, reason=REJECTED_FOR)
    send_back = on_span(Action.SEND_BACK, comment=SAID)
    reopen = on_span(Action.REOPEN)
    withdraw = on_span(Action.WITHDRAW)

    def do_to_span(self, action, who, turn, late, change=None, shift=0, waved=None, **said):
        span = choose(turn, self.model.spans, partial(row_for, action))
        mark, row = span.now, row_for(action, span)
        person = choose(who, EVERYBODY, lambda name: row and self.model.may(row.who, name, span))
        wanted = changed(mark, change) if change else mark
        how = {"span": span.key, "seen": span.revision - late, **said}
        if waved is not None:
            how["waved"] = waved
        words = words_of(wanted)
        if change and change.extent is not None:
            words = words_of(wanted, shift)
            change = replace(change, text=words)
        if change:
            how["change"] = change
        against = self.model.against(action, person, span, wanted, words, late, waved, **said)
        if row:
            wanted = replace(wanted, state=row.after)
        do = partial(getattr(actions, action), **how)
        if doing := self.attempt(do, action, person, against):
            written = decided(mark, action, person, doing.at, said.get("reason", ""))
            self.model.write(doing, {span: replace(wanted, **written)})

    # One verdict on several spans.

    @precondition(lambda self: self.model.spans)
    @rule(
        who=TURNS,
        turns=st.lists(TURNS, min_size=1, max_size=5),
        late=LATE,
        action=st.sampled_from([Action.APPROVE, Action.APPROVE, Action.REJECT, Action.SEND_BACK]),
        reason=REJECTED_FOR,
        comment=SAID,
    )
    def decide_many(self, who, turns, late, action, reason, comment):
        fit = partial(row_for, action)
        chosen = {choose(turn, self.model.spans, fit) for turn in turns}
        slugs = list(TEXTS)
        spans = [span for span in self.model.spans if span in chosen]
        spans.sort(key=lambda span: slugs.index(span.now.article))
        person = choose(who, EVERYBODY, lambda name: name in REVIEWERS)
        said = {"reason": reason} if action == Action.REJECT else {}
        said |= {"comment": comment} if action == Action.SEND_BACK else {}
        wanted = {}
        times = Counter(same_words(span.now) for span in spans)
        for span in spans:
            why_not = self.model.against(
                action, person, span, span.now, words_of(span.now), late, [], **said
            )
            alone = times[same_words(span.now)] == 1
            together = alone or may_decide_together(span.now.label, words_of(span.now))
            if together and not any(why_not.values()):
                wanted[span] = replace(span.now, state=row_for(action, span).after)
        against = {
            NotPermitted: person not in REVIEWERS,
            Invalid: (action == Action.REJECT and reason not in list(Reason))
            or (action == Action.SEND_BACK and not comment.strip()),
            NothingDone: not wanted,
        }
        asked = [(span.key, span.revision - late) for span in spans]
        do = partial(actions.decide_many, spans=asked, verdict=action.value, **said)
        if doing := self.attempt(do, action, person, against):
            assert len(doing.answer.skipped) == len(spans) - len(wanted)
            for span, mark in wanted.items():
                written = decided(mark, action, person, doing.at, said.get("reason", ""))
                wanted[span] = replace(mark, **written)
            self.model.write(doing, wanted)

    # Deeds on one article.

    submit = on_article(actions.submit, Action.SUBMIT)
    take_back = on_article(actions.take_back, Action.TAKE_BACK)
    sign_off = on_article(
        actions.sign_off, Action.REVIEW, nothing_missing=st.sampled_from([True, True, False])
    )
    reopen_article = on_article(actions.reopen_article, Action.REOPEN)
    set_aside = seldom(on_article(actions.set_aside, Action.SET_ASIDE, reason=SAID))
    restore_article = on_article(actions.restore_article, Action.RESTORE)

    def do_to_article(self, act, action, article, who, late=0, **said):
        page, row = article.now, row_for(action, article)
        person = choose(who, EVERYBODY, lambda name: row and self.model.may(row.who, name, article))
        against = {Stale: late, Illegal: not row}
        if row:
            signs = action == Action.REVIEW
            against[Illegal] = signs and unsettled(self.model.marks(article))
            against[NotPermitted] = not self.model.may(row.who, person, article)
            against[Invalid] = lacks(row, **said)
        do = partial(act, article=article.key, seen=article.revision - late, **said)
        if doing := self.attempt(do, action, person, against):
            state = row.after or page.was.state
            written = signed(page, action, person, doing.at)
            self.model.write(doing, {}, {article: replace(page, state=state, **written)})

    # Undo, redo, and the same request again.

    @precondition(lambda self: self.model.done)
    @rule(turn=TURNS, person=PEOPLE)
    def undo(self, turn, person):
        doing = choose(
            turn, self.model.done[::-1], lambda doing: doing.root.actor and not doing.undone
        )
        self.do_undo(doing, doing.root.actor if doing.root.actor and turn % 6 else person)

    @precondition(lambda self: any(len(doing.chain) > 1 for doing in self.model.done))
    @rule(turn=TURNS)
    def redo(self, turn):
        undos = [doing for doing in reversed(self.model.done) if doing.root is not doing]
        doing = choose(turn, undos, lambda doing: doing is doing.root.chain[-1])
        self.do_undo(doing, doing.root.actor)

    def do_undo(self, chosen, person):
        """Try it; whether it was done."""
        self.refusal = None
        against, spans, pages = self.model.undoing(chosen, person)
        do = partial(actions.undo, target=chosen.answer.deed.pk)
        doing = self.attempt(do, Action.UNDO, person, against, chosen.root)
        if doing:
            doing.root.undone = not doing.root.undone
            self.model.write(doing, spans, pages)
        return doing is not None

    @seldom
    @precondition(lambda self: self.model.done)
    @rule(turn=TURNS)
    def send_again(self, turn):
        doing = choose(turn, self.model.done, lambda doing: doing.answer.spans)
        first = doing.answer
        again = doing.do(deed=self.deed(doing.actor, first.deed.request_id))
        assert (again.deed, again.repeated) == (first.deed, True)
        assert set(again.spans) == set(first.spans)

    def deed(self, person, request_id=None):
        if person is None:
            return actions.deed_of_machine(MACHINE, request_id)
        return actions.deed_of(self.people[person], request_id)

    def attempt(self, do, action, person, against, root=None):
        """The deed, if it was done; None if it was refused for what is against it."""
        self.sound, self.refusal = False, None
        note(f"{person or MACHINE}:")
        kinds = {kind for kind, holds in against.items() if holds}
        try:
            answer = do(deed=self.deed(person))
        except Refusal as refusal:
            note(f"refused: {refusal}")
            self.refusal = type(refusal)
            assert self.refusal in kinds
            self.outcomes[do.func.__name__, self.refusal] += 1
            return None
        assert not kinds
        self.outcomes[do.func.__name__, None] += 1
        doing = Doing(action, person, do, answer, root)
        self.model.done.append(doing)
        return doing

    # What must hold after each deed.

    @invariant()
    def rows_are_as_the_model_has_them_and_as_they_must_be(self):
        articles = Article.objects.order_by("pk").values_list(*ARTICLE_ROW)
        assert list(articles) == [article_row(kept) for kept in self.model.articles.values()]
        spans = list(Span.objects.order_by("pk").values(*SPAN_ROW))
        assert spans == [span_row(kept) for kept in self.model.spans]
        live = Counter()
        for span in spans:
            slug, start, end = span["article__slug"], span["start"], span["end"]
            assert span["text"] == TEXTS[slug][start:end]
            if span["state"] in DECIDED:
                assert span["decided_by__username"] not in (None, span["last_editor__username"])
            if span["state"] in LIVE:
                live[slug, span["label__slug"], start, end] += 1
        assert set(live.values()) <= {1}
        self.sound = True

    # What must hold at the end.

    def what_was_done_is_on_record(self):
        ours = Event.objects.exclude(action=Action.IMPORT)
        of_spans = ours.filter(span__isnull=False).order_by("span_id", "revision")
        assert list(of_spans.values_list("span__uid", "revision", "action", "deed_id")) == [
            (span.key, number, step.doing.action, step.doing.answer.deed.pk)
            for span in self.model.spans
            for number, step in enumerate(span.steps, 1)
        ]
        of_articles = ours.filter(span=None).order_by("article_id", "revision")
        assert list(of_articles.values_list("article__slug", "revision", "deed_id")) == [
            (article.key, step.revision, step.doing.answer.deed.pk)
            for article in self.model.articles.values()
            for step in article.steps
        ]
        deeds = Deed.objects.exclude(action=Action.IMPORT).order_by("pk")
        assert list(deeds.values_list("pk", "undone")) == [
            (doing.answer.deed.pk, doing.undone) for doing in self.model.done
        ]
        assert list(integrity.breaches(Counter())) == []
        approved = [span for span in self.model.spans if span.now.state == State.APPROVED]
        assert exported() == sorted(
            (line_of(span, self.model) for span in approved if not self.model.rests(span.now)),
            key=lambda line: (line["slug"], line["start"], line["end"], line["uid"]),
        )

    def undoing_all_leads_back(self):
        """Each undoes what is theirs, the latest first, until nobody can undo any more.

        Then a span is as it was made, withdrawn if a person made it; or it is as the last deed
        on it left it that is not undone. What keeps that one is never a later deed, but that an
        approval would come back from another hand, a twin has the place, the article rests, or
        the span had to be passed over when the rest of the deed was undone.
        """
        while doing := next(filter(self.model.can_be_undone, reversed(self.model.done)), None):
            assert self.do_undo(doing, doing.actor)
        why = {}
        for doing in [doing for doing in self.model.done if doing.is_in_force_by_a_person]:
            assert not self.do_undo(doing, doing.actor)
            why[doing] = self.refusal
        for span in self.model.spans:
            first, last = span.steps[0].after, last_in_force(span)
            if last is None:
                assert span.now == replace(first, state=State.WITHDRAWN)
            else:
                assert span.now == last.after
                assert why.get(last.doing.root) in (None, NotPermitted, Twin, Illegal)


ARTICLE_ROW = (
    "slug", "revision", "state", "submitted_by__username", "submitted_at",
    "reviewed_by__username", "reviewed_at",
)  # fmt: skip
SPAN_ROW = (
    "uid", "revision", "origin", "article__slug", "label__slug", "start", "end", "text",
    "attributes", "state", "author__username", "last_editor__username", "decided_by__username",
    "decided_at", "reason", "amended", "guideline_revision",
)  # fmt: skip


def article_row(article):
    page = article.now
    return (
        article.key, article.revision, page.state, page.submitted_by, page.submitted_at,
        page.reviewed_by, page.reviewed_at,
    )  # fmt: skip


def span_row(span):
    mark = span.now
    values = (
        span.key, span.revision, span.origin, mark.article, mark.label, mark.extent.start,
        mark.extent.end, words_of(mark), mark.attributes, mark.state, mark.author,
        mark.last_editor, mark.decided_by, mark.decided_at, mark.reason, mark.amended,
        1 if mark.state in DECIDED else None,
    )  # fmt: skip
    return dict(zip(SPAN_ROW, values, strict=True))


def exported():
    lines = export_format.lines(exports.articles(exports.ExportFilter(), bare=False))
    known = list(map(json.loads, b"".join(lines).split(b"\n")[:-1]))
    for line in known:
        article = line.pop("article")
        line |= {"slug": article["slug"], "article_state": article["state"]}
        del line["text_group"]
    return known


def line_of(span, model):
    mark = span.now
    text, start, end = TEXTS[mark.article], mark.extent.start, mark.extent.end
    return {
        "schema": "newsroom.span/1",
        "uid": str(span.key),
        "label": mark.label,
        "start": start,
        "end": end,
        "text": text[start:end],
        "attributes": dict.fromkeys(KEYS[mark.label]) | mark.attributes,
        "state": "approved",
        "amended": mark.amended,
        "revision": span.revision,
        "origin": span.origin,
        "author": mark.author,
        "last_editor": mark.last_editor,
        "decided_by": mark.decided_by,
        "decided_at": mark.decided_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "reason": None,
        "guideline_revision": 1,
        "prefix": text[max(0, start - 32) : start],
        "suffix": text[end : end + 32],
        "slug": mark.article,
        "article_state": model.articles[mark.article].now.state,
    }


@pytest.fixture
def desk(db, monkeypatch):
    for name in EVERYBODY:
        person = make_user(name, annotator=True, reviewer=name in REVIEWERS)
        if name in KEEPERS:
            person.user_permissions.add(Permission.objects.get(codename="change_label"))
    for label, asked in ASKED.items():
        make_label(label, attributes=asked)
    for slug, text in TEXTS.items():
        make_article(text, slug)
    assert list(integrity.breaches(Counter())) == []
    # No deed changes the schema, and to look at it takes as long as a hundred deeds.
    monkeypatch.setattr(integrity, "_missing_constraints", lambda: iter(()))


def test_whatever_three_people_do_the_database_does_as_the_model_does(desk):
    Newsroom.outcomes.clear()
    examples = 1000 if THOROUGH else 15
    run_state_machine_as_test(
        Newsroom,
        settings=settings(max_examples=examples, stateful_step_count=40, deadline=None),
    )
    if THOROUGH:
        assert {name for name, refusal in Newsroom.outcomes if refusal is None} == DEEDS


# What it found, told by themselves.


def on(article):
    return {"article": article.slug, "seen": Article.objects.get(pk=article.pk).revision}


def undo(done):
    return actions.undo(target=done.deed.pk, deed=make_deed(done.deed.actor))


def submitted_and_decided(ada, bo):
    article = make_article(state=ArticleState.SUBMITTED, annotator=ada)
    make_span(article, ada, state=State.APPROVED, reviewer=bo)
    return article


@pytest.fixture
def ada(db):
    return make_user("ada", annotator=True, reviewer=True)


@pytest.fixture
def bo(db):
    return make_user("bo", annotator=True, reviewer=True)


def test_setting_aside_and_restoring_does_not_forget_the_first_decision(ada, bo):
    article = submitted_and_decided(ada, bo)
    actions.set_aside(reason="Twice.", deed=make_deed(ada), **on(article))
    actions.restore_article(deed=make_deed(ada), **on(article))
    with refused(NotPermitted, "A reviewer has begun to decide"):
        actions.take_back(deed=make_deed(ada), **on(article))


def test_undoing_a_sign_off_does_not_forget_the_first_decision(ada, bo):
    article = submitted_and_decided(ada, bo)
    undo(actions.sign_off(nothing_missing=True, deed=make_deed(bo), **on(article)))
    with refused(NotPermitted, "A reviewer has begun to decide"):
        actions.take_back(deed=make_deed(ada), **on(article))


def test_an_article_is_restored_to_where_it_was_before_the_setting_aside_that_stands(ada):
    article = make_article()
    actions.set_aside(reason="Twice.", deed=make_deed(ada), **on(article))
    restored = actions.restore_article(deed=make_deed(ada), **on(article))
    submitted = actions.submit(deed=make_deed(ada), **on(article))
    again = actions.set_aside(reason="Twice.", deed=make_deed(ada), **on(article))
    for done in (again, submitted, restored):
        undo(done)
    actions.restore_article(deed=make_deed(ada), **on(article))
    assert Article.objects.get().state == "open"


def test_nobody_undoes_a_colleagues_setting_aside_by_undoing_an_earlier_one(ada, bo):
    article = make_article()
    earlier = actions.set_aside(reason="Twice.", deed=make_deed(ada), **on(article))
    actions.restore_article(deed=make_deed(bo), **on(article))
    actions.set_aside(reason="Out of scope.", deed=make_deed(bo), **on(article))
    with refused(Stale):
        undo(earlier)


def test_nobody_undoes_a_colleagues_reopening_by_undoing_an_earlier_one(ada, bo):
    article = make_article(state=ArticleState.REVIEWED, reviewer=ada)
    earlier = actions.reopen_article(deed=make_deed(ada), **on(article))
    actions.sign_off(nothing_missing=True, deed=make_deed(ada), **on(article))
    actions.reopen_article(deed=make_deed(bo), **on(article))
    with refused(Stale):
        undo(earlier)

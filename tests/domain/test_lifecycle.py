"""The life of a span and of an article, written down a second time and compared."""

from itertools import product

import pytest

from annotations.domain.lifecycle import (
    ARTICLE_TRANSITIONS,
    DECIDED,
    LIVE,
    RESTING,
    SPAN_TRANSITIONS,
    UNSETTLED,
    VERDICTS,
    Action,
    ArticleState,
    LifecycleError,
    Needs,
    Reason,
    State,
    Waiting,
    Who,
    article_actions,
    article_transition,
    past,
    span_actions,
    span_transition,
    waits,
)

NEW = "–"
BEFORE = "where it was"

# from | deed | to | who | needs
SPANS = """
–         | suggest   | suggested | machine        |
suggested | accept    | proposed  | either         |
suggested | dismiss   | dismissed | either         |
dismissed | restore   | suggested | either         |
suggested | supersede | dismissed | machine        |
–         | propose   | proposed  | annotator      |
–         | propagate | proposed  | annotator      |
proposed  | edit      | proposed  | either         | comment if rejected
sent_back | edit      | proposed  | either         | comment if rejected
rejected  | edit      | proposed  | either         | comment if rejected
sent_back | answer    | proposed  | annotator      | comment
rejected  | answer    | proposed  | annotator      | comment
proposed  | approve   | approved  | other reviewer |
proposed  | amend     | approved  | other reviewer | change
proposed  | reject    | rejected  | other reviewer | reason
sent_back | reject    | rejected  | other reviewer | reason
proposed  | send_back | sent_back | other reviewer | comment
approved  | edit      | proposed  | either         |
approved  | amend     | approved  | label keeper   | change
approved  | reopen    | proposed  | reviewer       |
rejected  | reopen    | proposed  | reviewer       |
proposed  | withdraw  | withdrawn | author         |
sent_back | withdraw  | withdrawn | author         |
withdrawn | restore   | proposed  | author         |
proposed  | merge     | merged    | reviewer       |
"""
ARTICLES = """
–           | import    | open         | importer         |
open        | start     | in_progress  | any hand         |
open        | submit    | submitted    | annotator        |
in_progress | submit    | submitted    | annotator        |
submitted   | take_back | in_progress  | submitter        |
submitted   | review    | reviewed     | signing reviewer | nothing missing
reopened    | review    | reviewed     | signing reviewer | nothing missing
reviewed    | reopen    | reopened     | any hand         |
open        | set_aside | set_aside    | either           | reason
in_progress | set_aside | set_aside    | either           | reason
submitted   | set_aside | set_aside    | either           | reason
reviewed    | set_aside | set_aside    | either           | reason
reopened    | set_aside | set_aside    | either           | reason
set_aside   | restore   | where it was | either           |
open        | supersede | superseded   | importer         |
in_progress | supersede | superseded   | importer         |
submitted   | supersede | superseded   | importer         |
reviewed    | supersede | superseded   | importer         |
reopened    | supersede | superseded   | importer         |
set_aside   | supersede | superseded   | importer         |
"""


def read(table, states):
    """The table as {(from, deed): (to, who, needs)}."""
    rows = {}
    for line in table.strip().splitlines():
        cells = (cell.strip() for cell in line.split("|"))
        before, action, after, who, needs = cells
        key = (None if before == NEW else states(before), Action(action))
        assert key not in rows
        rows[key] = (
            None if after == BEFORE else states(after),
            Who[who.replace(" ", "_").upper()],
            Needs[needs.replace(" ", "_").upper() or "NOTHING"],
        )
    return rows


def flat(transitions):
    return {
        (before, row.action): (row.after, row.who, row.needs)
        for row in transitions
        for before in row.before
    }


# How a proposed span waits in an article of each state; any other span does not wait.
WAITS = {
    ArticleState.OPEN: "early",
    ArticleState.IN_PROGRESS: "early",
    ArticleState.SUBMITTED: "review",
    ArticleState.REVIEWED: None,
    ArticleState.REOPENED: "review",
    ArticleState.SET_ASIDE: None,
    ArticleState.SUPERSEDED: None,
}
SPAN_TABLE = read(SPANS, State)
ARTICLE_TABLE = read(ARTICLES, ArticleState)


@pytest.mark.parametrize(
    ("transitions", "table"),
    [(SPAN_TRANSITIONS, SPAN_TABLE), (ARTICLE_TRANSITIONS, ARTICLE_TABLE)],
    ids=["span", "article"],
)
def test_the_life_cycle_is_the_one_we_agreed_on(transitions, table):
    assert flat(transitions) == table
    assert sum(len(row.before) for row in transitions) == len(table)  # no row stands twice


@pytest.mark.parametrize("key", SPAN_TABLE, ids=lambda key: f"{key[1]} from {key[0]}")
def test_a_span_moves_as_the_table_says(key):
    row = span_transition(*key)
    assert (row.after, row.who, row.needs) == SPAN_TABLE[key]


@pytest.mark.parametrize("key", ARTICLE_TABLE, ids=lambda key: f"{key[1]} from {key[0]}")
def test_an_article_moves_as_the_table_says(key):
    row = article_transition(*key)
    assert (row.after, row.who, row.needs) == ARTICLE_TABLE[key]


@pytest.mark.parametrize(
    ("thing", "transition", "states", "table"),
    [
        ("span", span_transition, State, SPAN_TABLE),
        ("article", article_transition, ArticleState, ARTICLE_TABLE),
    ],
    ids=["span", "article"],
)
def test_whatever_the_table_lacks_is_refused_with_a_sentence_about_state_and_deed(
    thing, transition, states, table
):
    for state, action in product([None, *states], Action):
        if (state, action) in table:
            continue
        with pytest.raises(LifecycleError) as refusal:
            transition(state, action)
        opening = f"A new {thing}" if state is None else f"This {thing} is {state.words}, so it"
        assert str(refusal.value) == f"{opening} cannot be {past(action)}."


def test_every_deed_has_its_participle():
    participles = {action: past(action) for action in Action}
    assert len(set(participles.values())) == len(Action)
    assert {
        action: word for action, word in participles.items() if not word.split()[0].endswith("ed")
    } == {
        Action.SEND_BACK: "sent back",
        Action.SET_ASIDE: "set aside",
        Action.TAKE_BACK: "taken back",
        Action.UNDO: "undone",
        Action.WITHDRAW: "withdrawn",
        Action.IMPORT: "brought in",
    }


@pytest.mark.parametrize("state", State)
def test_what_may_be_done_to_a_span_is_what_the_table_has_for_its_state(state):
    assert span_actions(state) == list(dict.fromkeys(a for s, a in SPAN_TABLE if s == state))


@pytest.mark.parametrize("state", ArticleState)
def test_what_may_be_done_to_an_article_is_what_the_table_has_for_its_state(state):
    assert sorted(article_actions(state)) == sorted(a for s, a in ARTICLE_TABLE if s == state)


def test_a_span_lives_while_it_is_suggested_proposed_sent_back_or_approved():
    assert {state.value for state in LIVE} == {"suggested", "proposed", "sent_back", "approved"}


def test_every_verdict_is_for_another_reviewer_and_nothing_else_is():
    others = (Who.OTHER_REVIEWER, Who.LABEL_KEEPER)
    for_others = {action for (_, action), row in SPAN_TABLE.items() if row[1] in others}
    assert for_others == set(VERDICTS)


def test_what_is_approved_is_amended_only_by_who_keeps_the_labels():
    kept = {key for key, row in SPAN_TABLE.items() if row[1] is Who.LABEL_KEEPER}
    assert kept == {(State.APPROVED, Action.AMEND)}


def test_every_verdict_leads_to_a_decided_state_and_nothing_else_does():
    for (_, action), (after, _, _) in SPAN_TABLE.items():
        assert (after in DECIDED) is (action in VERDICTS)


def test_an_article_cannot_be_signed_off_over_spans_that_need_somebody():
    assert set(UNSETTLED) == {State.PROPOSED, State.SENT_BACK}


def test_the_articles_that_rest_are_those_set_aside_and_superseded():
    assert {state.value for state in RESTING} == {"set_aside", "superseded"}


@pytest.mark.parametrize("article", ArticleState)
@pytest.mark.parametrize("span", State)
def test_a_proposed_span_waits_as_its_article_stands_and_no_other_does(article, span):
    assert waits(article, span) == (WAITS[article] if span is State.PROPOSED else None)


def test_a_span_that_waits_does_so_for_review_or_early():
    assert {waiting.value for waiting in Waiting} == {"review", "early"}


@pytest.mark.parametrize("enum", [State, ArticleState, Action, Reason])
def test_words_are_for_people_and_have_no_underscores(enum):
    assert all(member.words == member.value.replace("_", " ") for member in enum)

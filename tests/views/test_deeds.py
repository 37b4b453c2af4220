"""Every deed by POST, from both screens, sent by a plain form and by htmx: done, or refused with a
sentence where the person is, what they typed kept and nothing written.
"""

import json
import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from annotations import actions
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState, Reason, State
from annotations.models import Article, Deed, Span
from tests.factories import (
    TEXT,
    load_labels,
    make_article,
    make_deed,
    make_label,
    make_span,
    make_user,
)
from tests.views.hands import browser_of, deed, desk_url, mark_url, span_url, words
from tests.views.page import Page, database

pytestmark = pytest.mark.django_db
HOUSE = "safe as a house"
START = TEXT.index(HOUSE)
LONGER = {"start": START - 3, "end": START + len(HOUSE), "text": f"as {HOUSE}"}
COMMENT = "Line one,\n  “line two” <b>&amp;</b>\n\nand the last."
BAD = json.loads(Path(__file__).parent.parent.joinpath("data/nasty/spans.json").read_text())

ways = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
screens = pytest.mark.parametrize("screen", ["desk", "review"])
# Where every deed of a table is tried: all four would say the same.
corners = pytest.mark.parametrize(("screen", "htmx"), [("desk", True), ("review", False)])

# deed -> where the span stands, who does it, what they bring, where it stands then
SPAN_DEEDS = {
    "accept": (State.SUGGESTED, "annotator", {}, State.PROPOSED),
    "accept, changed": (State.SUGGESTED, "reviewer", LONGER, State.PROPOSED),
    "dismiss": (State.SUGGESTED, "annotator", {}, State.DISMISSED),
    "restore, dismissed": (State.DISMISSED, "reviewer", {}, State.SUGGESTED),
    "edit": (State.PROPOSED, "annotator", LONGER, State.PROPOSED),
    "edit, sent back": (State.SENT_BACK, "author", LONGER, State.PROPOSED),
    "edit, approved": (State.APPROVED, "reviewer", LONGER, State.PROPOSED),
    "edit, rejected": (State.REJECTED, "author", LONGER | {"comment": "Now."}, State.PROPOSED),
    "answer": (State.SENT_BACK, "author", {"comment": "It is."}, State.PROPOSED),
    "answer, rejected": (State.REJECTED, "annotator", {"comment": "It is."}, State.PROPOSED),
    "approve": (State.PROPOSED, "reviewer", {}, State.APPROVED),
    "amend": (State.PROPOSED, "reviewer", LONGER, State.APPROVED),
    "reject": (State.PROPOSED, "reviewer", {"reason": "wrong_extent"}, State.REJECTED),
    "reject, sent back": (State.SENT_BACK, "decider", {"reason": "other"}, State.REJECTED),
    "send_back": (State.PROPOSED, "reviewer", {"comment": "Why?"}, State.SENT_BACK),
    "reopen": (State.APPROVED, "reviewer", {}, State.PROPOSED),
    "reopen, rejected": (State.REJECTED, "decider", {}, State.PROPOSED),
    "withdraw": (State.PROPOSED, "author", {}, State.WITHDRAWN),
    "withdraw, sent back": (State.SENT_BACK, "author", {}, State.WITHDRAWN),
    "restore": (State.WITHDRAWN, "author", {}, State.PROPOSED),
}
span_deeds = pytest.mark.parametrize("name", SPAN_DEEDS)
SAID = {
    "accept": "Accepted.",
    "dismiss": "Dismissed.",
    "restore": "Restored.",
    "edit": "Edited.",
    "answer": "Answered.",
    "approve": "Approved.",
    "amend": "Approved with changes.",
    "reject": "Rejected.",
    "send_back": "Sent back.",
    "reopen": "Reopened.",
    "withdraw": "Withdrawn.",
}

ARTICLE_DEEDS = {
    "submit": (ArticleState.OPEN, "annotator", {}, ArticleState.SUBMITTED),
    "submit, begun": (ArticleState.IN_PROGRESS, "annotator", {}, ArticleState.SUBMITTED),
    "take_back": (ArticleState.SUBMITTED, "submitter", {}, ArticleState.IN_PROGRESS),
    "review": (
        ArticleState.SUBMITTED,
        "reviewer",
        {"nothing_missing": "on"},
        ArticleState.REVIEWED,
    ),
    "review, reopened": (
        ArticleState.REOPENED,
        "reviewer",
        {"nothing_missing": "on"},
        ArticleState.REVIEWED,
    ),
    "reopen": (ArticleState.REVIEWED, "reviewer", {"comment": "See."}, ArticleState.REOPENED),
    "set_aside": (ArticleState.OPEN, "annotator", {"reason": "A copy."}, ArticleState.SET_ASIDE),
    "restore": (ArticleState.SET_ASIDE, "reviewer", {}, ArticleState.OPEN),
}
article_deeds = pytest.mark.parametrize("name", ARTICLE_DEEDS)


def action_of(name):
    return name.split(",")[0]


def actor_of(part, thing):
    """Who is meant by `part`; somebody new where the span or article does not say."""
    match part:
        case "author":
            return thing.author
        case "decider":
            return thing.decided_by
        case "submitter":
            return thing.submitted_by
        case _:
            return make_user(**{part: True})


def change(span, **fields):
    """Somebody else edits the span meanwhile, to “house”."""
    at = span.article.text.index("house")
    return actions.edit(
        span=span.uid,
        seen=span.revision,
        change=actions.Change(extent=Extent(at, at + 5), text="house", **fields),
        deed=make_deed(make_user(annotator=True)),
        comment="Shorter.",
    ).span


def refused(response, status, sentence, before):
    """That it was refused so, saying so where the person is, and nothing was written."""
    page = Page(response)
    assert (page.status, database() == before) == (status, True)
    assert sentence in page.refusals
    if page.partials:
        assert sentence in page.partials["#notice"].refusals
    return page


def form_of(page, span, htmx, screen):
    """The form of the span, where the screen has it."""
    if htmx:
        assert page.partials["#card" if screen == "review" else "#panel"]
    return page.form(span_url(span)).fields


# Done


@ways
@screens
@span_deeds
def test_each_deed_on_a_span_is_done_and_answered_where_it_came_from(name, screen, htmx):
    state, part, brought, after = SPAN_DEEDS[name]
    span = make_span(text=HOUSE, state=state)
    browser = browser_of(actor_of(part, span), htmx=htmx)

    response = browser.post(span_url(span), deed(action_of(name), span, screen=screen, **brought))

    now = Span.objects.get()
    assert (now.state, now.revision) == (after, span.revision + 1)
    assert now.text == (LONGER["text"] if "text" in brought else HOUSE)
    if htmx:
        assert response.status_code == 200
        page = Page(response)
        mine = {"desk": {"#p0", "#r0", "#head", "#panel"}, "review": {"#card", "#queue", "#undo"}}
        assert mine[screen] | {"#notice"} <= page.partials.keys()
    else:
        assert response.status_code == 302
        assert response["Location"].startswith(
            reverse("review") if screen == "review" else f"{desk_url(span.article)}?span={span.uid}"
        )
        page = Page(browser.get(response["Location"]))
        assert page.status == 200
    assert page.toasts == [SAID[action_of(name)]]
    assert not page.refusals


@ways
@screens
@article_deeds
def test_each_deed_on_an_article_is_done_and_answered_where_it_came_from(name, screen, htmx):
    state, part, brought, after = ARTICLE_DEEDS[name]
    article = make_article(state=state)
    browser = browser_of(actor_of(part, article), htmx=htmx)

    response = browser.post(
        desk_url(article), deed(action_of(name), article, screen=screen, **brought)
    )

    now = Article.objects.get()
    assert (now.state, now.revision) == (after, article.revision + 1)
    if htmx and screen == "desk" and name in ("set_aside", "restore"):  # all of the page changes
        assert response.status_code == 200
        page = Page(browser.get(response["HX-Redirect"], headers={"HX-Request": "false"}))
    elif htmx:
        assert response.status_code == 200
        page = Page(response)
        mine = {"desk": {"#head"}, "review": {"#card", "#queue", "#undo"}}[screen]
        assert mine | {"#notice"} <= page.partials.keys()
    else:
        assert response.status_code == 302
        there = reverse("review") if screen == "review" else desk_url(article)
        assert response["Location"].partition("?")[0] == there
        page = Page(browser.get(response["Location"]))
    assert page.toasts
    assert not page.refusals


@ways
@pytest.mark.parametrize("state", [State.SENT_BACK, State.REJECTED])
def test_an_answer_with_a_change_in_sight_is_an_edit_with_that_comment(state, htmx):
    load_labels()
    span = make_span(text=HOUSE, state=state)
    browser = browser_of(span.author, htmx=htmx)
    form = Page(browser_of(span.author).get(desk_url(span.article), {"span": span.uid})).form(
        span_url(span)
    )
    sent = form.fields | {"action": "answer", "comment": "It is hers.", "attr_speaker": "She"}

    first, again = (browser.post(span_url(span), sent) for _ in range(2))

    now = Span.objects.get()
    assert (now.state, now.attributes["speaker"]["value"]) == (State.PROPOSED, "She")
    assert (now.events.last().action, now.events.last().comment) == ("edit", "It is hers.")
    assert first.status_code == again.status_code == (200 if htmx else 302)
    assert now.revision == span.revision + 1  # the second was the first again


@ways
def test_an_answer_with_nothing_changed_is_an_answer_and_one_without_a_word_is_refused(htmx):
    load_labels()
    span = make_span(text=HOUSE, state=State.SENT_BACK)
    form = Page(browser_of(span.author).get(desk_url(span.article), {"span": span.uid})).form(
        span_url(span)
    )
    browser = browser_of(span.author, htmx=htmx)
    sent = form.fields | {"action": "answer"}
    before = database()

    changed = browser.post(span_url(span), sent | {"attr_speaker": "She"})

    page = refused(changed, 422, "An answer needs a word to the reviewer.", before)
    assert form_of(page, span, htmx, "desk")["attr_speaker"] == "She"
    browser.post(span_url(span), sent | {"comment": "It is whole."})
    assert Span.objects.get().events.last().action == "answer"


@ways
@pytest.mark.parametrize(
    ("state", "action", "done"),
    [
        (State.PROPOSED, "withdraw dismiss", "withdraw"),
        (State.SUGGESTED, "withdraw dismiss", "dismiss"),
        (State.PROPOSED, "edit accept", "edit"),
        (State.SUGGESTED, "edit accept", "accept"),
    ],
)
def test_of_several_deeds_the_one_is_done_that_fits_what_was_seen(state, action, done, htmx):
    span = make_span(text=HOUSE, state=state)
    browser = browser_of(span.author or make_user(annotator=True), htmx=htmx)
    sent = deed(action, span, **(LONGER if "edit" in action else {}))

    first, again = (browser.post(span_url(span), sent) for _ in range(2))

    now = Span.objects.get()
    assert (now.events.last().action, now.revision) == (done, span.revision + 1)
    assert first.status_code == again.status_code == (200 if htmx else 302)


def test_where_none_of_several_deeds_fits_the_first_is_refused():
    span = make_span(text=HOUSE, state=State.WITHDRAWN)
    before = database()

    response = browser_of(span.author).post(span_url(span), deed("withdraw dismiss", span))

    refused(response, 409, "This span is withdrawn, so it cannot be withdrawn.", before)
    unseen = deed("withdraw dismiss", span) | {"seen": 99}
    assert browser_of(span.author).post(span_url(span), unseen).status_code == 409


@pytest.mark.parametrize("state", [state for state in State if state is not State.MERGED])
def test_the_desk_offers_exactly_the_deeds_that_it_lets_the_person_do(state):
    span = make_span(text=HOUSE, state=state)
    author = span.author or make_user(annotator=True)

    page = Page(browser_of(author).get(desk_url(span.article), {"span": span.uid}))

    offered = {
        State.SUGGESTED: {"accept", "dismiss"},
        State.PROPOSED: {"edit", "withdraw"},
        State.SENT_BACK: {"answer", "edit", "withdraw"},
        State.APPROVED: {"edit"},
        State.REJECTED: {"answer", "edit"},
        State.WITHDRAWN: {"restore"},
        State.DISMISSED: {"restore"},
    }
    assert set(page.form(span_url(span)).buttons) == offered[state]


@ways
def test_a_form_sent_as_it_was_drawn_changes_nothing_but_what_was_typed(htmx):
    load_labels()
    span = make_span(text=HOUSE, attributes={"speaker": "The mayor", "form": "direct"})
    browser = browser_of(span.author, htmx=htmx)
    form = Page(browser.get(desk_url(span.article), {"span": span.uid})).form(span_url(span))

    sent = form.fields | {"action": "edit", "attr_cue": "said", "attr_continues": "yes"}
    sent["text"] = sent["text"].replace("\n", "\r\n")
    response = browser.post(span_url(span), sent)

    assert response.status_code == (200 if htmx else 302)
    now = Span.objects.get()
    assert (now.start, now.end, now.text, now.label) == (
        span.start,
        span.end,
        span.text,
        span.label,
    )
    assert now.attributes == {
        "speaker": {"value": "The mayor", "start": None, "end": None},
        "cue": {"value": "said", "start": None, "end": None},
        "form": "direct",
        "continues": True,
    }


def test_an_attribute_that_is_emptied_in_the_form_is_empty():
    load_labels()
    span = make_span(text=HOUSE, attributes={"speaker": "The mayor", "form": "direct"})

    browser_of(span.author).post(
        span_url(span), deed("edit", span, attr_speaker=" ", attr_form="direct")
    )

    assert Span.objects.get().attributes == {"form": "direct"}


def test_another_label_in_the_form_brings_its_own_attributes_and_drops_the_old_ones():
    load_labels()
    span = make_span(text=HOUSE, attributes={"speaker": "The mayor"})

    response = browser_of(span.author).post(
        span_url(span),
        deed(
            "edit",
            span,
            label="claim",
            attr_claimant="The mayor",
            attr_worthiness="unknown",
            attr_speaker="The mayor",  # the form was drawn for a quote
            attr_speaker_start="",
            attr_speaker_end="",
        ),
    )

    now = Span.objects.get()
    assert (response.status_code, now.label.slug) == (302, "claim")
    assert now.attributes == {
        "claimant": {"value": "The mayor", "start": None, "end": None},
        "worthiness": "unknown",
    }


@ways
def test_a_comment_keeps_its_line_ends_however_the_browser_sends_them(htmx):
    span = make_span(text=HOUSE)
    rev = make_user(reviewer=True)

    browser_of(rev, htmx=htmx).post(
        span_url(span), deed("send_back", span, comment="\r\nWhose?\r\nAnd  when?\r\n")
    )

    assert span.events.last().comment == "Whose?\nAnd  when?"
    page = Page(browser_of(rev).get(desk_url(span.article), {"span": span.uid}))
    assert page.one("q", class_="comment").text == "Whose?\nAnd  when?"


# 403


@corners
@pytest.mark.parametrize("name", ["approve", "amend", "reject", "send_back"])
def test_nobody_decides_on_a_span_whose_last_hand_was_theirs(name, screen, htmx):
    both = make_user(annotator=True, reviewer=True)
    span = make_span(author=both, text=HOUSE)
    before = database()

    response = browser_of(both, htmx=htmx).post(
        span_url(span), deed(name, span, screen=screen, **SPAN_DEEDS[name][2])
    )

    refused(
        response,
        403,
        "The last hand on this span was yours, so somebody else has to decide.",
        before,
    )


def test_who_edited_last_may_not_decide_and_who_marked_it_may():
    ann, rev = make_user(annotator=True, reviewer=True), make_user(reviewer=True)
    span = make_span(author=ann, text=HOUSE)
    browser_of(rev).post(span_url(span), deed("edit", span, **LONGER))
    span.refresh_from_db()

    assert browser_of(rev).post(span_url(span), deed("approve", span)).status_code == 403
    assert browser_of(ann).post(span_url(span), deed("approve", span)).status_code == 302


@corners
@pytest.mark.parametrize(
    ("name", "part", "sentence"),
    [
        ("accept", "exporter", "Only annotators and reviewers may do this."),
        ("dismiss", "importer", "Only annotators and reviewers may do this."),
        ("restore, dismissed", "exporter", "Only annotators and reviewers may do this."),
        ("edit", "exporter", "Only annotators and reviewers may do this."),
        ("answer", "reviewer", "Only annotators may do this."),
        ("approve", "annotator", "Only reviewers may do this."),
        ("amend", "annotator", "Only reviewers may do this."),
        ("reject", "annotator", "Only reviewers may do this."),
        ("send_back", "annotator", "Only reviewers may do this."),
        ("reopen", "annotator", "Only reviewers may do this."),
        ("withdraw", "annotator", "Only its author may do this."),
        ("withdraw", "reviewer", "Only its author may do this."),
        ("restore", "annotator", "Only its author may do this."),
    ],
)
def test_a_deed_on_a_span_by_who_may_not_is_refused(name, part, sentence, screen, htmx):
    state, _, brought, _ = SPAN_DEEDS[name]
    span = make_span(text=HOUSE, state=state)
    before = database()

    response = browser_of(make_user(**{part: True}), htmx=htmx).post(
        span_url(span), deed(action_of(name), span, screen=screen, **brought)
    )

    refused(response, 403, sentence, before)


@corners
@pytest.mark.parametrize(
    ("name", "part", "sentence"),
    [
        ("submit", "reviewer", "Only annotators may do this."),
        ("take_back", "annotator", "Only who submitted the article may take that back."),
        ("review", "annotator", "Only reviewers may do this."),
        ("reopen", "annotator", "Only reviewers may do this."),
        ("set_aside", "exporter", "Only annotators and reviewers may do this."),
        ("restore", "importer", "Only annotators and reviewers may do this."),
    ],
)
def test_a_deed_on_an_article_by_who_may_not_is_refused(name, part, sentence, screen, htmx):
    state, _, brought, _ = ARTICLE_DEEDS[name]
    article = make_article(state=state)
    before = database()

    response = browser_of(make_user(**{part: True}), htmx=htmx).post(
        desk_url(article), deed(action_of(name), article, screen=screen, **brought)
    )

    refused(response, 403, sentence, before)


@ways
@screens
def test_who_is_the_only_author_does_not_sign_the_article_off(screen, htmx):
    both = make_user(annotator=True, reviewer=True)
    article = make_article()
    make_span(article, both, state=State.APPROVED)
    browser_of(both).post(desk_url(article), deed("submit", Article.objects.get()))
    before = database()

    response = browser_of(both, htmx=htmx).post(
        desk_url(article),
        deed("review", Article.objects.get(), screen=screen, nothing_missing="on"),
    )

    sentence = "All its spans are yours, so somebody else has to sign it off."
    refused(response, 403, sentence, before)


# 404


@ways
@screens
def test_a_deed_on_what_is_not_there_is_404_with_a_sentence(screen, htmx):
    browser = browser_of(make_user(superuser=True), htmx=htmx)
    form = {"action": "approve", "seen": 1, "request_id": str(uuid4()), "screen": screen}

    for address, sentence in (
        (f"/spans/{uuid4()}/", "There is no such span."),
        ("/articles/nowhere/", "There is no such article."),
        ("/deeds/4711/undo/", "There is no such deed."),
        (f"/deeds/{10**30}/undo/", "There is no such deed."),
    ):
        response = browser.post(address, form)

        page = Page(response)
        assert response.status_code == 404
        if htmx:  # it swaps in where the person is and takes nothing from the page
            assert page.partials.keys() == {"#notice"}
            assert page.refusals == [sentence]
        else:
            assert sentence in page.words


# 409


@corners
@span_deeds
def test_a_deed_on_a_span_that_has_changed_is_refused_and_the_page_shows_it_as_it_is(
    name, screen, htmx
):
    state, part, brought, _ = SPAN_DEEDS[name]
    span = make_span(text=HOUSE, state=state)
    actor = actor_of(part, span)
    stale = deed(action_of(name), span, screen=screen, **brought)
    _somebody_else_changes(span)
    before = database()

    response = browser_of(actor, htmx=htmx).post(span_url(span), stale)

    sentence = (
        "This span has changed since you saw it. It is shown as it is now; "
        "what you entered is kept."
    )
    page = refused(response, 409, sentence, before)
    now = Span.objects.get()
    if screen == "desk":
        assert page.one("blockquote").text == now.text
    if page.every("form", action=span_url(span)):  # the review has none for who does not review
        form = form_of(page, span, htmx, screen)
        assert form["seen"] == str(now.revision)
        assert form["request_id"] != stale["request_id"]


def _somebody_else_changes(span):
    said = {"span": span.uid, "seen": span.revision}
    match State(span.state):
        case State.SUGGESTED:
            actions.dismiss(deed=make_deed(make_user(annotator=True)), **said)
        case State.DISMISSED:
            actions.restore(deed=make_deed(make_user(annotator=True)), **said)
        case State.WITHDRAWN:
            actions.restore(deed=make_deed(span.author), **said)
        case _:
            change(span)


@ways
@screens
def test_a_reviewer_who_was_too_late_keeps_comment_reason_and_attributes(screen, htmx):
    load_labels()
    span = make_span(text=HOUSE)
    typed = {
        **LONGER,
        "label": "quote",
        "comment": COMMENT.replace("\n", "\r\n"),
        "reason": "wrong_speaker",
        "attr_speaker": "The mayor of <b>Elsewhere</b>",
        "attr_speaker_start": "0",
        "attr_speaker_end": "9",
        "attr_form": "mixed",
        "attr_continues": "no",
    }
    late = deed("amend", span, screen=screen, **typed)
    change(span)

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(span_url(span), late)

    form = form_of(Page(response), span, htmx, screen)
    kept = {name: form[name].replace("\r\n", "\n") for name in typed if name != "reason"}
    assert kept == {
        name: str(value).replace("\r\n", "\n") for name, value in typed.items() if name != "reason"
    }
    if screen == "review":
        assert form["reason"] == "wrong_speaker"


@ways
@screens
@pytest.mark.parametrize("meanwhile", ["approve", "withdraw", "reject", "send_back"])
def test_what_was_typed_stays_even_where_the_deed_is_no_longer_possible(meanwhile, screen, htmx):
    load_labels()
    span = make_span(text=HOUSE, attributes={"form": "scare"})
    typed = {"comment": COMMENT, "attr_speaker": "Somebody", "attr_form": "direct"}
    late = deed("amend" if screen == "review" else "edit", span, screen=screen, **typed)
    said = {"span": span.uid, "seen": span.revision}
    match meanwhile:
        case "approve":
            actions.approve(deed=make_deed(make_user(reviewer=True)), **said)
        case "withdraw":
            actions.withdraw(deed=make_deed(span.author), **said)
        case "reject":
            rev = make_deed(make_user(reviewer=True))
            actions.reject(deed=rev, reason=Reason.OTHER, **said)
        case "send_back":
            actions.send_back(deed=make_deed(make_user(reviewer=True)), comment="See.", **said)
    before = database()

    response = browser_of(make_user(annotator=True, reviewer=True), htmx=htmx).post(
        span_url(span), late
    )

    assert response.status_code == 409
    assert database() == before
    form = form_of(Page(response), span, htmx, screen)
    assert {name: form.get(name) for name in typed} == typed


@corners
@pytest.mark.parametrize(
    ("state", "action", "sentence"),
    [
        (State.APPROVED, "approve", "This span is approved, so it cannot be approved."),
        (State.WITHDRAWN, "approve", "This span is withdrawn, so it cannot be approved."),
        (State.PROPOSED, "reopen", "This span is proposed, so it cannot be reopened."),
        (State.PROPOSED, "accept", "This span is proposed, so it cannot be accepted."),
        (State.REJECTED, "send_back", "This span is rejected, so it cannot be sent back."),
        (State.SUGGESTED, "approve", "This span is suggested, so it cannot be approved."),
        (State.DISMISSED, "edit", "This span is dismissed, so it cannot be edited."),
    ],
)
def test_what_the_life_cycle_does_not_allow_is_409_and_the_comment_stays(
    state, action, sentence, screen, htmx
):
    span = make_span(text=HOUSE, state=state)
    before = database()

    response = browser_of(make_user(annotator=True, reviewer=True), htmx=htmx).post(
        span_url(span), deed(action, span, screen=screen, comment=COMMENT)
    )

    page = refused(response, 409, sentence, before)
    assert form_of(page, span, htmx, screen)["comment"] == COMMENT


@ways
@screens
def test_a_change_that_makes_a_twin_is_409_and_names_who_was_first(screen, htmx):
    first = make_span(author=make_user("ann", annotator=True), text=f"as {HOUSE}")
    span = make_span(first.article, text=HOUSE)
    before = database()

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        span_url(span), deed("amend", span, screen=screen, **LONGER)
    )

    sentence = "These words are already marked as quote by ann (proposed)."
    page = refused(response, 409, sentence, before)
    form = form_of(page, span, htmx, screen)
    assert (form["start"], form["end"], form["text"]) == (
        str(LONGER["start"]),
        str(LONGER["end"]),
        LONGER["text"],
    )


@corners
@article_deeds
def test_a_deed_on_an_article_that_has_changed_is_refused(name, screen, htmx):
    state, part, brought, _ = ARTICLE_DEEDS[name]
    article = make_article(state=state)
    actor = actor_of(part, article)
    stale = deed(action_of(name), article, screen=screen, **brought) | {"seen": 99}
    before = database()

    response = browser_of(actor, htmx=htmx).post(desk_url(article), stale)

    sentence = "The article has changed since you saw it. It is shown as it is now."
    page = refused(response, 409, sentence, before)
    if screen == "desk" and name == "set_aside":
        assert page.form(desk_url(article), sends="set_aside").fields["reason"] == "A copy."


@ways
@screens
def test_an_article_that_is_not_settled_is_not_signed_off_and_the_page_says_how_many(screen, htmx):
    span = make_span()
    article = span.article
    browser_of(span.author).post(desk_url(article), deed("submit", Article.objects.get()))
    before = database()

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        desk_url(article),
        deed("review", Article.objects.get(), screen=screen, nothing_missing="on"),
    )

    refused(response, 409, "1 span is still undecided or sent back.", before)


# 422


def bad_spans():
    """The bad spans as a form would send them: numbers as digits, all else as its JSON."""
    for bad in BAD["bad"]:
        sent = {
            name: value if isinstance(value, str) and name == "label" else json.dumps(value)
            for name, value in bad.items()
            if name != "why"
        }
        if bad["why"] == "NaN-like":
            sent["start"] = "NaN"
        places = [bad["start"], bad["end"]]
        if all(type(place) is int for place in places):
            sent["text"] = BAD["text"][max(places[0], 0) : places[1]]
        yield bad["why"], sent
    mismatch = BAD["text_mismatch"]
    yield "text mismatch", {name: str(value) for name, value in mismatch.items()}
    for start, why in (
        ("", "only an end"),
        ("4.0", "point"),
        ("4e0", "power"),
        ("٤", "Arabic"),
        ("0x4", "hex"),
        ("+4", "plus"),
        ("4\0", "NUL"),
        ("--4", "minus twice"),
        ("𝟒", "mathematical"),
        ("1" * 5000, "endless"),
        ("-" + "9" * 18, "far below"),
        ("null", "null"),
        ("true", "true"),
        ("Infinity", "Infinity"),
    ):
        sent = {"start": start, "end": "18", "label": "quote", "text": "“quoted words”"}
        yield why, sent
    for label in ("\0", "quote\0", "Quote", "quote' --", "q" * 51, "🔥"):
        sent = {"start": "4", "end": "18", "label": label, "text": "“quoted words”"}
        yield f"label {label!r}", sent
    for text in ("", " “quoted words”", "“quoted words” ", "“QUOTED words”", "“quoted words”\0"):
        sent = {"start": "4", "end": "18", "label": "quote", "text": text}
        yield f"text {text!r}", sent
    yield "only a blank", {"start": "3", "end": "4", "label": "quote", "text": " "}


BAD_SPANS = dict(bad_spans())
SOME = dict(list(BAD_SPANS.items())[::6])  # a whole page each; the fragments are tried with all


@pytest.mark.parametrize(("htmx", "bad"), [(True, BAD_SPANS), (False, SOME)], ids=["all", "some"])
def test_every_bad_span_is_422_on_marking_with_a_sentence_and_what_was_sent(htmx, bad):
    load_labels()
    article = make_article(BAD["text"])
    browser = browser_of(make_user(annotator=True), htmx=htmx)
    before = database()

    for why, sent in bad.items():
        response = browser.post(mark_url(article), sent | {"request_id": str(uuid4())})

        page = Page(response)
        assert (response.status_code, database() == before) == (422, True), why
        assert page.refusals, why
        assert all(page.refusals), why
        if not htmx:
            fields = page.form(mark_url(article)).fields
            kept = {name: fields[name] for name in ("start", "end", "text")}
            assert kept == {name: sent.get(name, "") for name in kept}, why


@pytest.mark.parametrize(
    ("screen", "htmx", "bad"),
    [("desk", True, BAD_SPANS), ("review", False, SOME)],
    ids=["all", "some"],
)
def test_every_bad_span_is_422_on_changing_and_stays_in_the_fields(screen, htmx, bad):
    load_labels()
    span = make_span(make_article(BAD["text"]), text="end.", attributes={"form": "scare"})
    browser = browser_of(make_user(reviewer=True), htmx=htmx)
    before = database()

    for why, sent in bad.items():
        if sent["label"] == "":  # a form without a label leaves the label as it is
            continue
        response = browser.post(span_url(span), deed("amend", span, screen=screen, **sent))

        page = Page(response)
        assert (response.status_code, database() == before) == (422, True), why
        assert page.refusals, why
        form = form_of(page, span, htmx, screen)
        kept = {name: form[name] for name in ("start", "end", "text") if name in sent}
        assert kept == {name: sent[name] for name in kept}, why


def test_the_good_span_beside_the_bad_ones_is_marked():
    load_labels()
    article = make_article(BAD["text"])
    sent = BAD["ok"] | {"request_id": str(uuid4())}

    response = browser_of(make_user(annotator=True)).post(mark_url(article), sent)

    assert response.status_code == 302
    assert Span.objects.get().text == BAD["ok"]["text"]


def test_words_that_are_not_those_of_the_text_are_refused_saying_so():
    load_labels()
    article = make_article(BAD["text"])
    sent = BAD["text_mismatch"] | {"request_id": str(uuid4())}

    page = Page(browser_of(make_user(annotator=True)).post(mark_url(article), sent))

    assert page.status == 422
    assert page.refusals == [
        "The words that were sent are not those at 4–18 of the text. "
        "Nothing was stored; please mark them again."
    ]


@corners
@pytest.mark.parametrize(
    ("name", "without", "sentence"),
    [
        ("reject", "reason", "Choose why it is rejected."),
        ("send_back", "comment", "Say what the annotator should look at."),
        ("answer", "comment", "An answer needs a word to the reviewer."),
        ("edit, rejected", "comment", "Say what you changed: this span was rejected."),
        ("edit", "text", None),
        ("edit", "start", "A span needs both a start and an end."),
        ("edit", "end", "A span needs both a start and an end."),
    ],
)
def test_a_deed_that_lacks_what_it_needs_is_422_and_says_what(
    name, without, sentence, screen, htmx
):
    state, part, brought, _ = SPAN_DEEDS[name]
    span = make_span(text=HOUSE, state=state)
    before = database()
    sent = {key: value for key, value in brought.items() if key != without}

    response = browser_of(actor_of(part, span), htmx=htmx).post(
        span_url(span), deed(action_of(name), span, screen=screen, **sent)
    )

    page = Page(response)
    assert (response.status_code, database() == before) == (422, True)
    assert page.refusals
    if sentence:
        assert sentence in page.refusals


@corners
@pytest.mark.parametrize("reason", ["", "because", "wrong label", "\0", "x" * 300])
def test_a_reason_is_one_of_those_that_are_offered(reason, screen, htmx):
    span = make_span(text=HOUSE)
    before = database()

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        span_url(span), deed("reject", span, screen=screen, reason=reason, comment=COMMENT)
    )

    page = Page(response)
    assert (response.status_code, database() == before) == (422, True)
    assert page.refusals
    assert form_of(page, span, htmx, screen)["comment"] == COMMENT


@corners
@pytest.mark.parametrize("comment", ["\0", "Whose?\0", "x" * 5001])
def test_a_comment_that_cannot_be_kept_is_422_and_stays_where_it_was_typed(comment, screen, htmx):
    span = make_span(text=HOUSE)
    before = database()

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        span_url(span), deed("send_back", span, screen=screen, comment=comment)
    )

    page = Page(response)
    assert (response.status_code, database() == before) == (422, True)
    assert page.refusals
    assert form_of(page, span, htmx, screen)["comment"] == comment


@ways
@screens
def test_a_span_that_lacks_a_required_attribute_is_not_approved_and_the_page_says_which(
    screen, htmx
):
    load_labels()
    span = make_span(text=HOUSE)
    before = database()

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        span_url(span), deed("approve", span, screen=screen)
    )

    page = refused(response, 422, "Before it can be approved it needs: speaker.", before)
    (field,) = page.every("input", name="attr_speaker")
    assert field["aria-invalid"] == "true"


def test_a_required_attribute_is_not_asked_for_under_the_condition_that_frees_from_it():
    load_labels()
    span = make_span(text=HOUSE, attributes={"form": "scare"})

    response = browser_of(make_user(reviewer=True)).post(span_url(span), deed("approve", span))

    assert response.status_code == 302


@corners
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attr_form", "shouted"),
        ("attr_continues", "perhaps"),
        ("attr_speaker", "x" * 501),
        ("attr_speaker", "a\0b"),
        ("attr_colour", "blue"),
    ],
)
def test_an_attribute_that_does_not_fit_is_422_and_says_why(name, value, screen, htmx):
    load_labels()
    span = make_span(text=HOUSE)
    before = database()

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        span_url(span), deed("amend", span, screen=screen, comment=COMMENT, **{name: value})
    )

    page = Page(response)
    assert (response.status_code, database() == before) == (422, True)
    assert page.refusals
    form = form_of(page, span, htmx, screen)
    assert form["comment"] == COMMENT
    if name == "attr_speaker":
        assert form[name] == value


@pytest.mark.parametrize(
    ("start", "end"),
    [("0", ""), ("", "9"), ("9", "0"), ("-1", "3"), ("0", "99999"), ("x", "9"), ("0", "9" * 30)],
)
def test_an_anchor_that_is_not_in_the_text_is_422(start, end):
    load_labels()
    span = make_span(text=HOUSE)
    before = database()

    response = browser_of(span.author).post(
        span_url(span),
        deed("edit", span, attr_speaker="x", attr_speaker_start=start, attr_speaker_end=end),
    )

    assert (response.status_code, database() == before) == (422, True)
    fields = Page(response).form(span_url(span)).fields
    assert (fields["attr_speaker_start"], fields["attr_speaker_end"]) == (start, end)


@corners
@pytest.mark.parametrize("missing", ["action", "seen", "request_id"])
def test_a_form_that_lacks_what_every_deed_has_is_422(missing, screen, htmx):
    span = make_span(text=HOUSE)
    before = database()
    sent = deed("send_back", span, screen=screen, comment=COMMENT)
    del sent[missing]

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(span_url(span), sent)

    page = Page(response)
    assert (response.status_code, database() == before) == (422, True)
    assert page.refusals
    assert form_of(page, span, htmx, screen)["comment"] == COMMENT


@corners
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("action", "delete"),
        ("action", "suggest"),
        ("action", "supersede"),
        ("action", "merge"),
        ("action", "approve" * 10),
        ("seen", "1.0"),
        ("seen", "one"),
        ("request_id", "1"),
        ("request_id", "\0"),
    ],
)
def test_a_form_with_nonsense_in_what_every_deed_has_is_422(name, value, screen, htmx):
    span = make_span(text=HOUSE)
    before = database()

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        span_url(span), deed("approve", span, screen=screen) | {name: value}
    )

    assert (response.status_code, database() == before) == (422, True)
    assert Page(response).refusals


@pytest.mark.parametrize("action", ["delete", "import", "describe", "start", "supersede", ""])
def test_an_article_takes_only_the_deeds_of_its_life(action):
    article = make_article()
    before = database()

    response = browser_of(make_user(superuser=True)).post(desk_url(article), deed(action, article))

    assert (response.status_code, database() == before) == (422, True)


@ways
@pytest.mark.parametrize("reason", ["", "   ", "x" * 201, "a\0"])
def test_setting_aside_takes_a_reason_in_words_and_keeps_it(reason, htmx):
    article = make_article()
    before = database()

    response = browser_of(make_user(annotator=True), htmx=htmx).post(
        desk_url(article), deed("set_aside", article, reason=reason)
    )

    page = Page(response)
    assert (response.status_code, database() == before) == (422, True)
    assert page.refusals
    assert page.form(desk_url(article), sends="set_aside").fields["reason"] == reason


@ways
@screens
def test_signing_off_takes_the_word_that_nothing_is_missing(screen, htmx):
    article = make_article(state=ArticleState.SUBMITTED)
    before = database()

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        desk_url(article), deed("review", article, screen=screen)
    )

    refused(response, 422, "Tick that nothing is missing.", before)


@ways
@screens
def test_an_edit_that_changes_nothing_is_422(screen, htmx):
    span = make_span(text=HOUSE)
    before = database()

    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        span_url(span), deed("amend", span, screen=screen, label="quote")
    )

    refused(response, 422, "Nothing was changed.", before)


# The same again


@corners
@span_deeds
def test_a_deed_sent_twice_is_done_once_and_answered_the_same(name, screen, htmx):
    state, part, brought, _ = SPAN_DEEDS[name]
    span = make_span(text=HOUSE, state=state)
    browser = browser_of(actor_of(part, span), htmx=htmx)
    sent = deed(action_of(name), span, screen=screen, **brought)
    first = browser.post(span_url(span), sent)
    before = database()

    second = browser.post(span_url(span), sent)

    assert database() == before
    assert second.status_code == first.status_code
    assert second.get("Location") == first.get("Location")
    assert _but_for_fresh_ids(second) == _but_for_fresh_ids(first)


def _but_for_fresh_ids(response):
    html = re.sub(r'name="request_id" value="[^"]*"', "", response.content.decode())
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", html)


@ways
def test_a_mark_sent_twice_is_one_span(htmx):
    article, browser = make_article(), browser_of(make_user(annotator=True), htmx=htmx)
    make_label("quote")
    sent = words(article, Extent(4, 9))
    first = browser.post(mark_url(article), sent)

    second = browser.post(mark_url(article), sent)

    assert Span.objects.count() == 1
    assert second.status_code == first.status_code
    assert second.get("Location") == first.get("Location")


@ways
@screens
def test_a_form_sent_again_with_other_contents_is_409_and_the_new_form_can_be_sent(screen, htmx):
    span = make_span(text=HOUSE)
    rev = make_user(reviewer=True)
    browser = browser_of(rev, htmx=htmx)
    sent = deed("send_back", span, screen=screen, comment="First.")
    browser.post(span_url(span), sent)
    before = database()

    response = browser.post(
        span_url(span), sent | {"action": "reject", "reason": "other", "comment": "Second."}
    )

    sentence = (
        "This form was sent before with other contents. "
        "The page shows how things stand; please do it again from here."
    )
    page = refused(response, 409, sentence, before)
    form = form_of(page, span, htmx, screen)
    assert form["request_id"] != sent["request_id"]
    assert form["comment"] == "Second."
    again = browser.post(span_url(span), form | {"action": "reject", "reason": "other"})
    assert again.status_code in (200, 302)
    assert Span.objects.get().state == State.REJECTED


@ways
def test_the_marking_form_can_be_sent_again_after_it_was_refused_as_used(htmx):
    article, browser = make_article(), browser_of(make_user(annotator=True), htmx=htmx)
    make_label("quote")
    sent = words(article, Extent(4, 9))
    browser.post(mark_url(article), sent)

    response = browser.post(
        mark_url(article), words(article, Extent(10, 14)) | {"request_id": sent["request_id"]}
    )

    assert response.status_code == 409
    page = Page(response)
    if htmx:
        fresh = page.partials["#mark-request"].one("input", name="request_id")["value"]
    else:
        fresh = page.form(mark_url(article)).fields["request_id"]
    assert UUID(fresh) != UUID(sent["request_id"])


def test_the_marking_form_has_a_fresh_id_after_each_mark():
    article = make_article()
    browser = browser_of(make_user(annotator=True), htmx=True)
    make_label("quote")
    drawn = Page(browser_of(make_user(annotator=True)).get(desk_url(article)))
    first = drawn.form(mark_url(article)).one("input", id="mark-request")["value"]

    page = Page(browser.post(mark_url(article), words(article, Extent(4, 9), request_id=first)))

    field = page.partials["#mark-request"].one("input", id="mark-request")
    assert field["value"] != first


@ways
def test_an_id_that_a_colleague_used_is_refused_and_gives_nothing_of_theirs_away(htmx):
    span, other = make_span(text=HOUSE), make_span(text="5 million")
    sent = deed("withdraw", span)
    browser_of(span.author).post(span_url(span), sent)
    before = database()

    response = browser_of(other.author, htmx=htmx).post(
        span_url(other), deed("withdraw", other) | {"request_id": sent["request_id"]}
    )

    assert (response.status_code, database() == before) == (409, True)


# Undo and redo


def undo(browser, target, **fields):
    return browser.post(reverse("undo", args=[target.pk]), {"request_id": str(uuid4()), **fields})


@ways
@screens
def test_the_latest_deed_is_undone_and_done_again_with_the_buttons_of_the_page(screen, htmx):
    span = make_span(text=HOUSE)
    rev = make_user(reviewer=True)
    browser, looking = browser_of(rev, htmx=htmx), browser_of(rev)
    browser.post(span_url(span), deed("approve", span, screen=screen))
    here = reverse("review") if screen == "review" else desk_url(span.article)

    def press(word):
        page = Page(looking.get(here))
        (form,) = [each for each in page.every("form") if each.words.startswith(word)]
        response = browser.post(form["action"], form.fields)
        assert response.status_code == (200 if htmx else 302)
        return Span.objects.get().state, Page(response).toasts if htmx else None

    words = f"“{HOUSE}”"
    assert press("Undo") == (State.PROPOSED, [f"Undone: approved. {words}"] if htmx else None)
    assert press("Redo") == (State.APPROVED, [f"Done again: approved. {words}"] if htmx else None)
    assert press("Undo")[0] == State.PROPOSED


@ways
@screens
def test_undoing_a_mark_withdraws_it(screen, htmx):
    span = make_span(text=HOUSE)

    response = undo(browser_of(span.author, htmx=htmx), span.author.deeds.get(), screen=screen)

    assert response.status_code == (200 if htmx else 302)
    assert Span.objects.get().state == State.WITHDRAWN


@ways
@screens
def test_only_what_one_did_oneself_is_undone(screen, htmx):
    span = make_span(text=HOUSE)
    before = database()

    response = undo(
        browser_of(make_user(superuser=True), htmx=htmx), span.author.deeds.get(), screen=screen
    )

    refused(response, 403, "You can undo only what you did yourself.", before)


@ways
@screens
def test_nothing_is_undone_twice(screen, htmx):
    span = make_span(text=HOUSE)
    browser, mine = browser_of(span.author, htmx=htmx), span.author.deeds.get()
    undo(browser, mine)
    before = database()

    response = undo(browser, mine, screen=screen)

    refused(response, 409, "This is undone already.", before)


@ways
@screens
def test_what_has_changed_since_is_not_undone(screen, htmx):
    span = make_span(text=HOUSE)
    change(span)
    before = database()

    response = undo(browser_of(span.author, htmx=htmx), span.author.deeds.get(), screen=screen)

    refused(response, 409, "It has changed since.", before)


@ways
def test_an_undo_sent_twice_is_done_once(htmx):
    span = make_span(text=HOUSE)
    browser, mine, request_id = browser_of(span.author, htmx=htmx), span.author.deeds.get(), uuid4()
    undo(browser, mine, request_id=str(request_id))
    before = database()

    response = undo(browser, mine, request_id=str(request_id))

    assert response.status_code == (200 if htmx else 302)
    assert database() == before
    assert Deed.objects.filter(request_id=request_id).count() == 1


@ways
@screens
def test_an_undo_without_its_id_is_422(screen, htmx):
    span = make_span(text=HOUSE)
    before = database()

    response = browser_of(span.author, htmx=htmx).post(
        reverse("undo", args=[span.author.deeds.get().pk]), {"screen": screen}
    )

    sentence = "The form lacks its request id; please reload the page."
    refused(response, 422, sentence, before)


def test_undoing_that_an_article_was_set_aside_changes_all_of_the_page():
    ann = make_user(annotator=True)
    article = make_article(state=ArticleState.SET_ASIDE, annotator=ann)
    browser = browser_of(ann, htmx=True)

    response = undo(browser, ann.deeds.get())

    assert (response.status_code, response["HX-Redirect"]) == (200, desk_url(article))
    page = Page(browser_of(ann).get(response["HX-Redirect"]))
    assert page.every("form", id="mark")


@ways
@screens
def test_submitting_is_undone(screen, htmx):
    ann = make_user(annotator=True)
    make_article(state=ArticleState.SUBMITTED, annotator=ann)

    response = undo(browser_of(ann, htmx=htmx), ann.deeds.get(), screen=screen)

    assert response.status_code == (200 if htmx else 302)
    assert Article.objects.get().state == ArticleState.OPEN


# By address


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete"])
def test_an_address_of_deeds_takes_nothing_but_a_post(method):
    span = make_span()
    browser = browser_of(make_user(superuser=True))
    before = database()

    for address in (span_url(span), mark_url(span.article), "/deeds/1/undo/"):
        assert getattr(browser, method)(address).status_code == 405
    assert database() == before


def test_a_form_that_names_no_screen_or_an_unknown_one_is_answered_by_the_desk():
    span = make_span(text=HOUSE)

    for screen in ({}, {"screen": "admin"}):
        response = browser_of(span.author).post(span_url(span), deed("answer", span, **screen))

        assert response.status_code == 409
        assert Page(response).one("article", id="article")


def test_a_label_with_every_kind_of_attribute_is_filled_in_the_form_and_read_back():
    make_label(
        "quote",
        attributes=[
            Attribute("note", "Note", Kind.TEXT),
            Attribute("who", "Who", Kind.ANCHORED),
            Attribute("tone", "Tone", Kind.CHOICE, choices=("calm", "angry")),
            Attribute("live", "Live", Kind.YES_NO),
        ],
    )
    span = make_span(text=HOUSE)
    browser = browser_of(span.author)
    typed = {
        "attr_note": " a “note” <b> ",
        "attr_who": "The mayor",
        "attr_who_start": "0",
        "attr_who_end": "9",
        "attr_tone": "unknown",
        "attr_live": "no",
    }

    browser.post(span_url(span), deed("edit", span, **typed))

    assert Span.objects.get().attributes == {
        "note": "a “note” <b>",
        "who": {"value": "The mayor", "start": 0, "end": 9},
        "tone": "unknown",
        "live": False,
    }
    page = Page(browser.get(desk_url(span.article), {"span": span.uid}))
    fields = page.form(span_url(span)).fields
    assert {name: fields[name] for name in typed} == typed | {"attr_note": "a “note” <b>"}


# Warnings


def torn():
    """A quote that takes only one of its two marks, waiting for review."""
    return make_span(make_article(TEXT, state=ArticleState.SUBMITTED), text="safe as a house”")


WARNING = "It takes only one of two quotation marks that belong together."


def warned(page):
    """What the card warns of, and what its form would wave through."""
    lists = [each for each in page.every("ul") if each.has_class("warnings")]
    rows = [row for each in lists for row in each.every("li")]
    waved = [field["value"] for field in page.every("input", name="waved")]
    return [row.words for row in rows], waved


@ways
def test_the_card_shows_the_warnings_and_its_form_waves_them_through(htmx):
    span, browser = torn(), browser_of(make_user(reviewer=True), htmx=htmx)
    page = Page(browser.get("/review/", {"span": span.uid}))
    assert warned(page) == ([WARNING], ["unbalanced_quotes"])

    response = browser.post(
        span_url(span), page.form(span_url(span)).fields | {"action": "approve"}, follow=True
    )

    assert Page(response).toasts == ["Approved."]
    assert span.events.last().waved == ["unbalanced_quotes"]


def test_a_span_that_does_not_wait_is_not_warned_of():
    span = torn()
    actions.reject(span=span.uid, seen=1, reason="other", deed=make_deed(make_user(reviewer=True)))
    page = Page(browser_of(make_user(reviewer=True)).get("/review/", {"span": span.uid}))
    assert warned(page) == ([], [])


@ways
def test_a_warning_that_was_not_seen_refuses_the_approval_and_the_next_one_waves_it(htmx):
    span, browser = torn(), browser_of(make_user(reviewer=True), htmx=htmx)
    sent = deed("approve", span, screen="review", waved=["cuts_word", "nonsense"])
    before = database()
    page = refused(
        browser.post(span_url(span), sent),
        409,
        f"Look again: {WARNING} Approve once more to wave it through.",
        before,
    )
    assert warned(page) == ([WARNING], ["unbalanced_quotes"])
    again = form_of(page, span, htmx, "review") | {"action": "approve"}
    browser.post(span_url(span), again)
    assert span.events.last().waved == ["unbalanced_quotes"]


@ways
def test_an_amendment_that_is_warned_of_keeps_what_was_typed_and_the_next_one_waves_it(htmx):
    article = make_article(TEXT, state=ArticleState.SUBMITTED)
    span, browser = make_span(article, text=HOUSE), browser_of(make_user(reviewer=True), htmx=htmx)
    torn = {"start": START, "end": START + len(HOUSE) + 1, "text": f"{HOUSE}”"}
    before = database()
    response = browser.post(span_url(span), deed("amend", span, screen="review", **torn))
    sentence = f"Look again: {WARNING} Approve once more to wave it through."
    page = refused(response, 409, sentence, before)
    assert warned(page) == ([WARNING], ["unbalanced_quotes"])
    fields = form_of(page, span, htmx, "review")
    assert {name: fields[name] for name in torn} == {key: str(torn[key]) for key in torn}

    browser.post(span_url(span), fields | {"action": "amend"})

    span.refresh_from_db()
    assert (span.state, span.amended, span.text) == ("approved", True, torn["text"])
    assert span.events.last().waved == ["unbalanced_quotes"]


# The same verdict twice


@ways
def test_what_is_approved_already_is_no_refusal_and_the_review_goes_on(htmx):
    article = make_article(TEXT, state=ArticleState.SUBMITTED)
    first, second = make_span(article, text="The mayor"), make_span(article, text="three times")
    ada = make_user("ada", reviewer=True)
    actions.approve(span=first.uid, seen=1, deed=make_deed(ada))
    before = database()
    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        span_url(first), deed("approve", first, screen="review"), follow=True
    )
    page = Page(response)
    assert (page.status, page.toasts, page.refusals) == (200, ["Already approved by ada."], [])
    assert page.form(span_url(second))
    assert database() == before


@ways
def test_on_the_desk_what_is_approved_already_is_shown_as_it_is(htmx):
    span = make_span(state=State.APPROVED, reviewer=make_user("ada", reviewer=True))
    sent = {**deed("approve", span), "seen": 1}
    before = database()
    page = Page(browser_of(make_user(reviewer=True), htmx=htmx).post(span_url(span), sent))
    assert (page.status, database() == before) == (200, True)
    assert "Already approved by ada." in page.refusals

"""What a panel says of its label's guideline: what it is by now, and what was decided before."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations import actions
from annotations.actions import Change
from annotations.actions.labels import save_label
from annotations.domain.lifecycle import State
from annotations.models import Label, Span
from annotations.queries import desk
from annotations.queries.guidelines import outdated
from annotations.views.panels import panel
from tests.factories import make_article, make_deed, make_label, make_span, make_user
from tests.views.hands import browser_of
from tests.views.page import Page

pytestmark = pytest.mark.django_db

NEW = "New since your last decision on a claim."
OLD = "Decided under revision 1; the guideline is at 2 now."


@pytest.fixture
def rae():
    return make_user(reviewer=True)


@pytest.fixture
def claim():
    return make_label("claim", guideline="Mark it.")


def revise(label, words="Mark it whole."):
    label = Label.objects.get(pk=label.pk)
    label.guideline = words
    return save_label(label=label)


def guideline(span, viewer, **more):
    return panel(desk.span(span.uid), viewer, **more)["guideline"]


def told(span, viewer):
    return guideline(span, viewer).told


def on(span):
    return {"span": span.uid, "seen": Span.objects.get(pk=span.pk).revision}


def test_the_guideline_is_shown_with_its_revision_in_a_fold(claim, rae):
    revise(claim)
    shown = guideline(make_span(label="claim"), rae)
    assert (shown.revision, shown.text) == (2, "Mark it whole.")
    assert (shown.told, shown.opened) == ((), False)


def test_a_label_without_a_guideline_shows_none(rae):
    assert guideline(make_span(label="bare"), rae) is None


def test_a_waiting_span_tells_a_reviewer_what_is_new_since_they_last_decided(claim, rae):
    make_span(label="claim", state=State.APPROVED, reviewer=rae)
    waiting = make_span(label="claim")
    assert told(waiting, rae) == ()

    revise(claim)

    assert told(waiting, rae) == (NEW,)
    assert guideline(waiting, rae).opened
    actions.approve(deed=make_deed(rae), **on(make_span(label="claim")))
    assert told(waiting, rae) == ()


@pytest.mark.parametrize("state", [State.REJECTED, State.SENT_BACK])
def test_any_verdict_is_a_decision(state, claim, rae):
    make_span(label="claim", state=state, reviewer=rae)
    revise(claim)
    assert told(make_span(label="claim"), rae) == (NEW,)


def test_what_others_decided_or_on_other_labels_tells_nothing_of_the_viewer(claim, rae):
    make_span(label="claim", state=State.APPROVED)
    make_span(label="event", state=State.APPROVED, reviewer=rae)
    revise(claim)
    assert told(make_span(label="claim"), rae) == ()


def test_a_label_that_begins_with_a_vowel_is_an(rae):
    event = make_label("event", guideline="Mark it.")
    make_span(label="event", state=State.APPROVED, reviewer=rae)
    revise(event)
    assert told(make_span(label="event"), rae) == ("New since your last decision on an event.",)


def test_who_does_not_review_is_told_of_no_decisions_of_theirs(claim):
    both = make_user(annotator=True, reviewer=True)
    make_span(label="claim", state=State.APPROVED, reviewer=both)
    revise(claim)
    both.groups.remove(both.groups.get(name="reviewers"))
    former = type(both).objects.get(pk=both.pk)
    assert told(make_span(label="claim"), former) == ()


@pytest.mark.parametrize("state", [State.APPROVED, State.REJECTED, State.SENT_BACK])
def test_a_span_decided_under_an_older_guideline_says_so(state, claim, rae):
    span = make_span(label="claim", state=state)
    assert told(span, rae) == ()
    revise(claim)
    assert told(span, rae) == (OLD,)
    assert not guideline(span, rae).opened


def test_a_span_that_waits_again_says_under_which_guideline_it_was_decided(claim, rae):
    span = make_span(label="claim", state=State.SENT_BACK)
    revise(claim)
    actions.answer(comment="It is right.", deed=make_deed(span.author), **on(span))
    assert told(span, rae) == (OLD,)
    actions.send_back(comment="Its end?", deed=make_deed(rae), **on(span))
    actions.answer(comment="Right.", deed=make_deed(span.author), **on(span))
    assert told(span, rae) == ()


def test_a_verdict_that_was_undone_or_on_another_label_is_none(claim, rae):
    make_label("quote", guideline="Mark it.")
    span = make_span(label="claim")
    done = actions.approve(deed=make_deed(rae), **on(span))
    actions.undo(target=done.deed.pk, deed=make_deed(rae))
    other = make_span(label="claim", state=State.APPROVED)
    actions.edit(change=Change(label="quote"), deed=make_deed(other.author), **on(other))
    revise(claim)
    revise(Label.objects.get(slug="quote"))
    assert told(span, make_user(reviewer=True)) == ()
    assert told(other, make_user(reviewer=True)) == ()


def test_a_label_that_is_tried_on_shows_its_own_guideline_and_tells_of_no_decisions(claim, rae):
    make_label("quote", guideline="Mark the words.")
    span = make_span(label="claim", state=State.APPROVED)
    revise(claim)
    shown = guideline(span, rae, label="quote")
    assert (shown.revision, shown.text, shown.told) == (1, "Mark the words.", ())


def test_it_costs_nothing_until_a_guideline_has_changed_and_one_statement_then(claim, rae):
    for _ in range(3):
        make_span(label="claim", state=State.APPROVED, reviewer=rae)
    waiting = make_span(label="claim")

    def cost():
        opened = desk.span(waiting.uid)
        with CaptureQueriesContext(connection) as queries:
            panel(opened, rae)
        return len(queries)

    before = cost()
    revise(claim)
    assert cost() == before + 1


@pytest.mark.parametrize("screen", ["review", "desk"])
def test_both_screens_draw_it_once(screen, claim):
    both = make_user(annotator=True, reviewer=True)
    article = make_article(state="submitted")
    make_span(article, label="claim", state=State.APPROVED, reviewer=both)
    span = make_span(article, label="claim")
    revise(claim)
    url = reverse("review") if screen == "review" else reverse("desk", args=[article.slug])
    page = Page(browser_of(both).get(url, {"span": span.uid}))
    fold = page.one("details", class_="guideline")
    assert "open" in fold.attributes
    assert fold.one("summary").words == "Guideline, revision 2"
    assert fold.one("p").words == "Mark it whole."
    assert [note.words for note in page.every("p", class_="note")].count(NEW) == 1


def test_the_approved_spans_that_are_outdated_are_those_of_an_older_guideline(claim):
    older = make_span(label="claim", state=State.APPROVED)
    make_span(label="claim", state=State.REJECTED)
    make_span(label="event", state=State.APPROVED)
    aside = make_span(label="claim", state=State.APPROVED).article
    actions.set_aside(
        article=aside.slug,
        seen=type(aside).objects.get(pk=aside.pk).revision,
        reason="Twice.",
        deed=make_deed(make_user(annotator=True)),
    )
    assert list(outdated(claim)) == []
    claim = revise(claim)
    make_span(label="claim", state=State.APPROVED)
    assert list(outdated(claim)) == [older]

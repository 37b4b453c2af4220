"""Several at once: the queue as a list to tick, by itself or with all that match."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.domain.lifecycle import State
from annotations.models import Deed, Span
from tests.factories import load_labels, make_article, make_label, make_span, make_user
from tests.views.hands import browser_of
from tests.views.page import Page
from tests.views.test_review import submit, waiting, ways

pytestmark = pytest.mark.django_db
LIST = "/review/list/"


def look(person, **query):
    response = browser_of(person).get(LIST, query)
    assert response.status_code == 200
    return Page(response)


def boxes(page):
    return page.every("input", name="span", type="checkbox")


def ticks(*spans):
    return [f"{span.uid}:{span.revision}" for span in spans]


def sent(page, action, *spans, **fields):
    """The list's form with these spans ticked."""
    form = page.one("form", id="ticks-form").fields
    return form | {"action": action, "span": ticks(*spans), **fields}


def states():
    return list(Span.objects.order_by("pk").values_list("state", flat=True))


def test_what_waits_stands_there_to_tick_with_the_revision_that_is_shown():
    one, two = waiting("One.", "Two.")

    page = look(make_user(reviewer=True))

    assert [box["value"] for box in boxes(page)] == ticks(one, two)
    assert not any("checked" in box.attributes for box in boxes(page))


@ways
def test_what_is_ticked_is_approved_in_one_deed_and_the_list_is_there_again(htmx):
    one, two, three = waiting("One.", "Two.", "Three.")
    rev = make_user(reviewer=True)
    browser = browser_of(rev, htmx=htmx)

    response = browser.post(reverse("bulk"), sent(look(rev), "approve", one, three))

    page = Page(response if htmx else browser.get(response["Location"]))
    assert states() == ["approved", "proposed", "approved"]
    assert [box["value"] for box in boxes(page)] == ticks(two)
    assert page.toasts == ["Approved 2."]
    assert Deed.objects.filter(actor=rev).count() == 1


@ways
def test_what_is_passed_over_is_counted_and_told(htmx):
    load_labels()
    both = make_user(annotator=True, reviewer=True)
    article = make_article("Mine. “Theirs.” Fine.")
    mine = make_span(article, both, text="Mine.", label="claim")
    lacking = make_span(article, text="“Theirs.”")
    fine = make_span(article, text="Fine.", label="claim")
    submit(article)
    browser = browser_of(both, htmx=htmx)

    response = browser.post(
        reverse("bulk"), sent(look(both, own="on"), "approve", mine, lacking, fine)
    )

    page = Page(response if htmx else browser.get(response["Location"]))
    assert states() == ["proposed", "proposed", "approved"]
    assert page.toasts == ["Approved 1 · skipped 2: 1 your own, 1 lacks a speaker."]


@ways
def test_a_refusal_keeps_the_ticks_and_the_words(htmx):
    one, two = waiting("One.", "Two.")
    rev = make_user(reviewer=True)

    response = browser_of(rev, htmx=htmx).post(
        reverse("bulk"), sent(look(rev), "send_back", two, comment=" ")
    )

    assert response.status_code == 422
    page = Page(response)
    assert "Say what the annotator should look at." in page.words
    ticked = [box["value"] for box in boxes(page) if "checked" in box.attributes]
    assert ticked == ticks(two)
    assert one.state == State.PROPOSED


@ways
def test_one_undo_takes_all_of_it_back(htmx):
    one, two = waiting("One.", "Two.")
    rev = make_user(reviewer=True)
    browser = browser_of(rev, htmx=htmx)
    response = browser.post(reverse("bulk"), sent(look(rev), "reject", one, two, reason="other"))
    page = Page(response if htmx else browser.get(response["Location"]))
    undo = page.one("form", id="undo-form")

    response = browser.post(undo["action"], undo.fields)

    page = Page(response if htmx else browser.get(response["Location"]))
    assert states() == ["proposed"] * 2
    assert len(boxes(page)) == 2


def test_my_own_cannot_be_ticked_and_what_stands_in_the_way_is_told():
    load_labels()
    both = make_user(annotator=True, reviewer=True)
    article = make_article("Mine. “Theirs.” Half the w ords.")
    make_span(article, both, text="Mine.", label="claim")
    make_span(article, text="“Theirs.”")
    make_span(article, text="Half the w ord", label="claim")
    submit(article)

    page = look(both, own="on")

    assert ["disabled" in box.attributes for box in boxes(page)] == [True, False, False]
    assert "The last hand on this span was yours" in page.words
    assert "needs speaker" in page.words
    assert "It starts or ends in the middle of a word." in page.words


def test_all_that_match_are_frozen_with_what_is_not_on_the_screen_counted(settings):
    words = [f"word{number}." for number in range(103)]
    spans = waiting(*words)
    rev = make_user(reviewer=True)
    page = look(rev, label="quote")
    (link,) = [each for each in page.every("a") if each.words.startswith("all that match")]

    page = Page(browser_of(rev).get(link["href"]))

    assert "and 3 more that match, which are not on this screen" in page.words
    assert all("checked" in box.attributes for box in boxes(page))
    hidden = page.every("input", name="span", type="hidden")
    assert [each["value"] for each in hidden] == ticks(*spans[100:])


def test_a_long_list_goes_on_where_it_ends():
    spans = waiting(*(f"word{number}." for number in range(103)))
    rev = make_user(reviewer=True)
    (link,) = [each for each in look(rev).every("a") if each.words == "After these"]

    page = Page(browser_of(rev).get(link["href"]))

    assert [box["value"] for box in boxes(page)] == ticks(*spans[100:])


def test_what_is_decided_or_not_mine_to_decide_is_there_to_read():
    make_span(state=State.APPROVED)
    waiting("One.")

    for page in (
        look(make_user(reviewer=True), state="approved"),
        look(make_user(annotator=True)),
    ):
        assert len(page.every("div", role="row")) == 1
        assert not boxes(page)
        assert page.one("form", id="ticks-form").buttons in ([], ["enter"])


def test_a_list_with_nothing_in_it_says_so():
    rev = make_user(reviewer=True)

    assert "Nothing waits for you." in look(rev).words
    assert "Nothing waits for you that matches." in look(rev, label="claim").words


def test_the_list_asks_the_database_as_much_when_it_is_long():
    make_label("claim")
    browser = browser_of(make_user(reviewer=True))
    costs = []
    for many in (2, 20):
        for number in range(many):
            waiting(f"Word {number}.", outlet=f"Outlet {number}")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(LIST).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_a_deed_that_is_not_done_from_the_list_is_told_there():
    (one,) = waiting("One.")
    rev = make_user(reviewer=True)

    response = browser_of(rev).post(
        reverse("on_span", args=[one.uid]),
        {"action": "approve", "seen": 9, "request_id": "x", "screen": "several"},
    )

    assert response.status_code == 422
    assert boxes(Page(response))


@ways
def test_the_list_stays_where_it_was_after_a_verdict_and_after_a_refusal(htmx):
    spans = waiting(*(f"word{number}." for number in range(105)))
    rev = make_user(reviewer=True)
    page = look(rev, **{"from": spans[102].uid})
    browser = browser_of(rev, htmx=htmx)

    refused = Page(browser.post(reverse("bulk"), sent(page, "reject", spans[103])))
    response = browser.post(reverse("bulk"), sent(page, "approve", spans[102]))

    assert [box["value"] for box in boxes(refused)] == ticks(*spans[102:])
    assert ["checked" in box.attributes for box in boxes(refused)] == [False, True, False]
    page = Page(response if htmx else browser.get(response["Location"]))
    assert [box["value"] for box in boxes(page)] == ticks(*spans[103:])


def test_a_place_that_is_gone_is_the_first():
    waiting("One.")

    assert len(boxes(look(make_user(reviewer=True), **{"from": "nonsense"}))) == 1


def test_after_the_last_of_a_long_list_comes_what_is_left_of_it():
    spans = waiting(*(f"word{number}." for number in range(102)))
    rev = make_user(reviewer=True)
    page = look(rev, **{"from": spans[101].uid})

    browser = browser_of(rev, htmx=True)
    page = Page(browser.post(reverse("bulk"), sent(page, "approve", spans[101])))

    assert len(boxes(page)) == 100
    assert boxes(page)[-1]["value"] == ticks(spans[100])[0]


@ways
def test_an_undo_leaves_a_long_list_where_it_was(htmx):
    spans = waiting(*(f"word{number}." for number in range(104)))
    rev = make_user(reviewer=True)
    browser = browser_of(rev, htmx=htmx)
    sending = sent(look(rev, **{"from": spans[102].uid}), "approve", spans[103])
    response = browser.post(reverse("bulk"), sending)
    undo = Page(response if htmx else browser.get(response["Location"])).one("form", id="undo-form")

    response = browser.post(undo["action"], undo.fields)

    page = Page(response if htmx else browser.get(response["Location"]))
    assert [box["value"].partition(":")[0] for box in boxes(page)] == [
        str(span.uid) for span in spans[102:]
    ]

"""All like this: the places are shown, ticked; what is ticked is marked in one deed."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations import actions
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from annotations.domain.occurrences import elsewhere
from annotations.models import Article, Deed, Span
from tests.factories import make_article, make_deed, make_label, make_span, make_user
from tests.views.hands import browser_of, deed, desk_url, span_url
from tests.views.page import Page, database

pytestmark = pytest.mark.django_db

TEXT = "So we won.\n\n<b>Oh</b>, we won. They said we won.\n\nYes, we won, and then we won."
WORDS = "we won"
NOWHERE = "These words stand nowhere else in this article."

ways = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])


@pytest.fixture
def ann():
    return make_user("ann", annotator=True)


@pytest.fixture
def span(ann):
    return make_span(make_article(TEXT), ann, "claim", text=WORDS)


def like_url(span):
    return reverse("like", args=[span.uid])


def places(span):
    return elsewhere(span.article.text, span.extent)


def value(extent):
    return f"{extent.start}-{extent.end}"


def sent(span, chosen=None, **fields):
    """What the form sends: everything ticked, or the chosen places."""
    chosen = places(span) if chosen is None else chosen
    place = [value(each) if isinstance(each, Extent) else each for each in chosen]
    return {"seen": span.revision, "request_id": str(uuid4()), "place": place, **fields}


def listed(page):
    """The list of places."""
    return page.one("section", aria_labelledby="like-title")


def ticks(page):
    """The places that are listed: value -> whether it is ticked."""
    boxes = page.every("input", name="place")
    return {box["value"]: "checked" in box.attributes for box in boxes}


def look(person, span, *, htmx=False):
    response = browser_of(person, htmx=htmx).get(like_url(span))
    assert response.status_code == 200
    return Page(response)


def refused(response, status, sentence, before, *, htmx):
    """That it was refused so, saying so in the list, and nothing was written."""
    page = Page(response)
    assert (page.status, database() == before) == (status, True)
    assert listed(page).refusals == [sentence]
    if htmx:
        assert page.partials.keys() == {"#like", "#notice"}
        assert page.toasts == [sentence]
    else:
        assert page.every("html")
    return page


# Looking


@ways
def test_every_other_place_is_listed_and_ticked_with_its_words_in_their_context(span, ann, htmx):
    page = look(ann, span, htmx=htmx)

    assert listed(page).one("h2").words == "These words stand in 4 other places."
    assert ticks(page) == {value(extent): True for extent in places(span)}
    assert [row.words for row in listed(page).one("ol").every("li")] == [
        "So we won. <b>Oh</b>, we won. They said we won. Yes, we won, and…",
        "…we won. <b>Oh</b>, we won. They said we won. Yes, we won, and then we won.",
        "…we won. They said we won. Yes, we won, and then we won.",
        "…said we won. Yes, we won, and then we won.",
    ]
    assert [each.text for each in listed(page).one("ol").every("strong")] == [WORDS] * 4
    assert not page.every("b")
    assert listed(page).one("button", class_="main").words == "Mark these 4"


@ways
def test_to_htmx_it_is_the_list_alone_and_else_a_page_that_sends_a_plain_form(span, ann, htmx):
    page = look(ann, span, htmx=htmx)
    form, cancel = page.form(like_url(span)), listed(page).one("a", class_="button")

    assert cancel["href"] == f"{desk_url(span.article)}?span={span.uid}"
    if htmx:
        assert page.partials.keys() == {"#like"}
        assert form["hx-post"] == like_url(span)
        assert cancel["hx-target"] == "#like"
    else:
        assert page.one("h1").words == "All like this"
        assert not form.get("hx-post")
        assert not cancel.get("hx-get")


def test_to_put_the_list_away_htmx_gets_nothing(span, ann):
    page = look(ann, span, htmx=True)
    response = browser_of(ann, htmx=True).get(listed(page).one("a", class_="button")["hx-get"])
    assert (response.status_code, response.content) == (200, b"")


@ways
def test_one_other_place_is_one(ann, htmx):
    span = make_span(make_article("We won, and we won again: we won."), ann, text="again")
    make_span(span.article, ann, "claim", text=WORDS)
    page = look(ann, Span.objects.get(label__slug="claim"), htmx=htmx)
    assert listed(page).one("h2").words == "These words stand in 1 other place."
    assert listed(page).one("button", class_="main").words == "Mark this one"


@ways
@pytest.mark.parametrize(
    ("text", "also", "sentence"),
    [
        ("They say we won.", 0, NOWHERE),
        ("They say we won. And we won.", 1, "These words are marked as claim wherever they stand."),
    ],
)
def test_where_there_is_nothing_to_mark_a_sentence_says_so(ann, text, also, sentence, htmx):
    span = make_span(make_article(text), ann, "claim", text=WORDS)
    for place in places(span)[:also]:
        make_span(span.article, ann, "claim", extent=place)

    page = look(ann, span, htmx=htmx)

    assert listed(page).one("h2").words == sentence
    assert not ticks(page)
    assert not listed(page).every("button", class_="main")
    assert listed(page).one("a", class_="button").words == "Close"


def test_labels_that_the_words_carry_already_are_named(span, ann):
    make_span(span.article, ann, "quote", extent=places(span)[0])
    rows = listed(look(ann, span)).one("ol").every("li")
    assert [row.words.endswith("marked as quote") for row in rows] == [True, False, False, False]


@pytest.mark.parametrize(
    ("also", "note"),
    [
        (0, []),
        (1, ["1 more is marked as claim already."]),
        (2, ["2 more are marked as claim already."]),
    ],
)
def test_places_that_carry_the_label_already_are_counted_apart(span, ann, also, note):
    for place in places(span)[:also]:
        make_span(span.article, ann, "claim", extent=place)
    page = look(ann, span)
    assert listed(page).one("h2").words == f"These words stand in {4 - also} other places."
    assert [each.words for each in listed(page).every("p", class_="note")] == note


def test_of_very_many_places_the_first_hundred_are_listed(ann):
    span = make_span(make_article("we won, " * 120), ann, text=WORDS)
    page = look(ann, span)
    assert listed(page).one("h2").words == "These words stand in 119 other places."
    assert len(ticks(page)) == 100
    assert "The first 100 are listed." in page.words
    assert listed(page).one("button", class_="main").words == "Mark these 100"


@ways
def test_who_may_not_mark_sees_the_places_and_why_not(span, htmx):
    page = look(make_user(reviewer=True), span, htmx=htmx)
    assert len(ticks(page)) == 4
    assert not listed(page).every("button", class_="main")
    assert "Only annotators may do this." in page.words


def test_looking_writes_nothing_and_costs_the_same_for_2_and_for_50_places(ann):
    costs = []
    for number in (3, 51):
        span = make_span(make_article("we won, " * number), ann, text=WORDS)
        browser = browser_of(ann, htmx=True)
        before = database()
        with CaptureQueriesContext(connection) as queries:
            assert len(ticks(Page(browser.get(like_url(span))))) == number - 1
        assert database() == before
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert costs[0] < 15


@ways
def test_a_span_that_is_not_there_is_404(ann, htmx):
    browser, nowhere = browser_of(ann, htmx=htmx), reverse("like", args=[uuid4()])
    assert browser.get(nowhere).status_code == 404
    assert browser.post(nowhere, {"request_id": str(uuid4())}).status_code == 404


# Marking


@ways
def test_what_is_ticked_is_marked_and_answered_as_any_deed_of_the_desk(span, ann, htmx):
    chosen = places(span)[:3]
    browser = browser_of(ann, htmx=htmx)

    response = browser.post(like_url(span), sent(span, chosen))

    made = Span.objects.exclude(pk=span.pk).order_by("start")
    assert [each.extent for each in made] == chosen
    assert {each.deed for each in made[0].events.all()} == {Deed.objects.latest("pk")}
    if htmx:
        page = Page(response)
        assert page.status == 200
        assert {"#p1", "#r1", "#p2", "#r2", "#head"} <= page.partials.keys()
        assert "#p0" not in page.partials
        assert page.partials["#like"].words == ""
        drawn = [mark.text for mark in page.every("mark")]
        assert drawn == [WORDS] * 3
        assert page.toasts == ["Marked 3 more as claim."]
    else:
        assert response.status_code == 302
        assert response["Location"].startswith(f"{desk_url(span.article)}?span={made[0].uid}")
        page = Page(browser.get(response["Location"]))
        assert page.toasts == ["Marked 3 more as claim."]


def test_the_form_as_it_was_drawn_marks_them_all(span, ann):
    form = look(ann, span).form(like_url(span))
    fields = form.fields | {"place": list(ticks(form))}
    assert browser_of(ann).post(form["action"], fields).status_code == 302
    assert Span.objects.count() == 5


@ways
def test_a_place_marked_meanwhile_is_left_and_told(span, ann, htmx):
    make_span(span.article, make_user("eve", annotator=True), "claim", extent=places(span)[1])
    browser = browser_of(ann, htmx=htmx)

    response = browser.post(like_url(span), sent(span))

    page = Page(response) if htmx else Page(browser.get(response["Location"]))
    assert page.toasts == [
        "Marked 3 more as claim. 1 left as it is: "
        "These words are already marked as claim by eve (proposed)."
    ]
    assert Span.objects.count() == 5


@ways
def test_one_undo_takes_them_all_back_and_one_redo_does_it_again(span, ann, htmx):
    browser = browser_of(ann, htmx=htmx)
    browser.post(like_url(span), sent(span))

    def press(word):
        page = Page(browser_of(ann).get(desk_url(span.article)))
        (form,) = [each for each in page.every("form") if each.words.startswith(word)]
        response = browser.post(form["action"], form.fields)
        page = Page(response) if htmx else Page(browser.get(response["Location"]))
        made = Span.objects.exclude(pk=span.pk)
        return page.toasts[-1], sorted(made.values_list("state", flat=True))

    assert press("Undo") == ("Undone: marked 4 spans.", [State.WITHDRAWN] * 4)
    assert press("Redo") == ("Done again: marked 4 spans.", [State.PROPOSED] * 4)
    assert Span.objects.get(pk=span.pk).state == State.PROPOSED


@ways
def test_the_same_form_sent_twice_is_done_once(span, ann, htmx):
    browser, fields = browser_of(ann, htmx=htmx), sent(span)
    browser.post(like_url(span), fields)
    before = database()

    response = browser.post(like_url(span), fields)

    assert response.status_code == (200 if htmx else 302)
    assert database() == before


# Refused


@ways
def test_nothing_ticked_is_422(span, ann, htmx):
    before = database()
    response = browser_of(ann, htmx=htmx).post(like_url(span), sent(span, []))
    page = refused(response, 422, "Tick at least one place.", before, htmx=htmx)
    assert set(ticks(page).values()) == {False}


@ways
@pytest.mark.parametrize("place", ["", "12", "1-", "-3-5", "1-2-3", "１-２", "a-b", f"{10**18}-2"])
def test_what_is_no_place_is_422(span, ann, place, htmx):
    before = database()
    response = browser_of(ann, htmx=htmx).post(like_url(span), sent(span, [place]))
    refused(response, 422, "A place is two whole numbers, as in 12-20.", before, htmx=htmx)


@ways
def test_other_words_than_the_spans_are_422_and_the_ticks_are_kept(span, ann, htmx):
    before, (first, *rest) = database(), places(span)
    response = browser_of(ann, htmx=htmx).post(
        like_url(span), sent(span, [first, Extent(first.start - 1, first.end)])
    )
    sentence = (
        "The words of this span do not stand at every place that was sent. "
        "Nothing was stored; please tick them again."
    )
    page = refused(response, 422, sentence, before, htmx=htmx)
    assert ticks(page) == {value(first): True} | {value(each): False for each in rest}


@ways
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"request_id": ""}, "The form lacks its request id; please reload the page."),
        ({"request_id": "x"}, "The form’s request id is not one; please reload the page."),
        ({"seen": ""}, "The form does not say which revision you saw; please reload."),
        ({"seen": "one"}, "A place in the text is a whole number."),
    ],
)
def test_a_form_that_lacks_something_is_422_and_the_ticks_are_kept(
    span, ann, fields, sentence, htmx
):
    before, (first, *_) = database(), places(span)
    response = browser_of(ann, htmx=htmx).post(like_url(span), sent(span, [first]) | fields)
    page = refused(response, 422, sentence, before, htmx=htmx)
    assert ticks(page)[value(first)]
    assert sum(ticks(page).values()) == 1


@ways
def test_a_span_that_changed_since_is_409_and_shown_as_it_is_now_with_the_ticks_kept(
    span, ann, htmx
):
    make_label("quote")
    browser_of(make_user(annotator=True)).post(span_url(span), deed("edit", span, label="quote"))
    before, (first, *_) = database(), places(span)

    response = browser_of(ann, htmx=htmx).post(like_url(span), sent(span, [first]))

    sentence = (
        "This span has changed since you saw it. It is shown as it is now; "
        "what you entered is kept."
    )
    page = refused(response, 409, sentence, before, htmx=htmx)
    assert [each for each, ticked in ticks(page).items() if ticked] == [value(first)]
    # Sent again as it is now, it is done.
    fields = page.form(like_url(span)).fields | {"place": [value(first)]}
    browser_of(ann).post(like_url(span), fields)
    assert [each.label.slug for each in Span.objects.all()] == ["quote", "quote"]


@ways
def test_what_was_all_marked_meanwhile_is_409(span, ann, htmx):
    actions.mark_like(span=span.uid, seen=1, extents=places(span), deed=make_deed(ann))
    before = database()
    response = browser_of(ann, htmx=htmx).post(like_url(span), sent(span))
    sentence = "What you ticked has been marked meanwhile, so nothing is left to mark."
    page = refused(response, 409, sentence, before, htmx=htmx)
    assert listed(page).one("h2").words == "These words are marked as claim wherever they stand."


@ways
def test_who_is_no_annotator_is_403(span, htmx):
    before = database()
    response = browser_of(make_user(reviewer=True), htmx=htmx).post(like_url(span), sent(span))
    refused(response, 403, "Only annotators may do this.", before, htmx=htmx)


@ways
def test_a_withdrawn_span_and_a_resting_article_are_409(span, ann, htmx):
    actions.withdraw(span=span.uid, seen=1, deed=make_deed(ann))
    span.refresh_from_db()
    before, browser = database(), browser_of(ann, htmx=htmx)
    response = browser.post(like_url(span), sent(span))
    sentence = "This span is withdrawn, so no others are marked like it."
    refused(response, 409, sentence, before, htmx=htmx)

    article = Article.objects.get()
    actions.set_aside(
        article=article.slug, seen=article.revision, reason="Twice.", deed=make_deed(ann)
    )
    before = database()
    response = browser.post(like_url(span), sent(span))
    sentence = "This article is set aside, so its spans rest."
    refused(response, 409, sentence, before, htmx=htmx)
    assert sentence in Page(browser.get(like_url(span))).words


@ways
def test_the_same_request_with_other_ticks_is_refused_with_a_fresh_id(span, ann, htmx):
    browser, fields = browser_of(ann, htmx=htmx), sent(span, places(span)[:1])
    browser.post(like_url(span), fields)
    before = database()

    response = browser.post(like_url(span), fields | {"place": value(places(span)[1])})

    page = Page(response)
    assert (page.status, database() == before) == (409, True)
    assert "This form was sent before with other contents." in page.refusals[0]
    assert page.form(like_url(span)).fields["request_id"] != fields["request_id"]


def test_marking_20_places_costs_the_same_statements_for_each(ann):
    costs = []
    for number in (6, 21):
        span = make_span(make_article("we won, " * number + "\n\nEnd."), ann, text=WORDS)
        browser = browser_of(ann, htmx=True)
        with CaptureQueriesContext(connection) as queries:
            assert browser.post(like_url(span), sent(span)).status_code == 200
        costs.append((len(queries), number - 1))
    (few, less), (many, more) = costs
    assert (many - few) / (more - less) <= 7

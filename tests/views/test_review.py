"""The review: what waits for me, in its context, one decision at a time."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState, Reason, State
from annotations.models import Article, Span
from tests.factories import load_labels, make_article, make_label, make_span, make_user
from tests.views.hands import browser_of, deed, desk_url, span_url
from tests.views.page import Page

pytestmark = pytest.mark.django_db
REVIEW = "/review/"
ways = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])


def submit(*articles):
    """Each article's annotator says that it is done."""
    for article in Article.objects.filter(pk__in=[article.pk for article in articles]):
        ann = make_user(annotator=True)
        browser_of(ann).post(desk_url(article), deed("submit", article))


def waiting(*texts, article=None, **particulars):
    """Spans over these words, waiting for review."""
    article = article or make_article("\n\n".join(texts), **particulars)
    spans = [make_span(article, text=text) for text in texts]
    submit(article)
    return spans


def look(person, **query):
    response = browser_of(person).get(REVIEW, query)
    assert response.status_code == 200
    return Page(response)


def queued(page):
    """The words of the queue's rows, in its order."""
    return [row.one("q").text for row in page.every("div", role="row")]


def card_of(page):
    """The span that is open: its address."""
    return page.one("form", id="span-form")["action"]


def count(page):
    return next(h.words for h in page.every("h2") if "waiting" in h.words or h.words[:1].isdigit())


def test_what_waits_stands_in_the_queue_and_the_first_of_it_is_open():
    first, second = waiting("One.", "Two.")

    page = look(make_user(reviewer=True))

    assert queued(page) == ["One.", "Two."]
    assert count(page) == "2 waiting"
    assert card_of(page) == span_url(first)
    (here,) = page.every("a", aria_current="true")
    assert str(first.uid) in here["href"]
    assert str(second.uid) not in here["href"]


def test_a_span_is_shown_in_its_paragraph_with_what_else_is_marked_there():
    article = make_article("News.\n\n“We won,” the mayor of Elsewhere said.\n\nMore.")
    span = make_span(article, text="“We won,”")
    make_span(article, label="claim", text="mayor of Elsewhere")
    submit(article)

    page = look(make_user(reviewer=True), span=span.uid)

    (context,) = [each for each in page.every("div") if each.has_class("context")]
    assert context.text == "“We won,” the mayor of Elsewhere said.\n\n"
    assert [mark.text for mark in context.every("mark")] == ["“We won,”", "mayor of Elsewhere"]
    assert context["data-open"] == str(span.uid)


def test_who_marked_and_edited_and_decided_it_is_said():
    load_labels()
    ann = make_user("ann", annotator=True)
    rev = make_user("rev", reviewer=True)
    span = make_span(author=ann, reviewer=rev, state=State.REJECTED, reason=Reason.WRONG_EXTENT)

    page = look(make_user(reviewer=True), span=span.uid)

    assert "Marked by ann, rejected by rev (wrong extent)" in page.words


def test_spans_of_articles_in_progress_wait_only_where_that_is_asked_for():
    make_span(make_article("Begun."), text="Begun.")
    waiting("Done.")
    rev = make_user(reviewer=True)

    assert queued(look(rev)) == ["Done."]
    assert queued(look(rev, in_progress="on")) == ["Begun.", "Done."]


def test_a_queue_that_is_empty_says_what_is_still_in_progress():
    make_span()
    rev = make_user(reviewer=True)

    page = look(rev)

    assert "Nothing waits for you." in page.words
    (link,) = [link for link in page.every("a") if link.words == "show them, too"]
    assert queued(Page(browser_of(rev).get(link["href"])))


def test_a_queue_with_nothing_anywhere_says_so():
    assert "Nothing waits for you." in look(make_user(reviewer=True)).words


def test_what_was_last_in_my_own_hands_does_not_wait_for_me():
    both = make_user(annotator=True, reviewer=True)
    article = make_article("Mine. Theirs.")
    mine = make_span(article, both, text="Mine.")
    make_span(article, text="Theirs.")
    submit(article)

    assert queued(look(both)) == ["Theirs."]
    page = look(both, own="on")
    assert queued(page) == ["Mine.", "Theirs."]
    assert card_of(page) == span_url(mine)
    assert "The last hand on this span was yours, so somebody else has to decide." in page.words
    assert not {"approve", "reject", "send_back", "amend"} & set(page.form(span_url(mine)).buttons)


@pytest.mark.parametrize("state", [ArticleState.SET_ASIDE, ArticleState.SUPERSEDED])
def test_spans_of_an_article_that_rests_wait_for_nobody(state):
    (span,) = waiting("Done.")
    article = Article.objects.get()
    article.spans.update(waiting="", waiting_since=None, group=None)
    Article.objects.filter(pk=article.pk).update(state=state, revision=article.revision + 1)

    rev = make_user(reviewer=True)

    assert queued(look(rev)) == []
    assert queued(look(rev, state="approved")) == []
    assert look(rev, span=span.uid).form(span_url(span)).buttons == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["C1.", "B1.", "A1.", "A2."]),
        ({"label": "claim"}, ["A2."]),
        ({"outlet": "beta"}, ["C1.", "B1."]),
        ({"story": "zebras"}, ["C1."]),
        ({"article": "a"}, ["A1.", "A2."]),
        ({"outlet": "beta", "story": "ants"}, ["B1."]),
        ({"label": "rumour"}, []),
        ({"outlet": "nobody"}, []),
        ({"state": "nonsense"}, ["C1.", "B1.", "A1.", "A2."]),
        ({"label": "\0"}, ["C1.", "B1.", "A1.", "A2."]),
        ({"article": "a\0"}, ["C1.", "B1.", "A1.", "A2."]),
        ({"days": "-1", "author": "nobody\0", "group": "x"}, ["C1.", "B1.", "A1.", "A2."]),
    ],
)
def test_the_queue_is_filtered_by_its_address_and_ordered_by_story_article_and_place(query, found):
    texts = (
        ("c", "Beta", "Zebras", "C1."),
        ("b", "Beta", "Ants", "B1."),
        ("a", "Alfa", "Ants", "A2. A1."),
    )
    for slug, outlet, story, text in texts:
        article = make_article(
            " ".join(sorted(text.split())), slug, outlet=outlet, story=story, title=slug
        )
        for each in text.split():
            make_span(article, label="claim" if each == "A2." else "quote", text=each)
        submit(article)

    assert queued(look(make_user(reviewer=True), **query)) == found


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        (State.SENT_BACK, "1 sent back"),
        (State.APPROVED, "1 approved"),
        (State.REJECTED, "1 rejected"),
    ],
)
def test_what_is_decided_can_be_looked_at_again(state, heading):
    span = make_span(state=state)

    page = look(make_user(reviewer=True), state=state)

    assert count(page) == heading
    assert card_of(page) == span_url(span)
    assert ("reopen" in page.form(span_url(span)).buttons) == (state != State.SENT_BACK)


def test_the_decisions_on_a_waiting_span_are_offered_with_their_reasons():
    (span,) = waiting("One.")

    form = look(make_user(reviewer=True)).form(span_url(span))

    assert form.buttons == ["approve", "reject", "send_back"]
    reasons = [box["value"] for box in form.every("input", name="reason")]
    assert reasons == [reason.value for reason in Reason]


def test_who_does_not_review_may_look_and_is_offered_no_decision():
    (span,) = waiting("One.")

    page = look(make_user(annotator=True))

    assert queued(page) == ["One."]
    assert not page.every("form", action=span_url(span))


@ways
@pytest.mark.parametrize("action", ["approve", "reject", "send_back"])
def test_a_decision_goes_on_to_the_next_of_the_same_article(action, htmx):
    _, two, three = waiting("One.", "Two.", "Three.", slug="b")
    waiting("Earlier.", slug="a")
    browser = browser_of(make_user(reviewer=True), htmx=htmx)

    response = browser.post(
        span_url(two), deed(action, two, screen="review", comment="Why?", reason="other")
    )

    page = Page(response if htmx else browser.get(response["Location"]))
    assert card_of(page) == span_url(three)
    assert queued(page) == ["One.", "Three.", "Earlier."]


@ways
def test_after_the_last_of_an_article_comes_the_first_of_the_queue(htmx):
    (first,) = waiting("Earlier.")
    last, _ = waiting("Later.", "Mine.")
    rev = make_user(annotator=True, reviewer=True)
    Span.objects.filter(text="Mine.").update(last_editor=rev, revision=2)
    browser = browser_of(rev, htmx=htmx)

    response = browser.post(span_url(last), deed("approve", last, screen="review"))

    page = Page(response if htmx else browser.get(response["Location"]))
    assert card_of(page) == span_url(first)


@ways
def test_after_the_last_of_all_nothing_waits(htmx):
    (span,) = waiting("One.")
    browser = browser_of(make_user(reviewer=True), htmx=htmx)

    response = browser.post(span_url(span), deed("approve", span, screen="review"))

    page = Page(response if htmx else browser.get(response["Location"]))
    assert "Every span of this article is settled." in page.words
    assert count(page) == "0 waiting"
    response = browser.post(reverse("next_item"))
    page = Page(response if htmx else browser.get(response["Location"]))
    assert "Nothing waits for you." in page.words


@ways
def test_the_filter_stays_while_one_decides(htmx):
    article = make_article("One. Two. Three.")
    for text, label in (("One.", "quote"), ("Two.", "claim"), ("Three.", "quote")):
        make_span(article, label=label, text=text)
    submit(article)
    rev = make_user(reviewer=True)
    form = look(rev, label="quote").form(span_url(Span.objects.get(text="One."))).fields
    browser = browser_of(rev, htmx=htmx)

    response = browser.post(span_url(Span.objects.get(text="One.")), form | {"action": "approve"})

    page = Page(response if htmx else browser.get(response["Location"]))
    assert queued(page) == ["Three."]
    fields = page.form(span_url(Span.objects.get(text="Three."))).fields
    assert fields["queue"] == "label=quote"


@ways
@pytest.mark.parametrize(
    "queue", ["span=x&next=//evil.example", "label=%00", "%ff", "=&=&", "a" * 3000]
)
def test_a_queue_that_is_nonsense_counts_as_none(queue, htmx):
    one, two = waiting("One.", "Two.")
    browser = browser_of(make_user(reviewer=True), htmx=htmx)

    response = browser.post(span_url(one), deed("approve", one, screen="review", queue=queue))

    if not htmx:
        assert response["Location"].startswith(f"{REVIEW}?")
        assert "evil" not in response["Location"]
        response = browser.get(response["Location"])
    assert card_of(Page(response)) == span_url(two)


@ways
def test_an_undo_comes_back_to_the_span_it_undid(htmx):
    one, _ = waiting("One.", "Two.")
    rev = make_user(reviewer=True)
    browser = browser_of(rev, htmx=htmx)
    browser.post(span_url(one), deed("approve", one, screen="review"))

    response = browser.post(
        reverse("undo", args=[rev.deeds.get().pk]),
        {"request_id": str(uuid4()), "screen": "review"},
    )

    page = Page(response if htmx else browser.get(response["Location"]))
    assert card_of(page) == span_url(one)
    assert queued(page) == ["One.", "Two."]


def test_an_approval_with_a_change_is_an_amendment_and_says_so():
    load_labels()
    span = make_span(make_article("“We won,” the mayor said."), text="“We won,”")
    submit(span.article)
    rev = make_user("rev", reviewer=True)
    form = look(rev).form(span_url(span)).fields

    browser_of(rev).post(
        span_url(span),
        form | {"action": "amend", "attr_speaker": "the mayor", "attr_form": "direct"},
    )

    now = Span.objects.get()
    assert (now.state, now.amended, now.decided_by) == (State.APPROVED, True, rev)
    assert now.last_editor == now.author
    assert "approved, amended" in look(rev, span=span.uid).words.lower()


@ways
def test_an_article_whose_spans_are_settled_is_there_to_sign_off(htmx):
    (span,) = waiting("One.", title="The bridge")
    rev = make_user(reviewer=True)
    browser = browser_of(rev, htmx=htmx)
    assert "Every span settled" not in look(rev).words

    response = browser.post(span_url(span), deed("approve", span, screen="review"))

    page = Page(response if htmx else browser.get(response["Location"]))
    form = page.form(desk_url(span.article), sends="review")
    response = browser.post(
        desk_url(span.article), form.fields | {"action": "review", "nothing_missing": "on"}
    )
    page = Page(response if htmx else browser.get(response["Location"]))
    assert page.toasts == ["Signed off."]
    assert "Every span settled" not in page.words
    assert Article.objects.get().state == ArticleState.REVIEWED


@ways
def test_after_signing_an_article_off_what_waits_is_open_again(htmx):
    (span,) = waiting("One.")
    done = make_article("Nothing in it.", state=ArticleState.SUBMITTED)
    browser = browser_of(make_user(reviewer=True), htmx=htmx)

    response = browser.post(
        desk_url(done), deed("review", done, screen="review", nothing_missing="on")
    )

    page = Page(response if htmx else browser.get(response["Location"]))
    assert card_of(page) == span_url(span)


def test_the_only_author_is_told_why_somebody_else_has_to_sign_off():
    both = make_user(annotator=True, reviewer=True)
    span = make_span(author=both, state=State.APPROVED)
    submit(span.article)

    page = look(both, sign=span.article.slug)

    assert "All its spans are yours, so somebody else has to sign it off." in page.words
    assert not page.every("form", action=desk_url(span.article))


@ways
def test_a_span_opened_from_the_queue_keeps_the_filter(htmx):
    _, two = waiting("One.", "Two.")
    rev = make_user(reviewer=True)
    page = look(rev, outlet="", label="quote")
    (link,) = [row.one("a") for row in page.every("div", id=f"row-{two.uid}")]
    assert link["href"] == link["hx-get"]

    opened = Page(browser_of(rev, htmx=htmx).get(link["href"]))

    assert card_of(opened) == span_url(two)
    assert opened.form(span_url(two)).fields["queue"] == "label=quote"


@ways
def test_a_label_that_is_tried_on_brings_its_own_attributes(htmx):
    load_labels()
    (span,) = waiting("One.")

    page = Page(
        browser_of(make_user(reviewer=True), htmx=htmx).get(
            REVIEW, {"span": span.uid, "label": "claim", "try": 1}
        )
    )

    fields = page.form(span_url(span)).fields
    assert fields["label"] == "claim"
    assert "attr_worthiness" in fields
    assert "attr_speaker" not in fields


@ways
@pytest.mark.parametrize("uid", ["nonsense", str(uuid4()), "%00"])
def test_a_span_that_is_not_there_is_404(uid, htmx):
    response = browser_of(make_user(reviewer=True), htmx=htmx).get(f"{REVIEW}?span={uid}")

    assert response.status_code == 404
    assert "There is no such span." in Page(response).words


def test_a_long_queue_comes_in_pages_that_keep_the_filter():
    text = " ".join(f"word{number}." for number in range(60))
    article = make_article(text)
    for number in range(60):
        make_span(article, text=f"word{number}.")
    submit(article)
    rev = make_user(reviewer=True)

    first = look(rev, label="quote")
    (after,) = [link for link in first.every("a") if link.words == "After"]
    second = Page(browser_of(rev).get(after["href"]))

    assert len(queued(first)) == 50
    assert count(first) == "more than 50 waiting"
    assert count(look(rev)) == "60 waiting"
    assert queued(second) == [f"word{number}." for number in range(50, 60)]
    (before,) = [link for link in second.every("a") if link.words == "Before"]
    assert queued(Page(browser_of(rev).get(before["href"]))) == queued(first)


def test_the_queue_costs_the_same_for_2_and_for_20_spans():
    load_labels()
    browser = browser_of(make_user(reviewer=True))
    costs = []
    for many in (2, 18):
        for number in range(many):
            article = make_article(
                f"Word {number}.", outlet=f"Outlet {number}", story=f"S {number}"
            )
            make_span(article, extent=Extent(0, 4))
            submit(article)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(REVIEW).status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1]
    assert costs[0] < 35


def test_articles_to_sign_off_cost_no_more_for_being_many():
    browser = browser_of(make_user(reviewer=True))
    costs = []
    for many in (2, 20):
        for _ in range(many):
            make_article(state=ArticleState.SUBMITTED)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(REVIEW).status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_an_archived_label_still_shows_on_its_spans():
    label = make_label("rumour")
    span = make_span(label="rumour")
    submit(span.article)
    label.archived = True
    label.save()

    page = look(make_user(reviewer=True))

    assert "Rumour" in page.words
    assert card_of(page) == span_url(span)


def test_my_own_spans_in_progress_are_not_promised():
    both = make_user(annotator=True, reviewer=True)
    make_span(author=both)

    assert "more stand" not in Page(browser_of(both).get(reverse("review"))).words


def test_a_revision_that_is_no_number_of_ours_is_422():
    span = make_span()
    sent = deed("approve", span, screen="review") | {"seen": "9" * 5000}

    assert browser_of(make_user(reviewer=True)).post(span_url(span), sent).status_code == 422


def test_what_was_typed_stays_while_another_label_is_tried():
    load_labels()
    span = make_span()
    tried = {"span": span.uid, "label": "quote", "try": 1, "attr_speaker": "Anna Baker"}
    browser = browser_of(make_user(reviewer=True), htmx=True)

    page = Page(browser.get(reverse("review"), tried))

    assert page.form(span_url(span)).fields["attr_speaker"] == "Anna Baker"


def next_item(browser, **fields):
    return browser.post(reverse("next_item"), fields)


def taken_by(article):
    return Article.objects.get(pk=article.pk).leased_to


def test_looking_takes_no_article_but_the_page_asks_for_it_at_once():
    (span,) = waiting("One.")
    rev = make_user(reviewer=True)

    page = look(rev)

    assert taken_by(span.article) is None
    (form,) = page.every("form", hx_trigger="load")
    assert form["hx-post"] == reverse("next_item")
    assert form.fields["span"] == str(span.uid)
    response = next_item(browser_of(rev, htmx=True), **form.fields)
    assert response.status_code == 204
    assert taken_by(span.article) == rev
    assert not look(rev).every("form", hx_trigger="load")


@ways
def test_two_reviewers_do_not_meet(htmx):
    (one,) = waiting("One.")
    (two,) = waiting("Two.")
    first, second = make_user("first", reviewer=True), make_user(reviewer=True)
    next_item(browser_of(first), span=one.uid)
    browser = browser_of(second, htmx=htmx)

    response = next_item(browser, span=one.uid, queue="label=quote")

    page = Page(response if htmx else browser.get(response["Location"]))
    assert card_of(page) == span_url(two)
    assert page.toasts == ["first is at that article; this one is yours."]
    assert taken_by(two.article) == second
    assert "somebody else is here" in look(second).words
    assert card_of(look(second)) == span_url(two)


@ways
def test_an_article_that_is_left_for_now_gives_way_to_the_next(htmx):
    one, _ = waiting("One.", "Two.")
    (three,) = waiting("Three.")
    rev = make_user(reviewer=True)
    browser = browser_of(rev, htmx=htmx)
    next_item(browser, span=one.uid)

    response = next_item(browser, after=one.uid)

    page = Page(response if htmx else browser.get(response["Location"]))
    assert card_of(page) == span_url(three)
    assert (taken_by(one.article), taken_by(three.article)) == (None, rev)
    response = next_item(browser, after=three.uid)
    page = Page(response if htmx else browser.get(response["Location"]))
    assert card_of(page) == span_url(one)


def test_when_others_are_at_all_that_waits_the_queue_still_shows_it():
    (span,) = waiting("One.")
    next_item(browser_of(make_user(reviewer=True)), span=span.uid)

    page = look(make_user(reviewer=True))

    assert queued(page) == ["One."]
    assert "somebody else is at just now" in page.words
    assert not page.every("form", id="span-form")


def test_a_decision_takes_the_next_article():
    one, _ = waiting("One.", "Mine.")
    (other,) = waiting("Two.")
    rev = make_user(annotator=True, reviewer=True)
    Span.objects.filter(text="Mine.").update(last_editor=rev, revision=2)

    browser_of(rev).post(span_url(one), deed("approve", one, screen="review"))

    assert taken_by(other.article) == rev


@ways
def test_only_reviewers_take_articles(htmx):
    (span,) = waiting("One.")
    browser = browser_of(make_user(annotator=True), htmx=htmx)

    response = next_item(browser, span=span.uid)

    assert response.status_code == 403
    assert "Only reviewers take articles to review." in Page(response).words


@pytest.mark.parametrize("field", ["span", "after"])
def test_to_take_what_is_not_there_is_404(field):
    browser = browser_of(make_user(reviewer=True))

    assert next_item(browser, **{field: str(uuid4())}).status_code == 404
    assert next_item(browser, **{field: "nonsense"}).status_code == 404


def test_n_and_p_lead_to_the_items_beside_this_one():
    one, two, three = waiting("One.", "Two.", "Three.")
    rev = make_user(reviewer=True)

    def press(page, key):
        (link,) = page.every("a", data_key=key)
        return Page(browser_of(rev).get(link["href"]))

    page = press(look(rev), "n")
    assert card_of(page) == span_url(two)
    page = press(press(page, "n"), "n")
    assert card_of(page) == span_url(one)  # round again
    assert card_of(press(page, "p")) == span_url(one)  # nothing is before it
    assert card_of(press(look(rev, span=three.uid), "p")) == span_url(two)


def test_what_was_decided_stays_on_the_card_when_it_is_opened():
    one, _ = waiting("One.", "Two.")
    browser = browser_of(make_user(reviewer=True))
    browser.post(span_url(one), deed("approve", one, screen="review"))

    page = Page(browser.get(REVIEW, {"after": one.uid}))

    assert queued(page) == ["Two."]


@ways
def test_an_undone_sign_off_comes_back_to_its_article(htmx):
    done = make_article("Nothing in it.", state=ArticleState.SUBMITTED, title="The bridge")
    rev = make_user(reviewer=True)
    browser = browser_of(rev, htmx=htmx)
    browser.post(desk_url(done), deed("review", done, screen="review", nothing_missing="on"))

    response = browser.post(
        reverse("undo", args=[rev.deeds.get().pk]),
        {"request_id": str(uuid4()), "screen": "review"},
    )

    page = Page(response if htmx else browser.get(response["Location"]))
    assert page.form(desk_url(done)).buttons == ["review"]


@ways
def test_a_sign_off_that_is_refused_stays_with_its_article(htmx):
    done = make_article("Nothing in it.", state=ArticleState.SUBMITTED)
    browser = browser_of(make_user(reviewer=True), htmx=htmx)

    response = browser.post(desk_url(done), deed("review", done, screen="review"))

    assert response.status_code == 422
    page = Page(response)
    assert "Tick that nothing is missing." in page.words
    assert page.form(desk_url(done)).buttons == ["review"]


def test_an_article_that_cannot_be_signed_off_yet_gives_way_to_the_queue():
    (span,) = waiting("One.")
    rev = make_user(reviewer=True)

    assert card_of(look(rev, sign=span.article.slug)) == span_url(span)
    assert browser_of(rev).get(REVIEW, {"sign": "nothing"}).status_code == 404


def test_what_waits_in_my_own_hand_is_told_when_nothing_else_does():
    both = make_user(annotator=True, reviewer=True)
    span = make_span(author=both)
    submit(span.article)

    page = look(both)

    assert "What waits was last in your own hands" in page.words
    (link,) = [each for each in page.every("a") if each.words == "look at it"]
    assert queued(Page(browser_of(both).get(link["href"]))) == [span.text]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"author": "ann", "days": "3", "answered": "on"}, {"author": "ann", "days": "3"}),
        ({"origin": "suggester:q/1"}, {"origin": "suggester:q/1"}),
        ({"group": "7"}, {"group": "7"}),
        ({"article": "a"}, {"article": "a"}),
    ],
)
def test_the_filters_show_what_is_chosen(query, kept):
    load_labels()
    make_span(author=make_user("ann", annotator=True))

    (form,) = look(make_user(reviewer=True), **query).every("form", aria_label="Filter")

    assert kept.items() <= form.fields.items()


def test_a_stale_decision_shows_what_changed_since_and_keeps_the_words():
    load_labels()
    span = make_span(make_article("“We won,” the mayor said."), text="“We won,”")
    submit(span.article)
    rev = make_user(reviewer=True)
    form = look(rev).form(span_url(span)).fields
    browser_of(span.author).post(
        span_url(span),
        deed("edit", span, label="quote", start=1, end=7, text="We won", attr_form="direct"),
    )

    response = browser_of(rev).post(
        span_url(span), form | {"action": "send_back", "comment": "Who says so?"}
    )

    assert response.status_code == 409
    page = Page(response)
    (table,) = page.every("table", class_="compared")
    rows = [[cell.words for cell in row.every()] for row in table.every("tr")][1:]
    assert rows == [
        ["Words", "“We won,”", "We won"],
        ["Place", "0–9", "1–7"],
        ["Form", "—", "Direct"],
    ]
    assert page.form(span_url(span)).fields["comment"] == "Who says so?"


def test_the_reviews_queue_asks_the_database_as_much_when_it_is_long():
    browser = browser_of(make_user(reviewer=True))
    costs = []
    for many in (60, 240):
        waiting(*(f"word{number}." for number in range(many)))
        last = Span.objects.order_by("-pk").first()
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(REVIEW, {"span": last.uid}).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_to_approve_with_a_change_in_sight_is_to_amend():
    """Also where no script swaps the buttons."""
    load_labels()
    span = make_span(make_article("“We won,” the mayor said."), text="“We won,”")
    submit(span.article)
    rev = make_user(reviewer=True)
    form = look(rev).form(span_url(span)).fields

    browser_of(rev).post(span_url(span), form | {"action": "approve", "attr_speaker": "the mayor"})

    now = Span.objects.get()
    assert (now.state, now.amended) == (State.APPROVED, True)
    assert now.attributes["speaker"]["value"] == "the mayor"


def test_an_article_that_somebody_else_is_at_can_be_looked_at_by_its_address():
    (span,) = waiting("One.")
    next_item(browser_of(make_user(reviewer=True)), span=span.uid)

    page = look(make_user(reviewer=True), span=span.uid)

    assert card_of(page) == span_url(span)
    assert not page.every("form", hx_trigger="load")


@ways
def test_an_undo_that_is_refused_leaves_the_card_where_it_was(htmx):
    one, _ = waiting("One.", "Two.")
    rev, other = make_user(reviewer=True), make_user(reviewer=True)
    browser_of(rev).post(span_url(one), deed("approve", one, screen="review"))
    now = Span.objects.get(pk=one.pk)
    browser_of(other).post(span_url(now), deed("reopen", now, screen="review"))

    response = browser_of(rev, htmx=htmx).post(
        reverse("undo", args=[rev.deeds.get().pk]),
        {"request_id": str(uuid4()), "screen": "review"},
    )

    assert response.status_code == 409
    page = Page(response)
    assert "It has changed since." in page.words
    assert bool(page.every("form", id="span-form")) == (not htmx)


@pytest.mark.parametrize("sign", ["\0", "a" * 3000, "…"])
def test_a_slug_that_nobody_could_store_is_404(sign):
    assert browser_of(make_user(reviewer=True)).get(REVIEW, {"sign": sign}).status_code == 404


def test_when_the_last_article_is_taken_nothing_further_is_promised():
    (span,) = waiting("One.")
    next_item(browser_of(make_user("first", reviewer=True)), span=span.uid)

    response = next_item(browser_of(make_user(reviewer=True), htmx=True), span=span.uid)

    toast = "first is at that article; nothing further waits for you."
    assert Page(response).toasts == [toast]

"""Spot checks: approved spans before fresh eyes, one at a time; and what these found."""

import re
from uuid import UUID, uuid4

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations import actions
from annotations.actions import Change
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState
from annotations.models import Article, Span, SpotCheck
from annotations.queries import spot_checks as queries
from tests.factories import (
    make_article,
    make_comment,
    make_deed,
    make_span,
    make_spot_check,
    make_user,
)
from tests.views.hands import browser_of, deed, span_url
from tests.views.page import Page

pytestmark = pytest.mark.django_db
CHECKS = "/review/spot-checks/"
ways = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])


@pytest.fixture(autouse=True)
def _all_of_them(settings):
    settings.SPOT_CHECKS = 100


@pytest.fixture
def rev():
    return make_user("rev", reviewer=True)


def approved(*texts, reviewer=None, **span):
    """Approved spans over these words, in the order in which they are offered."""
    article = make_article("\n\n".join(texts))
    spans = [make_span(article, text=text, state="approved", reviewer=reviewer) for text in texts]
    return in_turn(spans)


def amended(text="as safe as a house"):
    span = make_span(text=text)
    change = Change(extent=Extent(span.start, span.start + 7), text=text[:7])
    deed = make_deed(make_user(reviewer=True))
    return actions.amend(span=span.uid, seen=1, change=change, deed=deed).span


def in_turn(spans):
    return sorted(spans, key=lambda span: (not span.amended, span.uid.hex))


def look(person, **query):
    response = browser_of(person).get(CHECKS, query)
    assert response.status_code == 200
    return Page(response)


def shown(page):
    """The span that is on the card."""
    opened = [UUID(each["data-open"]) for each in page.every(data_open=True)]
    return Span.objects.get(uid=opened[0]) if opened else None


def finding_url(span):
    return reverse("finding", args=[span.uid])


def found(span, finding, **fields):
    return {"finding": finding, "seen": span.revision, "request_id": str(uuid4()), **fields}


def find(person, span, finding, htmx=False, **fields):
    browser = browser_of(person, htmx=htmx)
    return browser.post(finding_url(span), found(span, finding, **fields), follow=True)


# What is shown


def test_an_approved_span_is_shown_in_its_paragraph_with_who_did_what(rev):
    article = make_article("News.\n\n“We won,” the mayor said.", outlet="Post")
    span = make_span(
        article,
        make_user("ann", annotator=True),
        text="“We won,”",
        state="approved",
        reviewer=make_user("ray", reviewer=True),
    )

    page = look(rev)

    assert shown(page) == span
    (context,) = [each for each in page.every("div") if each.has_class("context")]
    assert context.text == "“We won,” the mayor said."
    assert context.one("mark").has_class("here")
    assert "Marked by ann, approved by ray" in page.words
    assert "marked as quote by ann" in page.words
    form = page.form(finding_url(span))
    assert form.buttons == ["right", "wrong"]
    assert form.fields["seen"] == "2"


@pytest.mark.parametrize("state", ["proposed", "sent_back", "rejected", "withdrawn", "suggested"])
def test_only_what_is_approved_is_offered(rev, state):
    make_span(state=state)
    assert "Nothing to look at again." in look(rev).words


@pytest.mark.parametrize("state", [ArticleState.SET_ASIDE, ArticleState.SUPERSEDED])
def test_spans_of_an_article_that_rests_are_not_offered(rev, state):
    (span,) = approved("One.")
    article = Article.objects.get(pk=span.article_id)
    Article.objects.filter(pk=article.pk).update(state=state, revision=article.revision + 1)
    assert shown(look(rev)) is None
    assert "Of 0 approved spans" in look(rev).words


def test_those_who_had_a_hand_in_it_are_not_asked():
    author, editor, decider = (make_user(annotator=True, reviewer=True) for _ in range(3))
    span = make_span(make_article(), author, text="The mayor")
    change = Change(extent=Extent(0, 3), text="The")
    actions.edit(span=span.uid, seen=1, change=change, deed=make_deed(editor))
    actions.approve(span=span.uid, seen=2, deed=make_deed(decider))

    for person in (author, editor, decider):
        assert shown(look(person)) is None
        page = look(person, span=span.uid)  # by its address
        assert "so somebody else has to look" in page.words
        assert not page.every("form", action=finding_url(span))
    assert shown(look(make_user(reviewer=True))) == span


def test_amended_ones_come_first_then_the_others_each_in_an_order_of_its_own(rev):
    spans = in_turn([*approved(*"abcd"), amended(), amended()])
    assert [span.amended for span in spans] == [True, True, False, False, False, False]

    seen = []
    page = look(rev)
    while (span := shown(page)) is not None:
        seen.append(span)
        (skip,) = [link for link in page.every("a") if link.get("data-key") == "n"]
        page = Page(browser_of(rev).get(skip["href"]))
    assert seen == spans
    assert "That was the last one." in page.words
    (again,) = [link for link in page.every("a") if link.get("data-key") == "n"]
    assert shown(Page(browser_of(rev).get(again["href"]))) == spans[0]


@pytest.mark.parametrize("share", [0, 10, 62.5, 100])
def test_the_setting_says_which_share_is_offered(rev, settings, share):
    settings.SPOT_CHECKS = share
    spans = approved(*"abcdefghij")
    drawn = [span for span in spans if span.uid.int < share * 2**128 / 100]

    assert queries.number_to_check(rev) == len(drawn)
    assert shown(look(rev)) == (drawn[0] if drawn else None)
    if not drawn:
        words = look(rev).words
        assert ("No approved spans are offered" if share == 0 else f"{share} % are shown") in words


@pytest.mark.parametrize("share", [-1, 101])
def test_a_setting_that_is_no_share_is_told(settings, share):
    assert [each.id for each in run_checks() if each.id == "annotations.E001"] == []
    settings.SPOT_CHECKS = share
    assert [each.id for each in run_checks() if each.id == "annotations.E001"] != []


def test_who_does_not_review_reads_what_was_found_and_is_offered_nothing(rev):
    (span,) = approved("One.")
    make_spot_check(span, finding="wrong", note="Half of it.")
    (other,) = approved("Two.")

    page = look(make_user(annotator=True), span=other.uid)

    assert not page.every("form", action=finding_url(other))
    assert "Only reviewers may do this." in page.words
    assert "Half of it." in page.words


@pytest.mark.parametrize("query", ["span=nonsense", "after=nonsense", f"span={uuid4()}"])
def test_there_is_no_page_for_a_span_that_is_not_there(rev, query):
    assert browser_of(rev).get(f"{CHECKS}?{query}").status_code == 404


def test_what_was_said_of_the_article_is_folded_beside_the_span(rev):
    (span,) = approved("One.")
    remark = make_comment(span.article, text="Mind the caption.")
    make_comment(span.article)
    make_comment(span.article, span, text="All of it?")

    page = look(rev)

    fold = page.one("details", id="about-article")
    assert fold.one("div", id=f"comment-{remark.uid}")
    assert fold.every("summary")[0].words == "About the article (2)"
    assert "data-rests" in fold.attributes
    assert "All of it?" in page.one("section", id=f"comments-{span.uid}").words


# What is found


@ways
def test_right_goes_on_to_the_next(rev, htmx):
    first, second = approved("One.", "Two.")

    page = Page(find(rev, first, "right", htmx))

    assert shown(page) == second
    assert page.toasts == ["Found right."]
    assert SpotCheck.objects.get().finding == "right"
    assert "2 approved spans, 1 looked at again, 0 wrong" in page.words


@ways
def test_after_what_was_skipped_right_does_not_go_back(rev, htmx):
    _, second, third = approved("One.", "Two.", "Three.")
    assert shown(Page(find(rev, second, "right", htmx))) == third


@ways
def test_wrong_stays_and_offers_to_reopen_it_with_the_note(rev, htmx):
    span, _ = approved("One.", "Two.")

    page = Page(find(rev, span, "wrong", htmx, note=" Half of\r\nit. "))

    assert shown(page) == span
    assert page.toasts == ["Found wrong."]
    assert "Found wrong by rev" in page.words
    form = page.form(span_url(span))
    assert form.fields["comment"] == "Half of\nit."
    assert Span.objects.get(pk=span.pk).state == "approved"
    (row,) = [each for each in page.every("li") if each.has_class("row")]
    assert "approved now" in row.words


@ways
def test_reopened_it_waits_for_review_again_and_the_next_one_comes(rev, htmx):
    span, other = approved("One.", "Two.")
    make_spot_check(span, checker=rev, finding="wrong")
    span.refresh_from_db()

    browser = browser_of(rev, htmx=htmx)
    sent = deed("reopen", span, screen="spot_checks", comment="Half of it.")
    page = Page(browser.post(span_url(span), sent, follow=True))

    assert shown(page) == other
    assert page.toasts == ["Reopened."]
    span.refresh_from_db()
    assert span.state == "proposed"
    assert span.events.get(action="reopen").comment == "Half of it."
    assert "proposed now" in page.words


@ways
def test_what_cannot_be_undone_is_told_where_the_person_is(rev, htmx):
    (span,) = approved("One.", reviewer=make_user(reviewer=True))
    make_spot_check(span, checker=rev, finding="wrong")
    done = actions.reopen(span=span.uid, seen=2, deed=make_deed(rev)).deed
    browser = browser_of(rev, htmx=htmx)
    sent = {"request_id": str(uuid4()), "screen": "spot_checks"}

    page = Page(browser.post(reverse("undo", args=[done.pk]), sent, follow=True))

    # Only who approved it can give that approval back.
    assert page.refusals == ["Only who approved it can give that approval back."]
    assert not htmx or set(page.partials) == {"#undo", "#notice"}  # the card stays


def test_after_an_amended_one_was_reopened_the_other_amended_ones_are_next(rev):
    first, second, _ = in_turn([amended(), amended(), *approved("One.")])
    make_spot_check(first, checker=rev, finding="wrong")
    actions.reopen(span=first.uid, seen=2, deed=make_deed(rev))
    assert shown(look(rev, after=first.uid)) == second


@ways
def test_what_was_reopened_by_its_decider_and_undone_comes_back(htmx):
    both = make_user(reviewer=True)
    (span,) = approved("One.", reviewer=both)
    done = actions.reopen(span=span.uid, seen=2, deed=make_deed(both)).deed
    sent = {"request_id": str(uuid4()), "screen": "spot_checks"}

    page = Page(
        browser_of(both, htmx=htmx).post(reverse("undo", args=[done.pk]), sent, follow=True)
    )

    assert shown(page) == span
    assert page.toasts == ["Undone: reopened. “One.”"]


@ways
def test_a_finding_without_a_word_is_refused_and_asks_for_one(rev, htmx):
    (span,) = approved("One.")

    response = find(rev, span, "wrong", htmx)

    page = Page(response)
    assert response.status_code == 422
    assert "Say what is wrong with it." in page.refusals
    assert "open" in page.one("details", id="wrong").attributes
    assert page.one("textarea", name="note")["aria-invalid"] == "true"
    assert not SpotCheck.objects.exists()


@ways
def test_what_has_changed_meanwhile_is_shown_as_it_is_and_the_note_kept(rev, htmx):
    (span,) = approved("One.")
    actions.reopen(span=span.uid, seen=2, deed=make_deed(make_user(reviewer=True)))

    response = find(rev, span, "wrong", htmx, note="Half of it.")

    page = Page(response)
    assert response.status_code == 409
    assert any("has changed since you saw it" in each for each in page.refusals)
    assert "Half of it." in page.words
    assert "proposed" in page.one("h2", id="card-title").words


def test_a_form_without_its_request_id_is_refused(rev):
    (span,) = approved("One.")
    response = browser_of(rev).post(finding_url(span), {"finding": "right", "seen": 2})
    assert response.status_code == 422


def test_a_refused_reopening_keeps_its_word(rev):
    (span,) = approved("One.")
    make_spot_check(span, checker=rev, finding="wrong")
    sent = deed("reopen", span, screen="spot_checks", comment="Rather this.") | {"seen": 1}

    response = browser_of(rev).post(span_url(span), sent)

    assert response.status_code == 409
    assert Page(response).form(span_url(span)).fields["comment"] == "Rather this."


def test_there_is_nothing_to_find_of_what_is_not_there(rev):
    assert browser_of(rev).post(f"/spans/{uuid4()}/finding/", {}).status_code == 404


# What they found


def numbers(page, at=0):
    table = page.every("table")[at]
    rows = table.one("tbody").every("tr")
    return [[row.one("th").words, *(cell.words for cell in row.every("td"))] for row in rows]


def test_what_was_found_is_counted_by_label_and_by_whether_it_was_amended(rev):
    first, second, _ = approved("One.", "Two.", "Three.")
    claim = make_span(label="claim", state="approved")
    make_spot_check(first)
    make_spot_check(second, finding="wrong")
    make_spot_check(amended(), finding="wrong")
    actions.reopen(span=claim.uid, seen=2, deed=make_deed(make_user(reviewer=True)))

    page = look(rev)

    assert numbers(page) == [["Quote, amended", "1", "1", "1"], ["Quote", "3", "2", "1"]]
    assert "Of 4 approved spans, 3 looked at again, 2 wrong. 1 waits for you." in page.words
    assert len(page.every("table")) == 1


def test_whose_approvals_were_wrong_only_administrators_read():
    ray, sue = make_user("ray", reviewer=True), make_user("sue", reviewer=True)
    first, second = approved("One.", "Two.", reviewer=sue)
    (third,) = approved("Three.", reviewer=ray)
    for span, finding in ((first, "right"), (second, "wrong"), (third, "right")):
        make_spot_check(span, finding=finding)

    page = look(make_user(superuser=True))

    assert numbers(page, 1) == [["ray", "1", "0"], ["sue", "2", "1"]]


def test_what_was_wrong_is_listed_with_why_the_latest_first(rev):
    first, second = approved("One.", "Two.")
    make_spot_check(first, finding="wrong", note="Half of it.")
    make_spot_check(second, finding="wrong", note="All of it.")

    rows = [each for each in look(rev).every("li") if each.has_class("row")]

    assert ["All of it." in row.words for row in rows] == [True, False]
    assert rows[0].one("a")["href"] == f"{CHECKS}?span={second.uid}"


def test_a_long_queue_is_not_counted_to_its_end(rev, monkeypatch):
    monkeypatch.setattr(queries, "MOST", 2)
    approved("One.", "Two.", "Three.")
    assert "More than 2 wait for you." in look(rev).words


def test_the_page_takes_the_same_statements_however_much_was_found(rev):
    def statements():
        browser = browser_of(rev)
        with CaptureQueriesContext(connection) as captured:
            browser.get(CHECKS)
        return len(captured)

    approved("One.", "Two.")
    make_spot_check(approved("Three.")[0], finding="wrong")
    before = statements()
    for span in approved(*"abcdef"):
        make_spot_check(span, finding="wrong")
    assert statements() == before


@pytest.mark.sqlite
def test_what_is_offered_is_found_in_its_index(rev, settings):
    settings.SPOT_CHECKS = 10
    with CaptureQueriesContext(connection) as captured:
        queries.next_to_check(rev)
    assert len(captured) == 2  # the amended ones, and the others
    for query in captured:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plan = [step for *_, step in cursor.fetchall()]
        assert re.search(r"USING INDEX span_to_check \(amended=\? AND uid<\?\)", plan[0]), plan
        assert not any("TEMP B-TREE" in step for step in plan)

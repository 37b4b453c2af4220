"""Talk at the desk: said, answered, settled; with htmx and without."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations import actions
from annotations.models import Comment
from tests.factories import make_article, make_comment, make_deed, make_span, make_user
from tests.views.hands import browser_of, desk_url
from tests.views.page import Page, database

pytestmark = pytest.mark.django_db

ways = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain form"])
places = pytest.mark.parametrize("on_span", [True, False], ids=["on a span", "on the article"])


@pytest.fixture
def span():
    return make_span()


@pytest.fixture
def annotator():
    return make_user("annie", annotator=True)


def say_url(article):
    return reverse("say", args=[article.slug])


def comment_url(comment):
    return reverse("on_comment", args=[comment.uid])


def saying(text, span=None, reply_to=None, **fields):
    """The fields of a form to say that."""
    sent = {"text": text, "request_id": str(uuid4()), **fields}
    if span:
        sent["span"] = str(span.uid)
    if reply_to:
        sent["reply_to"] = str(reply_to.uid)
    return sent


def section_id(span):
    return f"comments-{span.uid if span else 'article'}"


def talk_of(page, span=None):
    """The comments section of the place, on the desk or in htmx's answer."""
    return page.one("section", id=section_id(span))


def open_desk(browser, article, span=None):
    return Page(browser.get(desk_url(article), {"span": span.uid} if span else {}))


def said_in(section):
    """What is said in it, in order."""
    return [each.text for each in section.every("p") if each.has_class("said")]


def form_for(section, reply_to=None):
    """The form to say something with; a thread's, or the one that begins a thread."""
    forms = [
        form
        for form in section.every("form")
        if "text" in form.fields
        and form.fields.get("reply_to", "") == (str(reply_to.uid) if reply_to else "")
    ]
    assert len(forms) == 1
    return forms[0]


def offered(section):
    """What may be done to comments in it: (action, where)."""
    return {
        (form.one("button", name="action")["value"], form["action"])
        for form in section.every("form")
        if "text" not in form.fields
    }


def sent_there(response, htmx, span):
    """The section that the person has before them after the POST."""
    page = Page(response)
    if htmx:
        return page, page.partials[f"#{section_id(span)}"].one("section")
    return page, talk_of(page, span)


# Saying


@places
@ways
def test_what_is_said_stands_where_it_was_said_and_is_told(span, annotator, htmx, on_span):
    place = span if on_span else None
    browser = browser_of(annotator, htmx=htmx)

    response = browser.post(say_url(span.article), saying("One.\r\n\r\n  Two <b>🧵</b>", place))

    comment = Comment.objects.get()
    assert (comment.text, comment.author) == ("One.\n\n  Two <b>🧵</b>", annotator)
    assert (comment.article, comment.span) == (span.article, place)
    if htmx:
        assert response.status_code == 200
        page = Page(response)
        assert said_in(page.partials[f"#{section_id(place)}"]) == [comment.text]
    else:
        assert response.status_code == 302
        query = f"?span={span.uid}" if place else ""
        assert response["Location"] == f"{desk_url(span.article)}{query}#comment-{comment.uid}"
        page = Page(browser.get(response["Location"]))
        assert said_in(talk_of(page, place)) == [comment.text]
    assert page.one(id=f"comment-{comment.uid}")
    assert page.toasts == ["Comment added."]
    assert not page.refusals


@places
def test_the_form_on_the_desk_says_it_where_it_stands(span, annotator, on_span):
    place = span if on_span else None
    browser = browser_of(annotator)
    form = form_for(talk_of(open_desk(browser, span.article, span), place))

    assert browser.post(form["action"], form.fields | {"text": "Hm."}).status_code == 302

    assert Comment.objects.get().span == place


@ways
def test_a_reply_stands_in_its_thread(span, annotator, htmx):
    root, other = make_comment(span.article, span), make_comment(span.article, span)
    browser = browser_of(annotator, htmx=htmx)
    section = talk_of(open_desk(browser_of(annotator), span.article, span), span)

    response = browser.post(
        say_url(span.article), form_for(section, root).fields | {"text": "It is."}
    )

    page = Page(response if htmx else browser.get(response["Location"]))
    assert Comment.objects.latest("pk").reply_to == root
    assert said_in(page.one(id=section_id(span))) == [root.text, "It is.", other.text]
    assert page.toasts == ["Reply added."]


def test_the_form_that_was_sent_comes_back_empty_and_closed_and_takes_the_focus(span, annotator):
    root = make_comment(span.article, span)
    browser = browser_of(annotator, htmx=True)
    for name, reply_to in ((str(span.uid), None), (str(root.uid), root)):
        sent = saying("Words.", span, reply_to)
        page = Page(browser.post(say_url(span.article), sent))
        [fold] = page.partials[f"#say-{name}"].every("details")
        assert (fold["id"], "open" in fold.attributes) == (f"say-{name}", False)
        assert fold.one("form").fields["text"] == ""
        assert fold.one("form").fields["request_id"] != sent["request_id"]
        assert [each.tag for each in page.every(autofocus=True)] == ["summary"]


def test_an_answer_says_how_many_threads_are_open_on_the_span(span, annotator):
    root = make_comment(span.article, span)
    browser = browser_of(annotator, htmx=True)

    def told(response):
        return Page(response).partials[f"#span-{span.uid} .state"].words

    assert (
        told(browser.post(say_url(span.article), saying("Two.", span)))
        == "proposed · 2 open comments"
    )
    assert (
        told(browser.post(comment_url(root), {"action": "resolve"})) == "proposed · 1 open comment"
    )
    page = Page(browser.post(say_url(span.article), saying("Of all of it.")))
    assert not [target for target in page.partials if target.startswith("#span-")]


@ways
def test_the_same_form_twice_is_one_comment(span, annotator, htmx):
    browser, sent = browser_of(annotator, htmx=htmx), saying("Once.", span)
    first, again = (browser.post(say_url(span.article), sent) for _ in range(2))
    assert first.status_code == again.status_code == (200 if htmx else 302)
    assert Comment.objects.count() == 1


# Refusals


LONG = "🧵" * 5001


def resting(article):
    reviewer = make_user(reviewer=True)
    actions.set_aside(
        article=article.slug, seen=article.revision, reason="Twice.", deed=make_deed(reviewer)
    )


REFUSED = {
    "nothing": ("  \r\n ", None, 422, "Say something first."),
    "too much": (LONG, None, 422, "at most 5,000 characters; this one has 5,001."),
    "a character of none": ("a\0b", None, 422, "Null characters are not allowed."),
    "no request id": ("Hm.", {"request_id": ""}, 422, "lacks its request id"),
    "while it rests": ("Hm.", resting, 409, "the talk about it rests"),
}


@places
@ways
@pytest.mark.parametrize(("text", "also", "status", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_says_why_where_the_person_is_and_keeps_what_was_typed(
    span, annotator, text, also, status, sentence, htmx, on_span
):
    place = span if on_span else None
    root = make_comment(span.article, place)
    if callable(also):
        span.article.refresh_from_db()
        also(span.article)
    browser = browser_of(annotator, htmx=htmx)
    before = database()
    for reply_to in (None, root):
        sent = saying(text, place, reply_to, **(also if isinstance(also, dict) else {}))

        response = browser.post(say_url(span.article), sent)

        assert response.status_code == status
        page, section = sent_there(response, htmx, place)
        form = form_for(section, reply_to)
        assert "open" in form.parent.attributes
        assert form.fields["text"] == text
        assert form.fields["request_id"] not in ("", sent["request_id"])
        field = form.one("textarea")
        assert (field["aria-invalid"], "autofocus" in field.attributes) == ("true", True)
        [why] = [each for each in section.every() if each.get("id") == field["aria-describedby"]]
        assert sentence in why.words
        [told] = page.refusals
        assert sentence in told
    assert database() == before


@ways
def test_who_may_not_comment_is_told_so_and_keeps_what_they_typed(span, htmx):
    browser = browser_of(make_user(exporter=True), htmx=htmx)
    response = browser.post(say_url(span.article), saying("Hm.", span))
    assert response.status_code == 403
    page, section = sent_there(response, htmx, span)
    assert page.refusals == ["Only annotators and reviewers may comment."]
    assert form_for(section).fields["text"] == "Hm."
    assert not Comment.objects.exists()


@ways
def test_a_form_from_the_history_with_other_words_is_refused_and_can_be_sent_again(
    span, annotator, htmx
):
    browser, sent = browser_of(annotator, htmx=htmx), saying("First.", span)
    browser.post(say_url(span.article), sent)

    response = browser.post(say_url(span.article), sent | {"text": "Second."})

    assert response.status_code == 409
    page, section = sent_there(response, htmx, span)
    assert "sent before with other words" in page.refusals[0]
    form = form_for(section)
    assert form.fields["text"] == "Second."
    browser.post(form["action"], form.fields)
    assert [each.text for each in Comment.objects.all()] == ["First.", "Second."]


@ways
def test_where_there_is_nothing_to_talk_about_it_says_so(span, annotator, htmx):
    browser, elsewhere = browser_of(annotator, htmx=htmx), make_span()
    there = make_comment(elsewhere.article)
    before = database()
    for sent in (
        saying("Hm.", elsewhere),
        saying("", elsewhere),
        saying("Hm.") | {"span": str(uuid4())},
        saying("") | {"span": str(uuid4())},
        saying("Hm.", reply_to=there),
    ):
        response = browser.post(say_url(span.article), sent)
        assert response.status_code == 404
        assert not htmx or Page(response).refusals
    nowhere = reverse("say", args=["nowhere"])
    for text in ("Hm.", ""):
        assert browser.post(nowhere, saying(text)).status_code == 404
    for action in ("resolve", "forge"):
        url = reverse("on_comment", args=[uuid4()])
        assert browser.post(url, {"action": action}).status_code == 404
    assert database() == before


@pytest.mark.parametrize("field", ["span", "reply_to"])
def test_a_place_that_is_none_is_refused_with_what_was_typed(span, annotator, field):
    browser = browser_of(annotator, htmx=True)
    response = browser.post(say_url(span.article), saying("Hm.") | {field: "1"})
    assert response.status_code == 422
    assert "There is no such" in Page(response).refusals[0]
    assert not Comment.objects.exists()


@pytest.mark.parametrize("name", ["say", "on_comment"])
def test_looking_says_nothing(span, annotator, name):
    comment = make_comment(span.article)
    where = span.article.slug if name == "say" else comment.uid
    assert browser_of(annotator).get(reverse(name, args=[where])).status_code == 405


# Settling


@places
@ways
def test_a_thread_is_resolved_and_opened_again_where_it_stands(span, annotator, htmx, on_span):
    place = span if on_span else None
    root = make_comment(span.article, place)
    make_comment(span.article, place, reply_to=root)
    browser = browser_of(annotator, htmx=htmx)
    for action, notice, folds, offer in (
        ("resolve", "Resolved.", 1, "unresolve"),
        ("unresolve", "Open again.", 0, "resolve"),
    ):
        response = browser.post(comment_url(root), {"action": action})
        if not htmx:
            assert response["Location"].endswith(f"#comment-{root.uid}")
            response = browser.get(response["Location"])
        page, section = sent_there(response, htmx, place)
        assert page.toasts == [notice]
        resolved = [each for each in section.every("details") if each.has_class("resolved")]
        assert len(resolved) == folds
        assert offered(section) == {(offer, comment_url(root))}
        assert len(said_in(section)) == 2
    assert Comment.objects.get(pk=root.pk).resolved_at is None


def test_a_resolved_thread_says_who_settled_it(span, annotator):
    root = make_comment(span.article, span, text="Is it “Kyiv”?")
    actions.resolve(comment=root.uid, person=annotator)
    fold = talk_of(open_desk(browser_of(annotator), span.article, span), span).one("ol").one("li")
    summary = fold.every("summary")[0].words
    assert re.match(r"Resolved by annie \d+ \w+, \d\d:\d\d Is it “Kyiv”\?", summary)


@ways
def test_words_that_were_taken_back_are_shown_no_more(span, annotator, htmx):
    root = make_comment(span.article, span, text="Rash words.", author=annotator)
    make_comment(span.article, span, reply_to=root, text="Why?")
    browser = browser_of(annotator, htmx=htmx)

    response = browser.post(comment_url(root), {"action": "take_back"})

    page = Page(response if htmx else browser.get(response["Location"]))
    assert page.toasts == ["Taken back."]
    assert "Rash words." not in page.html
    assert "annie" in page.one(id=f"comment-{root.uid}").words
    assert "took this back" in page.one(id=f"comment-{root.uid}").words
    assert said_in(talk_of(page, span)) == ["Why?"]
    actions.resolve(comment=root.uid, person=annotator)
    assert "Rash words." not in Page(browser.get(desk_url(span.article), {"span": span.uid})).html


def test_a_thread_of_which_all_was_taken_back_asks_for_nothing_more(span, annotator):
    root = make_comment(span.article, span, author=annotator)
    actions.take_back_comment(comment=root.uid, person=annotator)
    section = talk_of(open_desk(browser_of(annotator), span.article, span), span)
    assert offered(section) == set()
    assert [form.fields.get("reply_to") for form in section.every("form")] == [None]


@ways
def test_a_deed_that_is_refused_says_why_beside_the_talk(span, annotator, htmx):
    root = make_comment(span.article, span)
    browser = browser_of(annotator, htmx=htmx)
    for action, status, sentence in (
        ("take_back", 403, "Only its author may take a comment back."),
        ("forge", 422, "There is no such deed on a comment."),
    ):
        response = browser.post(comment_url(root), {"action": action})
        assert response.status_code == status
        page, section = sent_there(response, htmx, span)
        assert page.refusals == [sentence]
        assert sentence in section.words
        assert not section.every("textarea", aria_invalid=True)


# What is offered to whom


def test_what_people_may_do_is_offered_to_them_and_no_more(span, annotator):
    own = make_comment(span.article, span, author=annotator)
    others = make_comment(span.article, span)
    settling = {("resolve", comment_url(own)), ("resolve", comment_url(others))}
    taking_back = {("take_back", comment_url(own))}

    def talk(person):
        return talk_of(open_desk(browser_of(person), span.article, span), span)

    assert offered(talk(annotator)) == settling | taking_back
    assert offered(talk(make_user(reviewer=True))) == settling
    reader = talk(make_user())
    assert offered(reader) == set()
    assert not reader.every("textarea")
    assert len(said_in(reader)) == 2
    span.article.refresh_from_db()
    resting(span.article)
    assert offered(talk(annotator)) == taking_back
    assert not talk(annotator).every("textarea")


def test_one_key_leads_into_the_span_s_talk_or_else_into_the_article_s(span, annotator):
    make_comment(span.article, span)
    page = open_desk(browser_of(annotator), span.article, span)
    folds = [each.parent["id"] for each in page.every("summary", data_key="m")]
    assert folds == [f"say-{span.uid}", "say-article"]


def test_the_first_field_of_a_fold_is_the_one_to_write_in(span, annotator):
    """The key that opens it leads into its first field."""
    page = open_desk(browser_of(annotator), span.article, span)
    for fold in (each.parent for each in page.every("summary", data_key="m")):
        assert fold.every(name=True)[0].tag == "textarea"


def test_every_form_on_a_page_is_a_request_of_its_own(span, annotator):
    for place in (span, span, None):
        make_comment(span.article, place, author=annotator)
    page = open_desk(browser_of(annotator), span.article, span)
    sections = [talk_of(page, span), talk_of(page)]
    ids = [form.fields["request_id"] for each in sections for form in each.every("form")]
    assert len(ids) == 3 * 3 + 2
    assert len(set(ids)) == len(ids)


def test_each_comment_has_an_address_that_lands_on_it(span, annotator):
    comments = [make_comment(span.article, span), make_comment(span.article)]
    page = open_desk(browser_of(annotator), span.article, span)
    for comment, query in zip(comments, (f"?span={span.uid}", ""), strict=True):
        words = page.one(id=f"comment-{comment.uid}")
        assert words.one("a")["href"] == f"{desk_url(span.article)}{query}#comment-{comment.uid}"
        assert words.one("time")["datetime"].startswith(comment.at.isoformat()[:16])


def test_words_that_look_like_markup_are_words(span, annotator):
    text = "<script>alert(1)</script> {{ x }} &amp; “a”\n  \tb"
    make_comment(span.article, span, text=text)
    assert said_in(talk_of(open_desk(browser_of(annotator), span.article, span), span)) == [text]


def test_the_desk_costs_as_many_statements_however_much_was_said(span, annotator):
    browser = browser_of(annotator)

    def cost():
        with CaptureQueriesContext(connection) as asked:
            open_desk(browser, span.article, span)
        return len(asked)

    make_comment(span.article, span)
    few = cost()
    for place in (span, None) * 5:
        root = make_comment(span.article, place)
        make_comment(span.article, place, reply_to=root)
        actions.resolve(comment=root.uid, person=annotator)
    assert cost() == few


def test_talk_makes_nobody_s_decision_stale(span):
    reviewer = make_user(reviewer=True)
    make_comment(span.article, span)
    done = actions.approve(span=span.uid, seen=span.revision, deed=make_deed(reviewer))
    assert done.span.revision == span.revision + 1


def test_what_is_said_without_a_session_is_held_until_somebody_signs_in(span):
    response = Client().post(say_url(span.article), saying("Hm.", span))
    assert response.status_code == 401
    assert Page(response).one("input", name="held")["value"]


def test_nothing_is_said_of_an_article_that_nobody_talked_about(annotator):
    section = talk_of(open_desk(browser_of(annotator), make_article()))
    assert not section.every("ol")
    assert not section.every("h2")
    assert form_for(section)

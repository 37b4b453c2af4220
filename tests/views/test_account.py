"""Signing in and out, and that nothing is lost and nothing is given away on the way."""

import re
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client
from django.urls import reverse

from annotations import actions
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Span, Upload
from annotations.urls import urlpatterns
from annotations.views import account
from tests.factories import (
    load_labels,
    make_article,
    make_comment,
    make_deed,
    make_export,
    make_label,
    make_span,
    make_token,
    make_user,
)
from tests.views.hands import browser_of, deed, desk_url, mark_url, span_url, words
from tests.views.page import HTMX, Page, database

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
SIGN_IN = "/accounts/login/"
NOBODY = {"login", "healthz"}
CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}

ways = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
GUARDED = [pattern.name for pattern in urlpatterns if pattern.name not in NOBODY]


def address_of(name):
    """The address of that name, of something that is there."""
    span = Span.objects.exclude(author=None).first() or make_span()
    if name == "on_comment":
        return reverse(name, args=[make_comment(span.article, span).uid])
    upload = Upload.objects.first() or Upload.objects.create(
        importer=make_user(importer=True), name="a.txt", format="text", size=1, sha256="0" * 64
    )
    arguments = {
        "upload": [upload.uid],
        "import_report": [upload.uid],
        "desk": [span.article.slug],
        "changes": [span.article.slug],
        "correct": [span.article.slug],
        "correction": [span.article.slug],
        "mark": [span.article.slug],
        "on_span": [span.uid],
        "finding": [span.uid],
        "like": [span.uid],
        "say": [span.article.slug],
        "undo": [span.author.deeds.first().pk],
        "manifest": [make_export().uid],
        "revoke_token": [make_token()[0].public_id],
    }
    return reverse(name, args=arguments.get(name))


def fields_of(form):
    return {name: value for name, value in form.fields.items() if name != "csrfmiddlewaretoken"}


def stranger(*, htmx=False):
    """A browser that nobody is signed in on and that has no token: as after a night."""
    return Client(headers=HTMX if htmx else None, enforce_csrf_checks=True)


def sign_in_with(browser, form, username, password=PASSWORD):
    """Fill in the sign-in form that the answer brought, and send it."""
    return browser.post(form["action"], form.fields | {"username": username, "password": password})


# Nobody


def test_a_page_leads_who_is_not_signed_in_to_the_sign_in_and_back():
    for name in GUARDED:
        address = f"{address_of(name)}?state=approved&q=a%26b"

        response = Client().get(address)

        assert response.status_code == 302, name
        assert response["Location"].startswith(f"{SIGN_IN}?next="), name
        page = Page(Client().get(response["Location"]))
        assert page.form(SIGN_IN).fields["next"] == address


def test_what_htmx_asks_for_without_a_session_is_401_with_the_sign_in_in_place():
    for name in GUARDED:
        response = Client(headers=HTMX).get(address_of(name))

        page = Page(response)
        assert response.status_code == 401, name
        assert page.partials.keys() == {"#notice"}, name
        form = page.form(SIGN_IN)
        assert form["hx-post"] == SIGN_IN
        assert "held" not in form.fields
        assert "You are signed out." in form.words


@ways
@pytest.mark.parametrize("checked", [False, True], ids=["token", "no token"])
def test_a_post_without_a_session_is_401_and_does_nothing(htmx, checked):
    addresses = {name: address_of(name) for name in GUARDED}
    browser = Client(headers=HTMX if htmx else None, enforce_csrf_checks=checked)
    before = database()

    for name, address in addresses.items():
        response = browser.post(
            address, {"action": "withdraw", "seen": 1, "request_id": str(uuid4())}
        )

        held = Page(response).form(SIGN_IN).fields.get("held")
        assert response.status_code == 401, name
        assert bool(held) == (name != "logout"), name
    assert database() == before


def test_an_address_that_is_not_there_says_so_also_to_nobody():
    response = Client().get("/nowhere/")

    assert response.status_code == 404
    assert "There is nothing at this address." in Page(response).words


# Held and sent again


@ways
def test_a_deed_that_was_held_is_offered_after_signing_in_and_is_done(htmx):
    span = make_span(text="safe as a house", author=make_user("ann", annotator=True))
    make_user("rev", reviewer=True, password=PASSWORD)
    typed = "Line one\r\n  <b>two</b> & “three”\r\n\r\nlast"
    sent = deed("send_back", span, comment=typed, screen="review", queue="label=quote&own=on")
    browser = stranger(htmx=htmx)

    asked = Page(browser.post(span_url(span), sent))
    offered = sign_in_with(browser, asked.form(SIGN_IN), "rev")

    assert offered.status_code == 200
    form = Page(offered).form(span_url(span))
    assert {name: value.replace("\r\n", "\n") for name, value in fields_of(form).items()} == {
        name: str(value).replace("\r\n", "\n") for name, value in sent.items()
    }
    assert Span.objects.get().state == State.PROPOSED
    done = browser.post(form["action"], form.fields)
    assert done.status_code == (200 if htmx else 302)
    now = Span.objects.get()
    assert (now.state, now.decided_by.username) == (State.SENT_BACK, "rev")
    assert now.events.last().comment == "Line one\n  <b>two</b> & “three”\n\nlast"


def test_what_came_by_htmx_is_sent_at_once_when_signed_in_there():
    span = make_span()
    make_user("rev", reviewer=True, password=PASSWORD)
    browser = stranger(htmx=True)
    asked = Page(browser.post(span_url(span), deed("approve", span)))

    form = Page(sign_in_with(browser, asked.form(SIGN_IN), "rev")).form(span_url(span))

    assert form["hx-trigger"] == "load"
    assert form["hx-post"] == span_url(span)
    assert not form.every("button")


def test_what_a_plain_form_sent_waits_for_a_click_which_another_site_cannot_do():
    span = make_span()
    make_user("rev", reviewer=True, password=PASSWORD)
    browser = stranger()
    asked = Page(browser.post(span_url(span), deed("approve", span)))

    page = Page(sign_in_with(browser, asked.form(SIGN_IN), "rev"))

    form = page.form(span_url(span))
    assert form.one("button").words == "Send it"
    assert "hx-trigger" not in page.html
    assert "approve" in form.words


def test_words_that_were_marked_are_held_with_their_place_and_attributes():
    load_labels()
    article = make_article()
    make_user("ann", annotator=True, password=PASSWORD)
    browser = stranger()
    sent = words(article, Extent(29, 49), attr_speaker="The mayor", attr_form="direct")
    asked = Page(browser.post(mark_url(article), sent))

    form = Page(sign_in_with(browser, asked.form(SIGN_IN), "ann")).form(mark_url(article))
    browser.post(form["action"], form.fields)

    span = Span.objects.get()
    assert (span.text, span.author.username) == (article.text[29:49], "ann")
    assert span.attributes["form"] == "direct"


def test_a_held_deed_that_is_sent_twice_is_done_once():
    span = make_span()
    make_user("rev", reviewer=True, password=PASSWORD)
    browser = stranger()
    asked = Page(browser.post(span_url(span), deed("approve", span)))
    form = Page(sign_in_with(browser, asked.form(SIGN_IN), "rev")).form(span_url(span))

    for _ in range(2):
        assert browser.post(form["action"], form.fields).status_code == 302

    assert Span.objects.get().revision == 2


def test_a_held_deed_that_is_stale_by_then_is_refused_as_any_other():
    span = make_span()
    make_user("rev", reviewer=True, password=PASSWORD)
    browser = stranger()
    asked = Page(browser.post(span_url(span), deed("send_back", span, comment="Why?")))
    actions.withdraw(span=span.uid, seen=1, deed=make_deed(span.author))

    form = Page(sign_in_with(browser, asked.form(SIGN_IN), "rev")).form(span_url(span))
    response = browser.post(form["action"], form.fields)

    assert response.status_code == 409
    assert Page(response).form(span_url(span)).fields["comment"] == "Why?"


@ways
def test_a_wrong_password_keeps_what_was_held(htmx):
    span = make_span()
    make_user("rev", reviewer=True, password=PASSWORD)
    browser = stranger(htmx=htmx)
    asked = Page(browser.post(span_url(span), deed("approve", span))).form(SIGN_IN)

    again = Page(sign_in_with(browser, asked, "rev", "wrong"))

    assert again.refusals if not htmx else "do not fit" in again.words
    assert again.form(SIGN_IN).fields["held"] == asked.fields["held"]
    form = Page(sign_in_with(browser, again.form(SIGN_IN), "rev")).form(span_url(span))
    assert form.fields["action"] == "approve"


@ways
def test_signing_in_when_somebody_is_in_already_keeps_what_was_held(htmx):
    span = make_span()
    make_user("rev", reviewer=True, password=PASSWORD)
    browser = stranger(htmx=htmx)
    asked = Page(browser.post(span_url(span), deed("approve", span))).form(SIGN_IN)
    sign_in_with(
        browser, Page(browser.get(SIGN_IN, headers={"HX-Request": ""})).form(SIGN_IN), "rev"
    )

    # The second tab: its form is older than the session, its token is renewed or stale.
    fresh = browser.cookies[settings.CSRF_COOKIE_NAME].value
    for token in (fresh, asked.fields["csrfmiddlewaretoken"]):
        response = browser.post(
            SIGN_IN,
            asked.fields | {"username": "rev", "password": PASSWORD, "csrfmiddlewaretoken": token},
        )

        assert response.status_code in (200, 401)
        assert Page(response).form(span_url(span)).fields["action"] == "approve"


@ways
def test_a_sign_in_form_that_is_too_old_keeps_what_was_held(htmx):
    span = make_span()
    make_user("rev", reviewer=True, password=PASSWORD)
    asked = Page(stranger().post(span_url(span), deed("approve", span))).form(SIGN_IN)
    browser = stranger(htmx=htmx)  # its cookies are gone

    response = sign_in_with(browser, asked, "rev")

    page = Page(response)
    assert response.status_code == 401
    assert "This sign-in page was too old." in page.words
    form = Page(sign_in_with(browser, page.form(SIGN_IN), "rev")).form(span_url(span))
    assert form.fields["action"] == "approve"


def test_a_sign_in_form_that_is_too_old_leads_to_a_fresh_one_and_back():
    form = {"username": "ann", "password": PASSWORD, "next": "/review/?own=on"}

    response = stranger().post(SIGN_IN, form)

    (link,) = [link for link in Page(response).every("a") if link.words == "Open it again"]
    assert response.status_code == 401
    assert Page(Client().get(link["href"])).form(SIGN_IN).fields["next"] == "/review/?own=on"


def test_a_sign_in_that_is_pressed_twice_leads_on():
    make_user("ann", password=PASSWORD)
    browser = stranger()
    form = Page(browser.get(f"{SIGN_IN}?next=/review/")).form(SIGN_IN)
    sign_in_with(browser, form, "ann")

    second = Page(sign_in_with(browser, form, "ann"))

    (link,) = [link for link in second.every("a") if link.words == "Open it again"]
    assert browser.get(link["href"])["Location"] == "/review/"


def test_signing_in_by_htmx_with_nothing_held_says_so_and_changes_nothing_else():
    make_user("ann", password=PASSWORD)
    browser = stranger(htmx=True)
    form = Page(browser.get("/")).form(SIGN_IN)

    response = sign_in_with(browser, form, "ann")

    page = Page(response)
    assert response.status_code == 200
    assert page.partials.keys() == {"#notice"}
    assert page.toasts == ["Signed in as ann. Go on where you were."]
    assert browser.get("/").status_code == 200


# A token that is too old


@ways
def test_a_stale_token_is_401_and_what_was_sent_is_offered_and_never_sent_by_itself(htmx):
    span = make_span()
    rev = make_user(reviewer=True)
    browser = browser_of(rev, htmx=htmx, enforce_csrf_checks=True)
    sent = deed("send_back", span, comment="Why?\r\n<b>", csrfmiddlewaretoken="x" * 64)
    before = database()

    response = browser.post(span_url(span), sent)

    page = Page(response)
    assert (response.status_code, database() == before) == (401, True)
    form = page.form(span_url(span))
    assert "This page was too old, so nothing was done." in page.words
    assert "hx-trigger" not in page.html
    assert form.one("button").words == "Send it"
    assert form.fields["comment"].replace("\r\n", "\n") == "Why?\n<b>"
    assert form.fields["csrfmiddlewaretoken"] != sent["csrfmiddlewaretoken"]
    assert browser.post(form["action"], form.fields).status_code == (200 if htmx else 302)
    assert Span.objects.get().state == State.SENT_BACK


def test_every_deed_needs_the_token():
    span = make_span()
    browser = browser_of(make_user(superuser=True), enforce_csrf_checks=True)
    posts = "mark on_span desk undo say on_comment logout password_change".split()
    addresses = [address_of(name) for name in posts]
    before = database()

    for address in addresses:
        assert browser.post(address, deed("submit", span)).status_code == 401
    assert database() == before
    assert browser.get("/").status_code == 200


def test_the_forms_of_every_screen_carry_the_token():
    span = make_span()
    browser = browser_of(make_user(annotator=True, reviewer=True), enforce_csrf_checks=True)

    for address in ("/", f"{desk_url(span.article)}?span={span.uid}", f"/review/?span={span.uid}"):
        page = Page(browser.get(address))
        posting = [form for form in page.every("form") if form.get("method") == "post"]
        assert posting
        for form in posting:
            assert form.one("input", name="csrfmiddlewaretoken")["value"]


# What is held gives nothing away


@ways
@pytest.mark.parametrize("checked", [False, True], ids=["token", "no token"])
def test_no_password_lands_in_what_is_held(htmx, checked):
    secret = "my old secret 1"
    form = {"old_password": secret, "new_password1": secret, "new_password2": secret}
    browser = Client(headers=HTMX if htmx else None, enforce_csrf_checks=checked)

    asked = Page(browser.post("/accounts/password/", form))

    assert asked.status == 401
    assert "held" not in asked.form(SIGN_IN).fields
    assert secret not in asked.html


@ways
def test_no_password_is_shown_again_when_a_token_was_too_old(htmx):
    secret = "my old secret 1"
    browser = browser_of(make_user(), htmx=htmx, enforce_csrf_checks=True)

    page = Page(browser.post("/accounts/password/", {"old_password": secret}))

    assert page.status == 401
    assert secret not in page.html
    assert "This page was too old, so nothing was done." in page.words


@ways
def test_a_sign_in_that_failed_holds_no_password(htmx):
    browser = Client(headers=HTMX if htmx else None)

    page = Page(browser.post(SIGN_IN, {"username": "ann", "password": "my secret 1"}))

    assert "my secret 1" not in page.html
    assert not page.form(SIGN_IN).fields.get("held")


def test_a_sign_in_to_the_admin_that_came_too_late_holds_no_password():
    page = Page(stranger().post("/admin/login/", {"username": "ann", "password": "my secret 1"}))

    assert page.status == 401
    assert not page.form(SIGN_IN).fields.get("held")


@ways
@pytest.mark.parametrize("spoil", ["swap", "cut", "other salt", "nonsense", "empty", "old"])
def test_something_held_that_is_not_ours_is_ignored(spoil, htmx, monkeypatch):
    span = make_span()
    make_user("rev", reviewer=True, password=PASSWORD)
    browser = stranger(htmx=htmx)
    asked = Page(browser.post(span_url(span), deed("approve", span))).form(SIGN_IN)
    held = asked.fields["held"]
    match spoil:
        case "swap":
            held = ("A" if held[0] != "A" else "B") + held[1:]
        case "cut":
            held = held[:-1]
        case "other salt":
            held = account.signing.dumps({"path": "/", "fields": [], "htmx": True}, salt="other")
        case "nonsense":
            held = "\0“nonsense”:::<b>"
        case "empty":
            held = ""
        case "old":
            monkeypatch.setattr(account, "_HELD_FOR", -1)

    response = browser.post(
        SIGN_IN, asked.fields | {"held": held, "username": "rev", "password": PASSWORD}
    )

    if htmx:
        assert Page(response).partials.keys() == {"#notice"}
        assert "nonsense" not in response.content.decode()
    else:
        assert (response.status_code, response["Location"]) == (302, "/")
    assert browser.get("/").status_code == 200
    assert Span.objects.get().state == State.PROPOSED


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/spans/{uid}/",
        "/spans/{uid}/?next=//evil.example",
        "/spans/{uid}/?https://evil.example/",
        "/\\evil.example/spans/{uid}/",
    ],
)
def test_nothing_that_is_held_points_to_another_host(path):
    span = make_span()
    make_user("rev", reviewer=True, password=PASSWORD)
    browser = stranger()

    response = browser.post(path.format(uid=span.uid), deed("approve", span))

    if response.status_code == 404:
        return
    asked = Page(response)
    page = Page(sign_in_with(browser, asked.form(SIGN_IN), "rev"))
    (form,) = [form for form in page.every("form") if form.every("textarea")]
    assert re.match(r"/[^/\\]", form["action"])


@pytest.mark.parametrize(
    "then", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_host(then):
    make_user("ann", password=PASSWORD)
    form = {"username": "ann", "password": PASSWORD, "next": then}

    assert Client().post(SIGN_IN, form)["Location"] == "/"
    browser = browser_of(make_user())
    assert browser.get(SIGN_IN, {"next": then})["Location"] == "/"


# Whose deed it is


@ways
def test_what_one_person_did_is_not_sent_as_another_who_signs_in_there(htmx):
    ann = make_user("ann", annotator=True, password=PASSWORD)
    make_user("bob", annotator=True, password=PASSWORD)
    article = make_article()
    make_label("quote")
    browser = stranger(htmx=htmx)
    sent = words(article, Extent(29, 49), person=str(ann.pk))
    asked = Page(browser.post(mark_url(article), sent))

    answer = Page(sign_in_with(browser, asked.form(SIGN_IN), "bob"))

    assert answer.status == 401
    assert "You are signed in as bob, but this page is ann’s." in answer.words
    assert not Span.objects.exists()
    offered = Page(sign_in_with(browser, answer.form(SIGN_IN), "ann")).form(mark_url(article))
    browser.post(offered["action"], offered.fields)
    assert Span.objects.get().author == ann


@ways
def test_a_page_that_was_drawn_for_somebody_else_does_nothing(htmx):
    ann = make_user("ann", annotator=True, password=PASSWORD)
    span = make_span(author=ann)
    browser = browser_of(make_user("bob", annotator=True), htmx=htmx)
    before = database()

    asked = Page(browser.post(span_url(span), deed("withdraw", span, person=str(ann.pk))))

    assert asked.status == 401
    assert "You are signed in as bob, but this page is ann’s." in asked.words
    assert database() == before
    offered = Page(sign_in_with(browser, asked.form(SIGN_IN), "ann")).form(span_url(span))
    assert offered.fields["action"] == "withdraw"


def test_a_page_that_says_for_whom_it_is_works_for_them():
    ann = make_user("ann", annotator=True)
    span = make_span(author=ann)

    browser_of(ann).post(span_url(span), deed("withdraw", span, person=str(ann.pk)))

    assert Span.objects.get().state == State.WITHDRAWN


@pytest.mark.parametrize("person", ["0", "-1", "ann", "1e3", "٣", "\0", "9" * 30])
def test_a_page_of_nobody_who_is_known_does_nothing(person):
    span = make_span(author=make_user("ann", annotator=True))

    asked = Page(
        browser_of(span.author).post(span_url(span), deed("withdraw", span, person=person))
    )

    assert asked.status == 401
    assert "this page is somebody else’s" in asked.words
    assert Span.objects.get().state == State.PROPOSED


def test_one_can_always_sign_out_and_in_as_somebody_else():
    ann, bob = make_user("ann"), make_user("bob", password=PASSWORD)
    browser = browser_of(bob)

    assert browser.post("/accounts/logout/", {"person": ann.pk}).status_code == 302
    form = {"username": "bob", "password": PASSWORD, "person": ann.pk}
    assert browser.post(SIGN_IN, form).status_code == 302


def test_signing_in_on_somebody_elses_page_with_nothing_held_says_whose_it_is():
    ann, _ = make_user("ann"), make_user("bob", password=PASSWORD)
    form = {"username": "bob", "password": PASSWORD, "person": ann.pk}

    page = Page(Client(headers=HTMX).post(SIGN_IN, form))

    assert "You are signed in as bob, but this page is ann’s." in page.words
    assert "held" not in page.form(SIGN_IN).fields


def test_a_deed_with_a_stale_token_is_not_offered_to_somebody_else():
    ann = make_user("ann", annotator=True)
    span = make_span(author=ann)
    browser = browser_of(make_user("bob", annotator=True), enforce_csrf_checks=True)

    page = Page(browser.post(span_url(span), deed("withdraw", span, person=str(ann.pk))))

    assert page.status == 401
    assert page.form(SIGN_IN).fields["held"]
    assert not page.every("form", action=span_url(span))


# Light or dark, and keys


@pytest.mark.parametrize(
    ("cookies", "shown"),
    [
        ({}, {}),
        ({"newsroom_theme": "dark"}, {"data-theme": "dark"}),
        ({"newsroom_theme": "light"}, {"data-theme": "light"}),
        ({"newsroom_theme": '"><b>'}, {}),
        ({"newsroom_keys": "off"}, {"data-keys": "off"}),
        ({"newsroom_keys": "on"}, {}),
    ],
)
def test_what_was_chosen_for_this_browser_is_on_the_page_from_the_start(cookies, shown):
    browser = browser_of(make_user())
    for name, value in cookies.items():
        browser.cookies[name] = value

    for address in ("/", "/nowhere/"):
        html = Page(browser.get(address)).one("html")
        assert html.attributes == {"lang": "en", **shown}


def test_the_page_says_for_whom_it_is():
    ann = make_user()

    assert Page(browser_of(ann).get("/")).one("body")["data-person"] == str(ann.pk)
    assert "data-person" not in Page(Client().get(SIGN_IN)).one("body").attributes


# Signing in and out, passwords


def test_signing_in_comes_back_to_where_one_wanted_to_go():
    make_user("ann", password=PASSWORD)
    browser = stranger()
    asked = Page(browser.get("/review/?own=on", follow=True))

    response = sign_in_with(browser, asked.form(SIGN_IN), "ann")

    assert (response.status_code, response["Location"]) == (302, "/review/?own=on")


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("ann", "wrong"),
        ("nobody", PASSWORD),
        ("ann", ""),
        ("", ""),
        ("an\0n", PASSWORD),
        ("x" * 500, PASSWORD),
    ],
)
def test_a_wrong_name_or_password_is_refused_without_saying_which(username, password):
    make_user("ann", password=PASSWORD)

    page = Page(Client().post(SIGN_IN, {"username": username, "password": password}))

    assert page.status == 200
    assert "ann" not in page.refusals
    assert page.form(SIGN_IN).fields["username"] == username
    assert page.form(SIGN_IN).fields["password"] == ""


def test_who_is_no_longer_active_does_not_get_in():
    ann = make_user("ann", password=PASSWORD)
    browser = browser_of(ann)
    ann.is_active = False
    ann.save()

    assert Client().post(SIGN_IN, {"username": "ann", "password": PASSWORD}).status_code == 200
    assert browser.get("/").status_code == 302


def test_signing_out_is_a_post_and_the_session_is_gone():
    browser = browser_of(make_user(), enforce_csrf_checks=True)
    assert browser.get("/accounts/logout/").status_code == 405
    form = Page(browser.get("/")).form("/accounts/logout/")

    response = browser.post(form["action"], form.fields)

    assert (response.status_code, response["Location"]) == (302, SIGN_IN)
    assert browser.get("/").status_code == 302


def test_a_password_is_changed_with_the_old_one_and_one_stays_signed_in():
    ann = make_user("ann", password=PASSWORD)
    browser = browser_of(ann, enforce_csrf_checks=True)
    page = Page(browser.get("/accounts/password/"))
    token = page.one("section").one("form").fields
    new = "a much better one 7"

    response = browser.post(
        "/accounts/password/",
        token | {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
        follow=True,
    )

    assert "Your password is changed." in Page(response).words
    assert browser.get("/").status_code == 200
    ann.refresh_from_db()
    assert ann.check_password(new)


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", "a much better one 7", "a much better one 7"),
        (PASSWORD, "a much better one 7", "another one 7"),
        (PASSWORD, "password", "password"),
        (PASSWORD, "12345678", "12345678"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "annabella", "annabella"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_a_sentence_and_not_shown(old, new, again):
    ann = make_user("annabella", password=PASSWORD)

    page = Page(
        browser_of(ann).post(
            "/accounts/password/",
            {"old_password": old, "new_password1": new, "new_password2": again},
        )
    )

    assert page.refusals
    for field in page.every("input", type="password"):
        assert not field.get("value")
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


# Headers and pages


class _Loud(HTMLParser):
    """What the content security policy would refuse on a page."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        if tag == "style" or (tag == "script" and not names.get("src")):
            self.found.append(self.get_starttag_text())
        for name, value in attributes:
            handler = name.startswith(("on", "hx-on", "hx-vals", "hx-headers"))
            if (
                name == "style"
                or handler
                or (value or "").strip().lower().startswith("javascript:")
            ):
                self.found.append(self.get_starttag_text())


def every_page():
    """Each page we draw, as somebody who may do everything sees it with something on it."""
    load_labels()
    both = make_user("both", annotator=True, reviewer=True, exporter=True)
    article = make_article(outlet="The Courier", story="A bridge opens", url="https://a.example/b")
    spans = {
        state: make_span(
            article,
            both if state is State.SENT_BACK else None,
            state=state,
            attributes={"speaker": "The mayor", "form": "scare"},
        )
        for state in State
        if state is not State.MERGED
    }
    make_span(article, label="boilerplate", extent=Extent(0, len(article.text)))
    browser_of(both).post(desk_url(article), deed("submit", Article.objects.get()))
    make_article(state=ArticleState.SET_ASIDE)
    make_article(state=ArticleState.SUBMITTED)
    browser = browser_of(both)
    browser.post(span_url(spans[State.PROPOSED]), deed("approve", spans[State.PROPOSED]))
    addresses = [
        "/",
        "/?aside=1",
        "/?q=nothing",
        "/review/",
        "/review/?state=approved",
        "/export/",
        "/export/?state=nonsense",
        "/accounts/password/",
        "/accounts/password/changed/",
        "/nowhere/",
        desk_url(article),
    ]
    for span in spans.values():
        addresses += [f"{desk_url(article)}?span={span.uid}", f"/review/?span={span.uid}"]
    for address in addresses:
        for headers in ({}, HTMX):
            yield address, browser.get(address, headers=headers)
    yield SIGN_IN, Client().get(SIGN_IN)
    span = spans[State.SENT_BACK]
    for headers in ({}, HTMX):
        strict = browser_of(both, enforce_csrf_checks=True)
        yield "stale", strict.post(span_url(span), deed("answer", span), headers=headers)
        yield "held", Client().post(span_url(span), deed("answer", span), headers=headers)
        yield "too old", Client(enforce_csrf_checks=True).post(SIGN_IN, headers=headers)
        yield "refused", browser.post(span_url(span), deed("answer", span), headers=headers)


def test_every_page_is_well_formed_and_holds_nothing_that_its_security_policy_refuses():
    seen = 0
    for address, response in every_page():
        seen += 1
        html = response.content.decode()
        assert _Loud(html).found == [], address
        ids = [element["id"] for element in Page(response).every(id=True)]
        assert len(set(ids)) == len(ids), (address, sorted(ids))
        policy = response["Content-Security-Policy"]
        assert set(policy.split("; ")) == CSP, address
        if "<html" in html:
            assert re.search("<title>.+</title>", html), address
    assert seen > 50


def test_every_answer_carries_the_headers_that_keep_it_to_itself():
    answers = [
        browser_of(make_user()).get("/"),
        Client().get("/"),
        Client().get(SIGN_IN),
        Client().get("/nowhere/"),
        Client().get("/healthz"),
        Client().post("/review/"),
        browser_of(make_user(exporter=True)).post("/export/download"),
    ]
    b"".join(answers[-1].streaming_content)

    for response in answers:
        assert set(response["Content-Security-Policy"].split("; ")) == CSP
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_session_is_out_of_reach_of_scripts_and_of_other_sites():
    make_user("ann", password=PASSWORD)

    response = Client().post(SIGN_IN, {"username": "ann", "password": PASSWORD})

    cookie = response.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (PermissionDenied("The desk is closed today."), 403, "The desk is closed today."),
        (PermissionDenied(), 403, "Ask an administrator for the group that may."),
        (SuspiciousOperation("x"), 400, "The browser sent something the desk does not understand."),
        (RuntimeError("x"), 500, "What you did just now was not stored"),
    ],
)
def test_what_goes_wrong_is_told_on_a_page_of_our_own(error, status, sentence, monkeypatch):
    def fail(**_):
        raise error

    monkeypatch.setattr("annotations.queries.library.library", fail)
    browser = browser_of(make_user(), raise_request_exception=False)

    response = browser.get("/")

    page = Page(response)
    assert response.status_code == status
    assert sentence in page.words
    assert page.one("h1")
    assert _Loud(page.html).found == []
    assert set(response["Content-Security-Policy"].split("; ")) == CSP


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (PermissionDenied("The desk is closed today."), 403, "The desk is closed today."),
        (PermissionDenied(), 403, "You may not do this."),
        (SuspiciousOperation("x"), 400, "Nothing was changed."),
    ],
)
def test_what_goes_wrong_swaps_in_where_the_person_is(error, status, sentence, monkeypatch):
    def fail(**_):
        raise error

    monkeypatch.setattr("annotations.queries.library.library", fail)

    response = browser_of(make_user(), htmx=True).get("/")

    page = Page(response)
    assert response.status_code == status
    assert page.partials.keys() == {"#notice"}
    assert sentence in page.refusals[0]


def test_a_host_that_is_not_ours_is_400():
    response = Client(raise_request_exception=False).get("/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "That could not be read." in Page(response).words


@ways
def test_a_form_with_more_fields_than_anybody_fills_in_is_400(htmx):
    browser = browser_of(make_user(annotator=True), htmx=htmx)
    fields = {f"attr_{number}": "x" for number in range(5_200)}

    response = browser.post(mark_url(make_article()), fields)

    assert response.status_code == 400
    assert "the desk does not understand" in Page(response).words


def test_what_another_site_sends_is_never_held():
    span = make_span()
    sent = deed("withdraw", span)

    response = Client(headers={"Sec-Fetch-Site": "cross-site"}).post(span_url(span), sent)

    assert response.status_code == 401
    assert 'name="held"' not in response.content.decode()


def test_nothing_sent_to_the_admin_is_held():
    response = Client().post("/admin/annotations/person/1/change/", {"is_superuser": "on"})

    assert 'name="held"' not in response.content.decode()


def test_what_is_offered_for_sending_says_where_it_goes():
    span = make_span()
    person = make_user("ann", annotator=True, password="correct horse battery")
    browser = Client()
    held = Page(browser.post(span_url(span), deed("answer", span, comment="Yes."))).form(
        "/accounts/login/"
    )

    page = browser.post(
        "/accounts/login/",
        {**held.fields, "username": person.username, "password": "correct horse battery"},
    )

    assert span_url(span) in Page(page).words

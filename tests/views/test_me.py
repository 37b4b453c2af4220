"""One's own page: tokens made, shown once and revoked; what one took away."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import triggers
from annotations.domain.lifecycle import State
from annotations.models import Token
from tests.factories import make_export, make_span, make_token, make_user
from tests.views.hands import browser_of
from tests.views.page import Page

pytestmark = pytest.mark.django_db
ME = "/accounts/me/"


@pytest.fixture
def exporter():
    return make_user("exp", exporter=True, reviewer=True)


def asked(**changes):
    return {"name": "nightly", "days": "90", "request_id": str(uuid4())} | changes


def test_it_says_who_one_is_and_stands_behind_one_s_name(exporter):
    browser = browser_of(exporter)

    assert ME in [link["href"] for link in Page(browser.get("/")).one(class_="me").every("a")]
    page = Page(browser.get(ME))
    assert page.one("h1").words == "exp"
    assert "exporters, reviewers" in page.words
    assert "/accounts/password/" in [link["href"] for link in page.every("a")]


def test_a_token_is_shown_in_the_answer_and_never_again(exporter):
    browser = browser_of(exporter)
    form = Page(browser.get(ME)).form(ME)

    response = browser.post(ME, form.fields | {"name": "nightly"})
    page = Page(response)
    secret = page.one("code", class_="once").words
    token = Token.objects.get()
    assert secret.startswith(f"nrt_{token.public_id}_")
    assert (token.name, token.person, (token.expires_at - token.created_at).days) == (
        "nightly",
        exporter,
        90,
    )
    assert response["Cache-Control"] == "no-store"

    again = Page(browser.get(ME))
    assert f"nrt_{token.public_id}" in again.words
    assert secret.split("_")[2] not in again.html
    assert token.secret_sha256 not in again.html + page.html


def test_the_form_sent_twice_makes_one_token_and_says_so(exporter):
    browser, fields = browser_of(exporter), asked()
    browser.post(ME, fields)

    response = browser.post(ME, fields)

    assert response.status_code == 409
    assert any("shown once" in refusal for refusal in Page(response).refusals)
    assert Token.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Give it a name of 1 to 80 characters."),
        ({"name": "x" * 81}, "Give it a name of 1 to 80 characters."),
        ({"days": ""}, "Choose how long it is to be good for."),
        ({"days": "31"}, "Choose how long it is to be good for."),
        ({"days": "ever"}, "Choose how long it is to be good for."),
        ({"request_id": "x"}, "The form’s request id is not one; please reload the page."),
    ],
)
def test_what_is_wrong_is_said_where_it_is_and_what_was_typed_kept(exporter, changes, sentence):
    fields = asked(**changes)

    response = browser_of(exporter).post(ME, fields)

    page = Page(response)
    assert response.status_code == 422
    assert page.refusals == [sentence]
    kept = page.form(ME).fields
    assert kept["name"] == fields["name"]
    assert kept["days"] == (fields["days"] if fields["days"] in ("30", "90", "365") else "30")
    assert kept["request_id"] != fields["request_id"]
    assert not Token.objects.exists()


def test_who_does_not_export_makes_none_and_is_told():
    browser = browser_of(make_user(reviewer=True))

    page = Page(browser.get(ME))
    response = browser.post(ME, asked())

    assert "Only exporters may make one." in page.words
    assert not page.every("form", action=ME)
    assert response.status_code == 403
    assert Page(response).refusals == ["Only exporters may take spans away."]


def test_a_token_is_revoked_by_a_plain_form_and_stays_in_the_list(exporter):
    token, _ = make_token(exporter)
    browser = browser_of(exporter)
    address = f"/accounts/me/tokens/{token.public_id}/"
    form = Page(browser.get(ME)).form(address)

    page = Page(browser.post(form["action"], form.fields, follow=True))

    assert "Revoked: nightly." in page.toasts
    token.refresh_from_db()
    assert token.revoked_at
    (row,) = page.one("tbody").every("tr")
    assert "revoked" in row.words
    assert not row.every("button")


def test_nobody_sees_or_revokes_somebody_else_s(exporter):
    token, _ = make_token(make_user(exporter=True))
    browser = browser_of(exporter)

    assert token.public_id not in Page(browser.get(ME)).html
    assert browser.post(f"/accounts/me/tokens/{token.public_id}/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_an_expired_one_is_told_as_that(exporter):
    make_token(exporter)
    triggers.drop(connection)
    Token.objects.update(created_at="2020-01-01T00:00Z", expires_at="2020-02-01T00:00Z")

    (row,) = Page(browser_of(exporter).get(ME)).one("tbody").every("tr")

    assert "expired 1 Feb 2020" in row.words
    assert not row.every("button")


def test_it_lists_what_one_took_away_also_where_one_may_no_more(exporter):
    make_span(state=State.APPROVED, label="claim")
    make_export(exporter)
    make_export(exporter, token=make_token(exporter)[0])
    make_export()
    exporter.groups.clear()

    rows = Page(browser_of(exporter).get(ME)).every("tbody")[-1].every("tr")

    assert len(rows) == 2
    assert "by token nightly" in rows[0].words
    when, what, spans, articles, size, left = (cell.words for cell in rows[1].every("td"))
    assert (what, spans, articles) == ("Spans approved", "1", "1")
    assert (size[-5:], left) == ("bytes", "whole, manifest")
    assert when


def test_it_costs_the_same_with_many_tokens_and_exports(exporter):
    browser = browser_of(exporter)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(ME).status_code == 200
        return len(queries)

    make_export(exporter, token=make_token(exporter)[0])
    few = cost()
    for _ in range(10):
        make_export(exporter, token=make_token(exporter)[0])
    assert cost() == few
    assert few <= 10

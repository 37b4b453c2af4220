"""Personal tokens over HTTP: for their addresses only, without a session, told in plain words."""

import logging

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.domain.lifecycle import State
from annotations.models import Export, Token
from annotations.urls import urlpatterns
from tests.factories import make_export, make_span, make_token, make_user
from tests.views.hands import browser_of
from tests.views.test_account import address_of

pytestmark = pytest.mark.django_db
DOWNLOAD = "/export/download"
NO_TOKEN = "This is no token of ours.\n"


@pytest.fixture
def exporter():
    return make_user("exp", exporter=True)


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def program(secret):
    """A client without cookies that brings the token, and is held to the CSRF check."""
    return Client(enforce_csrf_checks=True, headers=bearer(secret))


def body_of(response):
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def told(response, status):
    """The sentence of a refusal, which is plain text for whoever reads a terminal."""
    assert response.status_code == status
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    return response.content.decode()


def test_a_program_takes_away_what_its_person_may_and_that_is_on_record(exporter):
    make_span(state=State.APPROVED, label="claim")
    token, secret = make_token(exporter)

    response = program(secret).post(f"{DOWNLOAD}?format=spans&state=approved")
    body = body_of(response)

    assert body.count(b"\n") == 1
    export = Export.objects.get()
    assert (export.person, export.via, export.token) == (exporter, "token", token)
    address = response["Link"].partition("<")[2].partition(">")[0]
    manifest = program(secret).get(address).json()
    assert (manifest["bytes"], manifest["complete"]) == (len(body), True)
    assert settings.SESSION_COOKIE_NAME not in response.cookies
    token.refresh_from_db()
    assert token.used_at


def test_the_filter_may_come_in_address_or_body_but_not_as_json(exporter):
    for label in ("claim", "quote"):
        make_span(state=State.APPROVED, label=label)
    client = program(make_token(exporter)[1])

    assert body_of(client.post(DOWNLOAD, {"label": ["claim"]})).count(b"\n") == 1
    assert body_of(client.post(f"{DOWNLOAD}?label=claim&label=quote")).count(b"\n") == 2
    refusal = client.post(DOWNLOAD, {"label": "claim"}, content_type="application/json")
    assert "as parameters of the address" in told(refusal, 422)


def test_what_is_wrong_with_the_filter_is_a_sentence(exporter):
    client = program(make_token(exporter)[1])

    assert told(client.post(f"{DOWNLOAD}?label=x"), 422) == "There is no label “x”.\n"
    assert "There is no filter “states”." in told(client.post(f"{DOWNLOAD}?states=x"), 422)
    response = client.get(DOWNLOAD)
    assert told(response, 405) == "A download is put on record: send it by POST.\n"
    assert response["Allow"] == "POST"
    nowhere = "/export/00000000-0000-0000-0000-000000000000/manifest.json"
    assert told(client.get(nowhere), 404) == "There is no such export on record.\n"
    assert not Export.objects.exists()


def test_a_token_that_is_none_is_401_and_the_cookies_beside_it_count_for_nothing(exporter):
    export = make_export(exporter)
    for secret in ("", "nrt_00000000_0", "nonsense", "\x00", "x" * 5000):
        browser = browser_of(exporter, enforce_csrf_checks=True)
        for response in (
            browser.post(DOWNLOAD, headers=bearer(secret)),
            browser.get(f"/export/{export.uid}/manifest.json", headers=bearer(secret)),
        ):
            assert told(response, 401) == NO_TOKEN
            assert response["WWW-Authenticate"].startswith("Bearer ")


def test_each_reason_why_not_is_told(exporter):
    token, secret = make_token(exporter)
    actions.revoke_token(token=token.public_id, by=exporter)
    assert told(program(secret).post(DOWNLOAD), 401).startswith("This token was revoked.")

    _, secret = make_token(exporter)
    exporter.groups.clear()
    for response in (
        program(secret).post(DOWNLOAD),
        program(secret).get(f"/export/{make_export().uid}/manifest.json"),
    ):
        assert told(response, 403) == "Only exporters may take spans away.\n"

    exporter.is_active = False
    exporter.save()
    assert "may not sign in" in told(program(secret).post(DOWNLOAD), 401)
    assert Export.objects.count() == 1


def test_it_is_its_person_who_asks_whoever_is_signed_in_beside_it(exporter):
    _, secret = make_token(exporter)
    browser = browser_of(make_user(reviewer=True), enforce_csrf_checks=True)

    body_of(browser.post(DOWNLOAD, headers=bearer(secret)))

    assert Export.objects.get().person == exporter


def test_without_a_token_the_session_alone_does_not_pass_the_check_for_forged_requests(exporter):
    response = browser_of(exporter, enforce_csrf_checks=True).post(DOWNLOAD)

    assert response.status_code == 401
    assert not Export.objects.exists()


def test_no_other_address_takes_a_token():
    _, secret = make_token(make_user(superuser=True))
    open_to_all = {"login", "healthz", "download", "manifest"}
    names = [pattern.name for pattern in urlpatterns if pattern.name not in open_to_all]
    addresses = [address_of(name) for name in names] + ["/admin/", "/admin/annotations/token/"]
    assert len(addresses) > 20

    for address in addresses:
        without = Client().get(address)
        response = program(secret).get(address)
        assert response.status_code == without.status_code == 302, address
        assert response["Location"] == without["Location"]
        assert program(secret).post(address).status_code in (401, 403), address
    assert Token.objects.get(person__is_superuser=True).used_at is None


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_s_name_is_written_as_one_likes(exporter, scheme):
    _, secret = make_token(exporter)
    response = Client().post(DOWNLOAD, headers={"Authorization": f"{scheme}  {secret}"})
    body_of(response)


def test_another_scheme_is_no_token(exporter):
    _, secret = make_token(exporter)
    response = Client().post(DOWNLOAD, headers={"Authorization": f"Basic {secret}"})
    assert response.status_code == 401
    assert "You are signed out." in response.content.decode()


def test_a_token_stands_in_no_report_of_an_error(exporter, monkeypatch, caplog):
    _, secret = make_token(exporter)
    random = secret.split("_")[2]

    def fail(*_, **__):
        raise RuntimeError("x")

    monkeypatch.setattr("annotations.pipelines.take_away", fail)
    client = program(secret)
    client.raise_request_exception = False
    with caplog.at_level(logging.DEBUG):
        response = client.post(DOWNLOAD)
    assert response.status_code == 500
    assert random not in response.content.decode()
    assert random not in caplog.text
    assert all(random not in str(getattr(each, "request", "")) for each in caplog.records)
    meta = [each.request.META for each in caplog.records if hasattr(each, "request")]
    assert meta
    assert random not in str(meta)


def test_knowing_a_token_takes_one_query_and_noting_its_use_another(exporter):
    _, secret = make_token(exporter)
    address = f"/export/{make_export(exporter).uid}/manifest.json"

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert program(secret).get(address).status_code == 200
        return [query["sql"].split()[0] for query in queries]

    first, second = cost(), cost()
    assert first.count("UPDATE") == 1
    assert second.count("UPDATE") == 0
    assert len(second) <= 4  # the token, its person's permissions (two), the export

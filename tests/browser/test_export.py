"""Taking away in real Chromium: chosen, counted, downloaded, proven whole; by mouse, keys, curl."""

import json
import urllib.error
import urllib.request
from hashlib import sha256
from pathlib import Path

import pytest

from annotations.domain.lifecycle import State
from annotations.models import Export, Token
from tests.browser.hand import press_keys, until
from tests.browser.test_access import faults
from tests.factories import load_labels, make_article, make_export, make_span, make_token, make_user

pytestmark = pytest.mark.django_db(transaction=True)
COUNTED = "(told) => document.querySelector('.counted')?.innerText === told"


@pytest.fixture
def exporter(browse):
    load_labels()
    person = make_user("exp", exporter=True)
    browse.sign_in(person)
    return person


@pytest.fixture
def corpus(exporter):
    """Twenty articles, each with an approved claim; every second with a quote, too."""
    people = {"author": make_user(annotator=True), "reviewer": make_user(reviewer=True)}
    for number in range(20):
        article = make_article(slug=f"bridge-{number:02}", title=f"The bridge, part {number}")
        make_span(article, label="claim", state=State.APPROVED, **people)
        if number % 2:
            form = {"form": "scare"}
            make_span(article, label="quote", state=State.APPROVED, attributes=form, **people)


def open_export(page, query=""):
    page.goto(f"/export/{query}")
    page.locator("#choosing[data-htmx-powered]").wait_for()


def downloaded(page, press):
    """The bytes of the file that comes when the button is pressed."""
    with page.expect_download() as waiting:
        press()
    return Path(waiting.value.path()).read_bytes(), waiting.value.suggested_filename


def test_what_is_chosen_is_counted_at_once_and_the_file_is_proven_whole(browse, corpus):
    def choose(page):
        open_export(page)
        until(page, COUNTED, "30 spans, 20 articles")
        page.get_by_label("Quote").check()
        until(page, COUNTED, "10 spans, 10 articles")
        page.locator("[name=find_article]").press_sequentially("part 17")
        page.get_by_label("The bridge, part 17").check()
        until(page, COUNTED, "1 span, 1 article")
        page.locator("[name=find_article]").fill("part 3")
        page.get_by_label("The bridge, part 3").check()
        until(page, COUNTED, "2 spans, 2 articles")
        assert page.get_by_label("The bridge, part 17").is_checked()
        file = downloaded(page, page.get_by_role("button", name="Download").click)
        row = page.locator(".taken tbody tr").first
        row.wait_for()  # without a reload
        told = row.inner_text()
        manifest = page.request.get(row.get_by_role("link").get_attribute("href")).json()
        return *file, told, manifest

    body, name, told, manifest = browse(choose)

    lines = [json.loads(line) for line in body.splitlines()]
    assert [line["article"]["slug"] for line in lines] == ["bridge-03", "bridge-17"]
    assert name == "spans.jsonl"
    assert sha256(body).hexdigest() == manifest["sha256"] == Export.objects.get().sha256
    assert (manifest["spans"], manifest["articles"], manifest["complete"]) == (2, 2, True)
    assert "whole" in told
    assert "label quote" in told


def test_the_keyboard_alone_chooses_and_takes_away(browse, corpus):
    def walk(page):
        open_export(page)
        page.locator("[type=radio][value=spans]").focus()
        press_keys(page, "ArrowDown")  # articles
        until(
            page, "() => document.querySelector('#counts .note').innerText.startsWith('Articles')"
        )
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.value") == "quote":
                break
        page.keyboard.press("Space")
        until(page, COUNTED, "10 spans, 10 articles")
        assert page.evaluate("document.activeElement.value") == "quote"  # the hand stays
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.innerText") == "Download":
                break
        return downloaded(page, lambda: page.keyboard.press("Enter"))

    body, name = browse(walk)

    assert name == "articles.jsonl"
    assert body.count(b"\n") == 10


def test_without_scripts_plain_forms_do_the_same(visitor, corpus, exporter):
    plain = visitor(java_script_enabled=False)
    plain.sign_in(exporter)

    def choose(page):
        page.goto("/export/")
        page.get_by_label("Claim").check()
        page.locator("[name=find_article]").fill("part 17")
        page.locator(".finding button").click()
        page.get_by_label("The bridge, part 17").check()
        page.get_by_role("button", name="Count again").click()
        assert page.locator(".counted").inner_text() == "1 span, 1 article"
        return downloaded(page, page.get_by_role("button", name="Download").click)

    body, _ = plain(choose)
    assert json.loads(body)["article"]["slug"] == "bridge-17"


def fetch(url, secret, method="GET"):
    headers = {"Authorization": f"Bearer {secret}"}
    request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310 - our own
    return urllib.request.urlopen(request)  # noqa: S310


def test_a_token_that_is_made_on_one_s_page_opens_the_download_until_it_is_revoked(
    browse, corpus, live_server
):
    def make(page):
        page.goto("/")
        page.locator(".me summary").click()
        page.get_by_role("link", name="My page").click()
        page.get_by_label("What for").fill("nightly")
        page.get_by_role("button", name="Make a token").click()
        return page.locator(".once").inner_text()

    secret = browse(make)
    url = f"{live_server.url}/export/download?format=spans&state=approved&label=claim"
    with fetch(url, secret, "POST") as response:
        body, link = response.read(), response.headers["Link"]
    address = link.partition("<")[2].partition(">")[0]
    with fetch(f"{live_server.url}{address}", secret) as response:
        manifest = json.load(response)
    assert body.count(b"\n") == manifest["spans"] == 20
    assert manifest["sha256"] == sha256(body).hexdigest()
    assert manifest["complete"]

    def revoke(page):
        page.goto("/accounts/me/")
        assert "by token nightly" in page.locator(".taken").inner_text()
        assert "never" not in page.locator(".tokens tbody").inner_text()
        page.get_by_role("button", name="Revoke nightly").click()
        page.locator("#notice .toast", has_text="Revoked: nightly.").wait_for()

    browse(revoke)
    assert Token.objects.get().revoked_at
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(url, secret, "POST")
    assert refused.value.code == 401
    assert refused.value.read().decode().startswith("This token was revoked.")
    refused.value.close()


def test_axe_finds_nothing_on_the_export_screen_and_on_one_s_page(browse, corpus, exporter):
    make_export(exporter)
    make_export(exporter, whole=False)
    make_token(exporter)
    browse.allow("status of 422")

    def judge(page):
        open_export(page, "?find_article=part+1&article=bridge-03")
        page.locator(".shell summary").click()
        yield from faults(page, "export")
        page.goto("/export/?decided_from=31.12.2026&label=rumour")
        page.keyboard.press("End")  # where the bar that stays in view covers nothing
        yield from faults(page, "wrong")
        page.goto("/accounts/me/")
        page.get_by_label("What for").fill("nightly")
        page.get_by_role("button", name="Make a token").click()
        page.locator(".once").wait_for()
        yield from faults(page, "my page, a secret")

    assert browse(lambda page: list(judge(page))) == []

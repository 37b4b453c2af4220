"""The main job, end to end: an article is marked up, reviewed and taken away, in real Chromium."""

import json

import pytest
from django.core.management import call_command

from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Span
from tests.browser.hand import extent_of, said, sign_in, tag
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"


@pytest.fixture
def article():
    call_command("seed", verbosity=0)
    return Article.objects.get(outlet__slug="the-moscow-times")


def fill_in(page, row, **attributes):
    """Open the span of that row, fill its attributes and save."""
    listed = page.locator(".rows .row").nth(row)
    uid = listed.get_attribute("id").removeprefix("span-")
    listed.get_by_role("link").click()
    page.locator(f"#panel [data-open='{uid}']").wait_for()
    for key, value in attributes.items():
        field = page.locator(f"#panel [name=attr_{key}]")
        field.wait_for()
        if field.evaluate("(field) => field.matches('select')"):
            field.select_option(value)
        else:
            field.fill(value)
    with page.expect_response("**/spans/*/"):
        page.get_by_role("button", name="Save changes").click()
    page.locator("#panel .history summary", has_text="History (2)").wait_for()


def test_the_main_job_from_the_first_mark_to_the_last_line(article, visitor):
    for name, part in (("ann", "annotator"), ("rev", "reviewer"), ("exp", "exporter")):
        make_user(name, password=PASSWORD, **{part: True})
    ann, rev, exp = visitor(), visitor(), visitor()

    # The annotator marks the headline's quote, a claim, the appeal and the quote within it.
    headline = extent_of(article, "‘Serious Consequences'")
    claim = extent_of(article, "Western military instructors were already in Ukraine")
    appeal = extent_of(article, "… we have a small favor", "Thank you.")
    agent = extent_of(article, '"foreign agent"')

    def annotate(page):
        sign_in(page, "ann", PASSWORD)
        page.get_by_role("link", name=article.title).click()
        for extent, key in ((headline, "q"), (claim, "c"), (appeal, "b"), (agent, "q")):
            tag(page, *extent, key)
        fill_in(page, 0, speaker="Vladimir Putin")
        fill_in(page, 2, kind="donation_appeal")
        fill_in(page, 3, form="scare")
        page.get_by_role("button", name="Submit article").click()
        said(page, "Submitted.")

    ann(annotate)
    marked = Span.objects.order_by("start").values_list("start", "end", "state", "label__slug")
    assert list(marked) == [
        (*headline, "proposed", "quote"),
        (*claim, "proposed", "claim"),
        (*appeal, "proposed", "boilerplate"),
        (*agent, "proposed", "quote"),
    ]

    # The reviewer approves three of them and sends the claim back, by keys alone.
    def review(page):
        sign_in(page, "rev", PASSWORD)
        page.get_by_role("link", name="Review").click()
        page.get_by_role("heading", name="4 waiting").wait_for()
        page.wait_for_load_state()  # the scripts hear the keys
        page.keyboard.press("a")
        page.get_by_role("heading", name="3 waiting").wait_for()
        page.keyboard.press("s")
        page.keyboard.type("Whose claim is it?")
        page.keyboard.press("Control+Enter")
        page.get_by_role("heading", name="2 waiting").wait_for()
        page.keyboard.press("a")
        page.get_by_role("heading", name="1 waiting").wait_for()
        page.keyboard.press("a")
        page.get_by_role("heading", name="Nothing waits for you.").wait_for()

    rev(review)

    # The annotator finds it first thing, reads why, and answers.
    def answer(page):
        page.goto("/")
        page.locator(".sent-back .row a").click()
        page.get_by_text("Whose claim is it?").wait_for()
        page.locator("#panel [name=comment]").fill("Putin’s: “he believed”.")
        page.get_by_role("button", name="Answer").click()
        said(page, "Answered.")

    ann(answer)

    def approve_and_sign_off(page):
        page.goto("/review/")
        page.locator(".earlier", has_text="Putin’s: “he believed”.").wait_for()
        page.keyboard.press("a")
        said(page, "Approved.")
        page.get_by_label("nothing is missing").check()
        page.get_by_role("button", name="Sign off").click()
        said(page, "Signed off.")

    rev(approve_and_sign_off)
    assert set(Span.objects.values_list("state", flat=True)) == {State.APPROVED}
    article.refresh_from_db()
    assert article.state == ArticleState.REVIEWED

    # What leaves is exactly what was marked.
    def export(page):
        sign_in(page, "exp", PASSWORD)
        page.get_by_role("link", name="Export").click()
        assert page.locator(".counted").inner_text() == "4 spans, 1 article"
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download").click()
        with open(waiting.value.path(), encoding="utf-8", newline="\n") as file:
            return [json.loads(line) for line in file]

    lines = exp(export)
    assert [(line["start"], line["end"]) for line in lines] == [headline, claim, appeal, agent]
    for line in lines:
        assert line["text"] == article.text[line["start"] : line["end"]]
        assert (line["author"], line["decided_by"]) == ("ann", "rev")
    assert lines[2]["attributes"]["kind"] == "donation_appeal"
    call_command("check_integrity")

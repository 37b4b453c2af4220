"""One verdict on a long list, which takes several answers, in real Chromium."""

import pytest

from annotations import actions
from annotations.models import Deed, Span
from tests.browser.hand import said, until
from tests.factories import load_labels, make_article, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)

STOPPED = "This was undone meanwhile, so no more was approved."


def test_u_ends_a_long_run_and_takes_back_what_it_did(browse, monkeypatch):
    load_labels()
    ann, rev = make_user("ann", annotator=True), make_user("rev", reviewer=True)
    words = [f"word{number}" for number in range(40)]
    article = make_article(" ".join(words), state="submitted")
    for word in words:
        make_span(article, ann, "loaded-language", text=word)
    decide_many = actions.decide_many
    monkeypatch.setattr(actions, "decide_many", lambda **told: decide_many(**told, at_most=1))
    browse.sign_in(rev)
    browse.allow("status of 409")

    def run(page):
        page.goto("/review/list/")
        page.locator("#ticks-form[data-htmx-powered]").wait_for(state="attached")
        page.get_by_role("button", name="Tick all").click()
        page.keyboard.press("Shift+A")
        page.locator("#bulk-form").wait_for()
        page.keyboard.press("u")
        said(page, STOPPED)
        until(page, "() => !document.querySelector('#bulk-form')")

    browse(run)
    assert set(Span.objects.values_list("state", flat=True)) == {"proposed"}
    assert Deed.objects.filter(action="undo").count() == 1

"""Several at once in real Chromium: ticks and ranges by key, the count before, the answer after."""

import pytest

from annotations.models import Deed, Span
from tests.browser.hand import press_keys, said, until
from tests.browser.test_review import submit
from tests.factories import load_labels, make_article, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)
FILLED = {"worthiness": "unimportant"}
BUTTON = "#ticks-form [value=approve]"


@pytest.fixture
def rev(browse):
    load_labels()
    person = make_user("rev", annotator=True, reviewer=True)
    words = [f"Word {number} is here." for number in range(8)]
    article = make_article(" ".join(words), title="The words")
    for number, text in enumerate(words):
        hand = person if number == 2 else None
        make_span(article, hand, label="claim", text=text, attributes=FILLED)
    make_span(article, label="quote", text="Word 7")
    submit(article)
    browse.sign_in(person)
    return person


def states():
    return list(Span.objects.order_by("pk").values_list("state", flat=True))


def test_a_range_is_ticked_by_key_decided_by_one_and_taken_back_by_one(rev, browse):
    def work(page):
        page.goto("/review/")
        page.keyboard.press("l")
        page.locator("#ticks-form").wait_for()
        page.locator(f"{BUTTON}:disabled").wait_for()  # by the script, which counts the ticks
        press_keys(page, "j Space j j j Shift+Space")  # the first to the fourth that can be ticked
        told = page.locator(BUTTON).inner_text()
        page.keyboard.press("Shift+A")
        said(page, "Approved 4.")
        until(page, "() => document.querySelectorAll('#ticks-form [data-row]').length === 4")
        page.keyboard.press("u")
        said(page, "Undone: approved 4 spans.")
        until(page, "() => document.querySelectorAll('#ticks-form [data-row]').length === 8")
        return told

    assert "Approve the 4 ticked" in browse(work).replace("\n", " ")
    assert set(states()) == {"proposed"}
    assert Deed.objects.filter(actor=rev, action="approve").count() == 1


def test_the_answer_counts_what_was_passed_over(rev, browse):
    def work(page):
        page.goto("/review/list/?own=on")
        page.get_by_role("button", name="Tick all").click()
        told = page.locator(BUTTON).inner_text()
        page.keyboard.press("Shift+A")
        said(page, "Approved 7 · skipped 1: 1 lacks a speaker.")
        return told

    assert "Approve the 8 ticked" in browse(work).replace("\n", " ")
    assert sorted(states()) == ["approved"] * 7 + ["proposed"] * 2


def test_a_reason_is_one_digit_for_all_that_is_ticked(rev, browse):
    def work(page):
        page.goto("/review/list/")
        press_keys(page, "j Space j Space x 5")
        said(page, "Rejected 2.")

    browse(work)
    assert states()[:2] == ["rejected"] * 2
    assert set(Span.objects.filter(state="rejected").values_list("reason", flat=True)) == {
        "duplicate"
    }

"""Spot checks by keys alone, in real Chromium; judged by axe; with one hand on a phone."""

import pytest

from annotations import actions
from annotations.actions import Change
from annotations.domain.extents import Extent
from annotations.models import Span, SpotCheck
from tests.browser.hand import press_keys, said, until
from tests.browser.test_access import faults
from tests.factories import (
    load_labels,
    make_article,
    make_comment,
    make_deed,
    make_span,
    make_spot_check,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)
CHECKS = "/review/spot-checks/"
SPEAKER = {"speaker": {"value": "The mayor", "start": 0, "end": 9}, "form": "direct"}
TEXT = "The mayor said: “We won by far,” and later “They lost.” It rained all day.\n\nTen fled."


@pytest.fixture(autouse=True)
def _all_of_them(settings):
    settings.SPOT_CHECKS = 100


@pytest.fixture
def checker(browse):
    load_labels()
    person = make_user("rev", reviewer=True)
    browse.sign_in(person)
    return person


@pytest.fixture
def spans(checker):
    """Approved ones, in the order in which they are offered: the first was amended."""
    decider = make_user("dan", reviewer=True)
    article = make_article(TEXT, title="The bridge", outlet="Post", story="the-bridge")
    make_comment(article)
    first = make_span(article, text="“We won by far,”", attributes=SPEAKER)
    change = Change(extent=Extent(first.start, first.end + 4), text="“We won by far,” and")
    actions.amend(span=first.uid, seen=1, change=change, deed=make_deed(decider))
    for text in ("They lost.", "Ten fled."):
        make_span(article, label="claim", text=text, state="approved", reviewer=decider)
    return sorted(Span.objects.all(), key=lambda span: (not span.amended, span.uid.hex))


def on_card(page, span):
    page.locator(f"#card [data-open='{span.uid}']").wait_for()


def test_right_wrong_and_skip_are_keys_and_what_is_wrong_is_reopened_right_there(
    spans, checker, browse
):
    first, second, third = spans

    def check(page):
        page.goto(CHECKS)
        on_card(page, first)
        page.keyboard.press("a")
        said(page, "Found right.")
        on_card(page, second)
        page.keyboard.press("n")
        on_card(page, third)
        page.keyboard.press("x")
        until(page, "() => document.activeElement.matches('#wrong textarea')")
        page.keyboard.type("Not a claim, an aside.")
        page.keyboard.press("Control+Enter")
        said(page, "Found wrong.")
        page.locator(".finding", has_text="Not a claim, an aside.").wait_for()
        page.locator("#found .row", has_text="approved now").wait_for()
        page.keyboard.press("r")
        said(page, "Reopened.")
        page.locator("#card h2", has_text="That was the last one.").wait_for()
        page.locator("#found .row", has_text="proposed now").wait_for()
        page.keyboard.press("n")
        on_card(page, second)

    browse(check)
    assert list(SpotCheck.objects.values_list("span", "finding", "note")) == [
        (first.pk, "right", ""),
        (third.pk, "wrong", "Not a claim, an aside."),
    ]
    third.refresh_from_db()
    assert third.state == "proposed"
    assert third.events.get(action="reopen").comment == "Not a claim, an aside."


def test_m_is_about_the_span_though_what_was_said_of_the_article_is_unfolded(
    spans, checker, browse
):
    span = spans[0]

    def talk(page):
        page.goto(CHECKS)
        page.locator("#about-article > summary").click()
        page.locator("#card-title").focus()
        press_keys(page, "m")
        page.keyboard.type("All of it?")
        page.keyboard.press("Control+Enter")
        said(page, "Comment added.")
        page.locator(f"#comments-{span.uid} .said", has_text="All of it?").wait_for()

    browse(talk)
    assert span.comments.get().text == "All of it?"


def test_axe_finds_nothing_in_the_spot_checks(spans, checker, browse):
    make_spot_check(spans[1], finding="wrong")

    def judge(page):
        page.goto(CHECKS)
        page.locator(".history > summary").click()
        page.locator("#about-article > summary").click()
        yield from faults(page, "card")
        page.keyboard.press("x")
        yield from faults(page, "wrong")
        page.goto(f"{CHECKS}?span={spans[1].uid}")
        yield from faults(page, "found wrong")
        page.goto(f"{CHECKS}?after={spans[2].uid}")
        yield from faults(page, "empty")

    assert browse(lambda page: list(judge(page))) == []


def test_on_a_phone_the_verdicts_are_in_view_under_the_thumb(spans, checker, phone):
    phone.sign_in(checker)

    def check(page):
        page.goto(CHECKS)
        buttons = page.locator(".verdicts > button, .verdicts summary, .verdicts > a")
        edges = [buttons.nth(at).bounding_box() for at in range(buttons.count())]
        page.locator(".verdicts > button").tap()
        said(page, "Found right.")
        on_card(page, spans[1])
        return edges

    for box in phone(check):
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 360
        assert 600 < box["y"] <= box["y"] + box["height"] <= 740

"""The line of deeds in real Chromium: hands quicker than the line, and nothing lost or mistaken."""

import pytest

from annotations import actions
from annotations.actions import Change
from annotations.models import Comment, Deed
from tests.browser.hand import (
    announced,
    answered,
    extent_of,
    open_desk,
    press_keys,
    said,
    select,
    slow,
    target,
    until,
)
from tests.factories import make_article, make_deed, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)
RAINED, FLED, STAYED, CAME = "It rained all day.", "Ten fled.", "Two stayed at home.", "One came."
TEXT = " ".join([RAINED, FLED, STAYED, CAME])
WORDS = (RAINED, FLED, STAYED, CAME)
LATE = 250  # milliseconds


@pytest.fixture
def article(annotator):
    return make_article(TEXT)


@pytest.fixture
def spans(article, annotator):
    return [make_span(article, annotator, "claim", text=words) for words in WORDS]


def states(article):
    return list(article.spans.order_by("start").values_list("state", flat=True))


def deeds(article):
    """What was done to its spans, in the order in which it was done: (deed, words then)."""
    events = article.events.filter(span__isnull=False).order_by("pk")
    return [(event.action, event.after["text"]) for event in events]


def fast(page, article, keys, *, latency=LATE, every=0, span=None):
    """Open the desk, press the keys on a slow line, and wait until all is answered."""
    open_desk(page, article, span)
    slow(page, latency)
    press_keys(page, keys, every)
    answered(page)


@pytest.mark.parametrize("latency", [0, 60, 400])
def test_an_undo_takes_back_what_was_marked_before_it_and_not_what_came_after(
    article, browse, latency
):
    browse(lambda page: fast(page, article, "j b j b u j b", latency=latency))
    assert deeds(article) == [
        ("propose", RAINED),
        ("propose", FLED),
        ("undo", FLED),
        ("propose", STAYED),
    ]


def test_the_first_mark_is_undone_at_once_and_done_again(article, browse):
    browse(lambda page: fast(page, article, "j b u Shift+U u"))
    assert [action for action, _ in deeds(article)] == ["propose", "undo", "undo", "undo"]
    assert states(article) == ["withdrawn"]


def test_several_undos_in_a_row_are_several_undos(article, spans, browse):
    browse(lambda page: fast(page, article, "u u u"))
    assert states(article) == ["proposed", "withdrawn", "withdrawn", "withdrawn"]


def test_where_nothing_is_left_to_undo_that_is_said(article, browse):
    def undo_too_often(page):
        fast(page, article, "j b u u")
        page.locator("#told", has_text="There is nothing to undo.").wait_for()

    browse(undo_too_often)
    assert states(article) == ["withdrawn"]


def test_words_whose_mark_is_being_undone_are_free_again(annotator, browse):
    article = make_article("He said: “We won,” and “They lost.”")
    browse(lambda page: fast(page, article, "j q u q"))
    assert [words for _, words in deeds(article)] == ["“We won,”"] * 3


@pytest.mark.parametrize(("latency", "every"), [(0, 0), (0, 30), (80, 0), (300, 0), (300, 30)])
def test_each_span_is_withdrawn_that_was_at_hand_when_the_key_was_pressed(
    article, spans, browse, latency, every
):
    browse(lambda page: fast(page, article, "n x n x n x", latency=latency, every=every))
    assert states(article) == ["withdrawn"] * 3 + ["proposed"]


def test_each_suggestion_is_accepted_that_was_at_hand_when_the_key_was_pressed(
    article, annotator, browse
):
    for words in WORDS:
        make_span(article, annotator, "claim", text=words, state="suggested")
    browse(lambda page: fast(page, article, "n a n a n x n a", latency=80))
    assert states(article) == ["proposed", "proposed", "dismissed", "proposed"]


def test_what_one_did_oneself_makes_nothing_stale(article, annotator, browse):
    span = make_span(article, annotator, "claim", text=STAYED)

    def hurry(page):
        keys = "n e ArrowLeft Enter e ArrowLeft Enter b q Enter 1 Enter"
        fast(page, article, keys)
        return target(page), page.locator("#notice .refused").count()

    assert browse(hurry) == (extent_of(article, "Two stayed at"), 0)
    span.refresh_from_db()
    assert (span.text, span.label.slug, span.revision) == ("Two stayed at", "quote", 6)
    assert span.attributes["speaker"]["value"] == "1"


def test_after_saving_a_strip_its_span_can_be_changed_at_once(article, annotator, browse):
    span = make_span(article, annotator, "claim", text=STAYED)

    def hurry(page):
        open_desk(page, article, span)
        slow(page, LATE)
        page.keyboard.press("Enter")
        page.locator("#strip-form :focus").wait_for()
        page.keyboard.type("The mayor")
        press_keys(page, "Control+Enter e ArrowLeft Enter")
        answered(page)

    browse(hurry)
    span.refresh_from_db()
    assert (span.attributes["claimant"]["value"], span.text) == ("The mayor", "Two stayed at home")


def test_what_a_colleague_did_meanwhile_makes_it_stale(article, annotator, browse):
    span = make_span(article, annotator, "claim", text=STAYED)
    colleague = make_deed(make_user(annotator=True))
    browse.allow("status of 409")

    browse(lambda page: (open_desk(page, article), page.keyboard.press("n")))
    actions.edit(span=span.uid, seen=1, change=Change(label="boilerplate"), deed=colleague)

    def withdraw(page):
        page.keyboard.press("x")
        page.locator("#panel .refused", has_text="has changed since you saw it").wait_for()

    browse(withdraw)
    span.refresh_from_db()
    assert (span.state, span.label.slug) == ("proposed", "boilerplate")


def test_what_is_being_marked_is_at_hand_already(article, browse):
    def hurry(page):
        fast(page, article, "j b e ArrowLeft Enter j b x")
        return page.locator("#notice .refused").count()

    assert browse(hurry) == 0
    assert deeds(article) == [
        ("propose", RAINED),
        ("edit", "It rained all day"),
        ("propose", FLED),
        ("withdraw", FLED),
    ]


def test_when_one_is_refused_it_is_said_which_and_the_others_go_on(article, annotator, browse):
    make_span(article, annotator, "boilerplate", text=FLED)
    browse.allow("status of 409")

    def hurry(page):
        fast(page, article, "j b j b j b")
        said(page, "Marked as boilerplate.")
        return page.locator("#notice .refused").inner_text()

    told = browse(hurry)
    assert told.startswith(f"Boilerplate “{FLED}”: These words are already marked")
    assert sorted(article.spans.values_list("text", flat=True)) == sorted([RAINED, FLED, STAYED])


def test_what_is_about_a_mark_that_was_refused_is_not_done_to_anything_else(
    article, annotator, browse
):
    make_span(article, annotator, "boilerplate", text=FLED)
    before = make_span(article, annotator, "claim", text=RAINED)
    browse.allow("status of 409")

    def hurry(page):
        open_desk(page, article, before)
        slow(page, LATE)
        select(page, *extent_of(article, FLED))
        press_keys(page, "b Enter P u t i n Enter x m")
        answered(page)
        page.locator("#notice .refused", has_text="already marked").wait_for()
        announced(page, "those words were not marked")
        return page.locator("#strip-form").count(), page.locator("textarea:focus").count()

    assert browse(hurry) == (0, 0)
    assert states(article) == ["proposed", "proposed"]
    assert not Comment.objects.exists()
    before.refresh_from_db()
    assert before.attributes == {}


def test_after_a_mark_that_did_not_arrive_nothing_else_is_undone(article, spans, browse):
    browse.allow("ERR_FAILED", "htmx:error", "Failed to fetch")

    def hurry(page):
        page.clock.install()
        open_desk(page, article)
        page.route("**/spans/", lambda route: route.abort())
        press_keys(page, "j q u u")
        told = page.locator("#told", has_text="has not reached the server")
        told.wait_for()
        page.clock.fast_forward(60_000)  # somebody who looked away reads it when they are back
        told.wait_for()
        page.keyboard.press("Home")
        told.wait_for(state="hidden")
        page.unroute("**/spans/")
        page.get_by_role("button", name="Send it again").click()
        said(page, "Marked as quote.")

    browse(hurry)
    assert states(article) == ["proposed"] * 5


def test_deeds_in_line_are_kept_over_a_reload(article, spans, browse):
    def hurry(page):
        open_desk(page, article)
        slow(page, 500)
        press_keys(page, "n x n x j c")
        page.reload()
        page.locator("#watch[data-htmx-powered]").wait_for(state="attached")
        until(page, "() => !Object.keys(localStorage).some((key) => key.includes('unsent'))")

    browse(hurry)
    assert states(article)[:2] == ["withdrawn"] * 2
    assert Deed.objects.filter(actor=spans[0].author, action="propose").count() == 5


def test_what_waits_is_shown(article, browse):
    def hurry(page):
        open_desk(page, article)
        held = []
        page.route("**/spans/", lambda route: held.append(route))
        press_keys(page, "j c u")
        page.locator("#progress").wait_for()
        held[0].continue_()
        said(page, "Undone: marked.")
        page.locator("#progress").wait_for(state="hidden")

    browse(hurry)
    assert states(article) == ["withdrawn"]

"""The desk in real Chromium: exact offsets, clicks, undo, and nothing lost."""

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command

from annotations.domain.extents import Extent
from annotations.models import Article
from tests.browser.hand import (
    answered,
    extent_of,
    press,
    press_keys,
    said,
    select,
    slow,
    tag,
    target,
    until,
)
from tests.factories import load_labels, make_article, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def at(article):
    return f"/articles/{article.slug}/"


def test_blanks_at_the_edges_of_a_selection_are_left_out(annotator, browse):
    article = make_article(text="One  two three.\n\nFour.")
    browse(lambda page: page.goto(at(article)))
    browse(lambda page: tag(page, 3, 9, "c"))
    assert [(span.start, span.end, span.text) for span in article.spans.all()] == [(5, 8, "two")]


def test_u_takes_the_last_mark_back_and_shift_u_brings_it_again(annotator, browse):
    article = make_article(text="Five people were hurt. Ten fled.")
    browse(lambda page: page.goto(at(article)))
    browse(lambda page: tag(page, 0, 22, "c"))
    browse(lambda page: (page.keyboard.press("u"), said(page, "Undone: marked.")))
    assert article.spans.get().state == "withdrawn"
    browse(lambda page: (page.keyboard.press("Shift+U"), said(page, "Done again: marked.")))
    assert article.spans.get().state == "proposed"


def test_an_extent_and_a_speaker_are_taken_from_the_text(annotator, browse):
    article = make_article(text="“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 8))

    def change(page):
        page.goto(f"{at(article)}?span={span.uid}")
        select(page, *extent_of(article, "Anna Baker"))
        page.locator("[data-take=attr_speaker]").click()
        select(page, 0, 9)
        page.get_by_text("Extent 0–8").click()
        page.locator("[data-take=extent]").click()
        page.get_by_role("button", name="Save changes").click()
        said(page, "Edited.")

    browse(change)
    span.refresh_from_db()
    assert (span.start, span.end, span.text) == (0, 9, "“We won,”")
    assert span.attributes["speaker"] == {"value": "Anna Baker", "start": 15, "end": 25}


def test_another_label_asks_for_its_own_attributes(annotator, browse):
    article = make_article(text="Donate today. It rained.")
    span = make_span(article, annotator, "claim", extent=Extent(0, 13))

    def relabel(page):
        page.goto(f"{at(article)}?span={span.uid}")
        page.locator("#panel").get_by_label("Boilerplate").check()
        page.locator("#panel [name=attr_kind]").select_option("donation_appeal")
        page.get_by_role("button", name="Save changes").click()
        said(page, "Edited.")

    browse(relabel)
    span.refresh_from_db()
    assert (span.label.slug, span.attributes) == ("boilerplate", {"kind": "donation_appeal"})


def test_a_stale_edit_shows_the_span_as_it_is_and_keeps_what_was_typed(annotator, visitor, browse):
    article = make_article(text="“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9))
    colleague = visitor()
    colleague.sign_in(make_user("col", annotator=True))
    browse.allow("status of 409")

    def save(page, speaker):
        page.locator("#panel [name=attr_speaker]").fill(speaker)
        page.get_by_role("button", name="Save changes").click()

    for one in (browse, colleague):
        one(lambda page: page.goto(f"{at(article)}?span={span.uid}"))
    colleague(lambda page: (save(page, "A. Baker"), said(page, "Edited.")))
    browse(lambda page: save(page, "Anna Baker"))
    changed = "has changed since you saw it"
    browse(lambda page: page.locator("#panel .refused", has_text=changed).wait_for())
    kept = browse(lambda page: page.locator("#panel [name=attr_speaker]").input_value())
    assert kept == "Anna Baker"
    span.refresh_from_db()
    assert span.attributes["speaker"]["value"] == "A. Baker"


def test_what_a_colleague_changed_and_i_did_not_touch_stays_changed(annotator, visitor, browse):
    article = make_article(text="“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9))
    colleague = visitor()
    colleague.sign_in(make_user("col", annotator=True))
    browse.allow("status of 409")

    def save(page, key, value):
        field = page.locator(f"#panel [name=attr_{key}]")
        field.select_option(value) if key == "form" else field.fill(value)
        page.get_by_role("button", name="Save changes").click()

    for one in (browse, colleague):
        one(lambda page: page.goto(f"{at(article)}?span={span.uid}"))
    colleague(lambda page: (save(page, "form", "mixed"), said(page, "Edited.")))
    browse(lambda page: save(page, "speaker", "Anna Baker"))
    browse(lambda page: page.locator("#panel .refused").wait_for())
    browse(lambda page: page.get_by_role("button", name="Save changes").click())
    browse(lambda page: said(page, "Edited."))
    span.refresh_from_db()
    assert span.attributes["form"] == "mixed"
    assert span.attributes["speaker"]["value"] == "Anna Baker"


def test_marks_made_faster_than_the_line_all_arrive_and_the_submission_after_them(
    annotator, browse
):
    words = ("Five people were hurt.", "Ten fled.", "Two stayed.")
    article = make_article(text=" ".join(words))

    def hurry(page):
        page.goto(at(article))
        slow = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
        for each in words:
            select(page, *extent_of(article, each))
            page.keyboard.press("c")
        page.get_by_role("button", name="Submit article").click()
        said(page, "Submitted.")

    browse(hurry)
    assert [span.text for span in article.spans.order_by("start")] == list(words)
    article.refresh_from_db()
    assert article.state == "submitted"


def test_enter_in_a_field_decides_nothing(annotator, visitor):
    article = make_article(text="Five people were hurt. Ten fled.")
    span = make_span(article, annotator, "claim", extent=Extent(0, 22))
    rev = visitor()
    rev.sign_in(make_user("rev", reviewer=True))

    def press_enter(page):
        page.goto(f"/review/?in_progress=on&span={span.uid}")
        page.keyboard.press("e")
        page.locator("[name=attr_claimant]").fill("The police")
        page.keyboard.press("Enter")
        page.locator(".card .refused", has_text="Enter alone decides nothing").wait_for()
        return page.locator("[name=attr_claimant]").input_value()

    rev.allow("status of 422")
    assert rev(press_enter) == "The police"
    span.refresh_from_db()
    assert (span.state, span.revision) == ("proposed", 1)


def test_enter_on_a_reason_rejects(annotator, visitor):
    article = make_article(text="Five people were hurt. Ten fled.")
    span = make_span(article, annotator, "claim", extent=Extent(0, 22))
    rev = visitor()
    rev.sign_in(make_user("rev", reviewer=True))

    def choose_by_arrow(page):
        page.goto(f"/review/?in_progress=on&span={span.uid}")
        page.keyboard.press("x")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        said(page, "Rejected.")

    rev(choose_by_arrow)
    span.refresh_from_db()
    assert (span.state, span.reason) == ("rejected", "wrong_extent")


@pytest.mark.parametrize("state", ["sent_back", "rejected"])
@pytest.mark.parametrize("way", ["Control+Enter", "Answer"])
def test_answering_with_a_change_in_sight_sends_the_change(annotator, browse, state, way):
    article = make_article(text="“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9), state=state)

    def answer(page):
        page.goto(f"{at(article)}?span={span.uid}")
        page.locator("#panel [name=attr_speaker]").fill("Anna Baker")
        page.locator("#span-form [name=comment]").fill("It is hers.")
        if way == "Answer":
            page.get_by_role("button", name="Answer").click()
        else:
            page.keyboard.press(way)
        said(page, "Edited.")

    browse(answer)
    span.refresh_from_db()
    assert (span.state, span.attributes["speaker"]["value"]) == ("proposed", "Anna Baker")
    assert span.events.last().comment == "It is hers."


def test_withdrawing_asks_before_what_is_typed_in_the_panel_goes(annotator, browse):
    article = make_article(text="“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9))
    answers = iter(["dismiss", "dismiss", "accept"])
    asked = []

    def answer(dialog):
        asked.append(dialog.message)
        getattr(dialog, next(answers))()

    def withdraw(page):
        page.on("dialog", answer)
        page.goto(f"{at(article)}?span={span.uid}")
        page.locator("#panel [name=attr_speaker]").fill("Anna Baker")
        page.get_by_role("button", name="Withdraw").click()
        page.locator("#panel-title").click()
        page.keyboard.press("x")
        kept = page.locator("#panel [name=attr_speaker]").input_value()
        page.keyboard.press("x")
        said(page, "Withdrawn.")
        return kept

    assert browse(withdraw) == "Anna Baker"
    assert asked == ["What you changed in this span is not saved. Leave it?"] * 3
    span.refresh_from_db()
    assert (span.state, span.attributes) == ("withdrawn", {})


def test_a_deed_by_key_takes_nothing_along_that_is_typed_and_not_saved(annotator, browse):
    article = make_article(text="“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9))

    def move_its_end_and_save(page):
        page.goto(f"{at(article)}?span={span.uid}")
        page.locator("#panel [name=attr_speaker]").fill("Anna Baker")
        page.locator("#panel [name=attr_form]").select_option("direct")
        page.locator("#panel-title").click()
        press_keys(page, "e Shift+ArrowLeft Enter")
        said(page, "Edited.")
        page.locator("#panel .history summary", has_text="History (2)").wait_for()
        yield article.spans.values_list("text", "attributes")
        page.get_by_role("button", name="Save changes").click()
        page.locator("#panel .history summary", has_text="History (3)").wait_for()

    steps = None

    def move(page):
        nonlocal steps
        steps = move_its_end_and_save(page)
        next(steps)

    browse(move)
    span.refresh_from_db()
    assert (span.text, span.attributes) == ("“We won,", {})
    browse(lambda page: next(steps, None))
    span.refresh_from_db()
    assert (span.text, span.attributes["form"]) == ("“We won,", "direct")
    assert span.attributes["speaker"]["value"] == "Anna Baker"


def test_relabelling_asks_before_what_is_typed_in_the_panel_goes(annotator, browse):
    article = make_article(text="“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9))
    answers = iter(["dismiss", "accept"])

    def relabel(page):
        page.on("dialog", lambda dialog: getattr(dialog, next(answers))())
        page.goto(f"{at(article)}?span={span.uid}")
        page.locator("#panel [name=attr_speaker]").fill("Anna Baker")
        page.locator("#panel-title").click()
        page.keyboard.press("c")
        kept = page.locator("#panel [name=attr_speaker]").input_value()
        page.keyboard.press("c")
        said(page, "Edited.")
        return kept

    assert browse(relabel) == "Anna Baker"
    span.refresh_from_db()
    assert (span.label.slug, span.attributes) == ("claim", {})


def test_what_is_typed_while_a_form_is_being_saved_stays_and_is_saved_next(annotator, browse):
    article = make_article(text="“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9))

    def save_twice(page):
        page.goto(f"{at(article)}?span={span.uid}")
        slow(page, 300)
        page.locator("#panel [name=attr_speaker]").fill("Anna Baker")
        page.get_by_role("button", name="Save changes").click()
        page.locator("#panel [name=attr_cue]").click()
        page.keyboard.type("said")
        page.get_by_role("button", name="Save changes").click(click_count=2)
        page.locator("#panel [name=attr_cue]").click()
        page.keyboard.press("End")
        page.keyboard.type(" so")
        answered(page)
        typed = page.locator("#panel [name=attr_cue]").input_value()
        return typed, page.evaluate("document.activeElement.name"), page.locator(".refused").count()

    assert browse(save_twice) == ("said so", "attr_cue", 0)
    span.refresh_from_db()
    assert span.attributes["speaker"]["value"] == "Anna Baker"
    assert span.attributes["cue"]["value"].startswith("said")


def test_what_is_typed_in_a_span_stays_when_other_words_are_marked(annotator, browse):
    article = make_article(text="“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9))

    def type_then_mark(page):
        page.goto(f"{at(article)}?span={span.uid}")
        page.locator("[name=attr_cue]").fill("said")
        page.locator("h1").click()
        tag(page, *extent_of(article, "Anna Baker"), "c")
        return page.locator("[name=attr_cue]").input_value()

    assert browse(type_then_mark) == "said"


def test_an_expired_session_is_survived_where_one_is(browse):
    load_labels()
    browse.sign_in(make_user("ann", annotator=True, password="correct horse battery"))
    article = make_article(text="Five people were hurt. Ten fled.")
    browse.allow("status of 401")
    browse(lambda page: page.goto(at(article)))
    Session.objects.all().delete()

    def mark_and_sign_in(page):
        select(page, 0, 22)
        page.keyboard.press("c")
        page.locator("#notice").get_by_label("Name").fill("ann")
        page.locator("#notice").get_by_label("Password").fill("correct horse battery")
        page.locator("#notice").get_by_role("button", name="Sign in").click()
        said(page, "Marked as claim.")
        tag(page, 23, 32, "c")  # and the page goes on working

    browse(mark_and_sign_in)
    assert [span.text for span in article.spans.order_by("start")] == [
        "Five people were hurt.",
        "Ten fled.",
    ]


def test_a_server_that_does_not_answer_loses_nothing(annotator, browse):
    article = make_article(text="Five people were hurt. Ten fled.")
    browse.allow("ERR_FAILED", "htmx:error", "Failed to fetch")

    def mark_through_a_failure(page):
        page.goto(at(article))
        page.route("**/spans/", lambda route: route.abort())
        select(page, 0, 22)
        page.keyboard.press("c")
        page.get_by_text("That did not reach the server.").wait_for()
        page.unroute("**/spans/")
        select(page, 23, 32)  # the hand went on meanwhile
        page.get_by_role("button", name="Send it again").click()
        said(page, "Marked as claim.")

    browse(mark_through_a_failure)
    assert article.spans.get().text == "Five people were hurt."


def test_the_desk_works_at_360_pixels(phone):
    call_command("seed", verbosity=0)
    phone.sign_in(make_user("ann", annotator=True))
    article = Article.objects.get(outlet__slug="the-moscow-times")
    phone(lambda page: page.goto(at(article)))
    phone(lambda page: select(page, 0, 25))
    phone(lambda page: page.get_by_role("button", name="Boilerplate").tap())
    phone(lambda page: said(page, "Marked as boilerplate."))
    assert article.spans.get().text == "Support The Moscow Times!"
    overflow = phone(lambda page: page.evaluate("document.documentElement.scrollWidth"))
    assert overflow <= 360


def test_a_swap_leaves_the_words_selected_that_were(annotator, browse):
    article = make_article(text="😀 Five people were hurt. Ten fled at once.\n\nTwo stayed.")
    place = extent_of(article, "Ten fled at once.")

    def select_while_a_mark_arrives(page):
        page.goto(at(article))
        slow = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
        select(page, *extent_of(article, "Five people were hurt."))
        page.keyboard.press("c")
        words = select(page, *place)
        said(page, "Marked as claim.")
        page.wait_for_timeout(100)
        assert page.evaluate("getSelection().toString()") == words
        press(page, "c")
        # What is marked stays at hand, and is selected no more.
        until(page, "() => getSelection().isCollapsed")
        return target(page)

    assert browse(select_while_a_mark_arrives) == place
    assert sorted((span.start, span.end) for span in article.spans.all())[1] == place


def test_approving_with_a_change_in_sight_approves_the_change(annotator, visitor):
    article = make_article(text="Five people were hurt. Ten fled.")
    span = make_span(article, annotator, "claim", extent=Extent(0, 22))
    rev = visitor()
    rev.sign_in(make_user("rev", reviewer=True))

    def change_and_approve(page):
        page.goto(f"/review/?in_progress=on&span={span.uid}")
        page.keyboard.press("e")
        page.locator("[name=attr_claimant]").fill("The police")
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        said(page, "Approved with changes.")

    rev(change_and_approve)
    span.refresh_from_db()
    assert (span.state, span.amended) == ("approved", True)
    assert span.attributes["claimant"]["value"] == "The police"


def test_two_marks_on_a_dead_line_both_arrive_when_sent_again(annotator, browse):
    article = make_article(text="Five people were hurt. Ten fled.")
    browse.allow("ERR_FAILED", "htmx:error", "Failed to fetch")

    def mark_offline(page):
        page.goto(at(article))
        page.route("**/spans/", lambda route: route.abort())
        for words in ("Five people were hurt.", "Ten fled."):
            select(page, *extent_of(article, words))
            page.keyboard.press("c")
        page.get_by_text("That did not reach the server.").wait_for()
        page.unroute("**/spans/")
        page.get_by_role("button", name="Send it again").click()
        page.locator("#unsent").wait_for(state="hidden")

    browse(mark_offline)
    assert article.spans.count() == 2


def test_a_server_that_stumbles_says_so_and_keeps_the_deed(annotator, browse):
    article = make_article(text="Five people were hurt. Ten fled.")
    browse.allow("status of 500")

    def mark_through_a_500(page):
        page.goto(at(article))
        page.route("**/spans/", lambda route: route.fulfill(status=500, body="oh"))
        select(page, 0, 22)
        page.keyboard.press("c")
        page.get_by_text("That did not reach the server.").wait_for()
        page.wait_for_timeout(200)
        assert page.locator("#unsent").is_visible()
        page.unroute("**/spans/")
        page.get_by_role("button", name="Send it again").click()
        said(page, "Marked as claim.")

    browse(mark_through_a_500)
    assert article.spans.count() == 1


def test_the_same_words_take_two_labels_one_right_after_the_other(annotator, browse):
    article = make_article(text="“We won,” he said.")

    def press_two(page):
        page.goto(at(article))
        select(page, 0, 9)
        page.keyboard.press("c")
        page.keyboard.press("q")
        page.locator(".rows .row").nth(1).wait_for()

    browse(press_two)
    assert sorted(span.label.slug for span in article.spans.all()) == ["claim", "quote"]


def test_a_mark_that_was_taken_back_can_be_made_again(annotator, browse):
    article = make_article(text="Five people were hurt. Ten fled.")
    browse(lambda page: page.goto(at(article)))
    browse(lambda page: tag(page, 0, 22, "c"))
    browse(lambda page: (page.keyboard.press("u"), said(page, "Undone: marked.")))
    browse(lambda page: tag(page, 0, 22, "c"))
    assert sorted(article.spans.values_list("state", flat=True)) == ["proposed", "withdrawn"]

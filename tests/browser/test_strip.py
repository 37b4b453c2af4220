"""The attribute strip in real Chromium: a span's fields under its words, for a hand on the keys."""

import pytest

from annotations import actions
from annotations.actions import Change
from tests.browser.hand import (
    announced,
    answered,
    drag,
    extent_of,
    open_desk,
    press,
    press_keys,
    said,
    select,
    slow,
    target,
)
from tests.factories import make_article, make_deed, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "“We won by far,” said Anna Baker. “They lost,” she said. Donate now. Ten fled."
WON, LOST, DONATE = "“We won by far,”", "“They lost,”", "Donate now."
UNKNOWN = {"value": "unknown", "start": None, "end": None}


@pytest.fixture
def article(annotator):
    return make_article(TEXT, story="the-bridge")


def open_strip(page, article, span, key="Enter"):
    """Open the desk and the strip of that span, and wait until a field of it has the focus."""
    open_desk(page, article, span)
    open_here(page, key)


def open_here(page, key="Enter"):
    page.keyboard.press(key)
    page.locator("#strip-form :focus").wait_for()


def save(page, words="Edited."):
    page.keyboard.press("Control+Enter")
    said(page, words)
    page.locator("#strip-form").wait_for(state="detached")


def focused(page):
    return page.evaluate("document.activeElement.name || document.activeElement.id")


def dashed(page):
    """What is filled in and not confirmed: name -> value."""
    return page.evaluate("""() => Object.fromEntries(
      [...document.querySelectorAll("#strip-form [data-unconfirmed]")].map((field) => {
        const input = field.querySelector("input:checked, input:not([type=radio], [type=hidden])");
        const shown = getComputedStyle(input.closest(".pick") ?? input);
        return [input.name, shown.outlineStyle === "dashed" && input.value];
      }))""")


def test_enter_opens_it_under_the_words_and_saving_leads_back_to_the_text(article, browse):
    def fill(page):
        open_desk(page, article)
        select(page, *extent_of(article, LOST))
        press(page, "q")
        open_here(page)
        assert focused(page) == "attr_speaker"
        words = page.locator("#article mark").last.bounding_box()
        strip = page.locator("#strip-form").bounding_box()
        assert 0 <= strip["y"] - (words["y"] + words["height"]) < 24
        page.keyboard.type("she")
        save(page)
        return focused(page), target(page)

    assert browse(fill) == ("reading", extent_of(article, LOST))
    assert article.spans.get().attributes["speaker"]["value"] == "she"


def test_digits_choose_in_a_group_and_are_typed_in_a_field(article, annotator, browse):
    appeal = make_span(article, annotator, "boilerplate", text=DONATE)
    claim = make_span(article, annotator, "claim", text="Ten fled.")

    def fill(page):
        open_strip(page, article, appeal)
        assert focused(page) == "attr_kind"
        page.keyboard.press("3")
        save(page)
        page.keyboard.press("n")
        open_here(page)
        page.keyboard.type("12")
        page.keyboard.press("Tab")  # past "Take selection", which is not shown
        page.keyboard.press("2")
        save(page)

    browse(fill)
    appeal.refresh_from_db()
    claim.refresh_from_db()
    assert appeal.attributes == {"kind": "newsletter"}
    assert claim.attributes["claimant"]["value"] == "12"
    assert claim.attributes["worthiness"] == "unimportant"


def test_the_form_of_a_quote_is_filled_in_by_its_shape_and_stored_only_on_saving(
    article, annotator, browse
):
    span = make_span(article, annotator, "quote", text=WON, attributes={"speaker": UNKNOWN})
    browse(lambda page: open_strip(page, article, span))
    assert browse(dashed) == {"attr_form": "direct"}
    span.refresh_from_db()
    assert "form" not in span.attributes
    browse(save)
    span.refresh_from_db()
    assert span.attributes["form"] == "direct"


def test_speakers_complete_from_the_other_articles_of_the_story(article, annotator, browse):
    said_by = {"speaker": {"value": "Anna Baker", "start": None, "end": None}}
    span = make_span(article, annotator, "quote", text=WON)

    def offered(page):
        return page.evaluate("""() => {
          const list = document.querySelector("#strip-form [name=attr_speaker]").list;
          return [...list.options].map((option) => option.value);
        }""")

    browse(lambda page: open_strip(page, article, span))
    assert browse(offered) == []
    other = make_article("“We won,” she said.", story="the-bridge")
    make_span(other, annotator, "quote", text="“We won,”", attributes=said_by)
    strange = {"speaker": {"value": "Bob Carter", "start": None, "end": None}}
    make_span(make_article(story="another"), annotator, attributes=strange)
    browse(lambda page: (page.keyboard.press("Escape"), open_here(page)))
    assert browse(offered) == ["Anna Baker"]


def test_a_speaker_is_taken_from_the_text_by_marking_it(article, annotator, browse):
    span = make_span(article, annotator, "quote", text=WON)

    def take(page):
        open_strip(page, article, span)
        drag(page, *extent_of(article, "Anna Baker"))
        page.locator("#strip-form [data-take=attr_speaker]").click()
        page.locator("#strip-form [name=attr_speaker]").press("Control+Enter")
        said(page, "Edited.")

    browse(take)
    span.refresh_from_db()
    start, end = extent_of(article, "Anna Baker")
    assert span.attributes["speaker"] == {"value": "Anna Baker", "start": start, "end": end}


def test_a_point_fills_in_what_the_last_one_had_and_stores_it_on_saving(article, annotator, browse):
    had = {"speaker": UNKNOWN, "cue": {"value": "said", "start": None, "end": None}}
    make_span(article, annotator, "quote", text=WON, attributes={**had, "form": "direct"})
    span = make_span(article, annotator, "quote", text=LOST)
    browse(lambda page: open_strip(page, article, span, "."))
    filled = {"attr_speaker": "unknown", "attr_cue": "said", "attr_form": "direct"}
    assert browse(dashed) == filled
    span.refresh_from_db()
    assert span.attributes == {}
    browse(save)
    span.refresh_from_db()
    assert span.attributes == {**had, "form": "direct"}


def test_escape_leaves_nothing_stored_and_asks_where_something_was_typed(
    article, annotator, browse
):
    span = make_span(article, annotator, "quote", text=WON)
    asked, answers = [], iter(["dismiss", "accept"])

    def answer(dialog):
        asked.append(dialog.message)
        getattr(dialog, next(answers))()

    def leave(page):
        page.on("dialog", answer)
        open_strip(page, article, span)
        page.keyboard.press("Escape")
        assert not page.locator("#strip-form").count()
        assert asked == []
        open_here(page)
        page.keyboard.type("Anna")
        page.keyboard.press("Escape")
        kept = page.locator("#strip-form [name=attr_speaker]").input_value()
        page.keyboard.press("Escape")
        page.locator("#strip-form").wait_for(state="detached")
        return kept, focused(page)

    assert browse(leave) == ("Anna", "reading")
    assert len(asked) == 2
    assert span.events.count() == 1


def test_one_that_is_stale_shows_both_versions_and_keeps_what_was_typed(article, annotator, browse):
    span = make_span(article, annotator, "quote", text=WON)
    colleague = make_deed(make_user(annotator=True))
    browse.allow("status of 409")

    def type_and_save(page):
        open_strip(page, article, span)
        page.keyboard.type("Anna Baker")

    def try_to_save(page):
        page.keyboard.press("Control+Enter")
        page.locator("#strip-form .refused", has_text="has changed since you saw it").wait_for()
        rows = page.locator("#strip-form .compared tbody tr")
        shown = [rows.nth(at).locator("th, td").all_inner_texts() for at in range(rows.count())]
        kept = page.locator("#strip-form [name=attr_speaker]").input_value()
        page.locator("#strip-form [name=attr_speaker]").focus()
        return shown, kept

    browse(type_and_save)
    change = Change(attributes={"speaker": {"value": "A. Baker", "start": None, "end": None}})
    actions.edit(span=span.uid, seen=1, change=change, deed=colleague)
    shown, kept = browse(try_to_save)
    assert ["Speaker", "A. Baker", "Anna Baker"] in shown
    assert kept == "Anna Baker"
    browse(save)
    span.refresh_from_db()
    assert (span.attributes["speaker"]["value"], span.revision) == ("Anna Baker", 3)


@pytest.mark.parametrize("latency", [0, 150, 400, 800])
def test_what_is_typed_ahead_of_a_slow_line_goes_where_it_was_meant(article, browse, latency):
    def type_ahead(page):
        open_desk(page, article)
        slow(page, latency)
        press_keys(page, "j q Enter")
        page.keyboard.type("Putin", delay=20)
        press_keys(page, "Enter j c Enter")
        page.keyboard.type("The mayor", delay=20)
        press_keys(page, "Tab 2 Control+Enter j j b")
        answered(page)
        return page.locator("#notice .refused").count()

    assert browse(type_ahead) == 0
    quote, claim, appeal = article.spans.order_by("pk")
    assert [each.label.slug for each in (quote, claim, appeal)] == ["quote", "claim", "boilerplate"]
    assert quote.attributes["speaker"]["value"] == "Putin"
    assert claim.attributes["claimant"]["value"] == "The mayor"
    assert claim.attributes["worthiness"] == "unimportant"
    assert (quote.text, appeal.text) == (WON, "Ten fled.")
    assert appeal.attributes == {}


def hang(page):
    """From now on no strip comes; returns those that are asked for."""
    held = []
    page.route("**/*strip=1*", lambda route: held.append(route))
    return held


def test_while_a_strip_is_awaited_fields_and_other_keys_work_as_ever(article, annotator, browse):
    span = make_span(article, annotator, "quote", text=WON)

    def go_on_elsewhere(page):
        open_desk(page, article, span)
        held = hang(page)
        page.evaluate("""() => {
          window.stopped = [];
          addEventListener("keydown", (event) => {
            if (event.defaultPrevented) stopped.push(event.key);
          });
        }""")
        press_keys(page, "Enter Control+a Alt+x F2")
        assert page.evaluate("stopped") == ["Enter"]
        page.locator("#panel [name=attr_cue]").click()
        page.keyboard.type("said")
        held[0].continue_()
        answered(page)
        page.keyboard.type(" so")
        return page.locator("#panel [name=attr_cue]").input_value()

    assert browse(go_on_elsewhere) == "said so"


def test_a_strip_that_does_not_come_gives_the_keys_up_and_says_so(article, annotator, browse):
    span = make_span(article, annotator, "quote", text=WON)
    browse.allow("ERR_FAILED", "htmx:error", "Failed to fetch")

    def type_in_vain(page):
        open_desk(page, article, span)
        held = hang(page)
        page.keyboard.press("Enter")
        page.keyboard.type("Anna")
        page.locator("#progress").wait_for()
        held[0].abort()
        announced(page, "The form did not come. What you typed meanwhile was dropped: Anna")
        press_keys(page, "j c")  # and keys are keys again
        said(page, "Marked as claim.")

    browse(type_in_vain)
    span.refresh_from_db()
    assert (span.attributes, article.spans.count()) == ({}, 2)


def test_escape_gives_up_the_strip_that_is_awaited(article, annotator, browse):
    span = make_span(article, annotator, "quote", text=WON)

    def change_ones_mind(page):
        open_desk(page, article, span)
        slow(page, 200)
        press_keys(page, "Enter a b Escape")
        answered(page)
        assert not page.locator("#strip-form").count()
        page.keyboard.press("j")
        return target(page)

    assert browse(change_ones_mind) is not None
    assert article.spans.count() == 1


def test_what_is_entered_after_saving_is_another_deed(article, annotator, browse):
    span = make_span(article, annotator, "quote", text=WON)

    def save_twice(page):
        open_strip(page, article, span)
        slow(page, 300)
        page.keyboard.type("Anna")
        press_keys(page, "Control+Enter Control+Enter")
        page.locator("#strip-form [name=attr_speaker]").click()
        press_keys(page, "End")
        page.keyboard.type(" Baker")
        press_keys(page, "Control+Enter Control+Enter")
        answered(page)
        return page.locator("#notice .refused").count(), page.locator("#strip-form").count()

    assert browse(save_twice) == (0, 0)
    span.refresh_from_db()
    assert (span.attributes["speaker"]["value"], span.revision) == ("Anna Baker", 3)

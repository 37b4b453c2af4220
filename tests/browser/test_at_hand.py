"""One thing is at hand, in the text, in the list and for every key; and what shows that it is."""

import pytest

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from tests.browser.hand import (
    click_at,
    edges,
    extent_of,
    next_frame,
    open_desk,
    press,
    press_keys,
    said,
    target,
)
from tests.factories import make_article, make_span

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = (
    "The mayor said: “We won,” and later “They lost.” It rained all day.\n\n"
    "Ten fled at once. Two stayed at Acme Inc.\n\nTen fled at once, they said."
)
FLED, RAINED = "Ten fled at once.", "It rained all day."


@pytest.fixture
def article(annotator):
    return make_article(TEXT)


def live(article):
    return [span.text for span in article.spans.order_by("start", "pk") if span.live]


def test_what_has_the_focus_in_the_list_is_what_a_key_acts_on(article, annotator, browse):
    make_span(article, annotator, "claim", text=RAINED)
    make_span(article, annotator, "claim", text=FLED)

    def walk(page):
        open_desk(page, article)
        page.locator("[role=row] a").first.click()
        page.locator("[role=row] a").first.focus()
        press_keys(page, "j x")
        said(page, "Withdrawn.")

    browse(walk)
    assert live(article) == [RAINED]


def test_a_click_in_a_long_span_leaves_the_page_where_it_is(annotator, browse):
    article = make_article("Word upon word it goes on. " * 400)
    make_span(article, annotator, "claim", extent=Extent(0, len(article.text) - 1))

    def click(page):
        open_desk(page, article)
        page.evaluate("scrollTo(0, 900)")
        page.mouse.click(400, 400)
        page.locator("#panel [data-open]").wait_for()
        return page.evaluate("scrollY")

    assert browse(click) == 900


def test_a_letter_does_no_deed_while_a_choice_has_the_focus(article, annotator, browse):
    span = make_span(article, annotator, "boilerplate", text=FLED)

    def choose(page):
        open_desk(page, article, span)
        page.keyboard.press("Enter")
        page.locator("#strip-form input[type=radio]").first.wait_for()
        press_keys(page, "3 x j c Enter")
        said(page, "Edited.")

    browse(choose)
    span.refresh_from_db()
    assert (span.state, span.attributes["kind"]) == (State.PROPOSED, "newsletter")
    assert live(article) == [FLED]


def test_e_takes_hold_of_what_was_just_marked(article, annotator, browse):
    def mark(page):
        open_desk(page, article)
        press_keys(page, "j j")
        press(page, "c")
        press_keys(page, "e ArrowLeft ArrowLeft Enter")
        said(page, "Edited.")

    browse(mark)
    assert live(article) == ["It rained"]


def test_escape_lets_go_of_the_mark_and_then_of_its_sentence(article, browse):
    def let_go(page):
        open_desk(page, article)
        page.keyboard.press("j")
        press(page, "q")
        yield target(page)
        page.keyboard.press("Escape")
        press_keys(page, "e ArrowLeft Escape")
        yield target(page)
        page.keyboard.press("Escape")
        yield target(page)

    sentence = extent_of(article, "The mayor", "lost.”")
    assert list(browse(lambda page: list(let_go(page)))) == [sentence, sentence, None]


def test_enter_in_the_search_goes_on_and_with_shift_back(article, browse):
    def search(page):
        open_desk(page, article)
        page.keyboard.press("/")
        page.keyboard.type("ten fled")
        for key in ("Enter", "Enter", "Shift+Enter"):
            page.keyboard.press(key)
            yield page.locator("#find output").inner_text()

    assert list(browse(lambda page: list(search(page)))) == ["1 of 2", "2 of 2", "1 of 2"]


def test_words_that_are_typed_in_are_what_a_label_takes(article, browse):
    def type_in(page):
        open_desk(page, article)
        page.keyboard.press("j")
        page.locator(".deeds-menu > summary").click()
        page.locator(".by-hand > summary").click()
        page.get_by_label("Words").last.fill("It rained")
        page.get_by_role("button", name="Claim", exact=False).first.click()
        said(page, "Marked as claim.")

    browse(type_in)
    assert live(article) == ["It rained"]


def test_the_words_under_the_strip_make_room_for_it(article, annotator, browse):
    span = make_span(article, annotator, "quote", text="“We won,”")

    def look(page):
        open_desk(page, article, span)
        page.keyboard.press("Enter")
        page.locator("#strip-form").wait_for()
        next_frame(page)
        strip = page.locator("#strip-form").bounding_box()
        yield page.locator("#p1").bounding_box()["y"] >= strip["y"] + strip["height"]
        page.keyboard.press("Escape")
        next_frame(page)
        yield page.evaluate("document.getElementById('p0').style.marginBottom")

    assert list(browse(lambda page: list(look(page)))) == [True, ""]


def test_an_armed_label_tags_the_word_of_a_double_click_though_one_goes_on_by_key(article, browse):
    def arm(page):
        open_desk(page, article)
        page.keyboard.press("Shift+C")
        click_at(page, extent_of(article, "rained")[0] + 1, count=2)
        page.keyboard.press("j")
        page.locator("[role=row][data-drawn]").wait_for()

    browse(arm)
    assert live(article) == ["rained"]


def test_caps_lock_changes_no_key(article, browse):
    def press_with_caps_lock(page):
        open_desk(page, article)
        for key in "JJ":
            page.keyboard.down(key)
            page.keyboard.up(key)
        return target(page)

    # Playwright sends the letter alone, as Caps Lock does: no Shift is down.
    assert browse(press_with_caps_lock) == extent_of(article, RAINED)


def test_control_z_undoes_where_the_layout_is_not_latin(article, browse):
    def undo(page):
        open_desk(page, article)
        page.keyboard.press("j")
        press(page, "c")
        page.evaluate("""() => document.getElementById("reading").dispatchEvent(
          new KeyboardEvent("keydown",
            { key: "я", code: "KeyZ", ctrlKey: true, bubbles: true }))""")
        said(page, "Undone: marked.")

    browse(undo)
    assert live(article) == []


def test_a_claim_keeps_the_full_stop_of_an_abbreviation(article, browse):
    def mark(page):
        open_desk(page, article)
        press_keys(page, "j j j j")
        press(page, "c")

    browse(mark)
    assert live(article) == ["Two stayed at Acme Inc."]


def test_after_the_last_span_there_is_no_further_one(article, annotator, browse):
    make_span(article, annotator, "claim", text=RAINED)

    def walk(page):
        open_desk(page, article)
        press_keys(page, "j j j n")
        page.locator("#told", has_text="There is no further span.").wait_for()
        before = target(page)
        page.keyboard.press("p")
        page.locator("#panel [data-open]").wait_for()
        return before, target(page)

    ten_fled = extent_of(article, FLED)
    assert browse(walk) == (ten_fled, extent_of(article, RAINED))


def test_hovering_one_side_lights_the_other(article, annotator, browse):
    make_span(article, annotator, "claim", text=RAINED)

    def hover(page):
        open_desk(page, article)
        page.locator("[role=row]").hover()
        yield page.locator("#article mark.lit").inner_text()
        page.mouse.move(5, 5)
        page.mouse.move(*edges(page, *extent_of(article, RAINED))[0])
        yield page.locator("[role=row].lit .words").inner_text()

    assert list(browse(lambda page: list(hover(page)))) == [RAINED, RAINED]


def test_a_click_on_a_bar_opens_its_span(article, annotator, browse):
    paragraph = Extent(*extent_of(article, FLED, "Inc."))
    span = make_span(article, annotator, "boilerplate", extent=paragraph)

    def click(page):
        open_desk(page, article)
        page.locator("#p1 .bar").click(position={"x": 1, "y": 20})
        return page.locator("#panel [data-open]").get_attribute("data-open")

    assert browse(click) == str(span.uid)


def test_a_suggestion_is_accepted_and_dismissed_by_key(article, annotator, browse):
    taken = make_span(article, label="claim", text=RAINED, state=State.SUGGESTED)
    dropped = make_span(article, label="claim", text=FLED, state=State.SUGGESTED)

    def decide(page):
        open_desk(page, article)
        press_keys(page, "n a")
        said(page, "Accepted.")
        press_keys(page, "n x")
        said(page, "Dismissed.")

    browse(decide)
    taken.refresh_from_db()
    dropped.refresh_from_db()
    assert (taken.state, taken.author) == (State.PROPOSED, annotator)
    assert (dropped.state, dropped.author) == (State.DISMISSED, None)


def test_all_like_this_is_one_deed_and_one_undo(article, annotator, browse):
    span = make_span(article, annotator, "claim", text="Ten fled at once")

    def mark(page):
        open_desk(page, article, span)
        page.keyboard.press("g")
        page.locator("#like .main:focus", has_text="Mark this one").wait_for()
        page.keyboard.press("Enter")
        said(page, "Marked as claim.")
        yield len(live_rows(page))
        page.keyboard.press("u")
        said(page, "Undone: marked")
        yield len(live_rows(page))

    def live_rows(page):
        return page.locator("[role=row][data-drawn]").all()

    assert list(browse(lambda page: list(mark(page)))) == [2, 1]


def test_the_sheet_tells_every_key_and_what_each_label_is_for(article, browse):
    def read(page):
        open_desk(page, article)
        page.keyboard.press("?")
        keys = page.locator("#help kbd").all_inner_texts()
        guidelines = page.locator("#help .guidelines p").all_inner_texts()
        usable = page.evaluate("""[...document.querySelectorAll("[data-key]")]
          .flatMap((each) => each.dataset.key.split(" "))""")
        return keys, guidelines, usable

    keys, guidelines, usable = browse(read)
    assert len(guidelines) == 3
    assert all(len(guideline) > 100 for guideline in guidelines)
    wanted = "j k n p u m / ? c q b 1 z v a x o w . e g".split()
    assert set(wanted) <= set(keys)
    assert {*wanted, "J", "K", "U", "Enter", "Escape"} <= set(usable)


def test_submitting_asks_where_something_is_lacking(article, annotator, browse):
    make_span(article, annotator, "quote", text="“We won,”")
    asked = []

    def submit(page):
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        open_desk(page, article)
        page.get_by_role("button", name="Submit article").click()
        next_frame(page)

    browse(submit)
    article.refresh_from_db()
    assert article.state == "in_progress"
    assert len(asked) == 1
    assert asked[0].startswith("One span lacks something")


def test_paper_gets_the_text_and_the_list_and_nothing_to_press(article, annotator, browse):
    make_span(article, annotator, "claim", text=RAINED)

    def look(page):
        open_desk(page, article)
        page.emulate_media(media="print")
        parts = [
            "#article",
            "[role=row]",
            ".markbar",
            ".site",
            "#article-form",
            ".comments summary",
        ]
        return [part for part in parts if page.locator(part).first.is_visible()]

    assert browse(look) == ["#article", "[role=row]"]


def test_a_suggestion_keeps_the_pattern_of_its_label_without_colours(article, annotator, visitor):
    make_span(article, label="claim", text=RAINED, state=State.SUGGESTED)
    make_span(article, label="quote", text="“We won,”", state=State.SUGGESTED)
    browse = visitor(forced_colors="active")
    browse.sign_in(annotator)

    def look(page):
        open_desk(page, article)
        return page.evaluate("""[...document.querySelectorAll("#article mark span")]
          .map((line) => getComputedStyle(line))
          .map((look) => [look.textDecorationStyle, look.outlineStyle])""")

    assert browse(look) == [["solid", "dashed"], ["wavy", "dashed"]]

"""The screens for everyone, in real Chromium: judged by axe, told, and walked without a mouse."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState, State
from annotations.domain.units import units
from tests.browser.hand import announced, extent_of, open_desk, press, press_keys, said
from tests.factories import load_labels, make_article, make_comment, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)
NASTY = Path(__file__).parent.parent / "data/nasty/texts.jsonl"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
APPEAL = " ".join(["Support our work: donate today."] * 30)
TEXT = (
    "The mayor said: “We won by far,” and later “They lost.” It rained all day.\n\n"
    f"{APPEAL} Ten fled at once.\n\nTwo stayed at home."
)
WON, LOST = "“We won by far,”", "“They lost.”"


@pytest.fixture
def annotator(browse):
    load_labels()
    person = make_user("ann", annotator=True, reviewer=True)
    browse.sign_in(person)
    return person


@pytest.fixture
def article(annotator):
    """With spans in every state that is drawn: nested, overlapping, and over a paragraph."""
    article = make_article(TEXT, title="The bridge", outlet="Post", story="the-bridge")
    make_span(article, annotator, "quote", text=WON)
    make_span(article, annotator, "claim", extent=Extent(*extent_of(article, "We won", "They")))
    make_span(article, annotator, "boilerplate", extent=Extent(*extent_of(article, "The", LOST)))
    make_span(article, annotator, "claim", text=LOST, state=State.APPROVED)
    make_span(article, annotator, "claim", text="It rained all day.", state=State.SENT_BACK)
    make_span(article, label="claim", text="Ten fled at once.", state=State.SUGGESTED)
    paragraph = Extent(*extent_of(article, "Support", "at once."))
    make_span(article, annotator, "boilerplate", extent=paragraph)
    make_span(article, annotator, "claim", text="home", state=State.REJECTED)
    return article


def faults(page, where):
    """What axe finds on the page as it is, in light and dark, wide and at 360 pixels."""
    found = []
    for size, scheme in ((WIDE, "light"), (WIDE, "dark"), (NARROW, "dark"), (NARROW, "light")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for each in Axe().run(page, options=RULES).response["violations"]:
            for node in each["nodes"]:
                place = (where, size["width"], scheme, each["id"])
                found.append((*place, node["html"], node["failureSummary"]))
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], where
    page.set_viewport_size(WIDE)
    return found


def test_axe_finds_nothing_on_the_desk(article, annotator, browse):
    span = article.spans.get(text__startswith=APPEAL)
    make_comment(article, span)
    make_comment(article)

    def judge(page):
        open_desk(page, article, span)
        page.locator(".panel .guideline summary").click()
        yield from faults(page, "panel")
        page.locator("#reading").focus()
        page.keyboard.press("Enter")
        page.locator("#strip-form :focus").wait_for()
        yield from faults(page, "strip")
        press_keys(page, "Escape n Shift+J")
        page.locator("#panel[data-rests]").wait_for()
        page.locator(".deeds-menu > summary").click()
        yield from faults(page, "menu, and a panel that rests")
        page.locator(".deeds-menu > summary").click()
        page.keyboard.press("?")
        page.locator("#help").wait_for()
        yield from faults(page, "help")

    assert browse(lambda page: list(judge(page))) == []


def test_axe_finds_nothing_in_the_library_and_in_the_review(article, annotator, browse):
    make_article(title="The dam", state=ArticleState.SUBMITTED, annotator=annotator)
    make_article(title="The flood", state=ArticleState.SET_ASIDE, annotator=annotator)
    waiting = make_article("“We won,” she said. Ten fled.", state=ArticleState.OPEN)
    make_span(waiting, label="quote", text="“We won,”")
    settled = make_article("Nobody came.", state=ArticleState.SUBMITTED)

    def judge(page):
        page.goto("/")
        yield from faults(page, "library")
        page.goto("/review/?in_progress=on")
        page.locator(".card").wait_for()
        yield from faults(page, "review")
        page.keyboard.press("x")
        yield from faults(page, "reasons")
        page.goto("/review/?in_progress=on&filters=on")
        yield from faults(page, "filters, an answered span")
        page.goto(f"/review/?sign={settled.slug}")
        page.locator("#sign-form").wait_for()
        yield from faults(page, "sign-off")
        page.goto("/review/list/?in_progress=on")
        page.locator("[value=approve]:disabled").wait_for()
        yield from faults(page, "several")

    assert browse(lambda page: list(judge(page))) == []


def test_forced_colours_leave_the_lines_under_the_words_and_the_target_visible(
    article, annotator, visitor
):
    browse = visitor(forced_colors="active")
    browse.sign_in(annotator)

    def look_at(page):
        open_desk(page, article)
        lines = page.evaluate("""() => [...document.querySelectorAll("#article mark span")]
          .map((line) => getComputedStyle(line))
          .map((look) => [look.textDecorationLine, look.textDecorationColor])""")
        bars = page.evaluate("""() => [...document.querySelectorAll("#article .bar")]
          .map((bar) => ["bar", getComputedStyle(bar).borderLeftColor])""")
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.keyboard.press("j")
        return lines, bars, paper, page.evaluate("getSelection().toString()")

    lines, bars, paper, shown = browse(look_at)
    # What was sent back has a line above as well: its hatching goes with the colours.
    assert {kind for kind, _ in lines} == {"underline", "underline overline"}
    assert len(bars) == 1
    assert paper not in {colour for _, colour in [*lines, *bars]}
    # Highlights have no colour of their own there; a selection has the system's.
    assert shown == units(article.text).sentences[0].of(article.text)


def test_the_list_is_a_grid_with_one_tab_stop_and_the_row_in_focus_lights_its_words(
    article, browse
):
    spans = list(article.spans.order_by("start", "-end", "pk"))

    def focused(page):
        """Which row has the focus, and the words that are lit."""
        return page.evaluate("""() => {
          const links = [...document.querySelectorAll("[role=grid] > * > [role=row] a")];
          const stops = links.filter((link) => link.tabIndex === 0);
          if (stops.length !== 1 || stops[0] !== document.activeElement) return null;
          const lit = [...document.querySelectorAll("#article .lit")];
          return [links.indexOf(stops[0]), lit.map((part) => part.textContent).join("").trimEnd()];
        }""")

    def walk(page):
        open_desk(page, article)
        page.locator("#reading").focus()
        while not page.evaluate("document.activeElement.closest('[role=grid]')"):
            page.keyboard.press("Tab")
        yield focused(page)
        for key in ("ArrowDown", "ArrowDown", "End", "ArrowDown", "ArrowUp", "Home", "j"):
            page.keyboard.press(key)
            yield focused(page)

    last = len(spans) - 1
    drawn = [span.text if span.state != "rejected" else "" for span in spans]
    order = [0, 1, 2, last, last, last - 1, 0, 1]
    assert browse(lambda page: list(walk(page))) == [[at, drawn[at]] for at in order]


def test_it_is_told_what_is_at_hand_how_it_is_marked_and_what_was_done(article, browse):
    def listen(page):
        open_desk(page, article)
        page.keyboard.press("j")
        announced(page, "sentence 1 of")
        first = page.locator("#announced").inner_text()
        assert page.locator("#announced").get_attribute("aria-live") == "polite"
        page.keyboard.press("z")
        page.keyboard.press("j")
        page.keyboard.press("j")
        announced(page, "paragraph 3 of 3. Two stayed at home.")
        press(page, "c")
        assert page.locator("#notice").get_attribute("aria-live") == "polite"
        said(page, "Marked as claim.")
        return first

    told = browse(listen)
    assert TEXT.partition(" It rained")[0] in told
    assert told.endswith(
        "Marked: Claim, approved; Quote, proposed, needs speaker; Claim, proposed; "
        "Boilerplate, proposed, needs kind."
    )


@pytest.fixture
def arabic(annotator):
    lines = NASTY.read_text("utf-8").split("\n")
    case = next(case for case in map(json.loads, filter(None, lines)) if case["id"] == "arabic")
    return make_article(case["text"], language="ar")


def test_a_text_from_right_to_left_is_walked_and_marked_by_key(arabic, browse):
    found = units(arabic.text, "ar")

    def mark(page):
        open_desk(page, arabic)
        assert page.locator("#p0:dir(rtl)").count()
        page.keyboard.press("j")
        press(page, "q")
        page.keyboard.press("j")
        press(page, "c")

    browse(mark)
    marked = arabic.spans.order_by("start").values_list("label__slug", "start", "end", "text")
    quotation, sentence = found.quotations[0], found.sentences[1]
    without_its_stop = Extent(sentence.start, sentence.end - 1)
    assert list(marked) == [
        (label, each.start, each.end, each.of(arabic.text))
        for label, each in (("quote", quotation), ("claim", without_its_stop))
    ]


def test_the_arrows_move_an_end_to_where_they_point_in_a_text_from_right_to_left(arabic, browse):
    sentence = units(arabic.text, "ar").sentences[1].of(arabic.text)

    def trim(page):
        open_desk(page, arabic)
        press_keys(page, "j j e ArrowRight Enter")  # its end lies on the left
        press(page, "c")

    browse(trim)
    assert arabic.spans.get().text == sentence.removesuffix(".")

"""Marking by mouse and finger in real Chromium: what is pointed at is what is stored."""

import json
from pathlib import Path

import pytest

from annotations.domain.extents import Extent
from annotations.domain.text import clean
from annotations.models import Span
from tests.browser.hand import (
    choose,
    click_at,
    drag,
    draw,
    edges,
    extent_of,
    next_frame,
    open_desk,
    press,
    said,
    select,
    target,
    until,
)
from tests.factories import load_labels, make_article, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)
NASTY = Path(__file__).parent.parent / "data/nasty/texts.jsonl"
TEXTS = [json.loads(line) for line in NASTY.read_text("utf-8").split("\n") if line]
TEXT = (
    "The mayor said: “We won,” and later “They lost.” It rained all day.\n\n"
    "Ten fled at once. Two stayed at home."
)
RAINED, FLED = "It rained all day.", "Ten fled at once."


@pytest.fixture
def article(annotator):
    return make_article(TEXT)


def words_of(article, extent):
    return article.text[slice(*extent)]


def test_every_nasty_text_is_shown_exactly_and_the_mouse_stores_each_span_exactly(
    annotator, browse
):
    """None is left out: each has boxes to take hold of, and lies where words begin and end."""
    for case in TEXTS:
        if case["expect"] != "ok":
            continue
        cleaned = clean(case["text"])
        article = make_article(text=case["text"], slug=f"nasty-{case['id']}")
        places = [
            (span["label"][0], cleaned.moved(span["start"]), cleaned.moved(span["end"]))
            for span in case["spans"]
        ]

        def mark(page, article=article, places=places):
            open_desk(page, article)
            shown = page.evaluate("document.getElementById('article').textContent")
            for key, start, end in places:
                drag(page, start, end)
                press(page, key)
            return shown

        assert browse(mark) == cleaned.text, case["id"]
        stored = article.spans.order_by("pk").values_list("start", "end", "text")
        assert list(stored) == [
            (start, end, cleaned.text[start:end]) for _, start, end in places
        ], case["id"]


def test_a_drag_takes_whole_words_but_with_alt_or_after_shift_z_characters(article, browse):
    half = extent_of(article, "ter “They lo")

    def draw_again_and_again(page):
        open_desk(page, article)
        yield drawn(page, alt=False)
        yield drawn(page, alt=True)
        page.keyboard.press("Shift+Z")
        yield drawn(page, alt=False)
        yield drawn(page, alt=True)
        page.reload()  # the choice is kept
        yield drawn(page, alt=False)

    def drawn(page, alt):
        page.keyboard.press("Escape")
        drag(page, *half, alt=alt)
        return words_of(article, target(page))

    whole, exact = "later “They lost", "ter “They lo"
    assert browse(lambda page: list(draw_again_and_again(page))) == [
        whole,
        exact,
        exact,
        whole,
        exact,
    ]


def test_a_drag_that_leaves_the_text_or_comes_from_outside_ends_where_the_text_does(
    article, browse
):
    def draw_over_the_edge(page):
        open_desk(page, article)
        head, below = page.locator("h1").bounding_box(), page.locator("#article").bounding_box()
        outside = (head["x"] + 1, head["y"] + 2)
        under = (below["x"] + 300, below["y"] + below["height"] + 60)
        _, later = edges(page, *extent_of(article, "later"))
        _, stayed = edges(page, *extent_of(article, "sta"))
        for begin, finish in ((later, outside), (outside, later), (stayed, under), (under, stayed)):
            page.keyboard.press("Escape")
            draw(page, begin, finish)
            yield words_of(article, target(page))

    upper, lower = TEXT[: TEXT.index(" “They")], "stayed at home."
    assert browse(lambda page: list(draw_over_the_edge(page))) == [upper, upper, lower, lower]


def test_a_click_takes_the_sentence_a_double_one_the_word_a_triple_one_the_paragraph(
    article, browse
):
    def click(page):
        open_desk(page, article)
        for count in (1, 2, 3):
            page.keyboard.press("Escape")
            assert target(page) is None
            click_at(page, article.text.index("rained") + 2, count)
            yield words_of(article, target(page))
        press(page, "b")

    paragraph = TEXT.split("\n\n")[0]
    assert browse(lambda page: list(click(page))) == [RAINED, "rained", paragraph]
    assert article.spans.get().text == paragraph


def test_a_span_may_go_over_paragraphs(article, browse):
    place = extent_of(article, RAINED, FLED)

    def mark(page):
        open_desk(page, article)
        drag(page, *place)
        press(page, "c")
        return page.locator("#article").evaluate("(text) => text.textContent")

    assert browse(mark) == TEXT
    assert article.spans.get().text == f"{RAINED}\n\n{FLED}"


def test_a_selection_within_a_grapheme_takes_it_whole(annotator, browse):
    family, accented, flag = "👨\u200d👩\u200d👧", "e\u0301", "🇺🇦"
    article = make_article(f"A family: {family}, at the caf{accented} of {flag}.")

    def choose_within(page):
        open_desk(page, article)
        for part in ("👩", "\u0301", flag[1]):
            at = article.text.index(part)
            choose(page, at, at + 1)
            next_frame(page)
            yield words_of(article, target(page))

    assert browse(lambda page: list(choose_within(page))) == [family, accented, flag]


def test_nothing_is_written_before_a_label_is_chosen(article, browse):
    sent = []

    def point(page):
        open_desk(page, article)
        page.on("request", lambda request: sent.append(request.method))
        click_at(page, 5)
        drag(page, 20, 30)
        page.keyboard.press("Escape")
        click_at(page, 5, 3)
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.keyboard.press("c")  # nothing is at hand: it says what to do
        page.locator("#told", has_text="Choose words first").wait_for()

    browse(point)
    assert "POST" not in sent
    assert not Span.objects.exists()


def test_an_armed_label_tags_on_release_until_it_is_disarmed(article, browse):
    sent = []

    def draw_armed(page):
        open_desk(page, article)
        page.keyboard.press("Shift+C")
        page.locator("#told", has_text="Claim is armed").wait_for()
        drag(page, *extent_of(article, RAINED))
        page.locator("[data-drawn]").nth(0).wait_for()
        drag(page, *extent_of(article, FLED))
        page.locator("[data-drawn]").nth(1).wait_for()
        page.keyboard.press("Shift+C")
        page.locator("#told", has_text="No label is armed").wait_for()
        page.on("request", lambda request: sent.append(request.method))
        drag(page, *extent_of(article, "Two stayed"))
        return words_of(article, target(page))

    assert browse(draw_armed) == "Two stayed"
    assert "POST" not in sent
    marked = article.spans.order_by("pk").values_list("label__slug", "text")
    assert list(marked) == [("claim", RAINED), ("claim", FLED)]


def test_words_that_were_tagged_stay_at_hand_without_being_selected(article, browse):
    place = extent_of(article, "“We won,”")

    def tag_twice(page):
        open_desk(page, article)
        drag(page, *place)
        press(page, "c")
        until(page, "() => getSelection().isCollapsed")
        at_hand = target(page)
        press(page, "q")
        return at_hand

    assert browse(tag_twice) == place
    marked = article.spans.order_by("pk").values_list("label__slug", "start", "end")
    assert list(marked) == [("claim", *place), ("quote", *place)]


def test_a_click_opens_the_shortest_span_and_again_the_next_outer_one(annotator, browse):
    article = make_article(text="He said: “We will, as ever, win.” So be it.")
    outer = make_span(article, annotator, "claim", extent=Extent(0, 33))
    inner = make_span(article, annotator, "quote", extent=Extent(9, 33))

    def click(page):
        open_desk(page, article)
        for uid in (inner.uid, outer.uid, inner.uid):
            click_at(page, 12)
            page.locator(f"#panel [data-open='{uid}']").wait_for()

    browse(click)


def test_a_finger_takes_units_moves_the_ends_by_words_and_tags(phone):
    load_labels()
    phone.sign_in(make_user("ann", annotator=True))
    article = make_article(TEXT)

    def tap(page):
        open_desk(page, article)
        for words in ("rained", "Ten"):
            page.touchscreen.tap(*edges(page, *extent_of(article, words))[0])
            yield words_of(article, target(page))
        for name in ("Start a word later", "End a word earlier", "End a word earlier"):
            page.get_by_role("button", name=name).tap()
        yield words_of(article, target(page))
        page.get_by_role("button", name="Claim").tap()
        said(page, "Marked as claim.")
        page.touchscreen.tap(*edges(page, *extent_of(article, "stayed"))[0])
        page.touchscreen.tap(*edges(page, *extent_of(article, "stayed"))[0])
        yield target(page)
        select(page, *extent_of(article, "stayed"))  # as a long press leaves it
        page.get_by_role("button", name="Boilerplate").tap()
        said(page, "Marked as boilerplate.")

    seen = phone(lambda page: list(tap(page)))
    both = f"{RAINED}\n\n{FLED}"
    assert seen == [RAINED, both, both.removeprefix("It ").removesuffix(" once."), None]
    stored = [span.text for span in article.spans.order_by("pk")]
    assert stored == [seen[2], "stayed"]

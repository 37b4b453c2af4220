"""What others do meanwhile, in real Chromium: it appears, and disturbs nothing one is at."""

import pytest

from annotations import actions
from annotations.actions import Change
from annotations.domain.extents import Extent
from tests.browser.hand import (
    edges,
    extent_of,
    look,
    next_frame,
    open_desk,
    press,
    select,
    tag,
    target,
    until,
)
from tests.factories import (
    load_labels,
    make_article,
    make_comment,
    make_deed,
    make_span,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)
WON, FLED = "“We won,”", "Ten fled."
TEXT = "\n\n".join(
    [f"{WON} said Anna Baker. {FLED}", *["It rained all day long."] * 60, "Two stayed."]
)


@pytest.fixture
def annotator(browse):
    load_labels()
    person = make_user("ann", annotator=True)
    browse.sign_in(person)
    return person


@pytest.fixture
def colleague(annotator):
    return make_user("col", annotator=True)


@pytest.fixture
def article(annotator):
    return make_article(TEXT)


def row(page, span):
    return page.locator(f"#span-{span.uid}")


def rename(span, speaker, colleague):
    """Let a colleague say who spoke."""
    change = Change(attributes={"speaker": {"value": speaker, "start": None, "end": None}})
    actions.edit(span=span.uid, seen=span.revision, change=change, deed=make_deed(colleague))


def test_a_colleagues_mark_appears_and_my_selection_and_place_stay(article, colleague, browse):
    place = extent_of(article, "Two stayed.")

    def go_down(page):
        open_desk(page, article)
        words = select(page, *place)
        page.evaluate("scrollTo({ top: 700, behavior: 'instant' })")
        return words, page.evaluate("[scrollY, getSelection().toString()]"), target(page)

    def hear(page):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        row(page, span).wait_for(state="attached")
        return words_and_place(page)

    def words_and_place(page):
        return page.evaluate("[scrollY, getSelection().toString()]"), target(page)

    words, *before = browse(go_down)
    span = make_span(article, colleague, "claim", text=FLED)
    near = Extent(place[0] - 30, place[0] + 3)  # and one over the words that I have selected
    other = make_span(article, colleague, "claim", extent=near)
    after = browse(hear)
    browse(lambda page: row(page, other).wait_for(state="attached"))
    assert browse(words_and_place) == after == tuple(before)
    assert before == [[700, words], place]
    assert browse(
        lambda page: page.locator(f"mark[data-spans~='{span.uid}']").all_inner_texts()
    ) == [FLED]


def test_a_colleagues_mark_leaves_the_field_and_the_words_i_am_typing(article, colleague, browse):
    mine = make_span(article, label="quote", text=WON)

    def type_half(page):
        open_desk(page, article, mine)
        select(page, *extent_of(article, "Anna Baker"))
        page.locator("#panel [name=attr_speaker]").click()
        page.keyboard.type("Anna Ba")
        page.keyboard.press("ArrowLeft")

    def hear_and_go_on(page):
        look(page)
        row(page, span).wait_for(state="attached")
        page.keyboard.type("x")
        return page.locator("#panel [name=attr_speaker]").input_value()

    browse(type_half)
    span = make_span(article, colleague, "claim", text=FLED)
    assert browse(hear_and_go_on) == "Anna Bxa"


def test_a_panel_shows_what_a_colleague_changed_unless_i_have_typed_there(
    article, colleague, browse
):
    span = make_span(article, label="quote", text=WON)

    def hear(page):
        look(page)
        field = page.locator("#panel [name=attr_speaker]")
        until(
            page, "() => document.querySelector('#panel [name=attr_speaker]').value === 'A. Baker'"
        )
        assert not page.locator("[data-newer]").is_visible()
        field.fill("Anna")
        page.locator("h1").click()

    def hear_with_words_typed(page):
        look(page)
        page.get_by_text("A colleague has changed this span meanwhile.").wait_for()
        return page.locator("#panel [name=attr_speaker]").input_value()

    browse(lambda page: open_desk(page, article, span))
    rename(span, "A. Baker", colleague)
    browse(hear)
    span.refresh_from_db()
    rename(span, "Ms Baker", colleague)
    assert browse(hear_with_words_typed) == "Anna"


def test_nothing_is_drawn_anew_where_nothing_has_changed(article, colleague, browse):
    make_span(article, colleague, "claim", text=FLED)

    def look_twice(page):
        open_desk(page, article)
        page.evaluate("""() => {
          window.drawn = 0;
          const observer = new MutationObserver((changes) => (window.drawn += changes.length));
          for (const part of document.querySelectorAll("#head, #article, .side"))
            observer.observe(part, { childList: true, subtree: true });
        }""")
        look(page)
        look(page)
        return page.evaluate("window.drawn")

    assert browse(look_twice) == 0
    make_span(article, colleague, "claim", text=WON)
    assert browse(lambda page: look(page) or page.evaluate("window.drawn")) > 0


def test_what_the_mouse_is_drawing_goes_on_when_the_page_has_looked(article, browse):
    place = extent_of(article, WON, "Baker. Ten")

    def draw_backwards(page):
        open_desk(page, article)
        finish, begin = edges(page, *place)
        page.mouse.move(*begin)
        page.mouse.down()
        page.mouse.move((begin[0] + finish[0]) / 2, begin[1], steps=3)
        look(page)
        page.mouse.move(*finish, steps=3)
        page.mouse.up()
        next_frame(page)
        return target(page)

    assert browse(draw_backwards) == place


def test_the_back_button_shows_the_spans_of_today(article, colleague, browse):
    mine = make_span(article, label="claim", text=FLED)

    def leave(page):
        open_desk(page, article)
        row(page, mine).wait_for()
        page.get_by_role("link", name="Library").click()
        page.get_by_role("heading", name="Library").wait_for()

    def come_back(page):
        page.go_back()
        row(page, theirs).wait_for()
        select(page, *extent_of(article, "Two stayed."))
        press(page, "c")  # and the page works
        page.goto("/")
        page.go_back()
        page.locator(".row").nth(2).wait_for(timeout=3_000)  # not with the next poll

    browse(leave)
    theirs = make_span(article, colleague, "quote", text=WON)
    browse(come_back)


def test_who_marks_the_same_words_in_another_tab_is_told_of_the_twin(article, browse):
    place = extent_of(article, FLED)
    browse.allow("status of 409")

    def mark_twice(page):
        open_desk(page, article)
        other = page.context.new_page()
        open_desk(other, article)
        tag(page, *place, "c")
        select(other, *place)
        other.keyboard.press("c")
        return other.locator("#notice .refused").inner_text()

    assert "already marked" in browse(mark_twice).lower()
    assert article.spans.count() == 1


def test_what_a_colleague_says_appears_and_leaves_what_i_am_writing(article, colleague, browse):
    span, other = (make_span(article, colleague, "claim", text=words) for words in (WON, FLED))
    before = make_comment(article, span, author=colleague, text="Whose words?")

    def write(page):
        open_desk(page, article, span)
        page.locator(f"#say-{before.uid} summary").click()
        page.locator(f"#say-{before.uid}-text").click()
        page.keyboard.type("Hers, I thi")
        page.keyboard.press("ArrowLeft")

    def hear_and_go_on(page):
        look(page)
        page.locator(f"#comments-{span.uid} .said", has_text="And when?").wait_for()
        page.locator("#comments-article .said", has_text="A good one.").wait_for()
        row(page, span).get_by_text("2 open comments").wait_for()
        row(page, other).get_by_text("1 open comment").wait_for()
        page.keyboard.type("x")
        return page.locator(f"#say-{before.uid}-text").input_value()

    browse(write)
    make_comment(article, span, author=colleague, text="And when?")
    make_comment(article, other, author=colleague)
    make_comment(article, author=colleague, text="A good one.")
    assert browse(hear_and_go_on) == "Hers, I thxi"

    def hear_again(page):
        look(page)
        row(page, other).get_by_text("open comment").wait_for(state="detached")
        return page.locator(f"#say-{before.uid}-text").input_value()

    for comment in other.comments.all():
        actions.resolve(comment=comment.uid, person=colleague)
    assert browse(hear_again) == "Hers, I thxi"


def test_words_that_were_refused_stay_when_a_colleague_says_something(article, colleague, browse):
    browse.allow("status of 422")

    def be_refused(page):
        open_desk(page, article)
        page.keyboard.press("m")
        page.locator("#say-article-text").fill("x" * 5001)
        page.keyboard.press("Control+Enter")
        page.locator("#say-article .refused").wait_for()
        page.locator("h1").click()

    def hear(page):
        look(page)
        look(page)
        return len(page.locator("#say-article-text").input_value())

    browse(be_refused)
    make_comment(article, author=colleague)
    assert browse(hear) == 5001

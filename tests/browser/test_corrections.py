"""A correction in real Chromium: brought in by the keyboard, without scripts, and judged by axe."""

import pytest

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from annotations.models import Article, Span
from tests.browser.hand import press, select, until
from tests.browser.test_access import faults
from tests.factories import load_labels, make_article, make_span, make_user, replace_article

pytestmark = pytest.mark.django_db(transaction=True)

FILLING = "Of this nothing was said by anybody at all, on any day that is known. "
OLD = (
    f"\n\nThe mayor said “we are fine”. {FILLING}\n\nThe bridge cost 5 million. {FILLING}\n\n"
    + f"{FILLING}\n\n" * 20
    + f"{FILLING}Support our work: donate today. 🌉\n"
)
NEW = OLD.replace("5 million", "6 million").replace("donate", "give")


@pytest.fixture
def importer():
    load_labels()
    return make_user("imp", importer=True, annotator=True)


@pytest.fixture
def old(importer):
    article = make_article(OLD, slug="bridge", title="The bridge", outlet="Post")
    make_span(article, text="“we are fine”", state=State.APPROVED, attributes={"form": "scare"})
    make_span(article, label="claim", text="The bridge cost 5 million")
    make_span(article, label="boilerplate", text="Support our work: donate today.")
    return article


def tab_to(page, selector):
    """Press Tab until the focus is there."""
    for _ in range(80):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"No Tab leads to {selector}")


def test_a_correction_is_brought_in_by_the_keyboard_and_the_rest_is_marked_by_hand(
    old, importer, browse
):
    browse.sign_in(importer)

    def bring_in(page):
        page.goto("/articles/bridge/")
        tab_to(page, "a[href$='/correct/']")
        page.keyboard.press("Enter")
        page.locator("#correction-text").wait_for()
        begun = page.locator("#correction-text").input_value()
        tab_to(page, "#correction-text")
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(NEW)
        tab_to(page, ".deeds [value=look]")
        page.keyboard.press("Enter")
        page.locator("#coming").wait_for()
        counted = [page.locator(each).inner_text() for each in ("#coming", "#staying")]
        assert page.locator("#correction-text").input_value() == NEW
        tab_to(page, "[value=replace]")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="To its desk").wait_for()
        tab_to(page, "#staying ~ .spans li:nth-child(2) a")
        page.keyboard.press("Enter")
        page.locator("#watch[data-htmx-powered]").wait_for(state="attached")
        top = "document.querySelector('#p22').getBoundingClientRect().top"
        until(page, f"() => scrollY && {top} < innerHeight")
        return begun, counted

    begun, counted = browse(bring_in)
    assert begun == OLD
    assert [" ".join(each.split()) for each in counted] == [
        "Carried over 1",
        "Not carried over 2",
    ]
    new = Article.objects.get(replaces=old)
    assert new.text == NEW
    [came] = new.spans.all()
    assert (came.text, came.state, came.origin) == (
        "“we are fine”",
        State.SUGGESTED,
        f"carried:{old.spans.get(state=State.APPROVED).uid}",
    )

    start = NEW.index("Support our work")
    marked = Extent(start, start + len("Support our work: give today."))
    browse(lambda page: (select(page, marked.start, marked.end), press(page, "b")))
    assert Span.objects.get(article=new, label__slug="boilerplate").extent == marked


def test_a_correction_is_brought_in_without_scripts(old, importer, visitor):
    plain = visitor(java_script_enabled=False)
    plain.sign_in(importer)

    def bring_in(page):
        page.goto("/articles/bridge/correct/")
        page.locator("#correction-text").fill(NEW)
        page.get_by_role("button", name="Look at what comes along").click()
        page.locator("#correction-text").fill(NEW.replace("6", "7"))
        page.get_by_role("button", name="Replace the article").click()  # not what was looked at
        page.get_by_role("alert").wait_for()
        told = page.get_by_role("alert").inner_text()
        page.get_by_role("button", name="Replace the article").click()
        page.get_by_role("link", name="To its desk").wait_for()
        page.get_by_text("Show it").click()
        page.get_by_role("link", name="“we are fine”").click()
        return told, page.url

    plain.allow("status of 409")
    told, address = plain(bring_in)
    new = Article.objects.get(replaces=old)
    assert told.startswith("The text was changed since you looked.")
    assert new.text == NEW.replace("6", "7")
    assert address.endswith(f"/articles/{new.slug}/?span={new.spans.get().uid}")


def test_axe_finds_nothing_on_the_pages_of_a_correction(old, importer, browse):
    browse.sign_in(importer)
    make_span(old, label="claim", text="today", state=State.REJECTED)
    new = replace_article(old, NEW, slug="new")

    def judge(page):
        page.goto("/articles/new/correction/")
        page.get_by_text("Show it").click()
        yield from faults(page, "what came of it")
        page.goto("/articles/new/")
        yield from faults(page, "the desk of what replaces another")
        page.goto("/articles/bridge/")
        yield from faults(page, "the desk of what was replaced")
        page.goto("/articles/bridge/correct/")
        yield from faults(page, "what cannot be replaced again")
        page.goto("/articles/new/correct/")
        yield from faults(page, "the form")
        page.locator("#correction-text").fill(NEW.replace("6", "7"))
        page.get_by_role("button", name="Look at what comes along").click()
        page.locator("#coming").wait_for()
        yield from faults(page, "the look")

    assert browse(lambda page: list(judge(page))) == []
    assert new.replaces == old

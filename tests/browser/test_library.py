"""The library in real Chromium: finding the way, and what a person chose for their browser."""

import pytest

from annotations.domain.lifecycle import ArticleState, State
from tests.browser.hand import until
from tests.factories import load_labels, make_article, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PAPER = "getComputedStyle(document.body).backgroundColor"
WHITE, DARK = "rgb(251, 250, 247)", "rgb(22, 24, 27)"


@pytest.fixture
def annotator():
    load_labels()
    person = make_user("ann", annotator=True)
    for number in range(40):
        make_article(slug=f"part-{number:02}", title=f"The bridge, part {number:02}", outlet="Post")
    make_article(title="The dam", state=ArticleState.SUBMITTED, annotator=person)
    make_span(make_article(title="The flood"), person, state=State.SENT_BACK)
    return person


def choose(page, group, name):
    page.locator("details.me summary").click()
    page.get_by_role("group", name=group).get_by_role("button", name=name).click()
    page.locator("details.me summary").click()


def test_back_from_an_article_the_search_and_the_place_are_as_they_were(annotator, browse):
    browse.sign_in(annotator)

    def go_and_come_back(page):
        page.goto("/")
        page.get_by_label("Search").fill("bridge")
        page.get_by_role("button", name="Show").click()
        link = page.get_by_role("link", name="The bridge, part 30")
        link.scroll_into_view_if_needed()
        before = page.evaluate("scrollY")
        assert before > 200
        link.click()
        page.get_by_role("heading", name="The bridge, part 30").wait_for()
        page.go_back()
        link.wait_for()
        until(page, "(before) => Math.abs(scrollY - before) < 4", arg=before)
        return page.get_by_label("Search").input_value()

    assert browse(go_and_come_back) == "bridge"


def test_the_button_leads_to_what_was_sent_back_and_the_numbers_to_their_articles(
    annotator, browse
):
    browse.sign_in(annotator)

    def follow(page):
        page.goto("/")
        page.get_by_role("link", name="1 submitted").click()
        rows = page.locator(".articles th[scope=row]").all_inner_texts()
        page.get_by_role("link", name="Next for me: The flood sent back").click()
        page.locator("#panel [data-open]").wait_for()
        return rows

    assert browse(follow) == ["The dam"]


@pytest.mark.parametrize(("system", "chosen"), [("light", "Dark"), ("dark", "Light")])
def test_light_or_dark_is_chosen_for_good_and_taken_back(annotator, visitor, system, chosen):
    one = visitor(color_scheme=system)
    one.sign_in(annotator)
    own, other = (WHITE, DARK) if system == "light" else (DARK, WHITE)

    def change(page):
        page.goto("/")
        seen = [page.evaluate(PAPER)]
        choose(page, "Light or dark", chosen)
        seen.append(page.evaluate(PAPER))
        page.goto("/review/")
        seen.append(page.evaluate(PAPER))
        page.route("**/preferences.js", lambda route: route.abort())
        page.reload()  # it is on the page from the start, whatever the script does
        seen.append(page.evaluate(PAPER))
        page.unroute("**/preferences.js")
        page.reload()
        choose(page, "Light or dark", "System")
        seen.append(page.evaluate(PAPER))
        page.reload()
        seen.append(page.evaluate(PAPER))
        return seen

    one.allow("ERR_FAILED")
    assert one(change) == [own, other, other, other, own, own]


def test_what_is_chosen_is_told_by_the_buttons(annotator, browse):
    browse.sign_in(annotator)

    def pressed(page):
        buttons = page.locator("#preferences [aria-pressed=true]")
        return buttons.evaluate_all("(all) => all.map((each) => each.textContent)")

    def change(page):
        page.goto("/")
        seen = [pressed(page)]
        choose(page, "Light or dark", "Dark")
        choose(page, "Single-key shortcuts", "Off")
        seen.append(pressed(page))
        page.reload()
        return [*seen, pressed(page)]

    assert browse(change) == [["System", "On"], ["Dark", "Off"], ["Dark", "Off"]]


def test_single_keys_are_switched_off_and_on(annotator, browse):
    browse.sign_in(annotator)
    searching = "document.activeElement.name === 'q'"

    def press(page):
        seen = []
        page.goto("/")
        for choice in (None, "Off", "On"):
            if choice:
                choose(page, "Single-key shortcuts", choice)
                page.reload()
            page.keyboard.press("/")
            seen.append(page.evaluate(searching))
        return seen

    assert browse(press) == [True, False, True]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_of_the_library_is_cut_off_at_360_pixels(annotator, visitor, scheme):
    phone = visitor({"width": 360, "height": 740}, color_scheme=scheme)
    phone.sign_in(annotator)

    def measure(page):
        page.goto("/")
        page.locator("details.me summary").click()
        return page.evaluate("""() => [document.documentElement.scrollWidth,
          ...[...document.querySelectorAll("#preferences button, .stages a, .next")]
            .map((each) => each.getBoundingClientRect().right)]""")

    assert max(phone(measure)) <= 360

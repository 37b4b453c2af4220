"""The review by text group, in real Chromium and mostly without a mouse."""

import pytest

from annotations.domain.lifecycle import State
from annotations.models import Deed, Span, TextGroup
from tests.browser.hand import press_keys, said, until
from tests.browser.test_access import faults
from tests.factories import load_labels, make_article, make_user
from tests.queries.test_groups import submitted

pytestmark = pytest.mark.django_db(transaction=True)

APPEAL = "Support our work: donate today."
KIND = {"kind": "donation_appeal"}
CLAIM = {"claimant": {"value": "They", "start": None, "end": None}, "worthiness": "check_worthy"}
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def ann():
    load_labels()
    return make_user("ann", annotator=True)


@pytest.fixture
def rev(ann, browse):
    person = make_user("rev", reviewer=True, annotator=True)
    browse.sign_in(person)
    return person


def appeals(number, annotator, outlet="Post"):
    for _ in range(number):
        text = f"It rained all day. {APPEAL}"
        submitted(text, ("boilerplate", APPEAL, KIND), annotator=annotator, outlet=outlet)


def states():
    return list(Span.objects.order_by("pk").values_list("state", flat=True))


def open_groups(page):
    page.goto("/review/groups/")
    page.locator("#group-form[data-htmx-powered]").wait_for(state="attached")


def count(page):
    return page.locator("#group-form button[value=approve] [data-count]").inner_text()


def test_by_key_rows_are_walked_and_ticked_and_the_ticked_are_approved(ann, rev, browse):
    appeals(4, ann)
    appeals(1, rev, "Sun")

    def approve(page):
        open_groups(page)
        assert count(page) == "4"
        press_keys(page, "j Space")
        assert count(page) == "3"
        press_keys(page, "j j Shift+Space")  # what is ticked goes, from there to here
        assert count(page) == "1"
        press_keys(page, "k Space")
        assert count(page) == "2"
        # One's own cannot be ticked, and is walked over all the same.
        press_keys(page, "j j j Space")
        own = page.locator("[data-row]:focus")
        assert "The last hand on this span was yours" in own.inner_text()
        assert count(page) == "2"
        page.keyboard.press("Shift+A")
        said(page, "pproved")

    browse(approve)
    assert states() == ["proposed", "approved", "proposed", "approved", "proposed"]
    assert Deed.objects.filter(actor=rev, action="approve").count() == 1


def test_one_undo_brings_all_of_them_back(ann, rev, browse):
    appeals(3, ann)

    def there_and_back(page):
        open_groups(page)
        page.keyboard.press("Shift+A")
        said(page, "pproved")
        page.keyboard.press("u")
        said(page, "Undone: approved 3 spans.")
        until(page, "() => document.querySelectorAll('#occurrences input:checked').length === 3")

    browse(there_and_back)
    assert states() == ["proposed"] * 3


def test_x_and_a_digit_reject_the_ticked_and_the_next_group_comes(ann, rev, browse):
    appeals(2, ann)
    submitted("Ten fled at once.", ("boilerplate", "Ten fled at once.", KIND), annotator=ann)

    def reject(page):
        open_groups(page)
        press_keys(page, "x 5")
        said(page, "ejected")
        page.locator("#card-title", has_text="Ten fled").wait_for()
        assert page.evaluate("document.activeElement.matches('[data-row]')")

    browse(reject)
    assert states() == ["rejected", "rejected", "proposed"]
    assert set(Span.objects.exclude(reason="").values_list("reason", flat=True)) == {"duplicate"}


def test_with_none_ticked_nothing_can_be_decided(ann, rev, browse):
    appeals(2, ann)

    def clear(page):
        open_groups(page)
        page.get_by_role("button", name="None").click()
        assert count(page) == "0"
        page.keyboard.press("Shift+A")
        assert page.locator("#group-form button[value=approve]").is_disabled()
        page.get_by_role("button", name="Tick all").click()
        assert count(page) == "2"
        # With the mouse: one, and with Shift all from there on.
        page.locator("[data-row]").first.locator("input").click()
        page.locator("[data-row] label.words").last.click(modifiers=["Shift"])
        assert count(page) == "0"
        assert page.evaluate("getSelection().isCollapsed")
        assert page.locator("[role=row][aria-selected=true]").count() == 0

    browse(clear)
    assert states() == ["proposed"] * 2


def test_a_short_claim_has_no_approval_for_its_group(ann, rev, browse):
    submitted("They won.", ("claim", "They won.", CLAIM), annotator=ann)

    def try_it(page):
        page.goto("/review/groups/")
        page.locator(".note", has_text="decided one by one").wait_for()
        press_keys(page, "j Shift+A")
        page.keyboard.press("Enter")
        page.wait_for_url("**/review/?span=*")

    browse(try_it)
    assert states() == ["proposed"]


def test_unmarked_places_are_suggested_only_by_their_button(ann, rev, browse):
    appeals(2, ann)
    make_article(f"More. {APPEAL}", outlet="Post", slug="more")

    def approve_and_return(page):
        open_groups(page)
        assert page.locator(".unmarked .places li").count() == 1
        page.keyboard.press("Shift+A")
        said(page, "pproved")
        page.keyboard.press("u")
        said(page, "Undone")

    browse(approve_and_return)
    assert not Span.objects.filter(article__slug="more").exists()

    def suggest(page):
        page.get_by_role("button", name="Suggest at the 1 unmarked place").click()
        said(page, "Suggested at 1 place.")

    browse(suggest)
    assert Span.objects.get(article__slug="more").state == State.SUGGESTED


def test_n_and_p_go_through_the_groups_and_g_back_to_the_single_spans(ann, rev, browse):
    appeals(2, ann)
    submitted("Ten fled at once.", ("boilerplate", "Ten fled at once.", KIND), annotator=ann)

    def walk(page):
        open_groups(page)
        page.keyboard.press("n")
        page.locator("#card-title", has_text="Ten fled").wait_for()
        page.keyboard.press("p")
        page.locator("#card-title", has_text="Support our work").wait_for()
        page.keyboard.press("p")
        said(page, "This is the first group.")
        page.keyboard.press("g")
        page.wait_for_url("**/review/")

    browse(walk)


def test_suggesting_leaves_unticked_what_was(ann, rev, browse):
    appeals(3, ann)
    make_article(f"More. {APPEAL}", outlet="Post", slug="more")

    def suggest(page):
        open_groups(page)
        press_keys(page, "j Space")
        assert count(page) == "2"
        page.get_by_role("button", name="Suggest at the 1 unmarked place").click()
        said(page, "Suggested at 1 place.")
        assert count(page) == "2"
        page.keyboard.press("Shift+A")
        said(page, "Approved 2.")

    browse(suggest)
    assert sorted(states()) == ["approved", "approved", "proposed", "suggested"]


def test_what_is_opened_is_taken_and_the_next_who_comes_gets_another(ann, rev, browse):
    appeals(2, ann)
    submitted("Ten fled at once.", ("boilerplate", "Ten fled at once.", KIND), annotator=ann)

    def come(page):
        with page.expect_response("**/review/groups/take") as taken:
            open_groups(page)
        assert taken.value.status == 204

    browse(come)
    assert [group.leased_to for group in TextGroup.objects.order_by("-waiting")] == [rev, None]


def test_the_question_mark_shows_the_keys(rev, browse):
    def ask(page):
        page.goto("/review/groups/")
        page.keyboard.press("?")
        page.locator("#help[open]").wait_for()
        page.get_by_role("button", name="Close").click()
        page.locator("#help:not([open])").wait_for(state="attached")

    browse(ask)


def test_axe_finds_nothing_and_on_a_phone_the_verdicts_stand_at_the_bottom(ann, rev, browse):
    appeals(3, ann)
    appeals(1, rev, "Sun")
    make_article(f"More. {APPEAL}", outlet="Post")
    submitted(APPEAL, ("claim", APPEAL, CLAIM), annotator=ann, outlet="Post", slug="claimed")

    def judge(page):
        open_groups(page)
        yield from faults(page, "groups")
        page.keyboard.press("x")
        yield from faults(page, "reasons")
        page.set_viewport_size(PHONE)
        box = page.locator(".verdicts").bounding_box()
        assert box["y"] + box["height"] == pytest.approx(PHONE["height"], abs=1)

    assert browse(lambda page: list(judge(page))) == []

"""The review in real Chromium: by keys alone, and what happens when two are at it."""

from collections import Counter

import pytest
from django.core.management import call_command

from annotations import actions
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Deed, Event, Span
from annotations.queries import desk, integrity
from tests.browser.hand import press_keys, said, slow, until
from tests.factories import load_labels, make_article, make_deed, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)

# What lies on the card: the uid of its span, "sign" for an article, "" where nothing waits.
CARD = """() => document.querySelector("#card [data-open]")?.dataset.open
  ?? (document.getElementById("sign-form") ? "sign" : "")"""


def card(page):
    return page.evaluate(CARD)


def press(page, keys):
    """Press the keys of one decision and wait until another item is on the card."""
    before = card(page)
    press_keys(page, keys)
    until(page, f"(before) => ({CARD})() !== before", before)
    return card(page)


def submit(article):
    article = Article.objects.get(pk=article.pk)
    ann = make_user(annotator=True)
    actions.submit(article=article.slug, seen=article.revision, deed=make_deed(ann))


@pytest.fixture
def rev(browse):
    person = make_user("rev", reviewer=True)
    browse.sign_in(person)
    return person


@pytest.fixture
def spans():
    load_labels()
    article = make_article("One is here. Two are there. Three stay away.", title="The count")
    found = [
        make_span(article, text=text, label="claim", attributes={"worthiness": "unimportant"})
        for text in ("One is here.", "Two are there.", "Three stay away.")
    ]
    submit(article)
    return found


def states():
    return list(Span.objects.order_by("start").values_list("state", flat=True))


def mark_up(people):
    """Forty spans of three people in the five seed articles, eight in each."""
    turn = 0
    for article in Article.objects.order_by("pk"):
        units = desk.units(article.text, article.language)
        quotes = list(dict.fromkeys(units.quotations))[:4]
        claims = [each for each in units.sentences if each.end - each.start > 40][1:]
        claims = claims[: 8 - len(quotes)]
        for label, extents in (("quote", quotes), ("claim", claims)):
            given = {
                "quote": {
                    "speaker": {"value": "Vladimir Putin", "start": None, "end": None},
                    "form": "direct",
                },
                "claim": {"worthiness": "check_worthy"},
            }[label]
            for extent in extents:
                actions.propose(
                    article=article.slug,
                    label=label,
                    extent=extent,
                    text=extent.of(article.text),
                    attributes=given,
                    deed=make_deed(people[turn % len(people)]),
                )
                turn += 1
        submit(article)


def test_the_seed_articles_are_reviewed_whole_by_keys_alone(browse, rev):
    call_command("seed", verbosity=0)
    people = [make_user(name, annotator=True) for name in ("ann", "ben", "cleo")]
    mark_up(people)
    assert Counter(Span.objects.values_list("author__username", "state")) == {
        ("ann", "proposed"): 14,
        ("ben", "proposed"): 13,
        ("cleo", "proposed"): 13,
    }
    # The second is rejected, the third changed, the fourth sent back; all others are approved.
    others = {1: "x 2", 2: "e", 3: "s"}

    def review(page):
        page.goto("/review/")
        page.locator("#queue-title", has_text="40 waiting").wait_for()
        done, sent_back = 0, ""
        while at := card(page):
            if at == "sign":
                press(page, "1 Enter")
                continue
            match others.get(done):
                case "e":
                    page.keyboard.press("e")
                    page.locator("#attr_worthiness, #attr_form").first.focus()
                    page.keyboard.press("ArrowDown")
                    page.keyboard.press("Escape")
                    press(page, "a")
                case "s":
                    sent_back = at
                    page.keyboard.press("s")
                    page.keyboard.type("Whose words are these?")
                    press(page, "Control+Enter")
                case keys:
                    press(page, keys or "a")
            done += 1
        return done, sent_back

    done, sent_back = browse(review)

    assert done == 40
    assert Counter(Span.objects.values_list("state", "amended")) == {
        ("approved", False): 37,
        ("approved", True): 1,
        ("rejected", False): 1,
        ("sent_back", False): 1,
    }
    assert Counter(Article.objects.values_list("state", flat=True)) == {
        ArticleState.REVIEWED: 4,
        ArticleState.SUBMITTED: 1,
    }
    # It is answered and comes first; with it the last article is done.
    span = Span.objects.get(uid=sent_back)
    actions.answer(
        span=span.uid,
        seen=span.revision,
        comment="Putin’s own, see above.",
        deed=make_deed(span.author),
    )

    def review_the_answer(page):
        page.goto("/review/")
        page.locator(".earlier", has_text="Putin’s own, see above.").wait_for()
        assert card(page) == sent_back
        assert press(page, "a") == "sign"
        assert press(page, "1 Enter") == ""
        page.get_by_role("heading", name="Nothing waits for you.").wait_for()

    browse(review_the_answer)
    assert set(Article.objects.values_list("state", flat=True)) == {ArticleState.REVIEWED}
    assert not Span.objects.filter(state__in=[State.PROPOSED, State.SENT_BACK]).exists()
    assert not list(integrity.breaches(Counter()))


def test_a_held_key_decides_once(browse, rev, spans):
    def hold(page):
        page.goto("/review/")
        page.keyboard.down("a")
        for _ in range(20):  # as the system repeats a key that stays down
            page.keyboard.down("a")
        page.keyboard.up("a")
        said(page, "Approved.")
        until(page, f"(uid) => ({CARD})() === uid", str(spans[1].uid))

    browse(hold)
    assert states() == ["approved", "proposed", "proposed"]


def test_a_key_pressed_twice_before_the_answer_decides_once(browse, rev, spans):
    def hurry(page):
        page.goto("/review/")
        slow(page, 300)
        press_keys(page, "a a")
        until(page, f"(uid) => ({CARD})() === uid", str(spans[1].uid))
        page.wait_for_timeout(800)
        return card(page)

    assert browse(hurry) == str(spans[1].uid)
    assert states() == ["approved", "proposed", "proposed"]
    assert Deed.objects.filter(actor=rev, action="approve").count() == 1


def test_u_takes_the_decision_back_and_comes_back_to_it(browse, rev, spans):
    def decide(page):
        page.goto("/review/")
        press(page, "a")
        press(page, "x 7")
        press(page, "u")
        assert card(page) == str(spans[1].uid)
        press(page, "u")
        return card(page)

    assert browse(decide) == str(spans[0].uid)
    assert states() == ["proposed"] * 3


def test_n_and_p_walk_without_deciding_and_j_walks_the_queue(browse, rev, spans):
    def walk(page):
        page.goto("/review/")
        at = [press(page, "n"), press(page, "n"), press(page, "p")]
        page.keyboard.press("j")
        focused = page.evaluate("document.activeElement.closest('[role=row]').id")
        page.keyboard.press("Enter")
        until(page, f"(uid) => ({CARD})() === uid", str(spans[2].uid))
        return at, focused

    at, focused = browse(walk)
    assert at == [str(spans[1].uid), str(spans[2].uid), str(spans[1].uid)]
    assert focused == f"row-{spans[2].uid}"
    assert Event.objects.filter(deed__actor=rev).count() == 0


def test_a_required_attribute_blocks_approval_and_the_hand_is_led_to_it(browse, rev):
    load_labels()
    span = make_span(make_article("“We won,” the mayor said."), text="“We won,”")
    submit(span.article)
    browse.allow("status of 422")

    def approve(page):
        page.goto("/review/")
        page.keyboard.press("a")
        page.locator("#card .refused", has_text="needs: speaker").wait_for()
        until(page, "() => document.activeElement.name === 'attr_speaker'")
        page.keyboard.type("the mayor")
        page.keyboard.press("Escape")
        assert press(page, "a") == "sign"

    browse(approve)
    stored = Span.objects.get()
    assert (stored.state, stored.amended) == (State.APPROVED, True)
    assert stored.attributes["speaker"]["value"] == "the mayor"


def test_a_colleagues_change_is_shown_beside_what_was_seen_and_the_words_are_kept(
    browse, rev, spans
):
    browse.allow("status of 409")

    def begin(page):
        page.goto("/review/")
        page.keyboard.press("s")
        page.keyboard.type("Is this one claim?")

    browse(begin)
    span = spans[0]
    actions.edit(
        span=span.uid,
        seen=span.revision,
        change=actions.Change(attributes={"worthiness": "check_worthy"}),
        deed=make_deed(span.author),
    )

    def send(page):
        page.keyboard.press("Control+Enter")
        page.locator("#card .compared").wait_for()
        shown = page.locator("#card .compared tbody tr, #card .compared > tr").all_inner_texts()
        kept = page.locator("#card [name=comment]").first.input_value()
        page.keyboard.press("s")
        press(page, "Control+Enter")
        return shown, kept

    shown, kept = browse(send)
    assert kept == "Is this one claim?"
    assert any("Unimportant" in row and "Check-worthy" in row for row in shown), shown
    assert states()[0] == "sent_back"


def test_two_reviewers_are_not_given_the_same_article(browse, rev, spans, visitor):
    other = make_span(make_article("Four came."), text="Four came.", label="claim")
    submit(other.article)
    second = visitor()
    second.sign_in(make_user("two", reviewer=True))

    def first(page):
        with page.expect_response("**/review/next"):
            page.goto("/review/")
        return card(page)

    assert browse(first) == str(spans[0].uid)
    assert second(first) == str(other.uid)


def test_ctrl_enter_in_a_field_approves_with_what_was_changed_there(browse, rev, spans):
    def change(page):
        page.goto("/review/")
        page.keyboard.press("e")
        page.locator("#change .extent summary").click()
        page.locator("#span-end").fill("6")
        page.locator("#span-text").fill("One is")
        press(page, "Control+Enter")

    browse(change)
    stored = Span.objects.get(pk=spans[0].pk)
    assert (stored.state, stored.amended, stored.text) == ("approved", True, "One is")


def test_words_that_were_not_sent_are_asked_for_before_the_card_goes(browse, rev, spans):
    def leave(page):
        page.goto("/review/")
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        page.keyboard.press("s")
        page.keyboard.type("Is this one?")
        press_keys(page, "Escape Escape n")
        page.wait_for_timeout(300)
        return asked, card(page), page.locator("#card [name=comment]").first.input_value()

    asked, at, words = browse(leave)
    assert len(asked) == 1
    assert (at, words) == (str(spans[0].uid), "Is this one?")


def test_another_label_is_chosen_by_arrows_and_approved_with(browse, rev, spans):
    def relabel(page):
        page.goto("/review/")
        page.keyboard.press("e")
        until(page, "() => document.activeElement.name === 'label'")
        with page.expect_response("**/review/?span=*"):
            page.locator("#as-boilerplate").focus()
            page.keyboard.press("Space")
        page.locator("#attr_kind").wait_for()
        page.locator("#attr_kind").select_option(index=1)
        page.locator("#as-boilerplate").focus()
        press_keys(page, "Escape")
        press(page, "a")

    browse(relabel)
    stored = Span.objects.get(pk=spans[0].pk)
    assert (stored.state, stored.label.slug, stored.amended) == ("approved", "boilerplate", True)


def test_a_verdict_on_a_row_that_has_the_focus_opens_it_first(browse, rev, spans):
    def walk(page):
        page.goto("/review/")
        page.locator("#row-" + str(spans[0].uid)).wait_for()
        press_keys(page, "j j")
        return press(page, "a")

    assert browse(walk) == str(spans[2].uid)
    assert states() == ["proposed"] * 3

"""A deed that did not get through is shown, kept and sent again, by the person who did it."""

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from annotations.models import Deed, Span
from tests.browser.hand import extent_of, said, select, tag, until
from tests.factories import make_article, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"
LOST = "That did not reach the server."
NOISE = ("ERR_FAILED", "ERR_INTERNET_DISCONNECTED", "htmx:error", "Failed to fetch")
TEXT = "Five people were hurt. Ten fled."
HURT, FLED = "Five people were hurt.", "Ten fled."


@pytest.fixture
def annotator(browse):
    call_command("seed", verbosity=0)
    person = make_user("ann", annotator=True, password=PASSWORD)
    browse.sign_in(person)
    browse.allow(*NOISE)
    return person


def at(article):
    return f"/articles/{article.slug}/"


def mark(page, article, *phrases, key="c"):
    for phrase in phrases:
        select(page, *extent_of(article, phrase))
        page.keyboard.press(key)


def cut(page):
    """From now on no deed reaches the server; pages do."""
    page.route("**/spans/**", lambda route: route.abort())


def mend(page):
    page.unroute("**/spans/**")


def lost(page, count=1):
    """Wait until the box lists that many deeds; what each of them is."""
    page.locator("#unsent").get_by_text(LOST).wait_for()
    page.locator("#unsent li").nth(count - 1).wait_for()
    return [" ".join(row.split()) for row in page.locator("#unsent li").all_inner_texts()]


def stored(page):
    return page.evaluate("Object.keys(localStorage).filter((key) => key.includes('unsent')).length")


def settled(page):
    """Nothing is held any more, and nothing is shown."""
    page.locator("#unsent").wait_for(state="hidden")
    until(page, "() => !Object.keys(localStorage).some((key) => key.includes('unsent'))")


def drawn(page, count=1):
    """Wait until that many runs of the text are drawn as marked."""
    page.locator("#article [data-spans]").nth(count - 1).wait_for()


def marked(article):
    return list(article.spans.order_by("start").values_list("text", flat=True))


def test_a_deed_that_was_lost_is_sent_after_a_reload(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def lose_and_reload(page):
        page.goto(at(article))
        cut(page)
        mark(page, article, HURT)
        [row] = lost(page)
        assert row.startswith(f"Claim {HURT}")
        assert "The flood" in row
        mend(page)
        page.reload()
        said(page, "Sent now: Marked as claim.")
        settled(page)

    browse(lose_and_reload)
    assert marked(article) == [HURT]


def test_a_deed_that_was_lost_is_shown_again_while_the_server_stays_away(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def lose_and_reload(page):
        page.goto(at(article))
        cut(page)
        mark(page, article, HURT, FLED)
        lost(page, 2)
        page.reload()
        rows = lost(page, 2)
        assert FLED in rows[1]
        mend(page)
        page.get_by_role("button", name="Send it again").click()
        said(page, "2 deeds were sent now.")
        settled(page)

    browse(lose_and_reload)
    assert marked(article) == [HURT, FLED]


def test_a_tab_that_was_closed_loses_nothing(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def lose_and_close(page):
        page.goto(at(article))
        cut(page)
        mark(page, article, HURT)
        lost(page)
        other = page.context.new_page()
        page.close()
        other.goto(at(article))
        said(other, "Sent now: Marked as claim.")
        drawn(other)
        settled(other)

    browse(lose_and_close)
    assert marked(article) == [HURT]


def test_another_page_sends_it_and_draws_nothing_of_it(annotator, browse):
    article = make_article(TEXT, title="The flood")
    other = make_article("Nothing of the kind happened here.", title="The drought")

    def lose_and_go_elsewhere(page, words, where):
        page.goto(at(article))
        cut(page)
        mark(page, article, words)
        lost(page)
        mend(page)
        complaints = len(browse.complaints)
        page.goto(where)
        said(page, "Sent now: Marked as claim.")
        settled(page)
        assert len(browse.complaints) == complaints  # htmx finds no place for most of the answer
        return page.locator("h1").inner_text()

    assert browse(lambda page: lose_and_go_elsewhere(page, HURT, "/")) == "Library"
    assert browse(lambda page: lose_and_go_elsewhere(page, FLED, at(other))) == "The drought"
    assert browse(lambda page: page.locator("#article").inner_text()) == other.text
    assert not browse(lambda page: page.locator("#article [data-spans]").count())
    assert marked(article) == [HURT, FLED]
    assert not other.spans.exists()


def test_what_was_under_way_when_the_page_was_left_arrives_once(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def leave_at_once(page):
        taken = []

        def take(route):
            taken.append(route)
            if len(taken) > 1:  # the first is never answered
                route.continue_()

        page.goto(at(article))
        page.route("**/spans/", take)
        mark(page, article, HURT)
        page.locator("#mark.htmx-request").wait_for()
        page.goto("/")
        said(page, "Sent now: Marked as claim.")
        settled(page)

    browse(leave_at_once)
    assert marked(article) == [HURT]


def test_what_had_arrived_when_the_line_went_is_not_done_twice(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def lose_the_answer(page):
        page.goto(at(article))

        def swallow(route):
            route.fetch()
            route.abort()

        page.route("**/spans/", swallow)
        mark(page, article, HURT)
        lost(page)
        page.unroute("**/spans/")
        page.get_by_role("button", name="Send it again").click()
        said(page, "Marked as claim.")
        settled(page)
        drawn(page)

    browse(lose_the_answer)
    assert marked(article) == [HURT]
    assert Deed.objects.filter(actor=annotator).count() == 1


def test_a_server_that_never_answers_counts_as_one_that_was_not_reached(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def wait_in_vain(page):
        page.goto(at(article))
        assert page.evaluate("htmx.config.defaultTimeout") == 20_000
        page.evaluate("htmx.config.defaultTimeout = 300")
        page.route("**/spans/", lambda route: None)
        mark(page, article, HURT)
        lost(page)
        page.unroute("**/spans/")
        page.get_by_role("button", name="Send it again").click()
        settled(page)

    browse(wait_in_vain)
    assert marked(article) == [HURT]


def test_it_goes_by_itself_when_the_line_is_back(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def go_offline(page):
        page.goto(at(article))
        page.context.set_offline(True)
        mark(page, article, HURT)
        lost(page)
        page.context.set_offline(False)
        said(page, "Sent now: Marked as claim.")
        settled(page)

    browse(go_offline)
    assert marked(article) == [HURT]


def test_it_is_tried_again_by_itself_ever_more_seldom(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def wait_for_it(page):
        tries = []

        def refuse(route):
            if route.request.method == "POST":
                tries.append(route)
            route.abort()

        def after(seconds):
            page.clock.run_for(seconds * 1000)
            page.wait_for_timeout(200)
            return len(tries)

        page.clock.install()
        page.goto(at(article))
        select(page, *extent_of(article, HURT))
        page.route("**/articles/**", refuse)  # what the page asks for by itself, too
        page.keyboard.press("c")
        page.clock.run_for(1_000)
        lost(page)
        assert [len(tries), after(16), after(16), after(16), after(30), after(32)] == [
            1,
            2,
            2,
            3,
            3,
            4,
        ]
        page.unroute("**/articles/**")
        after(130)
        settled(page)

    browse(wait_for_it)
    assert marked(article) == [HURT]


def test_a_deed_that_comes_too_late_keeps_its_words_and_says_why(annotator, browse, visitor):
    article = make_article("“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9))
    colleague = visitor()
    colleague.sign_in(make_user("col", annotator=True))
    browse.allow("status of 409")

    def lose(page):
        page.goto(f"{at(article)}?span={span.uid}")
        page.route("**/spans/**", lambda route: route.abort())
        page.locator("#panel [name=attr_speaker]").fill("Anna Baker")
        page.get_by_role("button", name="Save changes").click()
        lost(page)

    def change(page):
        page.goto(f"{at(article)}?span={span.uid}")
        page.locator("#panel [name=attr_speaker]").fill("A. Baker")
        page.get_by_role("button", name="Save changes").click()
        said(page, "Edited.")

    def come_back(page):
        page.on("dialog", lambda dialog: dialog.accept())
        mend(page)
        page.goto("/")
        box = page.locator("#unsent")
        box.get_by_text("could not be done").wait_for()
        row = box.locator("li").inner_text()
        assert "Save changes" in row
        assert "We won" in row
        assert "has changed since you saw it" in row
        page.reload()
        box.get_by_text("could not be done").wait_for()
        assert not page.get_by_role("button", name="Send it again").is_visible()
        box.get_by_role("button", name="Discard").click()
        settled(page)

    browse(lose)
    colleague(change)
    browse(come_back)
    span.refresh_from_db()
    assert span.attributes["speaker"]["value"] == "A. Baker"


def test_what_is_discarded_is_asked_for_once_and_gone(annotator, browse):
    article = make_article(TEXT, title="The flood")
    asked = []

    def discard(page):
        answers = iter(["dismiss", "accept", "accept"])
        page.on("dialog", lambda dialog: (asked.append(dialog.message), decide(dialog, answers)))
        page.goto(at(article))
        cut(page)
        mark(page, article, HURT, FLED)
        lost(page, 2)
        page.get_by_role("button", name="Discard all").click()
        assert page.locator("#unsent li").count() == 2
        page.locator("#unsent li button").first.click()
        page.locator("#unsent li", has_text=HURT).wait_for(state="detached")
        page.locator("#unsent li button").first.click()
        settled(page)

    def decide(dialog, answers):
        getattr(dialog, next(answers))()

    browse(discard)
    assert asked[0].startswith("Discard these 2 deeds?")
    assert asked[1].startswith("Discard this deed?")
    assert not Span.objects.exists()


def test_another_tab_shows_it_and_forgets_it_when_it_has_gone(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def look_from_two_tabs(page):
        page.goto(at(article))
        other = page.context.new_page()
        sent = []
        other.goto("/")
        other.route("**/spans/**", lambda route: route.abort())
        cut(page)
        mark(page, article, HURT)
        lost(page)
        lost(other)
        page.on("request", lambda request: sent.append(request.method))
        mend(page)
        page.get_by_role("button", name="Send it again").click()
        settled(page)
        other.locator("#unsent").wait_for(state="hidden")
        assert not other.locator("#notice .toast").count()
        assert sent.count("POST") == 1

    browse(look_from_two_tabs)
    assert marked(article) == [HURT]


def test_nobody_else_is_shown_it_and_it_waits_for_who_did_it(annotator, browse):
    article = make_article(TEXT, title="The flood")
    bob = make_user("bob", annotator=True)

    def lose(page):
        page.goto(at(article))
        cut(page)
        mark(page, article, HURT)
        lost(page)
        mend(page)

    def look(page):
        page.goto(at(article))
        page.wait_for_timeout(1000)
        assert not page.locator("#unsent").is_visible()
        assert stored(page) == 1

    browse(lose)
    browse.sign_in(bob)
    browse(look)
    assert not Span.objects.exists()
    browse.sign_in(annotator)
    browse(lambda page: (page.goto("/"), said(page, "Sent now: Marked as claim."), settled(page)))
    assert Span.objects.get().author == annotator


def sign_in_there(page, name):
    form = page.locator("#notice form")
    form.get_by_label("Name").fill(name)
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Sign in").click()


def test_every_deed_without_a_session_is_done_after_signing_in_there(annotator, browse):
    article = make_article(TEXT, title="The flood")
    browse.allow("status of 401")
    browse(lambda page: page.goto(at(article)))
    Session.objects.all().delete()

    def mark_and_sign_in(page):
        mark(page, article, HURT)
        name = page.locator("#notice").get_by_label("Name")
        name.fill("an")
        mark_again(page)
        assert name.input_value() == "an"  # asking again does not wipe what is typed
        page.locator("h1").click()
        page.keyboard.press("b")  # a key marks nothing now: it leads to what is asked
        assert page.evaluate("document.activeElement.name") == "password"
        sign_in_there(page, "ann")
        drawn(page, 2)
        settled(page)

    def mark_again(page):
        select(page, *extent_of(article, FLED))
        with page.expect_response("**/spans/"):
            page.get_by_role("button", name="Claim").click()
        page.wait_for_timeout(100)

    browse(mark_and_sign_in)
    assert marked(article) == [HURT, FLED]
    assert {span.author for span in article.spans.all()} == {annotator}


def test_what_i_did_is_not_sent_as_somebody_else_who_signs_in_there(annotator, browse):
    article = make_article(TEXT, title="The flood")
    make_user("bob", annotator=True, password=PASSWORD)
    browse.allow("status of 401")
    browse(lambda page: page.goto(at(article)))
    Session.objects.all().delete()

    def mark_and_let_bob_in(page):
        mark(page, article, HURT)
        sign_in_there(page, "bob")
        page.get_by_text("You are signed in as bob, but this page is ann’s.").wait_for()
        assert stored(page) == 1

    browse(mark_and_let_bob_in)
    assert not Span.objects.exists()

    def go_on_as_ann(page):
        sign_in_there(page, "ann")
        said(page, "Marked as claim.")
        settled(page)

    browse(go_on_as_ann)
    assert Span.objects.get().author == annotator


def test_a_page_of_mine_does_nothing_as_somebody_who_signed_in_in_another_tab(annotator, browse):
    article = make_article(TEXT, title="The flood")
    bob = make_user("bob", annotator=True)
    browse.allow("status of 401")
    browse(lambda page: page.goto(at(article)))
    browse.sign_in(bob)

    def mark_as_ann(page):
        mark(page, article, HURT)
        page.get_by_role("link", name="Reload the page as bob").click()
        page.locator("details.me summary", has_text="bob").wait_for()
        page.wait_for_timeout(800)
        assert not page.locator("#unsent").is_visible()

    browse(mark_as_ann)
    assert not Span.objects.exists()


def test_what_is_sent_late_leaves_alone_what_somebody_is_at(annotator, browse):
    article = make_article("“We won,” said Anna Baker on Monday. Ten fled.")
    first = make_span(article, annotator, "quote", extent=Extent(0, 9))
    second = make_span(article, annotator, "quote", extent=Extent(10, 14))

    def lose_then_type(page):
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"{at(article)}?span={first.uid}")
        cut(page)
        page.locator("#panel [name=attr_cue]").fill("said")
        page.get_by_role("button", name="Save changes").click()
        lost(page)
        page.locator(f"#article [data-spans~='{second.uid}']").first.click()
        page.locator(f"#panel [data-open='{second.uid}']").wait_for()
        page.locator("#panel [name=attr_cue]").fill("told")
        mend(page)
        page.get_by_role("button", name="Send it again").click()
        said(page, "Edited.")
        settled(page)
        assert page.locator(f"#panel [data-open='{second.uid}']").is_visible()
        return page.locator("#panel [name=attr_cue]").input_value()

    assert browse(lose_then_type) == "told"
    first.refresh_from_db()
    assert first.attributes["cue"]["value"] == "said"


def test_a_form_that_was_saved_late_is_drawn_as_it_is_now(annotator, browse):
    article = make_article("“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9))

    def save_twice(page):
        page.goto(f"{at(article)}?span={span.uid}")
        cut(page)
        page.locator("#panel [name=attr_cue]").fill("said")
        page.get_by_role("button", name="Save changes").click()
        lost(page)
        mend(page)
        page.get_by_role("button", name="Send it again").click()
        said(page, "Edited.")
        page.locator("#panel [name=attr_speaker]").fill("Anna Baker")
        page.get_by_role("button", name="Save changes").click()
        page.locator("#panel .history summary", has_text="History (3)").wait_for()

    browse(save_twice)
    span.refresh_from_db()
    assert (span.state, span.attributes["cue"]["value"]) == (State.PROPOSED, "said")
    assert span.attributes["speaker"]["value"] == "Anna Baker"


def test_the_box_fits_a_phone_and_hides_nothing_that_is_asked(annotator, visitor):
    phone = visitor({"width": 360, "height": 740})
    phone.sign_in(annotator)
    phone.allow(*NOISE, "status of 401")
    article = make_article(f"{TEXT}\n\n{'unbroken' * 60}", title="The flood")

    def lose(page):
        page.goto(at(article))
        cut(page)
        mark(page, article, HURT, "unbroken" * 60)
        page.locator("#unsent summary", has_text="2 deeds").click()
        lost(page, 2)
        return page.evaluate("""[...document.querySelectorAll("#unsent, #unsent *")]
          .map((each) => each.getBoundingClientRect().right)""")

    assert max(phone(lose)) <= 360
    Session.objects.all().delete()

    def ask(page):
        mend(page)
        page.locator("#unsent summary").click()
        page.get_by_role("button", name="Send it again").click()
        sign_in_there(page, "ann")
        settled(page)

    phone(ask)
    assert article.spans.count() == 2


def test_no_password_is_ever_stored(annotator, browse):
    browse.allow("status of 401", "status of 500")
    article = make_article(TEXT, title="The flood")
    browse(lambda page: page.goto(at(article)))
    Session.objects.all().delete()

    def fail_to_sign_in(page):
        mark(page, article, HURT)
        page.locator("#notice form").wait_for()
        page.route("**/login/", lambda route: route.abort())
        sign_in_there(page, "ann")
        page.wait_for_timeout(300)
        return page.evaluate("JSON.stringify(localStorage)")

    kept = browse(fail_to_sign_in)
    assert HURT in kept
    assert PASSWORD not in kept
    assert "csrf" not in kept


def test_a_line_at_the_top_shows_that_something_takes_long(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def be_slow(page):
        page.goto(at(article))
        assert not page.locator("#progress").is_visible()
        held = []
        page.route("**/spans/", lambda route: held.append(route))
        mark(page, article, HURT)
        page.locator("#progress").wait_for()
        moves = "getComputedStyle(document.getElementById('progress')).animationName"
        assert page.evaluate(moves) == "under-way"
        page.emulate_media(reduced_motion="reduce")
        assert page.evaluate(moves) == "none"
        assert page.locator("#progress").is_visible()
        held[0].continue_()
        said(page, "Marked as claim.")
        page.locator("#progress").wait_for(state="hidden")

    browse(be_slow)


def test_what_is_quick_shows_no_line(annotator, browse):
    article = make_article(TEXT, title="The flood")

    def be_quick(page):
        page.goto(at(article))
        page.evaluate("""() => {
          const line = document.getElementById("progress");
          window.shown = false;
          new MutationObserver(() => { window.shown ||= !line.hidden; })
            .observe(line, { attributes: true });
        }""")
        tag(page, *extent_of(article, HURT), "c")
        page.wait_for_timeout(600)
        return page.evaluate("window.shown")

    assert browse(be_quick) is False

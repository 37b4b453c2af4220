"""Talk at the desk in a real browser: by keys, without losing what one writes."""

import pytest

from annotations import actions
from annotations.models import Comment
from tests.browser.hand import extent_of, press_keys, said, select, slow, until
from tests.factories import make_article, make_comment, make_label, make_span, make_user
from tests.views.hands import desk_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def span():
    return make_span(text="as safe as a house")


@pytest.fixture
def annotator(browse):
    person = make_user("annie", annotator=True)
    browse.sign_in(person)
    return person


def open_desk(browse, span, at=""):
    url = f"{desk_url(span.article)}?span={span.uid}{at}"
    browse(lambda page: page.goto(url) and page.locator(f"#comments-{span.uid}").wait_for())


def active(page):
    return page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_a_comment_is_said_by_keys_alone_and_the_hand_stays_where_it_was(browse, annotator, span):
    open_desk(browse, span)

    def talk(page):
        for words in ("Is this all?", "And this?"):
            page.keyboard.press("m")
            page.keyboard.type(words)
            page.keyboard.press("Control+Enter")
            page.locator(f"#comments-{span.uid} .said", has_text=words).wait_for()
            said(page, "Comment added.")
            until(page, "() => document.activeElement.matches('summary')")
        fold = page.locator(f"#say-{span.uid}")
        return fold.get_attribute("open"), fold.locator("textarea").input_value()

    assert browse(talk) == (None, "")
    assert [each.text for each in Comment.objects.all()] == ["Is this all?", "And this?"]


def test_what_one_is_writing_survives_what_one_does_beside_it(browse, annotator, span):
    first, second = make_comment(span.article, span), make_comment(span.article, span)
    open_desk(browse, span)

    def work(page):
        page.locator(f"#say-{first.uid} summary").click()
        page.locator(f"#say-{first.uid}-text").fill("Half a thought")
        page.locator(f"#resolve-{second.uid} button").click()
        said(page, "Resolved.")
        page.locator(f"#comments-{span.uid} .resolved").wait_for()
        return page.locator(f"#say-{first.uid}-text").input_value()

    assert browse(work) == "Half a thought"


def test_a_refusal_keeps_the_words_and_the_place_in_them(browse, annotator, span):
    browse.allow("status of 422")
    open_desk(browse, span)

    def work(page):
        page.keyboard.press("m")
        page.locator(f"#say-{span.uid}-text").fill("x" * 5001)
        page.keyboard.press("Control+Enter")
        page.locator(f"#say-{span.uid} .refused").wait_for()
        until(page, "() => document.activeElement.matches('textarea:enabled')")
        words = page.locator(f"#say-{span.uid}-text").input_value()
        page.locator(f"#say-{span.uid}-text").fill("Shorter.")
        page.keyboard.press("Control+Enter")
        page.locator(f"#comments-{span.uid} .said", has_text="Shorter.").wait_for()
        return len(words)

    assert browse(work) == 5001
    assert [each.text for each in Comment.objects.all()] == ["Shorter."]


def test_words_are_taken_back_in_two_steps(browse, annotator, span):
    comment = make_comment(span.article, span, author=annotator, text="Rash words.")
    open_desk(browse, span)

    def work(page):
        talk = page.locator(f"#comment-{comment.uid}")
        assert not talk.get_by_role("button").count()
        talk.get_by_text("Take back", exact=True).click()
        talk.get_by_role("button", name="Take it back for good").click()
        said(page, "Taken back.")
        return talk.inner_text()

    assert "took this back" in browse(work)


def test_the_address_of_a_comment_lands_on_it_though_its_thread_is_resolved(
    browse, annotator, span
):
    comment = make_comment(span.article, span)
    actions.resolve(comment=comment.uid, person=annotator)
    open_desk(browse, span, at=f"#comment-{comment.uid}")
    assert browse(
        lambda page: (
            page.locator(f"#comment-{comment.uid} .said").is_visible()
            and page.locator(f"#comment-{comment.uid}:target").count()
        )
    )


@pytest.fixture
def by_hand(browse, phone, annotator):
    """Both screens, signed in."""
    phone.sign_in(annotator)
    return {"wide": browse, "narrow": phone}


@pytest.mark.parametrize("screen", ["wide", "narrow"])
@pytest.mark.parametrize("latency", [0, 300])
def test_m_is_about_the_span_at_hand_though_its_panel_is_not_there_yet(
    by_hand, span, screen, latency
):
    url = desk_url(span.article)

    def talk(page):
        page.goto(url)
        page.locator("#watch[data-htmx-powered]").wait_for(state="attached")
        slow(page, latency)
        press_keys(page, "n m")
        page.keyboard.type("Is this all?")
        page.keyboard.press("Control+Enter")
        said(page, "Comment added.")
        return page.locator(f"#comments-{span.uid} .said").is_visible()

    assert by_hand[screen](talk)
    assert [(each.span, each.text) for each in Comment.objects.all()] == [(span, "Is this all?")]


@pytest.mark.parametrize("screen", ["wide", "narrow"])
@pytest.mark.parametrize("wait", [False, True])
def test_m_right_after_a_mark_is_about_what_was_marked(by_hand, screen, wait):
    make_label("claim", key="c")
    article = make_article("Ten fled at once. Two stayed.")

    def talk(page):
        page.goto(desk_url(article))
        page.locator("#watch[data-htmx-powered]").wait_for(state="attached")
        select(page, *extent_of(article, "Two stayed."))
        slow(page, 150)
        page.keyboard.press("c")
        if wait:
            said(page, "Marked as claim.")
        page.keyboard.press("m")
        page.locator("#panel textarea:focus").wait_for()
        page.keyboard.type("Is it one?")
        page.keyboard.press("Control+Enter")
        said(page, "Comment added.")

    by_hand[screen](talk)
    assert [each.span for each in Comment.objects.all()] == [article.spans.get()]


def test_m_with_no_span_at_hand_is_about_the_article(browse, annotator, span):
    url = desk_url(span.article)

    def talk(page):
        page.goto(url)
        page.locator("#watch[data-htmx-powered]").wait_for(state="attached")
        press_keys(page, "n Escape Escape m")
        page.keyboard.type("A good one.")
        page.keyboard.press("Control+Enter")
        said(page, "Comment added.")

    browse(talk)
    assert Comment.objects.get().span is None

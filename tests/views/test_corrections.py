"""The form of a correction, what it shows before anything is stored, and what came of it."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.domain.attributes import Attribute, Kind
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Span
from annotations.queries import corrections as queries
from tests.factories import make_article, make_label, make_span, make_user, replace_article
from tests.views.hands import browser_of, desk_url
from tests.views.page import Page, database

pytestmark = pytest.mark.django_db

FILLING = "Of this nothing was said by anybody at all. "
OLD = (
    f"\n\n  The <b>mayor</b> said “we are fine”. {FILLING}\n\nThe bridge cost 5 million. {FILLING}"
    f"\n\n{FILLING}Support our work: donate today. 🌉"
)
NEW = OLD.replace("5 million", "6 million")
WHEN = datetime(2024, 5, 28, 17, 30, 12, 345678, tzinfo=UTC)


@pytest.fixture
def importer():
    return make_user("importer", importer=True)


@pytest.fixture
def old():
    article = make_article(
        OLD,
        slug="old",
        outlet="Weekly",
        story="A bridge",
        title="The <i>bridge</i>",
        published_at=WHEN,
    )
    make_span(article, text="“we are fine”")
    make_span(article, label="claim", text="The bridge cost 5 million", state=State.APPROVED)
    return article


def correct_url(article):
    return reverse("correct", args=[article.slug])


def correction_url(article):
    return reverse("correction", args=[article.slug])


def form_of(page, article):
    return page.form(correct_url(article))


def look(person, article, **fields):
    """Fill in the form as it is drawn, and press the button that looks."""
    browser = browser_of(person)
    form = form_of(Page(browser.get(correct_url(article))), article)
    return Page(browser.post(correct_url(article), form.fields | {"action": "look"} | fields))


def replace(person, article, page, **fields):
    sent = form_of(page, article).fields | {"action": "replace"} | fields
    return browser_of(person).post(correct_url(article), sent)


def test_the_form_begins_with_what_is_there_to_the_character(old, importer):
    page = Page(browser_of(importer).get(correct_url(old)))
    fields = form_of(page, old).fields
    assert fields["text"] == OLD
    assert {name: fields[name] for name in ("title", "url", "published_at", "seen")} == {
        "title": "The <i>bridge</i>",
        "url": "https://example.org/old",
        "published_at": "2024-05-28T17:30",
        "seen": str(Article.objects.get().revision),
    }
    assert form_of(page, old).buttons == ["look"]
    assert "<b>" not in re.sub(r"<textarea.*?</textarea>", "", page.html, flags=re.S)


def test_looking_shows_what_comes_along_and_stores_nothing(old, importer):
    before = database()
    page = look(importer, old, text=NEW)
    assert (page.status, database() == before) == (200, True)
    assert page.one("h2", id="coming").words == "Carried over 1"
    assert page.one("h2", id="staying").words == "Not carried over 1"
    assert page.one("h2", id="changes").words == "Changes to the text 1"
    assert "Its words do not stand in the new text." in page.words
    assert "approved by" in page.words
    assert [each.words for each in page.every("del")] == ["taken away: 5."] * 2
    assert [each.words for each in page.every("ins")] == ["added: 6."] * 2
    assert form_of(page, old).buttons == ["look", "replace"]
    assert form_of(page, old).fields["text"] == NEW


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["a script", "a form"])
def test_it_is_replaced_by_the_very_text_that_was_looked_at(old, importer, line_end):
    page = look(importer, old, text=NEW.replace("\n", line_end), title="The bridge, again")
    text = form_of(page, old).fields["text"].replace("\n", line_end)
    response = replace(importer, old, page, text=text)
    new = Article.objects.get(replaces=old)
    assert (response.status_code, response.url) == (302, correction_url(new))
    assert (new.text, new.title, new.published_at) == (NEW, "The bridge, again", WHEN)
    assert (new.outlet, new.story, new.slug) == (old.outlet, old.story, "the-bridge-again")
    assert new.events.get(span=None).deed.actor == importer


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin"])
@pytest.mark.parametrize("day", ["0001-01-01T00:00", "9999-12-31T23:59"])
@pytest.mark.parametrize("offset", ["", "+14:00", "-12:00"])
def test_a_date_at_the_end_of_the_calendar_is_refused(old, importer, settings, zone, day, offset):
    settings.TIME_ZONE = zone
    when = day + offset
    page = look(importer, old, text=NEW, published_at=when)
    assert (page.status, form_of(page, old).fields["published_at"]) == (200, when)
    response = replace(importer, old, page)
    assert response.status_code == 422
    assert "The date of publication must be of the years 1900 to 9998." in Page(response).words
    assert Article.objects.get() == old


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("America/New_York", datetime(1, 1, 1, tzinfo=UTC)),
        ("Europe/Berlin", datetime(9999, 12, 31, 23, 59, tzinfo=UTC)),
    ],
)
def test_the_form_opens_whatever_date_came_in_before(old, importer, settings, zone, moment):
    Article.objects.update(published_at=moment, revision=F("revision") + 1)
    settings.TIME_ZONE = zone
    page = Page(browser_of(importer).get(correct_url(old)))
    assert (page.status, form_of(page, old).fields["published_at"]) == (200, "")


def test_what_is_not_there_stays_empty(importer):
    article = make_article("Bare.", url="", title="Bare")
    page = look(importer, article, text="Bare text.", title="", published_at="2024-05-28T17:31")
    replace(importer, article, page)
    new = Article.objects.get(replaces=article)
    assert (new.title, new.url, new.outlet, new.story) == ("Bare text.", "", None, None)
    assert new.published_at == WHEN.replace(minute=31, second=0, microsecond=0)


def test_a_text_that_was_changed_after_the_look_is_looked_at_again(old, importer):
    page = look(importer, old, text=NEW)
    before = database()
    again = Page(replace(importer, old, page, text=NEW + " More."))
    assert (again.status, database() == before) == (409, True)
    assert again.refusals == [
        "The text was changed since you looked. This is what comes along with it now."
    ]
    assert form_of(again, old).fields["text"] == NEW + " More."
    replace(importer, old, again)
    assert Article.objects.get(replaces=old).text == NEW + " More."


def test_to_look_again_needs_no_excuse(old, importer):
    page = look(importer, old, text=NEW)
    again = browser_of(importer).post(
        correct_url(old), form_of(page, old).fields | {"action": "look", "text": NEW + " More."}
    )
    assert (again.status_code, Page(again).refusals) == (200, [])


def test_who_never_looked_is_shown_first(old, importer):
    browser = browser_of(importer)
    fields = form_of(Page(browser.get(correct_url(old))), old).fields
    page = Page(browser.post(correct_url(old), fields | {"text": NEW, "action": "replace"}))
    assert (page.status, Article.objects.count()) == (409, 1)
    assert "replace" in form_of(page, old).buttons


def test_what_somebody_did_meanwhile_is_shown_and_what_was_typed_is_kept(old, importer):
    page = look(importer, old, text=NEW, title="Mine")
    make_span(old, text="Support our work")
    again = Page(replace(importer, old, page))
    assert (again.status, Article.objects.count()) == (409, 1)
    assert "The article has changed since you saw it" in again.refusals[0]
    assert again.one("h2", id="coming").words == "Carried over 2"
    assert form_of(again, old).fields["title"] == "Mine"
    replace(importer, old, again)
    assert Span.objects.filter(article__replaces=old).count() == 2


@pytest.mark.parametrize(
    ("fields", "sentence", "at"),
    [
        ({"text": OLD}, "This is the text that the article has already", "text"),
        ({"text": " \n"}, "The text is empty or only blank", "text"),
        ({"text": ""}, "The text is empty or only blank", "text"),
        ({"text": "a\0b"}, "Null characters are not allowed.", "text"),
        ({"url": "no address"}, "Enter a valid URL.", "url"),
        ({"title": "x" * 501}, "at most 500 characters", "title"),
        ({"published_at": "tomorrow"}, "That is no date and time of publication.", "published_at"),
        ({"seen": "x"}, "A place in the text is a whole number.", ""),
        ({"request_id": "x"}, "request id is not one", ""),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_is_kept(old, importer, fields, sentence, at):
    page = look(importer, old, **{"text": NEW, **fields})
    assert (page.status, Article.objects.count()) == (422, 1)
    assert sentence in page.refusals[0]
    kept = form_of(page, old).fields
    assert kept["text"] == {"text": NEW, **fields}["text"]
    assert [each.get("name") for each in page.every(aria_invalid="true")] == ([at] if at else [])
    assert not page.every("h2", id="coming")


def test_a_refused_deed_keeps_what_was_typed(old, importer):
    make_article("Known already.", slug="known", url="", title="Known")
    bare = make_article("Bare.", url="")
    page = look(importer, bare, text="Known already.")
    again = Page(replace(importer, bare, page))
    assert (again.status, again.refusals) == (409, ["This article is here already."])
    assert form_of(again, bare).fields["text"] == "Known already."


def test_a_hash_of_what_cannot_be_stored_is_no_way_round(importer, old):
    page = look(importer, old, text=NEW)
    blank = "36a9e7f1c95b82ffb99743e0c5c4ce95d83c9a430aac59f84ef3cbfab6145068"  # of one blank
    again = Page(replace(importer, old, page, text=" ", previewed=blank))
    assert (again.status, Article.objects.count()) == (422, 1)


def test_a_double_click_replaces_once_and_leads_to_the_same_page(old, importer):
    page = look(importer, old, text=NEW)
    first, second = (replace(importer, old, page) for _ in range(2))
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert Article.objects.count() == 2


def test_a_form_from_the_history_with_another_text_is_refused(old, importer):
    page = look(importer, old, text=NEW)
    fields = form_of(page, old).fields
    replace(importer, old, page)
    fields |= {"text": NEW + "!", "action": "look"}
    other = Page(browser_of(importer).post(correct_url(old), fields))
    assert other.status == 409
    assert form_of(other, old).fields["text"] == NEW + "!"


def test_only_importers_bring_corrections_in(old):
    ann = make_user(annotator=True, reviewer=True)
    page = Page(browser_of(ann).get(correct_url(old)))
    assert page.status == 200
    assert "Only importers may bring articles in or describe them." in page.words
    assert not page.every("textarea")
    fields = {"text": NEW, "seen": "1", "request_id": str(uuid4()), "action": "look"}
    refused = Page(browser_of(ann).post(correct_url(old), fields))
    assert (refused.status, form_of(refused, old).fields["text"]) == (403, NEW)


def test_an_article_that_was_replaced_leads_on(old, importer):
    new = replace_article(old, NEW)
    page = Page(browser_of(importer).get(correct_url(old)))
    assert "replaced already" in page.words
    assert [link["href"] for link in page.every("a", href=correct_url(new))]
    assert not page.every("textarea")


def test_a_deed_without_a_session_is_held_and_done_after_signing_in(old, importer):
    page = look(importer, old, text=NEW)
    browser = browser_of(importer)
    browser.logout()
    fields = form_of(page, old).fields | {"action": "replace"}
    asked = Page(browser.post(correct_url(old), fields))
    assert asked.status == 401
    importer.set_password("secret")
    importer.save()
    held = asked.one("input", name="held")["value"]
    signed = Page(
        browser.post(reverse("login"), {"username": "importer", "password": "secret", "held": held})
    )
    again = form_of(signed, old).fields
    assert again["text"].replace("\r\n", "\n") == NEW
    assert browser.post(correct_url(old), again).status_code == 302
    assert Article.objects.get(replaces=old).text == NEW


@pytest.mark.parametrize("name", ["correct", "correction"])
def test_an_article_that_there_is_not_is_not_here(importer, name):
    assert browser_of(importer).get(reverse(name, args=["nowhere"])).status_code == 404


def test_an_article_that_replaces_none_has_no_correction_page(old, importer):
    response = browser_of(importer).get(correction_url(old))
    assert response.status_code == 404
    assert "This article replaces no other." in Page(response).words


def test_the_page_of_a_correction_leads_to_what_came_and_to_where_the_rest_would_stand(old):
    make_span(old, label="boilerplate", text="our work", state=State.REJECTED)
    new = replace_article(old, NEW, slug="new")
    before = database()
    page = Page(browser_of(make_user(annotator=True)).get(correction_url(new)))
    came = new.spans.get()
    assert page.every("a", href=f"{desk_url(new)}?span={came.uid}")
    assert page.every("a", href=f"{desk_url(new)}#p1")
    assert "Settled and left behind: 1 rejected." in page.words
    assert "2 paragraphs unchanged" not in page.words
    assert database() == before


def test_a_correction_without_spans_says_so():
    old = make_article("One two.")
    new = replace_article(old, "One three.")
    page = Page(browser_of(make_user()).get(correction_url(new)))
    assert "Nothing is left to mark by hand." in page.words
    assert "No span of the old article stands once" in page.words


def test_long_lists_say_how_many_more_there_are(monkeypatch):
    monkeypatch.setattr(queries, "LISTED", 1)
    words = f"Aa bb cc. {FILLING}dd ee ff."
    old = make_article(words)
    for text in ("Aa", "bb", "ee", "ff"):
        make_span(old, text=text)
    new = replace_article(old, words.replace("dd", "xx"))
    page = Page(browser_of(make_user()).get(correction_url(new)))
    assert page.words.count("And 1 more") == 2


def test_a_place_that_was_let_go_is_told(importer):
    make_label("quote", attributes=[Attribute("speaker", "Speaker", Kind.ANCHORED)])
    old = make_article(OLD)
    start = OLD.index("today")
    speaker = {"value": "today", "start": start, "end": start + 5}
    make_span(old, text="“we are fine”", attributes={"speaker": speaker})
    page = look(importer, old, text=OLD.replace("donate", "give"))
    assert "without the place of: speaker" in page.words


def test_the_desk_offers_it_to_importers_and_says_what_replaced_what(old, importer):
    ann = make_user(annotator=True)
    assert Page(browser_of(importer).get(desk_url(old))).every("a", href=correct_url(old))
    assert not Page(browser_of(ann).get(desk_url(old))).every("a", href=correct_url(old))
    new = replace_article(old, NEW, title="Newer")
    there, here = (Page(browser_of(importer).get(desk_url(each))) for each in (old, new))
    assert "Superseded by Newer: what was carried over." in there.words
    assert there.every("a", href=desk_url(new))
    assert not there.every("a", href=correct_url(old))
    assert "1 span carried over, 1 not" in here.words
    assert here.every("a", href=correction_url(new))
    assert here.every("a", href=desk_url(old))


def test_the_pages_take_the_same_statements_however_many_spans_there_are(old, importer):
    def statements(article):
        browser = browser_of(importer)
        with CaptureQueriesContext(connection) as looked:
            browser.get(correction_url(article))
        return len(looked)

    new = replace_article(old, NEW)
    few = statements(new)
    for word in ("nothing", "said", "anybody", "all", "mayor", "bridge"):
        make_span(new, label="claim", text=word)
    newest = replace_article(new, NEW.replace("6", "7"))
    assert statements(newest) == few <= 10
    assert new.state == ArticleState.OPEN

"""The export: what the screen counts is what the file holds."""

import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.domain.lifecycle import ArticleState, State
from annotations.exports import FORMATS
from annotations.models import Article, Export
from annotations.views.choosing import title_of
from tests.factories import (
    load_labels,
    make_article,
    make_export,
    make_span,
    make_token,
    make_user,
)
from tests.views.hands import browser_of, deed, desk_url
from tests.views.page import HTMX, Page

pytestmark = pytest.mark.django_db
EXPORT, DOWNLOAD = "/export/", "/export/download"


@pytest.fixture
def corpus():
    """Spans in every state, of three labels, in articles of two outlets and every state."""
    load_labels()
    people = {
        "author": make_user("ann", annotator=True),
        "reviewer": make_user("rev", reviewer=True),
    }
    for slug, outlet, story in (
        ("a-bridge", "Alfa", "The bridge"),
        ("b-bridge", "Beta", "The bridge"),
        ("c-other", "Beta", "Another"),
    ):
        article = make_article(slug=slug, title=slug, outlet=outlet, story=story)
        for label, extra in (
            ("quote", {"form": "scare"}),
            ("claim", {}),
            ("boilerplate", {"kind": "ad"}),
        ):
            for state in (State.APPROVED, State.PROPOSED, State.REJECTED):
                make_span(article, label=label, state=state, attributes=extra, **people)
    make_article(slug="d-reviewed", title="Nothing in it", state=ArticleState.REVIEWED)
    make_article(slug="e-submitted", state=ArticleState.SUBMITTED)
    aside = make_span(make_article(slug="f-aside"), state=State.APPROVED, label="claim").article
    browser_of(people["author"]).post(
        desk_url(aside), deed("set_aside", Article.objects.get(pk=aside.pk), reason="A copy.")
    )


def counted(page):
    """The numbers that the screen shows."""
    (line,) = [each for each in page.every("p") if each.has_class("counted")]
    return [int(number.text) for number in line.every("strong")]


def chosen_on(page):
    """What the screen's button would send: every field, those of one name together."""
    fields = {}
    for field in page.form(DOWNLOAD).every("input", type="hidden"):
        fields.setdefault(field["name"], []).append(field["value"])
    return fields


def gone_away(response):
    """Close it as a server does whose client has gone, but keep the test's connection."""
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)


def lines_of(response):
    assert response.status_code == 200
    body = b"".join(response.streaming_content).decode()
    assert body == "" or body.endswith("\n")
    return [json.loads(line) for line in body.split("\n")[:-1]]


FILTERS = [
    "",
    "state=approved",
    "state=proposed&state=rejected",
    "state=approved&label=quote",
    "label=quote&label=claim",
    "outlet=beta",
    "outlet=alfa&label=boilerplate&state=rejected",
    "story=the-bridge&outlet=beta",
    "article=a-bridge&article=c-other",
    "article=d-reviewed",
    "article=e-submitted",
    "article_state=set_aside",
    "article_state=reviewed",
    "article_state=in_progress&state=proposed",
    "article_state=submitted&state=approved",
    "state=withdrawn",
    "story=another&outlet=alfa",
]


def test_the_screen_counts_the_lines_of_the_download_that_it_offers(corpus):
    browser = browser_of(make_user(exporter=True))

    for query in FILTERS:
        for format in ("spans", "articles"):
            page = Page(browser.get(f"{EXPORT}?{query}&format={format}"))
            lines = lines_of(browser.post(DOWNLOAD, chosen_on(page)))

            if format == "spans":
                slugs = {line["article"]["slug"] for line in lines}
                assert counted(page) == [len(lines), len(slugs)], query
                assert all(line["schema"] == "newsroom.span/1" for line in lines)
            else:
                spans = sum(len(line["spans"]) for line in lines)
                assert counted(page) == [spans, len(lines)], query
                assert all(line["schema"] == "newsroom.article/1" for line in lines)


def test_the_filter_that_is_shown_is_the_one_that_was_asked_for(corpus):
    browser = browser_of(make_user(exporter=True))

    for query in FILTERS:
        page = Page(browser.get(f"{EXPORT}?{query}"))

        ticked = [
            f"{box['name']}={box['value']}"
            for box in page.every("input", type="checkbox")
            if "checked" in box.attributes
        ]
        asked = [part for part in query.split("&") if part]
        if not any(part.startswith("state=") for part in asked):
            asked.append("state=approved")
        assert sorted(ticked) == sorted(asked)


def test_by_default_the_approved_spans_of_articles_that_do_not_rest_go_out(corpus):
    lines = lines_of(browser_of(make_user(exporter=True)).post(DOWNLOAD))

    assert len(lines) == 9
    assert {line["state"] for line in lines} == {"approved"}
    assert [line["article"]["slug"] for line in lines] == sorted(
        line["article"]["slug"] for line in lines
    )
    assert "f-aside" not in {line["article"]["slug"] for line in lines}


def test_each_line_holds_the_words_of_the_article_at_its_place(corpus):
    lines = lines_of(browser_of(make_user(exporter=True)).post(f"{DOWNLOAD}?state=rejected"))

    texts = dict(Article.objects.values_list("slug", "text"))
    for line in lines:
        assert line["text"] == texts[line["article"]["slug"]][line["start"] : line["end"]]


def test_a_download_is_a_file_of_json_lines_with_a_name(corpus):
    browser = browser_of(make_user(exporter=True))

    for format in ("spans", "articles"):
        response = browser.post(f"{DOWNLOAD}?format={format}")

        assert response["Content-Type"] == "application/jsonl; charset=utf-8"
        assert response["Content-Disposition"] == f'attachment; filename="{format}.jsonl"'
        assert lines_of(response)


@pytest.mark.parametrize("format", ["spans", "articles"])
def test_pseudonyms_hide_every_name(format, corpus):
    browser = browser_of(make_user(exporter=True))
    page = Page(browser.get(f"{EXPORT}?format={format}&people=pseudonym"))

    lines = lines_of(browser.post(DOWNLOAD, chosen_on(page)))

    spans = [span for line in lines for span in line.get("spans", [line])]
    people = {span[role] for span in spans for role in ("author", "last_editor", "decided_by")}
    assert people == {"person-1", "person-2"}
    assert all(span["author"] != span["decided_by"] for span in spans)
    assert not {"ann", "rev"} & {
        value for span in spans for value in span.values() if isinstance(value, str)
    }


def test_without_pseudonyms_people_go_by_their_names(corpus):
    lines = lines_of(browser_of(make_user(exporter=True)).post(f"{DOWNLOAD}?people=names"))

    assert {(line["author"], line["decided_by"]) for line in lines} == {("ann", "rev")}


@pytest.mark.parametrize("part", ["annotator", "reviewer", "importer"])
def test_who_does_not_export_sees_the_counts_and_gets_no_file(part):
    make_span(state=State.APPROVED)
    browser = browser_of(make_user(**{part: True}))

    page = Page(browser.get(EXPORT))
    response = browser.post(DOWNLOAD)

    assert counted(page) == [1, 1]
    assert not page.every("form", action=DOWNLOAD)
    assert response.status_code == 403
    assert "Only exporters may take spans away." in Page(response).refusals
    assert "Content-Disposition" not in response


def test_nobody_who_is_not_signed_in_gets_a_file():
    response = Client().post(DOWNLOAD)

    assert response.status_code == 401
    assert not response.streaming


UNKNOWN = {
    "state=nonsense": "There is no span state “nonsense”.",
    "label=rumour": "There is no label “rumour”.",
    "outlet=nobody": "There is no outlet “nobody”.",
    "story=none": "There is no story “none”.",
    "article=nowhere": "There is no article “nowhere”.",
    "article_state=done": "There is no article state “done”.",
    "format=word": "There is no format “word”.",
    "format=": "There is no format “”.",
    "state=": "There is no span state “”.",
    "label=%3Cb%3E": "There is no label “<b>”.",
    "label=quote%20": "There is no label “quote ”.",
}


@pytest.mark.parametrize("way", ["look", "take"])
def test_a_filter_that_names_what_there_is_not_is_422_and_says_so(way):
    browser = browser_of(make_user(exporter=True))

    for query, sentence in UNKNOWN.items():
        for headers in ({}, HTMX):
            ask, address = (browser.get, EXPORT) if way == "look" else (browser.post, DOWNLOAD)
            response = ask(f"{address}?{query}", headers=headers)

            page = Page(response)
            assert response.status_code == 422, query
            assert sentence in page.refusals
            assert not page.every("b")


@pytest.mark.parametrize("name", ["state", "label", "outlet", "story", "article", "article_state"])
def test_no_filter_whatever_it_holds_is_an_error(name):
    browser = browser_of(make_user(exporter=True))

    for value in ("%00", "a%00b", "%ff", "%ed%a0%80", "x" * 5000):
        assert browser.get(f"{EXPORT}?{name}={value}").status_code == 422
        assert browser.post(f"{DOWNLOAD}?{name}={value}").status_code == 422


def test_several_things_that_there_are_not_are_all_named():
    page = Page(browser_of(make_user(exporter=True)).get(f"{EXPORT}?label=rumour&outlet=nobody"))

    assert "There is no label “rumour”. There is no outlet “nobody”." in page.refusals


def test_htmx_is_answered_with_the_counts_alone(corpus):
    page = Page(browser_of(make_user(exporter=True)).get(f"{EXPORT}?label=quote", headers=HTMX))

    assert counted(page) == [3, 3]
    assert not page.every("html")
    assert not page.every("fieldset")


def test_an_export_of_nothing_is_an_empty_file():
    browser = browser_of(make_user(exporter=True))

    assert counted(Page(browser.get(EXPORT))) == [0, 0]
    for format in ("spans", "articles"):
        assert lines_of(browser.post(f"{DOWNLOAD}?format={format}")) == []


# Taking away is on record; looking is not


@pytest.mark.parametrize("format", FORMATS)
def test_the_numbers_on_the_screen_are_those_on_record_whatever_the_format(format, corpus):
    browser = browser_of(make_user(exporter=True))

    for query in ("", "label=quote", "article=d-reviewed", "state=withdrawn", "story=the-bridge"):
        page = Page(browser.get(f"{EXPORT}?format={format}&{query}"))
        response = browser.post(DOWNLOAD, chosen_on(page))
        body = b"".join(response.streaming_content)

        export = Export.objects.first()
        assert counted(page) == [export.spans, export.articles], query
        assert (export.format, export.whole) == (format, True)
        assert export.sha256 == hashlib.sha256(body).hexdigest()
        assert FORMATS[format].file_name in response["Content-Disposition"]


def test_a_get_leads_to_the_screen_with_the_same_choice_and_writes_nothing(corpus):
    browser = browser_of(make_user(exporter=True))
    query = "format=articles&label=quote&label=claim&decided_from=2026-01-31"

    for ask in (browser.get, browser.head):
        response = ask(f"{DOWNLOAD}?{query}")

        assert response.status_code == 302
        assert response["Location"] == f"{EXPORT}?{query}"
    assert not Export.objects.exists()


def test_a_download_is_on_record_and_leads_to_its_manifest(corpus):
    person = make_user(exporter=True)
    browser = browser_of(person)

    response = browser.post(DOWNLOAD, {"label": ["quote", "claim"], "people": "pseudonym"})
    body = b"".join(response.streaming_content)

    export = Export.objects.get()
    assert (export.person, export.via, export.whole) == (person, "session", True)
    assert export.chosen["label"] == ["claim", "quote"]
    assert export.pseudonyms
    assert response["Link"] == f'</export/{export.uid}/manifest.json>; rel="describedby"'
    told = browser.get(f"/export/{export.uid}/manifest.json").json()
    assert told["sha256"] == hashlib.sha256(body).hexdigest()
    assert (told["spans"], told["bytes"], told["complete"]) == (6, len(body), True)


def test_a_download_that_is_closed_before_its_end_is_on_record_as_cut_off(corpus):
    browser = browser_of(make_user(exporter=True))

    gone_away(browser.post(DOWNLOAD))

    export = Export.objects.get()
    assert not export.whole
    page = Page(browser.get(EXPORT))
    (row,) = page.one("tbody").every("tr")
    assert "cut off" in row.words
    told = browser.get(row.one("a")["href"]).json()
    assert (told["complete"], told["sha256"]) == (False, None)


def test_address_and_form_fields_choose_together(corpus):
    browser = browser_of(make_user(exporter=True))

    lines = lines_of(browser.post(f"{DOWNLOAD}?label=quote", {"outlet": "beta"}))

    assert {(line["label"], line["article"]["outlet"]) for line in lines} == {("quote", "beta")}


MISTYPED = {
    "states=approved": "There is no filter “states”.",
    "people=pseudonyms": "People go by “names” or by “pseudonym”, not by “pseudonyms”.",
    "people=": "People go by “names” or by “pseudonym”, not by “”.",
    "decided_from=31.12.2026": "“31.12.2026” is no day; write it like 2026-01-31.",
    "decided_until=20261231": "“20261231” is no day; write it like 2026-01-31.",
    "decided_until=2026-02-30": "“2026-02-30” is no day; write it like 2026-01-31.",
    "decided_from=0001-01-01": "“0001-01-01” is no day; write it like 2026-01-31.",
    "decided_from=2026-02-01&decided_until=2026-01-01": "(2026-02-01) is after",
}


def test_whoever_mistypes_a_filter_gets_a_sentence_and_not_everything(corpus):
    browser = browser_of(make_user(exporter=True))

    for query, sentence in MISTYPED.items():
        response = browser.post(f"{DOWNLOAD}?{query}")

        assert response.status_code == 422, query
        assert sentence in Page(response).words, query
    assert not Export.objects.exists()


def test_a_filter_that_is_sent_as_a_file_is_no_filter_and_gives_nothing(corpus):
    browser = browser_of(make_user(exporter=True))
    response = browser.post(DOWNLOAD, {"label": SimpleUploadedFile("q.txt", b"quote")})
    assert response.status_code == 422
    assert "Send each filter as a value, not as a file." in Page(response).words
    assert not Export.objects.exists()


def test_a_day_that_is_none_is_told_at_its_field_and_what_was_typed_kept():
    browser = browser_of(make_user(exporter=True))
    address = f"{EXPORT}?decided_from=31.12.2026&label=&format=articles"
    page = Page(browser.get(address.replace("&label=", "")))

    field = page.one("input", name="decided_from")
    assert (field["value"], field["type"]) == ("31.12.2026", "text")
    assert page.one(id=field["aria-describedby"]).words == (
        "“31.12.2026” is no day; write it like 2026-01-31."
    )
    assert page.one("input", value="articles")["checked"] == ""
    assert not page.every("form", action=DOWNLOAD)
    assert not [each for each in page.every("p") if each.has_class("counted")]

    part = Page(browser.get(address.replace("&label=", ""), headers=HTMX))
    assert "is no day" in part.partials["#wrong-decided_from"].words
    assert part.partials["#wrong-decided_until"].words == ""


def test_days_choose_what_was_decided_on_them(corpus):
    browser = browser_of(make_user(exporter=True))
    today = timezone.localdate()

    for query, number in (
        (f"decided_from={today}&decided_until={today}", 9),
        (f"decided_until={today - timedelta(days=1)}", 0),
        (f"decided_from={today}&reviewer=rev", 9),
        ("reviewer=ann", 0),
    ):
        page = Page(browser.get(f"{EXPORT}?{query}"))

        lines = lines_of(browser.post(DOWNLOAD, chosen_on(page)))
        assert len(lines) == number, query
        assert counted(page)[0] == number, query


def test_exporters_see_what_all_have_taken_and_nobody_else_does(corpus):
    eve = make_user("eve", exporter=True)
    make_export(eve)
    make_export()
    token, _ = make_token(eve)
    make_export(eve, token=token)

    page = Page(browser_of(make_user(exporter=True)).get(EXPORT))
    rows = [row.every("td")[1].words for row in page.one("tbody").every("tr")]
    assert rows == ["eve by token", "operator", "eve"]
    assert "approved" in page.one("tbody").words

    for part in ({"reviewer": True}, {}):
        page = Page(browser_of(make_user(**part)).get(EXPORT))
        assert not page.every("tbody")
        assert "Taken away" not in page.words


def test_the_list_of_what_was_taken_comes_by_itself_after_a_download(corpus):
    browser = browser_of(make_user("eve", exporter=True))
    page = Page(browser.get(EXPORT))
    place = page.one(id="taken-away")
    assert place["hx-trigger"] == "submit from:#counts delay:2s"
    assert page.one(id="counts").every("form", action=DOWNLOAD)
    before = Page(browser.get(place["hx-get"], headers=HTMX))
    assert "Nothing has been taken away yet." in before.words
    b"".join(browser.post(DOWNLOAD, {"format": "web_annotation"}).streaming_content)
    after = Page(browser.get(place["hx-get"], headers=HTMX))
    assert after.one("tbody").one("strong").words == "Web Annotation"
    assert not after.every("main")
    assert browser.get(place["hx-get"])["Location"] == EXPORT
    stranger = browser_of(make_user(reviewer=True)).get(place["hx-get"], headers=HTMX)
    assert stranger.status_code == 403
    assert "eve" not in stranger.content.decode()


def test_formats_go_by_their_titles(corpus):
    eve = make_user("eve", exporter=True)
    for person, format in ((None, "archive"), (eve, "web_annotation")):
        make_export(person, format=format)
    page = Page(browser_of(eve).get(f"{EXPORT}?format=label_studio"))
    told = [each.words for each in page.one("tbody").every("strong")]
    assert told == ["Web Annotation", "Archive"]
    assert title_of("one of old") == "one of old"
    assert "Label Studio · approved" in page.one(id="counts").words


def test_where_there_is_nothing_to_take_away_that_is_said(corpus):
    browser = browser_of(make_user(exporter=True))
    for query, empty in (
        ("decided_until=2001-01-01", True),
        ("decided_until=2001-01-01&format=articles", False),
        ("", False),
    ):
        page = Page(browser.get(f"{EXPORT}?{query}"))
        button = page.form(DOWNLOAD).one("button")
        assert button.words == ("Nothing to take away" if empty else "Download"), query
        assert ("disabled" in button.attributes) is empty, query


def test_the_manifest_is_for_exporters_and_for_who_made_it(corpus):
    maker = make_user(exporter=True)
    address = f"/export/{make_export(maker).uid}/manifest.json"
    maker.groups.clear()

    for person, status in (
        (maker, 200),
        (make_user(exporter=True), 200),
        (make_user(superuser=True), 200),
        (make_user(reviewer=True), 403),
    ):
        assert browser_of(person).get(address).status_code == status
    missing = browser_of(maker).get(f"/export/{uuid4()}/manifest.json")
    assert missing.status_code == 404
    assert "There is no such export on record." in Page(missing).words


def test_the_commands_that_are_shown_choose_what_is_counted(corpus):
    page = Page(browser_of(make_user(exporter=True)).get(f"{EXPORT}?label=quote&outlet=beta"))

    first, second, third = page.one("pre").text.strip().split("\n")
    query = "format=spans&state=approved&label=quote&outlet=beta"
    assert f"'http://testserver/export/download?{query}'" in first
    assert "manifest.json" in second
    assert third.endswith("sha256sum -c")


def test_a_download_that_was_asked_for_after_the_session_had_ended_comes_after_signing_in(corpus):
    make_user("exp", exporter=True, password="correct horse")
    browser = Client(enforce_csrf_checks=True)
    asked = browser.post(DOWNLOAD, {"label": "quote", "format": "spans"})
    form = Page(asked).form("/accounts/login/")
    assert asked.status_code == 401

    name = {"username": "exp", "password": "correct horse"}
    again = Page(browser.post("/accounts/login/", form.fields | name)).form(DOWNLOAD)
    lines = lines_of(browser.post(DOWNLOAD, again.fields))

    assert {line["label"] for line in lines} == {"quote"}
    assert Export.objects.get().person.username == "exp"


# Many to choose from


@pytest.fixture
def many(corpus):
    """Thirty articles more, each of a story and an outlet of its own."""
    for number in range(30):
        make_article(
            slug=f"m-{number:02}",
            title=f"Number {number}",
            outlet=f"Outlet {number}",
            story=f"Story {number}",
        )


def offered(page, name):
    return [box["value"] for box in page.every("input", type="checkbox", name=name)]


def test_of_many_articles_a_few_are_offered_and_the_others_found_by_a_word(many):
    browser = browser_of(make_user(exporter=True))

    page = Page(browser.get(EXPORT))
    assert len(offered(page, "article")) == len(offered(page, "story")) == 8
    assert page.one("input", name="find_article")
    assert not page.every("input", name="find_label")

    page = Page(browser.get(f"{EXPORT}?find_article=number+2"))
    assert offered(page, "article") == ["m-02", *(f"m-{number}" for number in range(20, 27))]
    assert "There are more" in page.one(id="options-article").words
    assert offered(Page(browser.get(f"{EXPORT}?find_article=M-17")), "article") == ["m-17"]
    nothing = Page(browser.get(f"{EXPORT}?find_article=%00nothing"))
    assert offered(nothing, "article") == []


def test_what_is_chosen_stays_on_offer_whatever_is_sought(many):
    browser = browser_of(make_user(exporter=True))
    address = f"{EXPORT}?article=m-29&article=m-28&find_article=number+1"

    for response in (browser.get(address), browser.get(address, headers=HTMX)):
        page = Page(response)
        boxes = page.every("input", type="checkbox", name="article")
        assert [box["value"] for box in boxes if "checked" in box.attributes] == ["m-28", "m-29"]
        assert len(boxes) == 10
    assert "#options-article" in page.partials


def test_the_screen_costs_the_same_with_many_as_with_few(corpus):
    browser = browser_of(make_user(exporter=True))

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(EXPORT).status_code == 200
        return len(queries)

    def grow(numbers):
        for number in numbers:
            article = make_article(
                slug=f"x-{number}", outlet=f"Outlet {number}", story=f"Story {number}"
            )
            make_span(article, label="claim", state=State.APPROVED)  # by somebody of its own
            make_export(make_user(exporter=True))

    grow(range(10))
    few = cost()
    grow(range(10, 40))
    assert cost() == few
    assert few <= 20

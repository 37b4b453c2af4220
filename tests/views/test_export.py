"""The export: what the screen counts is what the file holds."""

import json

import pytest
from django.test import Client

from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article
from tests.factories import load_labels, make_article, make_span, make_user
from tests.views.hands import browser_of, deed, desk_url
from tests.views.page import HTMX, Page

pytestmark = pytest.mark.django_db
EXPORT = "/export/"


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
            (link,) = [link for link in page.every("a") if link.words == "Download"]
            lines = lines_of(browser.get(link["href"]))

            if format == "spans":
                assert counted(page) == [len(lines)], query
                assert all(line["schema"] == "newsroom.span/1" for line in lines)
            else:
                spans = sum(len(line["spans"]) for line in lines)
                assert counted(page) == [len(lines), spans], query
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
    lines = lines_of(browser_of(make_user(exporter=True)).get("/export/download"))

    assert len(lines) == 9
    assert {line["state"] for line in lines} == {"approved"}
    assert [line["article"]["slug"] for line in lines] == sorted(
        line["article"]["slug"] for line in lines
    )
    assert "f-aside" not in {line["article"]["slug"] for line in lines}


def test_each_line_holds_the_words_of_the_article_at_its_place(corpus):
    lines = lines_of(browser_of(make_user(exporter=True)).get("/export/download?state=rejected"))

    texts = dict(Article.objects.values_list("slug", "text"))
    for line in lines:
        assert line["text"] == texts[line["article"]["slug"]][line["start"] : line["end"]]


def test_a_download_is_a_file_of_json_lines_with_a_name(corpus):
    browser = browser_of(make_user(exporter=True))

    for format in ("spans", "articles"):
        response = browser.get(f"/export/download?format={format}")

        assert response["Content-Type"] == "application/jsonl; charset=utf-8"
        assert response["Content-Disposition"] == f'attachment; filename="{format}.jsonl"'
        assert lines_of(response)


@pytest.mark.parametrize("format", ["spans", "articles"])
def test_pseudonyms_hide_every_name(format, corpus):
    browser = browser_of(make_user(exporter=True))
    page = Page(browser.get(f"{EXPORT}?format={format}&people=pseudonym"))
    (link,) = [link for link in page.every("a") if link.words == "Download"]

    lines = lines_of(browser.get(link["href"]))

    spans = [span for line in lines for span in line.get("spans", [line])]
    people = {span[role] for span in spans for role in ("author", "last_editor", "decided_by")}
    assert people == {"person-1", "person-2"}
    assert all(span["author"] != span["decided_by"] for span in spans)
    assert not {"ann", "rev"} & {
        value for span in spans for value in span.values() if isinstance(value, str)
    }


def test_without_pseudonyms_people_go_by_their_names(corpus):
    lines = lines_of(browser_of(make_user(exporter=True)).get("/export/download?people=names"))

    assert {(line["author"], line["decided_by"]) for line in lines} == {("ann", "rev")}


@pytest.mark.parametrize("part", ["annotator", "reviewer", "importer"])
def test_who_does_not_export_sees_the_counts_and_gets_no_file(part):
    make_span(state=State.APPROVED)
    browser = browser_of(make_user(**{part: True}))

    page = Page(browser.get(EXPORT))
    response = browser.get("/export/download")

    assert counted(page) == [1]
    assert not [link for link in page.every("a") if link.words == "Download"]
    assert response.status_code == 403
    assert "Only exporters may take spans away." in Page(response).refusals
    assert "Content-Disposition" not in response


def test_nobody_who_is_not_signed_in_gets_a_file():
    response = Client().get("/export/download")

    assert response.status_code == 302
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


@pytest.mark.parametrize("address", [EXPORT, "/export/download"])
def test_a_filter_that_names_what_there_is_not_is_422_and_says_so(address):
    browser = browser_of(make_user(exporter=True))

    for query, sentence in UNKNOWN.items():
        for headers in ({}, HTMX):
            response = browser.get(f"{address}?{query}", headers=headers)

            page = Page(response)
            assert response.status_code == 422, query
            assert sentence in page.refusals
            assert not page.every("b")


@pytest.mark.parametrize("name", ["state", "label", "outlet", "story", "article", "article_state"])
def test_no_filter_whatever_it_holds_is_an_error(name):
    browser = browser_of(make_user(exporter=True))

    for value in ("%00", "a%00b", "%ff", "%ed%a0%80", "x" * 5000):
        assert browser.get(f"{EXPORT}?{name}={value}").status_code == 422
        assert browser.get(f"/export/download?{name}={value}").status_code == 422


def test_several_things_that_there_are_not_are_all_named():
    page = Page(browser_of(make_user(exporter=True)).get(f"{EXPORT}?label=rumour&outlet=nobody"))

    assert "There is no label “rumour”. There is no outlet “nobody”." in page.refusals


def test_htmx_is_answered_with_the_counts_alone(corpus):
    page = Page(browser_of(make_user(exporter=True)).get(f"{EXPORT}?label=quote", headers=HTMX))

    assert counted(page) == [3]
    assert not page.every("html")
    assert not page.every("fieldset")


def test_an_export_of_nothing_is_an_empty_file():
    browser = browser_of(make_user(exporter=True))

    assert counted(Page(browser.get(EXPORT))) == [0]
    for format in ("spans", "articles"):
        assert lines_of(browser.get(f"/export/download?format={format}")) == []

"""The library: everybody who is signed in finds their way from here."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotations import actions
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Comment
from annotations.queries import library as queries
from tests.factories import load_labels, make_article, make_deed, make_span, make_user
from tests.views.hands import browser_of, desk_url
from tests.views.page import HTMX, Page

pytestmark = pytest.mark.django_db
LIBRARY = "/"


def titles(page):
    """The articles that the table lists, in its order."""
    rows = page.one("table").every("th", scope="row")
    return [row.one("a").words for row in rows]


def numbers(page, title):
    """What the table counts of the article: spans, undecided, approved."""
    (row,) = [row for row in page.every("tr") if title in [a.words for a in row.every("a")]]
    return [int(cell.words) for cell in row.every("td", data_name=True)]


def search(browser, words):
    return Page(browser.get(LIBRARY, {"q": words}))


@pytest.mark.parametrize("part", ["annotator", "reviewer", "exporter", "importer", "superuser"])
def test_everyone_who_is_signed_in_may_read(part):
    article = make_article(title="The bridge")
    make_span(article)
    browser = browser_of(make_user(**{part: True}))

    assert titles(Page(browser.get(LIBRARY))) == ["The bridge"]
    assert browser.get(desk_url(article)).status_code == 200


def test_somebody_in_no_group_may_read_but_is_offered_nothing_to_do():
    article = make_article()
    browser = browser_of(make_user())

    assert "Next for me" not in Page(browser.get(LIBRARY)).words
    assert not Page(browser.get(desk_url(article))).every("form", id="mark")


def test_an_article_stands_with_its_outlet_its_story_its_state_and_its_numbers():
    article = make_article(title="The bridge", outlet="The Courier", story="A bridge opens")
    author = make_user(annotator=True)
    for state in (
        State.SUGGESTED,
        State.PROPOSED,
        State.SENT_BACK,
        State.APPROVED,
        State.WITHDRAWN,
    ):
        make_span(article, author, state=state)

    page = Page(browser_of(author).get(LIBRARY))

    assert numbers(page, "The bridge") == [3, 2, 1]
    assert {"The Courier", "A bridge opens", "in progress"} <= {
        cell.words for tag in ("td", "th") for cell in page.every(tag)
    }


def test_articles_stand_by_story_and_then_by_outlet():
    for slug, outlet, story in (
        ("d", "Beta", "Zebras"),
        ("c", "Beta", "Ants"),
        ("b", "Alfa", "Ants"),
    ):
        make_article(slug=slug, title=slug, outlet=outlet, story=story)

    page = Page(browser_of(make_user()).get(LIBRARY))

    assert titles(page) == ["b", "c", "d"]
    assert [row.words for row in page.every("tr") if row.has_class("story")] == ["Ants", "Zebras"]


def test_what_was_sent_back_to_me_comes_first_and_leads_to_the_span():
    ann, other = make_user("ann", annotator=True), make_user("bob", annotator=True)
    mine = make_span(author=ann, state=State.SENT_BACK, text="safe as a house")
    make_span(author=other, state=State.SENT_BACK, text="5 million")
    make_span(author=ann, text="estimate")

    page = Page(browser_of(ann).get(LIBRARY))

    (section,) = [each for each in page.every("section") if each.has_class("sent-back")]
    link = section.one("li").one("a")
    assert "safe as a house" in link.words
    assert link["href"] == f"{desk_url(mine.article)}?span={mine.uid}"
    assert page.html.index("Sent back to me") < page.html.index('type="search"')


def test_nobody_else_is_shown_what_was_sent_back_to_its_author():
    span = make_span(state=State.SENT_BACK)

    page = Page(browser_of(span.decided_by).get(LIBRARY))

    assert "Sent back to me" not in page.html


def test_what_was_sent_back_rests_with_its_article():
    span = make_span(state=State.SENT_BACK)
    article = span.article
    actions.set_aside(
        article=article.slug,
        seen=article.revision,
        reason="A duplicate.",
        deed=make_deed(span.author),
    )

    assert "Sent back to me" not in Page(browser_of(span.author).get(LIBRARY)).html


def test_search_finds_words_of_the_title_the_text_or_the_outlet_as_they_stand():
    make_article("It stands in deep water.", title="The bridge", outlet="The Courier")
    nasty = """100% of a_b is “quoted” and "straight", it's back\\slash <b>."""
    make_article(nasty, title="All of it")
    browser = browser_of(make_user())

    for title, sought in (
        ("The bridge", ["bridge", "BRIDGE", "courier", "deep water", "  deep water  "]),
        ("All of it", ["100%", "a_b", "“quoted”", '"straight"', "it's", "back\\slash", "<b>"]),
    ):
        for words in sought:
            page = search(browser, words)

            assert titles(page) == [title], words
            assert page.one("input", name="q")["value"] == words.strip()


def test_nothing_in_a_search_is_a_wildcard():
    make_article("Deep water.", title="The bridge")
    browser = browser_of(make_user())

    for words in ("%", "_", "a_ter", "%bridge%", "' OR 1=1 --", "[bridge]", ".*"):
        page = search(browser, words)

        assert page.status == 200
        assert not page.every("table"), words
        assert f"No article has “{words}”." in page.words


@pytest.mark.parametrize("words", ["\0", "brid\0ge", "\ud7ff\ue000", "\U0001f600", "x" * 60_000])
def test_no_search_whatever_it_holds_is_an_error(words):
    make_article(title="The bridge")
    browser = browser_of(make_user())

    assert browser.get(LIBRARY, {"q": words}).status_code == 200
    assert browser.get("/?q=%ff%fe%ed%a0%80").status_code == 200


def test_a_nul_in_a_search_is_passed_over():
    make_article(title="The bridge")

    assert titles(search(browser_of(make_user()), "bri\0dge")) == ["The bridge"]


def test_articles_that_are_set_aside_stand_in_a_list_of_their_own():
    make_article(title="The bridge")
    make_article("Words.", title="A copy", state=ArticleState.SET_ASIDE)
    browser = browser_of(make_user())

    page = Page(browser.get(LIBRARY))

    assert titles(page) == ["The bridge"]
    (link,) = [link for link in page.every("a") if link.words == "Show what is set aside"]
    aside = Page(browser.get(LIBRARY + link["href"].removeprefix(LIBRARY)))
    assert titles(aside) == ["A copy"]
    assert titles(Page(browser.get(LIBRARY, {"aside": "1", "q": "copy"}))) == ["A copy"]
    assert not Page(browser.get(LIBRARY, {"aside": "1", "q": "bridge"})).every("table")


def test_what_the_spans_attributes_say_is_found_and_their_keys_are_not():
    load_labels()
    said = {"speaker": {"value": "Zoë Ångström", "start": None, "end": None}, "form": "scare"}
    found = make_span(make_article(title="The bridge"), attributes=said).article
    make_span(make_article(title="The other"), label="boilerplate", attributes={"kind": "ad"})
    make_span(make_article(title="Taken back"), attributes=said, state=State.WITHDRAWN)
    browser = browser_of(make_user())

    for words in ("Zoë Ångström", "ström", "zo", "Scare"):
        assert titles(search(browser, words)) == [found.title], words
    for words in ("speaker", "value", "start", "null", "scare_", "{"):
        assert not search(browser, words).every("table"), words


def test_what_people_said_of_a_span_or_an_article_is_found():
    span = make_span(make_article(title="Sent"), state=State.SENT_BACK, comment="Whose bridge?")
    talk = make_article(title="Talked about")
    fields = {"article": talk, "author": span.author, "payload_sha256": "0" * 64}
    Comment.objects.create(text="Whose words?", request_id=uuid4(), **fields)
    Comment.objects.create(
        text="Never mind", request_id=uuid4(), withdrawn_at=timezone.now(), **fields
    )
    browser = browser_of(make_user())

    assert titles(search(browser, "whose bridge")) == ["Sent"]
    assert titles(search(browser, "whose words")) == ["Talked about"]
    assert not search(browser, "Never mind").every("table")


def test_an_article_that_is_found_in_many_places_is_listed_once():
    article = make_article("The bridge stands. The bridge fell.", title="The bridge")
    for _ in range(3):
        make_span(article, state=State.SENT_BACK, comment="The bridge?")

    assert titles(search(browser_of(make_user()), "the bridge")) == ["The bridge"]


def next_for(person):
    """Where the button leads, and what it says of why."""
    links = Page(browser_of(person).get(LIBRARY)).every("a")
    return [
        (link["href"], link.one("small").words)
        for link in links
        if link.words.startswith("Next for me")
    ]


def test_next_for_me_is_an_article_that_nobody_has_begun():
    make_article(state=ArticleState.SUBMITTED)
    make_article(slug="later")
    fresh = make_article(slug="fresh")
    make_article(state=ArticleState.SET_ASIDE)

    assert next_for(make_user(annotator=True)) == [(desk_url(fresh), "not begun")]


def test_next_for_me_is_before_that_what_i_began_and_touched_last():
    make_article(slug="a-fresh-one")
    mine = make_user(annotator=True)
    first = make_span(author=mine, article=make_article(slug="b"))
    second = make_span(author=mine, article=make_article(slug="a"))
    make_span(article=make_article(slug="begun-by-another"))

    assert next_for(mine) == [(desk_url(second.article), "I began it")]
    actions.withdraw(span=first.uid, seen=1, deed=make_deed(mine))
    assert next_for(mine) == [(desk_url(first.article), "I began it")]


def test_next_for_me_is_first_of_all_what_was_sent_back_the_longest_ago():
    mine = make_user(annotator=True)
    make_span(author=mine)
    back = [make_span(author=mine, state=State.SENT_BACK) for _ in range(2)]

    where = f"{desk_url(back[0].article)}?span={back[0].uid}"
    assert next_for(mine) == [(where, "sent back")]


def test_the_article_one_is_at_is_not_the_next_one():
    mine = make_user(annotator=True)
    here, other = make_span(author=mine).article, make_article(slug="other")

    assert queries.next_to_annotate(mine, besides=here) == other
    assert queries.next_to_annotate(mine, besides=other) == here


def test_next_for_me_is_for_those_who_annotate():
    make_article()

    assert next_for(make_user(reviewer=True)) == []


def test_when_everything_is_done_there_is_no_next():
    make_article(state=ArticleState.REVIEWED)

    assert next_for(make_user(annotator=True)) == []


def test_a_library_without_articles_says_how_they_come_in():
    page = Page(browser_of(make_user()).get(LIBRARY))

    assert "No articles yet." in page.words
    assert not page.every("table")


def test_an_empty_list_of_what_is_set_aside_says_so():
    make_article()

    assert "Nothing is set aside." in Page(browser_of(make_user()).get(LIBRARY, {"aside": 1})).words


def test_the_list_comes_in_pages_and_a_search_goes_along():
    for number in range(60):
        make_article(slug=f"bridge-{number:02}", title=f"Bridge & co {number:02}")
    browser = browser_of(make_user())

    first = Page(browser.get(LIBRARY, {"q": "bridge & co"}))
    (after,) = [link for link in first.every("a") if link.words == "After"]
    second = Page(browser.get(LIBRARY + after["href"]))

    assert len(titles(first)) == 50
    assert titles(second) == [f"Bridge & co {number:02}" for number in range(50, 60)]
    assert second.one("input", name="q")["value"] == "bridge & co"


@pytest.mark.parametrize("number", ["0", "-1", "999999999999999999999", "two", "\0"])
def test_a_page_that_is_not_there_is_the_nearest_that_is(number):
    make_article(title="The bridge")

    page = Page(browser_of(make_user()).get(LIBRARY, {"page": number}))

    assert titles(page) == ["The bridge"]


def stages(page):
    """What the line over the list says: the words of each stage, with its number first."""
    (line,) = [each for each in page.every("section") if each.has_class("stages")]
    return [stage.words for stage in line.every("li")]


def test_one_line_says_how_far_all_articles_are():
    for state in ("open", "open", "in_progress", "submitted", "reviewed", "set_aside"):
        make_article(state=ArticleState(state))
    browser = browser_of(make_user())

    page = Page(browser.get(LIBRARY))

    assert stages(page) == ["2 open", "1 in progress", "1 submitted", "1 reviewed"]
    bars = page.one("svg").every("rect")
    assert page.one("svg")["viewbox"] == "0 0 5 1"
    assert [(bar["x"], bar["width"]) for bar in bars] == [
        ("0", "2"),
        ("2", "1"),
        ("3", "1"),
        ("4", "1"),
    ]
    make_article(state=ArticleState.REOPENED)
    assert "1 reopened" in stages(Page(browser.get(LIBRARY)))


def test_a_stage_that_no_article_is_at_leads_nowhere():
    make_article()

    page = Page(browser_of(make_user()).get(LIBRARY))

    assert stages(page) == ["1 open", "0 in progress", "0 submitted", "0 reviewed"]
    assert [link.words for link in page.every("a") if "?state=" in link["href"]] == ["1 open"]


def test_each_number_of_that_line_leads_to_its_articles():
    make_article(title="The bridge", state=ArticleState.SUBMITTED)
    make_article(title="The dam")
    browser = browser_of(make_user())
    links = Page(browser.get(LIBRARY)).every("a")

    (link,) = [link for link in links if link.words == "1 submitted"]
    page = Page(browser.get(link["href"]))

    assert titles(page) == ["The bridge"]
    assert stages(page) == stages(Page(browser.get(LIBRARY)))


def recent(person, **asked):
    page = Page(browser_of(person).get(LIBRARY, asked))
    sections = [each for each in page.every("section") if each.has_class("recent")]
    return [link.words for section in sections for link in section.every("a")]


def test_what_i_worked_on_last_stands_before_the_list():
    mine = make_user(annotator=True, reviewer=True)
    for number in range(7):
        make_span(make_article(slug=f"a-{number}", title=f"Article {number}"), mine)
    make_span(make_article(title="Another’s"))
    approved = make_span(make_article(title="Reviewed by me"), state="approved", reviewer=mine)
    first = Article.objects.get(slug="a-0")
    make_span(first, mine)

    assert recent(mine) == ["Article 0", "Reviewed by me", "Article 6", "Article 5", "Article 4"]
    assert recent(mine, q="article") == recent(mine, state="open") == recent(mine, aside=1) == []
    assert recent(approved.author) == ["Reviewed by me"]


def test_what_rests_or_was_only_brought_in_is_no_work():
    mine = make_user(annotator=True, importer=True)
    make_article(state=ArticleState.SET_ASIDE, annotator=mine)
    known = actions.Particulars(slug="brought-in", title="Brought in", url="")
    actions.add_article(text="Words.", particulars=known, deed=make_deed(mine))

    assert recent(mine) == []


def test_the_list_costs_the_same_for_5_and_for_60_articles():
    ann = make_user(annotator=True)
    browser = browser_of(ann)
    costs = []
    for upto in (5, 60):
        for number in range(len(costs) and 5, upto):
            article = make_article(
                slug=f"article-of-{number:02}", outlet=f"Outlet {number}", story=f"Story {number}"
            )
            if number < 10:
                make_span(article, ann, state=State.SENT_BACK)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(LIBRARY).status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1]
    assert costs[0] < 15


def test_a_search_costs_a_few_statements_more_whatever_it_finds():
    load_labels()
    browser = browser_of(make_user(annotator=True))
    costs = []
    for words in ("", "bridge", "scare"):
        make_span(make_article(title="The bridge"), attributes={"form": "scare"})
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(LIBRARY, {"q": words}).status_code == 200
        costs.append(len(queries))

    assert costs[1] == costs[2] <= costs[0] + 2


def test_htmx_is_answered_with_the_list_alone():
    make_article(title="The bridge")
    response = browser_of(make_user()).get(LIBRARY, headers=HTMX)

    page = Page(response)

    assert not page.every("html")
    assert titles(page) == ["The bridge"]
    assert "HX-Request" in response["Vary"]


def test_going_back_in_the_browser_gets_the_whole_page():
    headers = HTMX | {"HX-History-Restore-Request": "true"}

    assert Page(browser_of(make_user()).get(LIBRARY, headers=headers)).one("html")


def test_titles_and_names_are_words_and_never_markup():
    nasty = '<img src=x onerror="alert(1)"> & {{ 7*7 }} \'"'
    article = make_article(title=nasty, outlet=nasty, story=nasty)
    browser = browser_of(make_user('eve"<b>', annotator=True))

    page = Page(browser.get(LIBRARY))

    assert titles(page) == [" ".join(nasty.split())]
    assert not page.every("img")
    assert not Page(browser.get(desk_url(article))).every("img")


@pytest.mark.parametrize("address", [LIBRARY, "/review/", "/export/"])
def test_a_screen_that_is_only_read_takes_no_post(address):
    assert browser_of(make_user(superuser=True)).post(address).status_code == 405


def test_looking_never_writes():
    span = make_span(state=State.SENT_BACK)
    browser = browser_of(span.author)
    looks = [
        LIBRARY,
        reverse("review"),
        reverse("export"),
        f"{desk_url(span.article)}?span={span.uid}",
    ]
    with CaptureQueriesContext(connection) as queries:
        for address in looks:
            assert browser.get(address).status_code == 200

    writes = [
        query["sql"]
        for query in queries
        if query["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")
    ]
    assert writes == []


def test_the_health_check_is_for_everybody_and_says_nothing_else():
    response = Client().get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert not response.cookies

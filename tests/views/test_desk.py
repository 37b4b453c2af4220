"""The desk: the text is the page, exactly, and every answer says what is new in it."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations import actions
from annotations.actions import Change
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState, State
from annotations.domain.text import clean
from annotations.models import Article, Span
from annotations.queries import desk
from tests.factories import (
    load_labels,
    make_article,
    make_comment,
    make_deed,
    make_label,
    make_span,
    make_user,
)
from tests.views.hands import browser_of, deed, desk_url, mark_url, span_url, words
from tests.views.page import Page, database

pytestmark = pytest.mark.django_db
NASTY = Path(__file__).parent.parent / "data/nasty/texts.jsonl"
with NASTY.open(encoding="utf-8", newline="\n") as lines:
    TEXTS = {row["id"]: row for row in map(json.loads, filter(str.strip, lines))}
FIT = [name for name, row in TEXTS.items() if row["expect"] == "ok"]
COSTS = pytest.mark.parametrize("many", [3, 60])


def open_desk(person, article, **query):
    response = browser_of(person).get(desk_url(article), query)
    assert response.status_code == 200
    return Page(response)


def shown(page):
    return page.one("article", id="article").text


def row_of(page, span):
    """The span's row in the list."""
    return page.one("div", id=f"span-{span.uid}", role="row")


def numbered(partials):
    """The targets of the paragraphs and their rows."""
    return {target for target in partials if target[1] in "pr" and target[2:].isdigit()}


def edit(span, actor=None, **change):
    """Somebody, or somebody else, changes the span meanwhile."""
    deed = make_deed(actor or make_user(annotator=True))
    seen = Span.objects.get(pk=span.pk).revision
    return actions.edit(span=span.uid, seen=seen, change=Change(**change), deed=deed).span


def cost(ask):
    """How many statements it takes."""
    with CaptureQueriesContext(connection) as asked:
        assert ask().status_code in (200, 304)
    return len(asked)


@pytest.mark.parametrize("name", FIT)
def test_such_a_text_is_marked_to_the_character(name):
    row, came = TEXTS[name], clean(TEXTS[name]["text"])
    for label in ("quote", "claim", "boilerplate"):
        make_label(label)
    article = make_article(row["text"])
    browser = browser_of(make_user(annotator=True))

    for span in row["spans"]:
        extent = Extent(came.moved(span["start"]), came.moved(span["end"]))
        sent = words(article, extent, span["label"])
        sent["text"] = sent["text"].replace("\n", "\r\n")  # as every browser posts it
        assert browser.post(mark_url(article), sent).status_code == 302

    stored = [(each.start, each.end, each.text) for each in Span.objects.order_by("pk")]
    assert stored == [
        (came.moved(each["start"]), came.moved(each["end"]), clean(each["text"]).text)
        for each in row["spans"]
    ]


@pytest.mark.parametrize("name", [name for name, row in TEXTS.items() if row["expect"] == "reject"])
def test_words_that_no_text_may_hold_are_refused_with_a_sentence(name):
    article, browser = make_article(), browser_of(make_user(annotator=True), htmx=True)
    make_label("quote")
    before = database()
    sent = {"label": "quote", "start": 0, "end": 5, "request_id": str(uuid4())}
    text = TEXTS[name]["text"].encode("utf-8", "surrogatepass")

    response = browser.post(
        mark_url(article),
        b"&".join(
            [*(f"{key}={value}".encode() for key, value in sent.items()), b"text=" + _quoted(text)]
        ),
        content_type="application/x-www-form-urlencoded",
    )

    assert response.status_code == 422
    assert Page(response).refusals
    assert database() == before


def _quoted(octets):
    return b"".join(b"%%%02X" % octet for octet in octets)


def test_words_that_look_like_markup_are_words():
    article = make_article("<script>alert(1)</script> & <b onclick='x'>“a”</b> &amp; {{ x }}")
    span = make_span(article, text="<b onclick='x'>“a”</b>")
    page = open_desk(span.author, article, span=span.uid)

    assert shown(page) == article.text
    assert not page.one("article", id="article").every("script")
    assert page.one("blockquote").text == span.text


def test_each_paragraph_is_an_element_with_its_line_ends_in_it():
    article = make_article("\n\nOne.\nTwo.\n\n\nThree.\n")

    paragraphs = open_desk(make_user(), article).one("article", id="article").children

    assert [each.tag for each in paragraphs] == ["p", "p", "p"]
    assert [each.text for each in paragraphs] == ["\n\nOne.\n", "Two.\n\n\n", "Three.\n"]
    assert [each["id"] for each in paragraphs] == ["p0", "p1", "p2"]


def test_the_rows_of_the_list_are_rows_of_one_grid():
    article, ann = make_article("One.\n\nTwo. Three."), make_user(annotator=True)
    spans = [make_span(article, ann, text=text) for text in ("One.", "Two.", "Three.")]

    grid = open_desk(ann, article).one(role="grid")

    assert [row["id"] for row in grid.every(role="row")] == [f"span-{span.uid}" for span in spans]
    assert [each["id"] for each in grid.every("div", class_="of")] == ["r0", "r1"]


def test_the_page_carries_the_units_of_the_text_for_the_keys_to_walk():
    article = make_article("He came. “We won,” he said.\n\nEnd.", language="en")

    units = open_desk(make_user(), article).one("div", id="units")

    assert units["data-sentences"] == "0 8 9 27 29 33"
    assert units["data-paragraphs"] == "0 27 29 33"
    assert units["data-quotations"] == "9 18"


def test_the_page_carries_what_the_story_said_before():
    load_labels()
    before = make_article(story="A bridge")
    make_span(before, attributes={"speaker": 'The "mayor" <x>'})
    article = make_article(story="A bridge")

    said = open_desk(make_user(annotator=True), article).one("div", id="said")

    options = said.one("datalist", id="said-speaker").every("option")
    assert [option["value"] for option in options] == ['The "mayor" <x>']
    assert said.one("datalist", id="said-claimant").every("option") == []


def test_the_panel_opens_for_the_span_of_the_address():
    load_labels()
    span = make_span(text="safe as a house", attributes={"speaker": "The mayor"})

    page = open_desk(span.author, span.article, span=span.uid)

    panel = page.one("div", id="panel")
    assert panel.one("blockquote").text == "safe as a house"
    fields = page.form(span_url(span)).fields
    assert fields["seen"] == "1"
    assert (fields["start"], fields["end"]) == (str(span.start), str(span.end))
    assert fields["text"] == span.text
    assert fields["attr_speaker"] == "The mayor"


def test_without_a_span_in_the_address_no_panel_is_open():
    span = make_span()

    assert not open_desk(span.author, span.article).one("div", id="panel").every("form")


def test_htmx_gets_the_panel_alone():
    span = make_span(text="safe as a house")

    page = Page(browser_of(span.author, htmx=True).get(desk_url(span.article), {"span": span.uid}))

    assert not page.every("html")
    assert page.form(span_url(span)).fields["text"] == "safe as a house"


def test_a_label_that_is_tried_on_brings_its_own_attributes():
    load_labels()
    span = make_span(text="safe as a house")

    page = open_desk(span.author, span.article, span=span.uid, label="claim")

    fields = page.form(span_url(span)).fields
    assert fields["label"] == "claim"
    assert {"attr_claimant", "attr_worthiness"} <= fields.keys()
    assert "attr_speaker" not in fields


@pytest.mark.parametrize("label", ["rumour", "\0", "", "quote' --"])
def test_a_label_that_is_not_there_is_not_tried_on(label):
    span = make_span(text="safe as a house")

    page = open_desk(span.author, span.article, span=span.uid, label=label)

    assert page.form(span_url(span)).fields["label"] == "quote"


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize("uid", ["not-a-uuid", str(uuid4()), "%00", "1"])
def test_a_span_that_is_not_there_is_404(uid, htmx):
    browser = browser_of(make_user(), htmx=htmx)

    response = browser.get(f"{desk_url(make_article())}?span={uid}")

    assert response.status_code == 404
    assert "There is no such span." in Page(response).words


def test_a_span_of_another_article_is_404():
    span, other = make_span(), make_article()

    response = browser_of(span.author).get(desk_url(other), {"span": span.uid})

    assert response.status_code == 404
    assert "That span is in another article." in Page(response).words


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_an_article_that_is_not_there_is_404(htmx):
    browser = browser_of(make_user(annotator=True), htmx=htmx)

    for response in (
        browser.get("/articles/nowhere/"),
        browser.post("/articles/nowhere/", {"action": "submit"}),
        browser.post("/articles/nowhere/spans/", {"label": "quote"}),
    ):
        assert response.status_code == 404
        assert "There is no such article." in Page(response).words


def test_only_who_annotates_is_offered_to_mark_and_only_where_spans_do_not_rest():
    working, aside = make_article(), make_article(state=ArticleState.SET_ASIDE)
    make_label("quote")
    ann, rev = make_user(annotator=True), make_user(reviewer=True)

    assert open_desk(ann, working).form(mark_url(working)).buttons == ["quote"]
    for person, article in ((rev, working), (ann, aside)):
        page = open_desk(person, article)
        assert not page.every("form", id="mark")
        assert not page.every("button", name="label")
        assert not page.every("button", data_do="arm")
        assert not page.every("details", class_="by-hand")


def test_who_may_not_mark_can_walk_all_the_same():
    make_label("quote")
    article = make_article()

    marks, reads = (
        {each["data-do"] for each in open_desk(person, article).every("button", data_do=True)}
        for person in (make_user(annotator=True), make_user())
    )

    assert {"next-unit", "previous-unit", "next-span", "span-here", "find", "help"} <= reads
    assert marks - reads == {"arm", "earlier", "later", "shorter", "longer"}


def test_an_archived_label_is_not_offered_and_its_spans_stay():
    span = make_span()
    span.label.archived = True
    span.label.save()
    make_label("claim")

    page = open_desk(span.author, span.article)

    assert page.form(mark_url(span.article)).buttons == ["claim"]
    assert row_of(page, span)


def test_a_tag_from_a_plain_form_leads_to_the_span_it_made():
    article, browser = make_article(), browser_of(make_user("ann", annotator=True))
    make_label("quote")

    response = browser.post(mark_url(article), words(article, Extent(4, 9)))

    span = Span.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"{desk_url(article)}?span={span.uid}"
    assert (span.start, span.end, span.text, span.author.username) == (4, 9, "mayor", "ann")
    page = Page(browser.get(response["Location"]))
    assert page.toasts == ["Marked as quote."]
    assert [(mark.text, mark["data-spans"]) for mark in page.every("mark")] == [
        ("mayor", str(span.uid))
    ]


def test_a_tag_from_htmx_is_answered_with_the_paragraphs_it_touches_and_no_others():
    text = "".join(f"Paragraph number {number}.\n\n" for number in range(30))
    article = make_article(text)
    make_label("boilerplate")
    start, end = text.index("number 7."), text.index(" 8.")

    response = browser_of(make_user(annotator=True), htmx=True).post(
        mark_url(article), words(article, Extent(start, end), "boilerplate")
    )

    page, span = Page(response), Span.objects.get()
    assert response.status_code == 200
    assert numbered(page.partials) == {"#p7", "#r7", "#p8", "#r8"}
    assert page.partials["#p7"].text == "Paragraph number 7.\n\n"
    assert page.partials["#p8"].text == "Paragraph number 8.\n\n"
    assert row_of(page.partials["#r7"], span)
    assert not page.partials["#r8"].every(role="row")
    assert "#panel" not in page.partials  # the hand is still in the text
    assert page.toasts == ["Marked as boilerplate."]
    assert "Paragraph number 9" not in page.html


@COSTS
def test_a_tag_takes_20_statements(many):
    article, ann = marked(many)
    browser = browser_of(ann, htmx=True)
    sent = words(article, Extent(0, 4), "boilerplate")

    assert cost(lambda: browser.post(mark_url(article), sent)) == 20


@COSTS
def test_the_desk_takes_21_statements_and_9_more_with_a_panel(many):
    article, ann = marked(many)
    browser, span = browser_of(ann), article.spans.first()

    assert cost(lambda: browser.get(desk_url(article))) == 21
    assert cost(lambda: browser.get(desk_url(article), {"span": span.uid})) == 30


@COSTS
def test_a_strip_takes_18_statements_and_one_more_to_be_filled_as_the_last(many):
    article, ann = marked(many)
    browser, span = browser_of(ann, htmx=True), article.spans.first()
    asked = {"span": span.uid, "strip": "1"}

    assert cost(lambda: browser.get(desk_url(article), asked)) == 18
    assert cost(lambda: browser.get(desk_url(article), asked | {"again": "1"})) == 19


@COSTS
def test_a_look_for_changes_takes_3_statements_and_12_more_where_there_are_any(many):
    article, ann = marked(many)
    before, browser = desk.version(article.slug), browser_of(ann, htmx=True)

    assert cost(lambda: look(browser, article, before)) == 3
    edit(article.spans.first(), extent=Extent(0, 2), text="wo")
    assert cost(lambda: look(browser, article, before)) == 15


@COSTS
def test_a_look_takes_2_more_where_something_was_said_and_2_for_the_span_that_is_open(many):
    article, ann = marked(many)
    before, browser = desk.version(article.slug), browser_of(ann, htmx=True)
    span = article.spans.first()
    for _ in range(many):
        make_comment(article, span)
        make_comment(article)

    assert cost(lambda: look(browser, article, before)) == 17
    assert cost(lambda: look(browser, article, before, span=span.uid)) == 19


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_words_that_stand_once_are_found_without_their_place(htmx):
    article = make_article("Ten came. “We won,” he said. Ten left.")
    make_label("quote")
    sent = {
        "label": "quote",
        "text": "“We won,”",
        "start": "",
        "end": "",
        "request_id": str(uuid4()),
    }

    response = browser_of(make_user(annotator=True), htmx=htmx).post(mark_url(article), sent)

    assert response.status_code == (200 if htmx else 302)
    assert Span.objects.get().extent == Extent(10, 19)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("sought", "sentence"),
    [
        (
            "Ten",
            "These words stand 2 times in the article: take more of the words around "
            "them, or say where they start and end.",
        ),
        ("Nine", "These words do not stand in the article."),
    ],
)
def test_words_that_stand_not_once_are_422_and_stay_in_the_form(sought, sentence, htmx):
    article = make_article("Ten came. “We won,” he said. Ten left.")
    make_label("quote")
    before = database()
    sent = {"label": "quote", "text": sought, "request_id": str(uuid4())}

    response = browser_of(make_user(annotator=True), htmx=htmx).post(mark_url(article), sent)

    page = Page(response)
    assert response.status_code == 422
    assert any(refusal.startswith(sentence) for refusal in page.refusals)
    assert database() == before
    if htmx:  # nothing takes the place of the form in which the words stand
        assert not page.every("textarea", name="text")
        assert "#mark" not in page.partials
    else:
        assert page.form(mark_url(article)).fields["text"] == sought
        assert shown(page) == article.text


def test_a_refused_tag_keeps_words_and_place_as_they_were_typed():
    article = make_article("Ten came.\n\nNine left.")
    make_label("quote")
    sent = {
        "label": "quote",
        "text": "\r\n  Ten came.\r\n\r\nEight ",
        "start": "4 ",
        "end": "x<y",
        "request_id": str(uuid4()),
    }

    page = Page(browser_of(make_user(annotator=True)).post(mark_url(article), sent))

    fields = page.form(mark_url(article)).fields
    assert page.status == 422
    assert fields["text"].replace("\r\n", "\n") == sent["text"].replace("\r\n", "\n")
    assert (fields["start"], fields["end"]) == ("4 ", "x<y")
    assert fields["request_id"] != sent["request_id"]


def test_words_that_are_marked_already_are_409_and_say_by_whom():
    ann = make_user("ann", annotator=True)
    span = make_span(author=ann, text="safe as a house")

    for htmx in (False, True):
        response = browser_of(make_user(annotator=True), htmx=htmx).post(
            mark_url(span.article), words(span.article, span.extent)
        )

        assert response.status_code == 409
        sentence = "These words are already marked as quote by ann (proposed)."
        assert sentence in Page(response).refusals
    assert Span.objects.count() == 1


def test_a_tag_by_who_does_not_annotate_is_403():
    article = make_article()
    make_label("quote")
    before = database()

    for htmx in (False, True):
        response = browser_of(make_user(reviewer=True), htmx=htmx).post(
            mark_url(article), words(article, Extent(4, 9))
        )

        assert response.status_code == 403
        assert "Only annotators may do this." in Page(response).refusals
    assert database() == before


def test_a_tag_in_an_article_that_rests_is_409():
    article = make_article(state=ArticleState.SET_ASIDE)
    make_label("quote")

    response = browser_of(make_user(annotator=True)).post(
        mark_url(article), words(article, Extent(4, 9))
    )

    assert response.status_code == 409
    assert "This article is set aside, so its spans rest." in Page(response).refusals


def test_a_tag_comes_with_its_attributes():
    load_labels()
    article = make_article()
    start = article.text.index("The mayor")
    sent = words(
        article,
        Extent(29, 49),
        attr_speaker="the mayor",
        attr_speaker_start=start,
        attr_speaker_end=start + 9,
        attr_form="direct",
        attr_continues="no",
        attr_cue="",
    )

    response = browser_of(make_user(annotator=True)).post(mark_url(article), sent)

    assert response.status_code == 302
    assert Span.objects.get().attributes == {
        "speaker": {"value": "the mayor", "start": start, "end": start + 9},
        "form": "direct",
        "continues": False,
    }


def test_the_page_says_where_the_article_stands_and_counts_its_spans():
    article = make_article(outlet="The Courier", story="A bridge opens", title="The bridge")
    ann = make_user(annotator=True)
    for state in (State.PROPOSED, State.PROPOSED, State.SENT_BACK):
        make_span(article, ann, state=state)

    head = open_desk(ann, article).one("header", id="head")

    assert "The Courier · A bridge opens" in head.words
    assert "in progress" in head.words
    assert "2 proposed" in head.words
    assert "1 sent back" in head.words


def test_a_submitted_article_says_who_submitted_it_and_what_is_next():
    ann = make_user("ann", annotator=True)
    article = make_article(state=ArticleState.SUBMITTED, annotator=ann)

    head = open_desk(ann, article).one("header", id="head")

    assert "Submitted by ann" in head.words
    (link,) = [link for link in head.every("a") if link.words == "Next for me"]
    assert link["href"] == f"/next/?besides={article.slug}"


def test_only_who_annotates_is_led_to_the_next_article():
    head = open_desk(make_user(reviewer=True), make_article()).one("header", id="head")

    assert "Next for me" not in head.words


def test_undo_is_offered_with_the_name_of_the_deed_to_who_did_it_only():
    span = make_span()
    mine = span.author.deeds.get()

    assert (
        "Undo: marked" in open_desk(span.author, span.article).form(f"/deeds/{mine.pk}/undo/").words
    )
    others = open_desk(make_user(annotator=True), span.article)
    assert "Undo" not in others.one("header", id="head").words


def test_an_answer_offers_the_deeds_to_undo_and_redo_that_the_page_offers():
    article, ann = make_article(), make_user(annotator=True)
    make_label("quote")
    browser, looking = browser_of(ann, htmx=True), browser_of(ann)
    sent = [words(article, Extent(4, 9)), words(article, Extent(10, 14))]

    def offered(response):
        page = Page(looking.get(desk_url(article))).one("header", id="head")
        here, there = map(undo_forms, (Page(response).partials["#head"], page))
        assert here == there
        return here

    first, second = (offered(browser.post(mark_url(article), each)) for each in sent)
    undone = offered(browser.post(second[0], {"request_id": str(uuid4())}))
    again = offered(browser.post(mark_url(article), sent[1]))  # done before, and undone since

    assert len(first) == len(second) == 1 != len(undone)
    assert undone[0] == first[0] != second[0]
    assert again == undone


def undo_forms(element):
    """The addresses of the deeds that it offers to undo and to redo."""
    forms = [form["action"] for form in element.every("form", method="post")]
    return [action for action in forms if action.endswith("/undo/")]


def test_the_panel_shows_what_happened_and_what_was_said():
    span = make_span(state=State.SENT_BACK, comment="Whose words?\nAnd when?")

    panel = open_desk(span.author, span.article, span=span.uid).one("div", id="panel")

    assert [event.one("strong").text for event in panel.one("ol").every("li")] == [
        "marked as quote",
        "sent back",
    ]
    assert "Whose words? And when?" in panel.words


def test_the_history_marks_what_came_and_went_for_eyes_and_ears_and_each_event_has_an_address():
    span = make_span(text="as safe as a house")
    start = span.start
    sent = {"start": start, "end": start + 7, "text": "as safe", "label": "quote"}
    browser_of(span.author).post(span_url(span), deed("edit", span, **sent))

    panel = open_desk(span.author, span.article, span=span.uid).one("div", id="panel")

    marked, edited = span.events.order_by("revision")
    told = panel.one("li", id=f"event-{edited.pk}")
    assert told.one("del").words == "taken away: as a house."
    assert [each.text for each in told.one("del").every("i")] == ["taken away: ", ". "]
    assert told.one("time")["datetime"] == edited.deed.at.isoformat()
    assert told.one("a")["href"] == f"{desk_url(span.article)}?span={span.uid}#event-{edited.pk}"
    assert panel.one("li", id=f"event-{marked.pk}").one("strong").words == "marked as quote"


def test_an_edit_of_an_approved_span_says_first_that_it_undoes_the_approval():
    span = make_span(state=State.APPROVED)

    panel = open_desk(span.author, span.article, span=span.uid).one("div", id="panel")

    (button,) = [each for each in panel.every("button") if each.get("value") == "edit"]
    assert button.words == "Save changes (undoes the approval)"


def test_a_span_moved_to_another_paragraph_leaves_the_one_and_comes_to_the_other():
    article = make_article("One one.\n\nTwo two.\n\nThree three.")
    span = make_span(article, text="One one.")
    start = article.text.index("Three")

    response = browser_of(span.author, htmx=True).post(
        span_url(span),
        deed("edit", span, start=start, end=start + 5, text="Three", label="quote"),
    )

    partials = Page(response).partials
    assert {"#p0", "#r0", "#p2", "#r2"} <= partials.keys()
    assert "#p1" not in partials
    assert not partials["#r0"].every(role="row")
    assert row_of(partials["#r2"], span)


# The strip


def open_strip(person, span, **query):
    """The strip of the span as this person is shown it."""
    asked = {"span": span.uid, "strip": "1", **query}
    response = browser_of(person, htmx=True).get(desk_url(span.article), asked)
    assert response.status_code == 200
    return Page(response)


def unconfirmed(page):
    """The attributes that were filled in and are stored nowhere yet, by their names."""
    found = page.every(data_unconfirmed=True)
    return [(each.every("legend") or each.every("label"))[0].words.split()[0] for each in found]


def test_the_strip_holds_what_is_stored():
    load_labels()
    span = make_span(text="safe as a house", attributes={"speaker": "He", "form": "scare"})

    page = open_strip(span.author, span)

    form = page.form(span_url(span))
    assert (form["id"], form.buttons) == ("strip-form", ["edit"])
    sent = {name: form.fields[name] for name in ("attr_speaker", "attr_form", "seen", "strip")}
    assert sent == {"attr_speaker": "He", "attr_form": "scare", "seen": "1", "strip": "1"}
    assert not unconfirmed(page)
    assert page.partials.keys() == {"#said"}
    assert not page.every("html")


def test_the_strip_of_a_quote_is_filled_with_its_form_which_counts_once_it_is_saved():
    load_labels()
    span = make_span(text="“We were never asked,”")
    before = database()

    page = open_strip(span.author, span)

    assert unconfirmed(page) == ["Form"]
    assert "count once you save" in page.words
    assert database() == before
    sent = page.form(span_url(span)).fields | {"action": "edit"}
    assert sent["attr_form"] == "direct"
    browser_of(span.author, htmx=True).post(span_url(span), sent)
    assert Span.objects.get().attributes == {"form": "direct"}


def test_the_strip_is_filled_as_the_last_one_was_where_that_is_asked_for():
    load_labels()
    last = make_span(
        text="safe as a house", attributes={"speaker": "The mayor", "continues": False}
    )
    span = make_span(last.article, last.author, text="never asked")
    before = database()

    page = open_strip(span.author, span, again="1")

    assert unconfirmed(page) == ["Speaker", "Form", "Continues"]
    fields = page.form(span_url(span)).fields
    assert (fields["attr_speaker"], fields["attr_continues"]) == ("The mayor", "no")
    assert database() == before


def test_the_strip_begins_with_what_is_lacking_and_its_choices_have_digits():
    load_labels()
    span = make_span(text="safe as a house")

    page = open_strip(span.author, span)

    first = page.one(data_first=True)
    assert first.one("input", id="strip-attr_speaker")["list"] == "said-speaker"
    digits = [pick["data-digit"] for pick in page.every("label", data_digit=True)]
    assert digits == ["1", "2", "3", "4", "5", "6", "1", "2", "3"]


def test_the_tenth_choice_is_0_and_the_others_have_none():
    load_labels()
    span = make_span(label="boilerplate")

    page = open_strip(span.author, span)

    digits = [pick.get("data-digit") for pick in page.every("label", class_="pick")]
    assert digits == [*"1234567890", *[None] * 5]


def test_a_label_that_asks_for_nothing_says_so_in_the_strip():
    span = make_span()

    assert "This label asks for nothing more." in open_strip(span.author, span).words


def test_who_may_not_edit_is_shown_no_button_in_the_strip():
    span = make_span()

    assert open_strip(make_user(), span).form(span_url(span)).buttons == []


def test_a_suggestion_is_accepted_with_what_its_strip_holds():
    load_labels()
    span = make_span(text="safe as a house", state=State.SUGGESTED)
    ann = make_user(annotator=True)

    form = open_strip(ann, span).form(span_url(span))
    sent = form.fields | {"action": "accept", "attr_speaker": "The mayor"}
    response = browser_of(ann, htmx=True).post(span_url(span), sent)

    assert (form.buttons, response.status_code) == (["accept"], 200)
    assert Span.objects.get().state == State.PROPOSED
    assert Span.objects.get().attributes["speaker"]["value"] == "The mayor"


def test_without_htmx_a_strip_is_the_page_with_its_panel():
    span = make_span()

    assert open_desk(span.author, span.article, span=span.uid, strip="1").one(
        "h2", id="panel-title"
    )


def save_strip(span, **fields):
    sent = deed("edit", span, strip="1", **fields)
    return Page(browser_of(span.author, htmx=True).post(span_url(span), sent))


def test_a_strip_that_is_saved_is_put_away_and_its_paragraph_drawn_anew():
    load_labels()
    span = make_span(text="safe as a house")

    page = save_strip(span, attr_speaker="The mayor", attr_form="")

    assert page.status == 200
    assert page.partials["#strip"].words == ""
    assert not page.partials["#strip"].every()
    assert numbered(page.partials) == {"#p0", "#r0"}
    assert "data-lacking" not in row_of(page, span).attributes
    assert page.form(span_url(span))["id"] == "span-form"
    assert page.toasts == ["Edited."]


def test_a_strip_that_is_refused_stays_and_says_why():
    load_labels()
    span = make_span(text="safe as a house")
    before = database()

    page = save_strip(
        span, attr_speaker="The mayor", attr_speaker_start="5", attr_speaker_end="9", attr_cue="x<y"
    )

    sentence = "Speaker: “The mayor” does not stand at 5–9."
    assert (page.status, database() == before) == (422, True)
    strip = page.partials["#strip"]
    assert strip.refusals == [sentence]
    fields = strip.one("form", id="strip-form").fields
    kept = {name: fields[name] for name in ("attr_speaker", "attr_speaker_start", "attr_cue")}
    assert kept == {"attr_speaker": "The mayor", "attr_speaker_start": "5", "attr_cue": "x<y"}
    assert strip.one("input", name="attr_speaker")["aria-invalid"] == "true"
    assert "#panel" not in page.partials


def table_of(element):
    """What is compared: a row for each part, as it is now and as it was typed."""
    head, *rows = element.one("table", class_="compared").every("tr")
    assert [cell.words for cell in head.every("th")] == ["", "Now", "Yours"]
    return [[cell.words for cell in [*row.every("th"), *row.every("td")]] for row in rows]


SINCE = (
    "This span has changed since you saw it. It is shown as it is now; what you entered is kept."
)


def test_a_strip_that_comes_too_late_is_shown_beside_what_is_now():
    load_labels()
    span = make_span(text="safe as a house")
    edit(span, attributes={"speaker": "A resident", "form": "mixed"})
    before = database()

    page = save_strip(span, attr_speaker="The <mayor>", attr_form="", attr_cue="")

    assert (page.status, database() == before) == (409, True)
    strip = page.partials["#strip"]
    assert strip.refusals == [SINCE]
    assert table_of(strip) == [["Speaker", "A resident", "The <mayor>"]]
    fields = strip.one("form", id="strip-form").fields
    assert (fields["attr_speaker"], fields["attr_form"]) == ("The <mayor>", "mixed")
    assert fields["seen"] == "2"
    assert numbered(page.partials) == {"#p0", "#r0"}
    again = browser_of(span.author, htmx=True).post(span_url(span), fields | {"action": "edit"})
    assert again.status_code == 200
    assert Span.objects.get().attributes["form"] == "mixed"


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_panel_that_comes_too_late_is_shown_beside_what_is_now(htmx):
    span = make_span(make_article("One two three."), text="two")
    make_label("claim")
    edit(span, extent=Extent(0, 7), text="One two")
    late = deed("edit", span, label="claim", start=4, end=13, text="two three")

    page = Page(browser_of(span.author, htmx=htmx).post(span_url(span), late))

    assert page.status == 409
    panel = page.partials["#panel"] if htmx else page.one("div", id="panel")
    assert table_of(panel) == [["Label", "Quote", "Claim"], ["Words", "One two", "two three"]]


# What others changed


def marked(many):
    """An article with so many spans, some of the rest still free, and who marked them."""
    load_labels()
    article, ann = make_article("word " * 60, story="A bridge"), make_user(annotator=True)
    for number in range(many):
        make_span(article, ann, extent=Extent(5 * number, 5 * number + 4))
    return Article.objects.get(), ann


def look(browser, article, version, **query):
    """GET what has changed since that version."""
    address = reverse("changes", args=[article.slug])
    return browser.get(address, query, headers={"HX-PTag": version})


def watched(page):
    """The version that the page would ask with."""
    return page.one("div", id="watch")["data-version"]


def test_where_nothing_has_changed_nothing_is_sent():
    span = make_span()
    browser = browser_of(span.author, htmx=True)
    page = open_desk(span.author, span.article)

    response = look(browser, span.article, watched(page))

    assert (response.status_code, response.content) == (304, b"")


def test_what_a_colleague_changed_comes_with_exactly_its_paragraphs_and_the_next_version():
    article = make_article("One one.\n\nTwo two.\n\nThree three.\n\nFour four.")
    ann = make_user(annotator=True)
    span = make_span(article, ann, text="One one.")
    version = watched(open_desk(ann, article))
    three = article.text.index("Three")
    edit(span, extent=Extent(three, three + 5), text="Three")
    before = database()

    response = look(browser_of(ann, htmx=True), article, version)

    page = Page(response)
    assert page.status == 200
    assert page.partials.keys() == {"#p0", "#r0", "#p2", "#r2", "#head", "#none"}
    assert page.partials["#p0"].text == "One one.\n\n"
    assert row_of(page.partials["#r2"], span)
    assert response["HX-PTag"] == desk.version(article.slug) != version
    assert look(browser_of(ann, htmx=True), article, response["HX-PTag"]).status_code == 304
    assert database() == before


@pytest.mark.parametrize("opened", [True, False, "not-a-uuid", uuid4()])
def test_what_was_said_comes_with_its_rows_and_the_talk_that_is_open(opened):
    article = make_article("One one.\n\nTwo two.")
    ann = make_user(annotator=True)
    span = make_span(article, ann, text="Two two.")
    version = watched(open_desk(ann, article))
    make_comment(article, text="A good one.")
    make_comment(article, span, text="Is it?")
    query = {} if opened is False else {"span": span.uid if opened is True else opened}

    response = look(browser_of(ann, htmx=True), article, version, **query)

    page = Page(response)
    here = {"#p1", "#r1", "#head", "#none", "#comments-article"}
    open_talk = {f"#comments-{span.uid}"} if opened is True else set()
    assert page.partials.keys() == here | open_talk
    assert "A good one." in page.partials["#comments-article"].words
    assert "1 open comment" in row_of(page.partials["#r1"], span).words
    if open_talk:
        assert "Is it?" in page.partials[f"#comments-{span.uid}"].words
    assert look(browser_of(ann, htmx=True), article, response["HX-PTag"]).status_code == 304


def test_a_deed_on_the_article_alone_changes_its_head_and_no_paragraph():
    span = make_span()
    version = desk.version(span.article.slug)
    seen = Article.objects.get().revision
    actions.submit(article=span.article.slug, seen=seen, deed=make_deed(span.author))

    page = Page(look(browser_of(span.author, htmx=True), span.article, version))

    assert page.partials.keys() == {"#head", "#none"}
    assert "submitted" in page.partials["#head"].words


def test_since_a_version_that_is_none_every_paragraph_comes():
    article = make_article("One one.\n\nTwo two.")

    for version in ("", "yesterday"):
        page = Page(look(browser_of(make_user(), htmx=True), article, version))
        assert {"#p0", "#r0", "#p1", "#r1"} == numbered(page.partials)


def test_what_comes_while_the_page_is_being_drawn_comes_with_the_next_look(monkeypatch):
    span = make_span(make_article("One one.\n\nTwo two."), text="One one.")
    drawn = desk.drawn

    def and_meanwhile(*arguments):
        monkeypatch.undo()
        found = drawn(*arguments)
        edit(span, extent=Extent(0, 3), text="One")
        return found

    monkeypatch.setattr(desk, "drawn", and_meanwhile)
    page = open_desk(span.author, span.article)

    response = look(browser_of(span.author, htmx=True), span.article, watched(page))

    assert page.one("div", id="r0").one("q").text == "One one."
    assert Page(response).partials["#r0"].one("q").text == "One"


def test_an_article_that_is_not_there_has_no_changes():
    response = browser_of(make_user(), htmx=True).get("/articles/nowhere/changes/")

    assert response.status_code == 404
    assert "There is no such article." in Page(response).words


# The next article


def test_next_leads_to_what_waits_for_me_other_than_what_i_am_at():
    ann = make_user(annotator=True)
    back = make_span(author=ann, state=State.SENT_BACK)
    fresh = make_article()
    browser = browser_of(ann)

    sent_back = f"{desk_url(back.article)}?span={back.uid}"
    for besides, address in (
        ("", sent_back),
        ("nowhere", sent_back),
        ("\0", sent_back),
        (fresh.slug, sent_back),
        (back.article.slug, desk_url(fresh)),
    ):
        response = browser.get("/next/", {"besides": besides})
        assert (response.status_code, response["Location"]) == (302, address)


def test_where_nothing_waits_next_leads_to_the_library_with_a_word():
    article, browser = make_article(), browser_of(make_user(annotator=True))

    response = browser.get("/next/", {"besides": article.slug})

    assert (response.status_code, response["Location"]) == (302, "/")
    page = Page(browser.get(response["Location"]))
    assert page.toasts == ["Nothing waits for you: every article is taken up."]

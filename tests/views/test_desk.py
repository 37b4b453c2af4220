"""The desk: the text is the page, exactly, and what is marked is seen in it."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState, State
from annotations.domain.text import clean
from annotations.models import Span
from tests.factories import (
    load_labels,
    make_article,
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


def open_desk(person, article, **query):
    response = browser_of(person).get(desk_url(article), query)
    assert response.status_code == 200
    return Page(response)


def shown(page):
    return page.one("article", id="article").text


def marks_over(page, words):
    """The spans (uids) drawn over exactly these words, the nearest first."""
    found = [mark for mark in page.every("mark") if mark.text == words]
    assert len(found) == 1, [mark.text for mark in page.every("mark")]
    return found[0]["data-spans"].split()


def test_there_are_texts_to_try_it_on():
    assert len(FIT) > 30


@pytest.mark.parametrize("name", FIT)
def test_such_a_text_is_marked_to_the_character_and_is_on_the_page_as_it_is_in_the_table(name):
    row, came = TEXTS[name], clean(TEXTS[name]["text"])
    for label in ("quote", "claim", "boilerplate", "over-all"):
        make_label(label)
    article = make_article(row["text"])
    browser = browser_of(make_user(annotator=True))
    bare = shown(Page(browser.get(desk_url(article))))

    for span in row["spans"]:
        extent = Extent(came.moved(span["start"]), came.moved(span["end"]))
        sent = words(article, extent, span["label"])
        sent["text"] = sent["text"].replace("\n", "\r\n")  # as every browser posts it
        assert browser.post(mark_url(article), sent).status_code == 302
    make_span(article, label="over-all", extent=Extent(0, len(article.text)))
    make_span(article, label="over-all", extent=Extent(1, len(article.text)))

    assert bare == article.text == came.text
    assert shown(Page(browser.get(desk_url(article)))) == article.text
    stored = [
        (each.start, each.end, each.text)
        for each in Span.objects.exclude(label__slug="over-all").order_by("pk")
    ]
    assert stored == [
        (came.moved(each["start"]), came.moved(each["end"]), clean(each["text"]).text)
        for each in row["spans"]
    ]


@pytest.mark.parametrize("name", [name for name, row in TEXTS.items() if row["expect"] == "reject"])
def test_words_that_no_text_may_hold_are_refused_with_a_sentence(name):
    article, browser = make_article(), browser_of(make_user(annotator=True))
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


def test_spans_that_overlap_to_a_depth_of_four_are_all_drawn_nearest_first():
    article = make_article("one two three four five six seven")
    ann = make_user(annotator=True)
    for label in ("deepest", "deeper"):
        make_label(label)
    drawn = {
        label: make_span(article, ann, label, text=text)
        for label, text in (
            ("quote", "one two three four five"),
            ("claim", "two three four five six"),
            ("deeper", "three four five"),
            ("deepest", "four"),
        )
    }

    page = open_desk(ann, article)

    uids = {label: str(span.uid) for label, span in drawn.items()}
    assert marks_over(page, "four") == [
        uids["deepest"],
        uids["deeper"],
        uids["claim"],
        uids["quote"],
    ]
    assert set(marks_over(page, "three ")) == {uids["deeper"], uids["claim"], uids["quote"]}
    assert marks_over(page, "one ") == [uids["quote"]]
    assert marks_over(page, " six") == [uids["claim"]]
    assert shown(page) == article.text


def test_a_quote_inside_a_boilerplate_bar_stays_visible():
    article = make_article("News.\n\nSupport us: we are a “foreign agent” now.\n\nMore news.")
    ann = make_user(annotator=True)
    bar = make_span(article, ann, "boilerplate", text="Support us: we are a “foreign agent” now.")
    quote = make_span(article, ann, "quote", text="“foreign agent”")

    page = open_desk(ann, article)

    paragraph = page.one("p", id="p1")
    assert paragraph["data-spans"].split() == [str(bar.uid)]
    (drawn,) = [each for each in paragraph.every("span") if each.has_class("bar")]
    assert drawn.text == ""
    assert marks_over(page, "“foreign agent”") == [str(quote.uid)]


def test_a_bar_over_several_paragraphs_is_drawn_at_each_of_them():
    article = make_article("News.\n\nSupport us.\n\nThank you.\n\nMore.")
    bar = make_span(article, label="boilerplate", text="Support us.\n\nThank you.")

    page = open_desk(bar.author, article)

    barred = [each["id"] for each in page.every("p") if each.has_class("barred")]
    assert barred == ["p1", "p2"]
    assert len(page.every("li", id=f"span-{bar.uid}")) == 1


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.DISMISSED, State.REJECTED])
def test_what_is_not_live_any_more_stands_in_the_list_only(state):
    span = make_span(text="safe as a house", state=state)

    page = open_desk(make_user(), span.article)

    assert not page.every("mark")
    assert "safe as a house" in page.one("li", id=f"span-{span.uid}").words


def test_the_list_names_label_and_state_so_that_colour_is_never_the_only_sign():
    span = make_span(text="safe as a house", state=State.SENT_BACK)

    row = open_desk(make_user(), span.article).one("li", id=f"span-{span.uid}")

    assert "Quote" in row.words
    assert "sent back" in row.words.lower()


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
    assert not open_desk(rev, working).every("form", id="mark")
    assert not open_desk(ann, aside).every("form", id="mark")


def test_an_archived_label_is_not_offered_and_its_spans_stay():
    span = make_span()
    span.label.archived = True
    span.label.save()
    make_label("claim")

    page = open_desk(span.author, span.article)

    assert page.form(mark_url(span.article)).buttons == ["claim"]
    assert page.one("li", id=f"span-{span.uid}")


def test_a_tag_from_a_plain_form_leads_to_the_span_it_made():
    article, browser = make_article(), browser_of(make_user("ann", annotator=True))
    make_label("quote")

    response = browser.post(mark_url(article), words(article, Extent(4, 9)))

    span = Span.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"{desk_url(article)}?span={span.uid}#span-{span.uid}"
    assert (span.start, span.end, span.text, span.author.username) == (4, 9, "mayor", "ann")
    page = Page(browser.get(response["Location"]))
    assert page.toasts == ["Marked as quote."]
    assert marks_over(page, "mayor") == [str(span.uid)]


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
    numbered = {target for target in page.partials if target[1] in "pr" and target[2:].isdigit()}
    assert numbered == {"#p7", "#r7", "#p8", "#r8"}
    assert page.partials["#p7"].text == "Paragraph number 7.\n\n"
    assert page.partials["#p8"].text == "Paragraph number 8.\n\n"
    assert page.partials["#r7"].one("li", id=f"span-{span.uid}")
    assert not page.partials["#r8"].every("li")
    assert page.form(span_url(span)).fields["seen"] == "1"
    assert page.toasts == ["Marked as boilerplate."]
    assert "Paragraph number 9" not in page.html


def test_a_tag_costs_the_same_where_10_and_where_200_spans_are_marked():
    text = "\n\n".join(f"Word{number} and more words." for number in range(200))
    ann = make_user(annotator=True)
    browser = browser_of(ann, htmx=True)
    costs, sizes = [], []
    for many in (10, 200):
        article = make_article(text)
        for number in range(many):
            make_span(article, ann, text=f"Word{number} ".strip() + " and")
        extent = Extent(text.index("Word5 "), text.index("Word5 ") + 5)
        with CaptureQueriesContext(connection) as queries:
            response = browser.post(mark_url(article), words(article, extent))
        assert response.status_code == 200
        costs.append(len(queries))
        sizes.append(len(response.content))

    assert costs[0] == costs[1]
    assert costs[0] < 45
    assert abs(sizes[0] - sizes[1]) < 200


def test_the_desk_costs_the_same_for_1_and_for_50_spans():
    load_labels()
    ann = make_user(annotator=True)
    browser = browser_of(ann)
    costs = []
    for many in (1, 50):
        article = make_article("word " * 60)
        for number in range(many):
            make_span(article, ann, extent=Extent(5 * number, 5 * number + 4))
        span = article.spans.first()
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(desk_url(article), {"span": span.uid}).status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1]


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
    if htmx:
        assert not _touches_the_words(page)
    else:
        assert page.form(mark_url(article)).fields["text"] == sought
        assert shown(page) == article.text


def _touches_the_words(page):
    """Whether the answer would replace the form in which the words stand."""
    return bool(page.every("textarea", name="text")) or "#mark" in page.partials


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
    fresh = make_article(title="The next one")

    head = open_desk(ann, article).one("header", id="head")

    assert "Submitted by ann" in head.words
    assert desk_url(fresh) in [link["href"] for link in head.every("a")]


def test_undo_is_offered_with_the_name_of_the_deed_to_who_did_it_only():
    span = make_span()
    mine = span.author.deeds.get()

    assert (
        "Undo: marked" in open_desk(span.author, span.article).form(f"/deeds/{mine.pk}/undo/").words
    )
    assert "Undo" not in open_desk(make_user(annotator=True), span.article).words


def test_the_panel_shows_what_happened_and_what_was_said():
    span = make_span(state=State.SENT_BACK, comment="Whose words?\nAnd when?")

    panel = open_desk(span.author, span.article, span=span.uid).one("div", id="panel")

    assert [event.one("strong").text for event in panel.one("ol").every("li")] == [
        "marked",
        "sent back",
    ]
    assert "Whose words? And when?" in panel.words


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
    assert not partials["#r0"].every("li")
    assert partials["#r2"].one("li", id=f"span-{span.uid}")

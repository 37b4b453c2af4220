"""The text and its list as HTML: the stored words and no others, and every span over them."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.domain.extents import Extent
from annotations.domain.lifecycle import LIVE, State
from annotations.domain.segments import cut_paragraph, paragraphs
from annotations.domain.text import clean
from annotations.models import Label
from annotations.queries import desk
from annotations.queries.desk import Drawn, DrawnParagraph, Row, ShownSpan
from annotations.templatetags.drawing import paragraph, rows
from tests.factories import make_article, make_label, make_span, make_user
from tests.views.page import Page

NASTY = Path(__file__).parent.parent / "data/nasty/texts.jsonl"
with NASTY.open(encoding="utf-8", newline="\n") as lines:
    TEXTS = {row["id"]: row for row in map(json.loads, filter(str.strip, lines))}
FIT = [name for name, row in TEXTS.items() if row["expect"] == "ok"]
ONE = Extent(0, 3)
MARKUP = '</q></mark><b onclick="x">\'&amp; {{ y }}'


def read(*drawn):
    """These pieces of HTML as the elements that a browser makes of them."""
    return Page(HttpResponse("".join(drawn)))


def shown_span(extent=ONE, *, pk=1, text="One", name="Quote", **fields):
    """A span as the list and the text show it; nothing of it is stored."""
    known = {"state": State.PROPOSED, "amended": False, "revision": 1, "attributes": {}}
    return ShownSpan(
        pk=pk,
        uid=uuid4(),
        start=extent.start,
        end=extent.end,
        text=text,
        label=Label(slug="quote", name=name, colour="plum", line="solid"),
        **known | fields,
    )


def drawn_paragraphs(text, spans):
    """The paragraphs of `text` under `spans`, without their rows."""
    drawn = []
    for each in paragraphs(text):
        over = [span for span in spans if span.extent.overlaps(each.extent)]
        bars = [span for span in over if span.extent.covers(each.words)]
        lines = {span.pk: span for span in over if span not in bars}
        places = {pk: span.extent for pk, span in lines.items()}
        segments, ends = cut_paragraph(text, each, places)
        drawn.append(
            DrawnParagraph(
                number=each.number,
                start=each.extent.start,
                end=each.extent.end,
                segments=tuple(
                    Drawn(piece.text, tuple(lines[pk] for pk in piece.spans)) for piece in segments
                ),
                ends=ends,
                bars=tuple(bars),
                rows=(),
            )
        )
    return drawn


def drawn_row(span, lacking="", threads=0):
    """The span's row in the list, as its element."""
    drawn = DrawnParagraph(0, 0, 9, (), "", (), (Row(span, lacking, threads),))
    return read(rows(drawn)).one("div", id="r0").one(role="row")


def uids(element):
    return [UUID(uid) for uid in element["data-spans"].split()]


def lines_of(mark):
    """The classes of the lines under the mark's words, the farthest from the words first."""
    found = []
    while lines := mark.every("span")[:1]:
        (mark,) = lines
        found.append(mark["class"].split())
    return found


@st.composite
def texts_with_spans(draw):
    text = draw(st.text("ab <>&\"'/=;\n\n😀é\u2028\u202e", min_size=1, max_size=40))
    place = st.integers(0, len(text))
    pairs = draw(st.lists(st.tuples(place, place), max_size=9))
    extents = [Extent(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    name = draw(st.text("a<>&\"'😀 ", min_size=1, max_size=5))
    return text, name, extents


def nested(depth):
    """A text with spans around its middle, each in the one before it, and one across them all."""
    text = "<" * depth + "&" + ">" * depth
    around = [Extent(at, len(text) - at) for at in range(1, depth)]
    return text, "Quote", [*around, Extent(depth, len(text))]


@given(texts_with_spans())
@example(nested(4))
@example(nested(6))
def test_drawn_the_text_is_the_stored_one_and_each_character_carries_its_spans(case):
    text, name, extents = case
    spans = [
        shown_span(extent, pk=pk, text=extent.of(text), name=name)
        for pk, extent in enumerate(extents)
    ]

    page = read(*map(paragraph, drawn_paragraphs(text, spans)))

    assert page.text == text
    assert {element.tag for element in page.every()} <= {"p", "mark", "span"}
    at = 0
    for element in page.children:
        barred = uids(element) if element.has_class("barred") else []
        assert element["data-start"] == str(at)
        for piece in element.children:
            words = piece if isinstance(piece, str) else piece.text
            here = Extent(at, at + len(words))
            carried = uids(piece) if not isinstance(piece, str) and piece.tag == "mark" else []
            if words.strip("\n"):
                over = [span.uid for span in spans if span.extent.overlaps(here)]
                assert sorted([*carried, *barred]) == sorted(over)
            at = here.end
    assert all(bar["title"] == name for bar in page.every(title=True))
    assert all(bar["data-letter"] == name[:1].upper() for bar in page.every(title=True))


def test_there_are_texts_to_try_it_on():
    assert len(FIT) > 30


@pytest.mark.django_db
@pytest.mark.parametrize("name", FIT)
def test_such_a_text_is_drawn_as_it_is_in_the_table(name):
    row, came = TEXTS[name], clean(TEXTS[name]["text"])
    article = make_article(row["text"])
    bare = "".join(map(paragraph, desk.drawn(article)))
    for span in row["spans"]:
        extent = Extent(came.moved(span["start"]), came.moved(span["end"]))
        make_span(article, label=span["label"], extent=extent)
    make_span(article, label="over-all", extent=Extent(0, len(article.text)))
    make_span(article, label="over-all", extent=Extent(1, len(article.text)))

    drawn = desk.drawn(article)

    assert read(bare).text == article.text == came.text
    for each in drawn:
        page = read(paragraph(each))
        assert page.one("p").text == article.text[each.start : each.end]
        assert {element.tag for element in page.every()} <= {"p", "mark", "span"}
    listed = read(*map(rows, drawn))
    assert {each.tag for each in listed.every()} <= {"div", "a", "span", "q"}
    assert len(listed.every(role="row")) == len(row["spans"]) + 2


@pytest.mark.django_db
@pytest.mark.parametrize("depth", [2, 4, 6])
def test_under_the_words_lie_the_lines_of_all_their_spans_the_shortest_nearest(depth):
    text = "one two three four five six seven"
    article, ann = make_article(text), make_user(annotator=True)
    over = [Extent(at, len(text) - 1 - at) for at in range(depth)]
    spans = [make_span(article, ann, f"label-{at}", extent=each) for at, each in enumerate(over)]

    page = read(*map(paragraph, desk.drawn(article)))

    (mark,) = [mark for mark in page.every("mark") if "three" in mark.text]
    assert uids(mark) == [span.uid for span in reversed(spans)]
    assert [classes[-1] for classes in lines_of(mark)] == [
        f"deep{deep}" for deep in range(depth, 0, -1)
    ]
    assert page.one("p").has_class("roomy") == (depth > 2)
    assert page.text == text


@pytest.mark.django_db
def test_spans_that_cross_are_drawn_over_exactly_their_words():
    article, ann = make_article("one two three four"), make_user(annotator=True)
    first = make_span(article, ann, "quote", text="one two three")
    second = make_span(article, ann, "claim", text="two three four")

    marks = read(*map(paragraph, desk.drawn(article))).every("mark")

    assert [(mark.text, set(uids(mark))) for mark in marks] == [
        ("one ", {first.uid}),
        ("two three", {first.uid, second.uid}),
        (" four", {second.uid}),
    ]


@pytest.mark.django_db
def test_a_line_tells_its_label_by_hue_and_pattern_and_its_state():
    make_label("claim", colour="orange", line="wavy")
    span = make_span(label="claim", state=State.SENT_BACK, text="5 million")

    (mark,) = read(*map(paragraph, desk.drawn(span.article))).every("mark")

    assert lines_of(mark) == [["hue-orange", "line-wavy", "is-sent_back", "deep1"]]


@pytest.mark.django_db
def test_a_quote_inside_a_boilerplate_bar_stays_visible():
    article = make_article("News.\n\nSupport us: we are a “foreign agent” now.\n\nMore news.")
    ann = make_user(annotator=True)
    appeal = make_span(article, ann, "boilerplate", text=article.text.split("\n\n")[1])
    quote = make_span(article, ann, "quote", text="“foreign agent”")

    page = read(*map(paragraph, desk.drawn(article)))

    barred = page.one("p", id="p1")
    assert uids(barred) == [appeal.uid]
    (bar,) = [each for each in barred.every("span") if each.has_class("bar")]
    assert bar.text == ""
    assert (bar["data-letter"], bar["title"]) == ("B", "Boilerplate")

    (mark,) = page.every("mark")
    assert (mark.text, uids(mark)) == ("“foreign agent”", [quote.uid])


def test_a_bar_shows_the_key_of_its_label_which_no_other_has():
    span = shown_span(Extent(0, 4))
    span.label.key = "r"

    page = read(*map(paragraph, drawn_paragraphs("One.", [span])))

    [bar] = page.every(title="Quote")
    assert bar["data-letter"] == "R"


@pytest.mark.django_db
def test_a_bar_over_three_paragraphs_says_where_it_came_on_and_goes_on():
    article = make_article("News.\n\nSupport us.\n\nDonate.\n\nThank you.\n\nMore.")
    appeal = make_span(article, label="boilerplate", text="Support us.\n\nDonate.\n\nThank you.")

    drawn = desk.drawn(article)

    bars = {
        f"{each['id']} {bar['class']}"
        for each in read(*map(paragraph, drawn)).every("p")
        for bar in each.every("span")
        if bar.has_class("bar")
    }
    look = "bar at0 hue-slate line-dotted is-proposed"
    assert bars == {f"p1 {look} goes-on", f"p2 {look} came-on goes-on", f"p3 {look} came-on"}
    listed = read(*map(rows, drawn))
    assert [row["id"] for row in listed.one("div", id="r1").every(role="row")] == [
        f"span-{appeal.uid}"
    ]
    assert len(listed.every(role="row")) == 1


def test_bars_at_the_same_paragraph_stand_beside_each_other():
    whole = [shown_span(Extent(0, 4), pk=1), shown_span(Extent(0, 9), pk=2)]

    page = read(*map(paragraph, drawn_paragraphs("One.\nTwo.", whole)))

    first, second = ([bar["class"] for bar in each.every(title=True)] for each in page.children)
    look = "hue-plum line-solid is-proposed"
    assert first == [f"bar at0 {look}", f"bar at1 {look} goes-on"]
    assert second == [f"bar at0 {look} came-on"]


def test_nothing_of_a_label_or_of_words_is_markup_in_the_list():
    span = shown_span(text=MARKUP, name=MARKUP)

    row = drawn_row(span, lacking=MARKUP)

    assert [each.tag for each in row.every()] == "div a span span span q".split()
    assert row.one("q").text == MARKUP
    label, _, lacking = row.every("span")
    assert (label.text, lacking.text) == (MARKUP, f"needs {MARKUP}")


def test_a_row_carries_what_the_scripts_know_of_its_span():
    span = shown_span(Extent(40, 57), revision=7, state=State.SENT_BACK)

    row = drawn_row(span)

    assert {name: row[name] for name in row.attributes if name.startswith("data-")} == {
        "data-start": "40",
        "data-end": "57",
        "data-slug": "quote",
        "data-revision": "7",
        "data-drawn": "",
    }
    assert (row["id"], row["class"]) == (f"span-{span.uid}", "row is-sent_back")
    assert row.one("a")["href"] == f"?span={span.uid}"


@pytest.mark.parametrize("state", State)
def test_a_row_is_of_a_span_that_is_drawn_only_while_it_is_live(state):
    row = drawn_row(shown_span(state=state))

    assert ("data-drawn" in row.attributes) == (state in LIVE)


def test_a_row_names_label_and_state_so_that_colour_is_never_the_only_sign():
    assert drawn_row(shown_span(state=State.SENT_BACK)).words == "Quote sent back One"
    amended = shown_span(state=State.APPROVED, amended=True)
    assert drawn_row(amended).words == "Quote approved, amended One"


def test_a_row_says_what_its_span_still_needs():
    row = drawn_row(shown_span(), lacking="speaker, cue")

    assert row.words == "Quote proposed needs speaker, cue One"
    assert "data-lacking" in row.attributes
    assert "data-lacking" not in drawn_row(shown_span()).attributes


@pytest.mark.parametrize(
    ("threads", "said"), [(0, ""), (1, " · 1 open comment"), (2, " · 2 open comments")]
)
def test_a_row_counts_the_comments_that_are_open(threads, said):
    span = shown_span()

    assert drawn_row(span, threads=threads).one("span", class_="state").text == f"proposed{said}"


def test_a_row_shows_the_beginning_of_a_long_span():
    words = drawn_row(shown_span(text="word " * 400)).one("q").text

    assert words == ("word " * 400)[:159] + "…"

"""What a panel and a strip show: the span, what would be filled in, what was typed beside it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.actions import Change
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.models import Article, Choice
from annotations.queries import desk
from annotations.views.outcomes import Outcome, attempt
from annotations.views.panels import filled, panel
from tests.factories import (
    load_labels,
    make_article,
    make_deed,
    make_label,
    make_span,
    make_user,
)
from tests.views.page import database

pytestmark = pytest.mark.django_db

TEXT = "He said: “We won,” and then: they lost."
STALE = Outcome(sentence="It has changed.", status=409)


@pytest.fixture
def ann():
    return make_user(annotator=True)


@pytest.fixture
def span(ann):
    """A quote by ann, of the newsroom's own labels."""
    load_labels()
    return make_span(make_article(TEXT), ann, text="“We won,”")


def fresh(span):
    return desk.span(span.uid)


def fields_of(shown):
    """What the panel's fields would send: name -> value."""
    return {field.name: field.value for field in shown["fields"]}


def edit(span, actor=None, **change):
    deed = make_deed(actor or make_user(annotator=True))
    now = fresh(span)
    return actions.edit(span=span.uid, seen=now.revision, change=Change(**change), deed=deed).span


# Panels


def test_labels_that_are_at_hand_are_not_asked_for_again(span, ann):
    every = desk.every_label()

    def ask(**known):
        with CaptureQueriesContext(connection) as asked:
            shown = panel(desk.span(span.uid, **known), ann, **known)
        return shown | {"request_id": "fresh", "talk": "fresh, too"}, len(asked)

    (without, many), (with_them, few) = ask(), ask(every=every)
    assert without == with_them
    assert many - few == 6  # labels, attributes and choices, for the span and for the form


def test_it_says_whether_more_may_be_marked_like_it(span, ann):
    assert panel(fresh(span), ann)["may_mark"]
    assert not panel(fresh(span), make_user(reviewer=True))["may_mark"]

    now = Article.objects.get()
    actions.set_aside(article=now.slug, seen=now.revision, reason="Twice.", deed=make_deed(ann))
    assert not panel(fresh(span), ann)["may_mark"]


@pytest.mark.parametrize(
    ("attributes", "lacking", "first"),
    [
        ({}, ["speaker"], "speaker"),
        ({"speaker": "He"}, [], "speaker"),
        ({"form": "scare"}, [], "speaker"),
    ],
)
def test_it_begins_with_what_is_lacking_or_else_with_the_first_field(
    attributes, lacking, first, span, ann
):
    if attributes:
        edit(span, attributes=attributes)

    shown = panel(fresh(span), ann)

    assert (shown["lacking"], shown["first_field"]) == (lacking, first)


def test_where_a_label_asks_for_nothing_there_is_no_first_field(ann):
    assert panel(fresh(make_span(author=ann, label="bare")), ann)["first_field"] == ""


# Compared


def compared(span, viewer, outcome=STALE, **typed):
    return panel(fresh(span), viewer, outcome=outcome, typed=typed)["compared"]


def test_what_was_typed_stands_beside_what_is_now_in_words_that_people_know(span, ann):
    edit(span, attributes={"form": "mixed"})

    rows = compared(
        span,
        ann,
        label="quote",
        text="“We won,” and",
        attr_speaker="He",
        attr_form="scare",
        attr_continues="no",
        attr_cue="",
    )

    assert rows == [
        ("Words", "“We won,”", "“We won,” and"),
        ("Speaker", "", "He"),
        ("Form", "Mixed", "Scare quotes"),
        ("Continues the quote before", "", "no"),
    ]


def test_another_label_is_compared_by_its_name_and_with_its_own_attributes(span, ann):
    edit(span, attributes={"speaker": "He"})

    rows = compared(span, ann, label="claim", attr_claimant="She")

    assert rows == [("Label", "Quote", "Claim"), ("Claimant", "", "She")]


def test_what_was_left_as_it_was_seen_is_not_compared(span, ann):
    edit(span, attributes={"speaker": "He", "form": "direct"})  # revision 2, as it was seen
    edit(span, extent=Extent(0, 2), text="He", attributes={"speaker": "She", "form": "mixed"})

    rows = compared(
        span, ann, seen="2", text=span.text, attr_speaker="They", attr_form="direct", attr_cue=""
    )

    assert rows == [("Speaker", "She", "They")]


def test_words_that_a_browser_sends_with_its_own_line_ends_are_the_same(ann):
    span = make_span(make_article("One.\n\nTwo."), ann, text="One.\n\nTwo.")

    assert compared(span, ann, text="One.\r\n\r\nTwo.") == []


def test_nothing_is_compared_unless_it_was_refused(span, ann):
    done = attempt(
        actions.edit,
        span=span.uid,
        seen=1,
        change=Change(attributes={"speaker": "He"}),
        deed=make_deed(ann),
    )

    assert compared(span, ann, outcome=None, attr_speaker="She") == []
    assert compared(span, ann, outcome=done, attr_speaker="She") == []
    assert panel(fresh(span), ann, outcome=STALE)["compared"] == []


# Filled in


@pytest.mark.parametrize(
    ("words", "form"),
    [("“We won,”", "direct"), ("“We won,” and then", "mixed"), ("they lost", "indirect")],
)
def test_the_form_of_a_quote_is_filled_in_from_its_shape(words, form, ann):
    load_labels()
    span = make_span(make_article(TEXT), ann, text=words)

    assert filled(fresh(span), ann, again=False) == {
        "attr_form": form,
        "attr_form_start": "",
        "attr_form_end": "",
    }


def test_only_a_quote_with_a_form_has_it_filled_in(ann):
    make_label("quote", attributes=[Attribute("note", "Note", Kind.TEXT)])
    make_label("claim", attributes=[Attribute("form", "Form", Kind.CHOICE, choices=("direct",))])

    assert filled(fresh(make_span(author=ann)), ann, again=False) == {}
    assert filled(fresh(make_span(author=ann, label="claim")), ann, again=False) == {}


def test_what_the_span_has_already_stays(span, ann):
    edit(span, attributes={"form": "direct", "continues": False})
    other = make_span(span.article, ann, text="they lost")
    edit(other, ann, attributes={"form": "indirect", "continues": True, "speaker": "He"})

    assert filled(fresh(span), ann, again=False) == {}
    again = filled(fresh(span), ann, again=True)
    assert {name: value for name, value in again.items() if value} == {"attr_speaker": "He"}


def test_again_fills_in_what_the_last_one_has_but_the_form_from_its_own_shape(span, ann):
    speaker = {"value": "he", "start": 0, "end": 2}
    make_span(
        span.article,
        ann,
        text="they lost",
        attributes={"speaker": speaker, "form": "indirect", "continues": False, "cue": "unknown"},
    )

    again = filled(fresh(span), ann, again=True)

    assert {name: value for name, value in again.items() if value} == {
        "attr_speaker": "he",
        "attr_speaker_start": "0",
        "attr_speaker_end": "2",
        "attr_cue": "unknown",
        "attr_form": "direct",
        "attr_continues": "no",
    }


def test_a_choice_that_is_gone_is_not_filled_in(ann):
    tone = Attribute("tone", "Tone", Kind.CHOICE, choices=("calm", "angry"))
    make_label("claim", attributes=[tone, Attribute("note", "Note", Kind.TEXT)])
    article = make_article(TEXT)
    make_span(article, ann, "claim", attributes={"tone": "angry", "note": "Loud."})
    span = make_span(article, ann, "claim")
    assert filled(fresh(span), ann, again=True)["attr_tone"] == "angry"

    Choice.objects.filter(key="angry").delete()

    again = filled(fresh(span), ann, again=True)
    assert "attr_tone" not in again
    assert again["attr_note"] == "Loud."


def test_a_form_that_the_label_does_not_know_is_not_filled_in(ann):
    make_label("quote", attributes=[Attribute("form", "Form", Kind.CHOICE, choices=("block",))])
    span = make_span(make_article(TEXT), ann, text="they lost")

    assert filled(fresh(span), ann, again=False) == {}


def test_what_is_filled_in_stands_in_the_fields_and_is_stored_by_nobody(span, ann):
    before = database()

    shown = panel(fresh(span), ann, typed=filled(fresh(span), ann, again=True))

    assert fields_of(shown) == {
        "attr_speaker": "",
        "attr_cue": "",
        "attr_form": "direct",
        "attr_continues": "",
    }
    assert shown["compared"] == []
    assert database() == before

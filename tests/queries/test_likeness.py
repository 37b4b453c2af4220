"""Where else a span's words stand and are not marked yet."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from annotations.models import Span
from annotations.queries.likeness import others_like, why_not
from tests.factories import make_article, make_deed, make_span, make_user

pytestmark = pytest.mark.django_db

TEXT = "One, two. Then one, two. Nobody says one, two more: one, two."
PLACES = [Extent(15, 23), Extent(37, 45), Extent(52, 60)]


def marked_first(**fields):
    article = make_article(TEXT)
    return make_span(article, extent=PLACES[0], **fields)


def extents(span):
    return [place.extent for place in others_like(Span.objects.get(pk=span.pk))]


def test_the_other_places_come_in_reading_order_without_the_span_itself():
    assert extents(marked_first()) == PLACES[1:]


def test_each_place_has_the_words_around_it_cut_between_words():
    text = "It began well. " + "far " * 20 + "a cup, " + "near " * 20 + "a cup"
    span = make_span(make_article(text), text="a cup")

    (place,) = others_like(span)

    assert (place.before, place.after) == ("…" + "near " * 8, "")
    assert place.before + place.extent.of(text) == "…" + "near " * 8 + "a cup"
    again = make_span(span.article, label="claim", extent=place.extent)
    (place,) = others_like(again)
    assert place.before == "…" + "far " * 10
    assert place.after == ", near near near near near near near…"


@pytest.mark.parametrize(
    "state", [State.SUGGESTED, State.PROPOSED, State.SENT_BACK, State.APPROVED]
)
def test_where_the_label_stands_already_there_is_nothing_to_mark(state):
    span = marked_first()
    make_span(span.article, extent=PLACES[1], state=state)
    assert extents(span) == PLACES[2:]


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.REJECTED, State.DISMISSED])
def test_what_no_longer_stands_is_in_nobodys_way(state):
    span = marked_first()
    make_span(span.article, extent=PLACES[1], state=state)
    assert extents(span) == PLACES[1:]


def test_a_span_that_only_overlaps_is_in_nobodys_way_and_not_named():
    span = marked_first()
    make_span(span.article, extent=Extent(PLACES[1].start, PLACES[1].end + 5))
    assert [place.labels for place in others_like(span)] == [(), ()]


def test_other_labels_at_the_very_place_are_named_each_in_its_turn():
    span = marked_first()
    for label in ("claim", "boilerplate"):
        make_span(span.article, label=label, extent=PLACES[1])
    make_span(span.article, label="claim", extent=PLACES[2], state=State.WITHDRAWN)
    assert [place.labels for place in others_like(span)] == [("Claim", "Boilerplate"), ()]


def test_it_takes_one_statement_however_many_places_and_spans_there_are():
    article = make_article("one two, " * 60)
    span = Span.objects.select_related("article", "label").get(
        pk=make_span(article, extent=Extent(0, 7)).pk
    )
    with CaptureQueriesContext(connection) as few:
        assert len(others_like(span)) == 59
    for number in range(1, 30):
        make_span(article, span.author, extent=Extent(9 * number, 9 * number + 7))
    with CaptureQueriesContext(connection) as many:
        assert len(others_like(span)) == 30
    assert len(few) == len(many) == 1


def test_an_annotator_may_mark_others_like_a_span_that_stands():
    span, ann = marked_first(), make_user(annotator=True)
    assert why_not(span, ann) == ""
    assert why_not(span, make_user(reviewer=True)) == "Only annotators may do this."

    actions.withdraw(span=span.uid, seen=1, deed=make_deed(span.author))
    span = Span.objects.select_related("article").get()
    assert why_not(span, ann) == "This span is withdrawn, so no others are marked like it."

    article = span.article
    actions.set_aside(
        article=article.slug, seen=article.revision, reason="Twice.", deed=make_deed(ann)
    )
    span = Span.objects.select_related("article").get()
    assert why_not(span, ann) == "This article is set aside, so its spans rest."

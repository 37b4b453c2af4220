"""Marking all like this: the same words elsewhere, in one deed that one undo takes back."""

from uuid import uuid4

import pytest

from annotations import actions
from annotations.actions import Change
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState, State
from annotations.domain.occurrences import elsewhere
from annotations.domain.refusals import Illegal, Invalid, NotPermitted, Reused, Stale
from annotations.models import Article, Event, Span
from tests.factories import make_article, make_deed, make_label, make_span, make_user
from tests.refusals import refused

pytestmark = pytest.mark.django_db

TEXT = "😀 Cup final: we won.\n\nWe say: we won. And we wondered.\n\nOh, we won. Yes, we won."
WORDS = "we won"
OWN = Extent(TEXT.index(WORDS), TEXT.index(WORDS) + len(WORDS))
NEXT = elsewhere(TEXT, OWN)[0]
NO_PLACES = {
    "the span's own": OWN,
    "other words": Extent(0, len(WORDS)),
    "a part of a word": Extent(TEXT.index("we wondered"), TEXT.index("we wondered") + len(WORDS)),
    "longer": Extent(NEXT.start, NEXT.end + 1),
    "empty": Extent(NEXT.start, NEXT.start),
    "backwards": Extent(NEXT.end, NEXT.start),
    "beyond the text": Extent(10**18 - 1, 10**18 + 5),
}
ANCHORED = Attribute("speaker", "Speaker", Kind.ANCHORED)
NOTE = Attribute("sure", "Sure", Kind.YES_NO)


@pytest.fixture
def ann():
    return make_user("ann", annotator=True)


@pytest.fixture
def first(ann):
    """“we won” is marked where it stands first."""
    make_label("quote", attributes=[ANCHORED, NOTE])
    speaker = {"value": "Cup final", "start": 2, "end": 11}
    return make_span(
        make_article(TEXT), ann, text=WORDS, attributes={"speaker": speaker, "sure": True}
    )


def others(span):
    return elsewhere(span.article.text, span.extent)


def mark(span, actor, extents=None, **fields):
    asked = {"span": span.uid, "seen": span.revision, "deed": make_deed(actor)} | fields
    return actions.mark_like(extents=others(span) if extents is None else extents, **asked)


def states(spans):
    return [now(span).state for span in spans]


def now(thing):
    return type(thing).objects.get(pk=thing.pk)


def test_each_place_becomes_a_span_of_the_same_label_and_attributes(first):
    ben = make_user(annotator=True)
    done = mark(first, ben)

    assert len(done.spans) == 3
    assert Span.objects.count() == 4
    for span, extent in zip(map(now, done.spans), others(first), strict=True):
        assert (span.extent, span.text, TEXT[span.start : span.end]) == (extent, WORDS, WORDS)
        assert (span.label, span.attributes) == (first.label, first.attributes)
        assert (span.state, span.author, span.last_editor) == (State.PROPOSED, ben, ben)
        assert (span.origin, span.revision) == (f"propagated:{first.uid}", 1)
    assert now(first).revision == first.revision
    assert done.skipped == ()


def test_it_is_one_deed_with_an_event_for_each_and_raises_the_articles_revision_once(first, ann):
    revision = now(first.article).revision
    done = mark(first, ann)

    assert (done.deed.action, done.deed.actor) == ("propose", ann)
    events = list(done.deed.events.values_list("span", "action", "revision", "before"))
    assert events == [(span.pk, "propose", 1, None) for span in done.spans]
    assert now(first.article).revision == done.article.revision == revision + 1


def test_only_the_places_that_were_sent_are_marked_each_once_and_in_reading_order(first, ann):
    one, _, three = others(first)
    done = mark(first, ann, [three, one, three])
    assert [span.extent for span in done.spans] == [one, three]


def test_one_undo_withdraws_them_all_and_one_redo_brings_them_back(first, ann):
    done = mark(first, ann)
    revision = now(first.article).revision

    undone = actions.undo(target=done.deed.pk, deed=make_deed(ann))
    assert states(done.spans) == [State.WITHDRAWN] * 3
    assert (len(undone.spans), undone.skipped) == (3, ())
    assert now(first).state == State.PROPOSED

    redone = actions.undo(target=undone.deed.pk, deed=make_deed(ann))
    assert states(done.spans) == [State.PROPOSED] * 3
    assert len(redone.spans) == 3
    assert now(first.article).revision == revision + 2


def test_undo_leaves_what_somebody_changed_meanwhile_and_says_so(first, ann):
    done = mark(first, ann)
    changed, *kept = done.spans
    actions.edit(
        span=changed.uid,
        seen=1,
        change=Change(attributes={}),
        deed=make_deed(make_user(annotator=True)),
    )

    undone = actions.undo(target=done.deed.pk, deed=make_deed(ann))

    assert states([changed, *kept]) == [State.PROPOSED, State.WITHDRAWN, State.WITHDRAWN]
    assert [skipped.span for skipped in undone.skipped] == [changed]


def test_a_place_that_was_marked_meanwhile_is_skipped_and_named_and_the_others_are_marked(
    first, ann
):
    one, two, three = others(first)
    twin = make_span(first.article, make_user("eve", annotator=True), extent=two)

    done = mark(first, ann, [one, two, three])

    assert [span.extent for span in done.spans] == [one, three]
    assert [(skipped.span, skipped.why) for skipped in done.skipped] == [
        (twin, "These words are already marked as quote by eve (proposed).")
    ]


def test_where_the_words_carry_another_label_they_are_marked_too(first, ann):
    place = others(first)[0]
    make_span(first.article, ann, "claim", extent=place)
    assert [span.extent for span in mark(first, ann, [place]).spans] == [place]


def test_where_a_mark_was_withdrawn_the_words_may_be_marked_again(first, ann):
    place = others(first)[0]
    make_span(first.article, ann, extent=place, state=State.WITHDRAWN)
    assert [span.extent for span in mark(first, ann, [place]).spans] == [place]


def test_if_every_place_was_marked_meanwhile_the_deed_is_refused(first, ann):
    mark(first, ann)
    with refused(Illegal, "so nothing is left to mark."):
        mark(first, ann)


@pytest.mark.parametrize("extent", NO_PLACES.values(), ids=NO_PLACES)
def test_what_is_no_place_of_these_words_is_refused_and_nothing_is_marked(first, ann, extent):
    with refused(Invalid, "do not stand at every place") as caught:
        mark(first, ann, [*others(first), extent])
    assert caught.value.field == "place"


def test_without_a_place_it_is_refused(first, ann):
    with refused(Invalid, "Tick at least one place."):
        mark(first, ann, [])


def test_it_is_refused_if_the_span_has_changed_since(first, ann):
    places = others(first)
    change = Change(extent=Extent(first.start, first.end + 1), text="we won.")
    actions.edit(span=first.uid, seen=first.revision, change=change, deed=make_deed(ann))
    with refused(Stale):
        mark(first, ann, places)


def test_only_annotators_mark(first):
    for stranger in (make_user(), make_user(reviewer=True), make_user(exporter=True)):
        with refused(NotPermitted, "Only annotators may do this."):
            mark(first, stranger)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.REJECTED, State.DISMISSED])
def test_nothing_is_marked_like_a_span_that_no_longer_stands(ann, state):
    span = make_span(make_article(TEXT), text=WORDS, state=state)
    with refused(Illegal, f"This span is {state}, so no others are marked like it."):
        mark(span, ann)


@pytest.mark.parametrize(
    "state", [State.SUGGESTED, State.PROPOSED, State.SENT_BACK, State.APPROVED]
)
def test_others_are_marked_like_any_span_that_stands(ann, state):
    span = make_span(make_article(TEXT), text=WORDS, state=state)
    assert states(mark(span, ann).spans) == [State.PROPOSED] * 3


def test_while_the_article_rests_nothing_is_marked(first, ann):
    article = now(first.article)
    actions.set_aside(
        article=article.slug, seen=article.revision, reason="Twice.", deed=make_deed(ann)
    )
    with refused(Illegal, "its spans rest."):
        mark(first, ann)


def test_a_reviewed_article_is_reopened(ann):
    rev = make_user(reviewer=True)
    span = make_span(make_article(TEXT), ann, text=WORDS, state=State.APPROVED, reviewer=rev)
    article = now(span.article)
    actions.submit(article=article.slug, seen=article.revision, deed=make_deed(ann))
    actions.sign_off(
        article=article.slug,
        seen=article.revision + 1,
        nothing_missing=True,
        deed=make_deed(rev),
    )

    mark(span, ann)

    assert now(article).state == ArticleState.REOPENED


def test_of_a_suggestion_in_an_untouched_article_it_begins_the_article(ann):
    span = make_span(make_article(TEXT), text=WORDS, state=State.SUGGESTED)
    mark(span, ann)
    assert now(span.article).state == ArticleState.IN_PROGRESS


def test_a_span_that_is_not_there_is_an_error(ann):
    with pytest.raises(Span.DoesNotExist):
        actions.mark_like(span=uuid4(), seen=1, extents=[Extent(0, 1)], deed=make_deed(ann))


def test_the_same_request_again_gets_the_first_answer_and_nothing_is_written(first, ann):
    request_id, places = uuid4(), others(first)
    make_span(first.article, ann, extent=places[1])
    done = mark(first, ann, deed=make_deed(ann, request_id))
    before = (Span.objects.count(), Event.objects.count(), now(first.article).revision)

    again = mark(first, ann, deed=make_deed(ann, request_id))

    assert (done.repeated, again.repeated) == (False, True)
    assert (again.deed, again.article, again.spans) == (done.deed, done.article, done.spans)
    assert len(again.skipped) == len(done.skipped) == 1
    assert (Span.objects.count(), Event.objects.count()) == before[:2]
    assert Article.objects.get().revision == before[2]


def test_the_same_request_with_other_places_is_refused(first, ann):
    request_id = uuid4()
    mark(first, ann, others(first)[:1], deed=make_deed(ann, request_id))
    with refused(Reused):
        mark(first, ann, deed=make_deed(ann, request_id))

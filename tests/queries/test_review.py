"""What waits for a reviewer: order, filters, pages by key, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations import actions
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Span, TextGroup
from annotations.queries import review
from annotations.queries.review import Queue
from tests.factories import make_article, make_deed, make_label, make_span, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rev():
    return make_user("rev", reviewer=True)


def submit(article):
    article = Article.objects.get(pk=article.pk)
    ann = make_user(annotator=True)
    actions.submit(article=article.slug, seen=article.revision, deed=make_deed(ann))


def submitted(*words, **particulars):
    """Spans over these words of one submitted article."""
    article = make_article(" ".join(words), **particulars)
    spans = [make_span(article, text=each) for each in words]
    submit(article)
    return [Span.objects.get(pk=span.pk) for span in spans]


def texts(spans):
    return [span.text for span in spans]


def answered(span, rev):
    """The span after it was sent back and answered."""
    actions.send_back(span=span.uid, seen=span.revision, comment="Why?", deed=make_deed(rev))
    actions.answer(
        span=span.uid, seen=span.revision + 1, comment="So.", deed=make_deed(span.author)
    )
    return Span.objects.get(pk=span.pk)


def test_what_was_answered_comes_first_then_story_article_and_place(rev):
    submitted("Other.")
    submitted("B1.", "B2.", story="Bees")
    submitted("A1.", "A2.", story="Ants")
    answered(Span.objects.get(text="A2."), rev)

    assert texts(review.waiting(Queue(), rev)) == ["A2.", "B1.", "B2.", "A1.", "Other."]


def test_what_was_last_in_the_viewers_hand_and_what_is_in_progress_are_asked_for(rev):
    both = make_user(annotator=True, reviewer=True)
    article = make_article("Mine. Theirs.")
    make_span(article, both, text="Mine.")
    make_span(article, text="Theirs.")
    submit(article)
    make_span(make_article("Begun."), text="Begun.")

    assert texts(review.waiting(Queue(), both)) == ["Theirs."]
    assert texts(review.waiting(Queue(own=True), both)) == ["Mine.", "Theirs."]
    assert texts(review.waiting(Queue(in_progress=True), both)) == ["Theirs.", "Begun."]
    assert review.held_up(Queue(), both, 50) == 1
    assert review.held_up(Queue(in_progress=True), both, 50) == 0
    assert review.held_up(Queue(state=State.APPROVED), both, 50) == 0


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"label": "claim"}, ["Two."]),
        ({"outlet": "post"}, ["One.", "Two."]),
        ({"story": "ants"}, ["Three."]),
        ({"article": "a"}, ["One.", "Two."]),
        ({"author": "ann"}, ["Two."]),
        ({"origin": "human"}, ["One.", "Three."]),
        ({"origin": "machine"}, ["Two."]),
        ({"origin": "suggester:q/1"}, ["Two."]),
        ({"origin": "suggester:q/2"}, []),
        ({"days": 3}, ["Three."]),
        ({"answered": True}, ["One."]),
        ({"answered": True, "label": "claim"}, []),
        ({"label": "nothing"}, []),
        ({"author": "nobody"}, []),
    ],
)
def test_each_filter_chooses(rev, chosen, found):
    make_label("claim")
    ann = make_user("ann", annotator=True)
    article = make_article("One. Two.", "a", outlet="Post")
    make_span(article, text="One.")
    offered = make_span(
        article, label="claim", text="Two.", state=State.SUGGESTED, origin="suggester:q/1"
    )
    actions.accept(span=offered.uid, seen=offered.revision, deed=make_deed(ann))
    submit(article)
    (three,) = submitted("Three.", story="Ants")
    answered(Span.objects.get(text="One."), rev)
    Span.objects.filter(pk=three.pk).update(waiting_since=timezone.now() - timedelta(days=4))

    assert texts(review.waiting(Queue(**chosen), rev)) == found


def test_a_text_group_is_a_filter(rev):
    submitted("Donate now.")
    submitted("donate now")
    submitted("Other.")
    group = TextGroup.objects.get(waiting=2)

    assert texts(review.waiting(Queue(group=group.pk), rev)) == ["Donate now.", "donate now"]


def test_what_was_decided_is_found_by_its_state(rev):
    one, two = submitted("One.", "Two.")
    actions.approve(span=one.uid, seen=one.revision, deed=make_deed(rev))

    assert texts(review.waiting(Queue(state=State.APPROVED), rev)) == ["One."]
    assert review.span_after(two, Queue(state=State.APPROVED), rev) == one


def test_after_a_decision_comes_the_rest_of_its_article_then_what_was_answered_then_on(rev):
    first, second = submitted("A1.", "A2.")
    (before,) = submitted("B.")
    (last,) = submitted("C.")
    go = review.next_to_decide
    assert go(None, Queue(), rev) == first
    assert go(first, Queue(), rev) == second
    assert go(second, Queue(), rev) == before
    assert go(last, Queue(), rev) == first

    last = answered(last, rev)
    assert go(first, Queue(), rev) == second
    assert go(second, Queue(), rev) == last
    assert go(second, Queue(), rev, besides=[last.article_id]) == before
    assert go(None, Queue(), rev, besides=[last.article_id, first.article_id]) == before


def test_the_items_beside_one(rev):
    one, two, three = submitted("One.", "Two.", "Three.")

    assert review.span_after(one, Queue(), rev) == two
    assert review.span_after(three, Queue(), rev) == one
    assert review.span_before(three, Queue(), rev) == two
    assert review.span_before(one, Queue(), rev) is None


def test_pages_are_found_by_the_key_of_the_item_that_is_open(rev):
    spans = submitted(*(f"w{number:02}" for number in range(10)))

    def window(at=None, **more):
        page = review.window(Queue(), rev, 4, at, **more)
        return texts(page.rows), page.before, page.after

    first = texts(spans[:4])
    assert window() == (first, False, True)
    assert window(spans[2]) == (first, False, True)
    assert window(spans[5]) == (texts(spans[5:9]), True, True)
    assert window(spans[8]) == (texts(spans[8:]), True, False)
    assert window(spans[8], backwards=True) == (texts(spans[5:9]), True, True)
    assert review.window(Queue(), rev, 10, spans[9]).whole
    # One that was decided meanwhile and stood before them.
    actions.approve(span=spans[0].uid, seen=1, deed=make_deed(rev))
    assert window(Span.objects.get(pk=spans[0].pk)) == (texts(spans[1:5]), False, True)


def test_the_cost_of_a_page_does_not_grow_with_what_waits(rev):
    costs = []
    for many in (30, 300):
        submitted(*(f"w{number:03}" for number in range(many)))
        at = Span.objects.order_by("-pk").first()
        with CaptureQueriesContext(connection) as queries:
            review.window(Queue(label="quote"), rev, 20, at)
            review.next_to_decide(at, Queue(), rev)
            review.waiting_in_all()
        costs.append(len(queries))
        assert not any("COUNT(" in query["sql"] for query in queries)
    assert costs[1] == costs[0]


def test_how_much_waits_in_all_is_counted_by_the_articles(rev):
    assert review.waiting_in_all() == 0
    submitted("One.", "Two.")
    submitted("Three.")
    make_span(make_article("Begun."), text="Begun.")

    assert review.waiting_in_all() == 3


def test_who_is_at_an_article_is_known_to_the_others(rev):
    (span,) = submitted("One.")
    other = make_user("other", reviewer=True)
    actions.lease_article(article=span.article_id, person=other)

    assert review.leased_elsewhere(rev) == {span.article_id: "other"}
    assert review.leased_elsewhere(other) == {}


@pytest.mark.parametrize("state", list(ArticleState))
def test_settled_is_what_waits_for_nothing_but_its_sign_off(state):
    counts = [(0, 0), (1, 0), (0, 1)]
    waits = state in (ArticleState.SUBMITTED, ArticleState.REOPENED)

    found = [review.settled(Article(state=state, proposed=p, sent_back=s)) for p, s in counts]

    assert found == [waits, False, False]


def test_a_reviewers_queue_never_compares_extents(rev):
    """Two spans of the same place come one after the other, whatever their ends."""
    article = make_article("One two.")
    make_label("claim")
    spans = [
        make_span(article, label=label, extent=Extent(0, end))
        for label, end in (("quote", 3), ("claim", 8))
    ]
    submit(article)

    assert list(review.waiting(Queue(), rev)) == spans

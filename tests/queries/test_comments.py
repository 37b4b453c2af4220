"""Threads of a place, in order, at a cost that does not grow; which of them are open."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.models import Comment
from annotations.queries import comments as queries
from tests.factories import make_article, make_comment, make_span, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def span():
    return make_span()


def told(threads):
    return [(thread.root, list(thread.replies)) for thread in threads]


def test_threads_stand_in_the_order_they_began_and_replies_in_the_order_they_came(span):
    first, second = make_comment(span.article, span), make_comment(span.article, span)
    late = make_comment(span.article, span, reply_to=first)
    later = make_comment(span.article, span, reply_to=first)
    assert told(queries.of_span(span)) == [(first, [late, later]), (second, [])]


def test_talk_of_a_span_is_not_talk_of_its_article_nor_of_another_span(span):
    other = make_span(span.article)
    here, there = make_comment(span.article, span), make_comment(span.article, other)
    above = make_comment(span.article)
    make_comment(make_article())
    assert told(queries.of_span(span)) == [(here, [])]
    assert told(queries.of_span(other)) == [(there, [])]
    assert told(queries.of_article(span.article)) == [(above, [])]


def test_what_was_taken_back_and_what_is_resolved_stay_in_their_place(span):
    root = make_comment(span.article, span)
    reply = make_comment(span.article, span, reply_to=root)
    actions.take_back_comment(comment=root.uid, person=root.author)
    actions.resolve(comment=root.uid, person=root.author)
    assert told(queries.of_span(span)) == [(root, [reply])]


def test_one_comment_is_found_with_its_place(span):
    comment = make_comment(span.article, span)
    found = queries.comment(comment.uid)
    assert (found, found.article, found.span) == (comment, span.article, span)
    with pytest.raises(Comment.DoesNotExist):
        queries.comment(span.uid)


def test_a_thread_is_open_until_it_is_resolved_or_all_of_it_is_taken_back(span):
    author = make_user(annotator=True)
    root = make_comment(span.article, span, author=author)
    reply = make_comment(span.article, span, reply_to=root, author=author)
    make_comment(span.article)  # the article's own is not a span's

    def open_now():
        [thread] = queries.of_span(span)
        counted = queries.open_counts(span.article)
        assert counted == ({span.pk: 1} if thread.open else {})
        return thread.open

    assert open_now()
    actions.resolve(comment=root.uid, person=author)
    assert not open_now()
    actions.unresolve(comment=root.uid, person=author)
    assert open_now()
    actions.take_back_comment(comment=root.uid, person=author)
    assert open_now()
    actions.take_back_comment(comment=reply.uid, person=author)
    assert not open_now()


def test_a_thread_without_replies_that_was_taken_back_is_not_open(span):
    root = make_comment(span.article, span)
    actions.take_back_comment(comment=root.uid, person=root.author)
    assert queries.open_counts(span.article) == {}


def test_open_threads_are_counted_by_span(span):
    other = make_span(span.article)
    for place, number in ((span, 2), (other, 1)):
        for _ in range(number):
            make_comment(span.article, place)
    assert queries.open_counts(span.article) == {span.pk: 2, other.pk: 1}
    assert queries.open_counts(make_article()) == {}


def test_each_costs_one_statement_however_much_was_said(span):
    article = span.article

    def cost():
        with CaptureQueriesContext(connection) as asked:
            for thread in [*queries.of_span(span), *queries.of_article(article)]:
                for said in (thread.root, *thread.replies):
                    str(said.author), str(said.resolved_by)
            queries.open_counts(article)
        return len(asked)

    assert cost() == 3
    for place in (span, None):
        for _ in range(5):
            root = make_comment(article, place)
            make_comment(article, place, reply_to=root)
            if place:
                actions.resolve(comment=root.uid, person=root.author)
    assert cost() == 3

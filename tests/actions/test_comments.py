"""Talk: said once, in its place, by those who may; it changes nothing that is marked."""

from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError

from annotations import actions
from annotations.actions.comments import MAX_COMMENT_LENGTH
from annotations.domain.refusals import Illegal, Invalid, NotPermitted, Reused
from annotations.models import Article, Comment, Deed, Event, Span
from tests.actions.test_races import at_once
from tests.factories import make_article, make_comment, make_deed, make_span, make_user
from tests.refusals import everything, refused

pytestmark = pytest.mark.django_db

OTHERS = {"an exporter": {"exporter": True}, "an importer": {"importer": True}, "nobody's": {}}


@pytest.fixture
def article():
    return make_article(slug="talked-about")


def saying(article, author=None, **changes):
    """What `actions.comment` takes to say something on the article."""
    asked = {
        "article": article.slug,
        "span": None,
        "reply_to": None,
        "text": "Is this the whole of it?",
        "author": author or make_user(annotator=True),
        "request_id": uuid4(),
    }
    return asked | changes


def rests(article):
    article.refresh_from_db()
    reviewer = make_deed(make_user(reviewer=True))
    actions.set_aside(article=article.slug, seen=article.revision, reason="Twice.", deed=reviewer)


# Saying


@pytest.mark.parametrize("part", ["annotator", "reviewer"])
def test_annotators_and_reviewers_say_something_of_an_article(article, part):
    author = make_user(**{part: True})
    said = actions.comment(**saying(article, author, text="Two lines,\nwith  blanks 🧵."))
    stored = Comment.objects.get()
    assert stored == said
    assert (stored.article, stored.span, stored.reply_to) == (article, None, None)
    assert (stored.text, stored.author) == ("Two lines,\nwith  blanks 🧵.", author)
    assert (stored.resolved_at, stored.withdrawn_at) == (None, None)


def test_a_comment_on_a_span_stands_at_the_span():
    span = make_span()
    said = actions.comment(**saying(span.article, span=span.uid))
    assert (said.article, said.span) == (span.article, span)


def test_talk_changes_nothing_that_is_marked_and_leaves_no_event():
    span = make_span()
    rows = (Article, Span, Deed, Event)
    before = [list(model.objects.values()) for model in rows]
    root = make_comment(span.article, span)
    make_comment(span.article, span, reply_to=root)
    actions.resolve(comment=root.uid, person=root.author)
    actions.take_back_comment(comment=root.uid, person=root.author)
    assert [list(model.objects.values()) for model in rows] == before


def test_a_span_in_any_state_may_be_talked_about():
    for state in ("suggested", "rejected", "withdrawn"):
        span = make_span(state=state)
        assert actions.comment(**saying(span.article, span=span.uid)).span == span


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_nothing_is_no_comment(article, text):
    with refused(Invalid, "Say something first."):
        actions.comment(**saying(article, text=text))


def test_a_comment_is_as_long_as_it_may_be_in_code_points_and_no_longer(article):
    actions.comment(**saying(article, text="🧵" * MAX_COMMENT_LENGTH))
    with refused(Invalid, "at most 5,000 characters; this one has 5,001."):
        actions.comment(**saying(article, text="🧵" * MAX_COMMENT_LENGTH + "."))


@pytest.mark.parametrize("text", ["a\0b", "half a \ud83e character"])
def test_what_no_database_keeps_is_refused(article, text):
    with refused(Invalid, "nobody can read") as caught:
        actions.comment(**saying(article, text=text))
    assert caught.value.field == "text"


@pytest.mark.parametrize("part", OTHERS.values(), ids=OTHERS)
def test_nobody_else_says_or_settles_anything(article, part):
    root, other = make_comment(article), make_user(**part)
    with refused(NotPermitted, "Only annotators and reviewers may comment."):
        actions.comment(**saying(article, other))
    for act in (actions.resolve, actions.unresolve):
        with refused(NotPermitted):
            act(comment=root.uid, person=other)


def test_while_an_article_rests_so_does_the_talk_but_words_can_be_taken_back(article):
    root = make_comment(article)
    rests(article)
    with refused(Illegal, "This article is set aside, so the talk about it rests."):
        actions.comment(**saying(article))
    for act in (actions.resolve, actions.unresolve):
        with refused(Illegal):
            act(comment=root.uid, person=root.author)
    actions.take_back_comment(comment=root.uid, person=root.author)
    assert Comment.objects.get().withdrawn_at


def test_what_is_not_there_or_elsewhere_is_not_found(article):
    own, elsewhere = make_span(article), make_span()
    remark, on_span = make_comment(article), make_comment(elsewhere.article, elsewhere)
    before = everything()
    for missing, changes in (
        (Article, {"article": "nowhere"}),
        (Span, {"span": uuid4()}),
        (Span, {"span": elsewhere.uid}),
        (Comment, {"reply_to": uuid4()}),
        (Comment, {"reply_to": on_span.uid}),
        (Comment, {"reply_to": remark.uid, "span": own.uid}),
    ):
        with pytest.raises(missing.DoesNotExist):
            actions.comment(**saying(article) | changes)
    for act in (actions.resolve, actions.unresolve, actions.take_back_comment):
        with pytest.raises(Comment.DoesNotExist):
            act(comment=uuid4(), person=remark.author)
    assert everything() == before


# Replying


def test_a_reply_stands_in_its_thread_and_a_reply_to_it_too(article):
    root = make_comment(article)
    reply = make_comment(article, reply_to=root)
    deeper = make_comment(article, reply_to=reply)
    assert (reply.reply_to, deeper.reply_to) == (root, root)


def test_a_reply_opens_a_resolved_thread_again_so_that_it_is_seen():
    span = make_span()
    root = make_comment(span.article, span)
    actions.resolve(comment=root.uid, person=root.author)
    make_comment(span.article, span, reply_to=root, text="Not quite.")
    root.refresh_from_db()
    assert (root.resolved_by, root.resolved_at) == (None, None)


# Resolving


@pytest.mark.parametrize("at", ["root", "reply"])
def test_a_thread_is_resolved_and_opened_again_as_a_whole(article, at):
    root = make_comment(article)
    comments = {"root": root, "reply": make_comment(article, reply_to=root)}
    person = make_user(reviewer=True)
    resolved = actions.resolve(comment=comments[at].uid, person=person)
    assert (resolved, resolved.resolved_by, resolved.article) == (root, person, article)
    root.refresh_from_db()
    assert root.resolved_at is not None
    opened = actions.unresolve(comment=comments[at].uid, person=root.author)
    assert (opened, opened.resolved_by, opened.resolved_at) == (root, None, None)
    root.refresh_from_db()
    assert (root.resolved_by, root.resolved_at) == (None, None)


def test_who_resolved_it_first_stays_on_record(article):
    root, first = make_comment(article), make_user(reviewer=True)
    when = actions.resolve(comment=root.uid, person=first).resolved_at
    actions.resolve(comment=root.uid, person=root.author)
    root.refresh_from_db()
    assert (root.resolved_by, root.resolved_at) == (first, when)


# Taking back


def test_words_that_were_taken_back_stay_on_record(article):
    root = make_comment(article, text="Rash words.")
    when = actions.take_back_comment(comment=root.uid, person=root.author).withdrawn_at
    again = actions.take_back_comment(comment=root.uid, person=root.author)
    root.refresh_from_db()
    assert (root.text, root.withdrawn_at) == ("Rash words.", when)
    assert again.withdrawn_at == when


def test_nobody_takes_back_what_another_said(article):
    root = make_comment(article)
    with refused(NotPermitted, "Only its author may take a comment back."):
        actions.take_back_comment(comment=root.uid, person=make_user(superuser=True))


def test_who_has_no_part_any_more_still_takes_their_words_back(article):
    root = make_comment(article)
    root.author.groups.clear()
    actions.take_back_comment(comment=root.uid, person=root.author)
    assert Comment.objects.get().withdrawn_at


# The same request again


def test_the_same_request_again_gets_the_first_answer_and_nothing_is_written(article):
    asked = saying(article, reply_to=make_comment(article).uid)
    first = actions.comment(**asked)
    before = everything()
    assert actions.comment(**asked) == first
    assert everything() == before


def test_it_is_looked_up_before_anything_else(article):
    asked = saying(article)
    first = actions.comment(**asked)
    asked["author"].groups.clear()
    rests(article)
    assert actions.comment(**asked) == first


OTHER = {
    "words": lambda article: {"text": "Something else."},
    "an author": lambda article: {"author": make_user(annotator=True)},
    "an article": lambda article: {"article": make_article().slug},
    "a span": lambda article: {"span": make_span(article).uid},
    "a thread": lambda article: {"reply_to": Comment.objects.get().uid},
}


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_a_request_with_other_contents_is_refused(article, other):
    asked = saying(article)
    actions.comment(**asked)
    changed = asked | other(article)
    with refused(Reused, "This form was sent before with other words."):
        actions.comment(**changed)


def test_a_refused_request_may_be_sent_again_with_other_words(article):
    asked = saying(article)
    with refused(Invalid):
        actions.comment(**asked | {"text": ""})
    assert actions.comment(**asked).text == asked["text"]


def test_what_the_database_itself_refuses_is_no_answer_and_leaves_nothing(article, monkeypatch):
    def refuse(**_):
        raise IntegrityError

    before = everything()
    monkeypatch.setattr(Comment.objects, "create", refuse)
    with pytest.raises(IntegrityError):
        actions.comment(**saying(article))
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_of_the_same_request_many_times_at_once_one_is_said_and_all_get_it():
    asked = saying(make_article())
    outcomes = at_once([partial(actions.comment, **asked)] * 8)
    assert outcomes == [Comment.objects.get()] * 8

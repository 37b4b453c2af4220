"""What the toast says of a deed that was done."""

import pytest

from annotations import actions
from annotations.actions import Change
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState
from annotations.domain.occurrences import elsewhere
from annotations.models import Span
from annotations.views.outcomes import Outcome, attempt, said
from tests.factories import make_article, make_deed, make_label, make_span, make_user

pytestmark = pytest.mark.django_db


def undo(done):
    return actions.undo(target=done.deed.pk, deed=make_deed(done.deed.actor))


def mark(text, words, label="quote"):
    """“words” are marked in a new article of that text."""
    span = make_span(make_article(text), label=label, text=words)
    deed = span.events.get().deed
    return actions.Done(deed, span.article, (span,))


def mark_like(done):
    span = Span.objects.select_related("article").get(pk=done.span.pk)
    places = elsewhere(span.article.text, span.extent)
    deed = make_deed(done.deed.actor)
    return actions.mark_like(span=span.uid, seen=span.revision, extents=places, deed=deed)


def told(done):
    return said(Outcome(done=done))


def test_a_mark_is_told_by_its_label():
    assert told(mark("We won.", "We won.", "claim")) == "Marked as claim."


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("We won.", "“We won.”"),
        ("“We won,”", "“We won,”"),
        ("“’", "““’”"),
        ("One\n\ntwo", "“One two”"),
        (f"They want a {'global ' * 9}war", "“They want a global global global global…”"),
        ("我" * 50, "“" + "我" * 40 + "…”"),
    ],
)
def test_undo_and_redo_say_what_was_done_to_which_words(words, name):
    undone = undo(mark(f"He said: {words} !", words))
    assert told(undone) == f"Undone: marked. {name}"
    assert told(undo(undone)) == f"Done again: marked. {name}"


def test_after_an_undo_the_words_are_those_that_are_back():
    done = mark("We won. They lost.", "We won.")
    edited = actions.edit(
        span=done.span.uid,
        seen=1,
        change=Change(extent=Extent(8, 18), text="They lost."),
        deed=make_deed(done.deed.actor),
    )
    assert told(undo(edited)) == "Undone: edited. “We won.”"


def test_of_an_article_it_says_what_was_done():
    article, ann = make_article(), make_user(annotator=True)
    done = actions.submit(article=article.slug, seen=article.revision, deed=make_deed(ann))
    assert told(undo(done)) == "Undone: submitted."


def test_several_spans_are_told_by_their_number():
    done = mark_like(mark("we won, we won, we won, we won", "we won"))
    assert told(done) == "Marked 3 more as quote."
    undone = undo(done)
    assert told(undone) == "Undone: marked 3 spans."
    assert told(undo(undone)) == "Done again: marked 3 spans."


def test_what_was_left_alone_is_told_with_the_reason_once():
    first = mark("we won, we won, we won, we won", "we won")
    done = mark_like(first)
    for span in done.spans[:2]:
        actions.withdraw(span=span.uid, seen=1, deed=make_deed(first.deed.actor))

    assert told(undo(done)) == ("Undone: marked 1 span. 2 left as they are: It has changed since.")


def test_one_that_is_left_alone_is_told_in_the_singular():
    first = mark("we won, we won, we won", "we won")
    make_span(first.article, make_user("eve", annotator=True), extent=Extent(8, 14))
    assert told(mark_like(first)) == (
        "Marked 1 more as quote. 1 left as it is: "
        "These words are already marked as quote by eve (proposed)."
    )


def test_a_refusal_is_told_in_its_own_words():
    span = make_span()
    outcome = attempt(actions.withdraw, span=span.uid, seen=1, deed=make_deed(make_user()))
    assert (said(outcome), outcome.status) == ("Only annotators and reviewers may do this.", 403)


def test_a_deed_that_takes_the_sign_off_along_says_so():
    article = make_article("We won. They lost.", state=ArticleState.REVIEWED)
    ann = make_user(annotator=True)

    def propose(words):
        place = Extent(article.text.index(words), article.text.index(words) + len(words))
        return actions.propose(
            article=article.slug, label="quote", extent=place, text=words, deed=make_deed(ann)
        )

    make_label("quote")
    first = propose("We won.")

    assert told(first) == "Marked as quote. That reopened the article."
    assert told(propose("They lost.")) == "Marked as quote."

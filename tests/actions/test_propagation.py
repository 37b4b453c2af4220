"""Suggesting a span's label where its words stand unmarked: one machine's deed, many articles."""

from uuid import uuid4

import pytest

from annotations import actions
from annotations.actions import Change
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState, State
from annotations.domain.refusals import Illegal, Invalid, NotPermitted, Reused, Stale
from annotations.models import Article, Span
from annotations.queries.unmarked import OFFERED
from tests.factories import make_article, make_deed, make_label, make_span, make_user
from tests.refusals import refused

pytestmark = pytest.mark.django_db

WORDS = "We were never asked about it"
SPEAKER = Attribute("speaker", "Speaker", Kind.ANCHORED)
SURE = Attribute("sure", "Sure", Kind.YES_NO)


@pytest.fixture
def ann():
    return make_user("ann", annotator=True)


@pytest.fixture
def rev():
    return make_user("rev", reviewer=True)


@pytest.fixture
def span(ann):
    make_label("quote", attributes=[SPEAKER, SURE])
    speaker = {"value": "She", "start": 0, "end": 3}
    article = make_article(f"She: {WORDS}. {WORDS}.", slug="first")
    return make_span(article, ann, text=WORDS, attributes={"speaker": speaker, "sure": True})


def place(article, words=WORDS, last=False):
    start = (article.text.rindex if last else article.text.index)(words)
    return (article.slug, Extent(start, start + len(words)))


def other(slug="second", text=f"Again: “{WORDS}”."):
    return make_article(text, slug=slug)


def suggest(like, asked_by, *places, **fields):
    machine = actions.deed_of_machine(f"propagated:{like.uid}")
    asked = {"span": like.uid, "seen": like.revision, "deed": machine, "asked_by": asked_by}
    return actions.suggest_like(places=places, **(asked | fields))


def test_each_place_becomes_a_suggestion_of_a_machine_that_nobody_stands_up_for_yet(span, rev):
    second, third = other(), other("third", f"“{WORDS}.”")
    marked = place(third, f"“{WORDS}.”")

    done = suggest(span, rev, place(second), marked)

    assert (done.deed.action, done.deed.actor) == ("suggest", None)
    assert done.deed.machine == f"propagated:{span.uid}"
    for made, (slug, extent) in zip(done.spans, (place(second), marked), strict=True):
        made.refresh_from_db()
        assert (made.article.slug, made.extent) == (slug, extent)
        assert (made.state, made.author, made.last_editor) == (State.SUGGESTED, None, None)
        assert (made.label, made.origin) == (span.label, f"propagated:{span.uid}")
        # Where a value stood in one text says nothing of another.
        speaker = {"value": "She", "start": None, "end": None}
        assert made.attributes == {"speaker": speaker, "sure": True}
    assert {Article.objects.get(slug=each.slug).revision for each in (second, third)} == {2}
    span.refresh_from_db()
    assert (span.revision, span.article.revision) == (1, Article.objects.get(slug="first").revision)


def test_in_its_own_article_an_anchored_value_keeps_its_place(span, ann):
    done = suggest(span, ann, place(span.article, last=True))
    assert done.span.attributes == span.attributes
    assert done.article.state == ArticleState.IN_PROGRESS


def test_a_place_that_was_marked_meanwhile_is_passed_over_and_named(span, ann):
    second, third = other(), other("third")
    twin = make_span(second, ann, text=WORDS, state=State.SUGGESTED)
    done = suggest(span, ann, place(third), place(second), place(third))
    assert [each.article.slug for each in done.spans] == ["third"]
    assert [each.span for each in done.skipped] == [twin]
    assert "already marked as quote by suggester:tests/1" in done.skipped[0].why


def test_where_it_was_dismissed_before_it_is_not_suggested_again(span, ann):
    second, third = other(), other("third")
    make_span(second, ann, text=WORDS, state=State.DISMISSED)
    done = suggest(span, ann, place(second), place(third))
    assert [each.article.slug for each in done.spans] == ["third"]
    assert [each.why for each in done.skipped] == ["That was dismissed here before."]


def test_an_article_that_rests_is_passed_over(span, ann):
    second, third = other(), other("third")
    actions.set_aside(article="second", seen=1, reason="Twice.", deed=make_deed(ann))
    done = suggest(span, ann, place(second), place(third))
    assert [each.why for each in done.skipped] == ["The article is set aside."]
    with refused(Illegal, "Nothing was suggested. The article is set aside."):
        suggest(span, ann, place(second))


def test_only_annotators_and_reviewers_ask_for_it(span):
    second = other()
    for stranger in (make_user(), make_user(exporter=True)):
        with refused(NotPermitted, "Only annotators and reviewers may do this."):
            suggest(span, stranger, place(second))


def test_what_is_no_place_of_the_words_is_refused_and_nothing_is_suggested(span, ann):
    second = other()
    good = place(second)
    for bad in (Extent(0, 5), Extent(5, 5), Extent(0, 10**6)):
        with refused(Invalid, "do not stand at every place") as caught:
            suggest(span, ann, good, ("second", bad))
        assert caught.value.field == "place"


def test_no_place_and_too_many_are_refused(span, ann):
    with refused(Invalid, "There is no place"):
        suggest(span, ann)
    with refused(Invalid, f"At most {OFFERED} places"):
        suggest(span, ann, *[("second", Extent(at, at + 1)) for at in range(OFFERED + 1)])


def test_it_is_refused_if_the_span_has_changed_or_no_longer_stands(span, ann):
    second = other()
    change = Change(attributes={})
    actions.edit(span=span.uid, seen=1, change=change, deed=make_deed(ann))
    with refused(Stale, "has changed since you saw it"):
        suggest(span, ann, place(second))
    actions.withdraw(span=span.uid, seen=2, deed=make_deed(ann))
    with refused(Illegal, "This span is withdrawn"):
        suggest(span, ann, place(second), seen=3)


def test_while_the_spans_own_article_rests_nothing_is_suggested_like_it(span, ann):
    second = other()
    article = Article.objects.get(slug="first")
    actions.set_aside(article="first", seen=article.revision, reason="Twice.", deed=make_deed(ann))
    with refused(Illegal, "The article of this span is set aside"):
        suggest(span, ann, place(second))


def test_what_is_not_there_is_an_error(span, ann):
    with pytest.raises(Article.DoesNotExist, match="There is no article none"):
        suggest(span, ann, ("none", Extent(0, 1)))
    with pytest.raises(Span.DoesNotExist):
        suggest(span, ann, place(other()), span=uuid4())


def test_the_same_request_again_gets_the_first_answer(span, ann):
    second, third = other(), other("third")
    make_span(second, ann, text=WORDS)
    request_id = uuid4()

    def once(*places):
        machine = actions.deed_of_machine(f"propagated:{span.uid}", request_id)
        return suggest(span, ann, *places, deed=machine)

    done = once(place(second), place(third))
    again = once(place(second), place(third))
    assert (done.repeated, again.repeated) == (False, True)
    assert (again.deed, again.spans) == (done.deed, done.spans)
    assert len(again.skipped) == len(done.skipped) == 1
    assert Span.objects.count() == 3
    with refused(Reused):
        once(place(third))

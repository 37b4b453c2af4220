"""Unmarked places: where a group's words stand without its label, found within bounds."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.domain.fingerprints import text_group
from annotations.domain.lifecycle import State
from annotations.models import Article
from annotations.queries import unmarked as queries
from annotations.queries.unmarked import turned_down, unmarked
from tests.factories import make_article, make_deed, make_span, make_user, replace_article
from tests.queries.test_groups import APPEAL, appeals, group_of, submitted

pytestmark = pytest.mark.django_db

WORDS = "We were never asked about it."


@pytest.fixture
def ann():
    return make_user("ann", annotator=True)


def places(group):
    return [(each.article, each.context.words) for each in unmarked(group).places]


def quote(ann, words=WORDS, **particulars):
    submitted(f"She said: {words} So.", ("quote", words), annotator=ann, **particulars)
    return group_of(words, "quote")


def test_a_quote_is_looked_for_in_its_own_stories(ann):
    make_article(f"Again: {WORDS} Twice: {WORDS}", slug="same", story="dam")
    make_article(f"Again: {WORDS}", slug="other", story="flood")
    make_article(f"Again: {WORDS}", slug="none")
    make_article("They said nothing.", slug="without", story="dam")
    group = quote(ann, story="dam", outlet="Post")

    assert places(group) == [("same", WORDS), ("same", WORDS)]
    place = unmarked(group).places[0]
    assert (place.context.before, place.context.after) == ("Again: ", f" Twice: {WORDS}")
    assert place.extent.of(Article.objects.get(slug="same").text) == WORDS


def test_boilerplate_is_looked_for_at_its_own_outlets(ann):
    make_article(f"One. {APPEAL}", slug="same", outlet="Post", story="dam")
    make_article(f"Two. {APPEAL}", slug="other", outlet="Sun", story="dam")
    make_article(f"Three. {APPEAL}", slug="none")
    assert places(appeals(1, ann, outlet="Post", story="dam")) == [("same", APPEAL)]


def test_of_an_article_without_a_story_only_itself_is_searched(ann):
    make_article(f"One. {WORDS}")
    text = f"{WORDS} I say: {WORDS}"
    article = submitted(text, ("quote", WORDS), annotator=ann, slug="own")
    assert places(group_of(WORDS, "quote")) == [(article.slug, WORDS)]


def test_every_way_of_writing_it_is_searched_and_the_one_with_its_marks_wins(ann):
    marked = f"“{WORDS[:-1]},”"
    quote(ann, story="dam")
    quote(ann, marked, story="dam", slug="two")
    make_article(f"He said: {marked} And so. {WORDS}", slug="new", story="dam")
    assert places(group_of(WORDS, "quote")) == [("new", marked), ("new", WORDS)]


def test_letters_count_and_half_words_do_not(ann):
    make_article(f"{WORDS.upper()} {WORDS[:-1]}", slug="new", story="dam")
    assert places(quote(ann, story="dam")) == []
    make_article("Comments Commentsection", slug="c", outlet="Post")
    assert places(appeals(1, ann, "Comments", outlet="Post")) == [("c", "Comments")]


@pytest.mark.parametrize(
    "state", [State.SUGGESTED, State.PROPOSED, State.SENT_BACK, State.APPROVED, State.REJECTED]
)
def test_where_the_label_stands_or_was_rejected_nothing_is_offered(ann, state):
    make_span(make_article(WORDS, story="dam"), ann, text=WORDS, state=state)
    assert places(quote(ann, story="dam")) == []


def test_another_label_or_a_mark_that_was_withdrawn_is_in_nobodys_way(ann):
    article = make_article(WORDS, story="dam")
    make_span(article, ann, "claim", text=WORDS)
    make_span(article, ann, text=WORDS, state=State.WITHDRAWN)
    assert len(places(quote(ann, story="dam"))) == 1


def test_what_was_dismissed_is_remembered_for_its_article(ann):
    here, there = (make_article(f"{WORDS} {WORDS}", story="dam") for _ in range(2))
    make_span(here, ann, text=WORDS, state=State.DISMISSED)
    make_span(there, ann, "claim", text=WORDS, state=State.DISMISSED)
    assert {slug for slug, _ in places(quote(ann, story="dam"))} == {there.slug}


def test_what_was_dismissed_is_remembered_when_its_article_is_corrected_and_corrected_again(ann):
    here = make_article(f"{WORDS} {WORDS}", story="dam")
    make_span(here, ann, text=WORDS, state=State.DISMISSED)
    quoted = quote(ann, story="dam")
    new = replace_article(here, f"So: {here.text}")
    newest = replace_article(new, f"Now: {here.text}", slug="newest")
    assert newest.slug not in {slug for slug, _ in places(quoted)}
    replace_article(newest, f"Then: {here.text}", slug="last")
    other = make_article(f"{WORDS} {WORDS}", story="dam", slug="other")
    replace_article(other, f"So: {here.text}!", slug="other-corrected")
    assert {slug for slug, _ in places(quoted)} == {"other-corrected"}


def test_boilerplate_that_was_dismissed_is_remembered_when_its_article_is_corrected(ann):
    own = submitted(f"{APPEAL} {APPEAL}", ("boilerplate", APPEAL), annotator=ann, slug="own")
    make_span(own, ann, "boilerplate", text=APPEAL[:-1], state=State.DISMISSED)
    new = replace_article(own, f"So: {APPEAL} {APPEAL}")
    assert turned_down(
        own.spans.first().label, text_group(APPEAL), [(own.pk, None), (new.pk, None)]
    ) == {own.pk, new.pk}


def test_boilerplate_that_was_dismissed_is_remembered_for_its_outlet(ann):
    make_span(
        make_article(APPEAL, outlet="Post"), ann, "boilerplate", text=APPEAL, state=State.DISMISSED
    )
    make_article(f"One. {APPEAL}", outlet="Post")
    make_article(f"Two. {APPEAL}", outlet="Sun", slug="sun")
    appeals(1, ann, outlet="Post")
    assert places(appeals(1, ann, outlet="Sun")) == [("sun", APPEAL)]
    own = submitted(f"{APPEAL} {APPEAL}", ("boilerplate", APPEAL), annotator=ann, slug="own")
    assert (own.slug, APPEAL) in places(group_of(APPEAL))
    make_span(own, ann, "boilerplate", text=APPEAL[:-1], state=State.DISMISSED)
    assert (own.slug, APPEAL) not in places(group_of(APPEAL))


def test_articles_that_rest_are_left_out(ann):
    article = make_article(WORDS, story="dam")
    actions.set_aside(article=article.slug, seen=1, reason="Twice.", deed=make_deed(ann))
    assert places(quote(ann, story="dam")) == []


def test_the_search_is_bounded_and_says_so(ann, monkeypatch):
    for number in range(3):
        make_article(f"{number}. {WORDS}", story="dam", slug=f"a{number}")
    group = quote(ann, story="dam")
    assert (len(unmarked(group).places), unmarked(group).cut) == (3, False)

    monkeypatch.setattr(queries, "OFFERED", 2)
    assert (len(unmarked(group).places), unmarked(group).cut) == (2, True)
    monkeypatch.setattr(queries, "OFFERED", 5)
    monkeypatch.setattr(queries, "SEARCHED", 3)  # the latest are that which has it, and two more
    assert (places(group), unmarked(group).cut) == ([("a1", WORDS), ("a2", WORDS)], True)
    monkeypatch.setattr(queries, "SEARCHED", 9)
    monkeypatch.setattr(queries, "VARIANTS", 0)
    assert (places(group), unmarked(group).cut) == ([], True)


def test_a_group_that_nothing_waits_in_has_none(ann):
    group = quote(ann)
    span = group.spans.get()
    actions.withdraw(span=span.uid, seen=1, deed=make_deed(ann))
    assert unmarked(group) == queries.Unmarked([], cut=False)


def test_it_takes_the_same_statements_however_many_there_are(ann):
    group = quote(ann, story="dam")
    make_article(WORDS, story="dam")
    with CaptureQueriesContext(connection) as few:
        assert len(unmarked(group).places) == 1
    for number in range(9):
        make_article(f"{number} {WORDS}", story="dam", outlet=f"Outlet {number}")
        quote(ann, f"{'“' * (number % 3)}{WORDS}", story="dam")
    with CaptureQueriesContext(connection) as many:
        assert len(unmarked(group).places) == 10
    assert len(few) == len(many) == 6

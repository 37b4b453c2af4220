"""What the desk asks for: what is drawn, what has changed, what was said before."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.actions import Change
from annotations.domain import units
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from annotations.domain.refusals import NotPermitted
from annotations.models import Article, Label, Span
from annotations.queries import desk
from tests.factories import (
    load_labels,
    make_article,
    make_comment,
    make_deed,
    make_label,
    make_span,
    make_user,
)

pytestmark = pytest.mark.django_db

SIX = "One one.\n\nTwo two.\n\nThree three.\n\nFour four.\n\nFive five.\n\nSix six."
SPEAKER = Attribute("speaker", "Speaker", Kind.ANCHORED, required=True)
NOTE = Attribute("note", "Note", Kind.TEXT)
FORM = Attribute("form", "Form", Kind.CHOICE, choices=("direct", "indirect"))


def now(thing):
    return type(thing).objects.get(pk=thing.pk)


def place(article, words):
    start = article.text.index(words)
    return Extent(start, start + len(words))


def mark(article, author, words, label="quote", **attributes):
    """A span of that label over these words, with attributes."""
    return make_span(article, author, label, text=words, attributes=attributes)


def fill(span, actor, **attributes):
    """Give the span these attributes, as its only ones."""
    change = Change(attributes=attributes)
    return actions.edit(
        span=span.uid, seen=now(span).revision, change=change, deed=make_deed(actor)
    ).span


def anchored(words, extent=None):
    start, end = (extent.start, extent.end) if extent else (None, None)
    return {"value": words, "start": start, "end": end}


def cost(ask):
    with CaptureQueriesContext(connection) as asked:
        ask()
    return len(asked)


@pytest.fixture
def ann():
    return make_user(annotator=True)


# Drawn


def numbers(drawn):
    return [each.number for each in drawn]


def test_the_paragraphs_joined_are_the_text_and_the_rows_are_in_reading_order(ann):
    article = make_article("\n\n" + SIX + "\n")
    for words in ("Six", "Two two.\n\nThree", "Two two."):
        mark(article, ann, words)

    drawn = desk.drawn(article)

    pieces = ["".join(piece.text for piece in each.segments) + each.ends for each in drawn]
    assert "".join(pieces) == article.text
    assert pieces == [article.text[each.start : each.end] for each in drawn]
    listed = [(each.number, row.span.text) for each in drawn for row in each.rows]
    assert listed == [(1, "Two two.\n\nThree"), (1, "Two two."), (5, "Six")]


def test_drawing_takes_four_statements_however_many_spans_there_are(ann):
    load_labels()
    article = make_article("word " * 60)

    def take(many):
        begun = article.spans.count()
        for number in range(begun, begun + many):
            label = ("quote", "claim", "boilerplate")[number % 3]
            make_span(article, ann, label, extent=Extent(5 * number, 5 * number + 4))
        every = desk.every_label()
        return cost(lambda: desk.drawn(article)), cost(lambda: desk.drawn(article, every=every))

    assert take(2) == take(58) == (4, 2)


def test_near_a_place_only_the_paragraphs_it_touches_are_drawn_with_all_that_is_over_them(ann):
    article = make_article(SIX)
    into = mark(article, ann, "One one.\n\nTwo two.\n\nThree three")
    mark(article, ann, "Five five.")

    drawn = desk.drawn(article, [place(article, "Two"), place(article, "four.\n\nF")])

    assert numbers(drawn) == [1, 3, 4]
    assert [bar.uid for bar in drawn[0].bars] == [into.uid]
    assert [[row.span.text for row in each.rows] for each in drawn] == [[], [], ["Five five."]]
    assert desk.drawn(article, []) == []


def test_near_paragraphs_far_apart_nothing_between_them_is_drawn(ann):
    article = make_article("\n".join(f"Line {number}." for number in range(300)))
    between, last = mark(article, ann, "Line 1."), mark(article, ann, "Line 298.")
    others = [place(article, f"Line {number}.") for number in range(0, 300, 2)]

    drawn = desk.drawn(article, others)

    assert numbers(drawn) == list(range(0, 300, 2))
    over = [bar.uid for each in drawn for bar in each.bars]
    assert over == [row.span.uid for each in drawn for row in each.rows] == [last.uid]
    assert between.uid not in over


def test_a_place_may_lie_over_more_paragraphs_than_a_condition_has_room_for(ann):
    article = make_article("a\n" * 1200)
    span = make_span(article, ann, extent=Extent(0, len(article.text) - 1))

    drawn = desk.drawn(article, [span.extent])

    assert numbers(drawn) == list(range(1200))
    assert all([bar.uid for bar in each.bars] == [span.uid] for each in drawn)


def test_a_row_names_what_its_span_lacks_while_it_waits_for_that():
    make_label("quote", attributes=[SPEAKER])
    make_label("claim", attributes=[Attribute("source", "Its Source", Kind.TEXT, required=True)])
    article = make_article("one two three four five")
    for label, text, fields in (
        ("quote", "one", {}),
        ("quote", "two", {"attributes": {"speaker": anchored("He")}}),
        ("claim", "three", {"state": State.SENT_BACK}),
        ("quote", "four", {"state": State.REJECTED}),
        ("quote", "five", {"state": State.WITHDRAWN}),
    ):
        make_span(article, label=label, text=text, **fields)

    (drawn,) = desk.drawn(article)

    assert [row.lacking for row in drawn.rows] == ["speaker", "", "its source", "", ""]


def test_a_row_counts_its_open_comments(ann):
    article = make_article("one two")
    quiet, talked = mark(article, ann, "one"), mark(article, ann, "two")
    make_comment(article, talked)
    make_comment(article, talked)
    make_comment(article)

    (drawn,) = desk.drawn(article)

    assert [(row.span.uid, row.threads) for row in drawn.rows] == [(quiet.uid, 0), (talked.uid, 2)]


def test_progress_counts_the_states_that_there_are_in_the_order_of_a_life():
    article = make_article()
    for state in (State.SENT_BACK, State.PROPOSED, State.SUGGESTED, State.PROPOSED):
        make_span(article, state=state)

    assert list(desk.progress(article).items()) == [
        ("suggested", 1),
        ("proposed", 2),
        ("sent_back", 1),
    ]
    assert cost(lambda: desk.progress(article)) == 1


def test_an_archived_label_is_no_longer_offered_and_still_known():
    old, used = make_label("rumour", archived=True), make_label("quote")

    assert desk.labels() == [used]
    assert desk.every_label() == {old.pk: old, used.pk: used}


def test_labels_at_hand_are_not_asked_for_again():
    load_labels()
    span = make_span()
    every = desk.every_label()

    def ask():
        desk.labels(every)
        label = desk.span(span.uid, every).label
        assert [attribute.spec for attribute in label.attributes.all()]

    assert cost(ask) == 1


def test_units_are_those_of_the_text_and_its_language():
    text = "Er sagte: „Wir kommen z. B. morgen.“ Dann ging er.\n\nEnde."

    assert desk.units(text, "de") == units.units(text, "de")
    assert desk.units("Bzw. Ende.", "de") != desk.units("Bzw. Ende.", "en")


# Versions


def test_every_deed_on_the_article_makes_another_version():
    article, both = make_article(), make_user(annotator=True, reviewer=True)
    make_label("claim")
    versions = [desk.version(article.slug)]

    def follow(action, thing, **details):
        if isinstance(thing, Span):
            details |= {"span": thing.uid, "seen": now(thing).revision}
        elif isinstance(thing, Article):
            details |= {"article": thing.slug, "seen": now(thing).revision}
        else:
            details |= {"target": thing.deed.pk}
        done = action(deed=make_deed(both), **details)
        versions.append(desk.version(article.slug))
        return done

    span = make_span(article)
    versions.append(desk.version(article.slug))
    edited = follow(actions.edit, span, change=Change(label="claim"))
    undone = follow(actions.undo, edited)
    follow(actions.undo, undone)
    follow(actions.submit, article)
    follow(actions.set_aside, article, reason="Twice.")

    assert len(set(versions)) == len(versions) == 7


def test_nothing_else_makes_another_version(ann):
    span = make_span()
    article = span.article
    version = desk.version(article.slug)

    make_span(make_article())
    make_comment(make_article())
    with pytest.raises(NotPermitted):
        actions.approve(span=span.uid, seen=1, deed=make_deed(ann))

    assert desk.version(article.slug) == version


def test_every_word_about_the_article_makes_another_version(ann):
    span = make_span()
    article = span.article
    versions = [desk.version(article.slug)]

    def then(_):
        versions.append(desk.version(article.slug))

    root, other = (make_comment(article, span, author=ann) for _ in range(2))
    then(make_comment(article))
    then(make_comment(article, span, reply_to=root))
    then(actions.resolve(comment=root.uid, person=ann))
    then(actions.unresolve(comment=root.uid, person=ann))
    then(actions.resolve(comment=other.uid, person=ann))
    then(actions.take_back_comment(comment=root.uid, person=ann))

    assert len(set(versions)) == len(versions) - 1
    assert versions[2] == versions[4], "resolved and opened again is as it was"


def test_one_thread_resolved_for_another_is_another_version(ann):
    span = make_span()
    one, other = (make_comment(span.article, span) for _ in range(2))
    actions.resolve(comment=one.uid, person=ann)
    before = desk.version(span.article.slug)

    actions.unresolve(comment=one.uid, person=ann)
    actions.resolve(comment=other.uid, person=ann)

    assert desk.version(span.article.slug) != before


def test_a_version_takes_one_statement_and_nothing_has_none():
    slug = make_article().slug

    assert cost(lambda: desk.version(slug)) == 1
    assert desk.version("nowhere") is None


def test_what_changed_since_a_version_is_where_spans_were_and_are_now(ann):
    article = make_article(SIX)
    moved = mark(article, ann, "One one.")
    before = desk.version(article.slug)
    three = place(article, "Three")
    actions.edit(
        span=moved.uid, seen=1, change=Change(extent=three, text="Three"), deed=make_deed(ann)
    )
    between = desk.version(article.slug)
    added = mark(article, ann, "Six six.")
    make_span(make_article(SIX), ann, text="Two two.")
    actions.submit(article=article.slug, seen=now(article).revision, deed=make_deed(ann))

    def near(version):
        since = desk.changed_since(article, version)
        assert not since.talked
        return since.near

    assert near(before) == [moved.extent, three, added.extent]
    assert near(between) == [added.extent]
    assert near(desk.version(article.slug)) == []
    assert cost(lambda: near(before)) == 2


@pytest.mark.parametrize("many", [1, 20])
def test_since_something_was_said_the_spans_that_are_spoken_of_have_changed(ann, many):
    article = make_article(SIX)
    spoken_of, silent = (mark(article, ann, words) for words in ("One one.", "Two two."))
    before = desk.version(article.slug)
    for _ in range(many):
        make_comment(article, spoken_of)
    make_comment(make_article(), None)
    since = desk.changed_since(article, before)

    assert (since.near, since.talked) == ([spoken_of.extent], True)
    assert silent.extent not in since.near
    assert cost(lambda: desk.changed_since(article, before)) == 3
    assert not desk.changed_since(article, desk.version(article.slug)).talked


def test_what_is_said_on_the_article_itself_changes_no_span(ann):
    span = make_span()
    before = desk.version(span.article.slug)
    make_comment(span.article)
    since = desk.changed_since(span.article, before)

    assert (since.near, since.talked) == ([], True)


BAD_VERSIONS = ["", "1", "one", "1.2", "1.2.a", "-1.2.0", "1.-2.0", "1.٢.0", " 1.2.0", "1.2.0\n"]


@pytest.mark.parametrize("version", [*BAD_VERSIONS, "1." + "9" * 19 + ".0", "1.2." + "0" * 81])
def test_since_a_version_that_is_none_everything_has_changed(version):
    article = make_article()
    since = desk.changed_since(article, version)

    assert (since.near, since.talked) == ([Extent(0, len(article.text))], True)


def test_since_a_version_that_is_yet_to_come_nothing_has_changed():
    assert desk.changed_since(make_span().article, f"9.{'9' * 18}.0-0-0-0").near == []


# Said before


@pytest.fixture
def quotes():
    make_label("quote", attributes=[SPEAKER, NOTE, FORM])


@pytest.mark.usefixtures("quotes")
def test_what_the_story_said_most_often_comes_first_and_equals_by_the_alphabet(ann):
    here, there = make_article(SIX, story="A bridge"), make_article(SIX, story="A bridge")
    elsewhere = make_article(SIX, story="A tunnel")
    for article, words, speaker in (
        (here, "One", "the mayor"),
        (here, "Two", "a resident"),
        (there, "One", "the mayor"),
        (there, "Two", "an engineer"),
        (elsewhere, "One", "the miner"),
    ):
        mark(article, ann, words, speaker=anchored(speaker), form="direct")
    mark(there, ann, "Three", note="Heard twice.")

    assert desk.said_before(here) == {
        "speaker": ["the mayor", "a resident", "an engineer"],
        "note": ["Heard twice."],
    }


@pytest.mark.usefixtures("quotes")
def test_in_an_article_without_a_story_only_what_was_said_there_counts(ann):
    alone, other = make_article(SIX), make_article(SIX)
    mark(alone, ann, "One", speaker=anchored("the mayor", place(alone, "Two")) | {"value": "two"})
    mark(other, ann, "One", speaker=anchored("the miner"))

    assert desk.said_before(alone) == {"speaker": ["two"], "note": []}


@pytest.mark.usefixtures("quotes")
def test_labels_that_share_an_attribute_complete_each_other_but_not_one_that_is_archived(ann):
    make_label("claim", attributes=[SPEAKER])
    make_label("rumour", attributes=[Attribute("source", "Source", Kind.TEXT)])
    article = make_article(SIX)
    mark(article, ann, "One", "claim", speaker=anchored("the mayor"))
    mark(article, ann, "Two", "rumour", source="a wall")
    Label.objects.filter(slug="rumour").update(archived=True)

    assert desk.said_before(article) == {"speaker": ["the mayor"], "note": []}


@pytest.mark.usefixtures("quotes")
def test_only_so_many_are_offered(ann, monkeypatch):
    monkeypatch.setattr(desk, "COMPLETIONS", 2)
    article = make_article(SIX)
    for words in ("One", "Two", "Three"):
        mark(article, ann, words, note=words)

    assert desk.said_before(article)["note"] == ["One", "Three"]


@pytest.mark.usefixtures("quotes")
def test_what_was_said_takes_a_statement_a_key_and_one_for_the_keys(ann):
    article = make_article("word " * 40, story="A bridge")

    def take(many):
        for number in range(many):
            words = {"speaker": anchored(f"speaker {number}"), "note": f"note {number}"}
            extent = Extent(5 * number, 5 * number + 4)
            make_span(article, ann, extent=extent, attributes=words)
        return cost(lambda: desk.said_before(article))

    assert take(0) == take(30) == 3


# The same as the last


@pytest.mark.usefixtures("quotes")
def test_the_last_one_is_the_one_that_this_person_filled_last_with_that_label(ann):
    make_label("claim", attributes=[NOTE])
    article, rev = make_article(SIX), make_user(reviewer=True)
    first = mark(article, ann, "One", form="direct")
    mark(article, ann, "Two", form="indirect")
    mark(article, ann, "Three")  # with nothing in it
    mark(article, ann, "Four", "claim", note="Theirs is another label.")
    theirs = mark(article, make_user(annotator=True), "Five")
    fill(theirs, rev, note="Somebody else's.")
    span = mark(article, ann, "Six six.")

    assert desk.last_like(span, ann) == {"form": "indirect"}
    fill(first, ann, form="direct", note="Looked at again.")
    assert desk.last_like(span, ann) == {"form": "direct", "note": "Looked at again."}
    assert desk.last_like(span, make_user(annotator=True)) == {}


@pytest.mark.usefixtures("quotes")
def test_a_span_is_not_its_own_last_one(ann):
    span = mark(make_article(SIX), ann, "One", form="direct")

    assert desk.last_like(span, ann) == {}


@pytest.mark.usefixtures("quotes")
def test_what_has_another_label_by_now_is_not_like_it_nor_what_it_said_before_it_had_this_one(ann):
    make_label("claim", attributes=[Attribute("source", "Source", Kind.TEXT)])
    article = make_article(SIX)
    gone = mark(article, ann, "One", form="direct")
    come = mark(article, ann, "Two", "claim", source="A wall.")
    for each, label in ((gone, "claim"), (come, "quote")):
        actions.edit(span=each.uid, seen=1, change=Change(label=label), deed=make_deed(ann))
    span = mark(article, ann, "Three")

    assert desk.last_like(span, ann) == {}


@pytest.mark.usefixtures("quotes")
def test_places_are_those_of_their_article_and_left_out_in_any_other(ann):
    article = make_article(SIX)
    speaker = anchored("two", place(article, "Two"))
    mark(article, ann, "One", speaker=speaker, note="Both.")
    here, there = mark(article, ann, "Three"), make_span(make_article(SIX), ann)

    assert desk.last_like(here, ann) == {"speaker": speaker, "note": "Both."}
    assert desk.last_like(there, ann) == {"speaker": anchored("two"), "note": "Both."}
    assert cost(lambda: desk.last_like(there, ann)) == 1

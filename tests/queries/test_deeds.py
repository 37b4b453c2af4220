"""A span's history as people read it; which deed `u` would undo and which it would redo."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.actions import Change, Particulars
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.checks import Concern
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import VERDICTS, Reason, State
from annotations.models import Article, Choice, Deed, Event, LabelAttribute, Span
from annotations.queries import deeds, desk
from tests.factories import TEXT, make_article, make_deed, make_label, make_span, make_user

pytestmark = pytest.mark.django_db


def mark(article, author):
    """The deed of marking the article's next free word."""
    make_span(article, author)
    return Deed.objects.latest("pk")


def undo(deed):
    """The deed of undoing that one, or of redoing it, if it is an undo."""
    return actions.undo(target=deed.pk, deed=make_deed(deed.actor)).deed


def approve(article, reviewer):
    span = Span.objects.filter(article=article).last()
    done = actions.approve(span=span.uid, seen=span.revision, deed=make_deed(reviewer))
    return done.deed


@pytest.fixture
def article():
    return make_article()


@pytest.fixture
def both():
    return make_user(annotator=True, reviewer=True)


# What is undone


def test_it_is_my_latest_deed_in_this_article(article, both):
    other = make_article()
    here, there = mark(article, both), mark(other, both)
    mark(article, make_user(annotator=True))

    assert deeds.undoable(both, article) == here
    assert deeds.undoable(both, other) == deeds.undoable(both) == there
    assert deeds.undoable(both, make_article()) is None
    assert deeds.undoable(make_user(annotator=True), article) is None


def test_it_is_neither_an_undo_nor_undone(article, both):
    first, second = mark(article, both), mark(article, both)

    for wanted, target in ((first, second), (None, first)):
        undo(target)
        assert deeds.undoable(both, article) == deeds.undoable(both) == wanted


def test_what_was_redone_can_be_undone_again(article, both):
    first = mark(article, both)
    undo(undo(first))

    assert deeds.undoable(both, article) == deeds.undoable(both) == first


def test_an_articles_own_deeds_are_among_them(article, both):
    mark(article, both)
    done = actions.submit(
        article=article.slug, seen=Article.objects.get().revision, deed=make_deed(both)
    )

    assert deeds.undoable(both, article) == done.deed


def test_bringing_an_article_in_is_none_and_describing_it_is_one():
    importer = make_user(importer=True)
    known = Particulars(slug="here", url="https://example.org/here", title="Here")
    actions.add_article(text="Words.", particulars=known, deed=make_deed(importer))
    article = Article.objects.get()
    assert deeds.undoable(importer) is deeds.undoable(importer, article) is None

    described = actions.describe_article(
        article="here",
        seen=article.revision,
        particulars=Particulars(slug="here", url="https://example.org/here", title="There"),
        deed=make_deed(importer),
    )
    assert deeds.undoable(importer) == deeds.undoable(importer, article) == described.deed


def test_a_queue_takes_its_own_kinds_of_deeds_and_a_redo_of_one_among_them(article, both):
    make_span(article)
    decided = approve(article, both)
    marked = mark(article, both)

    assert deeds.undoable(both, among=VERDICTS) == decided
    assert deeds.undoable(both) == marked
    undone = undo(decided)
    assert deeds.undoable(both, among=VERDICTS) is None
    assert deeds.redoable(both, among=VERDICTS) == undone
    undo(marked)
    assert deeds.redoable(both, among=VERDICTS) == undone


# What is redone


def test_it_is_my_latest_undo_until_it_is_redone(article, both):
    undone = undo(mark(article, both))

    assert deeds.redoable(both, article) == deeds.redoable(both) == undone
    undo(undone)
    assert deeds.redoable(both, article) is deeds.redoable(both) is None


def test_nothing_is_redone_where_nothing_was_undone(article, both):
    mark(article, both)
    undo(mark(article, make_user(annotator=True)))

    assert deeds.redoable(both, article) is deeds.redoable(both) is None


def test_undone_one_by_one_they_are_redone_the_other_way_round(article, both):
    first, second = mark(article, both), mark(article, both)
    undone = [undo(second), undo(first)]

    for wanted in reversed(undone):
        assert deeds.redoable(both, article) == deeds.redoable(both) == wanted
        undo(wanted)
    assert deeds.redoable(both, article) is None


def test_whoever_does_something_else_has_nothing_to_redo(article, both):
    undo(mark(article, both))
    since = mark(article, both)
    assert deeds.redoable(both, article) is None

    undone = undo(since)
    assert deeds.redoable(both, article) == undone
    undo(undone)
    assert deeds.redoable(both, article) is None


def test_what_is_done_elsewhere_is_something_else_only_over_all_articles(article, both):
    undone = undo(mark(article, both))
    mark(make_article(), both)

    assert deeds.redoable(both, article) == undone
    assert deeds.redoable(both) is None


# What they cost


def asked(ask):
    with CaptureQueriesContext(connection) as captured:
        ask()
    return [query["sql"] for query in captured]


def test_each_takes_one_statement_until_something_was_undone(article, both):
    marked = mark(article, both)
    for where in (article, None):
        assert len(asked(lambda where=where: deeds.undoable(both, where))) == 1
        assert len(asked(lambda where=where: deeds.redoable(both, where))) == 1

    undo(marked)
    for where in (article, None):
        assert len(asked(lambda where=where: deeds.undoable(both, where))) == 1
        assert len(asked(lambda where=where: deeds.redoable(both, where))) == 3


@pytest.mark.sqlite
def test_in_an_article_they_walk_its_events_from_the_last_and_never_all_my_deeds(article, both):
    undo(mark(article, both))

    statements = asked(lambda: (deeds.undoable(both, article), deeds.redoable(both, article)))

    assert len(statements) == 4
    for statement in statements:
        first, *others = plan_of(statement)
        assert first.endswith("event USING INDEX event_by_article (article_id=?)"), first
        for (
            step
        ) in others:  # one deed for each event, found by its key: no sorting, no list of them
            assert "(rowid=?)" in step or "(undoes_id=?)" in step, step


def plan_of(statement):
    """How SQLite goes about it, step by step."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement.replace('%', '%%')}")
        return [step for *_, step in cursor.fetchall()]


# What a deed touched


def test_a_deed_touched_where_its_spans_were_and_where_they_are(article, both):
    make_label("claim")
    span = make_span(article, both, extent=Extent(0, 3))
    edited = actions.edit(
        span=span.uid,
        seen=1,
        change=Change(extent=Extent(4, 9), text="mayor", label="claim"),
        deed=make_deed(both),
    ).deed
    submitted = actions.submit(
        article=article.slug, seen=Article.objects.get().revision, deed=make_deed(both)
    ).deed

    assert deeds.touched(edited) == {article.pk: [Extent(0, 3), Extent(4, 9)]}
    assert deeds.touched(submitted) == {}


# What happened to a span

FORM = Attribute("form", "Form", Kind.CHOICE, choices=("direct", "scare"))
SPEAKER = Attribute("speaker", "Speaker", Kind.ANCHORED)
CONTINUES = Attribute("continues", "Continues", Kind.YES_NO)
NOTE = Attribute("note", "Note", Kind.TEXT)


@pytest.fixture
def quote(both):
    """A quote of both's, with every kind of attribute there is."""
    make_label(attributes=[FORM, SPEAKER, CONTINUES, NOTE], guideline_revision=4)
    Choice.objects.filter(key="direct").update(name="Direct speech")
    return make_span(make_article(), both, text="as safe as a house", attributes={"form": "scare"})


def change(span, person=None, act=actions.edit, **parts):
    """The change of a part of it; who did it last did not do this."""
    now = Span.objects.get(pk=span.pk)
    deed = make_deed(person or make_user(annotator=True))
    return act(span=span.uid, seen=now.revision, change=Change(**parts), deed=deed).deed


def story(span):
    """What was done, and each part that changed, in one line."""
    return [(told.done, [line(each) for each in told.changed]) for told in histories(span)]


def histories(span):
    return deeds.history(desk.span(span.uid))


def line(changed):
    look = {"kept": "{}", "taken": "[-{}-]", "added": "{{+{}+}}"}
    runs = "".join(look[run.part].format(run.text) for run in changed.runs)
    return f"{changed.name}: {runs}"


def place(words):
    start = TEXT.index(words)
    return {"extent": Extent(start, start + len(words)), "text": words}


def test_the_story_begins_with_what_it_was_marked_as_and_what_was_filled_in(quote, both):
    (told,) = histories(quote)

    assert (told.done, told.who) == ("marked as quote", both.get_username())
    assert [line(each) for each in told.changed] == ["Form: {+scare+}"]
    assert told.event.deed.at
    assert (told.undid, told.reason, told.waved, told.guideline) == (None, "", (), None)


def test_a_machine_is_called_by_its_name(article):
    span = make_span(article, state=State.SUGGESTED, origin="suggester:rules/2")
    (told,) = histories(span)
    assert (told.who, told.done) == ("suggester:rules/2", "suggested as quote")


def test_of_an_extent_the_words_are_told_that_came_and_went(quote):
    change(quote, **place("“as safe as a"))
    change(quote, **place("It cost 5 million"))

    assert story(quote)[1:] == [
        ("edited", ["Words: {+“+}as safe as a[- house-]"]),
        ("edited", ["Words: [-“as safe as a-]{+It cost 5 million+}"]),
    ]


def test_of_the_same_words_in_another_place_those_around_tell_which(both):
    span = make_span(
        make_article("One fell. Then one rose, and one stayed."), both, text="one rose"
    )
    first = span.article.text.index("one")
    change(span, extent=Extent(first, first + 3), text="one")
    second = span.article.text.rindex("one")
    change(span, extent=Extent(second, second + 3), text="one")

    told = story(span)
    assert told[1] == ("edited", ["Words: one[- rose-]"])
    assert told[2] == (
        "edited",
        ["Place: [-One fell. Then one rose, and one…-]{+…Then one rose, and one stayed.+}"],
    )


def test_a_long_unchanged_middle_is_left_out(both):
    article = make_article(f"In {'long ' * 100}words.")
    span = make_span(article, both, extent=Extent(3, 503 - 1))
    change(span, extent=Extent(0, 503 - 1), text=article.text[:502])

    ((_, [words]),) = story(span)[1:]
    assert words.startswith("Words: {+In +}long long")
    assert words.endswith("long…")
    assert len(words) < 80


def test_attributes_are_told_by_name_and_as_people_read_their_values(quote):
    said = {"value": "The mayor", "start": 0, "end": 9}
    change(quote, attributes={"form": "direct", "speaker": said, "continues": True, "note": "a b"})
    moved = {"value": "The mayor", "start": None, "end": None}
    change(
        quote, attributes={"form": "unknown", "speaker": moved, "continues": False, "note": "a c"}
    )
    change(quote, attributes={"speaker": said | {"value": "the MAYOR"}})

    assert [changed for _, changed in story(quote)[1:]] == [
        [
            "Form: [-scare-]{+Direct speech+}",
            "Speaker: {+The mayor+}",
            "Continues: {+yes+}",
            "Note: {+a b+}",
        ],
        [
            "Form: [-Direct speech-]{+unknown+}",
            "Speaker: The mayor[- at 0–9-]",
            "Continues: [-yes-]{+no+}",
            "Note: a [-b-]{+c+}",
        ],
        [
            "Form: [-unknown-]",
            "Speaker: [-The mayor-]{+the MAYOR+}",
            "Continues: [-no-]",
            "Note: [-a c-]",
        ],
    ]


def test_one_value_put_for_another_is_told_apart_from_words_within_one(quote):
    change(quote, attributes={"form": "direct", "note": "a b"})
    change(quote, attributes={"form": "scare", "note": "a c"})
    form, note = histories(quote)[2].changed
    assert (form.replaced, note.replaced) == (True, False)


def test_another_label_is_told_by_name_with_the_attributes_that_went_and_came(quote):
    make_label("claim", attributes=[Attribute("by", "Claimant", Kind.TEXT)])
    change(quote, label="claim", attributes={"by": "Ray"})

    assert story(quote)[1] == (
        "edited",
        ["Label: [-Quote-]{+Claim+}", "Claimant: {+Ray+}", "Form: [-scare-]"],
    )


def test_an_attribute_or_choice_that_was_taken_off_its_label_is_told_by_its_key(quote):
    change(quote, attributes={"form": "direct"})
    Choice.objects.filter(attribute__key="form").delete()
    assert story(quote)[1] == ("edited", ["Form: [-scare-]{+direct+}"])
    LabelAttribute.objects.filter(key="form").delete()
    assert story(quote)[1] == ("edited", ["form: [-scare-]{+direct+}"])


def test_a_verdict_is_told_with_its_reason_its_word_and_the_guideline_it_was_given_under(quote):
    rejected = {"reason": Reason.WRONG_EXTENT, "comment": "Too short."}
    deed = make_deed(make_user("rev", reviewer=True))
    actions.reject(span=quote.uid, seen=1, deed=deed, **rejected)

    told = histories(quote)[-1]
    assert (told.who, told.done, told.reason) == ("rev", "rejected", "wrong extent")
    assert (told.event.comment, told.guideline) == ("Too short.", 4)


def test_warnings_that_were_waved_through_are_told_as_sentences(quote):
    event = Event(
        deed=Deed.objects.latest("pk"),
        article=quote.article,
        span=quote,
        action="edit",
        revision=2,
        before=quote.events.get().after,
        after=quote.events.get().after,
        waved=["cuts_word", "gone_since"],
    )
    event.save(force_insert=True)
    assert histories(quote)[-1].waved == (Concern.CUTS_WORD.sentence, "gone_since")


def test_an_undo_says_what_it_undid_and_a_redo_what_it_did_again(quote, both):
    edited = change(quote, both, **place("as safe as a"))
    undo(undo(edited))

    done = [(told.done, told.undid and told.undid.revision) for told in histories(quote)[2:]]
    assert done == [("undid: edited", 2), ("did again: edited", 2)]
    assert story(quote)[2][1] == ["Words: as safe as a{+ house+}"]


def test_a_history_takes_one_statement_however_long_it_is_and_those_for_the_labels(quote):
    for at in range(5):
        change(quote, attributes={"note": str(at)})
    span, known = desk.span(quote.uid), desk.every_label()

    assert len(asked(lambda: deeds.history(span, known))) == 1
    assert len(asked(lambda: deeds.history(span))) == 1 + len(asked(desk.every_label))


def test_the_history_of_a_span_says_what_a_deed_on_many_did_to_it():
    make_label("claim")
    admin = make_user(superuser=True)
    spans = [make_span(state=state) for state in ("proposed", "approved")]
    done = actions.change_many(
        spans=[(span.uid, span.revision) for span in spans],
        change=actions.LabelChange(label="claim"),
        approvals=actions.Approvals.STAND,
        deed=make_deed(admin),
    )
    undo(done.deed)
    told = [[each.done for each in histories(span)] for span in spans]
    assert told == [
        ["marked as quote", "edited", "undid: edited"],
        ["marked as quote", "approved", "approved with changes", "undid: edited"],
    ]

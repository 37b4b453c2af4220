"""Which deed `u` would undo and which it would redo, at a cost that does not grow."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.actions import Change, Particulars
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import VERDICTS
from annotations.models import Article, Deed, Span
from annotations.queries import deeds
from tests.factories import make_article, make_deed, make_label, make_span, make_user

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


# A span's history


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
    told = [[each.done for each in deeds.history(span)] for span in spans]
    assert told == [
        ["marked", "edited", "undid: edited"],
        ["marked", "approved", "approved with changes", "undid: edited"],
    ]

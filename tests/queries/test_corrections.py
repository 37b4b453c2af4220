"""What a correction page tells, and that what is superseded is out of everything else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions, pipelines
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Label, Span, TextGroup
from annotations.queries import corrections as queries
from annotations.queries import exports, groups, library, review, spot_checks
from annotations.queries.corrections import ARCHIVED, LISTED
from annotations.queries.exports import ExportFilter
from annotations.queries.review import Queue
from tests.factories import (
    make_article,
    make_deed,
    make_label,
    make_span,
    make_user,
    replace_article,
)

pytestmark = pytest.mark.django_db

FILLING = "Of this nothing was said by anybody at all. "
OLD = (
    f"The mayor left. {FILLING}\n\nThe bridge cost 5 million. {FILLING}\n\n"
    f"{FILLING}The bridge is safe.\n\n"
    f"{FILLING}Support our work: donate today.\n"
)
NEW = OLD.replace("5 million", "6 million").replace("Support", "Please support")


@pytest.fixture
def old():
    return make_article(OLD, slug="old")


def uids(rows):
    return {str(each.span.uid) for each in rows}


def test_what_is_foreseen_is_what_comes_about(old):
    spans = [
        make_span(old, text="The mayor", state=State.APPROVED),
        make_span(old, label="claim", text="The bridge cost 5 million"),
        make_span(old, label="claim", text="The bridge is safe"),
        make_span(old, label="boilerplate", text="our work", state=State.SENT_BACK),
    ]
    make_span(old, label="claim", text="today", state=State.REJECTED)
    make_span(old, label="claim", text="said", state=State.DISMISSED)
    foreseen = queries.foreseen(old, NEW)
    assert Span.objects.count() == 6

    found = queries.correction(replace_article(old, NEW))

    assert (
        uids(found.plan.coming)
        == uids(foreseen.plan.coming)
        == {str(spans[0].uid), str(spans[2].uid)}
    )
    assert [each.why for each in found.plan.staying] == [each.why for each in foreseen.plan.staying]
    assert [each.span for each in found.plan.staying] == [spans[1], spans[3]]
    assert found.plan.settled == {State.REJECTED: 1, State.DISMISSED: 1}
    assert (found.old, found.changes, foreseen.changes) == (old, 2, 2)
    assert foreseen.came == {}
    assert [came.origin for _, came in found.carried] == [
        f"carried:{spans[0].uid}",
        f"carried:{spans[2].uid}",
    ]


def test_each_that_stays_is_led_to_where_to_look(old):
    make_span(old, label="claim", text="The bridge cost 5 million")
    make_span(old, label="boilerplate", text="our work")
    make_span(old, label="claim", text="mayor")
    new = "Of a mayor.\n\n" + NEW.replace("The mayor left", "A mayor left")
    found = queries.correction(replace_article(old, new))
    told = [
        (each.staying.span.text, each.paragraph, "".join(run.text for run in each.around))
        for each in found.listed
    ]
    assert [(text, paragraph) for text, paragraph, _ in told] == [
        ("mayor", 1),
        ("The bridge cost 5 million", 2),
        ("our work", 4),
    ]
    assert "56 million" in told[1][2]


def test_where_nothing_changed_beside_it_it_is_looked_for_in_its_own_paragraph(old):
    make_span(old, label="claim", text="The bridge is safe")
    lines = OLD.split("\n\n")
    found = queries.correction(
        replace_article(old, f"Note.\n\n{OLD}\n\n{lines[1]}\n\n{lines[2]}\n\n{lines[3]}")
    )
    [listed] = found.listed
    assert "several times" in listed.staying.why
    assert (listed.paragraph, listed.staying.place) == (3, None)


def test_what_came_stays_told_whatever_becomes_of_its_label(old):
    make_span(old, text="The mayor")
    make_span(old, label="claim", text="The bridge is safe")
    Label.objects.filter(slug="claim").update(archived=True, key="")
    new = replace_article(old, NEW)
    Label.objects.filter(slug="claim").update(archived=False)
    Label.objects.filter(slug="quote").update(archived=True, key="")
    found = queries.correction(new)
    assert [each.span.text for each in found.plan.coming] == ["The mayor"]
    assert [(each.span.text, each.why) for each in found.plan.staying] == [
        ("The bridge is safe", ARCHIVED)
    ]


def test_long_lists_are_cut_and_counted(monkeypatch, old):
    monkeypatch.setattr(queries, "LISTED", 1)
    for text in ("The mayor", "left", "5", "million"):
        make_span(old, text=text)
    found = queries.correction(replace_article(old, NEW.replace("million", "billion")))
    assert len(found.plan.coming) == len(found.plan.staying) == 2
    assert (len(found.carried), len(found.listed), found.unlisted) == (1, 1, (1, 1))
    assert LISTED > 1


def statements(old, new):
    with CaptureQueriesContext(
        connection,
    ) as looking:
        queries.correction(new)
    with CaptureQueriesContext(connection) as head:
        queries.told(new)
        queries.told(old)
    return len(looking), len(head)


def test_it_takes_the_same_few_statements_however_many_spans_there_are(old):
    make_span(old, text="The mayor")
    new = replace_article(old, NEW)
    old.refresh_from_db()
    few = statements(old, new)
    for word in ("nothing", "said", "anybody", "all"):
        make_span(new, label="claim", text=word)
        make_span(new, label="quote", text=word)
    newest = replace_article(new, NEW.replace("safe", "sound"))
    new.refresh_from_db()
    assert statements(new, newest)[0] == few[0] == 4
    assert few[1] == 3


def test_an_articles_head_tells_what_it_replaces_and_what_replaced_it(old):
    make_span(old, text="The mayor")
    make_span(old, label="claim", text="The bridge cost 5 million")
    new = replace_article(old, NEW, slug="new")
    old.refresh_from_db()
    make_span(new, label="claim", text="The bridge cost 6 million")
    nothing = {"replaces": None, "replaced_by": None}
    assert queries.told(new) == nothing | {"replaces": queries.Told(old, 1, 1)}
    assert queries.told(old)["replaced_by"].article == new
    assert queries.told(make_article()) == nothing


# What is superseded is out of queues, groups, counts and exports.


@pytest.fixture
def corrected():
    """A superseded article with a span in each live state, and what replaced it."""
    article = make_article(OLD, slug="old", state=ArticleState.SUBMITTED)
    make_label("claim")
    for text, state in (
        ("mayor", State.SUGGESTED),
        ("bridge", State.PROPOSED),
        ("cost", State.APPROVED),
        ("safe", State.SENT_BACK),
    ):
        make_span(article, label="claim", text=text, state=state)
    return article, replace_article(article, f"Note.\n\n{OLD}", slug="new")


def test_it_is_out_of_the_queue_and_of_the_groups(corrected):
    rev = make_user(reviewer=True)
    for state in (State.PROPOSED, State.SENT_BACK, State.APPROVED):
        queue = Queue(state=state, in_progress=True)
        assert not review.waiting(queue, rev).exists()
    assert not groups.page_of_groups(Queue(), rev).rows
    assert set(TextGroup.objects.values_list("waiting", flat=True)) == {0}


def test_it_is_out_of_spot_checks(corrected):
    assert spot_checks.next_to_check(make_user(reviewer=True)) is None


def test_it_is_out_of_the_library_and_its_counts_and_stands_with_what_is_set_aside(corrected):
    old, new = corrected
    assert list(library.library()) == [new]
    assert list(library.library(aside=True)) == [old]
    assert sum(stage.count for stage in library.stages()) == 1
    assert list(library.sent_back_to(old.spans.get(state=State.SENT_BACK).author)) == []


def test_it_is_out_of_what_is_exported_unless_it_is_asked_for(corrected):
    everything = ExportFilter(states=())
    assert exports.counts(everything) == (4, 1)
    assert {article.slug for article, _ in exports.articles(everything)} == {"new"}
    asked = ExportFilter(states=(), article_states=("superseded",))
    assert {article.slug for article, _ in exports.articles(asked)} == {"old"}


def test_an_export_says_what_an_article_replaces(corrected):
    chosen = ExportFilter(states=(), articles=("new",))
    lines = b"".join(pipelines.export("articles", chosen))
    assert lines.count(b'"replaces":"old"') == 1
    assert b'"origin":"carried:' in lines


def test_who_brought_a_correction_in_did_not_work_on_it():
    importer = make_user(importer=True, annotator=True)
    old = make_article(OLD)
    new = replace_article(old, NEW, importer)
    assert library.recently_worked_on(importer) == []
    actions.submit(article=new.slug, seen=1, deed=make_deed(importer))
    assert library.recently_worked_on(importer) == [new]

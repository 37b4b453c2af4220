"""Which spans and articles an export takes along, in which order; and that the counts agree."""

from itertools import pairwise

import pytest
from django.db import connection, transaction

from annotations import actions
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Label
from annotations.queries.exports import (
    ExportFilter,
    articles,
    choices,
    complaints,
    counts,
)
from tests.factories import TEXT, load_labels, make_article, make_deed, make_span, make_user


def spans(chosen, **how):
    return (span for _, run in articles(chosen, bare=False, **how) for span in run)


def slugs(chosen):
    return [article.slug for article, _ in articles(chosen)]


def texts(chosen):
    return [span.text for span in spans(chosen)]


@pytest.fixture
def desk(db):
    """Articles in several states; of `worked` two spans are approved, one proposed."""
    people = {"author": make_user(annotator=True), "reviewer": make_user(reviewer=True)}
    worked = make_article(slug="worked", outlet="Daily", story="cup")
    make_span(worked, text="5 million", label="claim", state=State.APPROVED, **people)
    make_span(worked, text="asked", label="quote", state=State.APPROVED, **people)
    make_span(worked, text="resident", label="quote", **people)
    make_article(slug="bare", state=ArticleState.REVIEWED, outlet="Weekly", story="cup")
    make_article(slug="untouched", outlet="Daily")
    aside = make_article(slug="aside")
    make_span(aside, text="asked", state=State.APPROVED, **people)
    aside.refresh_from_db()
    actions.set_aside(
        article="aside", seen=aside.revision, reason="Broken.", deed=make_deed(people["author"])
    )


FILTERS = {
    "default": (ExportFilter(), ["asked", "5 million"], ["bare", "worked"]),
    "all states": (
        ExportFilter(states=()),
        ["resident", "asked", "5 million"],
        ["bare", "worked"],
    ),
    "proposed": (ExportFilter(states=("proposed",)), ["resident"], ["bare", "worked"]),
    "a label": (ExportFilter(labels=("claim",)), ["5 million"], ["bare", "worked"]),
    "two labels": (
        ExportFilter(labels=("claim", "quote"), states=("approved", "proposed")),
        ["resident", "asked", "5 million"],
        ["bare", "worked"],
    ),
    "an unused label": (ExportFilter(labels=("boilerplate",)), [], ["bare"]),
    "an outlet": (ExportFilter(outlets=("daily",)), ["asked", "5 million"], ["worked"]),
    "another outlet": (ExportFilter(outlets=("weekly",)), [], ["bare"]),
    "a story": (ExportFilter(stories=("cup",)), ["asked", "5 million"], ["bare", "worked"]),
    "an article": (ExportFilter(articles=("untouched",)), [], ["untouched"]),
    "an article state": (
        ExportFilter(article_states=("open", "in_progress")),
        ["asked", "5 million"],
        ["untouched", "worked"],
    ),
    "set aside": (ExportFilter(article_states=("set_aside",)), ["asked"], ["aside"]),
    "set aside by name": (ExportFilter(articles=("aside",)), [], []),
    "nothing": (ExportFilter(stories=("none",)), [], []),
}


@pytest.mark.parametrize(
    ("chosen", "expected_spans", "expected_articles"), FILTERS.values(), ids=FILTERS
)
def test_a_filter_takes_along_what_it_says_and_counts_it(
    chosen, expected_spans, expected_articles, desk
):
    in_order = sorted(expected_spans, key=TEXT.index)
    assert texts(chosen) == in_order
    assert slugs(chosen) == expected_articles
    inside = [span.text for _, chosen_spans in articles(chosen) for span in chosen_spans]
    assert inside == in_order
    assert counts(chosen) == (len(expected_spans), len(expected_articles))


def test_an_article_nobody_signed_off_does_not_pose_as_one_without_spans(desk):
    assert "untouched" not in slugs(ExportFilter())


def test_no_span_comes_twice_however_it_is_chosen(desk):
    every = ExportFilter(
        states=tuple(State),
        labels=("claim", "quote"),
        outlets=("daily",),
        stories=("cup",),
        articles=("worked",),
        article_states=("in_progress",),
    )
    uids = [span.uid for span in spans(every)]
    assert len(uids) == len(set(uids)) == 3


def test_slugs_are_ordered_by_code_point_on_both_databases(db):
    names = ["b", "a-b", "a_b", "Ab", "ab", "a1", "B", "a", "-a", "aB"]
    for name in names:
        make_article(slug=name)
    assert slugs(ExportFilter(articles=tuple(names))) == sorted(names)


def test_spans_are_ordered_by_start_end_and_uid(db):
    article = make_article("one two three four")
    for label in ("quote", "claim"):
        for text in ("two three", "two", "one", "four", "three four"):
            make_span(article, text=text, label=label)
    found = list(spans(ExportFilter(states=("proposed",))))
    keys = [(span.start, span.end, span.uid.hex) for span in found]
    assert len(keys) == 10
    assert all(one < other for one, other in pairwise(keys))


def test_a_span_has_every_attribute_of_its_label_in_the_label_s_order(db):
    load_labels()
    make_span(text="asked", attributes={"continues": False, "form": "unknown"})
    (span,) = spans(ExportFilter(states=()))
    assert list(span.attributes.items()) == [
        ("speaker", None),
        ("cue", None),
        ("form", "unknown"),
        ("continues", False),
    ]


def test_people_may_go_by_pseudonyms_numbered_as_they_come_up(db):
    ann, rob = make_user("ann", annotator=True), make_user("rob", annotator=True, reviewer=True)
    article = make_article()
    make_span(article, rob, text="safe")
    make_span(article, ann, text="asked", state=State.APPROVED, reviewer=rob)
    make_span(article, text="donate", state=State.SUGGESTED)
    chosen = ExportFilter(states=())
    expected = [
        ("person-1", "person-1", None),
        ("person-2", "person-2", "person-1"),
        (None, None, None),
    ]
    for found in (
        list(spans(chosen, pseudonyms=True)),
        [span for _, inside in articles(chosen, pseudonyms=True) for span in inside],
    ):
        assert [(span.author, span.last_editor, span.decided_by) for span in found] == expected


def test_a_span_of_an_archived_label_still_comes_along(db):
    make_span(text="asked", state=State.APPROVED)
    Label.objects.update(archived=True)
    assert texts(ExportFilter()) == ["asked"]


def test_texts_are_fetched_in_batches_and_never_twice(db, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("annotations.queries.exports._ROWS_AT_ONCE", 2)
    for number in range(3):
        article = make_article(slug=f"article-of-{number}")
        for word in ("safe", "asked", "donate"):
            make_span(article, text=word)
    # The rows, labels, attributes, people; three of the five batches bring a new article.
    statements = 1 + 1 + 1 + 1 + 3
    savepoints = 2 if connection.vendor == "postgresql" else 0
    with django_assert_num_queries(statements + savepoints):
        found = list(spans(ExportFilter(states=())))
    assert [span.article.slug[-1] for span in found] == list("000111222")
    assert all(span.text == span.article.text[span.start : span.end] for span in found)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_export_reads_one_moment_and_cannot_write():
    make_span(state=State.APPROVED)
    rows = spans(ExportFilter())
    next(rows)
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("on",)
    rows.close()
    assert not connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_a_read_that_is_broken_off_leaves_no_transaction_open():
    make_span(state=State.APPROVED)
    rows = spans(ExportFilter())
    next(rows)
    rows.close()
    assert not connection.in_atomic_block


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_an_export_does_not_take_the_write_lock():
    make_span(state=State.APPROVED)
    rows = spans(ExportFilter())
    next(rows)
    assert not connection.in_atomic_block
    with transaction.atomic():
        Article.objects.get()


def test_choices_are_all_that_a_filter_may_name(desk):
    offered = choices()
    assert ("sent_back", "sent back") in offered.states
    assert ("set_aside", "set aside") in offered.article_states
    assert [slug for slug, _ in offered.labels] == ["claim", "quote"]
    assert offered.outlets == [("daily", "Daily"), ("weekly", "Weekly")]
    assert offered.stories == [("cup", "cup")]
    assert [slug for slug, _ in offered.articles] == ["aside", "bare", "untouched", "worked"]


def test_what_a_filter_names_and_does_not_exist_is_told(desk):
    assert complaints(FILTERS["a story"][0]) == []
    assert complaints(
        ExportFilter(
            states=("approved", "done"),
            labels=("claim", "rumour"),
            outlets=("hourly",),
            stories=("cap",),
            articles=("worked", "gone"),
            article_states=("closed",),
        )
    ) == [
        "There is no span state “done”.",
        "There is no article state “closed”.",
        "There is no label “rumour”.",
        "There is no outlet “hourly”.",
        "There is no story “cap”.",
        "There is no article “gone”.",
    ]


@pytest.mark.parametrize("name", ["\0", "\ud800"])
def test_what_no_database_could_name_is_told_like_any_other(name, db):
    assert len(complaints(ExportFilter(labels=(name,), articles=(name,)))) == 2

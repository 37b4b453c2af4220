"""Which spans and articles an export takes along, in which order; and that the counts agree."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from threading import Thread

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.checks import Concern
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Label, LabelAttribute
from annotations.queries import _exported
from annotations.queries.exports import (
    ExportFilter,
    articles,
    complaints,
    counts,
)
from tests.factories import (
    TEXT,
    load_labels,
    make_article,
    make_deed,
    make_label,
    make_span,
    make_user,
)


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
    keys = [(span.start, span.end, span.uid) for span in found]
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


def test_attributes_that_their_label_has_no_more_come_last_and_a_key_is_any_slug(db):
    make_label("quote", attributes=[Attribute("is-old", "Old", Kind.YES_NO)])
    make_label("quote", attributes=[Attribute("class", "Class", Kind.ANCHORED)])
    start = TEXT.index("asked")
    given = {"is-old": False, "class": {"value": "asked", "start": start, "end": start + 5}}
    make_span(text="asked", attributes=given)
    (span,) = spans(ExportFilter(states=()))
    assert json.dumps(span.attributes) == json.dumps({"class": given["class"], "is-old": False})

    LabelAttribute.objects.filter(key="is-old").delete()
    (span,) = spans(ExportFilter(states=()))
    assert list(span.attributes) == ["class", "is-old"]
    assert span.attributes == given


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2024, 6, 3, 9, 44, 46, 260914, UTC), "2024-06-03T09:44:46.260914Z"),
        (datetime(2024, 6, 3, 9, 44, 46, 260000, UTC), "2024-06-03T09:44:46.260000Z"),
        (datetime(2024, 6, 3, 9, 44, 46, 5, UTC), "2024-06-03T09:44:46.000005Z"),
        (datetime(2024, 6, 3, tzinfo=UTC), "2024-06-03T00:00:00.000000Z"),
    ],
)
def test_a_time_has_all_its_microseconds_on_both_databases(at, words, db, settings):
    settings.TIME_ZONE = "Asia/Kathmandu"
    span = decided_at(at, make_article(published_at=at))
    ((article, (found,)),) = articles(ExportFilter())
    assert (article.published_at, found.decided_at) == (words, words)
    assert (found.uid, found.amended) == (str(span.uid), False)


def decided_at(moment, article=None, by=None):
    """A span that `by`, or a reviewer, approved just then."""
    span = make_span(article, text="asked")
    deed = make_deed(by or make_user(reviewer=True))
    deed.at = moment
    return actions.approve(span=span.uid, seen=1, deed=deed, waved=list(Concern)).span


def test_who_decided_and_when_choose_what_comes_along_and_is_counted(db):
    people = {name: make_user(name, reviewer=True) for name in ("ann", "rob", "sue")}
    for day, name in enumerate(("ann", "rob", "ann", "rob"), start=1):
        moment = datetime(2024, 6, day, 12, tzinfo=UTC)
        decided_at(moment, make_article(slug=f"day-{day}"), people[name])
    make_span(make_article(slug="undecided"), text="asked")
    make_article(slug="signed-off", state=ArticleState.REVIEWED)

    def days(**chosen):
        filter = ExportFilter(states=(), **chosen)
        found = [(article.slug, len(run)) for article, run in articles(filter)]
        assert counts(filter) == (sum(spans for _, spans in found), len(found))
        assert ("signed-off", 0) in found  # it is articles that these do not choose
        inside = [slug for slug, spans in found if spans]
        assert [article.slug for article, _ in articles(filter, bare=False)] == inside
        assert counts(filter, bare=False) == (len(inside), len(inside))
        return [slug.removeprefix("day-") for slug in inside]

    assert days(reviewers=("ann",)) == ["1", "3"]
    assert days(reviewers=("rob", "ann")) == ["1", "2", "3", "4"]
    assert days(reviewers=("sue",)) == days(reviewers=("nobody",)) == []
    assert days(decided_from=date(2024, 6, 3)) == ["3", "4"]
    assert days(decided_until=date(2024, 6, 3)) == ["1", "2", "3"]
    assert days(decided_from=date(2024, 6, 2), decided_until=date(2024, 6, 2)) == ["2"]
    assert days(decided_from=date(2024, 6, 2), reviewers=("ann",)) == ["3"]
    assert days(decided_from=date(2024, 6, 3), decided_until=date(2024, 6, 2)) == []
    # What nobody decided was not decided before the last day there is either.
    assert days(decided_from=date.min) == days(decided_until=date.max) == ["1", "2", "3", "4"]
    assert days(decided_from=date.max) == days(decided_until=date.min) == []


@pytest.mark.parametrize(
    ("zone", "day", "first", "last"),
    [
        ("UTC", date(2024, 6, 3), "2024-06-03T00:00:00Z", "2024-06-03T23:59:59.999999Z"),
        ("Asia/Tokyo", date(2024, 6, 3), "2024-06-02T15:00Z", "2024-06-03T14:59:59.999999Z"),
        ("Pacific/Kiritimati", date(2024, 1, 1), "2023-12-31T10:00Z", "2024-01-01T09:59:59Z"),
        # Days of 23 and of 25 hours, and one that has no midnight.
        ("America/New_York", date(2024, 3, 10), "2024-03-10T05:00Z", "2024-03-11T03:59:59Z"),
        ("America/New_York", date(2024, 11, 3), "2024-11-03T04:00Z", "2024-11-04T04:59:59Z"),
        ("Africa/Cairo", date(2024, 4, 26), "2024-04-25T22:00Z", "2024-04-26T20:59:59Z"),
    ],
)
def test_days_are_the_newsroom_s_own(zone, day, first, last, db, settings):
    settings.TIME_ZONE = zone
    inside = [datetime.fromisoformat(moment) for moment in (first, last)]
    outside = [inside[0] - timedelta(microseconds=1), inside[1] + timedelta(seconds=1)]
    for moment in (*inside, *outside):
        decided_at(moment)
    chosen = ExportFilter(decided_from=day, decided_until=day)
    found = sorted(span.decided_at for span in spans(chosen))
    assert [datetime.fromisoformat(moment) for moment in found] == inside
    assert counts(chosen).spans == 2


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_the_first_and_the_last_days_there_are_break_nothing(zone, db, settings):
    settings.TIME_ZONE = zone
    decided_at(datetime(2024, 6, 3, tzinfo=UTC))
    edges = (date.min, date.min + timedelta(1), date.max - timedelta(1), date.max)
    for first, last in product(edges, repeat=2):
        chosen = ExportFilter(decided_from=first, decided_until=last)
        within = first.year == 1 and last.year == 9999
        assert counts(chosen).spans == len(texts(chosen)) == within


def test_statements_grow_with_batches_and_not_with_articles(
    db, monkeypatch, django_assert_num_queries
):
    few, many = ExportFilter(states=(), articles=("article-of-0",)), ExportFilter(states=())
    for number in range(5):
        article = make_article(slug=f"article-of-{number}")
        for word in ("safe", "asked", "donate"):
            make_span(article, text=word)
    # Labels, their attributes, people and keys; a batch's spans and its articles.
    for filter in (few, many):
        with django_assert_num_queries(4 + 2):
            list(articles(filter))

    monkeypatch.setattr("annotations.queries._exported._FIRST", 2)
    monkeypatch.setattr("annotations.queries._exported._SPANS_AT_ONCE", 6)
    with django_assert_num_queries(4 + 3 * 2):
        found = [(article, span) for article, run in articles(many) for span in run]
    assert [article.slug[-1] for article, _ in found] == list("000111222333444")
    assert all(span.text == article.text[span.start : span.end] for article, span in found)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "chosen",
    [
        ExportFilter(),
        ExportFilter(states=(), labels=("quote", "claim")),
        ExportFilter(reviewers=("rob",), decided_from=date(2024, 6, 3)),
    ],
)
def test_a_batch_is_found_by_its_articles_also_where_nobody_gathered_statistics(db, chosen):
    load_labels()
    make_user("rob")
    make_span(text="asked", article=make_article(state="open"))
    with CaptureQueriesContext(connection) as asked:
        list(articles(chosen))
    (statement,) = [query["sql"] for query in asked if "json_group_array" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert "USING INDEX span_by_place (article_id=?)" in plan
    assert "TEMP B-TREE" not in plan


def test_where_articles_have_many_spans_fewer_are_read_at_once_but_always_one(
    db, monkeypatch, django_assert_num_queries
):
    for number in range(4):
        article = make_article(slug=f"article-of-{number}")
        for word in ("safe", "asked", "donate"):
            make_span(article, text=word)
    monkeypatch.setattr("annotations.queries._exported._SPANS_AT_ONCE", 2)
    monkeypatch.setattr("annotations.queries._exported._FIRST", 1)
    with django_assert_num_queries(4 + 4 * 2):
        assert len(list(spans(ExportFilter(states=())))) == 12


def test_no_text_is_read_of_articles_that_do_not_come_along(db, django_assert_num_queries):
    make_span(text="asked")
    with django_assert_num_queries(4 + 1):
        assert list(spans(ExportFilter())) == []


@pytest.mark.django_db(transaction=True)
def test_an_export_reads_one_moment_and_cannot_write(monkeypatch):
    def and_write(*asked, **how):
        yield from batches(*asked, **how)
        with pytest.raises(DatabaseError), transaction.atomic():
            Label.objects.update(archived=True)

    batches = _exported.batches
    monkeypatch.setattr(_exported, "batches", and_write)
    make_span(state=State.APPROVED)
    assert len(list(spans(ExportFilter()))) == 1
    assert not connection.in_atomic_block
    Label.objects.update(archived=True)


@pytest.mark.django_db(transaction=True)
def test_a_read_that_is_broken_off_leaves_no_transaction_open():
    make_span(state=State.APPROVED)
    rows = spans(ExportFilter())
    next(rows)
    rows.close()
    assert not connection.in_atomic_block
    make_span(state=State.APPROVED)


@pytest.mark.django_db(transaction=True)
def test_who_decides_while_an_export_reads_neither_changes_it_nor_waits_longer_than_it(monkeypatch):
    monkeypatch.setattr("annotations.queries._exported._FIRST", 1)
    monkeypatch.setattr("annotations.queries._exported._ARTICLES_AT_ONCE", 1)
    proposed = [make_span(make_article(slug=f"article-of-{n}"), text="asked") for n in range(4)]
    reviewer = make_user(reviewer=True)
    outcomes = []

    def approve_all():
        try:
            for span in proposed:
                outcomes.append(actions.approve(span=span.uid, seen=1, deed=make_deed(reviewer)))
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    rows = spans(ExportFilter(states=()))
    read = [next(rows)]
    others = Thread(target=approve_all)
    others.start()
    others.join(timeout=10)
    assert not others.is_alive()
    read += rows
    assert [span.state for span in read] == ["proposed"] * 4
    assert [span.revision for span in read] == [1] * 4
    assert [type(outcome) for outcome in outcomes] == [actions.Done] * 4
    assert [span.state for span in spans(ExportFilter(states=()))] == ["approved"] * 4


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_an_export_does_not_take_the_write_lock(monkeypatch):
    def and_others(*asked, **how):
        for batch in batches(*asked, **how):
            with other.cursor() as cursor:
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("ROLLBACK")
            yield batch

    batches = _exported.batches
    monkeypatch.setattr(_exported, "batches", and_others)
    make_span(state=State.APPROVED)
    other = connection.copy()
    other.inc_thread_sharing()
    try:
        assert len(list(spans(ExportFilter()))) == 1
    finally:
        other.close()
    with connection.cursor() as cursor:  # and what comes next takes it again, as everywhere
        cursor.execute("PRAGMA query_only")
        assert cursor.fetchone() == (0,)
    assert connection.transaction_mode == "IMMEDIATE"


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

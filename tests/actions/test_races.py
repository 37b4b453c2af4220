"""Several people, or the same one twice, at the same moment. Real threads, each its connection."""

import os
import time
from collections import Counter
from functools import partial
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from annotations import actions, triggers
from annotations.actions import Change, Done, Particulars
from annotations.domain.checks import Concern
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import VERDICTS, State
from annotations.domain.refusals import Already, Illegal, Stale, Twin
from annotations.models import Article, Deed, Event, Span
from tests.factories import TEXT, make_article, make_deed, make_label, make_span, make_user

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 8
REVIEWERS = 16
# make test THOROUGH=yes; not NEWSROOM_…, for tests/settings.py drops whatever is called so.
ROUNDS = 1000 if "THOROUGH" in os.environ else 25 if connection.vendor == "postgresql" else 5
BRIDGE = Extent(TEXT.index("the bridge"), TEXT.index("the bridge") + 10)


def at_once(jobs):
    """What each job returned, or raised, when all of them began together."""
    barrier, outcomes = Barrier(len(jobs)), [None] * len(jobs)

    def work(number, job):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            outcomes[number] = job()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [Thread(target=work, args=numbered) for numbered in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def sorted_out(outcomes):
    """(what was done, what was refused), and nothing else came of it."""
    done = [outcome for outcome in outcomes if isinstance(outcome, Done)]
    refusals = [outcome for outcome in outcomes if not isinstance(outcome, Done)]
    return done, refusals


def sound():
    """Every span's and article's history has one event or none a revision, up to its own."""
    for span in Span.objects.all():
        revisions = list(span.events.order_by("id").values_list("revision", flat=True))
        assert revisions == list(range(1, span.revision + 1))
    assert Event.objects.values("deed").distinct().count() == Deed.objects.count()


def test_of_many_reviewers_who_approve_the_same_revision_one_does_and_the_others_hear_of_it():
    span = make_span()
    reviewers = [make_user(reviewer=True) for _ in range(MANY)]
    article = Article.objects.get()

    done, refusals = sorted_out(
        at_once(
            [
                partial(actions.approve, span=span.uid, seen=1, deed=make_deed(reviewer))
                for reviewer in reviewers
            ]
        )
    )

    assert [type(refusal) for refusal in refusals] == [Already] * (MANY - 1)
    [winner] = done
    span.refresh_from_db()
    assert (span.state, span.revision) == ("approved", 2)
    assert span.decided_by == winner.deed.actor
    assert Article.objects.get().revision == article.revision + 1
    sound()


def test_of_many_who_mark_the_same_words_one_does_and_the_others_are_shown_the_twin():
    make_label()
    article = make_article()
    annotators = [make_user(annotator=True) for _ in range(MANY)]

    done, refusals = sorted_out(
        at_once(
            [
                partial(
                    actions.propose,
                    article=article.slug,
                    label="quote",
                    extent=BRIDGE,
                    text="the bridge",
                    deed=make_deed(annotator),
                )
                for annotator in annotators
            ]
        )
    )

    assert [type(refusal) for refusal in refusals] == [Twin] * (MANY - 1)
    [winner] = done
    assert {refusal.uid for refusal in refusals} == {str(winner.span.uid)}
    assert Span.objects.count() == 1
    sound()


def test_many_who_mark_different_words_of_one_article_all_do():
    make_label()
    article = make_article()
    places = [Extent(start, start + 9) for start in range(MANY)]
    annotators = [make_user(annotator=True) for _ in places]

    done, refusals = sorted_out(
        at_once(
            [
                partial(
                    actions.propose,
                    article=article.slug,
                    label="quote",
                    extent=place,
                    text=place.of(TEXT),
                    deed=make_deed(annotator),
                )
                for annotator, place in zip(annotators, places, strict=True)
            ]
        )
    )

    assert refusals == []
    assert Span.objects.count() == len(done) == MANY
    article.refresh_from_db()
    assert (article.state, article.revision) == ("in_progress", 1 + MANY)
    assert Event.objects.filter(action="start").count() == 1
    sound()


def test_the_same_request_many_times_at_once_is_one_deed_and_nobodys_fault():
    span, reviewer, request_id = make_span(), make_user(reviewer=True), uuid4()

    done, refusals = sorted_out(
        at_once(
            [
                partial(
                    actions.approve, span=span.uid, seen=1, deed=make_deed(reviewer, request_id)
                )
                for _ in range(MANY)
            ]
        )
    )

    assert refusals == []
    assert [answer.repeated for answer in done].count(False) == 1
    assert {answer.deed.pk for answer in done} == {Deed.objects.get(request_id=request_id).pk}
    assert {answer.span.revision for answer in done} == {2}
    sound()


def test_the_same_new_span_many_times_at_once_is_one_span_and_nobodys_fault():
    make_label()
    article, annotator, request_id = make_article(), make_user(annotator=True), uuid4()

    done, refusals = sorted_out(
        at_once(
            [
                partial(
                    actions.propose,
                    article=article.slug,
                    label="quote",
                    extent=BRIDGE,
                    text="the bridge",
                    deed=make_deed(annotator, request_id),
                )
                for _ in range(MANY)
            ]
        )
    )

    assert refusals == []
    assert {answer.span.uid for answer in done} == {Span.objects.get().uid}
    sound()


def test_the_same_article_many_times_at_once_in_one_request_comes_in_once():
    request_id = uuid4()

    done, refusals = sorted_out(
        at_once(
            [
                partial(
                    actions.add_article,
                    text="A text.",
                    particulars=Particulars(),
                    deed=actions.deed_of_machine("import:tests", request_id),
                )
                for _ in range(MANY)
            ]
        )
    )

    assert refusals == []
    assert {answer.article.pk for answer in done} == {Article.objects.get().pk}


def test_of_several_ways_to_undo_one_deed_at_once_one_does_it():
    span, reviewer = make_span(), make_user(reviewer=True)
    approval = actions.approve(span=span.uid, seen=1, deed=make_deed(reviewer)).deed

    done, refusals = sorted_out(
        at_once(
            [
                partial(actions.undo, target=approval.pk, deed=make_deed(reviewer))
                for _ in range(MANY)
            ]
        )
    )

    assert [type(refusal) for refusal in refusals] == [Illegal] * (MANY - 1)
    assert len(done) == 1
    span.refresh_from_db()
    assert (span.state, span.revision) == ("proposed", 3)
    sound()


def test_undoing_that_had_to_wait_for_a_colleagues_edit_finds_it_stale():
    span, reviewer = make_span(), make_user(reviewer=True)
    approval = actions.approve(span=span.uid, seen=1, deed=make_deed(reviewer)).deed
    change = Change(extent=BRIDGE, text="the bridge")
    outcomes = []
    undoing = partial(actions.undo, target=approval.pk, deed=make_deed(reviewer))
    waiting = Thread(target=lambda: outcomes.extend(at_once([undoing])))

    with transaction.atomic():
        actions.edit(span=span.uid, seen=2, change=change, deed=make_deed(span.author))
        waiting.start()
        time.sleep(0.3)  # it has read what it can and stands before the lock
        assert outcomes == []
    waiting.join()

    assert [type(outcome) for outcome in outcomes] == [Stale]
    span.refresh_from_db()
    assert (span.state, span.revision, span.text) == ("proposed", 3, "the bridge")
    sound()


def test_approving_while_the_article_is_set_aside_leaves_no_span_that_moved_after_it_rested():
    span, reviewer = make_span(), make_user(reviewer=True)
    article = Article.objects.get()
    other = make_user(reviewer=True)

    done, refusals = sorted_out(
        at_once(
            [
                partial(actions.approve, span=span.uid, seen=1, deed=make_deed(reviewer)),
                partial(
                    actions.set_aside,
                    article=article.slug,
                    seen=article.revision,
                    reason="Twice.",
                    deed=make_deed(other),
                ),
            ]
        )
    )

    assert len(done) == 1
    assert type(refusals[0]) in (Stale, Illegal)
    sound()


def test_deeds_on_spans_of_one_article_at_once_raise_its_revision_once_each():
    article, reviewer = make_article(), make_user(reviewer=True)
    spans = [make_span(article) for _ in range(MANY)]
    before = Article.objects.get().revision

    done, refusals = sorted_out(
        at_once(
            [
                partial(
                    actions.approve,
                    span=span.uid,
                    seen=1,
                    deed=make_deed(reviewer),
                    waved=list(Concern),
                )
                for span in spans
            ]
        )
    )

    assert refusals == []
    assert len(done) == MANY
    assert Article.objects.get().revision == before + MANY
    assert set(Span.objects.values_list("state", flat=True)) == {State.APPROVED}
    sound()


# The same span, round after round.

WAYS_TO_DECIDE = [
    (actions.approve, {}),
    (actions.reject, {"reason": "other"}),
    (actions.send_back, {"comment": "Look at its end."}),
]
WAYS_BACK = {
    State.APPROVED: (actions.reopen, {}),
    State.REJECTED: (actions.reopen, {}),
    State.SENT_BACK: (actions.answer, {"comment": "It ends where it should."}),
}


def test_of_sixteen_reviewers_who_decide_at_once_one_does_in_each_of_many_rounds():
    span = make_span()
    reviewers = [make_user(reviewer=True) for _ in range(REVIEWERS)]
    other = make_user(annotator=True, reviewer=True)
    article = Article.objects.get()
    decided = []

    for number in range(ROUNDS):
        seen = 1 + 2 * number
        jobs = []
        for place, reviewer in enumerate(reviewers):
            decide, needs = WAYS_TO_DECIDE[(place + number) % len(WAYS_TO_DECIDE)]
            deed = make_deed(reviewer)
            jobs.append(partial(decide, span=span.uid, seen=seen, deed=deed, **needs))
        done, refusals = sorted_out(at_once(jobs))

        [winner] = done
        same = [job for job in jobs if job.func.__name__ == winner.deed.action]
        assert Counter(type(refusal) for refusal in refusals) == {
            Already: len(same) - 1,
            Stale: REVIEWERS - len(same),
        }
        span.refresh_from_db()
        assert (span.revision, span.decided_by) == (seen + 1, winner.deed.actor)
        decided.append((span.revision, winner.deed.pk, span.state))
        back, needs = WAYS_BACK[State(span.state)]
        back(span=span.uid, seen=seen + 1, deed=make_deed(other), **needs)

    verdicts = span.events.filter(action__in=VERDICTS).order_by("revision")
    assert list(verdicts.values_list("revision", "deed", "after__state")) == decided
    assert len({state for _, _, state in decided}) > 1
    span.refresh_from_db()
    assert (span.state, span.revision) == ("proposed", 1 + 2 * ROUNDS)
    assert Article.objects.get().revision == article.revision + 2 * ROUNDS
    sound()


def correct(article, number):
    return actions.replace_article(
        article=article.slug,
        seen=1,
        text=f"Correction {number}.\n\n{TEXT}",
        particulars=Particulars(slug=f"corrected-{number}"),
        deed=make_deed(make_user(importer=True)),
    )


def test_of_many_who_replace_an_article_at_once_one_does_and_the_others_hear_of_it():
    article = make_article(TEXT, slug="old")
    done, refusals = sorted_out(at_once([partial(correct, article, at) for at in range(MANY)]))
    assert len(done) == 1
    assert {type(refusal) for refusal in refusals} == {Illegal}
    assert all(done[0].article.slug in str(refusal) for refusal in refusals)
    assert Article.objects.count() == 2
    sound()


def test_what_is_marked_while_an_article_is_replaced_comes_along_or_is_refused():
    make_label()
    for _ in range(3):
        article = make_article(TEXT)
        mark = partial(
            actions.propose,
            article=article.slug,
            label="quote",
            extent=BRIDGE,
            text="the bridge",
            deed=make_deed(make_user(annotator=True)),
        )
        marked, replaced = at_once([mark, partial(correct, article, article.pk)])
        if isinstance(marked, Done):  # and the correction was begun before it, or saw it
            assert isinstance(replaced, Stale)
        else:
            assert isinstance(marked, Illegal)
            assert isinstance(replaced, Done)
    sound()


# The control: the same race without the lock. PostgreSQL only: SQLite's transaction is one.


def approve_naively(*, span, reviewer):
    """Read, check, write, in one transaction; whether it was done."""
    with transaction.atomic():
        row = Span.objects.get(pk=span.pk)
        if row.state != State.PROPOSED or row.last_editor == reviewer:
            return False
        row.state, row.waiting, row.revision = State.APPROVED, "", row.revision + 1
        row.decided_by, row.decided_at, row.guideline_revision = reviewer, timezone.now(), 1
        row.save()
    return True


def naive_rounds():
    """For each of some rounds the outcomes, and the revision to which they led."""
    reviewers = [make_user(reviewer=True) for _ in range(REVIEWERS)]
    for _ in range(10):
        span = make_span()
        jobs = [partial(approve_naively, span=span, reviewer=reviewer) for reviewer in reviewers]
        outcomes = at_once(jobs)
        yield outcomes, Span.objects.get(pk=span.pk).revision


@pytest.mark.postgresql
def test_without_the_lock_several_reviewers_would_win_and_write_over_each_other():
    triggers.drop(connection)  # the flush at the end brings them back
    rounds = list(naive_rounds())
    assert {revision for _, revision in rounds} == {2}
    assert max(outcomes.count(True) for outcomes, _ in rounds) > 1


@pytest.mark.postgresql
def test_without_the_lock_the_floor_would_still_let_only_one_win():
    for outcomes, revision in naive_rounds():
        assert (outcomes.count(True), revision) == (1, 2)
        others = [outcome for outcome in outcomes if outcome not in (True, False)]
        assert all(isinstance(outcome, IntegrityError) for outcome in others)

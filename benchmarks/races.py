"""Sixteen reviewers decide on one span at once, many times over; and the same without the lock."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection

from annotations import triggers
from annotations.actions import Done
from annotations.domain.lifecycle import VERDICTS, State
from annotations.models import Article, Span
from benchmarks.report import Row, count
from tests.actions import test_races as race
from tests.factories import make_deed, make_span, make_user

REVIEWERS = race.REVIEWERS
PATIENCE = 600  # seconds: as many rounds as fit in


def rows(rounds: int, naive_rounds: int) -> list[Row]:
    """The rows of the table; the control's spans stay behind, without events."""
    print("  racing", flush=True)
    run, wrong, decided, events = _decide(rounds)
    print("  racing without the lock", flush=True)
    winners = _decide_naively(naive_rounds)
    several = sum(number > 1 for number in winners)
    return [
        Row(f"rounds of {REVIEWERS} racing reviewers", (run,), count),
        Row("  with another number of winners than one", (wrong,), count, 0),
        Row("  decisions without their event", (decided - events,), count, 0),
        Row(f"{naive_rounds} rounds without the lock: with several winners", (several,), count),
        Row("  winners in such a round", winners, count),
    ]


def _decide(rounds: int) -> tuple[int, int, int, int]:
    """(rounds that were run, with not exactly one winner; decisions, and events of such)."""
    span = make_span()
    reviewers = [make_user(reviewer=True) for _ in range(REVIEWERS)]
    back_again = make_user(annotator=True, reviewer=True)
    before = Article.objects.get(pk=span.article_id).revision
    began, number, decided, wrong = time.monotonic(), 0, [], 0
    while number < rounds and time.monotonic() < began + PATIENCE:
        jobs: list[Callable[[], Any]] = []
        for place, reviewer in enumerate(reviewers):
            decide, needs = race.WAYS_TO_DECIDE[(place + number) % len(race.WAYS_TO_DECIDE)]
            deed = make_deed(reviewer)
            jobs.append(partial(decide, span=span.uid, seen=span.revision, deed=deed, **needs))
        outcomes = race.at_once(jobs)
        wrong += sum(isinstance(each, Done) for each in outcomes) != 1
        decided += [each.deed.pk for each in outcomes if isinstance(each, Done)]
        span.refresh_from_db()
        back, needs = race.WAYS_BACK[State(span.state)]
        back(span=span.uid, seen=span.revision, deed=make_deed(back_again), **needs)
        span.refresh_from_db()
        number += 1
    events = span.events.filter(action__in=VERDICTS, deed__in=decided).count()
    after = Article.objects.get(pk=span.article_id).revision
    assert after == before + 2 * number
    assert span.revision == 1 + 2 * number
    return number, wrong, len(decided), events


def _decide_naively(rounds: int) -> tuple[int, ...]:
    """How many won in each round."""
    reviewers = [make_user(reviewer=True) for _ in range(REVIEWERS)]
    triggers.drop(connection)
    try:
        return tuple(_naive_winners(reviewers) for _ in range(rounds))
    finally:
        triggers.create(connection)


def _naive_winners(reviewers: list[Any]) -> int:
    span: Span = make_span()
    naively = race.approve_naively
    jobs = [partial(naively, span=span, reviewer=reviewer) for reviewer in reviewers]
    return int(race.at_once(jobs).count(True))

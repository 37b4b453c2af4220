"""One verdict on many spans: by the rules of one, in short transactions, as one deed."""

import re
from collections import Counter
from datetime import timedelta
from functools import partial
from random import Random
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from annotations import actions, triggers
from annotations.actions import Change, _many
from annotations.actions._deeds import counted
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.groups import WHY_ONE_BY_ONE
from annotations.domain.lifecycle import ArticleState, State
from annotations.domain.refusals import Illegal, Invalid, NothingDone, NotPermitted, Refusal, Reused
from annotations.models import Article, Deed, Event, Person, Span, TextGroup
from annotations.queries import integrity
from tests.actions.test_races import at_once, sorted_out, sound
from tests.factories import make_article, make_deed, make_label, make_span, make_user
from tests.refusals import everything, refused

pytestmark = pytest.mark.django_db

TEN = " ".join(f"word{number}" for number in range(10))


@pytest.fixture(autouse=True)
def _rows_only(monkeypatch):
    """No deed changes the schema, which takes longest to look at."""
    monkeypatch.setattr(triggers, "breaches", lambda _: [])
    monkeypatch.setattr(integrity, "_missing_constraints", list)


@pytest.fixture
def ada():
    return make_user("ada", reviewer=True, annotator=True)


@pytest.fixture
def hand():
    return make_user("hand", annotator=True)


def spans_of(*articles, author, number=3, **fields):
    """So many spans in each article: its first words, of a label that does not go one by one."""
    fields.setdefault("label", "figure")
    return [make_span(article, author, **fields) for article in articles for _ in range(number)]


def submitted(number=2, text=TEN, **particulars):
    return [make_article(text, state=ArticleState.SUBMITTED, **particulars) for _ in range(number)]


def seen(*spans):
    return [(span.uid, span.revision) for span in spans]


def decide(spans, actor, verdict="approve", **details):
    details.setdefault("deed", make_deed(actor))
    return actions.decide_many(spans=seen(*spans), verdict=verdict, **details)


def states(spans):
    return [Span.objects.get(pk=span.pk).state for span in spans]


def kinds(done):
    return {skipped.kind: skipped.why for skipped in done.skipped}


def in_order():
    assert list(integrity.breaches(Counter())) == []


VERDICTS = {
    "approve": ({}, State.APPROVED),
    "reject": ({"reason": "duplicate", "comment": "See above."}, State.REJECTED),
    "send_back": ({"comment": "Where does it end?"}, State.SENT_BACK),
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_one_deed_gives_many_spans_the_same_verdict_as_if_each_were_given_it_alone(
    verdict, ada, hand
):
    details, after = VERDICTS[verdict]
    spans = spans_of(*submitted(), author=hand)
    alone = make_span(submitted(1)[0], hand)
    one = getattr(actions, verdict)(span=alone.uid, seen=1, deed=make_deed(ada), **details).span

    done = decide(spans, ada, verdict, **details)

    assert (done.skipped, done.remaining, done.repeated) == ((), 0, False)
    assert [span.uid for span in done.spans] == [span.uid for span in spans]
    assert done.deed == Deed.objects.get(request_id=done.deed.request_id)
    for span in Span.objects.filter(pk__in=[span.pk for span in spans]):
        event = span.events.last()
        assert (span.state, span.revision, event.revision) == (after, 2, 2)
        assert (span.decided_by, span.decided_at) == (ada, done.deed.at)
        assert (event.deed, event.action, event.before["state"]) == (
            done.deed,
            verdict,
            "proposed",
        )
        assert (event.reason, event.comment) == (
            details.get("reason", ""),
            details.get("comment", ""),
        )
        alike = "reason guideline_revision amended waiting waiting_since group fresh".split()
        assert [getattr(span, name) for name in alike] == [getattr(one, name) for name in alike]
    in_order()


def test_each_is_held_to_the_rules_of_one_and_the_others_are_told_by_kind(ada, hand):
    make_label(attributes=[Attribute("speaker", "Speaker", Kind.TEXT, required=True)])
    text = "Alpha beta gamma. Read more. “So it is,” he said. Delta epsilon zeta eta theta."
    article, rests = submitted(2, text)
    said = {"attributes": {"speaker": "he"}}
    good = make_span(article, hand, text="“So it is,”", **said)
    own = make_span(article, ada, text="Alpha", **said)
    stale = make_span(article, hand, text="beta", **said)
    actions.edit(
        span=stale.uid,
        seen=1,
        change=Change(extent=Extent(6, 16), text="beta gamma"),
        deed=make_deed(make_user(annotator=True)),
    )
    lacking = make_span(article, hand, text="Delta")
    torn = make_span(article, hand, text="it is,”", **said)
    settled = make_span(article, hand, text="epsilon", state=State.REJECTED, **said)
    approved = make_span(article, hand, text="zeta", state=State.APPROVED, **said)
    resting = make_span(rests, hand, text="gamma", **said)
    actions.set_aside(
        article=rests.slug,
        seen=Article.objects.get(pk=rests.pk).revision,
        reason="Twice.",
        deed=make_deed(hand),
    )
    asked = [good, own, stale, lacking, torn, settled, approved, resting]
    before = states(asked)

    done = actions.decide_many(
        spans=[*seen(*asked), (uuid4(), 1)], verdict="approve", deed=make_deed(ada)
    )

    assert [span.pk for span in done.spans] == [good.pk]
    assert [skipped.kind for skipped in done.skipped] == [
        "not there",
        "your own",
        "changed meanwhile",
        "lacks a speaker",
        "has a warning",
        "no longer waits",
        "already approved",
        "no longer waits",
    ]
    assert all(skipped.why.endswith(".") for skipped in done.skipped)
    assert "so its spans rest" in kinds(done)["no longer waits"]
    assert states(asked) == ["approved", *before[1:]]
    assert counted(done.skipped) == (
        "skipped 8: 2 no longer waits, 1 not there, 1 your own, 1 changed meanwhile, "
        "1 lacks a speaker, 1 has a warning, 1 already approved"
    )
    in_order()


def test_what_lacks_several_attributes_names_them_all(ada, hand):
    make_label(
        "figure",
        attributes=[
            Attribute("speaker", "Speaker", Kind.TEXT, required=True),
            Attribute("origin", "Origin", Kind.TEXT, required=True),
        ],
    )
    full = make_span(author=hand, label="figure", attributes={"speaker": "he", "origin": "TASS"})
    done = decide([full, make_span(author=hand, label="figure")], ada)
    assert list(kinds(done)) == ["lacks a speaker and an origin"]


def test_a_warning_stops_only_an_approval(ada, hand):
    torn = make_span(author=hand, text="safe as a house”")
    with refused(NothingDone, "Nothing was approved · skipped 1: 1 has a warning."):
        decide([torn], ada)
    assert decide([torn], ada, "send_back", comment="Take both marks.").spans == (torn,)


def test_of_two_layers_at_one_place_one_is_approved(ada, hand):
    article = submitted(1)[0]
    span = make_span(article, hand, "figure")
    hidden = Span.objects.get(pk=span.pk)
    hidden.pk, hidden.uid, hidden.layer = None, uuid4(), hand  # no deed works in a layer yet
    hidden.waiting, hidden.waiting_since, hidden.group = "", None, None
    hidden.save(force_insert=True)
    done = decide([span, hidden], ada)
    assert [each.pk for each in done.spans] == [span.pk]
    assert list(kinds(done)) == ["marked twice"]
    hidden.refresh_from_db()
    assert (hidden.state, hidden.revision) == ("proposed", 1)


def short_claims(hand, *texts, label="claim"):
    return [make_span(article, hand, label, text=text) for text in texts for article in submitted()]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_short_claims_with_the_same_words_are_not_decided_in_one_deed(verdict, ada, hand):
    details, after = VERDICTS[verdict]
    first, second, *far = short_claims(hand, "word0 word1", "word2 word3")
    figures = short_claims(hand, "word0 word1", label="figure")
    quote = make_span(first.article, hand, "quote", text="word0 word1")
    long = short_claims(hand, "word0 word1 word2 word3 word4")

    done = decide([first, second, far[0], *figures, quote, *long], ada, verdict, **details)

    assert {skipped.span.pk for skipped in done.skipped} == {first.pk, second.pk}
    assert kinds(done) == {"one by one": WHY_ONE_BY_ONE}
    assert states([first, second]) == ["proposed"] * 2
    assert set(states([far[0], *figures, quote, *long])) == {after}
    in_order()


def test_short_claims_are_told_apart_from_all_that_the_request_names(ada, hand, monkeypatch):
    monkeypatch.setattr(_many, "CHUNK", 1)
    spans = short_claims(hand, "word0 word1")
    others = short_claims(hand, "word4")[:1] + short_claims(hand, "word5")[:1]
    request_id = uuid4()
    for _ in range(3):
        deed = make_deed(ada, request_id)
        done = decide([spans[0], *others, spans[1]], ada, deed=deed, at_most=1)
    assert states(spans) == ["proposed"] * 2
    assert (done.remaining, set(states(others))) == (0, {"approved"})
    assert counted(done.skipped) == "skipped 2: 2 one by one"


# Who may, and what it needs


def test_only_reviewers_decide_and_nothing_is_left_of_what_others_try(hand):
    span = make_span()
    with refused(NotPermitted, "Only reviewers"):
        decide([span], hand)


@pytest.mark.parametrize(
    ("verdict", "details", "sentence"),
    [
        ("reject", {}, "Choose why it is rejected."),
        ("reject", {"reason": "dull"}, "Choose why it is rejected."),
        ("send_back", {"comment": " "}, "Say what the annotator should look at."),
        ("approve", {"comment": "\x00"}, "It holds a character that nobody can read."),
        ("amend", {}, "There is no such verdict."),
        ("", {}, "There is no such verdict."),
    ],
)
def test_a_verdict_that_lacks_what_it_needs_is_refused_as_a_whole(verdict, details, sentence, ada):
    span = make_span()
    with refused(Invalid, sentence):
        decide([span], ada, verdict, **details)


def test_a_verdict_on_nothing_is_refused(ada):
    with refused(Invalid, "Tick at least one span."):
        decide([], ada)


def test_where_nothing_was_done_no_deed_is_left(ada):
    span = make_span(author=ada)
    with refused(NothingDone, "Nothing was rejected · skipped 1: 1 your own."):
        decide([span], ada, "reject", reason="other")


# Again, and on


def test_the_same_request_again_is_the_same_deed_and_writes_nothing(ada, hand):
    spans = spans_of(*submitted(), author=hand)
    own = make_span(spans[0].article, ada)
    deed = make_deed(ada)
    first = decide([*spans, own], ada, deed=deed)
    before = everything()
    again = decide([own, *spans], ada, deed=make_deed(ada, deed.request_id))
    assert everything() == before
    assert (again.deed, again.repeated, again.remaining) == (first.deed, True, 0)
    assert set(again.spans) == set(first.spans)
    assert counted(again.skipped) == counted(first.skipped) == "skipped 1: 1 your own"


def test_the_same_request_with_other_contents_is_refused(ada, hand):
    spans = spans_of(*submitted(1), author=hand)
    deed = decide(spans[:2], ada).deed
    for asked, verdict, details in (
        (spans, "approve", {}),
        (spans[:2], "approve", {"comment": "Well."}),
        (spans[:2], "reject", {"reason": "other"}),
    ):
        with refused(Reused):
            decide(asked, ada, verdict, deed=make_deed(ada, deed.request_id), **details)


def test_a_long_list_is_done_in_several_requests_which_are_one_deed(ada, hand):
    spans = spans_of(*submitted(4), author=hand)
    own = [make_span(span.article, ada) for span in spans[::3]]
    asked = [*spans, *own]
    request_id = uuid4()
    remaining, told = [], []
    for number in range(1, 5):
        done = decide(asked, ada, deed=make_deed(ada, request_id), at_most=4)
        remaining.append(done.remaining)
        told.append((len(done.spans), len(done.skipped)))
        assert len(done.spans) == min(4 * number, 12)
    assert remaining == [11, 6, 1, 0]
    assert told == [(4, 1), (8, 2), (12, 3), (12, 4)]
    assert set(states(spans)) == {"approved"}
    assert Deed.objects.filter(action="approve").count() == 1
    in_order()

    undone = actions.undo(target=done.deed.pk, deed=make_deed(ada))
    assert (len(undone.spans), set(states(spans))) == (12, {"proposed"})
    in_order()


def test_a_deed_that_was_undone_meanwhile_goes_no_further(ada, hand):
    spans = spans_of(*submitted(), author=hand)
    deed = make_deed(ada)
    first = decide(spans, ada, deed=deed, at_most=2)
    undone = actions.undo(target=first.deed.pk, deed=make_deed(ada))
    for _ in range(2):
        with refused(Illegal, "This was undone meanwhile, so no more was approved."):
            decide(spans, ada, deed=make_deed(ada, deed.request_id))
        undone = actions.undo(target=undone.deed.pk, deed=make_deed(ada))  # and when done again


def test_chunks_that_failed_leave_those_before_them(ada, hand, monkeypatch):
    monkeypatch.setattr(_many, "CHUNK", 2)
    spans = spans_of(*submitted(), author=hand)
    deed, write = make_deed(ada), _many.write_spans
    calls = iter([write, None])

    def fail(*args, **kwargs):
        if next(calls) is None:
            raise IntegrityError("the disk is full")
        return write(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(_many, "write_spans", fail)
        with pytest.raises((IntegrityError, StopIteration)):
            decide(spans, ada, deed=deed)
    assert states(spans).count("approved") == 2
    done = decide(spans, ada, deed=make_deed(ada, deed.request_id))
    assert len(done.spans) == len(spans)
    assert set(states(spans)) == {"approved"}


def test_a_failure_that_is_not_the_same_request_is_not_hidden(ada, hand, monkeypatch):
    def fail(*_, **__):
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(_many, "write_spans", fail)
    with pytest.raises(IntegrityError):
        decide(spans_of(*submitted(1), author=hand), ada)


def test_the_first_of_the_chunks_may_skip_all_of_its_spans(ada, hand, monkeypatch):
    monkeypatch.setattr(_many, "CHUNK", 2)
    article, other = submitted()
    own = [make_span(article, ada) for _ in range(4)]
    spans = spans_of(other, author=hand)
    done = decide([*own, *spans], ada, at_most=1)
    assert (len(done.spans), len(done.skipped), done.remaining) == (1, 4, 2)
    assert Deed.objects.filter(action="approve").count() == 1


def test_a_span_that_comes_twice_is_decided_once(ada, hand):
    span = make_span(author=hand)
    assert len(decide([span, span], ada).spans) == 1


# Articles, groups, undo


def test_a_reviewed_article_that_gets_spans_sent_back_is_reopened_once(ada, hand):
    article = make_article(TEN)
    spans = spans_of(article, author=hand)
    before = Article.objects.get(pk=article.pk).revision
    decide(spans, ada, "send_back", comment="Hm.")
    article.refresh_from_db()
    assert (article.revision, article.sent_back, article.proposed) == (before + 1, 3, 0)
    in_order()


def test_undo_takes_all_back_and_passes_over_what_changed_and_what_rests(ada, hand):
    first, second = submitted()
    spans = spans_of(first, second, author=hand)
    done = decide(spans, ada)
    actions.reopen(span=spans[0].uid, seen=2, deed=make_deed(make_user(reviewer=True)))
    actions.set_aside(
        article=second.slug,
        seen=Article.objects.get(pk=second.pk).revision,
        reason="Twice.",
        deed=make_deed(hand),
    )
    undone = actions.undo(target=done.deed.pk, deed=make_deed(ada))
    assert [span.pk for span in undone.spans] == [spans[1].pk, spans[2].pk]
    assert [skipped.why for skipped in undone.skipped] == [
        "It has changed since.",
        *["This article is set aside, so its spans rest."] * 3,
    ]
    assert states(spans) == ["proposed"] * 3 + ["approved"] * 3
    in_order()
    redone = actions.undo(target=undone.deed.pk, deed=make_deed(ada))
    assert len(redone.spans) == 2
    in_order()


def test_where_all_of_its_articles_rest_nothing_is_undone(ada, hand):
    (article,) = submitted(1)
    done = decide(spans_of(article, author=hand), ada)
    actions.set_aside(
        article=article.slug,
        seen=Article.objects.get(pk=article.pk).revision,
        reason="Twice.",
        deed=make_deed(hand),
    )
    with refused(Illegal, "so its spans rest"):
        actions.undo(target=done.deed.pk, deed=make_deed(ada))


def test_the_groups_of_many_articles_are_counted_together(ada, hand):
    articles = submitted(3, "we won, they lost")
    spans = [make_span(article, hand, "figure", text="we won") for article in articles]
    group = TextGroup.objects.get()
    assert group.waiting == 3
    done = decide(spans, ada)
    group.refresh_from_db()
    assert group.waiting == 0
    actions.undo(target=done.deed.pk, deed=make_deed(ada))
    group.refresh_from_db()
    assert group.waiting == 3
    in_order()


# What it costs


def cost(act, *args, **kwargs):
    with CaptureQueriesContext(connection) as sent:
        act(*args, **kwargs)
    return [
        re.sub(r"[\d.]+|'[^']*'|%s|, ", "", query["sql"])[:40] for query in sent.captured_queries
    ]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_it_takes_no_more_statements_for_more_spans_of_an_article(verdict, ada, hand):
    details, _ = VERDICTS[verdict]
    costs = []
    for number in (3, 3, 45):  # the first asks for what is asked for only once
        (article,) = submitted(1, " ".join(f"word{at}" for at in range(50)))
        spans = spans_of(article, author=hand, number=number)
        deed = make_deed(ada)
        costs.append(
            (
                len(cost(decide, spans, ada, verdict, deed=deed, **details)),
                len(cost(actions.undo, target=deed.pk, deed=make_deed(ada))),
            )
        )
    assert costs[1] == costs[2]
    assert max(costs[2]) < 40


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_approve_overlapping_lists_each_span_is_approved_once_and_by_another(
    monkeypatch,
):
    monkeypatch.setattr(_many, "CHUNK", 7)
    people = [make_user(annotator=True, reviewer=True) for _ in range(8)]
    articles = submitted(6, "we won, " * 8)
    places = [Extent(at, at + 6) for at in range(0, 64, 8)]
    spans = [
        make_span(article, people[(number + place) % 8], "figure", extent=extent)
        for number, article in enumerate(articles)
        for place, extent in enumerate(places)
    ]
    chance, jobs, asked = Random(1), [], Counter()
    for person in people:
        mine = chance.sample(spans, 40)
        asked.update(span.pk for span in mine if span.author != person)
        jobs.append(partial(decide, mine, Person.objects.get(pk=person.pk)))

    done, refusals = sorted_out(at_once(jobs))

    assert {type(refusal) for refusal in refusals} <= {NothingDone}
    decided = Counter(span.pk for each in done for span in each.spans)
    assert decided == dict.fromkeys(asked, 1)
    for span in Span.objects.filter(pk__in=asked):
        assert (span.state, span.revision) == ("approved", 2)
        assert span.decided_by not in (None, span.author)
    assert Event.objects.filter(action="approve").count() == len(asked)
    sound()
    in_order()


@pytest.mark.django_db(transaction=True)
def test_the_same_request_sent_eight_times_at_once_is_one_deed(ada, monkeypatch):
    monkeypatch.setattr(_many, "CHUNK", 3)
    hand = make_user(annotator=True)
    spans = spans_of(*submitted(4), author=hand)
    request_id = uuid4()
    jobs = [partial(decide, spans, ada, deed=make_deed(ada, request_id)) for _ in range(8)]

    done, refusals = sorted_out(at_once(jobs))

    assert refusals == []
    assert {each.deed.pk for each in done} == {Deed.objects.get(action="approve").pk}
    assert all(each.skipped == () for each in done)
    assert Event.objects.filter(action="approve").count() == len(spans)
    sound()
    in_order()


@pytest.mark.django_db(transaction=True)
def test_deeds_on_the_same_articles_and_groups_at_once_wait_for_nobody_for_ever(monkeypatch):
    """Batches, their undoing and single verdicts, all of them on the same few text groups."""
    monkeypatch.setattr(_many, "CHUNK", 4)
    hand = make_user(annotator=True)
    people = [make_user(reviewer=True) for _ in range(6)]
    articles = submitted(6, "we won, they lost, all left, none came")
    words = ["we won", "they lost", "all left", "none came"]
    spans = [
        make_span(article, hand, "figure", text=text) for article in articles for text in words
    ]
    chance = Random(2)

    def work(person, order):
        done = decide(order[:16], person)
        if done.spans:
            actions.undo(target=done.deed.pk, deed=make_deed(person))
        return done

    jobs = [
        partial(work, Person.objects.get(pk=person.pk), chance.sample(spans, 24))
        for person in people
    ]
    _, refusals = sorted_out(at_once(jobs))
    assert all(isinstance(refusal, Refusal) for refusal in refusals), refusals
    sound()
    in_order()


def test_the_moment_of_the_decision_is_that_of_the_deed_in_each_request(ada, hand):
    spans = spans_of(*submitted(1), author=hand)
    deed = make_deed(ada)
    decide(spans, ada, deed=deed, at_most=1)
    again = make_deed(ada, deed.request_id)
    again.at += timedelta(hours=1)
    decide(spans, ada, deed=again)
    assert set(Span.objects.values_list("decided_at", flat=True)) == {deed.at}

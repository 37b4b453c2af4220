"""The review's queue: what every deed, its undo and its redo leave on spans, articles, groups."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions, triggers
from annotations.actions import Change, Marked, Particulars
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.fingerprints import attributes_group, text_group
from annotations.domain.lifecycle import ArticleState, State
from annotations.domain.occurrences import elsewhere
from annotations.models import Outlet, Span, Story, TextGroup
from annotations.models.spans import NO_STORY
from annotations.queries import integrity
from tests.factories import TEXT, make_article, make_deed, make_label, make_span, make_user

pytestmark = pytest.mark.django_db

A, S = ArticleState, State
MONDAY = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
SPEAKER = Attribute("speaker", "Speaker", Kind.ANCHORED)
FORM = Attribute("form", "Form", Kind.CHOICE, ("direct", "scare"))
CHORUS = "we won. We won? Yes, we won! Have I said that we won?"
# How a proposed span waits in an article of each state.
WAITING = {
    A.OPEN: "early",
    A.IN_PROGRESS: "early",
    A.SUBMITTED: "review",
    A.REOPENED: "review",
    A.REVIEWED: "",
    A.SET_ASIDE: "",
}


def extent_of(words, text=TEXT):
    start = text.index(words)
    return Extent(start, start + len(words))


def to(words, **more):
    return Change(extent=extent_of(words), text=words, **more)


BRIDGE = to("the bridge")


def now(thing):
    return type(thing).objects.get(pk=thing.pk)


def deed_at(hour, actor):
    """A deed of that person, so many hours after the beginning."""
    deed = make_deed(actor)
    deed.at = MONDAY + timedelta(hours=hour)
    return deed


def do(act, thing, actor, hour=0, **details):
    """That deed on the span or article as it is now."""
    which = {"span": thing.uid} if isinstance(thing, Span) else {"article": thing.slug}
    return act(**which, seen=now(thing).revision, deed=deed_at(hour, actor), **details)


def undo(done, hour=0):
    return actions.undo(target=done.deed.pk, deed=deed_at(hour, done.deed.actor))


def make_propose(article, actor, words="the bridge", *, label="quote", hour=0, **details):
    make_label(label)
    extent = extent_of(words, article.text)
    return actions.propose(
        article=article.slug,
        label=label,
        extent=extent,
        text=words,
        deed=deed_at(hour, actor),
        **details,
    )


def check(article):
    """Every copy is what it was copied from, here and everywhere.

    Written down a second time, with none of what the deeds use; and then what check_integrity says.
    """
    article = now(article)
    spans = article.spans.filter(layer=None).select_related("group")
    for span in spans:
        waiting = WAITING[article.state] if span.state == "proposed" else ""
        assert span.waiting == waiting
        assert (span.waiting_since is not None) is (waiting == "review")
        if waiting == "review":
            assert (span.group.text_group, span.group.label_id, span.group.attributes_group) == (
                text_group(span.text),
                span.label_id,
                attributes_group(span.attributes),
            )
        else:
            assert span.group is None
        assert (span.outlet_id, span.story_rank) == (
            article.outlet_id,
            article.story_id or 4611686018427387904,
        )
    states = Counter(span.state for span in spans)
    assert (article.proposed, article.sent_back) == (states["proposed"], states["sent_back"])
    for group in TextGroup.objects.all():
        assert group.waiting == Span.objects.filter(waiting="review", group=group).count()
    assert list(integrity.breaches(Counter())) == []


@pytest.fixture(autouse=True)
def _rows_only(monkeypatch):
    """No deed changes the schema, which takes longest to look at."""
    monkeypatch.setattr(triggers, "breaches", lambda _: [])
    monkeypatch.setattr(integrity, "_missing_constraints", list)


@pytest.fixture
def hand():
    """Annotator, reviewer and importer: nothing is refused for who they are."""
    return make_user(annotator=True, reviewer=True, importer=True)


# Deeds on a span: the state it is in, the deed, whether no verdict was answered afterwards.
DEEDS = {
    "accept": (S.SUGGESTED, actions.accept, {}, True),
    "accept with a change": (S.SUGGESTED, actions.accept, {"change": BRIDGE}, True),
    "dismiss": (S.SUGGESTED, actions.dismiss, {}, True),
    "restore a suggestion": (S.DISMISSED, actions.restore, {}, True),
    "edit": (S.PROPOSED, actions.edit, {"change": BRIDGE}, True),
    "edit what was sent back": (S.SENT_BACK, actions.edit, {"change": BRIDGE}, False),
    "edit what was rejected": (
        S.REJECTED,
        actions.edit,
        {"change": BRIDGE, "comment": "So."},
        False,
    ),
    "edit what was approved": (S.APPROVED, actions.edit, {"change": BRIDGE}, True),
    "answer what was sent back": (S.SENT_BACK, actions.answer, {"comment": "No."}, False),
    "answer what was rejected": (S.REJECTED, actions.answer, {"comment": "No."}, False),
    "approve": (S.PROPOSED, actions.approve, {}, True),
    "amend": (S.PROPOSED, actions.amend, {"change": BRIDGE}, True),
    "reject": (S.PROPOSED, actions.reject, {"reason": "other"}, True),
    "reject what was sent back": (S.SENT_BACK, actions.reject, {"reason": "other"}, True),
    "send back": (S.PROPOSED, actions.send_back, {"comment": "Hm."}, True),
    "reopen what was approved": (S.APPROVED, actions.reopen, {}, True),
    "reopen what was rejected": (S.REJECTED, actions.reopen, {}, True),
    "withdraw": (S.PROPOSED, actions.withdraw, {}, True),
    "withdraw what was sent back": (S.SENT_BACK, actions.withdraw, {}, True),
    "restore": (S.WITHDRAWN, actions.restore, {}, True),
}


@pytest.mark.parametrize("state", [A.IN_PROGRESS, A.SUBMITTED, A.REOPENED])
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_after_a_deed_its_undo_and_its_redo_the_copies_are_right(deed, state, hand):
    before, act, needs, fresh = deed
    article = make_article(state=state, outlet="Daily", story="A bridge")
    span = make_span(article, state=before, reviewer=hand)
    actor = span.author if act is actions.withdraw or before is S.WITHDRAWN else hand
    check(article)
    assert now(span).fresh is True

    done, since = None, now(span).waiting_since
    for hour, is_fresh in enumerate([fresh, True, fresh, True]):
        done = do(act, span, actor, hour, **needs) if done is None else undo(done, hour)
        check(article)
        after = now(span)
        assert after.fresh is is_fresh
        if after.waiting == "review":  # since then, or since before, if it waited before
            assert after.waiting_since == (since or done.deed.at)
        since = after.waiting_since
    assert (after.state, after.waiting, after.group) == (before, span.waiting, span.group)


@pytest.mark.parametrize("state", [A.OPEN, A.IN_PROGRESS, A.SUBMITTED, A.REVIEWED, A.REOPENED])
def test_a_proposal_waits_as_its_article_stands_from_then_on(state, hand):
    article = make_article(state=state, reviewer=hand, outlet="Daily")
    done = make_propose(article, hand, hour=1)
    check(article)
    waiting = WAITING[now(article).state]
    span = now(done.span)
    assert span.waiting == waiting != ""
    assert span.waiting_since == (done.deed.at if waiting == "review" else None)

    undone = undo(done, 2)
    check(article)
    assert now(article).state == state
    assert now(done.span).waiting == ""

    redone = undo(undone, 3)
    check(article)
    span = now(done.span)
    assert span.waiting_since == (redone.deed.at if waiting == "review" else None)


def test_an_edit_in_a_reviewed_article_waits_and_who_signed_it_off_may_undo_that(hand):
    article = make_article()
    span = make_span(article, state=S.APPROVED, reviewer=hand)
    do(actions.submit, article, make_user(annotator=True))
    do(actions.sign_off, article, hand, nothing_missing=True)
    check(article)

    done = do(actions.edit, span, hand, 1, change=BRIDGE)
    check(article)
    assert (now(article).state, now(span).waiting) == ("reopened", "review")
    assert now(span).waiting_since == done.deed.at
    undo(done)
    check(article)
    assert (now(article).state, now(span).state) == ("reviewed", "approved")


@pytest.mark.parametrize("state", [A.OPEN, A.SUBMITTED])
def test_a_suggestion_waits_for_nobody_in_the_queue(state, hand):
    article = make_article(state=state, outlet="Daily", story="A bridge")
    span = make_span(article, state=S.SUGGESTED)
    check(article)
    assert (now(span).waiting, now(article).proposed) == ("", 0)
    assert not TextGroup.objects.exists()


def test_what_an_import_suggests_has_its_articles_outlet_and_story_and_does_not_wait(hand):
    make_label()
    known = Particulars(slug="brought-in", outlet="Daily", story="A bridge")
    extent = extent_of("the bridge")
    machine = actions.deed_of_machine("import:file")
    actions.add_article(
        text=TEXT,
        particulars=known,
        suggestions=[Marked("quote", extent, "the bridge")],
        deed=machine,
    )
    span = Span.objects.get()
    assert (span.outlet, span.story_rank) == (Outlet.objects.get(), Story.objects.get().pk)
    assert (span.waiting, span.group, span.fresh) == ("", None, True)
    check(span.article)
    do(actions.submit, span.article, hand)
    check(span.article)
    do(actions.accept, span, hand)
    check(span.article)
    assert now(span).waiting == "review"


def test_a_span_of_no_story_comes_after_those_of_one():
    span = make_span(make_article(story=""))
    assert now(span).story_rank == NO_STORY == 2**62


# What was answered.


def test_what_was_answered_once_stays_so_until_that_is_undone(hand):
    article = make_article(state=A.SUBMITTED)
    span = make_span(article, state=S.SENT_BACK)
    answered = do(actions.answer, span, span.author, comment="It is right.")
    later = [
        do(actions.approve, span, hand),
        do(actions.reopen, span, hand),
        do(actions.withdraw, span, span.author),
        do(actions.restore, span, span.author),
        do(actions.edit, span, hand, change=BRIDGE),
    ]
    assert now(span).fresh is False
    for done in reversed(later):
        undo(done)
        assert now(span).fresh is False
        check(article)
    undo(answered)
    assert now(span).fresh is True
    check(article)


def test_reopening_a_verdict_is_no_answer_to_it(hand):
    span = make_span(state=S.REJECTED)
    do(actions.reopen, span, hand)
    do(actions.edit, span, hand, change=BRIDGE)
    assert now(span).fresh is True


# Since when it waits.


def test_a_span_waits_since_it_began_to_whatever_is_done_to_it_meanwhile(hand):
    article = make_article(state=A.SUBMITTED)
    span = make_propose(article, hand, hour=1).span
    do(actions.edit, span, hand, 2, change=to("the bridge", attributes={}, label=_label("claim")))
    make_propose(article, hand, "5 million", hour=3)
    do(actions.describe_article, article, hand, 4, particulars=Particulars(title="T", outlet="O"))
    assert now(span).waiting_since == MONDAY + timedelta(hours=1)


def _label(slug):
    return make_label(slug).slug


# Deeds on an article.


def a_full_article(state, hand):
    """An article taken to that state by `hand`, with a span in every state that it can have."""
    make_label(attributes=[FORM])
    article = make_article(outlet="Daily", story="A bridge")
    unsettled = [S.PROPOSED, S.SENT_BACK]
    left_out = {S.MERGED, *(unsettled if state in (A.REVIEWED, A.REOPENED) else ())}
    for span in sorted(set(S) - left_out):
        make_span(article, state=span)
    submit = (actions.submit, {})
    sign_off = (actions.sign_off, {"nothing_missing": True})
    ways = {
        A.IN_PROGRESS: [],
        A.SUBMITTED: [submit],
        A.REVIEWED: [submit, sign_off],
        A.REOPENED: [submit, sign_off, (actions.reopen_article, {})],
        A.SET_ASIDE: [submit, (actions.set_aside, {"reason": "A twin."})],
    }
    for act, needs in ways[state]:
        do(act, article, hand, **needs)
    if state is A.REOPENED:
        for span in unsettled:
            make_span(article, state=span)
    if state in (A.IN_PROGRESS, A.SUBMITTED, A.REOPENED):
        make_span(article, attributes={"form": "direct"})
    return article


ELSEWHERE = Particulars(title="A title", outlet="Weekly", story="A tunnel")
ARTICLE_DEEDS = {
    "submit": (A.IN_PROGRESS, actions.submit, {}),
    "take back": (A.SUBMITTED, actions.take_back, {}),
    "sign off": (A.REVIEWED, None, {}),
    "reopen": (A.REVIEWED, actions.reopen_article, {}),
    "set aside, in progress": (A.IN_PROGRESS, actions.set_aside, {"reason": "A twin."}),
    "set aside, submitted": (A.SUBMITTED, actions.set_aside, {"reason": "A twin."}),
    "set aside, reviewed": (A.REVIEWED, actions.set_aside, {"reason": "A twin."}),
    "set aside, reopened": (A.REOPENED, actions.set_aside, {"reason": "A twin."}),
    "restore": (A.SET_ASIDE, actions.restore_article, {}),
    **{
        f"describe, {state.words}": (state, actions.describe_article, {"particulars": ELSEWHERE})
        for state in (A.IN_PROGRESS, A.SUBMITTED, A.REVIEWED, A.REOPENED, A.SET_ASIDE)
    },
    "forget outlet and story": (
        A.SUBMITTED,
        actions.describe_article,
        {"particulars": Particulars(title="A title")},
    ),
}


@pytest.mark.parametrize("deed", ARTICLE_DEEDS.values(), ids=ARTICLE_DEEDS)
def test_after_a_deed_on_an_article_its_undo_and_its_redo_the_copies_are_right(deed, hand):
    state, act, needs = deed
    article = a_full_article(state, hand)
    check(article)
    done = None if act else now_signed_off(article)
    for hour in range(1, 5):
        since = waiting_since(article)
        done = do(act, article, hand, hour, **needs) if done is None else undo(done, hour)
        check(article)
        for span, began in waiting_since(article).items():
            assert began == since.get(span, done.deed.at)


def now_signed_off(article):
    """The deed that signed it off, as if done just now."""
    event = article.events.get(span=None, action="review")
    return actions.Done(event.deed, article)


def waiting_since(article):
    """Since when each waits of those that do."""
    return dict(article.spans.filter(waiting="review").values_list("pk", "waiting_since"))


def test_describing_an_article_moves_its_own_spans_and_no_others(hand):
    known = {"outlet": "Daily", "story": "A bridge"}
    spans = [make_span(make_article(state=A.SUBMITTED, **known)) for _ in range(2)]
    do(actions.describe_article, spans[0].article, hand, particulars=ELSEWHERE)
    moved, kept = map(now, spans)
    assert moved.outlet == Outlet.objects.get(slug="weekly")
    assert moved.story_rank == Story.objects.get(slug="a-tunnel").pk
    assert kept.outlet == Outlet.objects.get(slug="daily")
    assert kept.story_rank == Story.objects.get(slug="a-bridge").pk
    assert moved.revision == spans[0].revision  # nothing of it is the span's own


# Text groups.


def test_the_same_words_in_two_articles_wait_in_one_text_group(hand):
    articles = [make_article(state=A.SUBMITTED) for _ in range(2)]
    one, other = (make_propose(article, make_user(annotator=True)).span for article in articles)
    group = TextGroup.objects.get()
    assert group.waiting == 2
    assert now(one).group == now(other).group == group

    approved = do(actions.approve, one, hand)
    assert now(group).waiting == 1
    do(actions.send_back, other, hand, comment="Hm.")
    assert now(group).waiting == 0
    undo(approved)
    assert now(group).waiting == 1
    assert now(one).group == group
    do(actions.answer, other, hand, comment="No.")
    assert now(group).waiting == 2
    do(actions.set_aside, articles[0], hand, reason="A twin.")
    assert now(group).waiting == 1
    do(actions.restore_article, articles[0], hand)
    assert now(group).waiting == 2
    for article in articles:
        check(article)
    assert TextGroup.objects.get() == group


def test_attributes_that_differ_only_in_where_a_value_stands_are_one_text_group(hand):
    make_label(attributes=[SPEAKER, FORM])
    text = "Li said “no” once. And Li said “no” again; Lo said “no” last."
    article = make_article(text, state=A.SUBMITTED)
    places = [extent_of("“no”", text)]
    places += elsewhere(text, places[0])
    spans = []
    for place, (who, at) in zip(places, (("Li", 0), ("li", 23), ("Lo", 43)), strict=True):
        speaker = {"value": who, "start": at, "end": at + 2}
        spans.append(make_span(article, extent=place, attributes={"speaker": speaker}))
    check(article)
    assert now(spans[0]).group == now(spans[1]).group != now(spans[2]).group
    assert now(spans[0]).group.waiting == 2

    anchor = {"speaker": {"value": "Li", "start": 23, "end": 25}}
    do(actions.edit, spans[0], hand, change=Change(attributes=anchor))
    check(article)
    assert now(spans[0]).group == now(spans[1]).group
    do(actions.edit, spans[0], hand, change=Change(attributes=anchor | {"form": "direct"}))
    check(article)
    assert TextGroup.objects.filter(waiting=1).count() == 3


CHANGES = {
    "words": BRIDGE,
    "label": Change(label="claim"),
    "attributes": Change(attributes={"form": "scare"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_span_with_other_words_label_or_attributes_waits_in_another_text_group(change, hand):
    make_label(attributes=[FORM])
    make_label("claim")
    article = make_article(state=A.SUBMITTED)
    span = make_span(article)
    left = now(span).group
    edited = do(actions.edit, span, hand, change=change)
    check(article)
    assert now(span).group not in (None, left)
    assert (now(left).waiting, now(span).group.waiting) == (0, 1)
    undo(edited)
    check(article)
    assert now(span).group == left


def test_marking_all_like_this_counts_them_all_and_undoing_it_none(hand):
    article = make_article(CHORUS, state=A.SUBMITTED, outlet="Daily")
    span = make_span(article, text="we won")
    others = elsewhere(CHORUS, span.extent)
    assert len(others) > 1
    act = {"act": actions.mark_like, "thing": span, "actor": hand, "extents": others}
    done = do(**act, hour=1)
    check(article)
    group = now(span).group
    assert group.waiting == now(article).proposed == 1 + len(others)
    assert {now(each).waiting_since for each in done.spans} == {done.deed.at}
    undone = undo(done)
    check(article)
    assert now(group).waiting == now(article).proposed == 1
    undo(undone)
    check(article)
    assert now(group).waiting == 1 + len(others)


def test_what_is_passed_over_as_a_twin_is_not_counted(hand):
    article = make_article(CHORUS, state=A.SUBMITTED)
    span = make_span(article, text="we won")
    place, *others = elsewhere(CHORUS, span.extent)
    done = do(actions.mark_like, span, hand, extents=[place, *others])
    undone = undo(done)
    make_span(article, extent=place)  # by another hand, meanwhile
    redone = undo(undone)
    assert len(redone.skipped) == 1
    check(article)
    undo(redone)
    check(article)

    done = do(actions.mark_like, span, hand, extents=[place, *others])
    assert len(done.spans) == len(others)
    check(article)


def test_what_somebody_works_on_by_themselves_neither_waits_nor_counts(hand):
    article = make_article(state=A.SUBMITTED, annotator=hand)
    span = make_span(article, text="the bridge")
    hidden, event = now(span), span.events.get()  # no deed works in a layer yet
    hidden.pk, hidden.uid, hidden.layer = None, uuid4(), span.author
    hidden.waiting, hidden.waiting_since, hidden.group = "", None, None
    hidden.save(force_insert=True)
    event.pk, event.span = None, hidden
    event.save(force_insert=True)
    check(article)

    def look():
        check(article)
        assert (now(hidden).waiting, now(hidden).group) == ("", None)
        assert (now(article).proposed, now(article).sent_back) == (1, 0)

    reviewer = make_user(reviewer=True)
    for act, thing, actor, needs in (
        (actions.edit, hidden, hand, {"change": to("5 million")}),
        (actions.take_back, article, hand, {}),
        (actions.edit, hidden, hand, {"change": to("reporters")}),
        (actions.submit, article, hand, {}),
        (actions.send_back, hidden, reviewer, {"comment": "Hm."}),
        (actions.answer, hidden, hand, {"comment": "No."}),
        (actions.approve, hidden, reviewer, {}),
        (actions.reopen, hidden, reviewer, {}),
        (actions.set_aside, article, hand, {"reason": "A twin."}),
        (actions.restore_article, article, hand, {}),
    ):
        done = do(act, thing, actor, **needs)
        look()
        undone = undo(done)
        look()
        undo(undone)
        look()


# What it costs.


def statements(act, *args, **kwargs):
    """The statements that a deed sends, and which of them are about text groups."""
    with CaptureQueriesContext(
        connection,
    ) as sent:
        act(*args, **kwargs)
    lines = [query["sql"] for query in sent]
    return lines, [line for line in lines if "annotations_textgroup" in line]


@pytest.mark.parametrize("state", [A.OPEN, A.IN_PROGRESS])
def test_while_an_article_is_worked_in_no_deed_asks_for_text_groups(state, hand):
    make_label()
    article = make_article(state=state)
    _, about_groups = statements(make_propose, article, make_user(annotator=True))
    span = Span.objects.get()
    for act, needs in (
        (actions.edit, {"change": to("5 million")}),
        (actions.send_back, {"comment": "Hm."}),
        (actions.answer, {"comment": "No."}),
    ):
        actor = make_user(reviewer=True) if act is actions.send_back else hand
        about_groups += statements(do, act, span, actor, **needs)[1]
    assert about_groups == []
    assert not TextGroup.objects.exists()


def test_a_tag_in_a_submitted_article_costs_the_same_however_many_wait_there(hand):
    words = [f"w{number}" for number in range(40)]
    article = make_article(" ".join(words), state=A.SUBMITTED)
    make_propose(article, hand, words[0])  # what is asked only once
    first, _ = statements(make_propose, article, hand, words[1])
    for word in words[2:39]:
        make_propose(article, hand, word)
    last, _ = statements(make_propose, article, hand, words[39])
    assert len(first) == len(last)


def an_article_with(number, hand, *, alike=False):
    words = [("w" if alike else f"w{at}") for at in range(number)]
    article = make_article(" ".join(words), outlet="Daily")
    make_label()
    start = 0
    for word in words:
        extent = Extent(start, start + len(word))
        actions.propose(
            article=article.slug, label="quote", extent=extent, text=word, deed=make_deed(hand)
        )
        start += len(word) + 1
    return article


@pytest.mark.parametrize("alike", [False, True], ids=["in as many groups", "in one group"])
def test_submitting_describing_and_setting_aside_cost_no_statement_a_span(alike, hand):
    do(actions.describe_article, make_article(), hand, particulars=ELSEWHERE)  # made only once
    few, many = (an_article_with(number, hand, alike=alike) for number in (30, 300))
    for act, needs in (
        (actions.submit, {}),
        (actions.describe_article, {"particulars": ELSEWHERE}),
        (actions.set_aside, {"reason": "A twin."}),
        (actions.restore_article, {}),
        (actions.take_back, {}),
    ):
        costs = [len(statements(do, act, each, hand, **needs)[0]) for each in (few, many)]
        # Django gives SQLite 999 values a statement, which are fewer than 300 rows.
        assert costs[1] <= costs[0] + (3 if connection.vendor == "sqlite" else 0), act
    check(many)

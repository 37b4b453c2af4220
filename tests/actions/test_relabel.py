"""Many spans of a label changed at once: what becomes of each, what is left, and undoing it."""

from collections import Counter
from copy import copy
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from annotations import actions, triggers
from annotations.actions import Approvals, Change, LabelChange
from annotations.actions import _many as many
from annotations.actions.relabel import Foreseen, foresee
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.checks import Concern
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import Action, ArticleState, State
from annotations.domain.refusals import Illegal, Invalid, NothingDone, NotPermitted, Reused
from annotations.models import Article, Deed, Event, Label, Span
from annotations.queries.integrity import breaches
from tests.factories import TEXT, make_article, make_deed, make_label, make_span, make_user
from tests.refusals import everything, refused

pytestmark = pytest.mark.django_db

FORM = Attribute("form", "Form", Kind.CHOICE, ("direct", "scare"))
SURE = Attribute("sure", "Sure", Kind.YES_NO)
NOTE = Attribute("note", "Note", Kind.TEXT)
SPEAKER = Attribute("speaker", "Speaker", Kind.TEXT, required=True)
TO_CLAIM = LabelChange(label="claim")
STAND, REOPEN = Approvals.STAND, Approvals.REOPEN


@pytest.fixture
def boss():
    return make_user("boss", superuser=True)


@pytest.fixture(autouse=True)
def labels():
    make_label("quote", attributes=[FORM, SURE, NOTE])
    make_label("claim", guideline_revision=7, attributes=[NOTE])


def seen(*spans):
    return [(span.uid, now(span).revision) for span in spans]


def now(thing):
    return type(thing).objects.get(pk=thing.pk)


def change(actor, spans, wanted=TO_CLAIM, approvals=REOPEN, **more):
    """Change them as they are now. spans: or pairs of what was seen."""
    pairs = [span if isinstance(span, tuple) else seen(span)[0] for span in spans]
    given = {"spans": pairs, "change": wanted, "approvals": approvals}
    return actions.change_many(**given | {"deed": make_deed(actor)} | more)


def kinds(done):
    return Counter(each.kind for each in done.skipped)


def look(actor, spans, wanted=TO_CLAIM, approvals=REOPEN):
    """What is foreseen, which must be what comes of it, and writes nothing."""
    before = everything()
    foreseen = Foreseen()
    foresee(foreseen, [span.uid for span in spans], wanted, approvals, actor)
    assert everything() == before
    return foreseen


def both_ways(actor, spans, wanted=TO_CLAIM, approvals=REOPEN):
    """What was done, after checking that it was foreseen just so."""
    foreseen = look(actor, spans, wanted, approvals)
    was = {span.pk: State(now(span).state) for span in spans}
    done = change(actor, spans, wanted, approvals)
    assert foreseen.skipped == kinds(done)
    assert {uid for uid, _ in foreseen.spans} == {span.uid for span in done.spans}
    wrote = Event.objects.filter(deed=done.deed, span__isnull=False)
    assert foreseen.changed == Counter((was[each.span_id], Action(each.action)) for each in wrote)
    return done


def in_every_state(author=None):
    article = make_article(state=ArticleState.SUBMITTED)
    states = [state for state in State if state is not State.MERGED]
    return {state: make_span(article, author, state=state) for state in states}


# What becomes of each.


def test_what_waits_is_edited_and_the_rest_that_is_not_approved_is_left(boss):
    spans = in_every_state()
    done = both_ways(boss, spans.values())
    assert {State(span.state) for span in done.spans} == {State.PROPOSED}
    changed = {state for state, span in spans.items() if now(span).label.slug == "claim"}
    assert changed == {State.PROPOSED, State.SENT_BACK, State.APPROVED}
    for state in changed:
        span = now(spans[state])
        assert (span.state, span.last_editor, span.decided_by) == ("proposed", boss, None)
        assert span.fresh is (state is not State.SENT_BACK)
    assert kinds(done) == Counter(["suggested", "rejected", "withdrawn", "dismissed"])
    assert (done.deed.action, done.deed.actor) == ("edit", boss)


def test_approvals_stand_as_those_of_who_changes_the_spans(boss):
    span = make_span(state=State.APPROVED)
    done = both_ways(boss, [span], approvals=STAND)
    span = now(span)
    assert (span.state, span.label.slug, span.amended) == ("approved", "claim", True)
    assert (span.decided_by, span.decided_at, span.guideline_revision) == (boss, done.deed.at, 7)
    assert span.last_editor == span.author
    assert [event.action for event in done.deed.events.filter(span=span)] == ["amend"]


def test_a_reviewed_article_stays_so_where_approvals_stand_and_reopens_where_not(boss):
    for approvals, state in ((STAND, "reviewed"), (REOPEN, "reopened")):
        article = make_article(state=ArticleState.SUBMITTED)
        span = make_span(article, state=State.APPROVED)
        actions.sign_off(
            article=article.slug,
            seen=now(article).revision,
            nothing_missing=True,
            deed=make_deed(make_user(reviewer=True)),
        )
        change(boss, [span], approvals=approvals)
        assert now(article).state == state


def test_who_changes_the_spans_cannot_decide_on_them_after_that(boss):
    span = make_span()
    change(boss, [span])
    with refused(NotPermitted, "last hand on this span was yours"):
        actions.approve(span=span.uid, seen=2, deed=make_deed(boss))


def test_only_reopening_leaves_all_else_and_what_is_not_approved(boss):
    spans = in_every_state()
    done = both_ways(boss, spans.values(), LabelChange())
    assert [span.uid for span in done.spans] == [spans[State.APPROVED].uid]
    span = now(spans[State.APPROVED])
    assert (span.state, span.label.slug, span.last_editor) == ("proposed", "quote", span.author)
    assert (done.deed.action, kinds(done)["proposed"]) == ("reopen", 1)


def test_reopening_an_amended_span_makes_its_decider_the_last_hand(boss):
    span, reviewer = make_span(), make_user(reviewer=True)
    amended = Change(attributes={"note": "!"})
    actions.amend(span=span.uid, seen=1, change=amended, deed=make_deed(reviewer))
    change(boss, [span], LabelChange())
    assert now(span).last_editor == reviewer


# Attributes.


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("form", "scare", {"form": "scare", "note": "!"}),
        ("form", "unknown", {"form": "unknown", "note": "!"}),
        ("form", None, {"note": "!"}),
        ("sure", True, {"form": "direct", "note": "!", "sure": True}),
        ("note", "?", {"form": "direct", "note": "?"}),
    ],
)
def test_one_attribute_is_given_another_value_and_the_others_stay(key, value, stored, boss):
    span = make_span(attributes={"form": "direct", "note": "!"})
    both_ways(boss, [span], LabelChange(attribute=key, value=value))
    assert now(span).attributes == stored


@pytest.mark.parametrize(("key", "value"), [("form", "verse"), ("voice", "loud"), ("note", "\0")])
def test_a_value_that_does_not_fit_is_told(key, value, boss):
    span = make_span()
    with refused(NothingDone, "skipped 1: 1 that the value does not fit"):
        change(boss, [span], LabelChange(attribute=key, value=value))


def test_what_is_so_already_is_left(boss):
    here = make_span(label="claim"), make_span(attributes={"form": "scare"})
    for span, wanted in zip(here, (TO_CLAIM, LabelChange("", "form", "scare")), strict=True):
        assert look(boss, [span], wanted).skipped == {"so already": 1}
        with refused(NothingDone, "1 so already"):
            change(boss, [span], wanted)


def test_values_that_another_label_does_not_take_go_and_are_counted(boss):
    given = {"form": "direct", "note": "!"}
    spans = [make_span(attributes=given), make_span(attributes={"note": "!"})]
    assert look(boss, spans).dropped == {"form": 1}
    change(boss, spans)
    assert [now(span).attributes for span in spans] == [{"note": "!"}] * 2


# What stands in the way of each.


def test_an_approval_does_not_stand_as_that_of_its_last_editor(boss):
    own, others = make_span(author=boss, state=State.APPROVED), make_span(state=State.APPROVED)
    done = both_ways(boss, [own, others], approvals=STAND)
    assert [span.uid for span in done.spans] == [others.uid]
    assert kinds(done) == {"with your own last hand on it": 1}
    assert now(own).label.slug == "quote"


def test_an_approval_does_not_stand_without_what_its_new_label_requires(boss):
    make_label("rumour", attributes=[SPEAKER])
    span = make_span(state=State.APPROVED)
    waiting = make_span()
    done = both_ways(boss, [span, waiting], LabelChange("rumour"), STAND)
    assert kinds(done) == {"lacks a speaker": 1}
    assert [each.uid for each in done.spans] == [waiting.uid]


def test_warnings_of_an_approval_that_stands_are_waved_through_and_on_record(boss):
    span = make_span(extent=Extent(1, 8), state=State.APPROVED)
    assert look(boss, [span], approvals=STAND).waved == {Concern.CUTS_WORD: 1}
    change(boss, [span], approvals=STAND)
    assert Event.objects.latest("id").waved == ["cuts_word"]


@pytest.mark.parametrize("approvals", Approvals)
def test_what_would_be_a_twin_is_left_and_the_rest_done(approvals, boss):
    article = make_article()
    other = make_span(article, text="The mayor", label="claim")
    twin = make_span(article, text="The mayor", state=State.APPROVED)
    free = make_span(article, text="the bridge", state=State.APPROVED)
    done = both_ways(boss, [twin, free], approvals=approvals)
    assert kinds(done) == {"marked twice then": 1}
    assert done.skipped[0].why.startswith("These words are already marked as claim by")
    assert [now(span).label.slug for span in (other, twin, free)] == ["claim", "quote", "claim"]


def test_the_spans_of_an_article_that_rests_are_left(boss):
    resting, other = make_span(), make_span()
    article = now(resting.article)
    actions.set_aside(
        article=article.slug, seen=article.revision, reason="Twice.", deed=make_deed(boss)
    )
    done = both_ways(boss, [resting, other])
    assert kinds(done) == {"in articles that rest": 1}


def test_what_somebody_marks_in_a_layer_of_their_own_is_left(boss):
    span = make_span(state=State.WITHDRAWN)
    span.pk, span.uid, span.layer, span.state = None, uuid4(), span.author, State.PROPOSED
    span.revision = 1
    span.save(force_insert=True)
    with refused(NothingDone, "1 of others’ own layers"):
        change(boss, [span])


def test_what_changed_since_it_was_counted_is_left_and_told(boss):
    span, other = make_span(), make_span()
    counted = seen(span, other)
    moved = Change(extent=Extent(0, 9), text=TEXT[:9])
    actions.edit(span=span.uid, seen=1, change=moved, deed=make_deed(span.author))
    done = change(boss, [*counted, (uuid4(), 1)])
    assert kinds(done) == {"changed meanwhile": 1, "not there": 1}
    assert now(span).label.slug == "quote"


# Who may.


def keeper(**parts):
    person = make_user(**parts)
    person.user_permissions.add(Permission.objects.get(codename="change_label"))
    return person


@pytest.mark.parametrize(
    ("person", "wanted", "approvals", "why"),
    [
        (lambda: make_user(annotator=True, reviewer=True), TO_CLAIM, REOPEN, "keeps the labels"),
        (lambda: make_user(annotator=True, reviewer=True), TO_CLAIM, STAND, "keeps the labels"),
        (lambda: keeper(), TO_CLAIM, REOPEN, "Only annotators and reviewers"),
        (lambda: keeper(annotator=True), TO_CLAIM, STAND, "Only reviewers"),
        (lambda: keeper(annotator=True), LabelChange(), REOPEN, "Only reviewers"),
    ],
)
def test_who_may_not_change_many_is_told_why(person, wanted, approvals, why):
    span, actor = make_span(state=State.APPROVED), person()
    with refused(NotPermitted, why):
        change(actor, [span], wanted, approvals)


def test_who_keeps_the_labels_and_annotates_or_reviews_changes_many():
    assert change(keeper(annotator=True), [make_span()]).spans
    assert change(keeper(reviewer=True), [make_span(state=State.APPROVED)], approvals=STAND).spans


def test_there_must_be_a_label_and_something_to_change(boss):
    span = make_span(state=State.APPROVED)
    Label.objects.filter(slug="claim").update(archived=True)
    with refused(Invalid, "There is no label “claim”."):
        change(boss, [span])
    with refused(Invalid, "Choose what is to be changed."):
        change(boss, [span], LabelChange(), STAND)
    with refused(Invalid, "There is no span to change."):
        change(boss, [], LabelChange())


# One deed, gone on with, undone at once.


def test_it_ends_at_the_most_and_goes_on_with_the_same_request(boss):
    spans = [make_span(state=State.APPROVED) for _ in range(4)]
    request = uuid4()
    asked = seen(*spans)

    def go(approvals=REOPEN):
        return change(boss, asked, approvals=approvals, deed=make_deed(boss, request), at_most=3)

    first = go()
    assert (len(first.spans), first.remaining) == (3, 1)
    second = go()
    assert (len(second.spans), second.remaining, second.deed) == (4, 0, first.deed)
    assert go().repeated
    assert Deed.objects.filter(action="edit").count() == 1
    with refused(Reused, "sent before with other contents"):
        go(STAND)


def test_nothing_more_is_changed_once_it_was_undone(boss):
    spans = [make_span() for _ in range(2)]
    request = uuid4()
    asked = seen(*spans)
    done = change(boss, asked, deed=make_deed(boss, request), at_most=1)
    actions.undo(target=done.deed.pk, deed=make_deed(boss))
    with refused(Illegal, "This was undone meanwhile, so no more was changed."):
        change(boss, asked, deed=make_deed(boss, request), at_most=1)


def test_the_same_request_at_the_same_moment_changes_nothing_twice(boss, monkeypatch):
    span, really_do, calls = make_span(), many._do, []

    def overtaken(wish, seen, deed):
        """The first time the other is through just before."""
        calls.append(seen)
        if len(calls) > 1:
            return really_do(wish, seen, deed)
        really_do(wish, seen, copy(deed))
        raise IntegrityError

    monkeypatch.setattr(many, "_do", overtaken)
    done = change(boss, [span])
    assert (len(calls), done.repeated, [each.uid for each in done.spans]) == (2, True, [span.uid])
    assert now(span).revision == 2


def test_what_the_database_refuses_for_another_reason_is_not_hidden(boss, monkeypatch):
    def broken(wish, seen, deed):
        raise IntegrityError

    monkeypatch.setattr(many, "_do", broken)
    with pytest.raises(IntegrityError):
        change(boss, [make_span()])


def test_it_takes_short_transactions_and_few_statements(boss, monkeypatch):
    spans = [make_span(state=State.APPROVED) for _ in range(20)]
    few, more = seen(*spans[:5]), seen(*spans[5:])

    def cost(some):
        with CaptureQueriesContext(connection) as queries:
            change(boss, some, approvals=STAND)
        return len(queries)

    # An article each, which is written by itself.
    assert cost(more) - cost(few) == 10
    monkeypatch.setattr(many, "CHUNK", 5)
    done = change(boss, [now(span) for span in spans], LabelChange("", "note", "!"), STAND)
    assert len(done.spans) == 20


def test_one_undo_restores_all_and_gives_approvals_back_to_who_gave_them(boss):
    article = make_article(state=ArticleState.SUBMITTED)
    spans = [
        make_span(article, state=state)
        for state in (State.PROPOSED, State.SENT_BACK, State.APPROVED)
    ]

    def rows():
        return list(Span.objects.order_by("pk").values(*triggers.SPAN_ROW))

    before = rows()
    done = change(boss, spans, approvals=STAND)
    after = rows()
    assert after != before

    undone = actions.undo(target=done.deed.pk, deed=make_deed(boss))
    assert (rows(), undone.skipped) == (before, ())
    actions.undo(target=undone.deed.pk, deed=make_deed(boss))
    assert rows() == after


def test_undoing_gives_no_approval_back_that_was_reopened(boss):
    waiting, approved = make_span(), make_span(state=State.APPROVED)
    done = change(boss, [waiting, approved])
    undone = actions.undo(target=done.deed.pk, deed=make_deed(boss))
    assert [span.uid for span in undone.spans] == [waiting.uid]
    assert [each.why for each in undone.skipped] == [
        "Only who approved it can give that approval back."
    ]


@pytest.mark.parametrize("approvals", Approvals)
def test_the_database_is_whole_after_it_and_after_undoing_it(approvals, boss):
    spans = [*in_every_state().values(), *in_every_state().values()]
    done = change(boss, spans, approvals=approvals)
    assert list(breaches(Counter())) == []
    actions.undo(target=done.deed.pk, deed=make_deed(boss))
    assert list(breaches(Counter())) == []
    assert Article.objects.filter(proposed__gt=0).exists()

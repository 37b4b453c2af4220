"""Undo and redo: what comes back, to whom, and what is passed over."""

import pytest
from django.contrib.auth.models import Group

from annotations import actions
from annotations.actions import Change
from annotations.actions._deeds import Done, records
from annotations.actions._write import follow, lock_working, write_span
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import Action, ArticleState, State
from annotations.domain.refusals import Illegal, NotPermitted, Stale, Twin
from annotations.models import Article, Deed, Person, Span
from tests.factories import TEXT, make_article, make_deed, make_label, make_span, make_user
from tests.refusals import everything, refused

pytestmark = pytest.mark.django_db

MUTABLE = (
    "label_id start end text text_group attributes state amended author_id last_editor_id"
    " decided_by_id decided_at reason guideline_revision fresh"
).split()
BRIDGE = Change(
    extent=Extent(TEXT.index("the bridge"), TEXT.index("the bridge") + 10), text="the bridge"
)


def row(span):
    """All of the span that a deed may change, as it is now."""
    return Span.objects.values(*MUTABLE).get(pk=span.pk)


def now(thing):
    return type(thing).objects.get(pk=thing.pk)


def on(span):
    return {"span": span.uid, "seen": now(span).revision}


def on_article(article):
    return {"article": article.slug, "seen": now(article).revision}


def undo(done, actor=None):
    return actions.undo(target=done.deed.pk, deed=make_deed(actor or done.deed.actor))


def without(person, group):
    """That person, no longer in the group, as they next come to the door."""
    person.groups.remove(person.groups.get(name=group))
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def both():
    return make_user(annotator=True, reviewer=True)


@pytest.fixture
def reviewer():
    return make_user(reviewer=True)


# Every deed on a span: the state to begin with, and the deed.
DEEDS = {
    "accept": (State.SUGGESTED, actions.accept, {"change": BRIDGE}),
    "dismiss": (State.SUGGESTED, actions.dismiss, {}),
    "restore a suggestion": (State.DISMISSED, actions.restore, {}),
    "edit": (State.PROPOSED, actions.edit, {"change": BRIDGE}),
    "edit what was sent back": (State.SENT_BACK, actions.edit, {"change": BRIDGE}),
    "edit what was rejected": (State.REJECTED, actions.edit, {"change": BRIDGE, "comment": "So."}),
    "answer": (State.SENT_BACK, actions.answer, {"comment": "No."}),
    "approve": (State.PROPOSED, actions.approve, {}),
    "amend": (State.PROPOSED, actions.amend, {"change": BRIDGE}),
    "reject": (State.PROPOSED, actions.reject, {"reason": "other"}),
    "reject what was sent back": (State.SENT_BACK, actions.reject, {"reason": "other"}),
    "send back": (State.PROPOSED, actions.send_back, {"comment": "Hm."}),
    "reopen what was rejected": (State.REJECTED, actions.reopen, {}),
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_undoing_restores_the_row_and_redoing_does_it_again(deed, both):
    state, act, needs = deed
    span = make_span(state=state)
    before = row(span)
    done = act(deed=make_deed(both), **on(span), **needs)
    after = row(span)
    assert after != before

    undone = undo(done)
    assert row(span) == before
    redone = undo(undone)
    assert row(span) == after
    undo(redone)
    assert row(span) == before

    assert now(span).revision == span.revision + 4
    assert [event.action for event in span.events.order_by("id")][-4:] == [
        done.deed.action, "undo", "undo", "undo",
    ]  # fmt: skip


@pytest.mark.parametrize(("action", "state"), [("withdraw", "proposed"), ("restore", "withdrawn")])
def test_an_author_undoes_withdrawing_and_bringing_back(action, state):
    span = make_span(state=state)
    before = row(span)
    done = getattr(actions, action)(deed=make_deed(span.author), **on(span))
    undo(done)
    assert row(span) == before


def test_undoing_writes_one_event_with_both_rows_and_each_revision_once(reviewer):
    span = make_span()
    done = actions.approve(deed=make_deed(reviewer), **on(span))
    approved = done.deed.events.get()
    revisions = now(span).revision, now(span.article).revision

    undone = undo(done)

    event = undone.deed.events.get()
    assert (event.action, event.revision) == ("undo", revisions[0] + 1)
    assert (event.before, event.after) == (approved.after, approved.before)
    assert (now(span).revision, now(span.article).revision) == tuple(n + 1 for n in revisions)
    assert (undone.deed.action, undone.deed.undoes, undone.deed.root) == (
        "undo", done.deed, done.deed,
    )  # fmt: skip
    assert (undone.spans, undone.skipped, undone.article) == ((span,), (), span.article)


def test_a_deed_knows_whether_it_is_undone(reviewer):
    done = actions.approve(deed=make_deed(reviewer), **on(make_span()))
    undone = undo(done)
    assert now(done.deed).undone is True
    undo(undone)
    assert now(done.deed).undone is False


def test_undoing_a_proposal_withdraws_it_and_redoing_proposes_it_again():
    span = make_span()
    proposed = row(span)
    undone = actions.undo(target=span.events.get().deed_id, deed=make_deed(span.author))
    assert row(span) == proposed | {"state": "withdrawn"}
    undo(undone)
    assert row(span) == proposed


def test_a_proposal_undone_may_be_restored_by_its_author():
    span = make_span()
    actions.undo(target=span.events.get().deed_id, deed=make_deed(span.author))
    actions.restore(deed=make_deed(span.author), **on(span))
    assert now(span).state == "proposed"


# Whose, and how often.


def test_nobody_undoes_what_another_did(reviewer):
    done = actions.approve(deed=make_deed(reviewer), **on(make_span()))
    for other in (make_user(reviewer=True), make_user(superuser=True)):
        with refused(NotPermitted, "only what you did yourself"):
            undo(done, other)


def test_nobody_redoes_what_another_undid(reviewer):
    undone = undo(actions.approve(deed=make_deed(reviewer), **on(make_span())))
    other = make_user(reviewer=True)
    with refused(NotPermitted, "only what you did yourself"):
        undo(undone, other)


def test_nobody_undoes_what_a_machine_did():
    suggested = make_span(state=State.SUGGESTED).events.get().deed
    superuser = make_user(superuser=True)
    with refused(NotPermitted, "only what you did yourself"):
        actions.undo(target=suggested.pk, deed=make_deed(superuser))


def test_a_deed_that_is_not_there_is_not_found(reviewer):
    with pytest.raises(Deed.DoesNotExist):
        actions.undo(target=10**6, deed=make_deed(reviewer))


def test_what_is_undone_is_not_undone_again(reviewer):
    done = actions.approve(deed=make_deed(reviewer), **on(make_span()))
    undone = undo(done)
    with refused(Illegal, "undone already"):
        undo(done)
    redone = undo(undone)
    with refused(Illegal, "undone already"):
        undo(undone)
    undo(redone)
    with refused(Illegal, "undone already"):
        undo(redone)


def test_what_was_redone_is_undone_by_its_own_name_as_well(reviewer):
    span = make_span()
    done = actions.approve(deed=make_deed(reviewer), **on(span))
    undo(undo(done))
    again = undo(done)
    assert now(span).state == "proposed"
    assert again.deed.root == done.deed
    assert [link.action for link in done.deed.chain.order_by("id")] == ["undo"] * 3


# What has changed since.


def test_a_span_that_has_changed_since_is_left_as_it_is(reviewer, both):
    span = make_span()
    done = actions.approve(deed=make_deed(reviewer), **on(span))
    actions.edit(change=BRIDGE, deed=make_deed(both), **on(span))
    with refused(Stale, "It has changed since."):
        undo(done)


def test_a_span_that_came_back_to_the_same_has_changed_all_the_same(reviewer, both):
    span = make_span()
    first = actions.approve(deed=make_deed(reviewer), **on(span))
    actions.reopen(deed=make_deed(both), **on(span))
    with refused(Stale):
        undo(first)


def test_nothing_is_redone_over_what_was_done_since(reviewer, both):
    span = make_span()
    undone = undo(actions.approve(deed=make_deed(reviewer), **on(span)))
    actions.edit(change=BRIDGE, deed=make_deed(both), **on(span))
    with refused(Stale):
        undo(undone)


def test_deeds_are_undone_one_after_the_other_back_to_the_first():
    make_label("claim")
    span = make_span()
    marked = Deed.objects.get(events__span=span)
    was = (span.label.slug, span.start, span.end)
    first = actions.edit(change=BRIDGE, deed=make_deed(span.author), **on(span))
    second = actions.edit(change=Change(label="claim"), deed=make_deed(span.author), **on(span))

    undo(second)
    undo(first)
    span.refresh_from_db()
    assert (span.label.slug, span.start, span.end) == was

    actions.undo(target=marked.pk, deed=make_deed(span.author))
    span.refresh_from_db()
    assert span.state == State.WITHDRAWN


def test_deeds_that_were_undone_one_after_the_other_are_done_again_in_turn():
    annotator = make_user(annotator=True)
    article = make_article()
    marked = actions.propose(
        article=article.slug,
        label=make_label("quote").slug,
        extent=BRIDGE.extent,
        text=BRIDGE.text,
        deed=make_deed(annotator),
    )
    wider = Change(extent=Extent(0, BRIDGE.extent.end), text=TEXT[: BRIDGE.extent.end])
    edited = actions.edit(**on(marked.span), change=wider, deed=make_deed(annotator))
    as_edited = row(marked.span)

    undone = [undo(edited), undo(marked)]
    for done in reversed(undone):
        undo(done)

    assert row(marked.span) == as_edited


def test_a_deed_is_not_undone_under_what_somebody_did_since_even_if_it_looks_the_same():
    make_label("claim")
    span = make_span()
    first = actions.edit(change=Change(label="claim"), deed=make_deed(span.author), **on(span))
    colleague = make_user(annotator=True)
    for label in ("quote", "claim"):
        actions.edit(change=Change(label=label), deed=make_deed(colleague), **on(span))
        span.refresh_from_db()
    with refused(Stale):
        undo(first)


# Approvals.


def test_an_approval_comes_back_only_from_who_gave_it(reviewer):
    span = make_span()
    actions.approve(deed=make_deed(reviewer), **on(span))
    approved = row(span)
    for other in (make_user(reviewer=True), make_user(superuser=True)):
        reopened = actions.reopen(deed=make_deed(other), **on(span))
        with refused(NotPermitted, "Only who approved it"):
            undo(reopened)
        actions.approve(deed=make_deed(reviewer), **on(span))
    reopened = actions.reopen(deed=make_deed(reviewer), **on(span))
    undo(reopened)
    assert row(span) | {"decided_at": None} == approved | {"decided_at": None}


def test_who_edited_an_approved_span_does_not_give_the_approval_back(reviewer):
    span = make_span(state=State.APPROVED)
    edited = actions.edit(change=BRIDGE, deed=make_deed(span.author), **on(span))
    with refused(NotPermitted, "Only who approved it"):
        undo(edited)


def test_who_approved_and_edited_gives_the_approval_back_with_its_time(reviewer):
    span = make_span(state=State.APPROVED, reviewer=reviewer)
    approved = row(span)
    undo(actions.edit(change=BRIDGE, deed=make_deed(reviewer), **on(span)))
    assert row(span) == approved


def test_an_amendment_undone_and_redone_is_an_amendment_again(reviewer):
    span = make_span()
    done = actions.amend(change=BRIDGE, deed=make_deed(reviewer), **on(span))
    undone = undo(done)
    assert now(span).amended is False
    undo(undone)
    assert (now(span).amended, now(span).last_editor) == (True, span.author)


def test_who_reviews_no_more_gives_no_approval_back(both):
    span = make_span(state=State.APPROVED, reviewer=both)
    edited = actions.edit(change=BRIDGE, deed=make_deed(both), **on(span))
    both = without(both, "reviewers")
    with refused(NotPermitted, "Only reviewers can give an approval back."):
        undo(edited, both)


def test_undoing_what_replaced_an_approval_gives_it_back_to_who_had_given_it(reviewer):
    span = make_span(state=State.APPROVED, reviewer=reviewer)
    approved = row(span)
    admin = make_user(superuser=True)
    done = actions.amend(change=BRIDGE, deed=make_deed(admin), **on(span))
    replaced = row(span)
    assert replaced["decided_by_id"] == admin.pk

    undone = undo(done)
    assert row(span) == approved
    redone = undo(undone)
    assert row(span) == replaced
    undo(redone)
    assert row(span) == approved


def test_no_approval_is_put_back_over_another_by_who_keeps_the_labels_no_more():
    admin = make_user(superuser=True)
    span = make_span(state=State.APPROVED)
    done = actions.amend(change=BRIDGE, deed=make_deed(admin), **on(span))
    Person.objects.filter(pk=admin.pk).update(is_superuser=False)
    admin.groups.add(Group.objects.get(name="reviewers"))
    with refused(NotPermitted, "Only who keeps the labels"):
        undo(done, Person.objects.get(pk=admin.pk))


# Permissions and twins, again.


@pytest.mark.parametrize(
    ("name", "group", "why"),
    [
        ("approve", "reviewers", "Only reviewers"),
        ("reject", "reviewers", "Only reviewers"),
        ("reopen what was rejected", "reviewers", "Only reviewers"),
        ("answer", "annotators", "Only annotators"),
    ],
)
def test_who_may_do_a_deed_no_more_does_not_undo_it(name, group, why, both):
    state, act, needs = DEEDS[name]
    done = act(deed=make_deed(both), **on(make_span(state=state)), **needs)
    both = without(both, group)
    with refused(NotPermitted, why):
        undo(done, both)


def test_who_may_still_do_it_in_another_part_undoes_it(both):
    span = make_span()
    done = actions.edit(change=BRIDGE, deed=make_deed(both), **on(span))
    undo(done, without(both, "annotators"))
    assert now(span).text == span.text


def test_who_is_in_no_group_any_more_undoes_nothing():
    span = make_span()
    author = without(span.author, "annotators")
    with refused(NotPermitted, "Only annotators"):
        actions.undo(target=span.events.get().deed_id, deed=make_deed(author))


def test_what_was_withdrawn_does_not_come_back_by_undoing_beside_a_twin():
    span = make_span()
    done = actions.withdraw(deed=make_deed(span.author), **on(span))
    twin = make_span(span.article, extent=span.extent)
    with refused(Twin) as caught:
        undo(done)
    assert caught.value.uid == str(twin.uid)


def test_an_edit_is_not_undone_onto_a_twin():
    span = make_span(text="The mayor")
    done = actions.edit(change=BRIDGE, deed=make_deed(span.author), **on(span))
    make_span(span.article, text="The mayor")
    with refused(Twin):
        undo(done)


def test_the_spans_of_an_article_that_rests_rest_from_undoing_too(reviewer):
    span = make_span()
    done = actions.approve(deed=make_deed(reviewer), **on(span))
    actions.set_aside(reason="Twice.", deed=make_deed(reviewer), **on_article(span.article))
    with refused(Illegal, "its spans rest"):
        undo(done)


# The article follows.


def test_undoing_the_first_proposal_opens_the_article_again():
    span = make_span()
    assert now(span.article).state == "in_progress"
    undone = actions.undo(target=span.events.get().deed_id, deed=make_deed(span.author))
    article = now(span.article)
    assert (article.state, article.revision) == ("open", 3)
    assert undone.deed.events.get(span=None).action == "undo"
    undo(undone)
    assert now(article).state == "in_progress"


def test_undoing_the_first_proposal_leaves_an_article_that_has_another():
    span = make_span()
    make_span(span.article)
    actions.undo(target=span.events.get().deed_id, deed=make_deed(span.author))
    assert now(span.article).state == "in_progress"
    assert now(span.article).revision == 4


def test_undoing_the_first_proposal_leaves_an_article_that_was_submitted_since():
    span = make_span()
    actions.submit(deed=make_deed(span.author), **on_article(span.article))
    undone = actions.undo(target=span.events.get().deed_id, deed=make_deed(span.author))
    article = now(span.article)
    assert (article.state, article.revision) == ("submitted", 4)
    assert not undone.deed.events.filter(span=None).exists()


def reviewed_with_a_span(reviewer):
    article = make_article(state="submitted")
    span = make_span(article, state=State.APPROVED, reviewer=reviewer)
    actions.sign_off(nothing_missing=True, deed=make_deed(reviewer), **on_article(article))
    return now(article), span


def test_undoing_what_reopened_an_article_signs_it_again_for_who_had_signed(reviewer):
    article, span = reviewed_with_a_span(reviewer)
    undone = undo(actions.reopen(deed=make_deed(reviewer), **on(span)))
    back = now(article)
    assert (back.state, back.reviewed_by) == ("reviewed", reviewer)
    assert back.reviewed_at == article.reviewed_at
    undo(undone)
    assert (now(article).state, now(article).reviewed_by) == ("reopened", None)


def test_undoing_what_reopened_an_article_leaves_it_open_for_any_other(reviewer):
    article, _ = reviewed_with_a_span(reviewer)
    span = make_span(article)
    actions.undo(target=span.events.get().deed_id, deed=make_deed(span.author))
    assert (now(span).state, now(article).state) == ("withdrawn", "reopened")


def test_no_article_is_signed_again_by_undoing_over_spans_that_need_somebody(reviewer):
    article, span = reviewed_with_a_span(reviewer)
    reopened = actions.reopen(deed=make_deed(reviewer), **on(span))
    make_span(article)
    undo(reopened)
    assert (now(span).state, now(article).state) == ("approved", "reopened")


def test_undoing_an_approval_reopens_an_article_that_was_signed_off_since(reviewer):
    article = make_article(state="submitted")
    span = make_span(article)
    done = actions.approve(deed=make_deed(reviewer), **on(span))
    actions.sign_off(
        nothing_missing=True, deed=make_deed(make_user(reviewer=True)), **on_article(article)
    )
    undone = undo(done)
    assert (now(article).state, now(article).reviewed_by) == ("reopened", None)
    assert undone.deed.events.get(span=None).action == "reopen"


# Several spans in one deed. No deed of today touches several, so this is one made of their parts.


@records(Action.REJECT)
def reject_all(*, spans, deed):
    rows = []
    for uid in spans:
        span = Span.objects.get(uid=uid)
        span.article = lock_working(pk=span.article_id)
        verdict = {"decided_by_id": deed.actor_id, "decided_at": deed.at, "guideline_revision": 1}
        write_span(span, Action.REJECT, deed, state=State.REJECTED, reason="other", **verdict)
        follow(span.article, deed, [span])
        rows.append(span)
    return Done(deed, rows[0].article, tuple(rows))


def rejected_together(reviewer, count=3):
    article = make_article()
    spans = [make_span(article) for _ in range(count)]
    return spans, reject_all(spans=[span.uid for span in spans], deed=make_deed(reviewer))


def test_what_can_be_undone_is_and_the_rest_is_told_with_its_reason(reviewer, both):
    (first, changed, twinned), done = rejected_together(reviewer)
    actions.answer(comment="No.", deed=make_deed(both), **on(changed))
    make_span(twinned.article, both, extent=twinned.extent)

    undone = undo(done)

    assert undone.spans == (first,)
    assert [now(span).state for span in (first, changed, twinned)] == [
        "proposed", "proposed", "rejected",
    ]  # fmt: skip
    assert [(skip.span, skip.why) for skip in undone.skipped] == [
        (changed, "It has changed since."),
        (
            twinned,
            f"These words are already marked as quote by {both.username} (proposed).",
        ),
    ]
    assert undone.deed.events.count() == 1
    assert now(done.deed).undone is True


def test_a_repeated_request_to_undo_tells_what_was_passed_over_again(reviewer, both):
    (first, changed), done = rejected_together(reviewer, 2)
    actions.answer(comment="No.", deed=make_deed(both), **on(changed))
    undone = undo(done)
    before = everything()
    again = actions.undo(
        target=done.deed.pk, deed=make_deed(reviewer, request_id=undone.deed.request_id)
    )
    assert everything() == before
    assert (again.deed, again.spans, again.repeated) == (undone.deed, (first,), True)
    assert [(skip.span, skip.why) for skip in again.skipped] == [
        (changed, "It was left as it was.")
    ]


def test_redoing_touches_only_what_undoing_had_restored(reviewer, both):
    (first, changed), done = rejected_together(reviewer, 2)
    actions.answer(comment="No.", deed=make_deed(both), **on(changed))
    redone = undo(undo(done))
    assert (redone.spans, redone.skipped) == ((first,), ())
    assert [now(span).state for span in (first, changed)] == ["rejected", "proposed"]


def test_where_nothing_at_all_can_be_undone_nothing_is_and_the_first_reason_is_told(reviewer, both):
    spans, done = rejected_together(reviewer, 2)
    for span in spans:
        actions.answer(comment="No.", deed=make_deed(both), **on(span))
    with refused(Stale, "It has changed since."):
        undo(done)


def test_a_deed_in_two_articles_is_undone_in_both(reviewer):
    spans = [make_span(), make_span()]
    done = reject_all(spans=[span.uid for span in spans], deed=make_deed(reviewer))
    revisions = [now(span.article).revision for span in spans]
    undo(done)
    assert [now(span).state for span in spans] == ["proposed", "proposed"]
    assert [now(span.article).revision for span in spans] == [n + 1 for n in revisions]


# Deeds on articles.

A = ArticleState
ARTICLE_DEEDS = {
    "submit": (A.OPEN, actions.submit, {}),
    "take back": (A.SUBMITTED, actions.take_back, {}),
    "sign off": (A.SUBMITTED, actions.sign_off, {"nothing_missing": True}),
    "sign off again": (A.REOPENED, actions.sign_off, {"nothing_missing": True}),
    **{
        f"set aside what is {state.words}": (state, actions.set_aside, {"reason": "Twice."})
        for state in (A.OPEN, A.IN_PROGRESS, A.SUBMITTED, A.REVIEWED, A.REOPENED)
    },
    "restore": (A.SET_ASIDE, actions.restore_article, {}),
}
FROZEN = {"id", "slug", "text", "text_sha256", "added_at", "revision"}


def article_row(article):
    values = Article.objects.values().get(pk=article.pk)
    return {name: value for name, value in values.items() if name not in FROZEN}


@pytest.mark.parametrize("deed", ARTICLE_DEEDS.values(), ids=ARTICLE_DEEDS)
def test_undoing_a_deed_restores_the_article_and_redoing_does_it_again(deed, both):
    state, act, needs = deed
    article = make_article(state=state, annotator=both)
    before = article_row(article)
    done = act(deed=make_deed(both), **on_article(article), **needs)
    after = article_row(article)

    undone = undo(done)
    assert article_row(article) == before
    redone = undo(undone)
    assert article_row(article) == after
    undo(redone)
    assert article_row(article) == before

    assert now(article).revision == article.revision + 4
    assert undone.deed.events.get().action == "undo"
    assert (undone.spans, undone.article) == ((), article)


def test_undoing_a_restoration_sets_a_submitted_article_of_another_aside_again(both):
    article = make_article(state=A.SUBMITTED)
    actions.set_aside(reason="Twice.", deed=make_deed(both), **on_article(article))
    undo(actions.restore_article(deed=make_deed(both), **on_article(article)))
    assert now(article).state == "set_aside"


def test_who_reopened_an_article_signs_it_again_only_if_the_signature_was_theirs(both):
    article = make_article(state=A.REVIEWED, reviewer=both)
    reviewed = article_row(article)
    undo(actions.reopen_article(deed=make_deed(both), **on_article(article)))
    assert article_row(article) == reviewed
    other = make_user(reviewer=True)
    reopened = actions.reopen_article(deed=make_deed(other), **on_article(article))
    with refused(NotPermitted, "Only who signed the article off"):
        undo(reopened)


def test_a_submission_is_undone_only_until_a_first_decision(both):
    article = make_article()
    span = make_span(article, both)
    done = actions.submit(deed=make_deed(both), **on_article(article))
    actions.approve(deed=make_deed(make_user(reviewer=True)), **on(span))
    with refused(NotPermitted, "A reviewer has begun to decide"):
        undo(done)


def test_an_article_that_has_changed_since_is_left_as_it_is(both):
    article = make_article()
    done = actions.submit(deed=make_deed(both), **on_article(article))
    actions.set_aside(reason="Twice.", deed=make_deed(both), **on_article(article))
    with refused(Stale, "The article has changed since."):
        undo(done)


def test_an_article_does_not_open_again_over_its_spans(both):
    article = make_article()
    done = actions.submit(deed=make_deed(both), **on_article(article))
    make_span(article)
    with refused(Illegal, "The article has spans."):
        undo(done)


def test_no_signature_is_redone_over_spans_that_need_somebody(both):
    article = make_article(state=A.SUBMITTED)
    undone = undo(
        actions.sign_off(nothing_missing=True, deed=make_deed(both), **on_article(article))
    )
    make_span(article)
    with refused(Illegal, "spans that are not settled"):
        undo(undone)


def test_no_signature_is_redone_by_who_is_the_only_author_by_now(both):
    article = make_article(state=A.SUBMITTED)
    make_span(article, both, state=State.APPROVED)
    other = make_span(article)
    rejected = actions.reject(
        reason="other", deed=make_deed(make_user(reviewer=True)), **on(other)
    ).span
    undone = undo(
        actions.sign_off(nothing_missing=True, deed=make_deed(both), **on_article(article))
    )
    actions.answer(comment="No.", deed=make_deed(other.author), **on(rejected))
    actions.withdraw(deed=make_deed(other.author), **on(rejected))
    with refused(NotPermitted, "All its spans are yours"):
        undo(undone)


@pytest.mark.parametrize(
    ("name", "group", "why"),
    [
        ("submit", "annotators", "Only annotators"),
        ("take back", "annotators", "Only annotators"),
        ("sign off", "reviewers", "Only reviewers"),
    ],
)
def test_who_may_do_a_deed_on_articles_no_more_does_not_undo_it(name, group, why, both):
    state, act, needs = ARTICLE_DEEDS[name]
    article = make_article(state=state, annotator=both)
    done = act(deed=make_deed(both), **on_article(article), **needs)
    both = without(both, group)
    with refused(NotPermitted, why):
        undo(done, both)


def test_who_reopened_an_article_and_reviews_no_more_does_not_undo_it(both):
    article = make_article(state=A.REVIEWED, reviewer=both)
    done = actions.reopen_article(deed=make_deed(both), **on_article(article))
    both = without(both, "reviewers")
    with refused(NotPermitted, "Only reviewers"):
        undo(done, both)


def test_who_reopened_an_article_and_reviews_no_more_does_not_redo_it(both):
    article = make_article(state=A.REVIEWED, reviewer=both)
    undone = undo(actions.reopen_article(deed=make_deed(both), **on_article(article)))
    both = without(both, "reviewers")
    with refused(NotPermitted, "Only reviewers"):
        undo(undone, both)


def described(importer):
    article = make_article(title="Old")
    particulars = actions.Particulars(title="New", outlet="Times")
    return article, actions.describe_article(
        particulars=particulars, deed=make_deed(importer), **on_article(article)
    )


def test_a_description_is_undone_and_redone():
    article, done = described(make_user(importer=True))
    after = article_row(article)
    undone = undo(done)
    assert (now(article).title, now(article).outlet) == ("Old", None)
    undo(undone)
    assert article_row(article) == after


def test_who_imports_no_more_undoes_no_description():
    importer = make_user(importer=True, annotator=True, reviewer=True)
    _, done = described(importer)
    importer = without(importer, "importers")
    with refused(NotPermitted, "Only importers"):
        undo(done, importer)


def test_an_article_that_came_in_stays():
    importer = make_user(importer=True)
    done = actions.add_article(
        text=TEXT, particulars=actions.Particulars(), deed=make_deed(importer)
    )
    with refused(Illegal, "An article that came in stays"):
        undo(done)


def test_undoing_a_description_does_not_make_two_articles_the_same():
    importer = make_user(importer=True)
    first = make_article(url="https://example.org/1")
    done = actions.describe_article(
        particulars=actions.Particulars(title="A", url="https://example.org/2"),
        deed=make_deed(importer),
        **on_article(first),
    )
    make_article(url="https://example.org/1")
    with refused(Illegal, "Another article with this outlet, address and text"):
        undo(done)


@pytest.mark.parametrize("gone", ["outlet", "story"])
def test_an_outlet_or_a_story_that_is_gone_does_not_come_back_by_undoing(gone):
    importer = make_user(importer=True)
    article = make_article(**{gone: "Times"})
    done = actions.describe_article(
        particulars=actions.Particulars(title="New"),
        deed=make_deed(importer),
        **on_article(article),
    )
    getattr(article, gone).delete()
    with refused(Illegal, "Its outlet or its story from then is gone."):
        undo(done)


def test_the_label_comes_back_with_the_attributes_it_had():
    note = Attribute("note", "Note", Kind.TEXT)
    make_label("quote", attributes=[note])
    make_label("claim")
    span = make_span(attributes={"note": "!"})
    done = actions.edit(change=Change(label="claim"), deed=make_deed(span.author), **on(span))
    assert now(span).attributes == {}
    assert undo(done).span.label.slug == "quote"
    assert (now(span).label.slug, now(span).attributes) == ("quote", {"note": "!"})

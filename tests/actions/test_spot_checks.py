"""Spot checks: found once, by fresh eyes, of what was seen; they change nothing that is marked."""

from uuid import uuid4

import pytest

from annotations import actions
from annotations.actions import Change, spot_checks
from annotations.actions.comments import MAX_COMMENT_LENGTH
from annotations.domain.extents import Extent
from annotations.domain.refusals import Illegal, Invalid, NotPermitted, Reused, Stale
from annotations.models import Article, Deed, Event, Span, SpotCheck
from tests.factories import make_article, make_deed, make_span, make_spot_check, make_user
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def span():
    """Approved by “rev”."""
    return make_span(state="approved", reviewer=make_user("rev", reviewer=True))


def finding(span, checker=None, **changes):
    """What `actions.record_finding` takes for a span that is right."""
    told = {
        "span": span.uid,
        "seen": span.revision,
        "finding": "right",
        "note": "",
        "checker": checker or make_user(reviewer=True),
        "request_id": uuid4(),
    }
    return told | changes


def amended(reviewer):
    span = make_span(text="as safe as a house")
    change = Change(extent=Extent(span.start, span.start + 7), text="as safe")
    return actions.amend(span=span.uid, seen=1, change=change, deed=make_deed(reviewer)).span


def test_what_was_found_is_on_record_with_the_span_as_it_was(span):
    checker = make_user(reviewer=True)
    actions.record_finding(**finding(span, checker, finding="wrong", note="Two lines,\nand 🧵."))

    check = SpotCheck.objects.get()
    assert (check.span, check.revision, check.label) == (span, 2, span.label)
    assert (check.amended, check.decided_by) == (False, span.decided_by)
    assert (check.finding, check.note, check.checker) == ("wrong", "Two lines,\nand 🧵.", checker)
    span.refresh_from_db()
    assert span.checked


def test_of_an_amended_span_it_is_on_record_that_it_was():
    assert make_spot_check(amended(make_user(reviewer=True))).amended


def test_it_changes_nothing_that_is_marked_and_leaves_no_event(span):
    rows = (Article, Deed, Event)
    before = [list(model.objects.values()) for model in rows]
    make_spot_check(span, finding="wrong")
    assert [list(model.objects.values()) for model in rows] == before
    now = Span.objects.get(pk=span.pk)
    assert (now.state, now.revision) == ("approved", 2)


def test_the_same_form_sent_again_finds_the_same_once(span):
    told = finding(span)
    first = actions.record_finding(**told)
    reopener = make_deed(make_user(reviewer=True))
    actions.reopen(span=span.uid, seen=2, deed=reopener)  # whatever became of it
    assert actions.record_finding(**told) == first
    assert SpotCheck.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [{"finding": "wrong", "note": "No."}, {"note": "Fine."}, {"seen": 1}, {"span": uuid4()}],
    ids=lambda change: "+".join(change),
)
def test_the_same_form_with_other_contents_is_refused(span, change):
    told = finding(span)
    actions.record_finding(**told)
    with refused(Reused, "This form was sent before with other contents."):
        actions.record_finding(**(told | change))
    with refused(Reused):
        actions.record_finding(**(told | {"checker": make_user(reviewer=True)}))


def test_the_same_form_sent_twice_at_once_finds_the_same(span, monkeypatch):
    told = finding(span)
    first = actions.record_finding(**told)
    looked, look = [], spot_checks._repeat_of

    def too_early(*args):
        looked.append(args)
        return look(*args) if len(looked) > 1 else None

    monkeypatch.setattr(spot_checks, "_repeat_of", too_early)
    assert actions.record_finding(**told) == first


@pytest.mark.parametrize("found", ["", "so-so", "Right"])
def test_it_is_right_or_wrong(span, found):
    with refused(Invalid, "Say whether it is right or wrong.") as caught:
        actions.record_finding(**finding(span, finding=found))
    assert caught.value.field == "finding"


@pytest.mark.parametrize("note", ["", " \n"])
def test_what_is_wrong_takes_a_word(span, note):
    with refused(Invalid, "Say what is wrong with it.") as caught:
        actions.record_finding(**finding(span, finding="wrong", note=note))
    assert caught.value.field == "note"


def test_a_note_is_as_long_as_it_may_be_and_holds_what_can_be_kept(span):
    for note, words in (("x" * (MAX_COMMENT_LENGTH + 1), "has 5,001."), ("a\0b", "nobody can")):
        with refused(Invalid, words):
            actions.record_finding(**finding(span, note=note))
    actions.record_finding(**finding(span, note="🧵" * MAX_COMMENT_LENGTH))


def test_what_has_changed_since_is_not_judged_unseen(span):
    actions.reopen(span=span.uid, seen=2, deed=make_deed(make_user(reviewer=True)))
    with refused(Stale, "This span has changed since you saw it."):
        actions.record_finding(**finding(span))


@pytest.mark.parametrize("state", ["proposed", "sent_back", "rejected", "withdrawn"])
def test_what_is_not_approved_has_no_approval_to_check(state):
    span = make_span(state=state)
    with refused(Illegal, f"This span is {state.replace('_', ' ')}, so there is no approval"):
        actions.record_finding(**finding(span))


def test_while_an_article_rests_so_do_its_spans(span):
    article = Article.objects.get(pk=span.article_id)
    deed = make_deed(make_user(reviewer=True))
    actions.set_aside(article=article.slug, seen=article.revision, reason="Twice.", deed=deed)
    with refused(Illegal, "This article is set aside, so its spans rest."):
        actions.record_finding(**finding(span))


def test_nobody_looks_again_at_what_they_had_a_hand_in():
    author, editor, decider = (make_user(annotator=True, reviewer=True) for _ in range(3))
    span = make_span(make_article(), author, text="The mayor")
    change = Change(extent=Extent(0, 3), text="The")
    actions.edit(span=span.uid, seen=1, change=change, deed=make_deed(editor))
    span = actions.approve(span=span.uid, seen=2, deed=make_deed(decider)).span
    for person, words in (
        (decider, "You approved this span"),
        (editor, "The last hand on this span was yours"),
        (author, "You marked this span"),
    ):
        with refused(NotPermitted, words):
            actions.record_finding(**finding(span, person))


@pytest.mark.parametrize("part", ["annotator", "exporter", "importer", "nobody"])
def test_only_reviewers_do(span, part):
    person = make_user(**({} if part == "nobody" else {part: True}))
    with refused(NotPermitted, "Only reviewers may do this."):
        actions.record_finding(**finding(span, person))


def test_an_approval_is_checked_once(span):
    make_spot_check(span)
    with refused(Illegal, "Somebody has looked at this span meanwhile"):
        actions.record_finding(**finding(span))


def test_what_is_approved_anew_may_be_checked_anew(span):
    make_spot_check(span, finding="wrong")
    actions.reopen(span=span.uid, seen=2, deed=make_deed(make_user(reviewer=True)))
    assert not Span.objects.get(pk=span.pk).checked
    actions.approve(span=span.uid, seen=3, deed=make_deed(span.decided_by))
    make_spot_check(span)
    assert [check.revision for check in SpotCheck.objects.all()] == [2, 4]


def test_there_is_no_finding_of_what_is_not_there(span):
    with pytest.raises(Span.DoesNotExist):
        actions.record_finding(**(finding(span) | {"span": uuid4()}))

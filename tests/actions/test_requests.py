"""A request that comes twice is answered twice and done once."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError

from annotations import actions
from annotations.actions import Change, Particulars
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from annotations.domain.refusals import Invalid, Reused
from annotations.models import Article, Deed, Span
from tests.factories import TEXT, make_article, make_deed, make_label, make_span, make_user
from tests.refusals import everything, refused

pytestmark = pytest.mark.django_db

BRIDGE = Extent(TEXT.index("the bridge"), TEXT.index("the bridge") + 10)
PLACE = Extent(0, 9)  # "The mayor"


def moving(extent):
    return Change(extent=extent, text=extent.of(TEXT))


def span_of(state):
    span = make_span(state=state, text="5 million", author=make_user(annotator=True))
    return {"span": span.uid, "seen": span.revision}


def article_of(state):
    article = make_article(state=state)
    return {"article": article.slug, "seen": article.revision}


def approval_of(actor):
    return actions.approve(deed=make_deed(actor), **span_of(State.PROPOSED)).deed.pk


DAY = datetime(2024, 5, 6, tzinfo=UTC)
# Deeds of every kind: what is asked, and what makes it another request.
REQUESTS = {
    "propose": (
        actions.propose,
        lambda: {"article": make_article().slug, "label": "quote", "extent": BRIDGE,
                 "text": "the bridge"},
        {"extent": PLACE, "text": "The mayor"},
    ),
    "propose with attributes": (
        actions.propose,
        lambda: {"article": make_article().slug, "label": "quote", "extent": BRIDGE,
                 "text": "the bridge", "attributes": {}},
        {"attributes": {"note": "!"}},
    ),
    "accept": (actions.accept, lambda: span_of(State.SUGGESTED), {"change": moving(BRIDGE)}),
    "dismiss": (actions.dismiss, lambda: span_of(State.SUGGESTED), {"seen": 7}),
    "edit": (
        actions.edit,
        lambda: span_of(State.PROPOSED) | {"change": moving(BRIDGE)},
        {"change": moving(PLACE)},
    ),
    "answer": (
        actions.answer, lambda: span_of(State.SENT_BACK) | {"comment": "No."}, {"comment": "Yes."},
    ),
    "approve": (actions.approve, lambda: span_of(State.PROPOSED), {"comment": "Good."}),
    "amend": (
        actions.amend,
        lambda: span_of(State.PROPOSED) | {"change": moving(BRIDGE)},
        {"change": moving(PLACE)},
    ),
    "reject": (
        actions.reject, lambda: span_of(State.PROPOSED) | {"reason": "other"},
        {"reason": "duplicate"},
    ),
    "send back": (
        actions.send_back, lambda: span_of(State.PROPOSED) | {"comment": "Hm."}, {"comment": "?"},
    ),
    "reopen": (actions.reopen, lambda: span_of(State.APPROVED), {"seen": 7}),
    "submit": (actions.submit, lambda: article_of("open"), {"seen": 7}),
    "sign off": (
        actions.sign_off,
        lambda: article_of("submitted") | {"nothing_missing": True},
        {"nothing_missing": False},
    ),
    "reopen an article": (
        actions.reopen_article, lambda: article_of("reviewed"), {"comment": "Two are missing."},
    ),
    "set aside": (
        actions.set_aside, lambda: article_of("open") | {"reason": "Twice."}, {"reason": "Broken."},
    ),
    "restore an article": (actions.restore_article, lambda: article_of("set_aside"), {"seen": 7}),
    "bring in": (
        actions.add_article,
        lambda: {"text": "A text.", "particulars": Particulars(published_at=DAY)},
        {"particulars": Particulars()},
    ),
    "describe": (
        actions.describe_article,
        lambda: article_of("open") | {"particulars": Particulars(title="New")},
        {"particulars": Particulars(title="Newer")},
    ),
}  # fmt: skip


@pytest.fixture
def actor():
    return make_user(superuser=True)


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_the_same_request_again_gets_the_first_answer_and_nothing_is_written(request_, actor):
    act, asking, _ = request_
    make_label()
    asked, request_id = asking(), uuid4()
    first = act(deed=make_deed(actor, request_id), **asked)
    before = everything()

    again = act(deed=make_deed(actor, request_id), **asked)

    assert everything() == before
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.deed, again.article, again.spans) == (first.deed, first.article, first.spans)
    assert again.skipped == first.skipped == ()


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_request_with_other_contents_is_refused(request_, actor):
    act, asking, other = request_
    make_label()
    asked, request_id = asking(), uuid4()
    act(deed=make_deed(actor, request_id), **asked)
    with refused(Reused, "This form was sent before with other contents."):
        act(deed=make_deed(actor, request_id), **asked | other)


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_the_request_of_another_person_is_refused(request_, actor):
    act, asking, _ = request_
    make_label()
    asked, request_id, other = asking(), uuid4(), make_user(superuser=True)
    act(deed=make_deed(actor, request_id), **asked)
    with refused(Reused):
        act(deed=make_deed(other, request_id), **asked)


def test_the_request_of_a_machine_is_not_another_machines():
    known = {"text": "A text.", "particulars": Particulars()}
    request_id = uuid4()
    actions.add_article(deed=actions.deed_of_machine("import:a", request_id), **known)
    with refused(Reused):
        actions.add_article(deed=actions.deed_of_machine("import:b", request_id), **known)
    again = actions.add_article(deed=actions.deed_of_machine("import:a", request_id), **known)
    assert again.repeated


def test_the_same_contents_for_another_deed_are_another_request(actor):
    asked, request_id = span_of(State.PROPOSED), uuid4()
    actions.approve(deed=make_deed(actor, request_id), **asked)
    with refused(Reused):
        actions.withdraw(deed=make_deed(actor, request_id), **asked)


def test_undoing_twice_in_one_request_undoes_once(actor):
    target, request_id = approval_of(actor), uuid4()
    first = actions.undo(target=target, deed=make_deed(actor, request_id))
    before = everything()
    again = actions.undo(target=target, deed=make_deed(actor, request_id))
    assert everything() == before
    assert (again.deed, again.spans, again.repeated) == (first.deed, first.spans, True)
    other = approval_of(actor)
    with refused(Reused):
        actions.undo(target=other, deed=make_deed(actor, request_id))


def test_the_request_is_looked_up_before_anything_else(actor):
    asked, request_id = span_of(State.PROPOSED), uuid4()
    actions.approve(deed=make_deed(actor, request_id), **asked)
    actor.is_superuser = False
    actor.save()
    Article.objects.update(state="set_aside", revision=4)
    again = actions.approve(deed=make_deed(actor, request_id), **asked)
    assert again.repeated


def test_a_repeat_shows_the_span_as_it_is_now(actor):
    asked, request_id = span_of(State.PROPOSED), uuid4()
    actions.approve(deed=make_deed(actor, request_id), **asked)
    actions.reopen(span=asked["span"], seen=2, deed=make_deed(actor))
    again = actions.approve(deed=make_deed(actor, request_id), **asked)
    assert (again.span.state, again.span.revision) == ("proposed", 3)


def test_a_refused_request_may_be_sent_again_with_other_contents(actor):
    asked, request_id = span_of(State.PROPOSED), uuid4()
    with refused(Invalid):
        actions.reject(reason="", deed=make_deed(actor, request_id), **asked)
    done = actions.reject(reason="other", deed=make_deed(actor, request_id), **asked)
    assert (done.repeated, done.deed.request_id) == (False, request_id)


def test_the_order_of_attributes_does_not_make_another_request(actor):
    kinds = [Attribute(key, key, Kind.TEXT) for key in "ab"]
    make_label(attributes=kinds)
    asked = {"article": make_article().slug, "label": "quote", "extent": BRIDGE}
    asked |= {"text": "the bridge"}
    request_id = uuid4()
    for attributes in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}):
        done = actions.propose(attributes=attributes, deed=make_deed(actor, request_id), **asked)
    assert done.repeated


def test_a_request_of_which_nothing_is_on_record_any_more_is_refused(actor):
    asked, request_id = span_of(State.PROPOSED), uuid4()
    done = actions.approve(deed=make_deed(actor, request_id), **asked)
    bare = uuid4()  # as a takedown would leave it
    Deed.objects.create(
        request_id=bare,
        payload_sha256=done.deed.payload_sha256,
        actor=actor,
        action="approve",
    )
    with refused(Reused, "no longer on record"):
        actions.approve(deed=make_deed(actor, bare), **asked)
    assert Span.objects.get(uid=asked["span"]).revision == 2


def test_what_the_database_itself_refuses_is_no_answer_and_leaves_nothing():
    make_label()
    article = make_article()
    before = everything()
    with pytest.raises(IntegrityError):
        actions.suggest(
            article=article.slug, label="quote", extent=BRIDGE, text="the bridge",
            origin="", deed=actions.deed_of_machine("suggester:nameless/1"),
        )  # fmt: skip
    assert everything() == before

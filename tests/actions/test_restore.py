"""A whole newsroom comes back, or nothing: an archive that would forge anything is refused."""

import io
import json
from collections import Counter
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from annotations import actions, pipelines, triggers
from annotations.actions.restore import _why
from annotations.domain.checks import Concern
from annotations.domain.lifecycle import State
from annotations.domain.records import BadArchive
from annotations.domain.refusals import NotPermitted, Reused
from annotations.domain.sketches import runs, sketch
from annotations.models import (
    Article,
    Comment,
    Deed,
    Event,
    Label,
    Person,
    Scope,
    Span,
    TextGroup,
    Token,
)
from annotations.queries.archive import KINDS, records
from annotations.queries.integrity import breaches
from annotations.queries.sketches import Looked, nearly_same
from tests.archives import archive, emptied, make_newsroom, sealed
from tests.factories import (
    load_labels,
    make_article,
    make_comment,
    make_deed,
    make_span,
    make_token,
    make_user,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def whole(django_db_setup, django_db_blocker):
    """An archive, and what its makers knew: the keys and requests of another database."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_newsroom()
        made = archive()
        transaction.set_rollback(True)
    return made


@pytest.fixture(scope="module")
def lines(whole):
    return list(io.BytesIO(whole))


def come_back(lines):
    return pipelines.restore(io.BytesIO(b"".join(lines)))


def nothing_is_here():
    models = apps.get_app_config("annotations").get_models(include_auto_created=True)
    rows = {model.__name__: model._default_manager.count() for model in models}
    return not any(rows.values()) and triggers.breaches(connection) == []


class Edited:
    """An archive whose records are changed, and then sealed as if it had been made so."""

    def __init__(self, lines):
        self.records = [json.loads(raw) for raw in lines[:-1]]
        self.end = lines[-1]

    def all(self, kind, **values):
        return [
            record
            for record in self.records
            if record.get("record") == kind
            and all(record[name] == value for name, value in values.items())
        ]

    def one(self, kind, **values):
        return self.all(kind, **values)[-1]

    def line(self, record):
        return next(at for at, other in enumerate(self.records, 1) if other is record)

    def lines(self):
        written = [
            json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            for record in self.records
        ]
        return sealed([*written, self.end])

    def refusal(self):
        """(line, why); nothing is left."""
        with pytest.raises(BadArchive) as error:
            come_back(self.lines())
        assert nothing_is_here()
        return error.value.line, str(error.value)


@pytest.fixture
def edited(lines):
    return Edited(lines)


def test_everything_is_there_and_counted(whole, lines):
    restored = come_back(lines)
    assert restored.counts == json.loads(lines[-1])["counts"]
    assert restored.counts == {kind.name: kind.model._default_manager.count() for kind in KINDS}
    assert archive() == whole


def test_an_empty_newsroom_comes_back_as_one():
    empty = archive()
    assert come_back([empty]).counts == {}
    assert nothing_is_here()
    assert archive() == empty


class TestPeople:
    def test_nobody_restored_has_a_password_or_rights_beyond_the_groups(self, lines):
        come_back(lines)
        for person in Person.objects.all():
            assert not person.has_usable_password()
            assert (person.is_staff, person.is_superuser) == (False, False)
            assert not person.user_permissions.exists()
        root = Person.objects.get(username="root")
        assert [group.name for group in root.groups.all()] == ["importers"]

    def test_a_group_that_is_new_here_has_no_rights_and_is_told(self, lines):
        assert come_back(lines).groups == ["Night shift"]
        assert not Group.objects.get(name="Night shift").permissions.exists()
        assert Group.objects.get(name="reviewers").permissions.exists()

    def test_a_group_that_is_here_keeps_its_rights(self, lines):
        Group.objects.create(name="Night shift")
        assert come_back(lines).groups == []


def test_a_restored_token_opens_nothing():
    _, secret = make_token()
    actions.known_token(secret, Scope.EXPORT)
    made = archive()
    emptied()
    come_back([made])
    assert Token.objects.get().name == "nightly"
    with pytest.raises(NotPermitted, match="no token of ours"):
        actions.known_token(secret, Scope.EXPORT)


def test_articles_that_are_nearly_the_same_are_found_again(lines):
    come_back(lines)
    text = Article.objects.get(slug="bridge").text + "!"
    looked = {"new": Looked(text, sketch(runs(text)))}
    assert nearly_same(looked)["new"].startswith("bridge")


class TestOnlyIntoAnEmptyDatabase:
    def refusal(self, lines):
        with pytest.raises(BadArchive) as error:
            come_back(lines)
        assert error.value.line == 0
        return str(error.value)

    def test_not_where_somebody_is(self, lines):
        make_user("somebody")
        assert "it has 1 person." in self.refusal(lines)
        assert Person.objects.get().username == "somebody"

    def test_not_over_labels(self, lines):
        load_labels()
        assert "it has 3 labels." in self.refusal(lines)
        assert Label.objects.count() == 3

    def test_not_twice(self, whole, lines):
        come_back(lines)
        assert "The database is not empty" in self.refusal(lines)
        assert archive() == whole


def test_not_into_a_database_without_its_floor(lines):
    triggers.drop(connection)
    with pytest.raises(BadArchive, match="trigger annotations_article_frozen is missing") as error:
        come_back(lines)
    assert error.value.line == 0
    assert not Person.objects.exists()


def test_what_is_not_stored_together_is_stored_one_by_one(whole, lines, monkeypatch):
    store = QuerySet.bulk_create

    def refuse_many_events(rows, objects, *args, **options):
        if rows.model is Event:
            raise DatabaseError("too much at once")
        return store(rows, objects, *args, **options)

    monkeypatch.setattr(QuerySet, "bulk_create", refuse_many_events)
    come_back(lines)
    assert archive() == whole


def test_a_refusal_of_the_database_that_no_rule_explains_is_told_in_its_words():
    error = DatabaseError("the disk is full\nDETAIL: …")
    assert _why(error, Span) == "The database does not take it: the disk is full."


# People go on working.


class TestWorkGoesOn:
    @pytest.fixture
    def asked(self):
        """What people asked before the archive was made: what each did, and with what."""
        make_user("not-in-the-way").delete()  # so that keys differ
        ada, bo = make_user("ada", annotator=True), make_user("bo", reviewer=True)
        article = make_article(slug="bridge")
        spans = [make_span(article, ada, "claim") for _ in range(2)]
        said = {"article": "bridge", "span": None, "reply_to": None, "text": "Is it?"}
        asked = {
            "approve": {"span": spans[0].uid, "seen": 1, "waved": list(Concern)},
            "comment": said | {"request_id": uuid4()},
            "other": spans[1].uid,
            "deed": uuid4(),
        }
        actions.approve(deed=make_deed(bo, asked["deed"]), **asked["approve"])
        actions.comment(author=ada, **asked["comment"])
        made = archive()
        emptied()
        come_back([made])
        assert Person.objects.get(username="bo").pk != bo.pk
        return asked

    @pytest.fixture
    def ada(self, asked):
        return Person.objects.get(username="ada")

    @pytest.fixture
    def bo(self, asked):
        return Person.objects.get(username="bo")

    def is_sound(self):
        assert list(breaches(Counter())) == []

    def test_the_same_request_gets_the_first_answer(self, asked, bo, ada):
        again = actions.approve(deed=make_deed(bo, asked["deed"]), **asked["approve"])
        assert again.repeated
        assert again.deed == Deed.objects.get(request_id=asked["deed"])
        assert [span.uid for span in again.spans] == [asked["approve"]["span"]]
        assert actions.comment(author=ada, **asked["comment"]) == Comment.objects.get()

    def test_another_request_of_the_same_id_or_of_another_person_is_refused(self, asked, bo, ada):
        with refused(Reused):
            other = asked["approve"] | {"seen": 2}
            actions.approve(deed=make_deed(bo, asked["deed"]), **other)
        with refused(Reused):
            actions.approve(deed=make_deed(ada, asked["deed"]), **asked["approve"])
        with refused(Reused):
            actions.comment(author=bo, **asked["comment"])

    def test_a_deed_from_before_is_undone_and_done_again(self, asked, bo):
        target = Deed.objects.get(request_id=asked["deed"]).pk
        undone = actions.undo(target=target, deed=make_deed(bo))
        assert undone.span.state == State.PROPOSED
        again = actions.undo(target=undone.deed.pk, deed=make_deed(bo))
        assert (again.span.state, again.span.decided_by) == (State.APPROVED, bo)
        self.is_sound()

    def test_what_waited_is_decided_and_new_spans_come(self, asked, ada, bo):
        waved = {"waved": list(Concern), "deed": make_deed(bo)}
        actions.approve(span=asked["other"], seen=1, **waved)
        article = Article.objects.get(slug="bridge")
        make_span(article, ada, "claim")
        make_article(slug="ladder")
        make_comment(article, author=bo, reply_to=Comment.objects.get())
        seen = Article.objects.get(slug="bridge").revision
        actions.submit(article="bridge", seen=seen, deed=make_deed(ada))
        assert TextGroup.objects.get().waiting == 1
        self.is_sound()
        assert {row.kind.name for row in records()} >= {"deed", "comment", "span"}

    def test_what_waits_in_groups_is_counted_again(self, lines):
        emptied()
        come_back(lines)
        groups = TextGroup.objects.filter(waiting__gt=0)
        assert groups.count() == TextGroup.objects.count() > 1
        assert max(groups.values_list("waiting", flat=True)) > 1
        assert Article.objects.filter(proposed__gt=0).exists()
        assert Article.objects.filter(sent_back__gt=0).exists()


# What would be forged, or is not whole.


def test_an_approval_by_the_last_hand_is_refused(edited):
    span = edited.one("span", state="approved")
    span["decided_by"] = span["last_editor"]
    assert edited.refusal() == (
        edited.line(span),
        "It breaks a rule: “span decided by another hand”.",
    )


def test_an_approval_without_a_deed_is_refused(edited):
    span = edited.one("span", state="proposed", author="cy")
    span["waiting_since"] = None
    approval = {"decided_by": "ada", "decided_at": span["created_at"], "guideline_revision": 1}
    span.update(approval, state="approved")
    line, why = edited.refusal()
    assert line == edited.line(span)
    assert "it differs from its last event" in why


def test_a_verdict_by_the_last_hand_is_refused_though_all_of_it_is_forged(edited):
    event = edited.one("event", action="approve", revision=2)
    deed = edited.one("deed", request_id=event["deed"])
    deed["actor"] = event["before"]["last_editor"]
    line, why = edited.refusal()
    assert line == edited.line(event)
    assert "who decided had the last hand on it" in why


def test_a_sign_off_without_a_deed_is_refused(edited):
    article = edited.one("article", slug="was-set-aside")
    article.update(state="reviewed", reviewed_by="ada", reviewed_at=article["added_at"])
    line, why = edited.refusal()
    assert line == edited.line(article)
    assert "it differs from its last event" in why


CHANGED = "2024-05-28T17:30:00.000000Z"
# Kind, which of them, what is changed, and what is said (| where SQLite names no constraint).
FORGERIES = [
    ("article", {}, {"text_sha256": "0" * 64}, "not the one its sha256 was made of"),
    ("article", {"slug": "is-open"}, {"text": "Other.\r\n"}, "not the one its sha256"),
    ("article", {}, {"revision": 0}, "“article revision from one”"),
    ("article", {"slug": "many-1"}, {"revision": 1}, "it is at revision 1"),
    ("article", {}, {"outlet": "nowhere"}, "“outlet”: there is no outlet “nowhere”."),
    ("article", {"slug": "is-open"}, {"replaces": "no"}, "“replaces”: there is no article “no”."),
    ("article", {"slug": "is-reviewed"}, {"reviewed_at": None}, "“article reviewed by somebody”"),
    ("article", {"slug": "many-1"}, {"slug": "many-0"}, "stands in the archive already"),
    ("span", {}, {"text": "other"}, "a span's text is the slice of its article's"),
    ("span", {}, {"end": 99_999}, "a span"),
    ("span", {}, {"revision": 99}, "it is at revision 99"),
    ("span", {}, {"label": "nothing"}, "“label”: there is no label “nothing”."),
    ("span", {}, {"author": "eve"}, "“author”: there is no person “eve”."),
    ("span", {}, {"attributes": {"mood": "dull"}}, "attribute mood"),
    ("span", {"waiting_since": None}, {"waiting_since": CHANGED}, "“span waits if proposed”"),
    ("span", {"checked": True}, {"checked": False}, "its spot checks say otherwise"),
    ("span", {"state": "proposed"}, {"checked": True}, "“span checked if approved”"),
    ("deed", {}, {"actor": "ada", "machine": "import:x"}, "“deed has an actor”"),
    ("deed", {"undone": False}, {"undone": True}, "it is called undone, after 0 undo(s)"),
    ("deed", {"action": "undo"}, {"undoes": str(uuid4())}, "“undoes”: there is no deed"),
    ("event", {"action": "reject"}, {"action": "approve"}, "does not lead to “rejected”"),
    ("event", {"action": "reject"}, {"action": "accept"}, "it brings a decision that nobody took"),
    ("event", {"action": "submit"}, {"action": "review"}, "so it cannot be signed off"),
    ("event", {}, {"deed": str(uuid4())}, "“deed”: there is no deed"),
    ("event", {"revision": 3}, {"revision": 2}, "in the archive already|once a span revision"),
    ("comment", {"text": "כן"}, {"article": "is-open"}, "a reply goes to a root in the same place"),
    ("comment", {"text": "No."}, {"reply_to": str(uuid4())}, "“reply_to”: there is no comment"),
    ("spot_check", {}, {"checker": "cy"}, "who looked had a hand in it"),
    ("spot_check", {"decided_by": "ada"}, {"checker": "ada"}, "“spot check by another hand”"),
    ("spot_check", {}, {"revision": 5}, "the span was not approved at revision 5"),
    ("export", {"via": "token"}, {"token": None}, "“export has its token”"),
    ("token", {"name": "gone"}, {"name": ""}, "must not be empty"),
    ("label", {"slug": "boilerplate"}, {"key": "q"}, "in the archive already|key used once"),
    ("person", {"username": "bo"}, {"username": "ada"}, "stands in the archive already"),
    ("choice", {}, {"attribute": ["quote", "mood"]}, "there is no attribute “quote mood”"),
    ("attribute", {"unless_attribute": None}, {"unless_value": "x"}, "“attribute condition whole”"),
]


@pytest.mark.parametrize(("kind", "which", "change", "words"), FORGERIES)
def test_what_cannot_be_is_refused_with_its_line(edited, kind, which, change, words):
    record = edited.one(kind, **which)
    record.update(change)
    line, why = edited.refusal()
    assert any(each in why for each in words.split("|")), why
    assert line == edited.line(record), why

"""Personal tokens: shown once, kept as a hash, good for one thing, and ended for good."""

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.actions import tokens
from annotations.domain.refusals import Illegal, Invalid, NotPermitted, Reused
from annotations.models import Scope, Token
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db


def made(person=None, **changes):
    told = {"name": "nightly", "days": 30, "request_id": uuid4()}
    return actions.make_token(person=person or make_user(exporter=True), **told | changes)


def known(secret, scope=Scope.EXPORT):
    return actions.known_token(secret, scope)


def everything_stored():
    """All that the database holds of tokens, as text."""
    return str(list(Token.objects.values()))


def set_back(token, **times):
    """As if that had been so long ago: the triggers let nobody do it."""
    from annotations import triggers

    triggers.drop(connection)
    Token.objects.filter(pk=token.pk).update(**times)


def test_a_token_is_256_random_bits_and_only_its_hash_is_kept():
    token, secret = made(name="  the  nightly\trun ")

    prefix, public_id, random = secret.split("_")
    assert (prefix, public_id) == ("nrt", token.public_id)
    assert len(bytes.fromhex(random)) == 32
    assert token.secret_sha256 == sha256(secret.encode()).hexdigest()
    assert random not in everything_stored()
    assert (token.name, token.scope) == ("the nightly run", "export")
    assert token.expires_at - token.created_at == timedelta(days=30)


def test_no_two_are_alike():
    person = make_user(exporter=True)
    assert len({made(person)[1].split("_")[2] for _ in range(5)}) == 5


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\0b", "\ud800"])
def test_a_name_that_says_nothing_or_cannot_be_kept_is_refused(name):
    with pytest.raises(Invalid) as refusal:
        made(name=name)
    assert refusal.value.field == "name"


@pytest.mark.parametrize("days", [0, -1, 31, 10**9])
def test_no_token_is_for_ever_or_for_another_time_than_is_offered(days):
    with pytest.raises(Invalid) as refusal:
        made(days=days)
    assert refusal.value.field == "days"


@pytest.mark.parametrize("part", ["annotator", "reviewer", "importer"])
def test_who_does_not_export_makes_none(part):
    with pytest.raises(NotPermitted, match="Only exporters"):
        made(make_user(**{part: True}))
    assert not Token.objects.exists()


def test_the_same_request_makes_one_and_shows_it_once():
    request_id, person = uuid4(), make_user(exporter=True)
    made(person, request_id=request_id)
    with pytest.raises(Reused, match="shown once"):
        made(person, request_id=request_id)
    assert Token.objects.count() == 1


def test_of_the_same_sent_twice_at_once_the_second_is_told_so(monkeypatch):
    request_id, person = uuid4(), make_user(exporter=True)
    looks = iter([lambda _: None, tokens._check_fresh])
    monkeypatch.setattr(tokens, "_check_fresh", lambda given: next(looks)(given))
    Token.objects.create(
        public_id="0" * 8,
        secret_sha256="0" * 64,
        person=person,
        name="first",
        expires_at=make_token()[0].expires_at,
        request_id=request_id,
    )
    with pytest.raises(Reused):
        made(person, request_id=request_id)


def test_another_token_of_the_same_public_id_is_a_sentence(monkeypatch):
    token, _ = made()
    drawn = iter([token.public_id, "0" * 64])
    monkeypatch.setattr(tokens.secrets, "token_hex", lambda _: next(drawn))
    with pytest.raises(Illegal, match="try again"):
        made()


def test_nobody_has_more_than_twenty_in_use():
    person = make_user(exporter=True)
    many = [made(person)[0] for _ in range(tokens.MOST)]
    with pytest.raises(Illegal, match="You have 20 tokens in use"):
        made(person)
    made()  # somebody else may
    actions.revoke_token(token=many[0].public_id, by=person)
    made(person)


def test_who_brings_it_is_its_person():
    token, secret = made()
    assert known(secret).person == token.person


def forged(secret):
    _, public_id, random = secret.split("_")
    return [
        "",
        "nrt",
        "nrt_",
        "nrt__",
        f"nrt_{public_id}",
        f"nrt_{public_id}_",
        f"nrt_{public_id}_{'0' * 64}",
        f"nrt_{'0' * 8}_{random}",
        f"xyz_{public_id}_{random}",
        secret.upper(),
        f"{secret}0",
        secret[:-1],
        random,
        "nrt_\0\0\0\0_x",
        f"nrt_{public_id}_\udcff",
        f"nrt_{'x' * 10_000}_{random}",
    ]


def test_what_is_not_it_to_the_letter_is_none_of_ours():
    _, secret = made()
    for attempt in forged(secret):
        with pytest.raises(NotPermitted, match=r"This is no token of ours\."):
            known(attempt)
    assert Token.objects.get().used_at is None


def test_it_is_good_for_its_scope_only():
    _, secret = made()
    with pytest.raises(NotPermitted, match="for something else"):
        known(secret, "admin")


def test_a_revoked_one_is_good_for_nothing_and_revoking_twice_changes_nothing():
    token, secret = made()
    first = actions.revoke_token(token=token.public_id, by=token.person)
    with pytest.raises(NotPermitted, match="revoked"):
        known(secret)
    again = actions.revoke_token(token=token.public_id, by=token.person)
    assert first.revoked_at
    assert again.revoked_at == first.revoked_at


def test_nobody_but_its_person_and_superusers_revokes_it():
    token, secret = made()
    with pytest.raises(Token.DoesNotExist):
        actions.revoke_token(token=token.public_id, by=make_user(exporter=True))
    known(secret)
    actions.revoke_token(token=token.public_id, by=make_user(superuser=True))
    with pytest.raises(NotPermitted):
        known(secret)


def test_an_expired_one_is_good_for_nothing():
    token, secret = made()
    then = token.created_at - timedelta(days=31)
    set_back(token, created_at=then, expires_at=then + timedelta(days=30))
    with pytest.raises(NotPermitted, match="expired"):
        known(secret)


def test_that_of_somebody_who_may_not_sign_in_is_good_for_nothing():
    token, secret = made()
    token.person.is_active = False
    token.person.save()
    with pytest.raises(NotPermitted, match="may not sign in"):
        known(secret)


def test_its_use_is_noted_once_a_minute():
    token, secret = made()
    known(secret)
    token.refresh_from_db()
    first = token.used_at
    assert first

    with CaptureQueriesContext(connection) as queries:
        known(secret)
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]

    Token.objects.filter(pk=token.pk).update(used_at=first - timedelta(seconds=61))
    known(secret)
    token.refresh_from_db()
    assert token.used_at > first - timedelta(seconds=61)

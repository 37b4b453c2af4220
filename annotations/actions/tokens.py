"""Personal tokens: making one, knowing one again, revoking it. No deeds: they change no span."""

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from annotations import permissions
from annotations.domain.refusals import Illegal, Invalid, NotPermitted, Reused
from annotations.domain.text import is_storable
from annotations.models import Person, Scope, Token

PREFIX = "nrt"  # so that a token that got into a file is found there by its looks
LIFETIMES = (30, 90, 365)  # days; none is for ever: what is forgotten ends by itself
MOST = 20  # that one person may have in use
LONGEST_NAME = 80
_USE_NOTED = timedelta(minutes=1)  # so that a busy program writes once a minute, not each time


def make_token(*, person: Person, name: str, days: int, request_id: UUID) -> tuple[Token, str]:
    """A new token of that person for taking exports away, and its secret, which is kept nowhere.

    Raises NotPermitted unless the person exports; Invalid for no name or another lifetime; Illegal
    where they have enough of them; Reused for a request id that made one, whose secret nobody can
    show again.
    """
    permissions.check_export(person)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not is_storable(name):
        raise Invalid(f"Give it a name of 1 to {LONGEST_NAME} characters.", "name")
    if days not in LIFETIMES:
        raise Invalid("Choose how long it is to be good for.", "days")
    _check_fresh(request_id)
    now = timezone.now()
    if person.tokens.filter(revoked_at=None, expires_at__gt=now).count() >= MOST:
        raise Illegal(f"You have {MOST} tokens in use; revoke one that you do not need.")
    public_id, secret = secrets.token_hex(4), secrets.token_hex(32)
    whole = f"{PREFIX}_{public_id}_{secret}"
    try:
        with transaction.atomic():
            token = Token.objects.create(
                public_id=public_id,
                secret_sha256=_hash(whole),
                person=person,
                name=name,
                created_at=now,
                expires_at=now + timedelta(days=days),
                request_id=request_id,
            )
    except IntegrityError:  # the same, sent twice at once; or another token of that public id
        _check_fresh(request_id)
        raise Illegal("That did not work out just now; please try again.") from None
    return token, whole


def known_token(whole: str, scope: Scope) -> Token:
    """The token that this is, good for `scope`, with its person; notes that it was used.

    Raises NotPermitted, with the reason, where it is none, expired, revoked, for something else,
    or its person may not sign in.
    """
    prefix, _, rest = whole.partition("_")
    public_id = rest.partition("_")[0]
    token = None
    if prefix == PREFIX and public_id.isascii() and public_id.isalnum():
        token = Token.objects.select_related("person").filter(public_id=public_id).first()
    if token is None or not constant_time_compare(token.secret_sha256, _hash(whole)):
        raise NotPermitted("This is no token of ours.")
    now = timezone.now()
    if token.revoked_at:
        raise NotPermitted("This token was revoked. Make a new one on your page.")
    if token.expires_at <= now:
        raise NotPermitted("This token has expired. Make a new one on your page.")
    if token.scope != scope:
        raise NotPermitted("This token is for something else.")
    if not token.person.is_active:
        raise NotPermitted("The person of this token may not sign in any more.")
    if token.used_at is None or token.used_at < now - _USE_NOTED:
        Token.objects.filter(pk=token.pk).update(used_at=now)
    return token


def revoke_token(*, token: str, by: Person) -> Token:
    """End the token of that public id for good; a second time changes nothing.

    Raises Token.DoesNotExist where it is neither one's own nor `by` a superuser.
    """
    rows = Token.objects.all() if by.is_superuser else by.tokens.all()
    found = rows.get(public_id=token)
    Token.objects.filter(pk=found.pk, revoked_at=None).update(revoked_at=timezone.now())
    found.refresh_from_db()
    return found


def _check_fresh(request_id: UUID) -> None:
    if Token.objects.filter(request_id=request_id).exists():
        raise Reused(
            "This form has made its token, which was shown once and is kept nowhere. "
            "If you have not copied it, revoke it and make another."
        )


def _hash(whole: str) -> str:
    return sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()

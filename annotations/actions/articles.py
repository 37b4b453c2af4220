"""Deeds on one article. Lock, check, write, log, or raise, as those on spans do."""

from typing import Any

from annotations import permissions
from annotations.actions._deeds import Done, records
from annotations.actions._names import (
    Particulars,
    check_fields,
    check_particulars,
    outlet_of,
    story_of,
)
from annotations.actions._write import (
    article_row,
    change_state,
    fields_of,
    lock_article,
    write_article,
)
from annotations.domain.lifecycle import UNSETTLED, Action, ArticleState
from annotations.domain.refusals import Illegal, Invalid, Stale
from annotations.models import Article, Deed

MAX_REASON_LENGTH = 200


@records(Action.DESCRIBE)
def describe_article(*, article: str, seen: int, particulars: Particulars, deed: Deed) -> Done:
    """Change what is known of an article beside its slug and text.

    Raises Illegal if that would make it another article that is known.
    """
    row = _locked(article, seen)
    if deed.actor is not None:
        permissions.check_import(deed.actor)
    check_particulars(particulars)
    described: dict[str, Any] = {
        "outlet": outlet_of(particulars.outlet),
        "story": story_of(particulars.story),
        "title": particulars.title.strip(),
        "url": particulars.url,
        "published_at": particulars.published_at,
        "language": particulars.language,
    }
    check_fields(Article(slug=row.slug, text=row.text, text_sha256=row.text_sha256, **described))
    return Done(deed, write_article(row, Action.DESCRIBE, deed, **described))


@records(Action.SUBMIT)
def submit(*, article: str, seen: int, deed: Deed) -> Done:
    """Say that the article is done: its spans wait for review. It may have none."""
    row = _begin(article, seen, Action.SUBMIT, deed)
    submitted: dict[str, Any] = {"submitted_by_id": deed.actor_id, "submitted_at": deed.at}
    return Done(deed, change_state(row, Action.SUBMIT, deed, **submitted))


@records(Action.TAKE_BACK)
def take_back(*, article: str, seen: int, deed: Deed) -> Done:
    """Work on after all; for who submitted it, until a first decision."""
    row = _begin(article, seen, Action.TAKE_BACK, deed)
    forgotten: dict[str, Any] = {"submitted_by_id": None, "submitted_at": None}
    return Done(deed, change_state(row, Action.TAKE_BACK, deed, **forgotten))


@records(Action.REVIEW)
def sign_off(*, article: str, seen: int, nothing_missing: bool, deed: Deed) -> Done:
    """Call the article reviewed: every span is settled, and nothing is missing."""
    row = _begin(article, seen, Action.REVIEW, deed)
    unsettled = row.spans.filter(state__in=UNSETTLED).count()
    if unsettled:
        spans = "1 span is" if unsettled == 1 else f"{unsettled} spans are"
        raise Illegal(f"{spans} still undecided or sent back.")
    if not nothing_missing:
        raise Invalid("Tick that nothing is missing.", "nothing_missing")
    signed: dict[str, Any] = {"reviewed_by_id": deed.actor_id, "reviewed_at": deed.at}
    return Done(deed, change_state(row, Action.REVIEW, deed, **signed))


@records(Action.REOPEN)
def reopen_article(*, article: str, seen: int, deed: Deed, comment: str = "") -> Done:
    """Take the sign-off back."""
    row = _begin(article, seen, Action.REOPEN, deed)
    return Done(deed, change_state(row, Action.REOPEN, deed, comment=comment))


@records(Action.SET_ASIDE)
def set_aside(*, article: str, seen: int, reason: str, deed: Deed) -> Done:
    """Put the article out of queues, counts and exports, for a reason in words."""
    row = _begin(article, seen, Action.SET_ASIDE, deed)
    words = reason.strip()
    if not words:
        raise Invalid("Say why it is set aside.", "reason")
    if len(words) > MAX_REASON_LENGTH:
        raise Invalid(f"A reason has at most {MAX_REASON_LENGTH} characters.", "reason")
    return Done(deed, change_state(row, Action.SET_ASIDE, deed, reason=words))


@records(Action.RESTORE)
def restore_article(*, article: str, seen: int, deed: Deed) -> Done:
    """Bring an article back that was set aside, to where it was."""
    row = _begin(article, seen, Action.RESTORE, deed)
    # Undoing a restoration sets it aside, too; of such the last one stands.
    came = row.events.filter(span=None, after__state=row.state, before__isnull=False)
    aside = came.exclude(before__state=row.state).latest("id")
    assert aside.before is not None
    was = fields_of(aside.before)
    signed: dict[str, Any] = {name: was[name] for name in ("reviewed_by_id", "reviewed_at")}
    state = ArticleState(was["state"])
    return Done(deed, change_state(row, Action.RESTORE, deed, after=state, **signed))


def _locked(slug: str, seen: int) -> Article:
    row = lock_article(slug=slug)
    if row.revision != seen:
        raise Stale("The article has changed since you saw it. It is shown as it is now.")
    return row


def _begin(slug: str, seen: int, action: Action, deed: Deed) -> Article:
    """The article, locked; the deed is legal and permitted."""
    row = _locked(slug, seen)
    transition = article_row(ArticleState(row.state), action)
    assert deed.actor is not None
    permissions.check_article(transition, deed.actor, row)
    return row

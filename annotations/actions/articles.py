"""Deeds on one article. Lock, check, write, log, or raise, as those on spans do."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import slugify

from annotations import permissions
from annotations.actions._deeds import Done, records
from annotations.actions._write import (
    article_row,
    change_state,
    check_said,
    fields_of,
    lock_article,
    write_article,
)
from annotations.actions.spans import Marked, add_span, check_creation
from annotations.domain.lifecycle import UNSETTLED, Action, ArticleState
from annotations.domain.refusals import Illegal, Invalid, Stale
from annotations.domain.text import UnfitText, clean, digest
from annotations.models import Article, Deed, Outlet, Story

MAX_REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is known of an article beside its text; empty where it is not.

    outlet, story: a slug or a name; one that is not there yet is made.
    """

    slug: str = ""
    outlet: str = ""
    story: str = ""
    title: str = ""
    url: str = ""
    published_at: datetime | None = None
    language: str = ""


def known_article(particulars: Particulars, text: str) -> Article | None:
    """The article that is meant: by its slug, else by outlet, url and text, missing being empty.

    text: as stored (`domain.text.clean`). Raises Invalid for particulars that cannot be.
    """
    _check_particulars(particulars)
    if particulars.slug:
        by_slug = Article.objects.filter(slug=particulars.slug).first()
        if by_slug is not None:
            return by_slug
    outlet = _known_outlet(particulars.outlet)
    if particulars.outlet and outlet is None:
        return None
    return Article.objects.filter(
        outlet=outlet, url=particulars.url, text_sha256=digest(text)
    ).first()


@records(Action.IMPORT)
def add_article(
    *, text: str, particulars: Particulars, deed: Deed, suggestions: Sequence[Marked] = ()
) -> Done:
    """Bring an article in, with what is suggested in it. Its slug and text are frozen from here on.

    A missing title is the text's opening words; a missing slug comes from the title.
    suggestions: places of the text as it is stored (`domain.text.clean`); for machines only,
    whose name is their origin. Raises Invalid for a text, particulars or a suggestion that
    cannot be stored; Twin if a suggestion stands twice; Illegal if the article is known.
    """
    if deed.actor is not None:
        permissions.check_import(deed.actor)
    if suggestions:
        check_creation(Action.SUGGEST, deed)
    article = drafted(text, particulars, deed)
    write_article(article, Action.IMPORT, deed)
    spans = [
        add_span(article, Action.SUGGEST, marked, deed.machine, deed) for marked in suggestions
    ]
    return Done(deed, article, tuple(spans))


def drafted(text: str, particulars: Particulars, deed: Deed) -> Article:
    """The article that would come in, not stored yet. Raises as add_article does."""
    _check_particulars(particulars)
    try:
        stored = clean(text).text
    except UnfitText as error:
        raise Invalid(str(error), "text") from None
    if known_article(particulars, stored) is not None:
        raise Illegal("This article is here already.")
    title = particulars.title.strip() or opening_words(stored)
    article = Article(
        slug=particulars.slug or _free_slug(title),
        outlet=_outlet(particulars.outlet),
        story=_story(particulars.story),
        title=title,
        url=particulars.url,
        published_at=particulars.published_at,
        language=particulars.language,
        text=stored,
        text_sha256=digest(stored),
        added_at=deed.at,
    )
    _check_fields(article)
    return article


@records(Action.DESCRIBE)
def describe_article(*, article: str, seen: int, particulars: Particulars, deed: Deed) -> Done:
    """Change what is known of an article beside its slug and text.

    Raises Illegal if that would make it another article that is known.
    """
    row = _locked(article, seen)
    if deed.actor is not None:
        permissions.check_import(deed.actor)
    _check_particulars(particulars)
    described: dict[str, Any] = {
        "outlet_id": getattr(_outlet(particulars.outlet), "pk", None),
        "story_id": getattr(_story(particulars.story), "pk", None),
        "title": particulars.title.strip(),
        "url": particulars.url,
        "published_at": particulars.published_at,
        "language": particulars.language,
    }
    _check_fields(Article(slug=row.slug, text=row.text, text_sha256=row.text_sha256, **described))
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


def opening_words(text: str, most: int = 80) -> str:
    """The text's first line, cut after a word where it is longer than `most` code points."""
    line = next(line for line in text.split("\n") if line.strip()).strip()
    if len(line) <= most:
        return line
    return line[: most + 1].rsplit(maxsplit=1)[0][:most].rstrip(",;:–-") + " …"


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


def _known_outlet(name: str) -> Outlet | None:
    """The outlet of that slug or name; names that make the same slug are the same."""
    if not name:
        return None
    by_name = Q(slug=name) | Q(name=name) | Q(slug=_slug_of(name, "outlet"))
    return Outlet.objects.filter(by_name).first()


def _outlet(name: str) -> Outlet | None:
    if not name:
        return None
    return _known_outlet(name) or Outlet.objects.create(
        slug=_slug_of(name, "outlet"), name=_short(name, 200)
    )


def _story(name: str) -> Story | None:
    if not name:
        return None
    slug = _slug_of(name, "story")
    found = Story.objects.filter(Q(slug=name) | Q(title=name) | Q(slug=slug)).first()
    return found or Story.objects.create(slug=slug, title=_short(name, 300))


def _short(name: str, most: int) -> str:
    if len(name) > most:
        raise Invalid(f"The name “{name[:40]}…” has {len(name)} characters; {most} are the most.")
    return name


def _slug_of(name: str, kind: str) -> str:
    """A slug for a name; by its fingerprint where the name has no Latin letters."""
    return slugify(name)[:100] or f"{kind}-{digest(name)[:10]}"


def _free_slug(title: str) -> str:
    """A slug from the title that no article has, with a number where it needs one."""
    base = slugify(title)[:100].strip("-") or f"article-{digest(title)[:10]}"
    taken = set(Article.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    candidates = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(slug for slug in candidates if slug not in taken)


def _check_particulars(particulars: Particulars) -> None:
    """Raises Invalid with the first that holds what no database keeps."""
    for field, value in asdict(particulars).items():
        if isinstance(value, str):
            check_said(value, field)


def _check_fields(article: Article) -> None:
    """Raises Invalid with the first field that cannot be stored as it is."""
    try:
        article.clean_fields(exclude=["outlet", "story", "submitted_by", "reviewed_by"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(f"{field.replace('_', ' ').capitalize()}: {messages[0]}", field) from None

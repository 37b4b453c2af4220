"""Talk: comments on articles and on spans. No deeds: a word changes nothing that is marked.

Each locks the article, checks and writes in one transaction, or raises a Refusal and has written
nothing. While an article rests, so does the talk; taking one's own words back is always possible.
"""

import json
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations import permissions
from annotations.actions._write import check_said, lock_article
from annotations.domain.lifecycle import RESTING, ArticleState
from annotations.domain.refusals import Illegal, Invalid, NotPermitted, Reused
from annotations.models import Article, Comment, Person

MAX_COMMENT_LENGTH = 5000  # code points


def comment(
    *,
    article: str,
    span: UUID | None,
    reply_to: UUID | None,
    text: str,
    author: Person,
    request_id: UUID,
) -> Comment:
    """Say something on the article, or on a span of it; once for each request id.

    reply_to: a comment in the same place; a reply to a reply goes to its root. A reply opens a
    thread again that was resolved, so that nobody's words go unseen.
    Raises Article.DoesNotExist, Span.DoesNotExist or Comment.DoesNotExist for what is not there
    or stands elsewhere; Reused for a request id that came with something else; NotPermitted;
    Invalid for words that cannot be said; Illegal while the article rests.
    """
    told = (article, span, reply_to, text)
    payload = sha256(json.dumps(told, default=str).encode()).hexdigest()
    if earlier := _repeat_of(request_id, author, payload):
        return earlier
    permissions.check_comment(author)
    _check_words(text)
    try:
        with transaction.atomic():
            row = lock_article(slug=article)
            _check_talking(row)
            on = row.spans.get(uid=span) if span else None
            root = _root_of(row.comments.get(uid=reply_to, span=on)) if reply_to else None
            if root is not None and root.resolved_at:
                _resolve(root, None)
            return Comment.objects.create(
                article=row,
                span=on,
                reply_to=root,
                text=text,
                author=author,
                request_id=request_id,
                payload_sha256=payload,
            )
    except IntegrityError:
        # Two of the same request at once: the first is through by now.
        if earlier := _repeat_of(request_id, author, payload):
            return earlier
        raise


@transaction.atomic
def resolve(*, comment: UUID, person: Person) -> Comment:
    """Call the comment's thread settled. Returns its root.

    Who did so first stays on record. Raises Comment.DoesNotExist, NotPermitted, Illegal.
    """
    root = _locked_root(comment, person)
    return root if root.resolved_at else _resolve(root, person)


@transaction.atomic
def unresolve(*, comment: UUID, person: Person) -> Comment:
    """Open the comment's thread again. Returns its root. Raises as `resolve` does."""
    return _resolve(_locked_root(comment, person), None)


@transaction.atomic
def take_back_comment(*, comment: UUID, person: Person) -> Comment:
    """Take one's own words back: they stay on record and are not shown any more.

    Raises Comment.DoesNotExist; NotPermitted for another's.
    """
    row = _locked(comment)
    if row.author_id != person.pk:
        raise NotPermitted("Only its author may take a comment back.")
    if row.withdrawn_at is None:
        row.withdrawn_at = timezone.now()
        row.save(update_fields=["withdrawn_at"])
    return row


def _repeat_of(request_id: UUID, author: Person, payload: str) -> Comment | None:
    earlier = (
        Comment.objects.select_related("article", "span", "reply_to")
        .filter(request_id=request_id)
        .first()
    )
    told = (author.pk, payload)
    if earlier is not None and (earlier.author_id, earlier.payload_sha256) != told:
        raise Reused(
            "This form was sent before with other words. What you typed is kept: "
            "send it again if it is a comment of its own."
        )
    return earlier


def _check_words(text: str) -> None:
    if not text.strip():
        raise Invalid("Say something first.", "text")
    if len(text) > MAX_COMMENT_LENGTH:
        raise Invalid(
            f"A comment has at most {MAX_COMMENT_LENGTH:,} characters; this one has {len(text):,}.",
            "text",
        )
    check_said(text, "text")


def _locked(uid: UUID) -> Comment:
    """The comment as it is now, its article locked. Raises Comment.DoesNotExist."""
    article_id = Comment.objects.values_list("article_id", flat=True).get(uid=uid)
    article = lock_article(pk=article_id)
    row = Comment.objects.select_related("span", "reply_to__span").get(uid=uid)
    row.article = article
    return row


def _locked_root(uid: UUID, person: Person) -> Comment:
    """The root of the comment's thread, for somebody to resolve or to open again."""
    permissions.check_comment(person)
    row = _locked(uid)
    _check_talking(row.article)
    root = _root_of(row)
    root.article = row.article
    return root


def _check_talking(article: Article) -> None:
    state = ArticleState(article.state)
    if state in RESTING:
        raise Illegal(f"This article is {state.words}, so the talk about it rests.")


def _root_of(comment: Comment) -> Comment:
    return comment.reply_to or comment


def _resolve(root: Comment, person: Person | None) -> Comment:
    """Resolved by that person from now on; by nobody: open."""
    root.resolved_by, root.resolved_at = person, timezone.now() if person else None
    root.save(update_fields=["resolved_by", "resolved_at"])
    return root

"""The talk about an article, or about one span of it, as every screen draws it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotations import permissions
from annotations.forms import fresh_request_id
from annotations.models import Article, Comment, Span
from annotations.permissions import Viewer
from annotations.queries import comments as queries
from annotations.views.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Say:
    """A form to say something with: to begin a thread, or with `reply_to` to go on with one.

    name: what its ids in the page end in. text, error: what was typed when it was refused, and why.
    """

    name: str
    request_id: str
    reply_to: Comment | None = None
    text: str = ""
    error: str = ""


def threads_context(
    viewer: Viewer,
    article: Article,
    span: Span | None = None,
    outcome: Outcome | None = None,
    typed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What `annotations/comment/_threads.html` takes as `talk`: the threads of one place.

    The place is the span or, without one, the article itself. outcome, typed: a refusal here and
    the fields that came with it; the sentence stands in the form that was sent.
    """
    threads = queries.of_article(article) if span is None else queries.of_span(span)
    place = "article" if span is None else str(span.uid)
    typed, error = typed or {}, outcome.sentence if outcome else ""
    begin = _say(place, None, typed, error)
    drawn = [(thread, _say(str(thread.root.uid), thread.root, typed, error)) for thread in threads]
    said = any(say.error for say in (begin, *(say for _, say in drawn)))
    return {
        "place": place,
        "article": article,
        "span": span,
        "threads": drawn,
        "say": begin,
        "error": "" if said else error,
        "open": sum(1 for thread in threads if thread.open),
        "may_comment": permissions.may_comment(viewer, article),
    }


def form_of(talk: Mapping[str, Any], comment: Comment) -> Say:
    """The form of `talk` that the comment was sent with, drawn afresh."""
    for thread, say in talk["threads"]:
        if thread.root.pk == comment.reply_to_id:
            return say
    return talk["say"]


def _say(name: str, root: Comment | None, typed: Mapping[str, str], error: str) -> Say:
    sent = "text" in typed and typed.get("reply_to", "") == (str(root.uid) if root else "")
    text = typed["text"] if sent else ""
    return Say(name, fresh_request_id(), root, text, error if sent else "")

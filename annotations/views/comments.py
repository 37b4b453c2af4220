"""Comments by POST: something said, a thread resolved, words taken back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from annotations import actions
from annotations.domain.refusals import Invalid, Refusal
from annotations.forms import CommentForm
from annotations.htmx import fragment_or_redirect, page_or_fragment, wants_fragment
from annotations.models import Article, Comment, Span
from annotations.queries import comments as queries
from annotations.queries import desk as desk_queries
from annotations.views import desk
from annotations.views.outcomes import STATUS, Outcome, unfit
from annotations.views.panels import panel
from annotations.views.threads import form_of, threads_context

SCREEN = "annotations/comment"
DEEDS: dict[str, tuple[Callable[..., Comment], str]] = {
    "resolve": (actions.resolve, "Resolved."),
    "unresolve": (actions.unresolve, "Open again."),
    "take_back": (actions.take_back_comment, "Taken back."),
}


@require_POST
def say(request: HttpRequest, slug: str) -> HttpResponse:
    """POST /articles/<slug>/comments/: say something on the article, or on a span of it."""
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _refuse(request, slug, form.cleaned_data.get("span"), unfit(form))
    told = form.cleaned_data
    done = _attempt(
        actions.comment,
        article=slug,
        span=told["span"],
        reply_to=told["reply_to"],
        text=told["text"],
        author=request.user,
        request_id=form.request_uid,
    )
    if isinstance(done, Outcome):
        return _refuse(request, slug, told["span"], done)
    return _answer(request, done, "Reply added." if done.reply_to else "Comment added.", sent=True)


@require_POST
def on_comment(request: HttpRequest, uid: UUID) -> HttpResponse:
    """POST /comments/<uid>/: resolve its thread, open it again, or take one's words back."""
    action = request.POST.get("action", "")
    if action in DEEDS:
        act, notice = DEEDS[action]
        done = _attempt(act, comment=uid, person=request.user)
    else:
        sentence = "There is no such deed on a comment."
        done = Outcome(sentence=sentence, status=422, field="action")
    if isinstance(done, Outcome):
        comment = _comment(uid)
        span = comment.span.uid if comment.span else None
        return _refuse(request, comment.article.slug, span, done)
    return _answer(request, done, notice)


def address(comment: Comment) -> str:
    """Where the comment is read: at the desk, with its span open if it is on one."""
    place = desk.address(comment.article, comment.span).partition("#")[0]
    return f"{place}#comment-{comment.uid}"


def _answer(
    request: HttpRequest, comment: Comment, notice: str, *, sent: bool = False
) -> HttpResponse:
    """To htmx the threads of its place, and the form it was sent with anew; else on to it."""

    def context() -> dict[str, Any]:
        talk = threads_context(request.user, comment.article, comment.span)
        return {"talk": talk, "fresh": form_of(talk, comment) if sent else None}

    return fragment_or_redirect(
        request, SCREEN, "_answer.html", context, then=address(comment), notice=notice
    )


def _refuse(
    request: HttpRequest, slug: str, span_uid: UUID | None, outcome: Outcome
) -> HttpResponse:
    """The sentence where the person is, with what was typed; to a plain form the desk anew."""
    article, span = _place(slug, span_uid)
    talk = threads_context(request.user, article, span, outcome, request.POST.dict())
    if wants_fragment(request):
        context = {"talk": talk, "error": outcome.sentence}
        return page_or_fragment(request, SCREEN, "_answer.html", context, status=outcome.status)
    page = desk._page(request, article) | {"error": outcome.sentence}
    if span is None:
        page["talk"] = talk
    else:
        page["panel"] = panel(span, request.user) | {"talk": talk}
    return page_or_fragment(request, desk.SCREEN, "_panel.html", page, status=outcome.status)


def _place(slug: str, span_uid: UUID | None) -> tuple[Article, Span | None]:
    try:
        article = desk_queries.article(slug)
        span = desk_queries.span(span_uid) if span_uid else None
    except ObjectDoesNotExist:
        raise Http404("There is no such article or span.") from None
    if span is not None and span.article_id != article.pk:
        raise Http404("There is no such span in this article.")
    return article, span


def _comment(uid: UUID) -> Comment:
    try:
        return queries.comment(uid)
    except Comment.DoesNotExist:
        raise Http404("There is no such comment.") from None


def _attempt(action: Callable[..., Comment], **arguments: Any) -> Comment | Outcome:
    """Do it, or turn what it raises into a sentence with its status."""
    try:
        return action(**arguments)
    except Refusal as refusal:
        field = refusal.field if isinstance(refusal, Invalid) else ""
        return Outcome(sentence=str(refusal), status=STATUS[type(refusal)], field=field)
    except ObjectDoesNotExist:
        raise Http404("What this is about does not stand here.") from None

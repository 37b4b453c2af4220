"""The review: what waits for me, in its context, one decision at a time."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotations import permissions
from annotations.domain.checks import Concern
from annotations.domain.lifecycle import VERDICTS, Action, State
from annotations.forms import QueueForm, fresh_request_id
from annotations.htmx import fragment_or_redirect, page_or_fragment
from annotations.models import Article, Outlet, Span, Story
from annotations.queries import deeds as deed_queries
from annotations.queries import desk as desk_queries
from annotations.queries import review as queries
from annotations.queries.checks import concerns
from annotations.queries.review import Queue
from annotations.views.outcomes import Outcome, said
from annotations.views.panels import panel

SCREEN = "annotations/review"
ROWS = 50
# What `u` takes back here: a reviewer's deeds, not those they did at the desk.
REVIEWING = (*VERDICTS, Action.REOPEN, Action.REVIEW)


@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """The queue with one span of it open: that of `?span=`, else the first."""
    queue = QueueForm(request.GET).queue()
    wanted = request.GET.get("span")
    if wanted:
        try:
            span: Span | None = desk_queries.span(UUID(wanted))
        except (ValueError, Span.DoesNotExist):
            raise Http404("There is no such span.") from None
    else:
        span = _next(None, queue, request)
    fragment = "_card.html" if request.GET.get("try") else "_answer.html"
    return page_or_fragment(request, SCREEN, fragment, _screen(request, queue, request.GET, span))


def answer(request: HttpRequest, outcome: Outcome, span: Span | None = None) -> HttpResponse:
    """After a deed that was done: on to the next of the queue; after an undo, back to its span.

    span: on which nothing was left to do.
    """
    done = outcome.done
    query = QueryDict(request.POST.get("queue", ""))
    queue = QueueForm(query).queue()
    if done is not None:
        span = desk_queries.span(done.span.uid) if done.spans else None
    if span is None or done is None or done.deed.action != Action.UNDO:
        span = _next(span, queue, request)
    return fragment_or_redirect(
        request,
        SCREEN,
        "_answer.html",
        lambda: _screen(request, queue, query, span),
        then=_address(query, span),
        notice=said(outcome),
    )


def refuse_span(request: HttpRequest, uid: UUID, outcome: Outcome) -> HttpResponse:
    """After a deed on a span that was not done: the span as it is now, what was typed kept."""
    return _refuse(request, outcome, desk_queries.span(uid))


def refuse(request: HttpRequest, article: Article | None, outcome: Outcome) -> HttpResponse:
    """After any other deed that was not done: the sentence where the person is."""
    return _refuse(request, outcome, None)


def _refuse(request: HttpRequest, outcome: Outcome, span: Span | None) -> HttpResponse:
    query = QueryDict(request.POST.get("queue", ""))
    queue = QueueForm(query).queue()
    context = _screen(request, queue, query, span or _next(None, queue, request))
    if span is not None:
        typed = request.POST.dict()
        told = _concerns(span)
        context["panel"] = panel(span, request.user, outcome=outcome, typed=typed, concerns=told)
    context["error"] = outcome.sentence
    return page_or_fragment(request, SCREEN, "_answer.html", context, status=outcome.status)


def _screen(
    request: HttpRequest, queue: Queue, query: QueryDict, span: Span | None
) -> dict[str, Any]:
    rows = Paginator(queries.waiting(queue, request.user), ROWS).get_page(query.get("page"))
    context = desk_queries.drawn(span.article, [span.extent]) if span else []
    typed = request.GET.dict() if request.GET.get("try") else None
    label = request.GET.get("label", "") if request.GET.get("try") else ""
    return {
        "form": QueueForm(query),
        "queue": queue,
        "query": _kept(query),
        "rows": rows,
        "held_up": queries.held_up(queue, request.user),
        "to_sign_off": _signable(request),
        "labels": desk_queries.labels(),
        "outlets": Outlet.objects.all(),
        "stories": Story.objects.all(),
        "panel": (
            panel(span, request.user, label=label, typed=typed, concerns=_concerns(span))
            if span
            else None
        ),
        "context": context,
        "undoable": deed_queries.undoable(request.user, among=REVIEWING),
        "redoable": deed_queries.redoable(request.user, among=REVIEWING),
        "may_review": permissions.may_review(request.user),
        "request_id": fresh_request_id(),
    }


def _concerns(span: Span) -> list[Concern]:
    """What a reviewer is warned of before approving the span."""
    return concerns([span])[span.pk] if span.state == State.PROPOSED else []


def _signable(request: HttpRequest) -> list[tuple[Article, str, str]]:
    """Articles to sign off, each with why this person may not, or nothing, and a request id."""
    articles = list(queries.to_sign_off()[:ROWS])
    why_not = permissions.why_not_sign_off(request.user, articles)
    return [(article, why_not[article.pk], fresh_request_id()) for article in articles]


def _next(after: Span | None, queue: Queue, request: HttpRequest) -> Span | None:
    found = queries.next_after(after, queue, request.user)
    return desk_queries.span(found.uid) if found else None


def _kept(query: QueryDict) -> str:
    """The filters of the address, to send along with a deed."""
    return urlencode(
        [
            (name, value)
            for name, value in query.items()
            if value and name in (*QueueForm.base_fields, "page")
        ]
    )


def _address(query: QueryDict, span: Span | None) -> str:
    kept = _kept(query)
    opened = urlencode({"span": span.uid}) if span else ""
    return f"{reverse('review')}?{'&'.join(part for part in (kept, opened) if part)}"

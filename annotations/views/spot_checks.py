"""Spot checks: approved spans, one at a time, before fresh eyes; and what these found so far."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from annotations import actions, permissions
from annotations.domain.lifecycle import Action, Finding, State
from annotations.forms import FindingForm, fresh_request_id
from annotations.htmx import fragment_or_redirect, page_or_fragment, wants_fragment
from annotations.models import Article, Person, Span
from annotations.queries import deeds as deed_queries
from annotations.queries import desk as desk_queries
from annotations.queries import spot_checks as queries
from annotations.views.outcomes import Outcome, is_undo, said, tried, unfit
from annotations.views.panels import panel
from annotations.views.threads import threads_context

SCREEN = "annotations/spot_checks"
# What `u` takes back here; a finding is on record for good.
REOPENING = (Action.REOPEN,)


@require_GET
def spot_checks(request: HttpRequest) -> HttpResponse:
    """GET /review/spot-checks/: the span of `?span=`, else what comes after that of `?after=`."""
    after = _asked(request, "after")
    span = _asked(request, "span") or _next(request, after)
    context = _screen(request, span, after, numbers=not wants_fragment(request))
    return page_or_fragment(request, SCREEN, "_answer.html", context)


@require_POST
def find(request: HttpRequest, uid: UUID) -> HttpResponse:
    """POST /spans/<uid>/finding/: what was found; on to the next, or what can be done about it."""
    span = _span(uid)
    form = FindingForm(request.POST)
    if not form.is_valid():
        return refuse_span(request, uid, unfit(form))
    told = form.cleaned_data
    assert isinstance(request.user, Person)
    found = tried(
        actions.record_finding,
        span=uid,
        seen=told["seen"],
        finding=told["finding"],
        note=told["note"],
        checker=request.user,
        request_id=form.request_uid,
    )
    if isinstance(found, Outcome):
        return refuse_span(request, uid, found)
    if found.finding == Finding.WRONG:
        return _show(request, span, "Found wrong.")
    return _go_on(request, span, "Found right.")


def answer(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    """After a span was reopened: on to the next; after that was undone, back to it."""
    done = outcome.done
    assert done is not None
    if done.deed.action == Action.UNDO and done.spans:
        return _show(request, desk_queries.span(done.span.uid), said(outcome))
    return _go_on(request, done.spans[0] if done.spans else None, said(outcome))


def refuse_span(request: HttpRequest, uid: UUID, outcome: Outcome) -> HttpResponse:
    """What was not done with a span: the sentence beside it as it is now, what was typed kept."""
    context = _screen(request, _span(uid))
    context["panel"]["error"] = context["error"] = outcome.sentence
    context["error_field"] = outcome.field
    context["note"] = request.POST.get("note") or request.POST.get("comment", "")
    return page_or_fragment(request, SCREEN, "_answer.html", context, status=outcome.status)


def refuse(request: HttpRequest, article: Article, outcome: Outcome) -> HttpResponse:
    """After any other deed that was not done: the sentence where the person is."""
    context = _screen(request, _next(request, None)) | {"error": outcome.sentence}
    # Of an undo only the sentence is news: what is on the card stays there.
    fragment = "_refused.html" if is_undo(request) else "_answer.html"
    return page_or_fragment(request, SCREEN, fragment, context, status=outcome.status)


def _show(request: HttpRequest, span: Span, notice: str) -> HttpResponse:
    return _answer(request, span, None, {"span": span.uid}, notice)


def _go_on(request: HttpRequest, span: Span | None, notice: str) -> HttpResponse:
    passed = {"after": span.uid} if span else {}
    return _answer(request, _next(request, span), span, passed, notice)


def _answer(
    request: HttpRequest,
    span: Span | None,
    after: Span | None,
    query: dict[str, UUID],
    notice: str,
) -> HttpResponse:
    return fragment_or_redirect(
        request,
        SCREEN,
        "_answer.html",
        lambda: _screen(request, span and desk_queries.span(span.uid), after),
        then=f"{reverse('spot_checks')}?{urlencode(query)}",
        notice=notice,
    )


def _screen(
    request: HttpRequest, span: Span | None, after: Span | None = None, *, numbers: bool = True
) -> dict[str, Any]:
    """What the screen shows; numbers: with what was found so far, which looking on leaves alone."""
    viewer = request.user
    context: dict[str, Any] = {
        "panel": None,
        "passed": after is not None,
        "share": settings.SPOT_CHECKS,
        "waiting": queries.number_to_check(viewer),
        "most": queries.MOST,
        "summary": queries.summary(deciders=viewer.is_superuser) if numbers else None,
        "may_review": permissions.may_review(viewer),
        "undoable": deed_queries.undoable(viewer, among=REOPENING),
        "redoable": deed_queries.redoable(viewer, among=REOPENING),
        "request_id": fresh_request_id(),
        "way": "spot_checks",
    }
    if span is not None:
        context |= {
            "panel": panel(span, viewer),
            "context": desk_queries.drawn(span.article, [span.extent]),
            "about": threads_context(viewer, span.article),
            "check": queries.check_of(span),
            "approved": span.state == State.APPROVED,
            "why_not": permissions.why_not_spot_check(viewer, span),
        }
    return context


def _next(request: HttpRequest, after: Span | None) -> Span | None:
    found = queries.next_to_check(request.user, after)
    return desk_queries.span(found.uid) if found else None


def _asked(request: HttpRequest, name: str) -> Span | None:
    """The span that the address names, if it names one."""
    wanted = request.GET.get(name)
    if not wanted:
        return None
    try:
        return _span(UUID(wanted))
    except ValueError:
        raise Http404("There is no such span.") from None


def _span(uid: UUID) -> Span:
    try:
        return desk_queries.span(uid)
    except Span.DoesNotExist:
        raise Http404("There is no such span.") from None

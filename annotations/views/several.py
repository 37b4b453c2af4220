"""Several at once: the queue as a list to tick, and one verdict on all that is ticked."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotations import permissions
from annotations.domain.lifecycle import State
from annotations.forms import SPANS_AT_ONCE, QueueForm, fresh_request_id
from annotations.htmx import fragment_or_redirect, page_or_fragment
from annotations.models import Article
from annotations.queries import deeds as deed_queries
from annotations.queries import review as queries
from annotations.queries import several
from annotations.views import review
from annotations.views.outcomes import Outcome, said
from annotations.views.panels import REASONS

SCREEN = "annotations/several"
ROWS = 100


@require_GET
def several_at_once(request: HttpRequest) -> HttpResponse:
    """The queue's rows to tick; `?from=`: from that span on; `?all=on`: with all that match."""
    context = _screen(request, request.GET)
    return page_or_fragment(request, SCREEN, "_answer.html", context)


def answer(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    """After a verdict on several, or its undo: the list as it is now."""
    query = QueryDict(request.POST.get("queue", ""))
    return fragment_or_redirect(
        request,
        SCREEN,
        "_answer.html",
        lambda: _screen(request, _without(query, "all")),
        then=f"{reverse('several')}?{_kept(query, 'from')}",
        notice=said(outcome),
    )


def refuse(request: HttpRequest, article: Article | None, outcome: Outcome) -> HttpResponse:
    """After a verdict that was done on none of them: why, and the list, ticked as it was."""
    query = QueryDict(request.POST.get("queue", ""))
    context = _screen(request, query, ticked=request.POST.getlist("span"))
    context |= {"error": outcome.sentence, "error_field": outcome.field, "typed": request.POST}
    return page_or_fragment(request, SCREEN, "_answer.html", context, status=outcome.status)


def refuse_span(request: HttpRequest, uid: UUID, outcome: Outcome) -> HttpResponse:
    """The same after a deed on one span."""
    return refuse(request, None, outcome)


def _screen(
    request: HttpRequest, query: QueryDict, ticked: list[str] | None = None
) -> dict[str, Any]:
    queue = QueueForm(query).queue()
    everything = query.get("all") == "on"
    at = queries.span_there(query.get("from", ""))
    page = queries.window(queue, request.user, ROWS, at)
    rows = several.rows(page.rows, request.user)
    unseen = []
    if everything and page.after:
        unseen = several.beyond(queue, request.user, rows, SPANS_AT_ONCE)
    chosen = set(ticked or ())
    if everything:
        chosen |= {*unseen, *(row.value for row in rows if not row.why_not)}
    further = queries.span_after(page.rows[-1], queue, request.user) if page.after else None
    shown = {
        "form": QueueForm(query),
        "queue": queue,
        "query": review.kept(query),
        "here": _kept(query, "from", "all"),
        "page": page,
        "rows": rows,
        "ticked": chosen,
        "number": len(chosen),
        "everything": everything,
        "unseen": unseen,
        "further": further,
        "most": SPANS_AT_ONCE,
        "decides": queue.state == State.PROPOSED and permissions.may_review(request.user),
        "reasons": REASONS,
        "undoable": deed_queries.undoable(request.user, among=review.REVIEWING),
        "redoable": deed_queries.redoable(request.user, among=review.REVIEWING),
        "request_id": fresh_request_id(),
    }
    return shown | review.filters(request, query)


def _without(query: QueryDict, name: str) -> QueryDict:
    """The query without this part: what was decided of all that matched is decided."""
    rest = query.copy()
    rest.pop(name, None)
    return rest


def _kept(query: QueryDict, *besides: str) -> str:
    """The filters of the address, and these of its other parts."""
    more = urlencode([(name, query[name]) for name in besides if query.get(name)])
    return "&".join(part for part in (review.kept(query), more) if part)

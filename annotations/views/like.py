"""All like this: a span's words elsewhere in its article, looked at and marked in one deed."""

from collections.abc import Collection
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods

from annotations import actions
from annotations.domain.extents import Extent
from annotations.domain.occurrences import elsewhere
from annotations.forms import LikeForm, fresh_request_id
from annotations.htmx import page_or_fragment, wants_fragment
from annotations.models import Person, Span
from annotations.queries import desk as desk_queries
from annotations.queries import likeness as queries
from annotations.views import desk
from annotations.views.outcomes import Outcome, attempt, unfit

SCREEN = "annotations/like"
# More would be slow to read and to mark; who wants them asks again.
AT_ONCE = 100


@require_http_methods(["GET", "POST"])
def like(request: HttpRequest, uid: UUID) -> HttpResponse:
    """/spans/<uid>/like/: where else the span's words stand; by POST, mark those ticked.

    `?close` answers nothing: what htmx puts in the place of the list to put it away.
    """
    if "close" in request.GET and wants_fragment(request):
        return HttpResponse()
    try:
        span = desk_queries.span(uid)
    except Span.DoesNotExist:
        raise Http404("There is no such span.") from None
    return _mark(request, span) if request.method == "POST" else _show(request, span)


def _mark(request: HttpRequest, span: Span) -> HttpResponse:
    form = LikeForm(request.POST)
    if form.is_valid():
        assert isinstance(request.user, Person)
        told = form.cleaned_data
        outcome = attempt(
            actions.mark_like,
            span=span.uid,
            seen=told["seen"],
            extents=told["place"],
            deed=actions.deed_of(request.user, form.request_uid),
        )
    else:
        outcome = unfit(form)
    if outcome.done is None:
        ticked = form.cleaned_data.get("place", ())
        return _show(request, desk_queries.span(span.uid), outcome, ticked)
    response = desk.answer(request, outcome)
    if wants_fragment(request):  # what was looked at is done with
        response.write(render_to_string(f"{SCREEN}/_done.html"))
    return response


def _show(
    request: HttpRequest,
    span: Span,
    outcome: Outcome | None = None,
    ticked: Collection[Extent] | None = None,
) -> HttpResponse:
    """The places; all ticked, or after a refusal those that were."""
    places = queries.others_like(span)
    shown = [(place, ticked is None or place.extent in ticked) for place in places[:AT_ONCE]]
    context = {
        "span": span,
        "total": len(places),
        "places": shown,
        "marked": len(elsewhere(span.article.text, span.extent)) - len(places),
        "why_not": queries.why_not(span, request.user),
        "error": outcome.sentence if outcome else "",
        "back": desk.address(span.article, span),
        "request_id": fresh_request_id(),
    }
    status = outcome.status if outcome else 200
    return page_or_fragment(request, SCREEN, "_answer.html", context, status=status)

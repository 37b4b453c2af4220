"""One verdict on many spans; a long list in several answers, each of which asks for the next."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from annotations import actions
from annotations.actions import Done
from annotations.forms import BulkForm
from annotations.htmx import page_or_fragment
from annotations.models import Person
from annotations.views import groups
from annotations.views.deeds import screen_of
from annotations.views.outcomes import Outcome, attempt, said, unfit

SCREEN = "annotations/bulk"


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """POST /review/bulk/: approve, reject or send back each span that is named."""
    screen = screen_of(request)
    form = BulkForm(request.POST)
    if not form.is_valid():
        return screen.refuse(request, None, unfit(form))
    if why := groups.why_not_together(request):
        return screen.refuse(request, None, Outcome(sentence=why, status=422))
    told = form.cleaned_data
    assert isinstance(request.user, Person)
    outcome = attempt(
        actions.decide_many,
        spans=told["span"],
        verdict=told["action"],
        reason=told["reason"],
        comment=told["comment"],
        deed=actions.deed_of(request.user, form.request_uid),
    )
    if outcome.done is None:
        return screen.refuse(request, None, outcome)
    if outcome.done.remaining:
        context = _progress(request.POST, outcome.done, len(dict(told["span"])))
        context |= {"so_far": said(outcome), "filters": groups.filters(request)}
        return page_or_fragment(request, SCREEN, "_answer.html", context)
    return screen.answer(request, outcome)


def _progress(sent: QueryDict, done: Done, total: int) -> dict[str, Any]:
    """How far it is, and the form that goes on: the same fields, so that it is the same deed.

    What it has done so far can be undone at once: then it goes no further.
    """
    names = ("action", "reason", "comment", "request_id", "queue", "screen")
    looked_at = total - done.remaining
    return {
        "total": total,
        "looked_at": looked_at,
        "how_far": f"{looked_at:,} of {total:,}",
        "spans": sent.getlist("span"),
        "undoable": done.deed,
        "screen": sent.get("screen", ""),
        "query": sent.get("queue", ""),
        "fields": [(name, sent[name]) for name in names if name in sent],
    }

"""Text groups: the same words at many places, decided on in one deed."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from annotations import actions, permissions
from annotations.domain.groups import WHY_ONE_BY_ONE, may_decide_together
from annotations.domain.lifecycle import VERDICTS, Action
from annotations.domain.refusals import NotPermitted
from annotations.forms import AmongGroupsForm, QueueForm, SuggestForm, fresh_request_id
from annotations.htmx import fragment_or_redirect, page_or_fragment, wants_fragment
from annotations.models import Article, Outlet, Person, Story, TextGroup
from annotations.queries import deeds as deed_queries
from annotations.queries import desk as desk_queries
from annotations.queries import groups as queries
from annotations.queries.groups import At
from annotations.queries.review import Queue
from annotations.queries.unmarked import unmarked
from annotations.views.outcomes import STATUS, Outcome, attempt, is_undo, said, unfit
from annotations.views.panels import REASONS

SCREEN = "annotations/groups"
ORIGINS = {"human": "by hand", "machine": "suggested, then accepted"}


@require_GET
def groups(request: HttpRequest) -> HttpResponse:
    """/review/groups/: the text groups with one of them open: `?group=`, else the first.

    `?after=<waiting>-<id>` begins the list there; the queue's filters narrow it.
    """
    wanted = request.GET.get("group")
    if wanted:
        try:
            group: TextGroup | None = queries.group(int(wanted))
        except (ValueError, OverflowError, TextGroup.DoesNotExist):
            raise Http404("There is no such text group.") from None
    else:
        group = queries.next_group(_queue(request.GET), request.user)
    return page_or_fragment(request, SCREEN, "_answer.html", _screen(request, request.GET, group))


@require_POST
def next_group(request: HttpRequest) -> HttpResponse:
    """POST /review/groups/next: the group that follows `after`, on a lease; with `back` before."""
    query, at = _query(request), AmongGroupsForm(request.POST).chosen()
    assert isinstance(request.user, Person)
    try:
        found = actions.lease_next_group(
            queue=_queue(query), person=request.user, after=at["after"], backwards=at["back"]
        )
    except NotPermitted as refusal:
        return _refuse(request, Outcome(sentence=str(refusal), status=STATUS[NotPermitted]))
    notice = ""
    if found is None and at["back"]:
        found, notice = _open(at["group"]), "This is the first group."
    return _go(request, query, found, notice)


@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """POST /review/groups/take: take the group that is open, on a lease.

    Sent by the card, as looking alone writes nothing. Where somebody else was quicker, the card
    says so when it is drawn next.
    """
    at = AmongGroupsForm(request.POST).chosen()
    assert isinstance(request.user, Person)
    try:
        actions.lease_group(group=at["group"] or 0, person=request.user)
    except NotPermitted as refusal:
        return _refuse(request, Outcome(sentence=str(refusal), status=STATUS[NotPermitted]))
    return HttpResponse(status=204)


@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """POST /review/groups/suggest: suggest a span's label where its words stand unmarked."""
    form = SuggestForm(request.POST)
    if not form.is_valid():
        return _refuse(request, unfit(form))
    assert isinstance(request.user, Person)
    told = form.cleaned_data
    machine = f"propagated:{told['like']}"
    outcome = attempt(
        actions.suggest_like,
        span=told["like"],
        seen=told["seen"],
        places=told["place"],
        asked_by=request.user,
        deed=actions.deed_of_machine(machine, form.request_uid),
    )
    if outcome.done is None:
        return _refuse(request, outcome)
    group = _open(AmongGroupsForm(request.POST).chosen()["group"])
    return _go(request, _query(request), group, said(outcome), stays=True)


def why_not_together(request: HttpRequest) -> str:
    """Why the group that a form was about cannot be decided in one deed, or nothing."""
    group = _open(AmongGroupsForm(request.POST).chosen()["group"])
    if group is None or may_decide_together(group.label.slug, queries.text_of(group)):
        return ""
    return WHY_ONE_BY_ONE


def filters(request: HttpRequest) -> str:
    """What narrows the groups that a form stood among, as an address has it."""
    return _filters(_query(request))


def answer(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    """After a deed that was done: on to the next group; after an undo back to what it undid."""
    done = outcome.done
    assert done is not None
    assert isinstance(request.user, Person)
    query, at = _query(request), AmongGroupsForm(request.POST).chosen()
    group = None
    if done.deed.action == Action.UNDO and done.spans:
        group = queries.group_with(done.spans)
    elif at["more"]:  # the rest of it was on no screen yet
        group = _open(at["group"], waiting=True)
    if group is None and permissions.may_review(request.user):
        group = actions.lease_next_group(
            queue=_queue(query), person=request.user, after=at["after"], besides=at["group"]
        )
    return _go(request, query, group, said(outcome))


def refuse(request: HttpRequest, article: Article | None, outcome: Outcome) -> HttpResponse:
    """After a deed that was not done: the sentence where the person is, and the group as it is.

    An undo does not say which group is open, so to htmx it leaves the card alone.
    """
    if wants_fragment(request) and is_undo(request):
        context = _undo(request, _query(request)) | {"error": outcome.sentence}
        return page_or_fragment(request, SCREEN, "_refused.html", context, status=outcome.status)
    return _refuse(request, outcome)


def refuse_span(request: HttpRequest, uid: UUID, outcome: Outcome) -> HttpResponse:
    """The same after a deed on one span."""
    return _refuse(request, outcome)


def _refuse(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    query, at = _query(request), AmongGroupsForm(request.POST).chosen()
    group = _open(at["group"]) or queries.next_group(_queue(query), request.user)
    context = _screen(request, query, group)
    context |= {"error": outcome.sentence, "error_field": outcome.field, "typed": request.POST}
    context |= _as_ticked(request, context["card"])
    return page_or_fragment(request, SCREEN, "_answer.html", context, status=outcome.status)


def _go(
    request: HttpRequest,
    query: QueryDict,
    group: TextGroup | None,
    notice: str,
    *,
    stays: bool = False,
) -> HttpResponse:
    """Show that group, after something was done; without htmx by its address.

    stays: it is the one that was open and nothing of it was decided, so it is ticked as it was.
    """

    def context() -> dict[str, Any]:
        shown = _screen(request, query, group)
        return shown | _as_ticked(request, shown["card"]) if stays else shown

    return fragment_or_redirect(
        request,
        SCREEN,
        "_answer.html",
        context,
        then=_address(query, group),
        notice=notice,
    )


def _screen(request: HttpRequest, query: QueryDict, group: TextGroup | None) -> dict[str, Any]:
    queue, viewer = _queue(query), request.user
    may_review = permissions.may_review(viewer)
    may_suggest = may_review or permissions.may_annotate(viewer)
    card = queries.group_card(group, viewer) if group else None
    after = AmongGroupsForm(query).chosen()["after"]
    return _undo(request, query) | {
        "queue": queue,
        "narrowed": _narrowed(queue),
        "page": queries.page_of_groups(queue, viewer, after),
        "after": after,
        "card": card,
        "ticked": {each.span.uid for each in card.members if each.ticked} if card else set(),
        "lease_wanted": may_review and group is not None and _is_free(group),
        "at": At(group.waiting, group.pk) if group else None,
        "unmarked": unmarked(group) if group and may_suggest else None,
        "labels": desk_queries.labels(),
        "outlets": Outlet.objects.all(),
        "stories": Story.objects.all(),
        "reasons": REASONS,
        "may_review": may_review,
        "request_id": fresh_request_id(),
        "suggest_id": fresh_request_id(),
    }


def _undo(request: HttpRequest, query: QueryDict) -> dict[str, Any]:
    """What can be taken back."""
    return {
        "query": _kept(query),
        "filters": _filters(query),
        "undoable": deed_queries.undoable(request.user, among=VERDICTS),
        "redoable": deed_queries.redoable(request.user, among=VERDICTS),
    }


def _narrowed(queue: Queue) -> list[tuple[str, str, str]]:
    """What else narrows the review, as name and value in the address, and in words.

    The screen offers no choice of it, but does not lose it either.
    """
    days = f"waiting for {queue.days} day{'' if queue.days == 1 else 's'} or more"
    parts = [
        ("article", queue.article, f"only {queue.article}"),
        ("author", queue.author, f"marked by {queue.author}"),
        ("origin", queue.origin, ORIGINS.get(queue.origin, queue.origin)),
        ("days", str(queue.days or ""), days),
        ("answered", "on" if queue.answered else "", "sent back and answered"),
        ("in_progress", "on" if queue.in_progress else "", "in progress too, one by one"),
        ("own", "on" if queue.own else "", "my own too, one by one"),
    ]
    return [part for part in parts if part[1]]


def _open(pk: int | None, *, waiting: bool = False) -> TextGroup | None:
    """The group with that id, if it is there; waiting: if something of it waits."""
    try:
        group = queries.group(pk) if pk else None
    except TextGroup.DoesNotExist:
        return None
    return None if group is None or (waiting and not group.waiting) else group


def _is_free(group: TextGroup) -> bool:
    """Whether something of it waits and nobody, the viewer neither, has it in hand."""
    held = group.leased_until is not None and group.leased_until > timezone.now()
    return group.waiting > 0 and not held


def _as_ticked(request: HttpRequest, card: queries.Card | None) -> dict[str, Any]:
    """The card's ticks as the form brought them, if it did: what was unticked stays so."""
    at = AmongGroupsForm(request.POST).chosen()
    if card is None or not at["ticks"] or card.group.pk != at["group"]:
        return {}
    return {"ticked": _decidable(card) & set(map(_uid, request.POST.getlist("span")))}


def _decidable(card: queries.Card) -> set[UUID]:
    return {member.span.uid for member in card.members if not member.why_not}


def _uid(sent: str) -> UUID | None:
    """The span of a `<uid>:<revision>`."""
    try:
        return UUID(sent.partition(":")[0])
    except ValueError:
        return None


def _query(request: HttpRequest) -> QueryDict:
    return QueryDict(request.POST.get("queue", ""))


def _queue(query: QueryDict) -> Queue:
    """The filters; which group is open is none of them."""
    filters = query.copy()
    filters.pop("group", None)
    return QueueForm(filters).queue()


def _filters(query: QueryDict) -> str:
    return _kept(query, without=("after",))


def _kept(query: QueryDict, without: tuple[str, ...] = ()) -> str:
    """The filters of the address, to send along with a deed."""
    names = {*QueueForm.base_fields, "after"} - {"group", *without}
    return urlencode([(name, value) for name, value in query.items() if value and name in names])


def _address(query: QueryDict, group: TextGroup | None) -> str:
    opened = urlencode({"group": group.pk}) if group else ""
    return f"{reverse('groups')}?{'&'.join(part for part in (_kept(query), opened) if part)}"

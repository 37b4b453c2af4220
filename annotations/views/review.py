"""The review: what waits for me, in its context, one decision at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from annotations import actions, permissions
from annotations.domain.checks import Concern
from annotations.domain.lifecycle import UNFINISHED, VERDICTS, Action, ArticleState, State
from annotations.domain.refusals import NotPermitted
from annotations.domain.text import is_storable
from annotations.forms import QueueForm, fresh_request_id
from annotations.htmx import fragment_or_redirect, page_or_fragment
from annotations.models import Article, Deed, Label, Outlet, Person, Span, Story
from annotations.queries import deeds as deed_queries
from annotations.queries import desk as desk_queries
from annotations.queries import review as queries
from annotations.queries.checks import concerns
from annotations.queries.review import Queue
from annotations.views.outcomes import Outcome, is_undo, said
from annotations.views.panels import panel, since
from annotations.views.threads import threads_context

SCREEN = "annotations/review"
ROWS = 50
CHOICES = 500  # that a filter offers; others are chosen by their address
# What `u` takes back here: a reviewer's deeds, not those they did at the desk.
REVIEWING = (*VERDICTS, Action.REOPEN, Action.REVIEW)


@dataclass(frozen=True, slots=True)
class Item:
    """What is on the card: a span to decide on, or an article to sign off; or nothing.

    leased: the articles that others are at, where somebody has asked already.
    """

    span: Span | None = None
    article: Article | None = None
    backwards: bool = False
    leased: Mapping[int, str] | None = None

    @property
    def address(self) -> str:
        if self.article:
            return urlencode({"sign": self.article.slug})
        return urlencode({"span": self.span.uid}) if self.span else ""


@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """The queue with one item open.

    `?span=`: that one; `?after=`, `?before=`: what is beside that one; `?sign=`: the article of
    that slug, to sign off; else what comes first.
    """
    queue = QueueForm(request.GET).queue()
    fragment = "_card.html" if request.GET.get("try") else "_answer.html"
    screen = _screen(request, queue, request.GET, _chosen(request, queue))
    return page_or_fragment(request, SCREEN, fragment, screen)


@require_POST
def next_item(request: HttpRequest) -> HttpResponse:
    """POST /review/next: take an article to review, so that no two reviewers meet.

    With `span`, the article of the span that is on the card; where somebody else is at it
    already, and without, the queue's next article is handed out. `after`: a span whose article
    is done with for now.
    """
    query = QueryDict(request.POST.get("queue", ""))
    queue = QueueForm(query).queue()
    shown = span_of(request.POST["span"]) if request.POST.get("span") else None
    past = span_of(request.POST["after"]) if request.POST.get("after") else None
    try:
        if shown is not None and actions.lease_article(
            article=shown.article_id, person=_person(request)
        ):
            return HttpResponse(status=204)
        item = _hand_out(request, queue, shown or past, leave=True)
    except NotPermitted as refusal:
        outcome = Outcome(sentence=str(refusal), status=403)
        return _refuse(request, outcome, shown or past)
    notice = "" if item.span else "Nothing further waits for you."
    if shown is not None:
        whose = queries.leased_elsewhere(request.user).get(shown.article_id, "Somebody else")
        further = "this one is yours." if item.span else "nothing further waits for you."
        notice = f"{whose} is at that article; {further}"
    return _go_on(request, queue, query, item, notice)


def answer(request: HttpRequest, outcome: Outcome, span: Span | None = None) -> HttpResponse:
    """After a deed that was done: on to the next item; after an undo, back to what it undid.

    span: on which nothing was left to do.
    """
    done = outcome.done
    query = QueryDict(request.POST.get("queue", ""))
    queue = QueueForm(query).queue()
    if done is None:
        assert span is not None
        item = _after(request, queue, span, span.article)
    elif done.deed.action == Action.UNDO and done.spans:
        item = Item(span=queries.card(done.span.uid))
    elif done.deed.action == Action.UNDO and queries.settled(done.article):
        item = Item(article=done.article)
    else:
        item = _after(request, queue, done.spans[0] if done.spans else None, done.article)
    return _go_on(request, queue, query, item, said(outcome))


def refuse_span(request: HttpRequest, uid: UUID, outcome: Outcome) -> HttpResponse:
    """After a deed on a span that was not done: the span as it is now, what was typed kept."""
    return _refuse(request, outcome, queries.card(uid))


def refuse(request: HttpRequest, article: Article | None, outcome: Outcome) -> HttpResponse:
    """After any other deed that was not done: the sentence where the person is."""
    signing = article and request.POST.get("action") == Action.REVIEW and queries.settled(article)
    return _refuse(request, outcome, None, Item(article=article) if signing else None)


def _refuse(
    request: HttpRequest, outcome: Outcome, span: Span | None, item: Item | None = None
) -> HttpResponse:
    query = QueryDict(request.POST.get("queue", ""))
    queue = QueueForm(query).queue()
    shown = item or (Item(span=span) if span else _first(request, queue))
    context = _screen(request, queue, query, shown, outcome if span else None)
    if span is not None:
        context["since"] = since(span, request.POST.get("seen", ""))
    context["error"] = outcome.sentence
    # Of an undo only the sentence is news: what is on the card stays there.
    fragment = "_refused.html" if is_undo(request) else "_answer.html"
    return page_or_fragment(request, SCREEN, fragment, context, status=outcome.status)


def _go_on(
    request: HttpRequest, queue: Queue, query: QueryDict, item: Item, notice: str
) -> HttpResponse:
    there = "&".join(part for part in (kept(query), item.address) if part)
    return fragment_or_redirect(
        request,
        SCREEN,
        "_answer.html",
        lambda: _screen(request, queue, query, item),
        then=f"{reverse('review')}?{there}",
        notice=notice,
    )


def _screen(
    request: HttpRequest,
    queue: Queue,
    query: QueryDict,
    item: Item,
    refused: Outcome | None = None,
) -> dict[str, Any]:
    """What the screen shows; refused: what was asked of the span on the card and not done."""
    span, every = item.span, desk_queries.every_label()
    if span:
        span.label = every[span.label_id]
    leased = queries.leased_elsewhere(request.user) if item.leased is None else item.leased
    trying = request.GET.dict() if request.GET.get("try") else {}
    typed = request.POST.dict() if refused else trying
    rows = queries.window(queue, request.user, ROWS, span, backwards=item.backwards)
    waits = queue.state == State.PROPOSED
    empty = not rows.rows
    shown: dict[str, Any] = {
        "form": QueueForm(query),
        "queue": queue,
        "query": kept(query),
        "there": _there(query),
        "rows": rows,
        "leased": leased,
        "in_all": queries.waiting_in_all() if queue == Queue() and not rows.whole else None,
        "held_up": queries.held_up(queue, request.user, ROWS) if empty else 0,
        "most": ROWS,
        "mine": empty and waits and not queue.own and _own(request, queue),
        "to_sign_off": list(queries.to_sign_off()[:ROWS]),
        "lease_wanted": span is not None and _lease_wanted(request, span),
        **_reversible(request),
        "may_review": permissions.may_review(request.user),
        "request_id": fresh_request_id(),
    }
    if span:
        label, told = trying.get("label", ""), _concerns(span)
        shown |= {
            "panel": panel(
                span,
                request.user,
                outcome=refused,
                label=label,
                typed=typed or None,
                concerns=told,
                every=every,
            ),
            "context": desk_queries.drawn(span.article, [span.extent], every, threads=False),
            "progress": desk_queries.progress(span.article),
            "about": threads_context(request.user, span.article),
        }
    if item.article:
        shown |= _signing(request, item.article)
    return shown | filters(request, query, every)


def _there(query: QueryDict) -> str:
    """The queue's address, for one more parameter: drawn once, not once a row."""
    filters = kept(query)
    return f"{reverse('review')}?{filters}{'&' if filters else ''}"


def _reversible(request: HttpRequest) -> dict[str, Deed | None]:
    """What `u` would take back, and what would be done again."""
    latest = deed_queries.latest(request.user, among=REVIEWING)
    if latest is None or latest.stands:  # as nearly always; the rest is spared
        return {"undoable": latest, "redoable": None}
    return {
        "undoable": deed_queries.undoable(request.user, among=REVIEWING),
        "redoable": deed_queries.redoable(request.user, among=REVIEWING),
    }


def _signing(request: HttpRequest, article: Article) -> dict[str, Any]:
    """What the card of an article shows that may be signed off."""
    return {
        "signing": article,
        "why_not": _why_not(request, article),
        "progress": desk_queries.progress(article),
        "about": threads_context(request.user, article),
    }


def _concerns(span: Span) -> list[Concern]:
    """What a reviewer is warned of before approving the span."""
    return concerns([span])[span.pk] if span.state == State.PROPOSED else []


def _why_not(request: HttpRequest, article: Article) -> str:
    """Why this person may not sign the article off, or nothing."""
    return permissions.why_not_sign_off(request.user, [article])[article.pk]


def filters(
    request: HttpRequest, query: QueryDict, every: Mapping[int, Label] | None = None
) -> dict[str, Any]:
    """What the filters offer, where they are open: when asked for, and when one is chosen.

    every: all labels by id, if they are at hand.
    """
    if request.method == "POST" or not (request.GET.get("filters") or kept(query)):
        return {}
    marked = Span.objects.filter(author=OuterRef("pk"))
    return {
        "labels": desk_queries.labels(every),
        "outlets": Outlet.objects.all()[:CHOICES],
        "stories": Story.objects.all()[:CHOICES],
        "people": Person.objects.filter(Exists(marked)).order_by("username")[:CHOICES],
    }


def _chosen(request: HttpRequest, queue: Queue) -> Item:
    """What the address asks for. Raises Http404."""
    asked = request.GET
    if asked.get("span"):
        return Item(span=span_of(asked["span"]))
    if asked.get("sign"):
        try:
            article = desk_queries.article(asked["sign"] if is_storable(asked["sign"]) else "")
        except Article.DoesNotExist:
            raise Http404("There is no such article.") from None
        return Item(article=article) if queries.settled(article) else _first(request, queue)
    for name, beside in (("after", queries.span_after), ("before", queries.span_before)):
        if asked.get(name):
            here = span_of(asked[name])
            found = beside(here, queue, request.user)
            return Item(found or here, backwards=name == "before")
    return _first(request, queue)


def _first(request: HttpRequest, queue: Queue) -> Item:
    """What comes first that nobody else is at."""
    leased = queries.leased_elsewhere(request.user)
    return Item(queries.next_to_decide(None, queue, request.user, leased), leased=leased)


def _after(request: HttpRequest, queue: Queue, span: Span | None, article: Article) -> Item:
    """What comes after a deed: the article's sign-off, if that is all it needs; else the next."""
    waits = queue.state == State.PROPOSED
    if span is not None and waits and queries.settled(article) and not _why_not(request, article):
        return Item(article=article)
    return _hand_out(request, queue, span)


def _hand_out(
    request: HttpRequest, queue: Queue, after: Span | None, *, leave: bool = False
) -> Item:
    """The next item, its article taken on a lease; leave: of another article than this."""
    leased = queries.leased_elsewhere(request.user)
    besides = set(leased)
    if leave and after is not None:
        besides.add(after.article_id)
    if not permissions.may_review(request.user) or queue.state != State.PROPOSED:
        return Item(queries.next_to_decide(after, queue, request.user, besides), leased=leased)
    while found := queries.next_to_decide(after, queue, request.user, besides):
        if actions.lease_article(article=found.article_id, person=_person(request)):
            return Item(found, leased=leased)
        besides.add(found.article_id)  # somebody was quicker
    return Item()


def _own(request: HttpRequest, queue: Queue) -> bool:
    """Whether something waits that only somebody else may decide on."""
    return queries.span_after(None, replace(queue, own=True), request.user) is not None


def _lease_wanted(request: HttpRequest, span: Span) -> bool:
    """Whether the card's article is to be taken as soon as it is seen: nobody is at it now."""
    until = span.article.leased_until
    return (
        permissions.may_review(request.user)
        and span.state == State.PROPOSED
        and ArticleState(span.article.state) not in UNFINISHED
        and (until is None or until <= timezone.now())
    )


def span_of(uid: str) -> Span:
    """The span of that uid. Raises Http404."""
    try:
        return queries.card(UUID(uid))
    except (ValueError, Span.DoesNotExist):
        raise Http404("There is no such span.") from None


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def kept(query: QueryDict) -> str:
    """The filters of the address, to send along with a deed."""
    return urlencode(
        [(name, value) for name, value in query.items() if value and name in QueueForm.base_fields]
    )

"""The desk: one article to mark up."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_htmx.http import ptag

from annotations import permissions
from annotations.actions import Done
from annotations.domain.lifecycle import Action
from annotations.domain.units import Units
from annotations.forms import fresh_request_id
from annotations.htmx import fragment_or_redirect, page_or_fragment, wants_fragment
from annotations.models import Article, Deed, Span
from annotations.queries import corrections as correction_queries
from annotations.queries import deeds as deed_queries
from annotations.queries import desk as queries
from annotations.queries import library as library_queries
from annotations.views.outcomes import Outcome, said
from annotations.views.panels import filled, panel
from annotations.views.threads import threads_context

SCREEN = "annotations/desk"


@require_GET
def desk(request: HttpRequest, slug: str) -> HttpResponse:
    """The article, its spans, and the panel of the span that `?span=` names.

    `?label=` tries another label on: the panel asks for that label's attributes. `?strip=1`
    asks for the attribute strip instead of the panel, with `&again=1` filled as the last one was.
    """
    try:
        article = queries.article(slug)
    except Article.DoesNotExist:
        raise Http404("There is no such article.") from None
    chosen = _chosen(request, article)
    context: dict[str, Any] = {"article": article}
    if chosen is not None and request.GET.get("strip") and wants_fragment(request):
        return _strip(request, article, chosen)
    if chosen is not None:
        label = request.GET.get("label", "")
        typed = request.GET.dict() if label else None
        context["panel"] = panel(chosen, request.user, label=label, typed=typed)
    if not wants_fragment(request):
        context |= _page(request, article)
    return page_or_fragment(request, SCREEN, "_panel.html", context)


def _version(request: HttpRequest, slug: str) -> str | None:
    return queries.version(slug)


@require_GET
@never_cache
@ptag(_version)
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What others changed, or said, in the article since the version that the page last heard of.

    `?span=` is the one whose panel is open: what was said on it comes, too.
    """
    try:
        article = queries.article(slug)
    except Article.DoesNotExist:
        raise Http404("There is no such article.") from None
    since = queries.changed_since(article, request.headers.get("HX-PTag", ""))
    context = {
        **_head(request, article),
        "changed": queries.drawn(article, since.near),
        "talks": _talks(request, article) if since.talked else [],
    }
    return render(request, f"{SCREEN}/_changes.html", context)


def _talks(request: HttpRequest, article: Article) -> list[dict[str, Any]]:
    """What is said on the article and on the span whose panel is open."""
    talks = [threads_context(request.user, article)]
    try:
        span = article.spans.get(uid=UUID(request.GET.get("span", "")))
    except (ValueError, Span.DoesNotExist):
        return talks
    return [*talks, threads_context(request.user, article, span)]


@require_GET
def next_article(request: HttpRequest) -> HttpResponse:
    """GET /next/: on to what this person should take up next, other than `?besides=` (a slug)."""
    besides = Article.objects.filter(slug=request.GET.get("besides", "").replace("\0", "")).first()
    article = library_queries.next_to_annotate(request.user, besides)
    if article is None:
        messages.info(request, "Nothing waits for you: every article is taken up.")
        return redirect("library")
    span = library_queries.sent_back_to(request.user).filter(article=article).first()
    return redirect(address(article, span))


def answer(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    """After a deed that was done: to htmx what it changed, to a plain form the desk anew."""
    done = outcome.done
    assert done is not None
    span = done.spans[0] if done.spans else None
    return fragment_or_redirect(
        request,
        SCREEN,
        "_answer.html",
        lambda: _changed(request, done, span),
        then=address(done.article, span),
        notice=said(outcome),
        whole=_rests_or_wakes(done),
    )


def _rests_or_wakes(done: Done) -> bool:
    """Whether the article was set aside or brought back: then all that may be done changes."""
    deed = done.deed.root or done.deed
    return not done.spans and deed.action in (Action.SET_ASIDE, Action.RESTORE)


def refuse_span(request: HttpRequest, uid: UUID, outcome: Outcome) -> HttpResponse:
    """After a deed on a span that was not done: the span as it is now, what was typed kept."""
    span = queries.span(uid)
    article = queries.article(span.article.slug)
    opened = panel(span, request.user, outcome=outcome, typed=request.POST.dict())
    context = {"panel": opened, "strip": request.POST.get("strip")}
    return _refuse(request, article, outcome, context, [span])


def refuse(request: HttpRequest, article: Article, outcome: Outcome) -> HttpResponse:
    """After any other deed that was not done: the sentence, and what was typed kept."""
    return _refuse(request, article, outcome, {"typed": request.POST.dict()}, [])


def address(article: Article, span: Span | None = None) -> str:
    """The desk's address, with a span's panel open."""
    path = reverse("desk", args=[article.slug])
    return f"{path}?{urlencode({'span': span.uid})}" if span else path


def _strip(request: HttpRequest, article: Article, span: Span) -> HttpResponse:
    """The attributes of the span as a strip; what is filled in for it counts once it is saved."""
    filled_in = filled(span, request.user, again=bool(request.GET.get("again")))
    context = {
        "article": article,
        "panel": panel(span, request.user, typed=filled_in),
        "unconfirmed": {name.removeprefix("attr_") for name, value in filled_in.items() if value},
        "said_before": queries.said_before(article),
    }
    return render(request, f"{SCREEN}/_strip_opened.html", context)


def _changed(request: HttpRequest, done: Done, span: Span | None) -> dict[str, Any]:
    """The paragraphs that the deed touched, and the panel of its span.

    Not of one that was just marked: the hand is still in the text, and the page asks for the
    panel when it rests.
    """
    article = done.article
    opened, every = None, None
    if done.deed.action == Action.PROPOSE:
        near = [each.extent for each in done.spans]
    else:
        near = deed_queries.touched(done.deed).get(article.pk, [])
        every = queries.every_label()
        if span is not None:
            opened = panel(queries.span(span.uid, every), request.user, every=every)
    return {
        **_head(request, article, done),
        "changed": queries.drawn(article, near, every),
        "panel": opened,
    }


def _refuse(
    request: HttpRequest,
    article: Article,
    outcome: Outcome,
    context: dict[str, Any],
    spans: list[Span],
) -> HttpResponse:
    context |= {"error": outcome.sentence, "error_field": outcome.field}
    if wants_fragment(request):
        near = [span.extent for span in spans]
        context |= {**_head(request, article), "changed": queries.drawn(article, near)}
    else:
        context = _page(request, article) | context  # what was typed wins
    return page_or_fragment(request, SCREEN, "_answer.html", context, status=outcome.status)


def _page(request: HttpRequest, article: Article) -> dict[str, Any]:
    """What the whole page shows beside the panel."""
    return {
        # Before all else: what comes while the page is drawn is news to it, and asked for again.
        "version": queries.version(article.slug),
        **_head(request, article),
        "paragraphs": queries.drawn(article),
        "labels": queries.labels(),
        "units": _numbers(queries.units(article.text, article.language)),
        "said_before": queries.said_before(article),
        "talk": threads_context(request.user, article),
        "may_mark": permissions.may_mark(request.user, article),
        "typed": {},
    }


def _head(request: HttpRequest, article: Article, done: Done | None = None) -> dict[str, Any]:
    """The article's head: where it stands, what may be done to it, what may be undone.

    done: the deed that this answers. Unless it is an undo, it is itself the latest one.
    """
    allowed = permissions.allowed_on_article(article, request.user)
    if done and not done.repeated and done.deed.action != Action.UNDO:
        undoable: Deed | None = done.deed
        redoable = None
    else:
        undoable = deed_queries.undoable(request.user, article)
        redoable = deed_queries.redoable(request.user, article)
    return {
        "article": article,
        "progress": queries.progress(article),
        "corrections": correction_queries.told(article),
        "article_allowed": {action.value: why for action, why in allowed.items()},
        "undoable": undoable,
        "redoable": redoable,
        "request_id": fresh_request_id(),
    }


def _numbers(units: Units) -> dict[str, str]:
    """The units as the scripts read them: start and end in turn; of each sentence its stop."""
    kinds = {
        "sentences": units.sentences,
        "paragraphs": units.paragraphs,
        "quotations": units.quotations,
    }
    extents = {
        name: " ".join(f"{unit.start} {unit.end}" for unit in found)
        for name, found in kinds.items()
    }
    return {**extents, "stops": "".join("1" if stop else "0" for stop in units.stops)}


def _chosen(request: HttpRequest, article: Article) -> Span | None:
    wanted = request.GET.get("span")
    if not wanted:
        return None
    try:
        span = queries.span(UUID(wanted))
    except (ValueError, Span.DoesNotExist):
        raise Http404("There is no such span.") from None
    if span.article_id != article.pk:
        raise Http404("That span is in another article.")
    return span

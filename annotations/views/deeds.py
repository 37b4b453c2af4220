"""Every deed by POST: on a span, on an article, and undo. The screen it came from answers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from annotations import actions
from annotations.forms import ChangeForm, DeedForm, SeenForm, SpanForm
from annotations.models import Article, Deed, Person, Span
from annotations.views import desk, groups, review, several, spot_checks
from annotations.views.outcomes import Outcome, attempt, said, unfit
from annotations.views.panels import alters, fitting


@require_POST
def mark(request: HttpRequest, slug: str) -> HttpResponse:
    """POST /articles/<slug>/spans/: mark words."""
    article = _article(slug)
    form = SpanForm(request.POST, article)
    if not form.is_valid():
        return desk.refuse(request, article, unfit(form))
    outcome = attempt(
        actions.propose,
        article=slug,
        label=form.cleaned_data["label"],
        extent=form.cleaned_data["extent"],
        text=form.cleaned_data["text"],
        attributes=form.attributes(),
        deed=_deed(request, form),
    )
    if outcome.done is None:
        return desk.refuse(request, article, outcome)
    return desk.answer(request, outcome)


@require_POST
def on_span(request: HttpRequest, uid: UUID) -> HttpResponse:
    """POST /spans/<uid>/: a deed of the span's life cycle."""
    try:  # what its label asks is looked up only where the deed changes something
        span = Span.objects.select_related("label", "article").get(uid=uid)
    except Span.DoesNotExist:
        raise Http404("There is no such span.") from None
    form, changes = SeenForm(request.POST), ChangeForm(request.POST, span)
    if not form.is_valid():
        outcome = unfit(form)
    elif not changes.is_valid():
        outcome = unfit(changes)
    else:
        outcome = _on_span(span, form, changes, _deed(request, form))
    screen = screen_of(request)
    if outcome.already and screen is review:
        return review.answer(request, outcome, span)
    if outcome.done is None:
        return screen.refuse_span(request, uid, outcome)
    return screen.answer(request, outcome)


def article(request: HttpRequest, slug: str) -> HttpResponse:
    """/articles/<slug>/: the desk, and by POST a deed of the article's life cycle."""
    return on_article(request, slug) if request.method == "POST" else desk.desk(request, slug)


@require_POST
def on_article(request: HttpRequest, slug: str) -> HttpResponse:
    """POST /articles/<slug>/: a deed of the article's life cycle."""
    article = _article(slug)
    form = SeenForm(request.POST)
    outcome = _on_article(slug, form, _deed(request, form)) if form.is_valid() else unfit(form)
    screen = screen_of(request)
    if outcome.done is None:
        return screen.refuse(request, article, outcome)
    return screen.answer(request, outcome)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /deeds/<id>/undo/: undo the deed, or redo it, if it is an undo.

    next: an address here to go back to, from a page that is no screen of ours, as the admin's.
    """
    deed = Deed.objects.filter(pk=pk).first()
    first = deed.events.select_related("article").first() if deed else None
    if first is None:
        raise Http404("There is no such deed.")
    form = DeedForm(request.POST)
    if form.is_valid():
        outcome = attempt(actions.undo, target=pk, deed=_deed(request, form))
    else:
        outcome = unfit(form)
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        level = messages.SUCCESS if outcome.done else messages.ERROR
        messages.add_message(request, level, said(outcome))
        return redirect(back)
    screen = screen_of(request)
    if outcome.done is None:
        return screen.refuse(request, _article(first.article.slug), outcome)
    return screen.answer(request, outcome)


def _on_span(span: Span, form: SeenForm, changes: ChangeForm, deed: Deed) -> Outcome:
    told = form.cleaned_data
    common: dict[str, Any] = {"span": span.uid, "seen": told["seen"], "deed": deed}
    comment = told["comment"]
    action = fitting(span, told["action"].split(" "), told["seen"])
    if action == "answer" and comment and alters(span, changes.data):
        action = "edit"  # to answer with a change in sight is to answer with it
    if action == "approve" and alters(span, changes.data):
        action = "amend"  # and so with approving
    match action:
        case "accept":
            return attempt(actions.accept, **common, change=changes.change())
        case "dismiss":
            return attempt(actions.dismiss, **common)
        case "edit":
            return attempt(actions.edit, **common, change=changes.change(), comment=comment)
        case "answer":
            return attempt(actions.answer, **common, comment=comment)
        case "approve":
            return attempt(actions.approve, **common, comment=comment, waved=told["waved"])
        case "amend":
            waved = told["waved"]
            change = changes.change()
            return attempt(actions.amend, **common, change=change, comment=comment, waved=waved)
        case "reject":
            return attempt(actions.reject, **common, reason=told["reason"], comment=comment)
        case "send_back":
            return attempt(actions.send_back, **common, comment=comment)
        case "reopen":
            return attempt(actions.reopen, **common, comment=comment)
        case "withdraw":
            return attempt(actions.withdraw, **common)
        case "restore":
            return attempt(actions.restore, **common)
        case "enter":
            return Outcome(sentence="Enter alone decides nothing: choose a button.", status=422)
        case _:
            return Outcome(sentence="There is no such deed on a span.", status=422, field="action")


def _on_article(slug: str, form: SeenForm, deed: Deed) -> Outcome:
    told = form.cleaned_data
    common: dict[str, Any] = {"article": slug, "seen": told["seen"], "deed": deed}
    match told["action"]:
        case "submit":
            return attempt(actions.submit, **common)
        case "take_back":
            return attempt(actions.take_back, **common)
        case "review":
            complete = told["nothing_missing"]
            return attempt(actions.sign_off, **common, nothing_missing=complete)
        case "reopen":
            return attempt(actions.reopen_article, **common, comment=told["comment"])
        case "set_aside":
            return attempt(actions.set_aside, **common, reason=told["reason"])
        case "restore":
            return attempt(actions.restore_article, **common)
        case _:
            return Outcome(
                sentence="There is no such deed on an article.", status=422, field="action"
            )


def _deed(request: HttpRequest, form: DeedForm) -> Deed:
    assert isinstance(request.user, Person)
    return actions.deed_of(request.user, form.request_uid)


def screen_of(request: HttpRequest) -> Any:
    """The module of the screen that the form stood on; the desk, where it does not say."""
    screens = {
        "review": review,
        "groups": groups,
        "several": several,
        "spot_checks": spot_checks,
    }
    return screens.get(request.POST.get("screen", ""), desk)


def _article(slug: str) -> Article:
    try:
        return Article.objects.get(slug=slug)  # what it belongs to is asked for where it is shown
    except Article.DoesNotExist:
        raise Http404("There is no such article.") from None

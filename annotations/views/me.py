"""One's own page: who I am here, my tokens, what I took away."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from annotations import actions, permissions
from annotations.forms import TokenForm, fresh_request_id
from annotations.models import Person, Token
from annotations.queries import taken
from annotations.views.choosing import told
from annotations.views.outcomes import Outcome, tried, unfit


@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """The page; a POST makes a token, which is shown in its answer and never again."""
    if request.method != "POST":
        return _page(request)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _refused(request, unfit(form))
    made = tried(
        actions.make_token,
        person=request.user,
        name=form.cleaned_data["name"],
        days=form.cleaned_data["days"],
        request_id=form.request_uid,
    )
    if isinstance(made, Outcome):
        return _refused(request, made)
    token, secret = made
    return _page(request, made=token, secret=secret)


@require_POST
def revoke(request: HttpRequest, token: str) -> HttpResponse:
    """POST /accounts/me/tokens/<id>/: that token of mine is good for nothing from now on."""
    revoked = tried(actions.revoke_token, token=token, by=request.user)
    assert isinstance(revoked, Token)
    messages.success(request, f"Revoked: {revoked.name}.")
    return redirect("me")


def _refused(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    typed = {"name": request.POST.get("name", ""), "days": request.POST.get("days", "")}
    told = {"why": outcome.sentence, "at": outcome.field, "typed": typed}
    return _page(request, outcome.status, **told)


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    person = request.user
    assert isinstance(person, Person)
    context = {
        "groups": [group.name for group in person.groups.order_by("name")],
        "tokens": taken.tokens_of(person),
        "latest": told(taken.latest_exports(person, own=True)),
        "may_export": person.has_perm(permissions.EXPORT),
        "moment": timezone.now(),
        "lifetimes": actions.LIFETIMES,
        "request_id": fresh_request_id(),
        **more,
    }
    response = render(request, "annotations/me/page.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response

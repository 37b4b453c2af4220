"""Signing in, and what happens to a deed that arrives from nobody: it is held, then sent again."""

from typing import Any

from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator

from annotations.htmx import wants_fragment

_SALT = "annotations.held"
_HELD_FOR = 60 * 60 * 12  # seconds


class SignInRequired(LoginRequiredMiddleware):
    """Every view needs a person, unless it says it does not.

    A page leads to the sign-in and back. What htmx asks for, and every POST, gets 401 with a
    form to sign in right there; a POST is held and sent again after signing in.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseBase:  # type: ignore[override]
        if request.method == "POST" or wants_fragment(request):
            return _ask_to_sign_in(request, "You are signed out.")
        return super().handle_no_permission(request, view_func)


@method_decorator(login_not_required, name="dispatch")
class SignIn(auth_views.LoginView):
    """The sign-in page; with a held deed, what follows is sending that."""

    redirect_authenticated_user = True

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(held=self.request.POST.get("held", ""), **context)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        held = _released(self.request.POST.get("held", ""))
        return _offer_to_send(self.request, held) if held else response

    def form_invalid(self, form: Any) -> HttpResponse:
        if wants_fragment(self.request):
            return _ask_to_sign_in(
                self.request,
                "That name and password do not fit.",
                held=self.request.POST.get("held", ""),
            )
        return super().form_invalid(form)


def stale_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF failure view: 401, nothing was done, the deed is held.

    It is never sent by itself here: only a person's own click may make it theirs.
    """
    if request.path == reverse("login"):
        return render(
            request,
            "registration/stale_sign_in.html",
            {"sentence": "This sign-in page was too old. Please sign in again."},
            status=401,
        )
    if not request.user.is_authenticated:
        return _ask_to_sign_in(request, "You are signed out.")
    return _offer_to_send(
        request,
        {"path": request.get_full_path(), "fields": _fields(request), "htmx": False},
        sentence="This page was too old, so nothing was done. Is this what you want to send?",
        status=401,
    )


def _ask_to_sign_in(request: HttpRequest, sentence: str, held: str = "") -> HttpResponse:
    if not held and request.method == "POST":
        deed = {
            "path": request.get_full_path(),
            "fields": _fields(request),
            "htmx": wants_fragment(request),
        }
        held = signing.dumps(deed, salt=_SALT, compress=True)
    name = "_sign_in.html" if wants_fragment(request) else "login.html"
    form = AuthenticationForm(request)
    context = {"form": form, "held": held, "sentence": sentence}
    return render(request, f"registration/{name}", context, status=401)


def _offer_to_send(
    request: HttpRequest, held: dict[str, Any], *, sentence: str = "", status: int = 200
) -> HttpResponse:
    name = "_send_again.html" if wants_fragment(request) else "send_again.html"
    context = {
        "held": held,
        "sentence": sentence,
        # Only what came from one of our own pages by htmx, which no other site can do.
        "at_once": held["htmx"] and wants_fragment(request),
    }
    return render(request, f"registration/{name}", context, status=status)


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]


def _released(held: str) -> dict[str, Any] | None:
    """The deed that was held, or None if there is none, it is too old or not ours."""
    try:
        return signing.loads(held, salt=_SALT, max_age=_HELD_FOR) if held else None
    except signing.BadSignature:
        return None

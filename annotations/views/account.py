"""Signing in, and what happens to a deed that arrives from nobody: it is held, then sent again.

Every form says for whom its page was drawn (`person`, added by send.js): a deed is only ever done
by the person who did it, whoever has signed in meanwhile.
"""

import re
from typing import Any
from urllib.parse import urlencode

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
from annotations.models import Person

_SALT = "annotations.held"
_HELD_FOR = 60 * 60 * 12  # seconds
_ID = re.compile(r"[0-9]{1,18}\Z", re.ASCII)


class SignInRequired(LoginRequiredMiddleware):
    """Every view needs a person, unless it says it does not.

    A page leads to the sign-in and back. What htmx asks for, and every POST, gets 401 with a
    form to sign in right there; a deed is held and sent again after signing in. So does a deed
    from a page that was drawn for somebody else than who is signed in by now.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        leaving = request.path == reverse("logout")
        if answer is None and not leaving and getattr(view_func, "login_required", True):
            owner = _somebody_else(request, request.POST.get("person", ""))
            return _ask_the_owner(request, owner, _hold(request)) if owner else None
        return answer

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseBase:  # type: ignore[override]
        if request.method == "POST" or wants_fragment(request):
            return _ask_to_sign_in(request, "You are signed out.", _hold(request))
        return super().handle_no_permission(request, view_func)


@method_decorator(login_not_required, name="dispatch")
class SignIn(auth_views.LoginView):
    """The sign-in page; with a held deed, what follows is sending that."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Who comes by a link is in already; who typed a name means that person.
        self.redirect_authenticated_user = request.method != "POST"
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(held=self.request.POST.get("held", ""), **context)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        held = self.request.POST.get("held", "")
        deed = _released(held)
        if owner := _somebody_else(self.request, self._drawn_for(deed)):
            return _ask_the_owner(self.request, owner, held if deed else "")
        if deed is not None:
            return _offer_to_send(self.request, deed)
        if wants_fragment(self.request):
            words = f"Signed in as {self.request.user.get_username()}. Go on where you were."
            return render(self.request, "annotations/_said.html", {"notice": words})
        return response

    def _drawn_for(self, deed: dict[str, Any] | None) -> str:
        """Whose deed it is, or whose page one signs in on; the sign-in page is nobody's."""
        if deed is not None:
            return _doer(deed)
        return self.request.POST.get("person", "") if wants_fragment(self.request) else ""

    def form_invalid(self, form: Any) -> HttpResponse:
        if wants_fragment(self.request):
            held = self.request.POST.get("held", "")
            return _ask_to_sign_in(self.request, "That name and password do not fit.", held)
        return super().form_invalid(form)


def stale_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF failure view: 401, nothing was done, the deed is held.

    It is never sent by itself here: only a person's own click may make it theirs.
    """
    signing_in = request.path == reverse("login")
    held = request.POST.get("held", "") if signing_in else _hold(request)
    deed = _released(held)
    if not request.user.is_authenticated and (deed or wants_fragment(request) or not signing_in):
        too_old = "This sign-in page was too old." if signing_in else "You are signed out."
        return _ask_to_sign_in(request, too_old, held)
    if deed is not None:
        if owner := _somebody_else(request, _doer(deed)):
            return _ask_the_owner(request, owner, held)
        sentence = "This page was too old, so nothing was done. Is this what you want to send?"
        return _offer_to_send(request, deed | {"htmx": False}, sentence=sentence, status=401)
    sentence = "This page was too old, so nothing was done."
    if wants_fragment(request):
        context = {"error": f"{sentence} Please reload it."}
        return render(request, "annotations/_said.html", context, status=401)
    # Of a sign-in that was pressed twice the second finds somebody in: this leads on.
    then = urlencode({"next": request.POST["next"]}) if request.POST.get("next") else ""
    context = {"sentence": sentence, "address": f"{request.path}?{then}" if then else request.path}
    return render(request, "registration/too_old.html", context, status=401)


def _ask_to_sign_in(
    request: HttpRequest, sentence: str, held: str, owner: str = ""
) -> HttpResponse:
    """owner: whose deed it is, where somebody else is signed in."""
    name = "_sign_in.html" if wants_fragment(request) else "login.html"
    form = AuthenticationForm(request)
    context = {"form": form, "held": held, "sentence": sentence, "owner": owner}
    return render(request, f"registration/{name}", context, status=401)


def _ask_the_owner(request: HttpRequest, owner: str, held: str) -> HttpResponse:
    sentence = f"You are signed in as {request.user.get_username()}, but this page is {owner}’s."
    return _ask_to_sign_in(request, sentence, held, owner)


def _doer(deed: dict[str, Any]) -> str:
    """The id of who did the deed that was held; nothing, where their browser runs no scripts."""
    return dict(deed["fields"]).get("person", "")


def _somebody_else(request: HttpRequest, person: str) -> str:
    """The name of the person with that id, where it is not who is signed in; else nothing."""
    if not person or person == str(request.user.pk):
        return ""
    found = Person.objects.filter(pk=int(person)).first() if _ID.match(person) else None
    return found.get_username() if found else "somebody else"


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


def _hold(request: HttpRequest) -> str:
    """The deed that was sent, signed; nothing where there is none that could be sent again.

    No password is ever held, and nobody signs in to have themselves signed out.
    """
    secret = any("password" in name for name in request.POST)
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
    if foreign or request.path.startswith(reverse("admin:index")):
        return ""  # nobody lends their hand to another site, nor to what only admins may do
    if request.method != "POST" or secret or request.path == reverse("logout"):
        return ""
    deed = {
        "path": request.get_full_path(),
        "fields": _fields(request),
        "htmx": wants_fragment(request),
    }
    return signing.dumps(deed, salt=_SALT, compress=True)


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

"""Personal tokens at the door: `Authorization: Bearer nrt_…`, where a view says it takes one.

Everywhere else the header counts for nothing, so that no token ever opens a screen or the admin.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from annotations import actions
from annotations.domain.refusals import NotPermitted
from annotations.models import Scope, Token

View = Callable[..., HttpResponseBase]
_CHALLENGE = 'Bearer realm="newsroom", error="invalid_token"'


def takes_tokens(scope: Scope) -> Callable[[View], View]:
    """Let whoever brings a token of that scope in, as who made it."""

    def mark(view: View) -> View:
        view.takes_tokens = scope  # type: ignore[attr-defined]
        return view

    return mark


def token_of(request: HttpRequest) -> Token | None:
    """The token that the request was let in by; None where it was by a session."""
    return getattr(request, "token", None)


def plain(sentence: str, status: int) -> HttpResponse:
    """A sentence for a program, or whoever reads its output."""
    response = HttpResponse(
        f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8"
    )
    response["Cache-Control"] = "no-store"
    return response


class ByToken:
    """Middleware: who brings a token is its person, and no cookie of theirs is looked at.

    It stands before Django's protection from forged requests, which is for what a browser sends
    along by itself. No page can make a browser send this header to us.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponse | None:
        # Taken out: so it stands in no report of an error and in no log of a request.
        scheme, _, secret = request.META.pop("HTTP_AUTHORIZATION", "").partition(" ")
        scope = getattr(view_func, "takes_tokens", None)
        if scope is None or scheme.lower() != "bearer":
            return None
        try:
            token = actions.known_token(secret.strip(), scope)
        except NotPermitted as refusal:
            response = plain(str(refusal), 401)
            response["WWW-Authenticate"] = _CHALLENGE
            return response
        request.COOKIES.clear()
        request.user = token.person
        request.token = token  # type: ignore[attr-defined]
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        return None

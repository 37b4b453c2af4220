"""Page or fragment, fragment or redirect: the only file that knows of htmx headers."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks, and for a part of a page. No, where no middleware has looked yet."""
    asks: Any = getattr(request, "htmx", None)
    return bool(asks) and not asks.history_restore_request


def on_to(request: HttpRequest, address: str) -> HttpResponse:
    """To another page, for htmx, too."""
    return HttpResponseClientRedirect(address) if wants_fragment(request) else redirect(address)


def page_or_fragment(
    request: HttpRequest,
    screen: str,
    fragment: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """`<screen>/<fragment>` to htmx, `<screen>/page.html` to everybody else."""
    name = fragment if wants_fragment(request) else "page.html"
    response = render(request, f"{screen}/{name}", dict(context), status=status)
    response["Vary"] = "HX-Request"
    if wants_fragment(request):  # coming back, a browser would take an old one for today's
        response["Cache-Control"] = "no-store"
    return response


def fragment_or_redirect(
    request: HttpRequest,
    screen: str,
    fragment: str,
    context: Callable[[], Mapping[str, Any]],
    *,
    then: str,
    notice: str,
    whole: bool = False,
) -> HttpResponse:
    """What a POST that succeeded answers: the fragment to htmx, else on to `then`, a URL.

    context: called only for the fragment. notice: what was done, shown either way. whole: more of
    the page changed than the fragment holds, so htmx goes to `then`, too.
    """
    if wants_fragment(request) and whole:
        messages.success(request, notice)
        return HttpResponseClientRedirect(then)
    if wants_fragment(request):
        return page_or_fragment(request, screen, fragment, {**context(), "notice": notice})
    messages.success(request, notice)
    return redirect(then)

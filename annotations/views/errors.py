"""What is answered where no screen could: to htmx a sentence where the person is, else a page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from annotations.htmx import wants_fragment


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_fragment(request):
        sentence = "The browser sent something the desk does not understand. Nothing was changed."
        return _sentence(request, sentence, 400)
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_fragment(request):
        return _sentence(request, _said(exception) or "You may not do this.", 403)
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_fragment(request):
        return _sentence(request, _said(exception) or "There is nothing at this address.", 404)
    return defaults.page_not_found(request, exception)


def _sentence(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    return render(request, "annotations/_said.html", {"error": sentence}, status=status)


def _said(exception: Exception) -> str:
    """The sentence that a view raised it with; nothing of Django's own."""
    first = exception.args[0] if exception.args else ""
    return first if isinstance(first, str) else ""

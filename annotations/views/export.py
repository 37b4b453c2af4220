"""Export: choose, see the counts, then download; every download is on record."""

import shlex
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from annotations import permissions, pipelines
from annotations.domain.refusals import NotPermitted
from annotations.exports import FORMATS
from annotations.exports.manifest import manifest as manifest_of
from annotations.htmx import page_or_fragment, wants_fragment
from annotations.models import Export, Person, Scope
from annotations.queries import exports as queries
from annotations.queries import taken
from annotations.queries.chosen import DAYS, LISTS, plain, words
from annotations.queries.options import offers
from annotations.views.choosing import Choice, choice, told
from annotations.views.tokens import plain as sentence_for_programs
from annotations.views.tokens import takes_tokens, token_of

SCREEN = "annotations/export"
ALL_TAKEN = {"title": "Taken away", "whose": "all"}
# Name of a list -> its legend, and what leaving it empty means.
LEGENDS = {
    "state": ("State of the span", "none: approved"),
    "label": ("Label", ""),
    "outlet": ("Outlet", ""),
    "story": ("Story", ""),
    "reviewer": ("Decided by", ""),
    "article_state": ("State of the article", "none: all in use"),
    "article": ("Article", ""),
}


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """What the parameters of the address choose, counted; below, what was taken away."""
    asked = choice(request)
    return _screen(request, asked, 422 if asked.wrong else 200)


@require_GET
def taken_away(request: HttpRequest) -> HttpResponse:
    """GET /export/taken: the list of what was taken away, as it stands now, to htmx."""
    if not wants_fragment(request):
        return redirect("export")
    assert isinstance(request.user, Person)
    try:
        permissions.check_export(request.user)
    except NotPermitted as refusal:
        return sentence_for_programs(str(refusal), 403)
    context = {"latest": told(taken.latest_exports(request.user))}
    return page_or_fragment(request, SCREEN, "_taken.html", context | ALL_TAKEN)


@require_http_methods(["GET", "HEAD", "POST"])
@takes_tokens(Scope.EXPORT)
def download(request: HttpRequest) -> HttpResponseBase:
    """POST /export/download?format=…&state=…: the file, for exporters; it is put on record.

    Looking never writes: a GET leads to the screen with the same choice.
    """
    if request.method != "POST":
        return _led_to_the_screen(request)
    asked = choice(request, strict=True)
    assert isinstance(request.user, Person)
    try:
        permissions.check_export(request.user)
    except NotPermitted as refusal:
        return _refused(request, asked, str(refusal), 403)
    if asked.wrong:
        return _refused(request, asked, asked.sentence, 422)
    away = pipelines.take_away(
        asked.format,
        asked.chosen,
        person=request.user,
        pseudonyms=asked.pseudonyms,
        token=token_of(request),
    )
    return _sent(away)


@require_GET
@takes_tokens(Scope.EXPORT)
def manifest(request: HttpRequest, uid: UUID) -> HttpResponse:
    """GET /export/<id>/manifest.json: what that export held; for exporters, and who made it."""
    try:
        record = taken.export_on_record(uid)
    except Export.DoesNotExist:
        missing = "There is no such export on record."
        if token_of(request) is not None:
            return sentence_for_programs(missing, 404)
        raise Http404(missing) from None
    if token_of(request) or record.person_id != request.user.pk:
        try:
            permissions.check_export(request.user)
        except NotPermitted as refusal:
            return sentence_for_programs(str(refusal), 403)
    response = HttpResponse(manifest_of(record), content_type="application/json")
    response["Cache-Control"] = "no-store"  # it is another once the export has ended
    return response


def _sent(away: pipelines.TakenAway) -> HttpResponseBase:
    shape, address = FORMATS[away.record.format], reverse("manifest", args=[away.record.uid])
    response = StreamingHttpResponse(away, content_type=shape.media_type)
    response["Content-Disposition"] = f'attachment; filename="{shape.file_name}"'
    response["Link"] = f'<{address}>; rel="describedby"'
    response["Cache-Control"] = "no-store"
    return response


def _led_to_the_screen(request: HttpRequest) -> HttpResponse:
    if token_of(request) is None:
        return redirect(f"{reverse('export')}?{request.GET.urlencode()}")
    response = sentence_for_programs("A download is put on record: send it by POST.", 405)
    response["Allow"] = "POST"
    return response


def _refused(request: HttpRequest, asked: Choice, sentence: str, status: int) -> HttpResponse:
    if token_of(request) is not None:
        return sentence_for_programs(sentence, status)
    return _screen(request, asked, status, sentence)


def _screen(request: HttpRequest, asked: Choice, status: int, error: str = "") -> HttpResponse:
    context = _counted(request, asked, error) | _choosing(request, asked)
    if not wants_fragment(request):
        assert isinstance(request.user, Person)
        context |= ALL_TAKEN
        context["latest"] = told(taken.latest_exports(request.user))
    return page_or_fragment(request, SCREEN, "_answer.html", context, status=status)


def _counted(request: HttpRequest, asked: Choice, error: str) -> dict[str, Any]:
    """What the choice comes to: nothing while something is wrong with it."""
    context: dict[str, Any] = {
        "refusal": error or asked.wrong.get("", ""),
        "may_export": request.user.has_perm(permissions.EXPORT),
    }
    if asked.wrong:
        return context
    shape = FORMATS[asked.format]
    counted = queries.counts(asked.chosen, bare=shape.bare)
    return context | {
        "counted": counted,
        "in_words": words(plain(asked.chosen)),
        "format": shape.title,
        "pseudonyms": asked.pseudonyms,
        "parameters": asked.parameters,
        "shell": _shell(request, asked),
    }


def _choosing(request: HttpRequest, asked: Choice) -> dict[str, Any]:
    sent = request.GET if request.method == "GET" else request.POST
    named = {name: getattr(asked.chosen, field) for name, field in LISTS.items()}
    sought = {name: sent.get(f"find_{name}", "")[:80] for name in LISTS}
    offered = offers({} if asked.wrong else named, sought)
    return {
        "formats": [(name, shape.title, shape.words) for name, shape in FORMATS.items()],
        "asked": asked,
        "groups": [
            {
                "name": name,
                "legend": legend,
                "none": none,
                "offer": offered[name],
                "chosen": named[name],
                "sought": sought[name],
            }
            for name, (legend, none) in LEGENDS.items()
        ],
        "days": [(name, asked.typed.get(name, ""), asked.wrong.get(name, "")) for name in DAYS],
    }


def _shell(request: HttpRequest, asked: Choice) -> list[str]:
    """Three lines that take the same away with a token, and prove it whole."""
    file = FORMATS[asked.format].file_name
    site = request.build_absolute_uri("/").rstrip("/")
    address = f"{site}{reverse('download')}?{urlencode(asked.parameters)}"
    link = r"""$(sed -n 's/^[Ll]ink: <\(.*\)>.*/\1/p' head.txt)"""
    return [
        'curl -fsS -X POST -H "Authorization: Bearer $TOKEN" '
        f"-D head.txt -o {file} {shlex.quote(address)}",
        f'curl -fsS -H "Authorization: Bearer $TOKEN" -o {file}.manifest.json "{site}{link}"',
        rf"""sed -n 's/.*"sha256": "\(.*\)".*/\1  {file}/p' {file}.manifest.json | sha256sum -c""",
    ]

"""Import: choose files, watch them come in, read what became of each line."""

import csv
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from annotations import permissions, pipelines
from annotations.domain.intake import Outcome
from annotations.domain.refusals import Illegal, NotPermitted, Refusal
from annotations.exports.table import safe
from annotations.forms import FILES_AT_ONCE, ImportForm
from annotations.htmx import on_to, page_or_fragment, wants_fragment
from annotations.imports import FALLBACKS, FORMATS
from annotations.models import Person, Upload, UploadLine
from annotations.queries import uploads as queries
from annotations.views.outcomes import STATUS
from annotations.views.outcomes import Outcome as Came
from newsroom.uploads import too_large

SCREEN, ONE = "annotations/import", "annotations/upload"
UPLOADS, LINES = 25, 100  # on a page
NAMED = 12  # importers, to those who are none
_TOGETHER = "import_together"  # in the session: the uploads that came with one form


@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """GET: what was brought before, and the form; POST: files, which are kept to be brought in."""
    if why := _why_not(request):
        return _those_who_may(request, why)
    if request.method == "GET":
        return _page(request, Came(), uuid4())
    assert isinstance(request.user, Person)
    if too_large(int(request.META.get("CONTENT_LENGTH") or 0)):
        most = f"Files of at most {settings.UPLOAD_MB:,} MB can be brought at once"
        sentence = f"{most}; pack larger ones by gzip, or use the command import_articles."
        return _page(request, Came(sentence=sentence, status=413), uuid4())
    form = ImportForm(request.POST, request.FILES, formats=_formats())
    if not form.is_valid():
        came = Came(sentence=form.sentence(), status=422, field=form.field_at_fault())
        return _page(request, came, uuid4())
    try:
        kept = pipelines.keep_uploads(
            [(file.file, file.name) for file in form.cleaned_data["file"]],
            form.cleaned_data["format"] or None,
            uid=form.request_uid,
            importer=request.user,
            trial=form.cleaned_data["trial"],
            corrections=form.cleaned_data["corrections"],
        )
    except Refusal as refusal:
        return _page(request, Came(sentence=str(refusal), status=STATUS[type(refusal)]), uuid4())
    request.session[_TOGETHER] = [str(each.uid) for each in kept]
    return redirect("upload", kept[0].uid)


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, uid: UUID) -> HttpResponse:
    """GET: how far it is, and its report; POST: `action` go or stop, a short step of either."""
    if why := _why_not(request):
        return _those_who_may(request, why)
    row = _found(uid)
    if request.method == "GET":
        return page_or_fragment(request, ONE, "_report.html", _told(request, row))
    assert isinstance(request.user, Person)
    if request.POST.get("action") == "stop":
        pipelines.stop(row, request.user)
        return redirect("upload", uid)
    until = time.monotonic() + pipelines.STEP
    try:
        mine = pipelines.step(row, request.user)
    except Illegal as refusal:
        told = _told(request, row, by_itself=False) | {"refused": str(refusal)}
        return page_or_fragment(request, ONE, "_answer.html", told, status=409)
    together = _together(request, row)
    following = None if row.going else queries.next_going(together)
    while following is not None and time.monotonic() < until:
        with suppress(Illegal):  # its own page says so
            pipelines.step(following, request.user)
        if following.going:
            break
        following = queries.next_going(together)
    if following is not None:
        return on_to(request, reverse("upload", args=[following.uid]))
    if not row.going and len(together) > 1:
        messages.success(request, f"{len(together)} files are done.")
        return on_to(request, reverse("import"))
    if wants_fragment(request):
        told = _told(request, row, by_itself=True, mine=mine)
        return page_or_fragment(request, ONE, "_answer.html", told)
    return redirect("upload", uid)


@require_GET
def report(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Every line of the report, as CSV."""
    if why := _why_not(request):
        return _those_who_may(request, why)
    row = _found(uid)
    response = StreamingHttpResponse(_csv(row), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="report.csv"'
    return response


def _together(request: HttpRequest, row: Upload) -> list[str]:
    """The ids of the files that were brought together with this one, its own among them."""
    together = request.session.get(_TOGETHER, [])
    return together if str(row.uid) in together else [str(row.uid)]


def _page(request: HttpRequest, came: Came, request_id: UUID) -> HttpResponse:
    found = Paginator(queries.uploads(), UPLOADS).get_page(request.GET.get("page"))
    context = {
        "uploads": found,
        "formats": _formats(),
        "format": request.POST.get("format", ""),
        "trial": "trial" in request.POST,
        "corrections": "corrections" in request.POST,
        "request_id": request_id,
        "refused": came.sentence,
        "most": settings.UPLOAD_MB,
        "most_files": FILES_AT_ONCE,
    }
    return page_or_fragment(request, SCREEN, "_uploads.html", context, status=came.status)


def _told(
    request: HttpRequest, row: Upload, *, by_itself: bool | None = None, mine: bool = True
) -> dict[str, Any]:
    """by_itself: with scripts the next step is asked for without a button; where it is None, by
    whoever brought the file. mine: nobody else does a step of it right now.
    """
    if by_itself is None:
        by_itself = row.importer_id == request.user.pk
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in list(Outcome) else ""
    lines = Paginator(queries.lines(row, outcome), LINES).get_page(request.GET.get("page"))
    return {
        "upload": row,
        "by_itself": by_itself,
        "mine": mine,
        "lines": lines,
        "outcome": outcome,
        "differing": 0 if row.going else queries.differing(row),
        "fallback": row.why_format in FALLBACKS,
        "counts": [
            (each.value, each.if_tried if row.trial else each.words, count)
            for each, count in row.counts.items()
        ],
    }


def _found(uid: UUID) -> Upload:
    try:
        return queries.upload(uid)
    except Upload.DoesNotExist:
        raise Http404("There is no such upload.") from None


def _why_not(request: HttpRequest) -> str:
    try:
        permissions.check_import(request.user)
    except NotPermitted as refusal:
        return str(refusal)
    return ""


def _those_who_may(request: HttpRequest, why: str) -> HttpResponse:
    """Nothing but who may, to those who may not."""
    may = list(queries.importers()[: NAMED + 1])
    context = {"refused": why, "importers": may[:NAMED], "more": len(may) > NAMED}
    return render(request, f"{SCREEN}/who_may.html", context, status=403)


def _formats() -> dict[str, str]:
    return {name: each.words for name, each in FORMATS.items()}


class _Line:
    """Where the CSV writer writes to: it gives back what it was told."""

    def write(self, line: str) -> str:
        return line


def _csv(row: Upload) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(["line", "outcome", "article", "suggestions", "words"])
    for line in queries.every_line(row):
        yield writer.writerow(_cells(line, row.trial))


def _cells(line: UploadLine, trial: bool) -> list[object]:
    """A refusal may quote the file, and a formula with it."""
    became = Outcome(line.outcome)
    outcome = became.if_tried if trial else became.words
    return [line.line, outcome, line.slug, line.suggestions, safe(line.words)]

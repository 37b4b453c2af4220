"""Export: choose, see the counts, then download."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotations import permissions, pipelines
from annotations.domain.refusals import NotPermitted
from annotations.exports import FORMATS
from annotations.htmx import page_or_fragment
from annotations.queries import exports as queries
from annotations.queries.exports import ExportFilter

SCREEN = "annotations/export"
# Address parameter -> field of the filter, legend.
GROUPS = {
    "state": ("states", "State of the span (none: approved)"),
    "label": ("labels", "Label"),
    "outlet": ("outlets", "Outlet"),
    "story": ("stories", "Story"),
    "reviewer": ("reviewers", "Decided by"),
    "article_state": ("article_states", "State of the article (none: all in use)"),
    "article": ("articles", "Article"),
}


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """What the filters of the address choose, counted."""
    chosen, wrong = _chosen(request.GET)
    return page_or_fragment(
        request, SCREEN, "_counts.html", _page(request, chosen, wrong), status=422 if wrong else 200
    )


@require_GET
def download(request: HttpRequest) -> HttpResponseBase:
    """GET /export/download?format=…&state=…: the file, for exporters."""
    chosen, wrong = _chosen(request.GET)
    try:
        permissions.check_export(request.user)
    except NotPermitted as refusal:
        return _refuse(request, chosen, str(refusal), 403)
    if wrong:
        return _refuse(request, chosen, wrong, 422)
    format = request.GET.get("format", "spans")
    chunks = pipelines.export(format, chosen, pseudonyms=_pseudonyms(request))
    shape = FORMATS[format]
    response = StreamingHttpResponse(chunks, content_type=shape.media_type)
    response["Content-Disposition"] = f'attachment; filename="{shape.file_name}"'
    return response


def _chosen(query: QueryDict) -> tuple[ExportFilter, str]:
    """The filter the address asks for, and a sentence if it asks for what there is not."""
    named: dict[str, Any] = {
        field: tuple(query.getlist(name)) for name, (field, _) in GROUPS.items()
    }
    chosen = ExportFilter(**{field: values for field, values in named.items() if values})
    wrong = queries.complaints(chosen)
    if query.get("format", "spans") not in FORMATS:
        wrong.append(f"There is no format “{query['format'][:40]}”.")
    if wrong:
        return ExportFilter(), " ".join(wrong)
    return chosen, ""


def _page(request: HttpRequest, chosen: ExportFilter, error: str) -> dict[str, Any]:
    counted = queries.counts(chosen)
    options = queries.choices()._asdict()
    format = request.GET.get("format", "spans")
    return {
        "formats": [(name, f"{name}: {shape.words}") for name, shape in FORMATS.items()],
        "format": format,
        "pseudonyms": _pseudonyms(request),
        "groups": [
            (name, legend, options[field], getattr(chosen, field))
            for name, (field, legend) in GROUPS.items()
        ],
        "spans": counted.spans,
        "articles": counted.articles,
        "download": f"{reverse('download')}?{_address(request, chosen, format)}",
        "may_export": request.user.has_perm(permissions.EXPORT),
        "error": error,
    }


def _address(request: HttpRequest, chosen: ExportFilter, format: str) -> str:
    pairs = [("format", format)]
    pairs += [
        (name, value) for name, (field, _) in GROUPS.items() for value in getattr(chosen, field)
    ]
    if _pseudonyms(request):
        pairs.append(("people", "pseudonym"))
    return urlencode(pairs)


def _pseudonyms(request: HttpRequest) -> bool:
    return request.GET.get("people") == "pseudonym"


def _refuse(request: HttpRequest, chosen: ExportFilter, sentence: str, status: int) -> HttpResponse:
    context = _page(request, chosen, sentence)
    return page_or_fragment(request, SCREEN, "_counts.html", context, status=status)

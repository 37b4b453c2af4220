"""The library: every article, what was sent back to me, and what is next."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from annotations.domain.lifecycle import RESTING, ArticleState
from annotations.htmx import page_or_fragment
from annotations.queries import library as queries

PAGE = 50
WORKED_ON = tuple(state for state in ArticleState if state not in RESTING)
LONGEST_SEARCH = 200  # characters; SQLite refuses a pattern of 50,000


@require_GET
def library(request: HttpRequest) -> HttpResponse:
    """The articles, found by `?q=`; in `?state=`; with `?aside=1` those set aside.

    Where nothing is asked for, what the person worked on last stands before them.
    """
    search = request.GET.get("q", "").replace("\0", "")[:LONGEST_SEARCH].strip()
    aside = request.GET.get("aside") == "1"
    state = request.GET.get("state", "")
    state = state if state in WORKED_ON else ""
    found = Paginator(queries.library(search=search, aside=aside, state=state), PAGE)
    articles = found.get_page(request.GET.get("page"))
    asked = search or aside or state or articles.number > 1
    context = {
        "articles": articles,
        "listed": queries.listed(articles),
        "stages": queries.stages(),
        "recent": [] if asked else queries.recently_worked_on(request.user),
        "sent_back": queries.sent_back_to(request.user),
        "next_article": queries.next_to_annotate(request.user),
        "search": search,
        "aside": aside,
        "state": state,
        "states": [(each.value, each.words) for each in WORKED_ON],
    }
    return page_or_fragment(request, "annotations/library", "_list.html", context)


@require_GET
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the server and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")

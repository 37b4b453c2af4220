"""Corrections: what replaces an article is brought in, and what came of its spans is shown."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from annotations import actions, permissions
from annotations.actions import Particulars
from annotations.domain.lifecycle import ArticleState
from annotations.domain.refusals import NotPermitted
from annotations.domain.text import UnfitText, clean, digest
from annotations.forms import CorrectionForm, fresh_request_id
from annotations.models import Article, Person
from annotations.queries import corrections as queries
from annotations.queries import desk as desk_queries
from annotations.views.outcomes import Outcome, attempt, unfit

SCREEN = "annotations/corrections"
LOOK_FIRST = "The text was changed since you looked. This is what comes along with it now."


@require_GET
def correction(request: HttpRequest, slug: str) -> HttpResponse:
    """/articles/<slug>/correction/: what came of the article that this one replaces."""
    known = Article.objects.select_related("outlet", "replaces__outlet")
    article = known.filter(slug=slug).first()
    if article is None:
        raise Http404("There is no such article.")
    if article.replaces is None:
        raise Http404("This article replaces no other.")
    desk = reverse("desk", args=[article.slug])
    context = {"article": article, "correction": queries.correction(article), "desk": desk}
    return render(request, f"{SCREEN}/page.html", context)


@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, slug: str) -> HttpResponse:
    """/articles/<slug>/correct/: the text that replaces the article's; by POST what that would do.

    With the action `replace` it is done, if the text is the one of which that was shown.
    """
    try:
        article = desk_queries.article(slug)
    except Article.DoesNotExist:
        raise Http404("There is no such article.") from None
    if request.method == "POST":
        return _correct(request, article)
    return _form(request, article, _as_it_is(article))


def _correct(request: HttpRequest, article: Article) -> HttpResponse:
    typed, form = request.POST.dict(), CorrectionForm(request.POST)
    if not form.is_valid():
        return _form(request, article, typed, unfit(form))
    text = typed["text"] = form.cleaned_data["text"]
    looked = form.cleaned_data["previewed"] == digest(text)
    replacing = request.POST.get("action") == "replace"
    if not (replacing and looked):
        fault = _stands_in_the_way(request, article) or _fault(article, text)
        if fault is not None:
            return _form(request, article, typed, fault)
        again = Outcome(sentence=LOOK_FIRST, status=409) if replacing else None
        return _form(request, article, typed, again, text)
    assert isinstance(request.user, Person)
    outcome = attempt(
        actions.replace_article,
        article=article.slug,
        seen=form.cleaned_data["seen"],
        text=text,
        particulars=_particulars(form, article),
        deed=actions.deed_of(request.user, form.request_uid),
    )
    if outcome.done is None:
        now = desk_queries.article(article.slug)
        return _form(request, now, typed, outcome, None if _fault(now, text) else text)
    messages.success(request, "The correction is here; what it replaces is superseded.")
    return redirect("correction", outcome.done.article.slug)


def _form(
    request: HttpRequest,
    article: Article,
    typed: dict[str, Any],
    outcome: Outcome | None = None,
    text: str | None = None,
) -> HttpResponse:
    """The form with what was typed; with `text`, as it is stored, what would come along."""
    barred = _stands_in_the_way(request, article)
    context = {
        "article": article,
        "typed": typed,
        "barred": barred.sentence if barred else "",
        "successor": queries.told(article)["replaced_by"],
        "correction": None if text is None else queries.foreseen(article, text),
        "previewed": "" if text is None else digest(text),
        "refusal": outcome.sentence if outcome else "",  # not `error`: the notice would say it, too
        "refused_field": outcome.field if outcome else "",
        "request_id": fresh_request_id(),
    }
    status = outcome.status if outcome else 200
    return render(request, f"{SCREEN}/form.html", context, status=status)


def _stands_in_the_way(request: HttpRequest, article: Article) -> Outcome | None:
    """Why this person may not replace this article, whatever the text."""
    try:
        permissions.check_import(request.user)
    except NotPermitted as refusal:
        return Outcome(sentence=str(refusal), status=403)
    if article.state == ArticleState.SUPERSEDED:
        sentence = "This article was replaced already. Correct the one that replaced it."
        return Outcome(sentence=sentence, status=409)
    return None


def _fault(article: Article, text: str) -> Outcome | None:
    """Why this text, its line ends folded, cannot replace the article's."""
    try:
        clean(text)
    except UnfitText as error:
        return Outcome(sentence=str(error), status=422, field="text")
    if text == article.text:
        sentence = "This is the text that the article has already: change what is to be corrected."
        return Outcome(sentence=sentence, status=422, field="text")
    return None


def _as_it_is(article: Article) -> dict[str, Any]:
    """What the form begins with."""
    return {
        "text": article.text,
        "title": article.title,
        "url": article.url,
        "published_at": _minute(article.published_at),
    }


def _particulars(form: CorrectionForm, article: Article) -> Particulars:
    """What was typed, and the outlet, the story and the language of the old article."""
    told = form.cleaned_data
    published_at = told["published_at"]
    if form.data.get("published_at", "") == _minute(article.published_at):
        published_at = article.published_at  # to the second, which the form does not show
    return Particulars(
        outlet=article.outlet.slug if article.outlet else "",
        story=article.story.slug if article.story else "",
        title=told["title"],
        url=told["url"],
        published_at=published_at,
        language=article.language,
    )


def _minute(moment: datetime | None) -> str:
    """As a field for a date and a time has it; empty for none."""
    try:
        return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""
    except OverflowError:  # it came in before that was refused
        return ""

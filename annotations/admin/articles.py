"""Outlets, stories and articles. An article comes in, is described and set aside by deeds."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from annotations import actions, permissions
from annotations.actions import Particulars
from annotations.admin._base import (
    URLS,
    DeedForm,
    DeedsOnChosen,
    TellsRefusals,
    WithEvents,
    deed,
    exact,
)
from annotations.domain.refusals import NotPermitted
from annotations.models import Article, Outlet, Story
from annotations.views.outcomes import attempt

DESCRIBED = ("title", "outlet", "story", "url", "published_at", "language")


@admin.register(Outlet)
class OutletAdmin(admin.ModelAdmin):
    """Who publishes."""

    list_display = ("name", "slug", "homepage")
    search_fields = ("name", "slug")
    show_full_result_count = False
    formfield_overrides = URLS


@admin.register(Story)
class StoryAdmin(admin.ModelAdmin):
    """What articles tell."""

    list_display = ("title", "slug")
    search_fields = ("title", "slug")
    show_full_result_count = False


class AddArticleForm(DeedForm):
    """An article to bring in. Only its text is needed."""

    text = forms.CharField(
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "cols": 90}),
        help_text="Kept to the character, for good: a correction is a new article.",
    )
    title = forms.CharField(
        required=False, max_length=500, help_text="Without one, the text’s opening words."
    )
    slug = forms.SlugField(
        required=False, max_length=120, help_text="Without one, it comes from the title."
    )


class DescribeArticleForm(DeedForm):
    """What is known of an article beside its text."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.revision


@admin.register(Article)
class ArticleAdmin(TellsRefusals, DeedsOnChosen, WithEvents):
    """Articles. Their text and slug never change, and none is deleted: set it aside instead."""

    list_display = ("title", "outlet", "story", "state", "language", "added_at")
    list_filter = ("state", "outlet", "story", "language")
    list_select_related = ("outlet", "story")
    search_fields = ("title", "slug", "url")
    ordering = ("-added_at", "-id")
    actions = ("set_aside_chosen", "restore_chosen")
    formfield_overrides = URLS
    history_of = "article"
    shown = (
        ("state", "revision"),
        ("submitted_by", "submitted_at"),
        ("reviewed_by", "reviewed_at"),
        ("replaces", "replaced_by"),
        "added_at",
        "slug",
        "text_sha256",
        "exact_text",
    )
    exact_text = staticmethod(exact("text", "text"))

    @admin.display(description="replaced by")
    def replaced_by(self, obj: Article) -> str:
        successor = Article.objects.defer("text").filter(replaces=obj).first()
        if successor is None:
            return "-"
        address = reverse("admin:annotations_article_change", args=[successor.pk])
        return format_html('<a href="{}">{}</a>', address, successor)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return super().get_queryset(request).defer("text")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("text", *DESCRIBED, "slug", "request_id")})]
        return [
            (None, {"fields": (*DESCRIBED, ("seen", "request_id"))}),
            ("Not changed here", {"fields": self.shown}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else tuple(_flat(self.shown))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = AddArticleForm if obj is None else DescribeArticleForm
        return super().get_form(request, obj, change=change, **{"form": form, **kwargs})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def render_change_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "GET":  # before anybody fills in a form in vain
            try:
                permissions.check_import(request.user)
            except NotPermitted as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
        return super().render_change_form(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        if change:
            _describe(request, obj, form)
        else:
            obj.pk = _add(request, form).pk
        obj.refresh_from_db()

    def view_on_site(self, obj: Article) -> str:  # type: ignore[override]
        return reverse("desk", args=[obj.slug])

    @admin.action(description="Set the chosen aside …")
    def set_aside_chosen(self, request: HttpRequest, queryset: QuerySet[Article]) -> Any:
        """Ask for a reason first, on a page that keeps which articles were meant."""
        chosen = self.chosen(request)
        if "reason" not in request.POST:
            return self._ask_why(request, chosen)
        outcomes = [
            attempt(
                actions.set_aside,
                article=article.slug,
                seen=seen,
                reason=request.POST["reason"],
                deed=deed(request),
            )
            for article, seen in chosen
        ]
        unfit = next((each for each in outcomes if each.field == "reason"), None)
        if unfit is not None:
            return self._ask_why(request, chosen, unfit.sentence, unfit.status)
        self.tell(request, "Set aside", outcomes)
        return None

    @admin.action(description="Restore the chosen")
    def restore_chosen(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        outcomes = [
            attempt(actions.restore_article, article=article.slug, seen=seen, deed=deed(request))
            for article, seen in self.chosen(request)
        ]
        self.tell(request, "Restored", outcomes)

    def _ask_why(
        self, request: HttpRequest, chosen: Any, error: str = "", status: int = 200
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Set articles aside",
            "opts": self.opts,
            "chosen": chosen,
            "reason": request.POST.get("reason", ""),
            "error": error,
            "longest": actions.articles.MAX_REASON_LENGTH,
        }
        template = "admin/annotations/article/set_aside.html"
        return TemplateResponse(request, template, context, status=status)


def _add(request: HttpRequest, form: Any) -> Article:
    particulars = _particulars(form.cleaned_data, slug=form.cleaned_data["slug"])
    text = form.cleaned_data["text"]
    return actions.add_article(text=text, particulars=particulars, deed=deed(request, form)).article


def _describe(request: HttpRequest, article: Article, form: Any) -> None:
    """Only where something was changed: looking and saving is no deed."""
    changed = [name for name in DESCRIBED if name in form.changed_data]
    if not changed:
        return
    stored = Article.objects.select_related("outlet", "story").get(pk=article.pk)
    told = {name: getattr(stored, name) for name in DESCRIBED}
    # What was not touched stays to the microsecond, which the form does not show.
    told |= {name: form.cleaned_data[name] for name in changed}
    actions.describe_article(
        article=stored.slug,
        seen=form.cleaned_data["seen"],
        particulars=_particulars(told),
        deed=deed(request, form),
    )


def _particulars(told: dict[str, Any], slug: str = "") -> Particulars:
    return Particulars(
        slug=slug,
        outlet=told["outlet"].slug if told["outlet"] else "",
        story=told["story"].slug if told["story"] else "",
        title=told["title"],
        url=told["url"],
        published_at=told["published_at"],
        language=told["language"],
    )


def _flat(fields: Any) -> list[str]:
    return [name for row in fields for name in (row if isinstance(row, tuple) else (row,))]

"""Spans, to look at. What changes one is a deed; reopening several is the one there is here."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from annotations import actions
from annotations.admin._base import DeedsOnChosen, LookOnly, WithEvents, deed, exact
from annotations.admin.deeds import at, changes, who
from annotations.models import Event, Span
from annotations.views.desk import address
from annotations.views.outcomes import attempt


class EventInline(admin.TabularInline):
    """What was done to the span, the first first."""

    model = Event
    fields = ("revision", "action", "who", "at", "changes", "reason_words", "comment")
    readonly_fields = fields
    ordering = ("revision",)
    extra = 0
    show_change_link = True
    verbose_name_plural = "what was done to it"
    who = staticmethod(who)
    at = staticmethod(at)
    changes = staticmethod(changes)

    @admin.display(description="reason")
    def reason_words(self, event: Event) -> str:
        return event.reason_words

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).select_related("deed__actor")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Span)
class SpanAdmin(DeedsOnChosen, WithEvents, LookOnly):
    """Every span, those that are withdrawn, dismissed or rejected, too."""

    list_display = ("words", "label", "article", "state", "author", "decided_by", "revision")
    list_filter = ("state", "label", "article__outlet")
    search_fields = ("text", "uid")
    search_help_text = "Words of the span, or its uid."
    ordering = ("-id",)
    actions = ("reopen_chosen",)
    inlines = (EventInline,)
    history_of = "span"
    fieldsets = (
        (None, {"fields": ("exact_words", "label", "filled", ("state", "amended"), "places")}),
        ("Where", {"fields": ("article", ("start", "end"), "layer", "text_group", "uid")}),
        ("Whose", {"fields": ("author", "last_editor", "origin", "created_at", "revision")}),
        (
            "Decided",
            {"fields": (("decided_by", "decided_at"), "reason", "guideline_revision")},
        ),
    )
    exact_words = staticmethod(exact("text", "text"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Span]:
        named = ("label", "article", "author", "decided_by")
        return super().get_queryset(request).select_related(*named).defer("article__text")

    @admin.display(description="text", ordering="text")
    def words(self, span: Span) -> str:
        return Truncator(span.text).chars(80)

    @admin.display(description="attributes")
    def filled(self, span: Span) -> SafeString:
        values = ((key, _said(value)) for key, value in span.attributes.items())
        return format_html_join("", "<div>{}: {}</div>", values)

    @admin.display(description="open it on")
    def places(self, span: Span) -> SafeString:
        review = f"{reverse('review')}?{urlencode({'span': span.uid})}"
        links = ((address(span.article, span), "the desk"), (review, "the review"))
        return format_html_join(", ", '<a href="{}">{}</a>', links)

    @admin.action(description="Reopen the chosen")
    def reopen_chosen(self, request: HttpRequest, queryset: QuerySet[Span]) -> None:
        outcomes = [
            attempt(actions.reopen, span=span.uid, seen=seen, deed=deed(request))
            for span, seen in self.chosen(request)
        ]
        self.tell(request, "Reopened", outcomes)


def _said(value: Any) -> str:
    """A value as it is stored: an anchored one with its place."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)

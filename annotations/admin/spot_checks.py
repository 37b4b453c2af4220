"""Spot checks, to look at: what was found of spans that were approved."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from annotations.admin._base import LookOnly, exact
from annotations.models import SpotCheck


@admin.register(SpotCheck)
class SpotCheckAdmin(LookOnly):
    """What a second reviewer found, with the span as it was then."""

    list_display = ("finding", "words", "checker", "at", "label", "amended", "decided_by", "span")
    list_filter = ("finding", "amended", "label")
    search_fields = ("note", "checker__username", "decided_by__username", "span__uid")
    ordering = ("-id",)
    fields = (
        ("finding", "checker", "at"),
        "exact_note",
        ("span", "revision"),
        ("label", "amended", "decided_by"),
        "place",
        "request_id",
    )
    exact_note = staticmethod(exact("note", "note"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[SpotCheck]:
        named = ("checker", "decided_by", "label", "span__label")
        return super().get_queryset(request).select_related(*named).defer("span__text")

    @admin.display(description="note", ordering="note")
    def words(self, check: SpotCheck) -> str:
        return Truncator(check.note).chars(80)

    @admin.display(description="look at it on")
    def place(self, check: SpotCheck) -> SafeString:
        address = f"{reverse('spot_checks')}?span={check.span.uid}"
        return format_html('<a href="{}">the spot checks</a>', address)

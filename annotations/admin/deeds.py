"""Deeds and events, to look at: what was done, by whom, for good."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime

from annotations.admin._base import LookOnly, events_of
from annotations.models import Deed, Event


@admin.display(description="by")
def who(thing: Deed | Event) -> str:
    """Who did the deed: a person, or what the machine calls itself."""
    deed = thing.deed if isinstance(thing, Event) else thing
    return deed.actor.get_username() if deed.actor else deed.machine


@admin.display(description="at", ordering="deed__at")
def at(event: Event) -> str:
    """When; written out here, for a read-only field would show the bare value."""
    return localize(localtime(event.deed.at))


@admin.display(description="changed")
def changes(event: Event) -> str:
    """What of the row changed; ids of other rows stand as they are."""
    if event.before is None:
        return "made"
    return "; ".join(
        f"{name.removesuffix('_id')}: {_short(event.before.get(name))} → {_short(value)}"
        for name, value in event.after.items()
        if event.before.get(name) != value
    )


@admin.register(Deed)
class DeedAdmin(LookOnly):
    """What people and machines did."""

    list_display = ("action", "who", "at", "undone")
    list_filter = ("action", "undone")
    list_select_related = ("actor",)
    search_fields = ("actor__username", "machine", "request_id")
    ordering = ("-id",)
    fields = (
        ("action", "who", "at"),
        ("undone", "undoes", "root"),
        "request_id",
        "payload_sha256",
        "its_events",
    )
    who = staticmethod(who)

    @admin.display(description="what it did")
    def its_events(self, deed: Deed) -> SafeString:
        """A link, for one import may have made thousands."""
        number = deed.events.count()
        words = "1 event" if number == 1 else f"{number} events"
        return format_html('<a href="{}">{}</a>', events_of("deed", deed.pk), words)


@admin.register(Event)
class EventAdmin(LookOnly):
    """What each deed did to a span or to an article."""

    list_display = ("action", "revision", "at", "who", "span", "said", "article")
    list_filter = ("action",)
    search_fields = ("article__slug", "span__uid", "comment", "reason")
    ordering = ("-id",)
    fields = (
        ("action", "revision"),
        ("deed", "who", "at"),
        "article",
        "span",
        "reason_words",
        "comment",
        "changes",
        "row_before",
        "row_after",
    )
    who = staticmethod(who)
    at = staticmethod(at)
    changes = staticmethod(changes)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        named = ("deed__actor", "article", "span__label")
        heavy = ("before", "after", "article__text", "span__text")
        return super().get_queryset(request).select_related(*named).defer(*heavy)

    @admin.display(description="said")
    def said(self, event: Event) -> str:
        return Truncator(event.comment or event.reason_words).chars(60)

    @admin.display(description="reason")
    def reason_words(self, event: Event) -> str:
        return event.reason_words

    @admin.display(description="before")
    def row_before(self, event: Event) -> SafeString:
        return _row(event.before)

    @admin.display(description="after")
    def row_after(self, event: Event) -> SafeString:
        return _row(event.after)


def _row(row: dict[str, Any] | None) -> SafeString:
    words = "" if row is None else json.dumps(row, ensure_ascii=False, indent=2)
    return format_html('<div class="exact">{}</div>', words)


def _short(value: Any) -> str:
    if value in (None, ""):
        return "–"
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Truncator(words).chars(60)

"""Exports on record and tokens, to look at; a token may be revoked."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from annotations import actions, permissions
from annotations.admin._base import LookOnly
from annotations.models import Export, Person, Token
from annotations.queries.chosen import words


@admin.register(Export)
class ExportAdmin(LookOnly):
    """What was taken away; for whoever may see that on the export screen."""

    list_display = ("begun_at", "who", "via", "format", "filtered", "spans", "articles", "whole")
    list_filter = ("via", "whole", "format")
    list_select_related = ("person",)
    search_fields = ("uid", "person__username", "sha256")
    ordering = ("-id",)
    fields = (
        ("begun_at", "ended_at", "whole"),
        ("who", "via", "token"),
        ("format", "pseudonyms"),
        "the_filter",
        ("spans", "articles", "bytes"),
        "sha256",
        "uid",
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.EXPORT)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(permissions.EXPORT)

    @admin.display(description="by")
    def who(self, export: Export) -> str:
        return export.person.get_username() if export.person else "operator"

    @admin.display(description="filter")
    def filtered(self, export: Export) -> str:
        return words(export.chosen)

    @admin.display(description="filter")
    def the_filter(self, export: Export) -> SafeString:
        told = json.dumps(export.chosen, ensure_ascii=False, indent=2)
        return format_html('<div class="exact">{}</div>', told)


@admin.register(Token)
class TokenAdmin(LookOnly):
    """Whose programs may come in. For superusers; nobody sees what opens the door."""

    list_display = ("name", "person", "public_id", "created_at", "used_at", "expires_at", "revoked")
    list_select_related = ("person",)
    search_fields = ("name", "public_id", "person__username")
    ordering = ("-id",)
    fields = (
        ("name", "person", "public_id"),
        "scope",
        ("created_at", "used_at", "expires_at", "revoked_at"),
    )
    actions = ("revoke",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    @admin.display(description="revoked", boolean=True)
    def revoked(self, token: Token) -> bool:
        return token.revoked_at is not None

    @admin.action(description="Revoke for good")
    def revoke(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
        assert isinstance(request.user, Person)
        public_ids = list(chosen.filter(revoked_at=None).values_list("public_id", flat=True))
        for public_id in public_ids:
            actions.revoke_token(token=public_id, by=request.user)
        self.message_user(request, f"Revoked: {len(public_ids)}.", messages.SUCCESS)

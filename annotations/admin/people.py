"""People."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from annotations.models import Person


@admin.register(Person)
class PersonAdmin(UserAdmin):
    """Who may sign in. Nobody is deleted, for deeds keep who did them: deactivate instead.

    Only superusers change people: who could would be one, or somebody's second pair of eyes.
    """

    list_display = ("username", "first_name", "last_name", "parts", "is_active", "last_login")
    show_full_result_count = False

    @admin.display(description="groups")
    def parts(self, person: Person) -> str:
        return ", ".join(group.name for group in person.groups.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

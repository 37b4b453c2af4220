"""Comments, to look at: what was said, where, and whether it is settled."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from annotations.admin._base import LookOnly, exact
from annotations.models import Comment
from annotations.views.comments import address


@admin.register(Comment)
class CommentAdmin(LookOnly):
    """What people said of articles and spans. What was taken back is on record on its own page."""

    list_display = ("words", "author", "at", "article", "span", "resolved_at", "withdrawn_at")
    list_filter = (
        ("resolved_at", admin.EmptyFieldListFilter),
        ("withdrawn_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("text", "author__username", "article__slug", "span__uid", "uid")
    ordering = ("-id",)
    fields = (
        "exact_words",
        ("author", "at"),
        "article",
        "span",
        "reply_to",
        ("resolved_by", "resolved_at"),
        "withdrawn_at",
        "place",
        "uid",
        ("request_id", "payload_sha256"),
    )
    exact_words = staticmethod(exact("text", "text"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        named = ("author", "article", "span__label")
        heavy = ("article__text", "span__text")
        return super().get_queryset(request).select_related(*named).defer(*heavy)

    @admin.display(description="text", ordering="text")
    def words(self, comment: Comment) -> str:
        return "taken back" if comment.withdrawn_at else Truncator(comment.text).chars(80)

    @admin.display(description="read it on")
    def place(self, comment: Comment) -> SafeString:
        return format_html('<a href="{}">the desk</a>', address(comment))

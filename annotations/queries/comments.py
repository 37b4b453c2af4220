"""What was said: threads on an article, on a span, and how many are still open."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from annotations.models import Article, Comment, Span


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment and the replies to it, the first first."""

    root: Comment
    replies: tuple[Comment, ...]

    @property
    def open(self) -> bool:
        """Whether somebody still has to look: not resolved, and not all of it taken back."""
        standing = any(each.withdrawn_at is None for each in (self.root, *self.replies))
        return standing and self.root.resolved_at is None


def of_article(article: Article) -> list[Thread]:
    """The threads on the article itself, the first first; in one statement."""
    return _threads(Q(article=article, span=None))


def of_span(span: Span) -> list[Thread]:
    """The threads on the span, the first first; in one statement."""
    return _threads(Q(span=span))


def comment(uid: UUID) -> Comment:
    """One comment with its article and span. Raises Comment.DoesNotExist."""
    return Comment.objects.select_related("article", "span").get(uid=uid)


def open_counts(article: Article) -> dict[int, int]:
    """How many threads are open on the article's spans: span's key -> number; in one statement.

    Spans without any are left out.
    """
    said = Comment.objects.filter(article=article, span__isnull=False).order_by()
    roots, standing = {}, set()
    for pk, span, root, resolved_at, withdrawn_at in said.values_list(
        "pk", "span", "reply_to", "resolved_at", "withdrawn_at"
    ):
        if root is None and resolved_at is None:
            roots[pk] = span
        if withdrawn_at is None:
            standing.add(root or pk)
    return dict(Counter(span for root, span in roots.items() if root in standing))


def _threads(place: Q) -> list[Thread]:
    roots: list[Comment] = []
    replies: dict[int, list[Comment]] = defaultdict(list)
    said = Comment.objects.filter(place).select_related("author", "resolved_by")
    for each in said.order_by("pk"):
        if each.reply_to_id is None:
            roots.append(each)
        else:
            replies[each.reply_to_id].append(each)
    return [Thread(root, tuple(replies[root.pk])) for root in roots]

"""Format `spans`: one line a span, `newsroom.span/1`."""

from collections.abc import Iterator, Sequence
from typing import Any

from annotations.exports import _json
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

SCHEMA = "newsroom.span/1"


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """A line for each span, in the order they come; those of one article at once."""
    for article, spans in rows:
        known = _json.raw(known_of(article) | {"text_sha256": article.text_sha256})
        for span in spans:
            span.schema, span.article = SCHEMA, known
        yield _json.lines(spans)


def known_of(article: ExportedArticle) -> dict[str, Any]:
    """What is known of the article beside its text; null where it is not."""
    return {
        "slug": article.slug,
        "outlet": article.outlet,
        "title": article.title,
        "url": article.url or None,
        "published_at": _json.instant(article.published_at),
        "language": article.language or None,
        "story": article.story,
        "state": article.state,
        "replaces": article.replaces,
    }

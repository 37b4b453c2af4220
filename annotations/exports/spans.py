"""Format `spans`: one line a span, `newsroom.span/1`."""

from collections.abc import Iterator, Sequence
from typing import Any

from annotations.exports import _json
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

SCHEMA = "newsroom.span/1"
CONTEXT = 32  # code points before and after


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """A line for each span, in the order they come."""
    for article, spans in rows:
        known = known_of(article) | {"text_sha256": article.text_sha256}
        for row in spans:
            uid, *rest = span(row).items()
            yield _json.line(dict([("schema", SCHEMA), uid, ("article", known), *rest]))


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


def span(row: ExportedSpan) -> dict[str, Any]:
    """The span without its article; null where there is nothing."""
    text = row.article.text
    return {
        "uid": str(row.uid),
        "label": row.label,
        "start": row.start,
        "end": row.end,
        "text": row.text,
        "attributes": row.attributes,
        "state": row.state,
        "amended": row.amended,
        "revision": row.revision,
        "origin": row.origin,
        "author": row.author,
        "last_editor": row.last_editor,
        "decided_by": row.decided_by,
        "decided_at": _json.instant(row.decided_at),
        "reason": row.reason or None,
        "guideline_revision": row.guideline_revision,
        "text_group": row.text_group,
        "prefix": text[max(0, row.start - CONTEXT) : row.start],
        "suffix": text[row.end : row.end + CONTEXT],
    }

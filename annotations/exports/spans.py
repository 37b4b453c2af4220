"""Format `spans`: one line a span, `newsroom.span/1`."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from annotations.domain.carrying import CONTEXT
from annotations.exports import _json
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

SCHEMA = "newsroom.span/1"


class Shape(msgspec.Struct, gc=False):
    """A span, its keys in the order of the line; UNSET is left out, None is null."""

    schema: str | UnsetType
    uid: str
    article: msgspec.Raw | UnsetType
    label: str
    start: int
    end: int
    text: str
    attributes: Any
    state: str
    amended: bool
    revision: int
    origin: str
    author: str | None
    last_editor: str | None
    decided_by: str | None
    decided_at: str | None
    reason: str | None
    guideline_revision: int | None
    text_group: str
    prefix: str
    suffix: str


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """A line for each span, in the order they come; those of one article at once."""
    for article, spans in rows:
        known = _json.raw(known_of(article) | {"text_sha256": article.text_sha256})
        yield _json.lines(shaped(spans, article.text, SCHEMA, known))


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


def shaped(
    spans: Sequence[ExportedSpan],
    text: str,
    schema: str | UnsetType = UNSET,
    article: msgspec.Raw | UnsetType = UNSET,
) -> list[Shape]:
    """The spans of the text; null where there is nothing. Inside an article they don't name it."""
    return [
        Shape(
            schema,
            row.uid,
            article,
            row.label,
            row.start,
            row.end,
            row.text,
            row.filled,
            row.state,
            row.amended,
            row.revision,
            row.origin,
            row.author,
            row.last_editor,
            row.decided_by,
            row.decided_at,
            row.reason or None,
            row.guideline_revision,
            row.text_group,
            text[row.start - CONTEXT if row.start > CONTEXT else 0 : row.start],
            text[row.end : row.end + CONTEXT],
        )
        for row in spans
    ]

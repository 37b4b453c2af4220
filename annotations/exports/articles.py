"""Format `articles`: one line an article with its spans, `newsroom.article/1`."""

from collections.abc import Iterator, Sequence

from annotations.exports import _json
from annotations.exports.spans import known_of
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

SCHEMA = "newsroom.article/1"


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """A line for each article, in the order they come."""
    for article, spans in rows:
        yield _json.line(
            {
                "schema": SCHEMA,
                **known_of(article),
                "text": article.text,
                "text_sha256": article.text_sha256,
                "spans": spans,
            }
        )

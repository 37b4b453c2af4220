"""Format `prodigy`: JSON Lines as Prodigy's `db-in` takes them, for its `spans_manual` screen."""

from collections.abc import Iterator, Sequence
from typing import Any

from annotations.exports import _carried, _json
from annotations.exports._tokens import places, tokens
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """A line for each article, in code points, as Prodigy counts."""
    for article, spans in rows:
        yield _json.line(_task(article, spans))


def _task(article: ExportedArticle, spans: Sequence[ExportedSpan]) -> dict[str, Any]:
    found = tokens(article.text, spans)
    return {
        "text": article.text,
        "tokens": [
            {
                "text": article.text[token.start : token.end],
                "start": token.start,
                "end": token.end,
                "id": number,
                "ws": token.spaced,
            }
            for number, token in enumerate(found)
        ],
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "token_start": first,
                "token_end": behind - 1,  # the last of them, as Prodigy has it
                "label": span.label,
                **_carried.by_span(span),
            }
            for span, (first, behind) in zip(spans, places(found, spans), strict=True)
        ],
        "meta": _carried.by_article(article),
        "answer": "accept",
        "_view_id": "spans_manual",
    }

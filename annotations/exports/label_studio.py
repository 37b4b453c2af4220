"""Format `label_studio`: a JSON array of tasks, as Label Studio imports it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from annotations.domain.lifecycle import ArticleState, State
from annotations.exports import _carried, _json
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """One array, a task (an article) a line, in code points, as Label Studio counts."""
    before = b"[\n"
    for article, spans in rows:
        yield before + _json.line(_task(article, spans)).rstrip(b"\n")
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def _task(article: ExportedArticle, spans: Sequence[ExportedSpan]) -> dict[str, Any]:
    """What a machine suggested are predictions, by its name; all else is one annotation.

    An annotation without regions says that somebody looked and found nothing: so it is there
    for a reviewed article only.
    """
    by_people = [span for span in spans if span.state != State.SUGGESTED.value]
    by_machine = sorted(
        (span for span in spans if span.state == State.SUGGESTED.value),
        key=lambda span: span.origin,
    )
    looked_at = by_people or article.state == ArticleState.REVIEWED.value
    return {
        "data": {"text": article.text, **_carried.by_article(article)},
        "annotations": [{"result": [_region(span) for span in by_people]}] if looked_at else [],
        "predictions": [
            {"model_version": origin, "result": [_region(span) for span in group]}
            for origin, group in groupby(by_machine, key=lambda span: span.origin)
        ],
    }


def _region(span: ExportedSpan) -> dict[str, Any]:
    return {
        "id": str(span.uid),
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {
            "start": span.start,
            "end": span.end,
            "text": span.text,
            "labels": [span.label],
        },
        "meta": _carried.by_span(span),
    }

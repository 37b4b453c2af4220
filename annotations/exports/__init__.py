"""What spans and articles look like when they leave: one module for each format.

docs/export-format.md describes them for whoever reads the files.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from annotations.exports import articles, spans
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

Rows = Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]]


class Format(NamedTuple):
    """A format: its words on the screen, its file, and how rows become bytes.

    bare: articles come along in which no span was chosen (see queries.exports).
    lines: takes the articles with their chosen spans, in order, and the labels that may come up;
    gives the file piece by piece, holding no more than an article or so of it.
    """

    words: str
    file_name: str
    media_type: str
    bare: bool
    lines: Callable[[Rows, Sequence[ExportedLabel]], Iterator[bytes]]


_JSON_LINES = "application/jsonl; charset=utf-8"

FORMATS = {
    "spans": Format("one line a span", "spans.jsonl", _JSON_LINES, False, spans.lines),
    "articles": Format(
        "one line an article, with its text and spans",
        "articles.jsonl",
        _JSON_LINES,
        True,
        articles.lines,
    ),
}

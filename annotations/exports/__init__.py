"""What spans and articles look like when they leave: one module for each format.

docs/export-format.md describes them for whoever reads the files.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from annotations.exports import articles, spans
from annotations.queries import exports as queries


class Format(NamedTuple):
    """A format: what it is made of, how that becomes lines, and the name files of it have.

    rows: the query whose rows `lines` takes; called with an ExportFilter and `pseudonyms`.
    lines: one line of UTF-8 for each row, with its "\\n".
    """

    rows: Callable[..., Iterator[Any]]
    lines: Callable[[Iterator[Any]], Iterator[bytes]]
    file_name: str


FORMATS = {
    "spans": Format(queries.spans, spans.lines, "spans.jsonl"),
    "articles": Format(queries.articles, articles.lines, "articles.jsonl"),
}

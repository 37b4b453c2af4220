"""Format `csv`: one row a span, for people who open it in a spreadsheet.

A spreadsheet takes a cell that begins with = + - @ and the like for a formula and may run it.
So an apostrophe goes before such a cell, and before one that begins with an apostrophe: whoever
takes one leading apostrophe off a cell has its exact text.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from annotations.exports import _json
from annotations.queries.exports import ExportedArticle, ExportedLabel, ExportedSpan

COLUMNS = (
    *("label", "text", "attributes", "before", "after"),
    *("title", "outlet", "story", "published_at", "url", "article", "article_state"),
    *("state", "reason", "author", "decided_by", "decided_at", "amended", "origin"),
    *("start", "end", "text_group", "uid"),
)
CONTEXT = 60  # code points before and after: about a line
_BYTE_ORDER_MARK = "\ufeff"  # without it, Excel does not take the file for UTF-8
# A sign behind blanks is one, too. The last four are as Chinese and Japanese keyboards type them.
_dangerous = re.compile(r"['\t\r\n]|\s*[-=+@＝＋－＠]").match


def lines(
    rows: Iterator[tuple[ExportedArticle, Sequence[ExportedSpan]]],
    labels: Sequence[ExportedLabel] = (),
) -> Iterator[bytes]:
    """The header, then a row for each span; CR LF ends a row, LF stands within cells."""
    yield (_BYTE_ORDER_MARK + _row(COLUMNS)).encode()
    for article, spans in rows:
        for span in spans:
            yield _row([safe(cell) for cell in _cells(article, span)]).encode()


def _cells(article: ExportedArticle, span: ExportedSpan) -> list[str]:
    """As many as COLUMNS; empty where there is nothing."""
    text = article.text
    cells = [
        *(span.label, span.text, _in_words(span.attributes)),
        *(text[max(0, span.start - CONTEXT) : span.start], text[span.end : span.end + CONTEXT]),
        *(article.title, article.outlet, article.story, _json.instant(article.published_at)),
        *(article.url, article.slug, article.state),
        *(span.state, span.reason, span.author, span.decided_by),
        *(_json.instant(span.decided_at), "yes" if span.amended else "no", span.origin),
        *(str(span.start), str(span.end), span.text_group, str(span.uid)),
    ]
    return [cell or "" for cell in cells]


def _in_words(attributes: dict[str, Any]) -> str:
    """What is filled, as `speaker: Putin; continues: yes`."""
    return "; ".join(
        f"{key}: {_value(value)}" for key, value in attributes.items() if value is not None
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value["value"] if isinstance(value, dict) else value)


def safe(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula."""
    return f"'{cell}" if _dangerous(cell) else cell


def _row(cells: Sequence[str]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerow(cells)
    return file.getvalue()

"""A row of a file, made ready to come in: cleaned, its spans where they lie in the stored text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotations import actions
from annotations.actions import Incoming
from annotations.domain.extents import Extent
from annotations.domain.text import CleanText, UnfitText, clean
from annotations.imports.rows import ArticleRow, Remark, SpanRow
from annotations.models import Article
from annotations.queries.labels import LabelNames


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that may come in. twice: how many of its spans stood there a second time.

    old: the article that it is to replace.
    """

    row: ArticleRow
    incoming: Incoming
    twice: int
    old: Article | None


def made_ready(row: ArticleRow, labels: LabelNames, old: Article | None) -> Ready:
    particulars = actions.Particulars(
        slug=row.slug,
        outlet=row.outlet,
        story=row.story,
        title=row.title,
        url=row.url,
        published_at=row.published_at,
        language=row.language,
    )
    if old is not None:
        particulars = actions.inherited(particulars, old)
    try:
        text = clean(row.text)
    except UnfitText:  # said by the action, too
        return Ready(row, Incoming(row.text, particulars), 0, old)
    marked, twice = _suggestions(row.spans, labels, text)
    return Ready(row, Incoming(text.text, particulars, marked, clean=True), twice, old)


def _suggestions(
    spans: tuple[SpanRow, ...], labels: LabelNames, text: CleanText
) -> tuple[list[actions.Marked], int]:
    """The spans as they lie in the stored text, and how many were there a second time.

    An export may hold a span that was rejected and, once more, as it was approved.
    """
    marked: dict[tuple[str, Extent, str], actions.Marked] = {}
    for span in spans:
        extent = Extent(text.moved(span.start), text.moved(span.end))
        attributes = {key: _moved(value, text) for key, value in span.attributes.items()}
        label = labels.slug_of(span.label) or span.label  # the action refuses what there is not
        place = (label, extent, span.text)
        marked.setdefault(place, actions.Marked(label, extent, span.text, attributes))
    return list(marked.values()), len(spans) - len(marked)


def _moved(value: Any, text: CleanText) -> Any:
    """An attribute's value with its anchor, if it has one, as it lies in the stored text."""
    if not isinstance(value, Mapping):
        return value
    return {
        part: text.moved(offset) if part in ("start", "end") and type(offset) is int else offset
        for part, offset in value.items()
    }


def of_twins(ready: Ready) -> Remark:
    return Remark(ready.row.line, f"{ready.twice} span(s) stood there twice.")

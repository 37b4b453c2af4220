"""A file on its way in: read, cleaned, and brought in article by article, with a report."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction

from annotations import actions
from annotations.domain.extents import Extent
from annotations.domain.refusals import Invalid, Refusal
from annotations.domain.text import CleanText, UnfitText, clean
from annotations.imports import FORMATS, HEAD, guess, unpacked
from annotations.imports.rows import ArticleRow, BadRow, Remark, SpanRow
from annotations.queries.labels import LabelNames, label_names

LONGEST_NAME = 150  # of a file, in what it leaves on record


@dataclass(frozen=True, slots=True)
class Added:
    """An article that came in, with how many suggestions."""

    line: int
    slug: str
    suggestions: int


@dataclass(frozen=True, slots=True)
class Known:
    """An article that was here and was left alone; differs: its text here is another."""

    line: int
    slug: str
    differs: bool


@dataclass(slots=True)
class Report:
    """What became of a file, in the order of its lines."""

    name: str
    format: str
    added: list[Added] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    refused: list[BadRow] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def import_file(stream: BinaryIO, name: str, format: str | None = None) -> Report:
    """Bring in the articles of a file, each with its spans as suggestions, or not at all.

    stream: seekable. name: the file's; it is kept as where they came from. format: guessed
    where it is None. What is known already is left as it is; a line that cannot come in costs
    only itself. Raises KeyError for a format there is not.
    """
    stream = unpacked(stream)
    if format is None:
        format = guess(name, stream.read(HEAD)).format
        stream.seek(0)
    name = _recorded(name)
    report = Report(name, format)
    labels = label_names()
    for row in FORMATS[format].read(stream, name):
        match row:
            case BadRow():
                report.refused.append(row)
            case Remark():
                report.remarks.append(row)
            case ArticleRow():
                _bring_in(row, labels, report)
    return report


@contextmanager
def rehearsal() -> Iterator[None]:
    """Let everything within be done, seen by what follows it, and undone at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _bring_in(row: ArticleRow, labels: LabelNames, report: Report) -> None:
    try:
        text = clean(row.text)
        known = actions.known_article(_particulars(row), text.text)
        if known is not None:
            report.known.append(Known(row.line, known.slug, known.text != text.text))
            return
        marked, twice = _suggestions(row.spans, labels, text)
        done = actions.add_article(
            text=text.text,
            particulars=_particulars(row),
            suggestions=marked,
            deed=actions.deed_of_machine(f"import:{report.name}"),
        )
    except (UnfitText, Refusal) as error:
        report.refused.append(BadRow(row.line, str(error)))
    except IntegrityError:
        again = "It came in from elsewhere at the same time; try the file again."
        report.refused.append(BadRow(row.line, again))
    else:
        report.added.append(Added(row.line, done.article.slug, len(done.spans)))
        if twice:
            report.remarks.append(Remark(row.line, f"{twice} span(s) stood there twice."))


def _particulars(row: ArticleRow) -> actions.Particulars:
    return actions.Particulars(
        slug=row.slug,
        outlet=row.outlet,
        story=row.story,
        title=row.title,
        url=row.url,
        published_at=row.published_at,
        language=row.language,
    )


def _suggestions(
    spans: tuple[SpanRow, ...], labels: LabelNames, text: CleanText
) -> tuple[list[actions.Marked], int]:
    """The spans as they lie in the stored text, and how many were there a second time.

    An export may hold a span that was rejected and, once more, as it was approved. Raises Invalid
    for a label that there is not.
    """
    marked: dict[tuple[str, Extent, str], actions.Marked] = {}
    for span in spans:
        label = labels.slug_of(span.label)
        if label is None:
            raise Invalid(labels.refusal(span.label), "label")
        extent = Extent(text.moved(span.start), text.moved(span.end))
        attributes = {key: _moved(value, text) for key, value in span.attributes.items()}
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


def _recorded(name: str) -> str:
    """A file's name as it is kept: without its folder, short, and readable everywhere."""
    plain = PurePath(name).name.encode("utf-8", "replace").decode().replace("\0", "?")
    return plain if len(plain) <= LONGEST_NAME else "…" + plain[1 - LONGEST_NAME :]

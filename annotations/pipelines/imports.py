"""A file on its way in: read, cleaned, and brought in batch by batch, with a report a line.

What takes long (reading, cleaning, summing) is done without a lock; each batch is one short
transaction, and on SQLite, where only one may write, others get their turn between two.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import BinaryIO, NamedTuple

from django.db import connection, transaction

from annotations import actions
from annotations.actions import Draft, Foreseen
from annotations.domain.refusals import Refusal
from annotations.imports import FORMATS, HEAD, Unreadable, guess, unpacked
from annotations.imports.rows import ArticleRow, BadRow, Remark, Row
from annotations.models.uploads import LONGEST_NAME
from annotations.pipelines._near import as_they_came, near_ones
from annotations.pipelines._ready import Ready, made_ready, of_twins
from annotations.pipelines.corrections import (
    as_correction,
    of_not_replacing,
    of_replacing,
    of_replacing_in_a_trial,
    replaced,
)
from annotations.pipelines.reports import Added, Batch, Known, Near, Report, Told
from annotations.queries.labels import LabelNames, label_names

MOST_ROWS = 2_000  # of a batch, refused lines included
LEAST_ARTICLES, MOST_ARTICLES = 40, 250
MOST_CHARACTERS = 1_000_000
LOCKED = 0.06  # seconds that a batch should take to write
# SQLite's waiters look again after 100 ms at the latest: so long nobody writes between two batches.
GIVEN_WAY = 0.11


class How(NamedTuple):
    """How a file is brought in.

    trial: store nothing, and keep there what would be here. corrections: let an article replace
    the one that it says it corrects. replaces: the slug of the article that the one of this file
    replaces, whatever it says. settle: what else is to be written with a batch, in its
    transaction: raises, if the batch shall not come in.
    """

    trial: Foreseen | None = None
    corrections: bool = False
    replaces: str = ""
    settle: Callable[[Batch], None] | None = None

    def corrects(self, row: Row) -> bool:
        """Whether the row is to replace an article."""
        return isinstance(row, ArticleRow) and bool(
            row.replaces and (self.corrections or self.replaces)
        )


PLAINLY = How()


def import_file(
    stream: BinaryIO,
    name: str,
    format: str | None = None,
    *,
    trial: bool = False,
    corrections: bool = False,
    replaces: str = "",
) -> Report:
    """Bring in the articles of a file, each with its spans as suggestions, or not at all.

    stream: seekable. name: the file's; it is kept as where they came from. format: guessed
    where it is None. trial: say what would come in and store nothing. corrections, replaces: see
    `batches`. What is known already is left as it is; a line that cannot come in costs only
    itself. Raises KeyError for a format there is not.
    """
    stream = unpacked(stream)
    format, why = guessed(stream, name, format)
    report = Report(recorded(name), format, why)
    how = How(Foreseen() if trial else None, corrections, replaces)
    for batch in batches(stream, name, format, how):
        report.tell(batch.told)
    return report


def guessed(stream: BinaryIO, name: str, format: str | None) -> tuple[str, str]:
    """The format, and by what it was seen; nothing, where it was named. stream: seekable."""
    if format is not None:
        return format, ""
    try:
        head = stream.read(HEAD)
    except Unreadable:  # told when it is read
        head = b""
    stream.seek(0)
    found = guess(name, head)
    return found.format, found.why


def batches(
    stream: BinaryIO,
    name: str,
    format: str,
    how: How = PLAINLY,
    *,
    after: int = 0,
) -> Iterator[Batch]:
    """Bring the file in, batch by batch; each has come in when it is told of.

    after: the last line that has been brought in before. Raises KeyError for a format there is
    not.
    """
    name = recorded(name)
    read = FORMATS[format].read(stream, name, after=after)
    # What is said of the whole file stands at its first line, and was said then.
    rows: Iterator[Row] = (row for row in read if row.line > after)
    if how.replaces:
        rows = as_correction(rows, how.replaces)
    pace, labels = _Pace(), label_names()
    for chunk in _chunks(rows, pace, how):
        yield _bring_in(chunk, f"import:{name}", how, pace, labels)


def recorded(name: str) -> str:
    """A file's name as it is kept: without its folder, short, and readable everywhere."""
    plain = PurePath(name.replace("\\", "/")).name.encode("utf-8", "replace").decode()
    plain = "".join(each if each.isprintable() else "?" for each in plain) or "?"
    return plain if len(plain) <= LONGEST_NAME else "…" + plain[1 - LONGEST_NAME :]


class _Pace:
    """How many articles are written at once: about as many as take LOCKED seconds."""

    def __init__(self) -> None:
        self.articles = MOST_ARTICLES // 5
        self._free_since = 0.0

    def give_way(self) -> None:
        """Wait until others have had their turn since the last batch, where they need one."""
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            time.sleep(max(0.0, self._free_since + GIVEN_WAY - time.monotonic()))

    def took(self, articles: int, seconds: float) -> None:
        """Learn from how long it took to write so many."""
        self._free_since = time.monotonic()
        if articles:
            fitting = int(articles * LOCKED / max(seconds, 0.001))
            careful = min(max(fitting, LEAST_ARTICLES), self.articles * 2)
            self.articles = min(careful, MOST_ARTICLES)


def _chunks(rows: Iterator[Row], pace: _Pace, how: How) -> Iterator[list[Row]]:
    """The rows in batches. What is of one line stays together, for the file is gone on after it.

    A correction is the last of its batch, and no other article stands before it there.
    """
    chunk: list[Row] = []
    articles = characters = 0
    corrected = False
    for row in rows:
        full = articles >= pace.articles or characters >= MOST_CHARACTERS or len(chunk) >= MOST_ROWS
        full = full or (articles > 0 and (corrected or how.corrects(row)))
        if full and row.line != chunk[-1].line:
            yield chunk
            chunk, articles, characters = [], 0, 0
        chunk.append(row)
        if isinstance(row, ArticleRow):
            articles += 1
            characters += len(row.text)
            corrected = how.corrects(row)
    if chunk:
        yield chunk


def _bring_in(
    rows: Sequence[Row], machine: str, how: How, pace: _Pace, labels: LabelNames
) -> Batch:
    olds = {
        row.line: replaced(row) for row in rows if isinstance(row, ArticleRow) and how.corrects(row)
    }
    ready = [
        made_ready(row, labels, olds.get(row.line)) if isinstance(row, ArticleRow) else row
        for row in rows
    ]
    coming = [each for each in ready if isinstance(each, Ready)]
    drafts = actions.draft_articles([each.incoming for each in coming], machine)
    if how.trial is not None:
        return _rehearsed(ready, coming, drafts, how, how.trial, rows[-1].line, pace)
    correcting = any(olds.values())
    foreseen = [] if correcting else actions.foresee_articles(drafts, Foreseen())
    near = {} if correcting else near_ones(drafts, foreseen, together=True)
    pace.give_way()
    with transaction.atomic():
        begun = time.monotonic()  # by now SQLite's only lock is ours; waiting for it does not count
        if correcting:
            told = _corrected(ready, machine)
        else:
            came = actions.add_articles(drafts)
            told = _told(ready, came, as_they_came(near, foreseen, came))
        batch = Batch(told, rows[-1].line)
        if how.settle is not None:
            how.settle(batch)
    pace.took(len(drafts), time.monotonic() - begun)
    return batch


def _rehearsed(
    ready: Sequence[Ready | BadRow | Remark],
    coming: Sequence[Ready],
    drafts: Sequence[Draft],
    how: How,
    trial: Foreseen,
    line: int,
    pace: _Pace,
) -> Batch:
    """What would become of a batch in earnest."""
    for each, draft in zip(coming, drafts, strict=True):
        if each.old is not None:
            actions.foresee_replacement(draft, each.old, trial)
    came = actions.foresee_articles(drafts, trial)
    batch = Batch(_told(ready, came, near_ones(drafts, came, together=False)), line)
    if how.settle is not None:
        pace.give_way()
        with transaction.atomic():
            how.settle(batch)
    return batch


def _corrected(ready: Sequence[Ready | BadRow | Remark], machine: str) -> list[Told]:
    """What becomes of a batch whose one article replaces another."""
    told: list[Told] = []
    for row in ready:
        told += _replace(row, machine) if isinstance(row, Ready) else [row]
    return told


def _replace(ready: Ready, machine: str) -> list[Told]:
    row, old, coming = ready.row, ready.old, ready.incoming
    assert old is not None
    try:
        known = actions.known_article(coming.particulars, coming.text)
        if known is not None:
            return [Known(row.line, known.slug, known.text != coming.text)]
        with transaction.atomic():
            done = actions.replace_article(
                article=old.slug,
                seen=old.revision,
                text=coming.text,
                particulars=coming.particulars,
                suggestions=coming.suggestions,
                deed=actions.deed_of_machine(machine),
            )
    except Refusal as refusal:
        return [BadRow(row.line, str(refusal))]
    told: list[Told] = [Added(row.line, done.article.slug, len(done.spans))]
    if ready.twice:
        told.append(of_twins(ready))
    return [*told, of_replacing(row, done)]


def _told(
    ready: Sequence[Ready | BadRow | Remark],
    came: Sequence[actions.Came],
    near: Mapping[str, str],
) -> list[Told]:
    outcomes = iter(came)
    told: list[Told] = []
    for row in ready:
        told += _of_row(row, next(outcomes), near) if isinstance(row, Ready) else [row]
    return told


def _of_row(ready: Ready, came: actions.Came, near: Mapping[str, str]) -> list[Told]:
    line = ready.row.line
    match came:
        case actions.Added(slug, suggestions):
            told: list[Told] = [Added(line, slug, suggestions)]
            if ready.twice:
                told.append(of_twins(ready))
            if ready.old is not None:
                told.append(of_replacing_in_a_trial(ready.row, ready.old, ready.incoming.text))
            elif ready.row.replaces:
                told.append(of_not_replacing(ready.row))
            if slug in near:
                told.append(Near(line, slug, near[slug]))
            return told
        case actions.Known(slug, differs):
            return [Known(line, slug, differs)]
        case refusal:
            return [BadRow(line, str(refusal))]

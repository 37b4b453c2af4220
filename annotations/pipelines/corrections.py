"""What a file says it corrects: found, honoured where the importer says so, and told."""

from collections.abc import Iterator
from dataclasses import replace

from annotations.actions import Done
from annotations.domain.text import is_storable
from annotations.imports.rows import ArticleRow, BadRow, Remark, Row
from annotations.models import Article
from annotations.queries.corrections import CARRIED, plan


def replaced(row: ArticleRow) -> Article | None:
    """The article that is here and that the row says it replaces, with its outlet and story."""
    if not row.replaces or not is_storable(row.replaces):
        return None
    known = Article.objects.select_related("outlet", "story").defer("text")
    return known.filter(slug=row.replaces).first()


def of_replacing(row: ArticleRow, done: Done) -> Remark:
    """What is to be told of a row that came in and replaced another."""
    carried = sum(span.origin.startswith(CARRIED) for span in done.spans)
    return Remark(
        row.line,
        f"It replaces {row.replaces}: {carried} span(s) came along as suggestions, "
        f"{len(done.skipped)} did not.",
    )


def of_replacing_in_a_trial(row: ArticleRow, old: Article, text: str) -> Remark:
    """What would be told of such a row. text: as it would be stored."""
    planned = plan(old, text)
    return Remark(
        row.line,
        f"It would replace {old.slug}: {len(planned.coming)} span(s) would come along as "
        f"suggestions, {len(planned.staying)} would not.",
    )


def of_not_replacing(row: ArticleRow) -> Remark:
    """The same of a row that only says so."""
    why = "corrections were not asked for" if replaced(row) else "there is no such article here"
    return Remark(
        row.line, f"It says it replaces {row.replaces[:120]}; nothing was replaced: {why}."
    )


def as_correction(rows: Iterator[Row], slug: str) -> Iterator[Row]:
    """The one article of a file as what replaces the one with that slug; several are refused."""
    found = None
    for row in rows:
        if not isinstance(row, ArticleRow):
            yield row
        elif found is None:
            found = row
        else:
            yield BadRow(row.line, "The file has several articles; a correction is one.")
            return
    if found is not None:
        # A file called as the old article does not mean to be it.
        yield replace(found, replaces=slug, slug="" if found.slug == slug else found.slug)

"""`import_articles`: articles from files, with their spans as suggestions."""

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from annotations import pipelines
from annotations.actions import Foreseen
from annotations.domain.records import BadArchive
from annotations.domain.text import readable
from annotations.imports import FORMATS, unpacked
from annotations.models import Article
from annotations.pipelines import Added, How, Known, Near, Told

HELD = 50_000_000  # bytes of standard input that stay in memory
_CHUNK = 1_000_000


class Command(BaseCommand):
    help = (
        "Brings in articles from files, packed by gzip or not (see docs/import-format.md); “-” is "
        "the standard input. What is known already is left as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=FORMATS, help="default: by the file")
        parser.add_argument(
            "--corrections",
            action="store_true",
            help="let an article replace the one that its line says it replaces",
        )
        parser.add_argument(
            "--replaces",
            default="",
            metavar="SLUG",
            help="the one article of the one FILE is a correction of this one",
        )
        parser.add_argument(
            "--restore",
            action="store_true",
            help="the one FILE is an archive: bring all of it back into an empty database",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would come in")

    def handle(self, **options: Any) -> None:
        if Article._meta.db_table not in connection.introspection.table_names():
            raise CommandError("The database has no tables yet: run `manage.py migrate` first.")
        if options["restore"]:
            self._restore(options)
            return
        slug = options["replaces"]
        if slug and len(options["files"]) > 1:
            raise CommandError("A correction is one file.")
        if slug and not Article.objects.filter(slug=slug).exists():
            raise CommandError(f"There is no article “{slug}” to replace.")
        how = How(Foreseen() if options["dry_run"] else None, options["corrections"], slug)
        refused = sum(self._import(file, options["format"], how) for file in options["files"])
        if options["dry_run"]:
            self.stdout.write("This was a trial: nothing was stored.")
        if refused:
            raise CommandError(f"{refused} line(s) or file(s) could not come in.")

    def _import(self, path: Path, format: str | None, how: How) -> int:
        """Bring the file in, say what became of it, and return how much of it was refused."""
        counted: Counter[str] = Counter()
        try:
            with _opened(path) as stream:
                name = path.name.removesuffix(".gz")
                format, why = pipelines.guessed(stream, name, format)
                for batch in pipelines.batches(stream, name, format, how):
                    self._tell(path, batch.told, counted)
                    self._show(path, batch.line, counted, how)
        except OSError as error:
            self._clear()
            self.stderr.write(f"{path}: cannot be read: {error.strerror or error}.")
            return 1 + counted["refused"]
        self._clear()
        said = f"{format}, {why}" if why else format
        came = "would come in" if how.trial is not None else "came in"
        near = f", {counted['near']} nearly the same as another" if counted["near"] else ""
        self.stdout.write(
            f"{path} ({said}): {counted['added']} article(s) {came} with "
            f"{counted['suggestions']} suggestion(s){near}, {counted['known']} known already, "
            f"{counted['refused']} refused."
        )
        return counted["refused"]

    def _restore(self, options: dict[str, Any]) -> None:
        """Bring an archive back, and say so or why not. Whoever has this shell has the database."""
        path, *more = options["files"]
        if more or any(options[name] for name in ("format", "corrections", "replaces")):
            raise CommandError("One archive is restored at a time, as it is.")
        try:
            with path.open("rb") as stream:
                restored = pipelines.restore(stream, trial=options["dry_run"])
        except OSError as error:
            raise CommandError(f"{path}: cannot be read: {error.strerror or error}.") from error
        except BadArchive as error:
            where = f"{path}, line {error.line}" if error.line else str(path)
            raise CommandError(f"{where}: {readable(str(error))} Nothing was stored.") from None
        counts = [
            f"{number:,} {kind.replace('_', ' ')}(s)" for kind, number in restored.counts.items()
        ]
        self.stdout.write(f"{path}: restored {', '.join(counts)}.")
        if restored.groups:
            names = ", ".join(restored.groups)
            self.stdout.write(f"These groups are new here and have no rights yet: {names}.")
        if options["dry_run"]:
            self.stdout.write("This was a trial: nothing was stored.")
        else:
            self.stdout.write(
                "Nobody has a password yet: `manage.py changepassword NAME` sets one, and "
                "`manage.py createsuperuser` makes a superuser."
            )

    def _tell(self, path: Path, told: "Iterator[Told] | Any", counted: Counter[str]) -> None:
        """A line for each that somebody should hear of; the rest is counted."""
        self._clear()
        for each in told:
            if isinstance(each, Added):
                counted.update(added=1, suggestions=each.suggestions)
                continue
            where = f"{path}, line {each.line}:"
            if isinstance(each, Known):
                counted.update(known=1)
                if each.differs:
                    self.stdout.write(
                        f"{where} {each.slug} is here with another text, which was left as it is."
                    )
            elif isinstance(each, Near):
                counted.update(near=1)
                self.stdout.write(f"{where} {each.slug} is nearly the same as {each.other}.")
            elif isinstance(each, pipelines.BadRow):
                counted.update(refused=1)
                self.stderr.write(f"{where} {readable(each.why)}")
            else:
                self.stdout.write(f"{where} {each.what}")

    def _show(self, path: Path, line: int, counted: Counter[str], how: How) -> None:
        """How far it is, on a terminal."""
        if self.stderr.isatty():
            came = "would come in" if how.trial is not None else "came in"
            told = f"{path.name}: line {line:,}, {counted['added']:,} {came}"
            self.stderr.write(f"\r\033[K{told}", ending="")
            self.stderr.flush()

    def _clear(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """What is in the file, or comes from the standard input, unpacked and seekable."""
    if str(path) == "-":
        with SpooledTemporaryFile(HELD) as spooled:
            while chunk := sys.stdin.buffer.read(_CHUNK):
                spooled.write(chunk)
            spooled.seek(0)
            yield unpacked(cast(BinaryIO, spooled))
    else:
        with path.open("rb") as file:
            yield unpacked(file)

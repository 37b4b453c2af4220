"""`import_articles`: articles from files, with their spans as suggestions."""

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations import pipelines
from annotations.domain.records import BadArchive
from annotations.imports import FORMATS


class Command(BaseCommand):
    help = (
        "Brings in articles: a .txt file is one, a .jsonl file has one on each line (see "
        "docs/export-format.md). What is known already is left as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=FORMATS, help="default: by the file")
        parser.add_argument(
            "--restore",
            action="store_true",
            help="the file is an archive: bring everything in it back into an empty database",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would come in")

    def handle(self, **options: Any) -> None:
        dry_run = options["dry_run"]
        if options["restore"] and (len(options["files"]) > 1 or options["format"]):
            raise CommandError("One archive is restored at a time, and its format is its own.")
        with pipelines.rehearsal() if dry_run else nullcontext():
            if options["restore"]:
                refused = self._restore(options["files"][0])
            else:
                refused = sum(self._import(file, options["format"]) for file in options["files"])
        if dry_run:
            self.stdout.write("This was a trial: nothing was stored.")
        if refused:
            raise CommandError(f"{refused} line(s) or file(s) could not come in.")

    def _import(self, path: Path, format: str | None) -> int:
        """Bring the file in, say what became of it, and return how much of it was refused."""
        try:
            with path.open("rb") as stream:
                report = pipelines.import_file(stream, path.name, format)
        except OSError as error:
            self.stderr.write(f"{path}: cannot be read: {error.strerror}.")
            return 1
        self._tell(path, report)
        return len(report.refused)

    def _restore(self, path: Path) -> int:
        """Bring an archive back and say so, or why not. Whoever has this shell has the database.

        Returns how many files were refused.
        """
        try:
            with path.open("rb") as stream:
                restored = pipelines.restore(stream)
        except OSError as error:
            self.stderr.write(f"{path}: cannot be read: {error.strerror}.")
            return 1
        except BadArchive as error:
            place = f"{path}, line {error.line}" if error.line else str(path)
            self.stderr.write(f"{place}: {_printable(str(error))} Nothing was stored.")
            return 1
        counts = ", ".join(f"{number:,} {kind}(s)" for kind, number in restored.counts.items())
        self.stdout.write(f"{path}: restored {counts.replace('_', ' ')}.")
        if restored.groups:
            names = ", ".join(restored.groups)
            self.stdout.write(f"These groups are new here and have no rights yet: {names}.")
        self.stdout.write(
            "Nobody has a password: set one with `manage.py changepassword NAME`, and make "
            "somebody a superuser with `manage.py createsuperuser`."
        )
        return 0

    def _tell(self, path: Path, report: pipelines.Report) -> None:
        for remark in report.remarks:
            self.stdout.write(f"{path}, line {remark.line}: {remark.what}")
        for known in report.known:
            if known.differs:
                self.stdout.write(
                    f"{path}, line {known.line}: {known.slug} is here with another text, "
                    "which was left as it is."
                )
        for row in report.refused:
            self.stderr.write(f"{path}, line {row.line}: {_printable(row.why)}")
        suggestions = sum(added.suggestions for added in report.added)
        self.stdout.write(
            f"{path} ({report.format}): {len(report.added)} article(s) came in with "
            f"{suggestions} suggestion(s), {len(report.known)} known already, "
            f"{len(report.refused)} refused."
        )


def _printable(words: str) -> str:
    """A file may name things that no terminal can show."""
    return words.encode("utf-8", "backslashreplace").decode()

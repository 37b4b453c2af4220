"""`import_articles`: articles from files, with their spans as suggestions."""

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations import pipelines
from annotations.imports import FORMATS
from annotations.models import Article


class Command(BaseCommand):
    help = (
        "Brings in articles: a .txt file is one, a .jsonl file has one on each line (see "
        "docs/export-format.md). What is known already is left as it is."
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
        parser.add_argument("--dry-run", action="store_true", help="say what would come in")

    def handle(self, **options: Any) -> None:
        dry_run, slug = options["dry_run"], options["replaces"]
        if slug and len(options["files"]) > 1:
            raise CommandError("A correction is one file.")
        if slug and not Article.objects.filter(slug=slug).exists():
            raise CommandError(f"There is no article “{slug}” to replace.")
        how = {"corrections": options["corrections"], "replaces": slug}
        with pipelines.rehearsal() if dry_run else nullcontext():
            refused = sum(self._import(file, options["format"], how) for file in options["files"])
        if dry_run:
            self.stdout.write("This was a trial: nothing was stored.")
        if refused:
            raise CommandError(f"{refused} line(s) or file(s) could not come in.")

    def _import(self, path: Path, format: str | None, how: dict[str, Any]) -> int:
        """Bring the file in, say what became of it, and return how much of it was refused."""
        try:
            with path.open("rb") as stream:
                report = pipelines.import_file(stream, path.name, format, **how)
        except OSError as error:
            self.stderr.write(f"{path}: cannot be read: {error.strerror}.")
            return 1
        self._tell(path, report)
        return len(report.refused)

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
            # A file may name things that no terminal can show.
            why = row.why.encode("utf-8", "backslashreplace").decode()
            self.stderr.write(f"{path}, line {row.line}: {why}")
        suggestions = sum(added.suggestions for added in report.added)
        self.stdout.write(
            f"{path} ({report.format}): {len(report.added)} article(s) came in with "
            f"{suggestions} suggestion(s), {len(report.known)} known already, "
            f"{len(report.refused)} refused."
        )

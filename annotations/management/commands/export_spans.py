"""`export_spans`: what the export screen gives, to a file or to standard output."""

import os
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations import pipelines
from annotations.exports import FORMATS
from annotations.queries.exports import ExportFilter, complaints

# Option -> field of the filter, help.
FILTERS = {
    "--state": ("states", "state of spans (default: approved)"),
    "--label": ("labels", "label, by its slug"),
    "--outlet": ("outlets", "outlet, by its slug"),
    "--story": ("stories", "story, by its slug"),
    "--article": ("articles", "article, by its slug"),
    "--article-state": (
        "article_states",
        "state of articles (default: all but set_aside and superseded)",
    ),
    "--reviewer": ("reviewers", "who decided, by username"),
}
# Option -> field of the filter, help.
DAYS = {
    "--decided-from": ("decided_from", "first day of the decision"),
    "--decided-until": ("decided_until", "last day of the decision"),
}


ARCHIVE = "archive"  # everything, for `import_articles --restore`; see docs/archive.md


class Command(BaseCommand):
    help = "Writes spans, or articles with their spans, as JSON Lines. See docs/export-format.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=[*FORMATS, ARCHIVE], default="spans")
        for option, (field, words) in FILTERS.items():
            parser.add_argument(
                option,
                action="append",
                dest=field,
                metavar="NAME",
                help=f"only this {words}; may be repeated",
            )
        for option, (field, words) in DAYS.items():
            parser.add_argument(
                option, type=_day, dest=field, metavar="YYYY-MM-DD", help=f"the {words}"
            )
        parser.add_argument(
            "--people",
            choices=["names", "pseudonym"],
            default="names",
            help="pseudonym: person-1, person-2, … instead of usernames",
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(self, **options: Any) -> None:
        named: dict[str, Any] = {
            field: tuple(options[field]) for field, _ in FILTERS.values() if options[field]
        }
        named |= {field: options[field] for field, _ in DAYS.values()}
        chosen = ExportFilter(**named)
        if wrong := complaints(chosen):
            raise CommandError(" ".join(wrong))
        pseudonyms = options["people"] == "pseudonym"
        if options["format"] == ARCHIVE:
            if pseudonyms or chosen != ExportFilter():
                raise CommandError("An archive holds everything: without a filter, with names.")
            chunks = pipelines.archive()
        else:
            chunks = pipelines.export(options["format"], chosen, pseudonyms=pseudonyms)
        if options["output"] is None:
            self._print(chunks)
        else:
            lines = _write(options["output"], chunks)
            self.stderr.write(f"Wrote {lines} line(s) to {options['output']}.")

    def _print(self, chunks: Iterator[bytes]) -> None:
        """Print bytes where standard output takes them: no terminal's encoding, no "\\r\\n"."""
        out = getattr(self.stdout, "buffer", None)
        for chunk in chunks:
            if out is not None:
                out.write(chunk)
            else:
                self.stdout.write(chunk.decode(), ending="")
        self.stdout.flush()


def _day(words: str) -> date:
    """Raises ValueError, which argparse tells."""
    return date.fromisoformat(words)


def _write(path: Path, chunks: Iterator[bytes]) -> int:
    """Write the file and rename it into place, so that nobody finds half of one; returns lines."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    lines = 0
    try:
        with part.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
                lines += chunk.count(b"\n")
        part.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
    return lines

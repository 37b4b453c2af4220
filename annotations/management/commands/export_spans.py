"""`export_spans`: what the export screen gives, to a file or to standard output."""

import os
from argparse import ArgumentParser
from codecs import getincrementaldecoder
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations import pipelines
from annotations.exports import FORMATS
from annotations.exports.manifest import manifest
from annotations.queries.archive import ARCHIVE
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


class Command(BaseCommand):
    help = (
        "Writes what the export screen gives, and puts it on record. Beside FILE it writes "
        "FILE.manifest.json, with the checksum. See docs/exporting.md."
    )

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
        parser.add_argument(
            "--manifest", type=Path, metavar="FILE", help="where the manifest goes instead"
        )

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
            chosen = ExportFilter(states=())
        path: Path | None = options["output"]
        beside: Path | None = options["manifest"]
        if path is not None and beside is None:
            beside = path.with_name(f"{path.name}.manifest.json")
        away = pipelines.take_away(options["format"], chosen, person=None, pseudonyms=pseudonyms)
        with away:
            if path is None:
                self._print(away.chunks())
            else:
                _write(path, away.chunks())
        if path is not None:
            held = f"{away.record.spans} span(s) of {away.record.articles} article(s)"
            self.stderr.write(f"Wrote {held} to {path}.")
        if beside is not None:
            _write(beside, [manifest(away.record, path.name if path else None)])

    def _print(self, chunks: Iterable[bytes]) -> None:
        """Print bytes where standard output takes them: no terminal's encoding, no "\\r\\n"."""
        out = getattr(self.stdout, "buffer", None)
        characters = getincrementaldecoder("utf-8")()  # a chunk may end within one
        try:
            for chunk in chunks:
                if out is not None:
                    out.write(chunk)
                else:
                    self.stdout.write(characters.decode(chunk), ending="")
            self.stdout.flush()
        except BrokenPipeError as error:
            raise CommandError("Nobody reads on: the export was cut off.") from error


def _day(words: str) -> date:
    """Raises ValueError, which argparse tells."""
    return date.fromisoformat(words)


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    """Write the file and rename it into place, so that nobody finds half of one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
        part.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)

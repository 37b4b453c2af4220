"""What a request chooses to take away: parameters in, a filter or sentences out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest, QueryDict

from annotations.exports import FORMATS
from annotations.models import Export
from annotations.queries.archive import ARCHIVE
from annotations.queries.chosen import DAYS, LISTS, pairs, words
from annotations.queries.exports import ExportFilter, complaints

PEOPLE = ("names", "pseudonym")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_FIRST_YEAR = 1900  # an earlier midnight is before time itself in some zones
_FORMS = ("", "application/x-www-form-urlencoded", "multipart/form-data")
# What forms and scripts of ours add, and the words that narrow a list on the screen.
_BESIDES = {
    "csrfmiddlewaretoken",
    "person",
    "format",
    "people",
    *(f"find_{name}" for name in LISTS),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for, as far as it could be read.

    typed: the days as they came. wrong: field -> what is wrong with it, under "" what is of none;
    where anything is, nothing may leave.
    """

    chosen: ExportFilter
    format: str = "spans"
    pseudonyms: bool = False
    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """All that is wrong, or nothing."""
        return " ".join(self.wrong.values())

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The choice as fields of a form or an address, everything said."""
        people = [("people", "pseudonym")] if self.pseudonyms else []
        return [("format", self.format), *pairs(self.chosen), *people]


def choice(request: HttpRequest, *, strict: bool = False) -> Choice:
    """What the parameters in address and form choose.

    strict: a parameter that we do not know is wrong, too: whoever mistypes a filter is not to
    get everything.
    """
    sent = request.GET.copy()
    sent.update(request.POST)
    wrong: dict[str, str] = {}
    named: dict[str, Any] = {
        field: tuple(sent.getlist(name)) for name, field in LISTS.items() if name in sent
    }
    typed = {name: sent.get(name, "").strip()[:40] for name in DAYS}
    for name, written in typed.items():
        try:
            named[DAYS[name]] = _day(written)
        except ValueError:
            wrong[name] = f"“{written}” is no day; write it like 2026-01-31."
    chosen = ExportFilter(**named)
    format, people = sent.get("format", "spans"), sent.get("people", "names")
    others = complaints(chosen)
    if format not in FORMATS:
        others.append(f"There is no format “{format[:40]}”.")
    if people not in PEOPLE:
        others.append(f"People go by “names” or by “pseudonym”, not by “{people[:40]}”.")
    if strict:
        others += _unknown(request, sent)
    if others:
        wrong[""] = " ".join(others)
    return Choice(chosen, format, people != "names", typed, wrong)


def told(records: Iterable[Export]) -> list[tuple[Export, str, str]]:
    """Exports on record, each with its format's title and its choice in words."""
    return [(each, title_of(each.format), words(each.chosen)) for each in records]


def title_of(format: str) -> str:
    """What a format on record is called; it may be the archive, or one that was given up."""
    if format == ARCHIVE:
        return "Archive"
    return FORMATS[format].title if format in FORMATS else format


def _day(words: str) -> date | None:
    if not words:
        return None
    day = date.fromisoformat(words) if _DAY.match(words) else None
    if day is None or day.year < _FIRST_YEAR:
        raise ValueError
    return day


def _unknown(request: HttpRequest, sent: QueryDict) -> list[str]:
    known = {*LISTS, *DAYS, *_BESIDES}
    told = [f"There is no filter “{name[:40]}”." for name in sent if name not in known]
    if request.FILES:
        told.append("Send each filter as a value, not as a file.")
    if request.content_type not in _FORMS and request.body:
        told.append("Send the filters as parameters of the address, or as a form’s fields.")
    return told

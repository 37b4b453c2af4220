"""What other tools' files say of an article beside its text, under our own keys.

Those tools keep whatever they are given, so what does not fit is told and left out, where our own
format refuses it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from annotations.domain.intake import FIRST_YEAR, LAST_YEAR
from annotations.domain.text import is_storable
from annotations.imports._json import shown

LONGEST = {"slug": 120, "outlet": 200, "story": 300, "title": 500, "url": 500, "language": 35}


@dataclass(slots=True)
class Known:
    """What is known of an article, and what of it was left out and why."""

    values: dict[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def take(self, key: str, value: Any, name: str = "") -> None:
        """Keep a value of ours unless there is one. name: what the file calls it."""
        if value is None or value == "" or self.values.get(key):
            return
        if not isinstance(value, str) or not is_storable(value):
            self._leave(name or key, value)
        elif words := " ".join(value.split()):
            self._keep(key, words, name or key)

    def _keep(self, key: str, words: str, name: str) -> None:
        if key == "published_at":
            moment = instant(words)
            if moment is None:
                self._leave(name, words)
            else:
                self.values[key] = moment
        elif key == "url":
            if is_web_address(words):
                self.values[key] = words
        elif len(words) > LONGEST[key] and key != "title":
            self._leave(name, words)
        else:
            self.values[key] = (
                words if len(words) <= LONGEST[key] else words[: LONGEST[key] - 1] + "…"
            )

    def _leave(self, name: str, value: Any) -> None:
        self.told.append(f"“{name}” was left out: {shown(value)} does not fit.")


def known_of(*objects: Any) -> Known:
    """What stands under our own keys in any of the objects, the first first."""
    known = Known()
    for each in objects:
        if isinstance(each, Mapping):
            for key in (*LONGEST, "published_at"):
                known.take(key, each.get(key))
    return known


def instant(words: str) -> datetime | None:
    """A moment with its zone, by ISO 8601 or as mails and RSS write it; None for anything else,
    and for a year in which no article can be published.
    """
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(words)
            if moment.tzinfo is not None and FIRST_YEAR <= moment.year <= LAST_YEAR:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def is_web_address(words: str) -> bool:
    """Whether it is an address that can be kept: http or https, with a host."""
    try:
        parts = urlsplit(words)
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.netloc)
        and len(words) <= LONGEST["url"]
        and not any(each.isspace() for each in words)
    )


def counted(things: Iterable[str]) -> str:
    """ "2 choices, 1 relation": how often each comes up, in order."""
    counts: dict[str, int] = {}
    for each in things:
        counts[each] = counts.get(each, 0) + 1
    return ", ".join(f"{count} × {each}" for each, count in counts.items())

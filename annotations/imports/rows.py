"""What every format reads into: articles with their spans, and what went wrong on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class SpanRow:
    """A span as a file has it.

    start, end: code points of the article's text as it stands in the file. text: the words
    there, which prove the offsets. attributes: as `domain.attributes` describes values.
    """

    label: str
    start: int
    end: int
    text: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article as a file has it; empty where the file says nothing.

    line: where it stands, from 1; in a list, or a document of several, the item's number. text: as
    it came, not cleaned yet. replaces: the slug of the article that it corrects.
    """

    line: int
    text: str
    slug: str = ""
    outlet: str = ""
    story: str = ""
    title: str = ""
    url: str = ""
    published_at: datetime | None = None
    language: str = ""
    replaces: str = ""
    spans: tuple[SpanRow, ...] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that cannot come in; `why` is a sentence."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was passed over in a line that comes in all the same."""

    line: int
    what: str


Row = ArticleRow | BadRow | Remark

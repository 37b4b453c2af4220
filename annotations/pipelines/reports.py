"""What became of a file that came in, line by line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from annotations.imports.rows import BadRow, Remark


@dataclass(frozen=True, slots=True)
class Added:
    """An article that came in, with how many suggestions."""

    line: int
    slug: str
    suggestions: int


@dataclass(frozen=True, slots=True)
class Known:
    """An article that was here and was left alone; differs: its text here is another."""

    line: int
    slug: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Near:
    """An article that came in and is nearly the same as another (`domain.sketches`)."""

    line: int
    slug: str
    other: str


Told = Added | Known | Near | BadRow | Remark


class Batch(NamedTuple):
    """What became of some rows, in their order, and the last row's line."""

    told: Sequence[Told]
    line: int


@dataclass(slots=True)
class Report:
    """What became of a file, in the order of its lines. why_format: by what it was seen."""

    name: str
    format: str
    why_format: str = ""
    added: list[Added] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    near: list[Near] = field(default_factory=list)
    refused: list[BadRow] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def tell(self, told: Iterable[Told]) -> None:
        """Take in what became of a batch."""
        lists: dict[type, list[Any]] = {
            Added: self.added,
            Known: self.known,
            Near: self.near,
            BadRow: self.refused,
            Remark: self.remarks,
        }
        for each in told:
            lists[type(each)].append(each)

"""The table: what was measured, beside what was asked for and what the peers take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

HEAD = ("", "median", "min–max", "bar", "met", "growth", "doccano", "Label Studio")


def seconds(value: float) -> str:
    return f"{value:.2f} s"


def milliseconds(value: float) -> str:
    return f"{value * 1000:.1f} ms" if value < 0.01 else f"{value * 1000:.0f} ms"


def microseconds(value: float) -> str:
    return f"{value * 1_000_000:.2f} µs"


def megabytes(value: float) -> str:
    return f"{value / 1_000_000:.0f} MB"


def kilobytes(value: float) -> str:
    return f"{value / 1000:.1f} KB"


def times(value: float) -> str:
    return f"× {value:.2f}"


def count(value: float) -> str:
    return f"{value:,.0f}"


def p95(values: Sequence[float]) -> float:
    """What 95 of 100 of them stay within."""
    return quantiles(values, n=20, method="inclusive")[-1]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    values: one a repeat, in seconds, bytes or a ratio; `shown` writes one. bar: the most the
    median may be; least: the least; None: nothing was asked for. base: the row of the smaller
    document, against which this one is said to grow.
    """

    name: str
    values: tuple[float, ...]
    shown: Callable[[float], str]
    bar: float | None = None
    base: "Row | None" = None
    doccano: str = ""
    label_studio: str = ""
    least: float | None = None

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def met(self) -> str:
        if self.bar is None and self.least is None:
            return ""
        most = self.bar is None or self.median <= self.bar
        return "yes" if most and self.median >= (self.least or 0) else "NO"

    @property
    def asked(self) -> str:
        bars = (("≤", self.bar), ("≥", self.least))
        return ", ".join(f"{sign} {self.shown(bar)}" for sign, bar in bars if bar is not None)

    def cells(self) -> tuple[str, ...]:
        spread = f"{self.shown(min(self.values))}–{self.shown(max(self.values))}"
        return (
            self.name,
            self.shown(self.median),
            spread if len(self.values) > 1 else "",
            self.asked,
            self.met,
            times(self.median / self.base.median) if self.base else "",
            self.doccano,
            self.label_studio,
        )


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table whose columns also align as plain text."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in (lines[0], rule, *lines[1:])
    )

"""What a benchmark hands back, and how it is printed."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

HEADINGS: Final = ("", "n", "median", "p95", "worst", "unit", "ratio", "target")


class Target(msgspec.Struct, frozen=True):
    """A promise: at most, or at least, this median."""

    value: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.value if self.at_least else value <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:g}"


class Row(msgspec.Struct, frozen=True):
    """One figure; `ratio` compares its median with another row's of the same run."""

    label: str
    unit: str
    median: float
    n: int = 1
    p95: float | None = None
    worst: float | None = None
    ratio: float | None = None
    target: Target | None = None

    @property
    def missed(self) -> bool:
        return self.target is not None and not self.target.met(self.median)


class Table(msgspec.Struct, frozen=True):
    """Figures of one run that belong side by side."""

    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """What `--json` writes."""

    machine: dict[str, str]
    version: str
    at: str
    others: dict[str, float]
    """Share of the machine that other programs took during each benchmark, 0..1."""
    tables: tuple[Table, ...]


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that `share` of all samples do not exceed."""
    ranked = sorted(samples)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def spread(
    label: str, samples: Sequence[float], unit: str = "ms", *, target: Target | None = None, against: Row | None = None
) -> Row:
    """A row of many samples; the worst is the largest."""
    median = percentile(samples, 0.5)
    ratio = median / against.median if against and against.median else None
    return Row(label, unit, median, len(samples), percentile(samples, 0.95), max(samples), ratio, target)


def single(label: str, value: float, unit: str, *, target: Target | None = None, against: Row | None = None) -> Row:
    """A row of one figure."""
    ratio = value / against.median if against and against.median else None
    return Row(label, unit, value, ratio=ratio, target=target)


def lines(table: Table) -> Iterator[str]:
    """The table as text, columns aligned."""
    cells = [HEADINGS, *(_cells(row) for row in table.rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    yield table.title
    for line in cells:
        label, *figures = (
            cell.ljust(width) if column in (0, 5) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield f"  {label}  {'  '.join(figures)}".rstrip()
    for note in table.notes:
        yield f"  · {note}"


def _cells(row: Row) -> tuple[str, ...]:
    verdict = "" if row.target is None else f"{row.target} {'missed' if row.missed else 'met'}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}×"
    return (
        row.label,
        str(row.n) if row.n > 1 else "",
        number(row.median),
        number(row.p95),
        number(row.worst),
        row.unit,
        ratio,
        verdict,
    )


def number(value: float | None) -> str:
    """Three figures, no exponent."""
    if value is None:
        return ""
    if value and abs(value) < 10:
        return f"{value:.2f}"
    return f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"

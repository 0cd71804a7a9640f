"""Levels drawn with block characters: waveforms, histories, progress. Pure text, no colour."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

EIGHTHS: Final = " ▁▂▃▄▅▆▇█"


def columns(levels: Sequence[float], height: int) -> list[str]:
    """Rows from top to bottom, one column a level; a level (0..1) above 0 always leaves a mark."""
    steps = [_steps(level, height * 8) for level in levels]
    return ["".join(EIGHTHS[min(8, max(0, step - row * 8))] for step in steps) for row in reversed(range(height))]


def _steps(level: float, most: int) -> int:
    if level <= 0:
        return 0
    return max(1, min(most, round(level * most)))


def line(fraction: float, width: int) -> tuple[str, str]:
    """A thin bar of `width` cells, exact to half a cell: its full part and its empty part."""
    full, half = divmod(round(max(0.0, min(1.0, fraction)) * width * 2), 2)
    done = "━" * full + "╸" * half
    return done, "─" * (width - len(done))


def newest(values: Sequence[float], width: int) -> list[float]:
    """The last `width` values, padded on the left, so that a history grows from the right."""
    tail = list(values[-width:]) if width > 0 else []
    return [0.0] * (width - len(tail)) + tail


def squeezed(values: Sequence[float], width: int) -> list[float]:
    """`values` in at most `width` columns, each the peak of what it stands for."""
    return [max(part) for part in _parts(values, width)]


def averaged(values: Sequence[float], width: int) -> list[float]:
    """The same with means: in few columns pauses can be told from words."""
    return [sum(part) / len(part) for part in _parts(values, width)]


def _parts(values: Sequence[float], width: int) -> list[Sequence[float]]:
    count = len(values)
    width = min(count, max(0, width))
    edges = [index * count // width for index in range(width + 1)] if width else []
    return [values[start:end] for start, end in pairwise(edges)]

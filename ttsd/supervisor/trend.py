"""Whether memory grows steadily, as a leak does: readings in, a slope out."""

from itertools import combinations, pairwise
from statistics import median
from typing import Final, NamedTuple

import msgspec

WINDOW_S: Final = 1800.0
"""What is older says nothing of how it goes now."""
MOST_POINTS: Final = 64
PARTS: Final = 6
LEAST_POINTS: Final = 10 * PARTS
"""Two minutes of samples, unless `[gpu] sample_s` has them come faster."""
LEAST_GROWTH: Final = 0.05
"""Of what it was: less is the breathing of an allocator."""
MOST_IN_A_STEP: Final = 0.7
"""Growth that came in one step has all of it between three neighbouring parts; a leak has two fifths of it there."""

LEAST_IN_THE_END: Final = 0.3
"""Of it, after the third part: a leak has three fifths of it there; what fills up as an engine warms up, less."""


class Point(NamedTuple):
    """Memory at one moment."""

    at_s: float
    bytes: int


class Growth(msgspec.Struct, frozen=True):
    """Steady growth."""

    bytes_per_s: float
    since_s: float
    """Of the first reading that it was seen in."""


Points = tuple[Point, ...]


def noted(points: Points, point: Point) -> Points:
    """`points` and one more: at most `MOST_POINTS`, evenly spread, none older than `WINDOW_S`."""
    kept = [*(each for each in points if each.at_s > point.at_s - WINDOW_S), point]
    if len(kept) > MOST_POINTS:
        del kept[min(range(1, len(kept) - 1), key=lambda place: kept[place + 1].at_s - kept[place - 1].at_s)]
    return tuple(kept)


def growth(points: Points) -> Growth | None:
    """How fast it grows, when it grows all the time.

    The slope is the median of those between any two points (Theil and Sen): a few readings that are far off do not
    move it. `None` when the growth is small, came in one step, comes to an end, or is too young to tell.
    """
    if len(points) < LEAST_POINTS:
        return None
    levels = [median(point.bytes for point in part) for part in _parts(points)]
    grown = levels[-1] - levels[0]
    most = max(after - before for before, after in zip(levels, levels[2:], strict=False))
    if grown < LEAST_GROWTH * levels[0] or most > MOST_IN_A_STEP * grown:
        return None
    if levels[-1] - levels[(PARTS - 1) // 2] < LEAST_IN_THE_END * grown:
        return None
    slope = median((b.bytes - a.bytes) / (b.at_s - a.at_s) for a, b in combinations(points, 2) if b.at_s > a.at_s)
    return Growth(slope, points[0].at_s) if slope > 0 else None


def _parts(points: Points) -> list[Points]:
    borders = [len(points) * number // PARTS for number in range(PARTS + 1)]
    return [points[begin:end] for begin, end in pairwise(borders)]

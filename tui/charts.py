"""What the history's charts show: which figure of which subject, how tall it may be, and how it reads. Pure."""

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from ttsd.protocol.health import GpuSample, HealthSample
from ttsd.protocol.history import Band, CardFigures, MachineHistory
from tui import words
from tui.language import later


class Window(msgspec.Struct, frozen=True):
    """How far back the charts go."""

    name: str
    since_s: int
    points: int
    """No stretch is shorter than the time between two rows of the daemon."""
    every_s: float
    """How often it is read anew."""


WINDOWS: Final = (
    Window(later("5 min"), 300, 50, 5.0),
    Window(later("1 h"), 3600, 144, 25.0),
    Window(later("24 h"), 86_400, 144, 300.0),
)

MOST: Final = 8

NO_BAND: Final = Band((), (), ())
STEPS: Final = (1, 2, 5)
"""Tops of charts that choose their own: these times a power of ten."""


class Chart(msgspec.Struct, frozen=True):
    """One figure now and over time; `top` is the full height, 0: what suits the highest."""

    name: str
    now: str
    band: Band
    top: float = 0.0
    least_top: float = 1.0
    told: Callable[[float], str] = words.percent
    """How its highest reads."""


class Column(NamedTuple):
    """Least, mean and most of one column of a chart, 0..1."""

    low: float
    mean: float
    high: float


def machine_charts(sample: HealthSample, past: MachineHistory | None) -> list[Chart]:
    """What matters most first."""
    host, work = sample.host, sample.work
    memory = f"{words.size(host.memory_used_bytes)} / {words.size(host.memory_total_bytes)}"
    charts = [
        Chart(later("CPU"), words.percent(host.cpu), past.cpu if past else NO_BAND, 1.0),
        Chart(
            later("Memory"),
            memory,
            past.memory_used_bytes if past else NO_BAND,
            float(host.memory_total_bytes),
            told=words.size,
        ),
        Chart(
            later("Loop lag"),
            f"{host.loop_lag_ms:.1f} ms",
            past.loop_lag_ms if past else NO_BAND,
            least_top=20.0,
            told=words.milliseconds,
        ),
        Chart(
            later("Slots"),
            f"{work.busy_slots} / {work.slots}",
            past.busy_slots if past else NO_BAND,
            float(work.slots),
            told=_count,
        ),
        Chart(later("Queue"), f"{work.queued:,}", past.queued if past else NO_BAND, least_top=10.0, told=_count),
    ]
    if work.frame_ms:
        now = words.milliseconds(work.frame_ms)
        band = past.frame_ms if past else NO_BAND
        charts.insert(2, Chart(later("Frame"), now, band, least_top=80.0, told=words.milliseconds))
    else:
        now = words.size(host.worker_rss_bytes)
        band = past.worker_rss_bytes if past else NO_BAND
        charts.append(Chart(later("Worker memory"), now, band, least_top=2.0**27, told=words.size))
    return charts


def chosen(cards: Sequence[Chart], machine: Sequence[Chart], *, low: bool) -> list[Chart]:
    """The charts that a screen has room for; on a `low` one, cards leave room for three."""
    return [*cards[:2], *machine][:3] if low and cards else [*cards, *machine][:MOST]


def card_charts(card: GpuSample, past: CardFigures | None) -> list[Chart]:
    """Only what the driver tells; what matters most first."""
    charts: list[Chart] = []
    if card.memory_used_bytes is not None:
        total = float(card.memory_total_bytes or 0)
        band = past.memory_used_bytes if past else NO_BAND
        charts.append(Chart(later("GPU memory"), words.size(card.memory_used_bytes), band, total, told=words.size))
    if card.utilisation is not None:
        band = past.utilisation if past else NO_BAND
        charts.append(Chart(later("GPU load"), words.percent(card.utilisation), band, 1.0))
    if card.temperature_c is not None:
        band = past.temperature_c if past else NO_BAND
        charts.append(Chart(later("Temperature"), words.celsius(card.temperature_c), band, 100.0, told=words.celsius))
    if card.power_w is not None:
        band = past.power_w if past else NO_BAND
        top = card.power_limit_w or 0.0
        charts.append(Chart(later("Power"), words.watts(card.power_w), band, top, 100.0, words.watts))
    return charts


def top_of(chart: Chart) -> float:
    """The figure at the chart's upper edge."""
    if chart.top:
        return chart.top
    highest = max([chart.least_top, *(figure for figure in chart.band.high if figure is not None)])
    power = 10.0 ** math.floor(math.log10(highest))
    return next((step * power for step in STEPS if step * power >= highest), 10 * power)


def peak(chart: Chart) -> str:
    """How high it was within the window; empty when nobody knows."""
    known = [figure for figure in chart.band.high if figure is not None]
    return chart.told(max(known)) if known else ""


def columns_of(band: Band, width: int, top: float) -> list[Column | None]:
    """The band in `width` columns: several stretches share one, or one has several; `None` where nothing is known."""
    points = len(band.mean)
    if not points or top <= 0:
        return [None] * width
    edges = [(column * points // width, -(-(column + 1) * points // width)) for column in range(width)]
    return [_column(band, start, end, top) for start, end in edges]


def _column(band: Band, start: int, end: int, top: float) -> Column | None:
    low, mean, high = (_known(part[start:end]) for part in (band.low, band.mean, band.high))
    if not (low and mean and high):
        return None
    return Column(_share(min(low), top), _share(sum(mean) / len(mean), top), _share(max(high), top))


def _known(figures: Sequence[float | None]) -> list[float]:
    return [figure for figure in figures if figure is not None]


def _share(figure: float, top: float) -> float:
    return max(0.0, min(1.0, figure / top))


def _count(figure: float) -> str:
    return f"{figure:,.0f}"

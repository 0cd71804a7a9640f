"""The last day of the machine and its cards, on disk: a sample every few seconds, in files of fixed size."""

import asyncio
import math
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

from msgspec.structs import fields, replace

from ttsd.clock import Clock
from ttsd.durable import private_folder
from ttsd.log import Hindrance
from ttsd.protocol.health import GpuSample, HealthSample
from ttsd.protocol.history import Band, CardFigures, CardHistory, HealthHistory, MachineHistory
from ttsd.storage.ring import Ring, Timed, subject

EVERY_S: Final = 5.0
KEPT_S: Final = 86_400.0
ROWS: Final = round(KEPT_S / EVERY_S)
MACHINE: Final = "machine.ring"

Figures = TypeVar("Figures", MachineHistory, CardFigures)
Row = tuple[float | None, ...]


class Chronicle:
    """Owns the folder of the rings, one for the machine and one for each card, by its uuid.

    `run` writes one row a ring every `EVERY_S`. A disk that refuses costs history, never the daemon.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._rings: dict[str, Ring] = {}
        self._opening = threading.Lock()
        self._noted: HealthSample | None = None
        self._news = asyncio.Event()
        self._trouble = Hindrance("health.not_kept", "health.kept_again", folder=str(folder))

    def note(self, sample: HealthSample) -> None:
        """The newest sample; of those between two rows the last is kept, with the worst lag of all."""
        if self._noted is not None:
            lag_ms = max(self._noted.host.loop_lag_ms, sample.host.loop_lag_ms)
            sample = replace(sample, host=replace(sample.host, loop_lag_ms=lag_ms))
        self._noted = sample
        self._news.set()

    async def run(self) -> None:
        """Write down what was noted, until cancelled."""
        await asyncio.to_thread(self._forget_old)
        while True:
            await self._news.wait()
            self._news.clear()
            sample, self._noted = self._noted, None
            if sample is not None:
                await asyncio.to_thread(self.write, sample)
            await asyncio.sleep(EVERY_S)

    def write(self, sample: HealthSample) -> None:
        """One row for the machine and each card."""
        try:
            self._ring(MACHINE, names(MachineHistory)).append(sample.at_s, machine_row(sample))
            for card in sample.gpus:
                ring = self._ring(file_name(card), names(CardFigures), f"{card.uuid}\n{card.name}")
                ring.append(sample.at_s, card_row(card))
        except OSError as error:
            self._trouble.met(str(error))
        else:
            self._trouble.over()

    async def read(self, since_s: float, points: int) -> HealthHistory:
        """The last `since_s` seconds in `points` stretches."""
        return await asyncio.to_thread(self._read, since_s, points)

    def close(self) -> None:
        while self._rings:
            self._rings.popitem()[1].close()

    def _ring(self, name: str, figures: Sequence[str], whose: str = "") -> Ring:
        """Raises OSError."""
        with self._opening:
            if name not in self._rings:
                private_folder(self._folder)
                self._rings[name] = Ring(self._folder / name, figures, ROWS, whose)
            return self._rings[name]

    def _forget_old(self) -> None:
        """Cards that have not been here for a day."""
        for path in self._folder.glob("*.ring"):
            if path.stat().st_mtime < self._clock() - KEPT_S:
                path.unlink(missing_ok=True)

    def _read(self, since_s: float, points: int) -> HealthHistory:
        step_s = since_s / points
        # Edges that lie where they lay a moment ago: what was drawn does not shimmer.
        from_s = math.ceil(self._clock() / step_s) * step_s - since_s
        span = from_s, step_s, points
        machine = self._rows(MACHINE, names(MachineHistory), "", from_s)
        cards: list[CardHistory] = []
        for path in sorted(self._folder.glob("card-*.ring")):
            if (whose := subject(path)) and (rows := self._rows(path.name, names(CardFigures), whose, from_s)):
                uuid, _, name = whose.partition("\n")
                cards.append(CardHistory(uuid, name, bands(CardFigures, rows, span)))
        return HealthHistory(from_s, step_s, bands(MachineHistory, machine, span), tuple(cards))

    def _rows(self, name: str, figures: Sequence[str], whose: str, from_s: float) -> list[Timed]:
        try:
            return self._ring(name, figures, whose).since(from_s)
        except OSError as error:
            self._trouble.met(str(error))
            return []


def names(kind: type[MachineHistory | CardFigures]) -> tuple[str, ...]:
    """The figures of a row, in their order."""
    return tuple(field.name for field in fields(kind))


def file_name(card: GpuSample) -> str:
    """Where a card's rows are, in whatever slot it is; the driver's words are not trusted with a path."""
    return f"card-{re.sub(r'[^A-Za-z0-9-]', '_', card.uuid)[:80] or card.index}.ring"


def machine_row(sample: HealthSample) -> Row:
    """In the order of `MachineHistory`."""
    host, work = sample.host, sample.work
    return (
        host.cpu,
        host.memory_used_bytes,
        host.memory_total_bytes,
        host.daemon_rss_bytes,
        host.worker_rss_bytes,
        host.loop_lag_ms,
        work.slots,
        work.busy_slots,
        work.frame_ms,
        work.vram_bytes,
        work.queued,
    )


def card_row(card: GpuSample) -> Row:
    """In the order of `CardFigures`."""
    return (
        card.memory_used_bytes,
        card.memory_total_bytes,
        card.memory_of(ours=True),
        card.utilisation,
        card.temperature_c,
        card.power_w,
        card.sm_clock_mhz,
        card.memory_clock_mhz,
        None if card.throttle is None else float(bool(card.throttle)),
    )


def bands(kind: type[Figures], rows: Sequence[Timed], span: tuple[float, float, int]) -> Figures:
    """Least, mean and most of each figure in each stretch of `span`: its begin, length, and how many."""
    from_s, step_s, points = span
    stretches: list[list[tuple[float, ...]]] = [[] for _ in range(points)]
    for row in rows:
        if 0 <= (place := int((row.at_s - from_s) // step_s)) < points:
            stretches[place].append(row.figures)
    width = len(names(kind))
    told = [_told(rows, width) for rows in stretches]
    return kind(*(_band([columns[figure] for columns in told]) for figure in range(width)))


def _told(rows: Sequence[tuple[float, ...]], width: int) -> Sequence[Sequence[float]]:
    """The columns of the rows of one stretch, without what was not told."""
    if not rows:
        return [()] * width
    return [[figure for figure in column if not math.isnan(figure)] for column in zip(*rows, strict=True)]


def _band(stretches: Sequence[Sequence[float]]) -> Band:
    return Band(
        tuple(_short(min(told)) if told else None for told in stretches),
        tuple(_short(sum(told) / len(told)) if told else None for told in stretches),
        tuple(_short(max(told)) if told else None for told in stretches),
    )


def _short(figure: float) -> float:
    """As exact as a float32, and no longer."""
    return float(f"{figure:.7g}")

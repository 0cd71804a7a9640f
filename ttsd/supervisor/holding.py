"""What the worker holds of the machine's memory, from what it tells and what the driver and the kernel tell."""

from typing import Final

import msgspec

from ttsd.config import Config, Gpu
from ttsd.protocol.engine import WorkerStats
from ttsd.protocol.health import GpuSample, HealthSample
from ttsd.supervisor.memory import Reading, Rules
from ttsd.supervisor.policy import served
from ttsd.supervisor.trend import Point, Points, growth, noted

MB: Final = 2**20


class Holding(msgspec.Struct, frozen=True):
    """The worker that serves alone, and what it tells of its memory."""

    pid: int
    device: str
    stats: WorkerStats
    canary_stats: WorkerStats
    """When it had just proved itself."""


class Own(msgspec.Struct, frozen=True):
    """A worker's own memory now, and right after its canary, by one and the same source."""

    bytes: int
    canary_bytes: int


class Books:
    """Owns what has to be remembered of one worker: what the driver said first, and how its memory went."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._first_bytes: int | None = None
        self._points: Points = ()

    def readings(self, holding: Holding, sample: HealthSample, config: Config) -> list[Reading]:
        """Against each limit there is; the one against which it is told first. Without any: one of a whole of 0."""
        resident = Own(holding.stats.rss_bytes, holding.canary_stats.rss_bytes)
        card = None if holding.device == "cpu" else served(sample.gpus)
        own = resident if holding.device == "cpu" else self._on_card(holding, card)
        self._points = noted(self._points, Point(sample.at_s, own.bytes))
        trend = growth(self._points)
        against = [*_on_a_card(sample.at_s, card, own, config.gpu), *_on_host(sample.at_s, resident, config)]
        if not against:
            against = [Reading(sample.at_s, "", "the machine", own.bytes, 0, own.bytes, own.canary_bytes)]
        return [msgspec.structs.replace(reading, growth=trend) for reading in against]

    def _on_card(self, holding: Holding, card: GpuSample | None) -> Own:
        """The driver's word, where it has one; in containers and on parts of cards it has none: then the engine's."""
        processes = card.processes or () if card is not None else ()
        held = next((process.memory_bytes for process in processes if process.pid == holding.pid), None)
        if held is None:
            return Own(holding.stats.engine.vram_bytes, holding.canary_stats.engine.vram_bytes)
        if self._first_bytes is None:
            # What was taken between the canary and this look was no part of it.
            since = holding.stats.engine.vram_bytes - holding.canary_stats.engine.vram_bytes
            self._first_bytes = held - max(0, since)
        return Own(held, self._first_bytes)


def _on_a_card(at_s: float, card: GpuSample | None, own: Own, gpu: Gpu) -> list[Reading]:
    """Against its card or its budget; nothing where it is on none, or the driver does not tell."""
    if card is None:
        return []
    name = f"card {card.label}"
    if gpu.vram_budget_mb:
        budget, place = gpu.vram_budget_mb * MB, f"its budget on {name}"
        key = "[gpu] vram_budget_mb"
        return [Reading(at_s, "budget", place, own.bytes, budget, own.bytes, own.canary_bytes, key=key)]
    if not card.memory_used_bytes or not card.memory_total_bytes:
        return []
    used, total = card.memory_used_bytes, card.memory_total_bytes
    return [Reading(at_s, "card", name, used, total, own.bytes, own.canary_bytes, key="[gpu] vram_restart")]


def _on_host(at_s: float, resident: Own, config: Config) -> list[Reading]:
    total = config.engine.rss_restart_mb * MB
    if not total:
        return []
    place, key = "the memory that the worker may have", "[engine] rss_restart_mb"
    return [Reading(at_s, "host", place, resident.bytes, total, resident.bytes, resident.canary_bytes, key=key)]


def rules(reading: Reading, gpu: Gpu) -> Rules:
    """Those of the configuration for this reading: a limit on the host is meant as it stands."""
    fraction = 1.0 if reading.limit == "host" else gpu.vram_restart
    return Rules(fraction, gpu.vram_hysteresis, gpu.sustained_s, gpu.recycle_pause_s, gpu.recycles_per_hour)

"""What `GET /v1/health/history` answers: the figures of the last day, in equal stretches of time."""

import msgspec


class Band(msgspec.Struct, frozen=True):
    """One figure, oldest stretch first; `None` where it was not told."""

    low: tuple[float | None, ...]
    mean: tuple[float | None, ...]
    high: tuple[float | None, ...]


class MachineHistory(msgspec.Struct, frozen=True):
    """The machine, our processes, the worker; units as in `HostSample` and `WorkSample`."""

    cpu: Band
    memory_used_bytes: Band
    memory_total_bytes: Band
    daemon_rss_bytes: Band
    worker_rss_bytes: Band
    loop_lag_ms: Band
    """The worst between two samples of the history."""
    slots: Band
    busy_slots: Band
    frame_ms: Band
    vram_bytes: Band
    queued: Band


class CardFigures(msgspec.Struct, frozen=True):
    """One card; units as in `GpuSample`."""

    memory_used_bytes: Band
    memory_total_bytes: Band
    ours_bytes: Band
    """Of the memory: what our workers hold."""
    utilisation: Band
    temperature_c: Band
    power_w: Band
    sm_clock_mhz: Band
    memory_clock_mhz: Band
    throttled: Band
    """0..1: how much of the time it was slowed down."""


class CardHistory(msgspec.Struct, frozen=True):
    """A card that was here within the time asked for, and may be gone."""

    uuid: str
    name: str
    figures: CardFigures


class HealthHistory(msgspec.Struct, frozen=True):
    """Stretch `i` of every band is `step_s` long and begins at `from_s + i * step_s` (Unix time)."""

    from_s: float
    step_s: float
    machine: MachineHistory
    cards: tuple[CardHistory, ...] = ()

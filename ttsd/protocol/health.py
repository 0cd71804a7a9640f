"""Health: the worker's phase, cards, queue and daemon, as `GET /v1/status` shows them."""

import enum
from typing import Final

import msgspec

from ttsd.protocol.engine import EngineInfo, WorkerStats
from ttsd.protocol.errors import ErrorBody


class Phase(enum.StrEnum):
    """What the worker is doing."""

    STOPPED = "stopped"
    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    BUSY = "busy"
    DRAINING = "draining"
    FAILED = "failed"


LEGAL_PHASES: Final[dict[Phase, frozenset[Phase]]] = {
    Phase.STOPPED: frozenset({Phase.STARTING, Phase.FAILED}),
    Phase.STARTING: frozenset({Phase.LOADING, Phase.DRAINING, Phase.FAILED}),
    Phase.LOADING: frozenset({Phase.READY, Phase.DRAINING, Phase.FAILED}),
    Phase.READY: frozenset({Phase.BUSY, Phase.DRAINING, Phase.FAILED}),
    Phase.BUSY: frozenset({Phase.READY, Phase.DRAINING, Phase.FAILED}),
    Phase.DRAINING: frozenset({Phase.STOPPED, Phase.FAILED}),
    Phase.FAILED: frozenset({Phase.STARTING, Phase.STOPPED}),
}


class WorkerStatus(msgspec.Struct, frozen=True):
    """The worker as the supervisor sees it."""

    phase: Phase
    since_s: float
    """Unix time of the last change of phase."""
    pid: int | None = None
    engine: EngineInfo | None = None
    busy_slots: int = 0
    restarts: int = 0
    last_exit: str | None = None
    """Why the worker before this one ended, in words."""
    loading_progress: float = 0.0
    loading_note: str = ""
    load_s: float = 0.0
    error: ErrorBody | None = None
    stats: WorkerStats | None = None


class GpuSample(msgspec.Struct, frozen=True):
    """One card at one moment; `None` where the driver does not tell."""

    index: int
    name: str
    memory_used_bytes: int
    memory_total_bytes: int
    utilisation: float | None = None
    """0..1"""
    temperature_c: float | None = None
    power_w: float | None = None


class HostSample(msgspec.Struct, frozen=True):
    """CPU and memory of the machine, and of our processes, at one moment."""

    cpu: float
    """0..1 over all cores since the last sample."""
    memory_used_bytes: int
    memory_total_bytes: int
    daemon_rss_bytes: int
    worker_rss_bytes: int = 0
    loop_lag_ms: float = 0.0


class HealthSample(msgspec.Struct, frozen=True):
    at_s: float
    host: HostSample
    gpus: tuple[GpuSample, ...] = ()


class QueueStatus(msgspec.Struct, frozen=True):
    queued: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    paused: bool = False
    """Whether background work waits for `ttsd jobs resume`."""


class Readiness(msgspec.Struct, frozen=True):
    """Answer of `GET /readyz`."""

    ready: bool
    reason: str = ""
    """One sentence; empty when ready."""
    retry_after_s: int = 0


class Status(msgspec.Struct, frozen=True):
    """Answer of `GET /v1/status`."""

    version: str
    pid: int
    started_s: float
    uptime_s: float
    socket: str
    spool: str
    config_file: str | None
    readiness: Readiness
    worker: WorkerStatus
    queue: QueueStatus
    live_sessions: int
    health: HealthSample
    stopping: bool = False
    spools: dict[str, str] = {}
    """All spools by their name; the main one has the empty name, and stands above too."""

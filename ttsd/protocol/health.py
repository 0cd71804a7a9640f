"""Health: the worker's phase, cards, queue and daemon, as `GET /v1/status` shows them."""

import enum
from typing import Final, Literal, get_args

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


class ExitCause(enum.StrEnum):
    """Why a worker ended, in one word of few: what is counted, and asked for, by cause."""

    ASKED = "asked"
    """Somebody had it replaced or unloaded."""
    CONFIG = "config"
    IDLE = "idle"
    VRAM = "vram"
    """The card's memory was above its threshold."""
    LEAK = "leak"
    OUT_OF_MEMORY = "out_of_memory"
    CUDA_ERROR = "cuda_error"
    """The card refused everything from that process on."""
    HANG = "hang"
    CANARY = "canary"
    """What it said was not to be trusted."""
    CARD_LOST = "card_lost"
    CANNOT_START = "cannot_start"
    CRASH = "crash"


class WorkerExit(msgspec.Struct, frozen=True):
    """How a worker ended, and when."""

    at_s: float
    reason: str
    planned: bool
    """Whether it was replaced or unloaded without loss."""
    cause: ExitCause = ExitCause.CRASH


MemoryLimit = Literal["", "card", "budget", "host"]
"""What the worker's memory is held against: its card, its own budget on a card, or a limit on the host."""

PressureKind = Literal["", "others", "tight", "waiting", "capped"]
"""Why a worker is not replaced although too much memory is in use: other processes hold it; the model alone needs it;
the last replacement was too short a time ago; there were too many within an hour."""
PRESSURES: Final[tuple[PressureKind, ...]] = tuple(kind for kind in get_args(PressureKind) if kind)


class MemoryStatus(msgspec.Struct, frozen=True):
    """What the memory of the worker does, and what is made of it; see docs/memory.md."""

    limit: MemoryLimit = ""
    """Empty: nothing is measured."""
    used_bytes: int = 0
    """In use of what has the limit: of a card by anybody, else by the worker."""
    limit_bytes: int = 0
    """Above this for a while, the worker is replaced, if that helps."""
    own_bytes: int = 0
    """What the worker holds."""
    canary_bytes: int = 0
    """What it held when it had just proved itself."""
    growth_bytes_per_s: float = 0.0
    """Of a leak, that is of growth all the time; 0: none is seen."""
    growth: str = ""
    """The same in words, to follow "the worker's memory"."""
    pressure: PressureKind = ""
    """Empty: there is none."""
    reason: str = ""
    """Of the pressure, in one sentence."""
    refuses: bool = False
    """Whether new speech is refused, and background work waits, while it lasts."""
    retry_after_s: int = 0


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
    exits: tuple[WorkerExit, ...] = ()
    """How the last workers ended, newest last."""
    replacing: str = ""
    """Why another worker is to take this one's place, while it is."""
    unloaded: str = ""
    """Why there is none and none is started: who had it unloaded, or that nobody asked for it."""
    on_demand: bool = False
    """Whether the next request loads it, or has it loaded now: then requests wait and are not refused."""
    fewer_slots: str = ""
    """Why it has fewer slots than the configuration says; empty: it has them all."""
    memory: MemoryStatus = MemoryStatus()


class Unload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /v1/worker/unload`."""

    force: bool = False
    """Also while somebody is being spoken to: what is under way is finished, what would follow is refused."""


WorkerAct = Literal["recycle", "unload", "load"]
"""What `POST /v1/worker/ACT` does."""


Throttle = Literal["power_cap", "hw_slowdown", "sync_boost", "sw_thermal", "hw_thermal", "power_brake"]
"""Why a card runs slower than it could, in the words of its driver."""
THROTTLES: Final[tuple[Throttle, ...]] = get_args(Throttle)


class GpuProcess(msgspec.Struct, frozen=True):
    """A process that holds memory of a card."""

    pid: int
    """As the driver counts: in a container it may be nobody here."""
    memory_bytes: int | None
    ours: bool
    """Whether it is one of our workers."""
    name: str = ""
    """Empty where it is not ours to see."""


class Ecc(msgspec.Struct, frozen=True):
    """Errors in a card's memory that it could not correct; `None` where the driver does not tell."""

    uncorrected: int | None = None
    """Since the driver was loaded."""
    uncorrected_ever: int | None = None
    pending: bool | None = None
    """Whether bad memory is only taken out of use by the card's next reset."""
    exhausted: bool | None = None
    """Whether bad memory could not be taken out of use: the card is to be replaced."""


class XidEvent(msgspec.Struct, frozen=True):
    """An error of a card that its driver reported; `ttsd.protocol.xid` says what the number means."""

    number: int
    at_s: float
    """Unix time at which it was told to us."""


class GpuSample(msgspec.Struct, frozen=True):
    """One card, or one instance of a card in MIG mode, at one moment; `None` where the driver does not tell.

    An instance has the temperature, power, clocks and faults of its card, and memory and processes of its own.
    """

    index: int
    """Of the card, as `nvidia-smi` counts."""
    name: str
    memory_used_bytes: int | None
    memory_total_bytes: int | None
    utilisation: float | None = None
    """0..1"""
    temperature_c: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    sm_clock_mhz: float | None = None
    memory_clock_mhz: float | None = None
    throttle: tuple[Throttle, ...] | None = None
    """Empty: at full speed, or idle."""
    processes: tuple[GpuProcess, ...] | None = None
    """Those with the most memory, largest first."""
    uuid: str = ""
    """The same for this card in any slot of any machine."""
    mig: int | None = None
    """Place of the instance on its card; `None`: a whole card."""
    serves: bool = False
    """Whether our worker computes on it, or would."""
    ecc: Ecc | None = None
    """`None`: this card does not watch over its memory."""
    xid: XidEvent | None = None
    """The last one since the daemon started."""

    @property
    def label(self) -> str:
        """As `label` has it."""
        return label(self.index, self.mig)

    def memory_of(self, *, ours: bool) -> int | None:
        """Bytes that our processes hold, or those of others; `None` where the driver does not tell."""
        if self.processes is None:
            return None
        held = [process.memory_bytes for process in self.processes if process.ours is ours]
        return None if None in held else sum(bytes_ for bytes_ in held if bytes_ is not None)


def label(index: int, mig: int | None) -> str:
    """`0`, or `0:1` for an instance, as `nvidia-smi` writes it."""
    return str(index) if mig is None else f"{index}:{mig}"


class LostCard(msgspec.Struct, frozen=True):
    """A card that was here and does not answer any more."""

    label: str
    name: str
    uuid: str
    reason: str
    """In the words of its driver."""
    at_s: float
    """Unix time at which it was missed first."""


class HostSample(msgspec.Struct, frozen=True):
    """CPU and memory of the machine, and of our processes, at one moment."""

    cpu: float
    """0..1 over all cores since the last sample."""
    memory_used_bytes: int
    memory_total_bytes: int
    daemon_rss_bytes: int
    worker_rss_bytes: int = 0
    loop_lag_ms: float = 0.0


class DiskSample(msgspec.Struct, frozen=True):
    """A file system that the daemon writes to, at one moment."""

    path: str
    """A folder of ours on it."""
    use: str
    """What is kept there: `spool`, `state`, `cache`, `logs`, the first of those that share it."""
    free_bytes: int
    total_bytes: int
    answers: bool = True
    """Whether it told so now; a network mount may not, then the figures are those of before."""


class WorkSample(msgspec.Struct, frozen=True):
    """What the worker did at one moment, and how much waited for it."""

    slots: int = 0
    """0: no engine is loaded."""
    busy_slots: int = 0
    frame_ms: float = 0.0
    """One step of the model for all its streams; 0: it has no frames."""
    vram_bytes: int = 0
    queued: int = 0
    """Jobs that wait."""


class HealthSample(msgspec.Struct, frozen=True):
    at_s: float
    host: HostSample
    gpus: tuple[GpuSample, ...] = ()
    work: WorkSample = WorkSample()
    lost_gpus: tuple[LostCard, ...] = ()
    """Cards that were here since the daemon started, and are looked for."""
    disks: tuple[DiskSample, ...] = ()
    driver_error: str = ""
    """Why the driver tells of no cards, although it did before; empty: it tells, or never did."""


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
    note: str = ""
    """What is worth knowing although it is ready, in one sentence; else empty."""
    code: str = ""
    """Of the error that a request would get; empty when ready."""


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
    vram_restart: float = 0.0
    """Fraction of a card's memory above which the worker is replaced; 0: the daemon does not tell."""
    spools: dict[str, str] = {}
    """All spools by their name; the main one has the empty name, and stands above too."""
    needs_restart: tuple[str, ...] = ()
    """Keys, as `section.key`, whose new values were read by a reload and count after a restart."""
    overrides: dict[str, str] = {}
    """Keys, as `section.key`, that the daemon has from its environment whatever the file says; by which variable."""
    config_refused: str = ""
    """Why the configuration file as it is now was not taken over; empty when it was."""

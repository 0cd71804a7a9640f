"""What the status knows, as metrics: read when somebody looks, so that nothing stays that is no more."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ttsd.protocol.engine import EngineGauges
from ttsd.protocol.health import (
    PRESSURES,
    THROTTLES,
    DiskSample,
    ExitCause,
    GpuSample,
    HealthSample,
    MemoryStatus,
    Phase,
    QueueStatus,
    Status,
    WorkerStatus,
)

Read = Callable[[GpuSample], float | None]
Labelled = Mapping[str | tuple[str, ...], float | None]


class StatusMetrics(Collector):
    """Shows the newest status it was given; nothing before the first."""

    def __init__(self) -> None:
        self.status: Status | None = None

    def collect(self) -> Iterator[Metric]:
        status = self.status
        if status is None:
            return
        yield gauge("ttsd_ready", "1 when requests are served.", status.readiness.ready)
        yield gauge("ttsd_stopping", "1 when the daemon finishes what it has begun, to end.", status.stopping)
        yield gauge("ttsd_live_sessions", "Live sessions open.", status.live_sessions)
        yield from _queue(status.queue)
        yield from _worker(status.worker)
        yield from _memory(status.worker.memory)
        yield from _host(status.health)
        yield from _disks(status.health.disks)
        yield from _cards(status.health.gpus)
        yield from _faults(status.health)


def _queue(queue: QueueStatus) -> Iterator[Metric]:
    states = ("queued", "running", "succeeded", "failed", "cancelled")
    counts: dict[str, float] = {state: getattr(queue, state) for state in states}
    yield gauges("ttsd_queue_jobs", "Jobs that are remembered, by state.", ["state"], counts)
    yield gauge("ttsd_queue_paused", "1 while background work waits for `ttsd jobs resume`.", queue.paused)


def _worker(worker: WorkerStatus) -> Iterator[Metric]:
    phases: dict[str, float] = {phase.value: phase is worker.phase for phase in Phase}
    yield gauges("ttsd_worker_phase", "1 for the worker's phase.", ["phase"], phases)
    yield counter("ttsd_worker_restarts", "Workers replaced since the daemon started.", worker.restarts)
    yield gauge("ttsd_worker_load_seconds", "What loading the model took.", worker.load_s)
    yield gauge("ttsd_slots_busy", "Engine slots in use.", worker.busy_slots)
    yield gauge("ttsd_slots", "Engine slots; 0 without an engine.", worker.engine.slots if worker.engine else 0)
    yield gauge("ttsd_slots_fewer", "1 when there are fewer than configured: memory.", bool(worker.fewer_slots))
    if (engine := worker.engine) is not None:
        about = {"name": engine.name, "revision": engine.revision, "device": engine.device, "dtype": engine.dtype}
        yield InfoMetricFamily("ttsd_engine", "The engine that is loaded.", about)
    told = worker.stats.engine if worker.stats else EngineGauges()
    yield gauge(
        "ttsd_engine_frame_seconds", "One step of the model, for all its streams; 0: none yet.", told.frame_ms / 1000
    )
    yield gauge("ttsd_engine_streams_waiting", "Streams the engine has not begun.", told.waiting)
    yield gauge("ttsd_engine_vram_bytes", "Memory the engine has taken of its card.", told.vram_bytes)


def _memory(memory: MemoryStatus) -> Iterator[Metric]:
    """Nothing but the pressure where nothing is measured."""
    for name, help_text, value in (
        ("used_bytes", "In use of what limits the worker's memory, by whomever.", memory.used_bytes),
        ("limit_bytes", "Above this for a while the worker is replaced, if that helps.", memory.limit_bytes),
        ("own_bytes", "What the worker holds of it.", memory.own_bytes),
        ("canary_bytes", "What it held when it had just proved itself.", memory.canary_bytes),
        ("leak_bytes_per_second", "Growth that goes on all the time; 0: none is seen.", memory.growth_bytes_per_s),
    ):
        yield gauges(f"ttsd_worker_memory_{name}", help_text, [], {(): value if memory.limit else None})
    kinds: dict[str, float] = {kind: kind == memory.pressure for kind in PRESSURES}
    yield gauges("ttsd_worker_memory_pressure", "1 where too much is in use and no recycle helps.", ["kind"], kinds)
    yield gauge("ttsd_worker_memory_refuses", "1 while new speech is refused for it.", memory.refuses)


def _host(health: HealthSample) -> Iterator[Metric]:
    host = health.host
    processes = {"daemon": host.daemon_rss_bytes, "worker": host.worker_rss_bytes}
    yield gauges("ttsd_resident_memory_bytes", "Resident memory of our processes.", ["process"], processes)
    yield gauge("ttsd_host_cpu_ratio", "Share of the machine's cores that is busy, 0 to 1.", host.cpu)
    yield gauge("ttsd_host_memory_used_bytes", "Memory of the machine in use.", host.memory_used_bytes)
    yield gauge("ttsd_host_memory_size_bytes", "Memory of the machine.", host.memory_total_bytes)


def _disks(disks: Sequence[DiskSample]) -> Iterator[Metric]:
    for name, help_text, read in DISK:
        yield gauges(f"ttsd_disk_{name}", help_text, ["place"], {disk.use: read(disk) for disk in disks})


DISK: Final[tuple[tuple[str, str, Callable[[DiskSample], float]], ...]] = (
    ("free_bytes", "Room where the daemon writes.", lambda disk: disk.free_bytes),
    ("size_bytes", "Size of the disk there.", lambda disk: disk.total_bytes),
    ("answers", "0 while it does not tell: the figures are those of before.", lambda disk: disk.answers),
)
"""Of each file system, by what was the first to be kept there."""


def _faults(health: HealthSample) -> Iterator[Metric]:
    lost: Labelled = {(card.label, card.name, card.uuid): 1 for card in health.lost_gpus}
    yield gauges("ttsd_gpu_lost", "1 for a card that was here and does not answer.", ["gpu", "name", "uuid"], lost)
    yield gauge("ttsd_gpu_driver_failed", "1 while the driver tells of no cards, and did.", bool(health.driver_error))
    errors = CounterMetricFamily(
        "ttsd_gpu_ecc_uncorrected_errors", "Memory errors of a card since its driver was loaded.", labels=["gpu"]
    )
    for card in health.gpus:
        if card.ecc is not None and card.ecc.uncorrected is not None:
            errors.add_metric([card.label], card.ecc.uncorrected)
    yield errors


def _cards(cards: Sequence[GpuSample]) -> Iterator[Metric]:
    names: Labelled = {(card.label, card.name, card.uuid): 1 for card in cards}
    yield gauges("ttsd_gpu_info", "1; which card it is.", ["gpu", "name", "uuid"], names)
    for name, help_text, read in CARD:
        yield gauges(f"ttsd_gpu_{name}", help_text, ["gpu"], {card.label: read(card) for card in cards})
    slow: dict[str | tuple[str, ...], float | None] = {
        (card.label, reason): reason in card.throttle
        for card in cards
        if card.throttle is not None
        for reason in THROTTLES
    }
    yield gauges("ttsd_gpu_throttled", "1 where a card runs slower for this reason.", ["gpu", "reason"], slow)


def _hertz(mhz: float | None) -> float | None:
    return None if mhz is None else mhz * 1e6


CARD: Final[tuple[tuple[str, str, Read], ...]] = (
    ("memory_used_bytes", "Memory used on a card, by whomever.", lambda card: card.memory_used_bytes),
    ("memory_size_bytes", "Memory of a card.", lambda card: card.memory_total_bytes),
    ("memory_ours_bytes", "Memory of a card that our workers hold.", lambda card: card.memory_of(ours=True)),
    ("utilization_ratio", "Share of time in which a card was busy, 0 to 1.", lambda card: card.utilisation),
    ("temperature_celsius", "Temperature of a card.", lambda card: card.temperature_c),
    ("power_watts", "Power that a card draws.", lambda card: card.power_w),
    ("power_limit_watts", "Power that a card may draw.", lambda card: card.power_limit_w),
    ("serves", "1 for the card that the worker computes on.", lambda card: card.serves),
    ("ecc_reset_pending", "1 when bad memory waits for a reset.", lambda card: card.ecc and card.ecc.pending),
    ("ecc_exhausted", "1 when the card is to be replaced.", lambda card: card.ecc and card.ecc.exhausted),
    ("xid_last_number", "The last error that the driver reported.", lambda card: card.xid and card.xid.number),
    ("xid_last_timestamp_seconds", "When it did, in Unix time.", lambda card: card.xid and card.xid.at_s),
    ("sm_clock_hertz", "Clock of a card's processors.", lambda card: _hertz(card.sm_clock_mhz)),
    ("memory_clock_hertz", "Clock of a card's memory.", lambda card: _hertz(card.memory_clock_mhz)),
)
"""Of each card that tells it."""


class Recycles(Collector):
    """How often a worker ended, by why."""

    def __init__(self, read: Callable[[], Mapping[ExitCause, int]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        ends = self._read()
        family = CounterMetricFamily(
            "ttsd_worker_recycles", "Workers that ended, on purpose or not, by why.", labels=["reason"]
        )
        for cause in ExitCause:
            family.add_metric([cause.value], ends.get(cause, 0))
        yield family


class Count(Collector):
    """A figure that is kept elsewhere, read when somebody looks."""

    def __init__(
        self, make: Callable[[str, str, float], Metric], about: tuple[str, str], read: Callable[[], float]
    ) -> None:
        self._make, self._about, self._read = make, about, read

    def collect(self) -> Iterator[Metric]:
        yield self._make(*self._about, self._read())


def counter(name: str, help_text: str, value: float) -> Metric:
    return CounterMetricFamily(name, help_text, value=value)


def gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=value)


def gauges(name: str, help_text: str, labels: Sequence[str], values: Mapping[str, float] | Labelled) -> Metric:
    """One for each that tells; the keys are the label's value, or all of them."""
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for place, value in values.items():
        if value is not None:
            family.add_metric([place] if isinstance(place, str) else place, value)
    return family

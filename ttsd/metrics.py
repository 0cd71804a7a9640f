"""What `/metrics` shows, in one place, with units in the names and bounded label sets."""

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from ttsd import __version__
from ttsd.protocol.engine import EngineGauges
from ttsd.protocol.health import Phase, Status

TTFA_BUCKETS_S: Final = (0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10)
WAIT_BUCKETS_S: Final = (0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class _Counts(Collector):
    """Counts that are kept elsewhere, read when somebody looks."""

    def __init__(self, name: str, help_text: str, read: Callable[[], int]) -> None:
        self._name, self._help, self._read = name, help_text, read

    def collect(self) -> Iterator[CounterMetricFamily]:
        yield CounterMetricFamily(self._name, self._help, value=self._read())


class Metrics:
    """Owns the registry; everything that counts gets this object from the composition root."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.build = Gauge("ttsd_build_info", "Version of the daemon.", ["version"], registry=registry)
        self.build.labels(__version__).set(1)
        self.ttfa = Histogram(
            "ttsd_first_audio_seconds",
            "From a request to its first audio.",
            ["service"],
            buckets=TTFA_BUCKETS_S,
            registry=registry,
        )
        self.queue_wait = Histogram(
            "ttsd_slot_wait_seconds",
            "Wait of a segment for a slot.",
            ["service"],
            buckets=WAIT_BUCKETS_S,
            registry=registry,
        )
        self.spoken = Counter("ttsd_audio_seconds_total", "Seconds of audio delivered.", ["service"], registry=registry)
        self.clips = Counter("ttsd_clip_lookups_total", "Look-ups in the clip store.", ["result"], registry=registry)
        self.jobs = Counter("ttsd_jobs_total", "Jobs that came to an end.", ["state"], registry=registry)
        self.requests = Counter(
            "ttsd_http_requests_total", "HTTP requests by status class.", ["code"], registry=registry
        )
        self.slow_readers = Counter(
            "ttsd_slow_readers_dropped_total", "Clients dropped for not reading.", registry=registry
        )
        self._queue = Gauge("ttsd_queue_jobs", "Jobs by state.", ["state"], registry=registry)
        self._phase = Gauge("ttsd_worker_phase", "1 for the worker's phase.", ["phase"], registry=registry)
        self._slots = Gauge("ttsd_slots_busy", "Engine slots in use.", registry=registry)
        self._frame = Gauge(
            "ttsd_engine_frame_seconds", "One step of the model, for all its streams; 0: none yet.", registry=registry
        )
        self._engine_queue = Gauge(
            "ttsd_engine_streams_waiting", "Streams the engine has not begun.", registry=registry
        )
        self._engine_vram = Gauge(
            "ttsd_engine_vram_bytes", "Memory the engine has taken of its card.", registry=registry
        )
        self._restarts = Gauge("ttsd_worker_restarts", "Workers replaced since the daemon started.", registry=registry)
        self._ready = Gauge("ttsd_ready", "1 when requests are served.", registry=registry)
        self._live = Gauge("ttsd_live_sessions", "Live sessions open.", registry=registry)
        self._lag = Gauge("ttsd_loop_lag_seconds", "How late the event loop was at the last look.", registry=registry)
        self._memory = Gauge(
            "ttsd_resident_memory_bytes", "Resident memory of our processes.", ["process"], registry=registry
        )
        self._vram = Gauge("ttsd_gpu_memory_used_bytes", "Memory used on a card.", ["gpu"], registry=registry)

    def watch(self, name: str, help_text: str, read: Callable[[], int]) -> None:
        """Show a count that is kept elsewhere, as `name_total`."""
        self.registry.register(_Counts(name, help_text, read))

    def observe(self, status: Status) -> None:
        """Take over what the status knows."""
        for state in ("queued", "running", "succeeded", "failed", "cancelled"):
            self._queue.labels(state).set(getattr(status.queue, state))
        for phase in Phase:
            self._phase.labels(phase.value).set(phase is status.worker.phase)
        self._slots.set(status.worker.busy_slots)
        gauges = status.worker.stats.engine if status.worker.stats else EngineGauges()
        self._frame.set(gauges.frame_ms / 1000)
        self._engine_queue.set(gauges.waiting)
        self._engine_vram.set(gauges.vram_bytes)
        self._restarts.set(status.worker.restarts)
        self._ready.set(status.readiness.ready)
        self._live.set(status.live_sessions)
        self._lag.set(status.health.host.loop_lag_ms / 1000)
        self._memory.labels("daemon").set(status.health.host.daemon_rss_bytes)
        self._memory.labels("worker").set(status.health.host.worker_rss_bytes)
        for card in status.health.gpus:
            self._vram.labels(str(card.index)).set(card.memory_used_bytes)

    def render(self) -> bytes:
        """The exposition text."""
        return generate_latest(self.registry)

"""The registry, and all that is counted where it happens."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector

from ttsd import __version__
from ttsd.metrics.gauges import Count, Recycles, StatusMetrics, counter, gauge, gauges
from ttsd.metrics.usage import UsageTotals
from ttsd.protocol.errors import BY_CODE
from ttsd.protocol.health import ExitCause, Status
from ttsd.protocol.jobs import Door, JobState
from ttsd.protocol.speech import Service

TTFA_BUCKETS_S: Final = (0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10)
WAIT_BUCKETS_S: Final = (0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600)
JOB_WAIT_BUCKETS_S: Final = (0.1, 0.5, 2, 10, 60, 300, 1800, 7200, 28_800)
RTF_BUCKETS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 3)
LAG_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5)

ENDED: Final = [state for state in JobState if state.final]
OTHER_CODE: Final = "other"
FRESH_S: Final = 2.0
"""As often as the machine is looked at ([gpu] sample_s): more often there is little new."""

disable_created_metrics()  # a series more for each counter and histogram, which nobody asks for


class _Made(NamedTuple):
    at_s: float
    text: bytes


class Metrics:
    """Owns the registry; everything that counts gets this object from the composition root.

    No label has a value that a client chose, but for voices and users, of which the first 20 have series of their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._made: dict[str, _Made] = {}
        """The last exposition, by content type."""
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(Count(_build, ("ttsd_build_info", "1; version of the daemon."), lambda: 1))
        self._status = StatusMetrics()
        registry.register(self._status)
        self.usage = UsageTotals()
        registry.register(self.usage)

        self.ttfa = self._histogram(
            "ttsd_first_audio_seconds", "From a request to its first audio; of jobs from when they run.", TTFA_BUCKETS_S
        )
        self.queue_wait = self._histogram("ttsd_slot_wait_seconds", "Wait of a segment for a slot.", WAIT_BUCKETS_S)
        self.rtf = self._histogram(
            "ttsd_real_time_factor_ratio", "Seconds of work for a second of a segment's speech.", RTF_BUCKETS
        )
        self.job_wait = Histogram(
            "ttsd_job_wait_seconds",
            "Wait of a job from its acceptance until it runs.",
            ["door"],
            buckets=JOB_WAIT_BUCKETS_S,
            registry=registry,
        )
        self.lag = Histogram(
            "ttsd_loop_lag_seconds",
            "How late the event loop woke up, looked at twice a second.",
            buckets=LAG_BUCKETS_S,
            registry=registry,
        )
        self.spoken = self._counter("ttsd_audio_seconds_total", "Seconds of audio delivered.", "service", Service)
        self.underruns = self._counter(
            "ttsd_underruns_total",
            "Gaps that a listener heard who began with the first sound and was always ready to take more.",
            "service",
            (Service.LIVE, Service.STREAM),
        )
        self.underrun_seconds = self._counter(
            "ttsd_underrun_seconds_total", "Length of these gaps.", "service", (Service.LIVE, Service.STREAM)
        )
        self.client_underruns = Counter(
            "ttsd_client_underruns_total",
            "Reports of live clients that all they had was played while a phrase was being spoken.",
            registry=registry,
        )
        self.clips = self._counter(
            "ttsd_clip_lookups_total", "Look-ups in the clip store: hit or miss.", "result", ("hit", "miss")
        )
        self.jobs = self._counter("ttsd_jobs_total", "Jobs that came to an end.", "state", ENDED)
        self._failures = Counter(
            "ttsd_job_failures_total", "Jobs that failed, by the code of their error.", ["reason"], registry=registry
        )
        self._retries = Counter(
            "ttsd_job_retries_total", "Tries of jobs that are to be tried again.", ["reason"], registry=registry
        )
        self.requests = self._counter(
            "ttsd_http_requests_total", "HTTP requests by status class.", "code", ("2xx", "3xx", "4xx", "5xx")
        )
        self.slow_readers = Counter(
            "ttsd_slow_readers_dropped_total", "Clients dropped for not reading.", registry=registry
        )
        for door in Door:
            self.job_wait.labels(door.value)

    def _histogram(self, name: str, help_text: str, buckets: tuple[float, ...]) -> Histogram:
        made = Histogram(name, help_text, ["service"], buckets=buckets, registry=self.registry)
        for service in Service:
            made.labels(service.value)
        return made

    def _counter(self, name: str, help_text: str, label: str, values: Iterable[str]) -> Counter:
        """Each value is there from the start: what is first counted is seen to rise."""
        made = Counter(name, help_text, [label], registry=self.registry)
        for value in values:
            made.labels(str(value))
        return made

    def gap(self, service: Service, seconds: float) -> None:
        """A listener heard nothing for so long where he should have heard something."""
        self.underruns.labels(service.value).inc()
        self.underrun_seconds.labels(service.value).inc(seconds)

    def job_failed(self, code: str) -> None:
        self._failures.labels(known(code)).inc()

    def job_retried(self, code: str) -> None:
        self._retries.labels(known(code)).inc()

    def watch(self, name: str, help_text: str, read: Callable[[], float], *, rises: bool = True) -> None:
        """Show a figure that is kept elsewhere: as `name_total` when it only `rises`, else as `name`."""
        self.registry.register(Count(counter if rises else gauge, (name, help_text), read))

    def watch_recycles(self, read: Callable[[], Mapping[ExitCause, int]]) -> None:
        """Show how often workers ended, by why."""
        self.registry.register(Recycles(read))

    async def render(self, status: Callable[[], Awaitable[Status]], accept: str = "") -> tuple[bytes, str]:
        """The exposition and its content type: OpenMetrics for those who accept it, else Prometheus' text format.

        It is made at most every two seconds: it costs some milliseconds, and somebody may ask ten times a second.
        """
        encode, content_type = choose_encoder(accept)
        made = self._made.get(content_type)
        if made is None or self._clock() - made.at_s >= FRESH_S:
            self._status.status = await status()
            made = self._made[content_type] = _Made(self._clock(), encode(self.registry))
        return made.text, content_type


def _build(name: str, help_text: str, value: float) -> Metric:
    return gauges(name, help_text, ["version"], {__version__: value})


def known(code: str) -> str:
    """An error's code, as long as it is one of ours."""
    return code if code in BY_CODE else OTHER_CODE

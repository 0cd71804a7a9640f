"""Health, sampled: cards, CPU, memory, and how late the daemon's loop is."""

import asyncio
import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ttsd.bus import Bus
from ttsd.clock import Clock
from ttsd.log.hindrance import Hindrance
from ttsd.protocol.events import HealthSampled
from ttsd.protocol.health import HealthSample, HostSample, WorkSample
from ttsd.supervisor.disks import Disks
from ttsd.supervisor.gpu import RETRY_S, Gpus
from ttsd.supervisor.host import Host
from ttsd.supervisor.serving import marked

LAG_EVERY_S: Final = 0.5
RETRY_SAMPLES: Final = 5
"""A card that is missing is looked for at every so manieth sample, and no more seldom than `RETRY_S`."""


def _nobody(_told: object) -> None:
    pass


def _no() -> bool:
    return False


@dataclass(frozen=True)
class Sources:
    """Where the sampler learns of what is ours."""

    workers: Callable[[], Collection[int]]
    """Pids of our workers."""
    work: Callable[[], WorkSample] = WorkSample
    needs_card: Callable[[], bool] = _no
    """Whether the workers are for a card."""
    folders: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Those that the daemon writes to, by what is kept there."""


class HealthSampler:
    """Publishes a `HealthSampled` every `sample_s`; `latest` is the newest.

    The loop's lag is the worst lateness of a short sleep since the sample before.
    """

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        sources: Sources,
        *,
        sample_s: float,
        tell: Callable[[HealthSample], None] = _nobody,
    ) -> None:
        """Each sample is also told to `tell`."""
        self._bus = bus
        self._clock = clock
        self._sample_s = sample_s
        self._sources = sources
        self._tell = tell
        self.when_late: Callable[[float], None] = _nobody
        """Told twice a second how late the loop woke up, in seconds."""
        self._gpus = Gpus(clock, retry_s=min(RETRY_S, RETRY_SAMPLES * sample_s))
        self._host = Host()
        self._trouble = Hindrance("health.blind", "health.seen_again")
        self._disks = Disks(sources.folders)
        self.latest = HealthSample(clock(), self._host.sample((), 0.0))

    async def run(self) -> None:
        """Sample until cancelled."""
        lag_s = 0.0
        while True:
            workers = self._sources.workers()
            host = self._look(workers, lag_s)
            cards = await self._gpus.sample(workers)
            disks = await self._disks.sample()
            gpus = marked(cards.gpus, os.environ) if self._sources.needs_card() else cards.gpus
            self.latest = HealthSample(
                self._clock(), host, gpus, self._sources.work(), cards.lost, disks, cards.driver_error
            )
            self._bus.publish(HealthSampled(0, self.latest))
            self._tell(self.latest)
            lag_s = await self._wait()

    def _look(self, workers: Collection[int], lag_s: float) -> HostSample:
        """The machine now; as it was, while the kernel does not let us look (no file can be opened)."""
        try:
            host = self._host.sample(workers, lag_s * 1000)
        except OSError as error:
            self._trouble.met(error.strerror or str(error))
            return self.latest.host
        self._trouble.over()
        return host

    async def _wait(self) -> float:
        """Until the next sample; the worst lateness on the way."""
        until = time.monotonic() + self._sample_s
        worst_s = 0.0
        while (left_s := until - time.monotonic()) > 0:
            due = time.monotonic() + min(LAG_EVERY_S, left_s)
            await asyncio.sleep(due - time.monotonic())
            late_s = max(0.0, time.monotonic() - due)
            self.when_late(late_s)
            worst_s = max(worst_s, late_s)
        return worst_s

"""Health, sampled: cards, CPU, memory, and how late the daemon's loop is."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from ttsd.bus import Bus
from ttsd.clock import Clock
from ttsd.protocol.events import HealthSampled
from ttsd.protocol.health import HealthSample
from ttsd.supervisor.gpu import Gpus
from ttsd.supervisor.host import Host

LAG_EVERY_S: Final = 0.5


class HealthSampler:
    """Publishes a `HealthSampled` every `sample_s`; `latest` is the newest.

    The loop's lag is the worst lateness of a short sleep since the sample before.
    """

    def __init__(
        self, bus: Bus, clock: Clock, *, sample_s: float, worker_pid: Callable[[], int | None], gpus: Gpus | None = None
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._sample_s = sample_s
        self._worker_pid = worker_pid
        self._gpus = gpus or Gpus()
        self._host = Host()
        self.latest = HealthSample(clock(), self._host.sample(None, 0.0))

    async def run(self) -> None:
        """Sample until cancelled."""
        lag_s = 0.0
        while True:
            host = self._host.sample(self._worker_pid(), lag_s * 1000)
            self.latest = HealthSample(self._clock(), host, await self._gpus.sample())
            self._bus.publish(HealthSampled(0, self.latest))
            lag_s = await self._wait()

    async def _wait(self) -> float:
        """Until the next sample; the worst lateness on the way."""
        until = time.monotonic() + self._sample_s
        worst_s = 0.0
        while (left_s := until - time.monotonic()) > 0:
            due = time.monotonic() + min(LAG_EVERY_S, left_s)
            await asyncio.sleep(due - time.monotonic())
            worst_s = max(worst_s, time.monotonic() - due)
        return worst_s

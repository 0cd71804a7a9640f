"""What the daemon says of its condition: readiness in one sentence, status in full."""

import os
from collections.abc import Iterable, Iterator
from typing import Final

from ttsd import __version__
from ttsd.clock import Clock
from ttsd.config import Config, Loaded
from ttsd.jobs.queue import JobQueue
from ttsd.protocol.errors import Busy, EngineNotReady, MemoryPressure, Stopping, StorageFull, TtsdError
from ttsd.protocol.health import DiskSample, Phase, Readiness, Status, WorkerStatus
from ttsd.supervisor import policy
from ttsd.supervisor.device_watch import RETRY_AFTER_S as MISSING_DEVICE_RETRY_S
from ttsd.supervisor.device_watch import DeviceWatch
from ttsd.supervisor.sampler import HealthSampler
from ttsd.supervisor.supervisor import Supervisor

RETRY_AFTER_S: Final = {Phase.STARTING: 2, Phase.LOADING: 2, Phase.DRAINING: 2, Phase.STOPPED: 5, Phase.FAILED: 60}
KEEP_JOBS: Final = ("spool", "state")
"""Without room there, no job can be accepted or finished."""


class Condition:
    """Puts together what the parts know; owns what has no other owner: whether the daemon stops, what a reload left."""

    def __init__(
        self,
        loaded: Loaded,
        supervisor: Supervisor,
        queue: JobQueue,
        health: HealthSampler,
        device: DeviceWatch,
        clock: Clock,
    ) -> None:
        self._loaded = loaded
        self._gpu, self._limits = loaded.config.gpu, loaded.config.limits
        self.needs_restart: tuple[str, ...] = ()
        self.config_refused = ""
        self._supervisor = supervisor
        self._queue = queue
        self._health = health
        self.device = device
        self._clock = clock
        self._started_s = clock()
        self.live_sessions = 0
        self.stopping = False

    def reload(self, config: Config) -> None:
        """Take over thresholds and limits."""
        self._gpu, self._limits = config.gpu, config.limits

    def reloaded(self, needs_restart: tuple[str, ...], refused: str) -> None:
        """What a reload left undone is told with the status."""
        self.needs_restart, self.config_refused = needs_restart, refused

    def readiness(self) -> Readiness:
        """Whether requests are served now, and if not, why and when to come back."""
        return next(self._obstacles())

    def _obstacles(self) -> Iterator[Readiness]:
        """What stands in the way, the gravest first; then that nothing does."""
        if self.stopping:
            yield _not_ready(Stopping("the daemon is stopping"), 5)
        if absence := self.device.absence:
            yield _not_ready(EngineNotReady(absence), MISSING_DEVICE_RETRY_S)
        worker = self._supervisor.status
        on_demand = worker.on_demand and worker.error is None
        if worker.phase not in (Phase.READY, Phase.BUSY) and not on_demand:
            yield _not_ready(EngineNotReady(why_not(worker)), RETRY_AFTER_S[worker.phase])
        if worker.memory.refuses:
            yield _not_ready(MemoryPressure(worker.memory.reason), worker.memory.retry_after_s)
        if trouble := disk_trouble(self._health.latest.disks, self._limits.min_free_mb):
            yield _not_ready(StorageFull(trouble), 30)
        if full := self._queue.full:
            yield _not_ready(Busy(full), 10)
        yield Readiness(ready=True, note=why_not(worker) if on_demand else worker.memory.reason)

    async def status(self) -> Status:
        """Everything at once."""
        now_s = self._clock()
        return Status(
            version=__version__,
            pid=os.getpid(),
            started_s=self._started_s,
            uptime_s=now_s - self._started_s,
            socket=str(self._loaded.config.socket_path),
            spool=str(self._loaded.config.spool_root),
            spools={name: spool.root for name, spool in self._loaded.config.all_spools.items()},
            config_file=str(self._loaded.file) if self._loaded.file else None,
            readiness=self.readiness(),
            worker=self._supervisor.status,
            queue=await self._queue.counts(),
            live_sessions=self.live_sessions,
            health=self._health.latest,
            stopping=self.stopping,
            vram_restart=self._gpu.vram_restart,
            needs_restart=self.needs_restart,
            overrides=self._loaded.overrides,
            config_refused=self.config_refused,
        )


def why_not(worker: WorkerStatus) -> str:
    """Why this worker takes no requests."""
    if worker.phase is Phase.LOADING:
        return f"the engine is loading ({worker.loading_progress:.0%} {worker.loading_note})".replace(" )", ")")
    if worker.unloaded:
        return policy.unloaded(worker.unloaded, on_demand=worker.on_demand)
    if worker.error is not None:
        return worker.error.message
    return f"the engine is {worker.phase.value}"


def _not_ready(error: TtsdError, retry_after_s: int) -> Readiness:
    return Readiness(ready=False, reason=error.message, retry_after_s=retry_after_s, code=error.code)


def disk_trouble(disks: Iterable[DiskSample], min_free_mb: float) -> str:
    """A sentence when one of `disks` does not answer, or one that jobs are kept on has no room; empty when all is well.

    Speech goes on without new clips in the cache, and without a log.
    """
    for disk in disks:
        if not disk.answers:
            return f"the file system of {disk.path} ({disk.use}) does not answer; see to its mount"
        if disk.use.startswith(KEEP_JOBS) and disk.free_bytes <= min_free_mb * 2**20:
            free = f"{disk.free_bytes // 2**20} MiB free"
            return f"the disk of {disk.path} ({disk.use}) is full: {free}, {min_free_mb:g} are wanted; make room"
    return ""

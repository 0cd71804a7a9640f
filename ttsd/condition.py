"""What the daemon says of its condition: readiness in one sentence, status in full."""

import os
import shutil
from pathlib import Path
from typing import Final

from ttsd import __version__
from ttsd.clock import Clock
from ttsd.config import Config, Loaded
from ttsd.jobs.queue import JobQueue
from ttsd.protocol.health import Phase, QueueStatus, Readiness, Status, WorkerStatus
from ttsd.supervisor.sampler import HealthSampler
from ttsd.supervisor.supervisor import Supervisor

LEAST_FREE_BYTES: Final = 16 * 2**20
RETRY_AFTER_S: Final = {Phase.STARTING: 2, Phase.LOADING: 2, Phase.DRAINING: 2, Phase.STOPPED: 5, Phase.FAILED: 60}


class Condition:
    """Puts together what the parts know; owns only the flag that the daemon is stopping."""

    def __init__(
        self, loaded: Loaded, supervisor: Supervisor, queue: JobQueue, health: HealthSampler, clock: Clock
    ) -> None:
        self._loaded = loaded
        self._supervisor = supervisor
        self._queue = queue
        self._health = health
        self._clock = clock
        self._started_s = clock()
        self.live_sessions = 0
        self.stopping = False

    def readiness(self) -> Readiness:
        """Whether requests are served now, and if not, why and when to come back."""
        if self.stopping:
            return Readiness(ready=False, reason="the daemon is stopping", retry_after_s=5)
        worker = self._supervisor.status
        if worker.phase not in (Phase.READY, Phase.BUSY):
            return Readiness(ready=False, reason=why_not(worker), retry_after_s=RETRY_AFTER_S[worker.phase])
        if (full := full_disk(self._loaded.config)) is not None:
            return Readiness(ready=False, reason=full, retry_after_s=30)
        return Readiness(ready=True)

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
        )

    def line(self, queue: QueueStatus) -> str:
        """One line for `systemctl status`."""
        readiness = self.readiness()
        state = "ready" if readiness.ready else f"not ready: {readiness.reason}"
        state += "; background work is paused" if queue.paused else ""
        return f"{state}; {queue.queued} queued, {queue.running} running, {queue.failed} failed"


def why_not(worker: WorkerStatus) -> str:
    """Why this worker takes no requests."""
    if worker.phase is Phase.LOADING:
        return f"the engine is loading ({worker.loading_progress:.0%} {worker.loading_note})".replace(" )", ")")
    if worker.error is not None:
        return worker.error.message
    return f"the engine is {worker.phase.value}"


def full_disk(config: Config) -> str | None:
    """A sentence when the spool's disk has no room; `None` when all is well."""
    root = _existing(config.spool_root)
    free_bytes = shutil.disk_usage(root).free
    if free_bytes >= LEAST_FREE_BYTES:
        return None
    return f"the disk of {root} is full ({free_bytes // 2**20} MiB free); make room"


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())

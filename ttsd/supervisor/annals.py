"""What there is to tell of the workers: how the last ones ended, and the status of the one that is."""

from collections import Counter, deque
from typing import Final

import msgspec

from ttsd.clock import Clock
from ttsd.protocol.engine import EngineGauges
from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.health import ExitCause, MemoryStatus, Phase, WorkerExit, WorkerStatus, WorkSample
from ttsd.supervisor.worker_handle import WorkerHandle

EXITS_KEPT: Final = 8


class Plans(msgspec.Struct, frozen=True):
    """What is to become of the worker; as in `WorkerStatus`."""

    error: ErrorBody | None = None
    replacing: str = ""
    unloaded: str = ""
    on_demand: bool = False
    fewer_slots: str = ""
    memory: MemoryStatus = MemoryStatus()


class Annals:
    """Owns the counts of restarts and ends, and the last exits."""

    def __init__(self, clock: Clock) -> None:
        self.restarts = 0
        self.ends: Counter[ExitCause] = Counter()
        """How many workers ended, by cause."""
        self._clock = clock
        self._exits: deque[WorkerExit] = deque(maxlen=EXITS_KEPT)
        self._empty_since_s = clock()

    def ended(self, reason: str, cause: ExitCause, *, planned: bool) -> None:
        """A worker has ended, or has been replaced."""
        self.ends[cause] += 1
        self._exits.append(WorkerExit(self._clock(), reason, planned, cause))

    def empty(self) -> None:
        """There is no worker from now on."""
        self._empty_since_s = self._clock()

    def status(self, worker: WorkerHandle | None, plans: Plans) -> WorkerStatus:
        """All that is known of `worker`, and of those before it."""
        exits = tuple(self._exits)
        common = WorkerStatus(
            phase=Phase.STOPPED if worker is None else worker.phase,
            since_s=self._empty_since_s if worker is None else worker.since_s,
            restarts=self.restarts,
            last_exit=exits[-1].reason if exits else None,
            exits=exits,
            error=plans.error or (worker and worker.failure),
            replacing=plans.replacing,
            unloaded=plans.unloaded,
            on_demand=plans.on_demand,
            fewer_slots=plans.fewer_slots,
            memory=plans.memory,
        )
        if worker is None:
            return common
        return msgspec.structs.replace(
            common,
            pid=worker.pid,
            engine=worker.engine,
            busy_slots=worker.busy_slots,
            loading_progress=1.0 if worker.ready else worker.loading.progress,
            loading_note="" if worker.ready else worker.loading.note,
            load_s=worker.load_s,
            stats=worker.stats,
        )


def work_of(worker: WorkerHandle | None, queued: int) -> WorkSample:
    """What `worker` does now, while `queued` jobs wait."""
    gauges = worker.stats.engine if worker is not None and worker.stats else EngineGauges()
    return WorkSample(
        slots=worker.engine.slots if worker is not None and worker.engine else 0,
        busy_slots=worker.busy_slots if worker is not None else 0,
        frame_ms=gauges.frame_ms,
        vram_bytes=gauges.vram_bytes,
        queued=queued,
    )

"""The supervisor of the worker: there is one that is ready, or a reason why not."""

import asyncio
from contextlib import suppress
from typing import Final

from ttsd.bus import Bus
from ttsd.clock import Clock
from ttsd.config import Config
from ttsd.log import get_logger
from ttsd.protocol.engine import EngineInfo, Synthesize
from ttsd.protocol.errors import EngineNotReady
from ttsd.protocol.health import Phase, WorkerStatus
from ttsd.supervisor import policy
from ttsd.supervisor.announcer import Announcer
from ttsd.supervisor.utterance import Utterance
from ttsd.supervisor.worker_env import worker_env
from ttsd.supervisor.worker_handle import WorkerHandle, WorkerSpec

WORKER_MODULE: Final = "ttsd.worker"

log = get_logger(__name__)


class Supervisor:
    """Owns the worker processes: one that serves; while it is being replaced, its successor; those that drain.

    A worker that dies or hangs takes its utterances with it (they raise WorkerLost) and is replaced after a
    back-off; `recycle` replaces one without loss.
    """

    def __init__(self, config: Config, bus: Bus, clock: Clock, *, module: str = WORKER_MODULE) -> None:
        self._config = config
        self._clock = clock
        self._module = module
        self._announcer = Announcer(bus, lambda: self.status)
        self._group: asyncio.TaskGroup | None = None
        self._workers: set[WorkerHandle] = set()
        self._current: WorkerHandle | None = None
        self._successor: WorkerHandle | None = None
        self._recycling = ""
        self._restart: policy.Restart | None = None
        """Set between an exit and the next start."""
        self._failures = 0
        self._slots: int | None = None
        self._restarts = 0
        self._last_exit: str | None = None
        self._stopping = False
        self._wake = asyncio.Event()
        self._moved = asyncio.Event()
        self._ended = asyncio.Event()
        self._idle_since_s = clock()

    # --- what others see ----------------------------------------------------------------------------

    @property
    def status(self) -> WorkerStatus:
        """The worker now."""
        worker = self._current
        if worker is None:
            return WorkerStatus(Phase.STOPPED, self._idle_since_s, restarts=self._restarts, last_exit=self._last_exit)
        return WorkerStatus(
            phase=worker.phase,
            since_s=worker.since_s,
            pid=worker.pid,
            engine=worker.engine,
            busy_slots=worker.busy_slots,
            restarts=self._restarts,
            last_exit=self._last_exit,
            loading_progress=1.0 if worker.ready else worker.loading.progress,
            loading_note="" if worker.ready else worker.loading.note,
            load_s=worker.load_s,
            error=self._restart.error if self._restart else worker.failure,
            stats=worker.stats,
        )

    def _on_change(self, worker: WorkerHandle, urgent: bool) -> None:
        if worker is self._successor and worker.ready:
            self._swap(worker)
        if worker is self._current:
            if urgent:
                self._signal_move()
            self._announcer.changed(urgent=urgent)

    def _signal_move(self) -> None:
        """Wake whoever waits for a change of phase."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait_ready(self, timeout_s: float | None = None) -> EngineInfo:
        """The engine, once it is ready.

        Raises EngineNotReady with the reason: after `timeout_s`, and at once when the engine said that it cannot start.
        """
        if (engine := self._ready_engine()) is not None:
            return engine
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not self._stopping and not (self._restart is not None and self._restart.hopeless):
                    await self._moved.wait()
                    if (engine := self._ready_engine()) is not None:
                        return engine
        raise EngineNotReady(self._why_not_ready())

    def _ready_engine(self) -> EngineInfo | None:
        worker = self._current
        return worker.engine if worker is not None and worker.ready else None

    def _why_not_ready(self) -> str:
        if self._stopping:
            return "the daemon is stopping"
        if self._restart is not None:
            return self._restart.error.message
        if self._current is None:
            return "the worker is not started yet"
        note = self._current.loading.note
        return f"the worker is {self._current.phase}{': ' if note else ''}{note}"

    def open(self, request: Synthesize) -> Utterance:
        """Have one segment spoken, in one slot; the request's id is given here. Raises EngineNotReady."""
        worker = self._current
        if worker is None or not worker.ready:
            raise EngineNotReady(self._why_not_ready())
        return worker.open(request)

    # --- life ---------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep a worker serving until `stop`."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                while not self._stopping:
                    worker = self._current = self._current or self._launch()
                    await worker.left.wait()
                    if worker is self._current and not self._stopping:
                        await self._replace(worker)
        finally:
            self._stopping = True
            self._current = None
            self._idle_since_s = self._clock()
            self._signal_move()
            self._announcer.changed(urgent=True)
            self._ended.set()

    def _launch(self) -> WorkerHandle:
        assert self._group is not None
        env = worker_env(self._config, self._slots)
        worker = WorkerHandle(WorkerSpec(self._module, env, self._config.engine), self._clock, self._on_change)
        self._workers.add(worker)
        self._group.create_task(self._tend(worker))
        return worker

    async def _tend(self, worker: WorkerHandle) -> None:
        try:
            await worker.run()
        finally:
            self._workers.discard(worker)
        if worker is self._successor:
            self._successor = None
            log.warning("worker.not_replaced", reason=f"its successor {_words(worker)}")

    async def _replace(self, worker: WorkerHandle) -> None:
        """`worker` has ended without being asked: its successor takes over, or after a pause a new one."""
        assert worker.exit is not None
        self._restart = policy.after_exit(worker.exit, self._failures)
        self._failures = self._restart.failures
        self._slots = self._restart.slots or self._slots
        self._last_exit = f"the worker {policy.describe(worker.exit)}"
        self._restarts += 1
        log.error("worker.lost", reason=self._last_exit, code=worker.exit.code, retry_s=self._restart.delay_s)
        if self._successor is None:
            self._signal_move()
            self._announcer.changed(urgent=True)
            await self._pause(self._restart.delay_s)
        self._restart = None
        self._current, self._successor = self._successor, None

    async def _pause(self, delay_s: float | None) -> None:
        """Until a reload, or `delay_s`."""
        self._wake.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._wake.wait()

    # --- orders -------------------------------------------------------------------------------------

    def reload(self, config: Config) -> None:
        """Take over `config`: a failed worker is tried again now, one for another engine is replaced without loss."""
        old, self._config = self._config, config
        self._slots = None
        for worker in self._workers:
            worker.limits = config.engine
        if self._restart is not None:
            self._retry_now()
        elif self._current is not None and not self._stopping and worker_env(config, None) != worker_env(old, None):
            self._succeed("the configuration changed")

    def _retry_now(self) -> None:
        self._restart = None
        self._wake.set()

    async def recycle(self, reason: str) -> None:
        """Replace the worker without loss; returns when another one serves.

        The new one starts beside the old, which finishes what it has begun. Raises EngineNotReady when the new one does
        not get ready; the old one then goes on.
        """
        if self._group is None or self._stopping:
            raise EngineNotReady(self._why_not_ready())
        if self._restart is not None:
            self._retry_now()
            await self.wait_ready()
            return
        successor = self._successor or self._succeed(reason)
        await successor.settled.wait()
        if successor.exit is not None:
            raise EngineNotReady(f"the worker was not replaced, because its successor {_words(successor)}")

    def _succeed(self, reason: str) -> WorkerHandle:
        """Start the worker that shall take over; one that was starting for that is out of date."""
        if self._successor is not None:
            self._successor.stop()
        self._recycling = reason
        self._successor = self._launch()
        return self._successor

    def _swap(self, successor: WorkerHandle) -> None:
        old, self._current, self._successor = self._current, successor, None
        assert old is not None
        self._restarts += 1
        self._last_exit = f"the worker was replaced: {self._recycling}"
        log.info("worker.replaced", reason=self._recycling, pid=successor.pid)
        old.retire(self._config.daemon.drain_s)

    async def stop(self) -> None:
        """End `run`: within 3 s every worker has ended, asked first, then killed."""
        self._stopping = True
        self._wake.set()
        self._signal_move()
        for worker in tuple(self._workers):
            worker.stop()
        if self._group is not None:
            await self._ended.wait()


def _words(worker: WorkerHandle) -> str:
    return policy.describe(worker.exit) if worker.exit is not None else "ended"

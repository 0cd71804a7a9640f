"""The workers' lives: one is started and looked after; another one follows it, or takes over from it."""

import asyncio
from contextlib import suppress

import msgspec

from ttsd.clock import Clock
from ttsd.config import Config
from ttsd.log import get_logger
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.health import ExitCause, Phase
from ttsd.supervisor import policy
from ttsd.supervisor.annals import Annals
from ttsd.supervisor.announcer import Announcer
from ttsd.supervisor.worker_env import worker_env
from ttsd.supervisor.worker_handle import WorkerHandle, WorkerSpec

log = get_logger(__name__)


class Rest(msgspec.Struct, frozen=True):
    """Whether no worker is to be started, for now."""

    unloaded: str = ""
    """Why none is, to follow "the model is unloaded: "; empty: one is."""
    on_demand: bool = False
    """Whether it was unloaded until the next request, or that request has it loaded now."""


class Crew:
    """Owns the worker processes: one that serves; while it is being replaced, its successor; those that drain.

    A worker that dies or hangs is replaced after a back-off, one that is asked to go at once.
    """

    def __init__(self, config: Config, clock: Clock, module: str, announcer: Announcer) -> None:
        self.config = config
        self.annals = Annals(clock)
        self.workers: set[WorkerHandle] = set()
        self.current: WorkerHandle | None = None
        self.successor: WorkerHandle | None = None
        self.replacing = ""
        """Why another one is to take over; empty: none is."""
        self.restart: policy.Restart | None = None
        """Set between an exit and the next start."""
        self.slots: int | None = None
        """At most so many, since memory ran out; `None`: as configured."""
        self.rest = Rest()
        self.known: EngineInfo | None = None
        """The engine that was loaded last."""
        self.stopping = False
        self._clock = clock
        self._module = module
        self._announcer = announcer
        self._group: asyncio.TaskGroup | None = None
        self._cause = ExitCause.ASKED
        """Of the planned end to come."""
        self._leaving = ""
        """Why the worker was asked to go before there is another, to follow "the worker was"."""
        self._failures = 0
        self._wake = asyncio.Event()
        self._moved = asyncio.Event()
        self._ended = asyncio.Event()

    @property
    def ready(self) -> EngineInfo | None:
        """The engine of the worker that serves, if one does."""
        worker = self.current
        return worker.engine if worker is not None and worker.ready else None

    @property
    def idle(self) -> bool:
        """Whether no worker is to be started."""
        return self._group is None or self.stopping or bool(self.rest.unloaded)

    @property
    def why_not_ready(self) -> str:
        """What stands between a request and the engine."""
        if self.stopping:
            return "the daemon is stopping"
        if self.rest.unloaded:
            return policy.unloaded(self.rest.unloaded, on_demand=self.rest.on_demand)
        if self.restart is not None:
            return self.restart.error.message
        if self.current is None:
            return "the worker is not started yet"
        note = self.current.loading.note
        return f"the worker is {self.current.phase}{': ' if note else ''}{note}"

    async def moved(self) -> None:
        """Wait until the worker's phase, or what is meant to become of it, is another."""
        await self._moved.wait()

    def _signal_move(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    # --- life ---------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep a worker serving until `stop`."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                while not self.stopping:
                    if self.rest.unloaded:
                        await self._pause(None)
                        continue
                    worker = self.current = self.current or self._launch()
                    await worker.left.wait()
                    if worker is self.current and not self.stopping:
                        await self._follow(worker)
        finally:
            self.stopping = True
            self._vacate()
            self._ended.set()

    async def stop(self) -> None:
        """End `run`: within 3 s every worker has ended, asked first, then killed."""
        self.stopping = True
        self._wake.set()
        self._signal_move()
        for worker in tuple(self.workers):
            worker.stop()
        if self._group is not None:
            await self._ended.wait()

    def _vacate(self) -> None:
        """There is no worker now."""
        self.current = None
        self.annals.empty()
        self._signal_move()
        self._announcer.changed(urgent=True)

    def _launch(self) -> WorkerHandle:
        assert self._group is not None
        env = worker_env(self.config, self.slots)
        worker = WorkerHandle(WorkerSpec(self._module, env, self.config.engine), self._clock, self._on_change)
        self.workers.add(worker)
        self._group.create_task(self._tend(worker))
        return worker

    async def _tend(self, worker: WorkerHandle) -> None:
        try:
            await worker.run()
        finally:
            self.workers.discard(worker)
        if worker is self.successor:
            assert worker.exit is not None
            self.successor = None
            self.replacing = ""
            log.warning("worker.not_replaced", reason=f"its successor {policy.describe(worker.exit)}")

    def _on_change(self, worker: WorkerHandle, urgent: bool) -> None:
        if worker is self.successor and worker.ready:
            self._swap(worker)
        if worker is self.current:
            self.known = worker.engine or self.known
            if worker.ready and not self.rest.unloaded:
                self.rest = Rest()
            if urgent:
                self._signal_move()
            self._announcer.changed(urgent=urgent)

    async def _follow(self, worker: WorkerHandle) -> None:
        """`worker` has ended: its successor takes over, or a new one, after a pause unless it was asked to go."""
        assert worker.exit is not None
        if worker.phase is Phase.STOPPED:
            self._note_exit(f"the worker was {self._leaving}", self._cause, planned=True)
            self.annals.restarts += not self.rest.unloaded
            self._vacate()
            return
        self.restart = policy.after_exit(worker.exit, self._failures)
        self._failures = self.restart.failures
        if self.restart.slots:
            log.warning("worker.fewer_slots", before=worker.exit.slots, slots=self.restart.slots)
            self.slots = self.restart.slots
        reason = f"the worker {policy.describe(worker.exit)}"
        self._note_exit(reason, policy.cause(worker.exit), planned=False)
        self.annals.restarts += 1
        log.error("worker.lost", reason=reason, code=worker.exit.code, retry_s=self.restart.delay_s)
        if self.successor is None:
            self._signal_move()
            self._announcer.changed(urgent=True)
            await self._pause(self.restart.delay_s)
        self.restart = None
        if self.rest.unloaded:
            self._vacate()
        else:
            self.current, self.successor = self.successor, None

    def _note_exit(self, reason: str, cause: ExitCause, *, planned: bool) -> None:
        self.annals.ended(reason, cause, planned=planned)
        self.replacing = ""

    async def _pause(self, delay_s: float | None) -> None:
        """Until it is woken, or `delay_s`."""
        self._wake.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._wake.wait()

    # --- what is to become of it --------------------------------------------------------------------

    def reconfigure(self, config: Config) -> bool:
        """Have workers as `config` says from now on, with all their slots; whether one of now would be another."""
        before = worker_env(self.config, self.slots)
        self.config, self.slots = config, None
        for worker in self.workers:
            worker.limits = config.engine
        return worker_env(config, None) != before

    def try_again(self) -> None:
        """Start the next worker now, without the rest of the pause."""
        self.restart = None
        self._wake.set()

    def suspend(self, rest: Rest, cause: ExitCause) -> None:
        """Have the worker finish what is open and end, and none started before `resume`."""
        self.rest = rest
        if self.restart is not None:
            self._wake.set()
        elif self.current is not None:
            self._ask_to_go(self.current, f"unloaded: {rest.unloaded}", cause)

    def resume(self, *, on_demand: bool = False) -> None:
        """Start workers again; one that failed is tried again now."""
        self.rest = Rest(on_demand=on_demand)
        if self.current is None or self.restart is not None:
            self.try_again()
        self._signal_move()

    def replace(self, reason: str, cause: ExitCause, *, beside: bool) -> WorkerHandle | None:
        """The successor, when it stands beside the worker; `None`: there will be one when that has ended."""
        if beside or self.current is None:
            return self._succeed(reason, cause)
        self._ask_to_go(self.current, f"replaced: {reason}", cause)
        self.replacing = reason
        return None

    def _ask_to_go(self, worker: WorkerHandle, why: str, cause: ExitCause) -> None:
        """Have `worker` finish what is open and end, with none to take over."""
        self._leaving, self._cause = why, cause
        log.info("worker.leaving", reason=why, pid=worker.pid)
        if self.successor is not None:
            self.successor.stop()
        worker.drain(self.config.daemon.drain_s)

    def _succeed(self, reason: str, cause: ExitCause) -> WorkerHandle:
        """Start the worker that shall take over; one that was starting for that is out of date."""
        if self.successor is not None:
            self.successor.stop()
        self.replacing, self._cause = reason, cause
        self.successor = self._launch()
        return self.successor

    def _swap(self, successor: WorkerHandle) -> None:
        old, self.current, self.successor = self.current, successor, None
        assert old is not None
        self.annals.restarts += 1
        log.info("worker.replaced", reason=self.replacing, pid=successor.pid)
        self._note_exit(f"the worker was replaced: {self.replacing}", self._cause, planned=True)
        old.retire(self.config.daemon.drain_s)

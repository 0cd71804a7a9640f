"""The supervisor of the worker: there is one that is ready, or a reason why not; and the orders to it."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from ttsd.bus import Bus
from ttsd.clock import Clock
from ttsd.config import Config
from ttsd.log import get_logger
from ttsd.protocol.engine import EngineInfo, Synthesize
from ttsd.protocol.errors import Conflict, EngineNotReady
from ttsd.protocol.health import ExitCause, MemoryStatus, WorkerStatus, WorkSample
from ttsd.supervisor import policy
from ttsd.supervisor.annals import Plans, work_of
from ttsd.supervisor.announcer import Announcer
from ttsd.supervisor.crew import Crew, Rest
from ttsd.supervisor.holding import Holding
from ttsd.supervisor.serving import needs_card
from ttsd.supervisor.utterance import Utterance

WORKER_MODULE: Final = "ttsd.worker"
log = get_logger(__name__)


class Supervisor:
    """Owns the crew of workers: tells of it, lets requests wait for it, and takes orders to it.

    A worker that dies or hangs takes its utterances with it (they raise WorkerLost) and is replaced after a
    back-off; `recycle` replaces one without loss.
    """

    def __init__(self, config: Config, bus: Bus, clock: Clock, *, module: str = WORKER_MODULE) -> None:
        self._announcer = Announcer(bus, lambda: self.status)
        self._crew = Crew(config, clock, module, self._announcer)
        self._memory = MemoryStatus()
        self.has_room: Callable[[], bool] = lambda: True
        """Whether a second worker fits beside the one that serves."""
        self.asked = 0
        """How often somebody wanted the engine."""

    async def run(self) -> None:
        """Keep a worker serving until `stop`."""
        await self._crew.run()

    async def stop(self) -> None:
        """End `run`: within 3 s every worker has ended, asked first, then killed."""
        await self._crew.stop()

    # --- what others see ----------------------------------------------------------------------------

    @property
    def status(self) -> WorkerStatus:
        """The worker now."""
        crew = self._crew
        plans = Plans(
            error=crew.restart.error if crew.restart else None,
            replacing=crew.replacing,
            unloaded=crew.rest.unloaded,
            on_demand=crew.rest.on_demand,
            fewer_slots="" if crew.slots is None else policy.spared(crew.slots),
            memory=self._memory,
        )
        return crew.annals.status(crew.current, plans)

    @property
    def pids(self) -> frozenset[int]:
        """Of all workers: the one that serves, its successor, those that drain."""
        return frozenset(worker.pid for worker in self._crew.workers if worker.pid is not None)

    @property
    def ends(self) -> Mapping[ExitCause, int]:
        """How many workers have ended, by cause."""
        return self._crew.annals.ends

    def work(self, queued: int) -> WorkSample:
        """What the worker does now."""
        return work_of(self._crew.current, queued)

    @property
    def memory(self) -> MemoryStatus:
        """What is known of the worker's memory, as it was noted last."""
        return self._memory

    def note_memory(self, memory: MemoryStatus) -> None:
        """What the status is to tell from now on; pressure that comes or goes is told at once."""
        before, self._memory = self._memory, memory
        if (before.pressure, before.refuses, bool(before.growth)) != (
            memory.pressure,
            memory.refuses,
            bool(memory.growth),
        ):
            self._announcer.changed(urgent=True)

    @property
    def holding(self) -> Holding | None:
        """What the worker holds, when it is the only one and ready, and has told."""
        worker = self._crew.current
        if worker is None or not worker.ready or len(self._crew.workers) != 1 or worker.pid is None:
            return None
        if worker.engine is None or worker.stats is None or worker.canary_stats is None:
            return None
        return Holding(worker.pid, worker.engine.device, worker.stats, worker.canary_stats)

    @property
    def known_engine(self) -> EngineInfo | None:
        """The engine that is loaded, or that was before it was unloaded until somebody asks for it."""
        crew = self._crew
        loaded = crew.current.engine if crew.current is not None else None
        return loaded or (crew.known if crew.rest.on_demand else None)

    @property
    def resting(self) -> bool:
        """Whether the model is unloaded until somebody asks for it."""
        rest = self._crew.rest
        return bool(rest.unloaded) and rest.on_demand

    @property
    def needs_card(self) -> bool:
        """Whether speech depends on a card."""
        return needs_card(self._crew.config, self._crew.ready)

    def overdue(self, now: float) -> str:
        """Why it is itself that does not do its work, at `now` of the monotonic clock; empty: it does.

        A worker that hangs or loads for long is no reason: it is seen to within the deadline of its phase.
        """
        late = [worker for worker in self._crew.workers if now > worker.due_at]
        return f"nobody has looked after the worker (pid {late[0].pid}) for too long" if late else ""

    # --- requests -----------------------------------------------------------------------------------

    async def wait_ready(self, timeout_s: float | None = None, *, patient: bool = True) -> EngineInfo:
        """The engine, once it is ready.

        One that is unloaded until somebody asks for it is loaded, and `timeout_s` is as long as that may take.
        Raises EngineNotReady with the reason: after `timeout_s`; at once when the engine said that it cannot start, and
        when it was unloaded and the caller is not `patient`.
        """
        self.asked += 1
        crew = self._crew
        if (engine := crew.ready) is not None:
            return engine
        if crew.rest.on_demand:
            self._wake_up()
            timeout_s = None if timeout_s is None else max(timeout_s, crew.config.engine.start_timeout_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not self._in_vain(patient=patient):
                    await crew.moved()
                    if (engine := crew.ready) is not None:
                        return engine
        raise EngineNotReady(crew.why_not_ready)

    def _in_vain(self, *, patient: bool) -> bool:
        """Whether waiting for a worker is of no use."""
        crew = self._crew
        hopeless = crew.restart is not None and crew.restart.hopeless
        return crew.stopping or hopeless or bool(crew.rest.unloaded and not patient)

    def _wake_up(self) -> None:
        """Somebody wants the engine that was unloaded until then."""
        unloaded = self._crew.rest.unloaded
        if unloaded and not self._crew.stopping:
            log.info("worker.wanted", unloaded=unloaded)
            self._crew.resume(on_demand=True)

    def open(self, request: Synthesize) -> Utterance:
        """Have one segment spoken, in one slot; the request's id is given here. Raises EngineNotReady."""
        worker = self._crew.current
        if worker is None or not worker.ready:
            raise EngineNotReady(self._crew.why_not_ready)
        return worker.open(request)

    # --- orders -------------------------------------------------------------------------------------

    def reload(self, config: Config) -> None:
        """Take over `config`: a failed worker is tried again now, one for another engine is replaced without loss.

        So is one that has fewer slots because memory ran out: all of them are tried again.
        """
        crew = self._crew
        outdated = crew.reconfigure(config)
        if crew.restart is not None:
            crew.try_again()
        elif outdated and crew.current is not None and not crew.idle:
            crew.replace("the configuration changed", ExitCause.CONFIG, beside=self.has_room())

    def lose_card(self, reason: str, *, others: bool) -> None:
        """The workers' card is gone: end them; without `others` the next one waits for a card."""
        for worker in tuple(self._crew.workers):
            worker.lose_card(reason, others=others)

    def doubt(self, reason: str) -> None:
        """Have the engine prove itself again."""
        worker = self._crew.current
        if worker is not None and worker.ready:
            log.warning("worker.doubted", reason=reason, pid=worker.pid)
            worker.doubt()

    def retry(self) -> None:
        """Try a worker that failed for want of a card now; others wait for what they wait for."""
        if self._crew.restart is not None and self._crew.restart.error.retryable:
            self._crew.try_again()

    async def recycle(self, reason: str, cause: ExitCause = ExitCause.ASKED, *, beside: bool | None = None) -> None:
        """Replace the worker without loss; returns when another one serves.

        The new one starts `beside` the old, which finishes what it has begun; or, where there is no room for both, once
        the old one has finished; `None`: as `has_room` says. Raises EngineNotReady when the new one does not get ready,
        and when there is none to replace; one that stands beside the old leaves that at work.
        """
        crew = self._crew
        if crew.idle:
            raise EngineNotReady(crew.why_not_ready)
        if crew.restart is not None:
            crew.try_again()
            await self.wait_ready()
            return
        successor = crew.successor
        if successor is None and not crew.replacing:
            beside = self.has_room() if beside is None else beside
            successor = crew.replace(reason, cause, beside=beside)
        if successor is None:
            await self.wait_ready(patient=False)
            return
        await successor.settled.wait()
        if successor.exit is not None:
            ended = policy.describe(successor.exit)
            raise EngineNotReady(f"the worker was not replaced, because its successor {ended}")

    async def unload(self, reason: str, cause: ExitCause = ExitCause.ASKED, *, on_demand: bool = False) -> None:
        """End the worker, once it has finished what is open, and start none before `load`; returns when it has ended.

        With `on_demand` whoever wants the engine next has it loaded, too. Raises Conflict when it is unloaded already,
        EngineNotReady when the daemon is stopping.
        """
        crew, rest = self._crew, Rest(reason, on_demand)
        if self.resting and not on_demand:
            crew.rest = rest
            self._announcer.changed(urgent=True)
            return
        if crew.rest.unloaded:
            raise Conflict(f"the model is unloaded already: {crew.rest.unloaded}")
        if crew.idle:
            raise EngineNotReady(crew.why_not_ready)
        crew.suspend(rest, cause)
        while crew.current is not None and crew.rest.unloaded and not crew.stopping:
            await crew.moved()

    async def load(self) -> EngineInfo:
        """Start a worker after `unload`; one that failed is tried again now. Returns when it serves.

        Raises Conflict when one serves already, EngineNotReady with the reason when it cannot.
        """
        if self._crew.ready is not None:
            raise Conflict("the model is loaded already")
        self._crew.resume()
        return await self.wait_ready(patient=False)

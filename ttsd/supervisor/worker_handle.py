"""One worker process: its phase, its utterances, its pings; from start to reaping."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, assert_never

import msgspec

from ttsd.clock import Clock
from ttsd.config import Engine
from ttsd.ipc import MessageTooLong
from ttsd.log import get_logger
from ttsd.protocol.engine import (
    AppendText,
    CancelSynthesis,
    CannotStart,
    Chunk,
    EngineInfo,
    Failed,
    Finished,
    FromWorker,
    Loading,
    Ping,
    Pong,
    Ready,
    Shutdown,
    Synthesize,
    WorkerLog,
    WorkerStats,
)
from ttsd.protocol.errors import EngineNotReady, ErrorBody
from ttsd.protocol.health import Phase
from ttsd.supervisor import policy
from ttsd.supervisor.canary import Canary
from ttsd.supervisor.process import ChildProcess, Listener
from ttsd.supervisor.records import relay, relay_line
from ttsd.supervisor.switchboard import Switchboard
from ttsd.supervisor.utterance import Utterance

ASKED_GRACE_S: Final = 1.8
"""To ask, then SIGTERM; with the time that the kernel gets for SIGKILL less than 3 s."""
LOST_GRACE_S: Final = 1.0

log = get_logger(__name__)
_worker_log = logging.getLogger("ttsd.worker")


class WorkerSpec(msgspec.Struct, frozen=True):
    """Which program to start, and how to judge it."""

    module: str
    env: Mapping[str, str]
    limits: Engine


class WorkerHandle:
    """Owns one worker process. `run` ends when it is reaped, however it ended; all utterances are over by then."""

    def __init__(self, spec: WorkerSpec, clock: Clock, changed: Callable[["WorkerHandle", bool], None]) -> None:
        self.limits = spec.limits
        self.phase = Phase.STOPPED
        self.since_s = clock()
        self.pid: int | None = None
        self.engine: EngineInfo | None = None
        self.stats: WorkerStats | None = None
        self.canary_stats: WorkerStats | None = None
        """What it told first after it had proved itself."""
        self.loading = Loading(0.0)
        self.load_s = 0.0
        self.exit: policy.Exit | None = None
        """Set once the process is reaped."""
        self.failure: ErrorBody | None = None
        """Why it failed, from the moment it does; how the process ended is known later."""
        self.settled = asyncio.Event()
        """It has become ready, or has ended."""
        self.left = asyncio.Event()
        """It has ended, or another worker has taken its place."""
        self.due_at = time.monotonic() + policy.OVERDUE_S
        """By when whoever looks after it does so again; past that, the supervisor is stuck."""
        self._spec = spec
        self._clock = clock
        self._changed = changed
        self._child: ChildProcess | None = None
        self._board = Switchboard(self._cancel, self._append)
        self._ending = asyncio.Event()
        self._asked = False
        self._verdict = ""
        self._refusal: ErrorBody | None = None
        self._canary = Canary(self._send)
        self._started_at = time.monotonic()
        self._ready_at: float | None = None
        self._ping_since: float | None = None
        self._drain_until = float("inf")

    @property
    def ready(self) -> bool:
        """Whether it takes requests."""
        return self.phase in (Phase.READY, Phase.BUSY)

    @property
    def busy_slots(self) -> int:
        """Utterances that the worker has not said its last word on."""
        return max(0, len(self._board) - self._canary.slots)

    def _move(self, phase: Phase) -> None:
        if phase is not self.phase:
            self.phase = policy.move(self.phase, phase)
            self.since_s = self._clock()

    # --- life ---------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Start the process, watch it, reap it."""
        code = 0
        try:
            if not self._ending.is_set():
                code = await self._live()
        finally:
            if self._child is not None:
                await self._child.stop(grace_s=0)  # there is something left to stop only when this task is cancelled
        healthy_s = 0.0 if self._ready_at is None else time.monotonic() - self._ready_at
        slots = self.engine.slots if self.engine else 0
        self.exit = policy.Exit(code, healthy_s, slots, self._refusal, self._verdict)
        self.pid = None
        if self.phase is Phase.DRAINING:
            self._move(Phase.STOPPED)
        self.settled.set()
        self.left.set()
        self._changed(self, True)

    async def _live(self) -> int:
        self._started_at = time.monotonic()
        self._move(Phase.STARTING)
        self._changed(self, True)
        listener = Listener(FromWorker, self._on_message, self._on_lost, self._on_line)
        try:
            self._child = await ChildProcess.spawn(self._spec.module, listener, env=self._spec.env)
        except OSError as error:
            self._condemn(f"{policy.UNSTARTED}{error.strerror}")
            return -1
        self.pid = self._child.pid
        log.info("worker.started", pid=self.pid)
        self._changed(self, True)
        await self._watch()
        self.due_at = time.monotonic() + self._grace_s() + policy.OVERDUE_S
        if self._asked:
            self._child.send(Shutdown())
        return await self._child.stop(grace_s=self._grace_s())

    def _grace_s(self) -> float:
        if self._asked:
            return ASKED_GRACE_S
        return 0.0 if self._verdict else LOST_GRACE_S

    async def _watch(self) -> None:
        """Until it ends or has to: ping it, and look for signs of a hang."""
        slept_at = time.monotonic()
        while not self._ending.is_set():
            every_s = policy.ping_every_s(self.limits)
            self.due_at = time.monotonic() + every_s + policy.OVERDUE_S
            with suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await self._ending.wait()
            now = time.monotonic()
            if policy.overslept(now - slept_at, every_s):
                self._excuse(now)
            slept_at = now
            self._check(now)

    def _excuse(self, now: float) -> None:
        self._board.excuse(now)
        if self._ping_since is not None:
            self._ping_since = now

    def _check(self, now: float) -> None:
        starting = self.phase in (Phase.STARTING, Phase.LOADING)
        signs = policy.Signs(
            starting_since=self._started_at if starting else None,
            ping_since=self._ping_since,
            quiet_since=self._board.quiet_since(),
        )
        if verdict := policy.hung(signs, self.limits, now):
            self._condemn(verdict)
        elif now >= self._drain_until:
            self._end("the worker was replaced before this was spoken")
        elif self.ready:
            self._ping(now)

    def _ping(self, now: float) -> None:
        if self._ping_since is None and self._child is not None:
            self._ping_since = now
            self._child.send(Ping(0))

    def _condemn(self, verdict: str) -> None:
        if not self._ending.is_set():
            self._verdict = verdict
            self._end(f"the worker {verdict}")

    def _end(self, why: str) -> None:
        """Nothing is spoken any more; `run` finishes the process off."""
        if self._ending.is_set():
            return
        self._ending.set()
        if not self._asked:
            self.failure = self._refusal or EngineNotReady(why).body()
            self._move(Phase.FAILED)
        self._board.lose(why)
        self._changed(self, True)

    # --- orders -------------------------------------------------------------------------------------

    def open(self, request: Synthesize) -> Utterance:
        """Have one segment spoken; the caller has seen that it is `ready`."""
        utterance = self._send(request)
        self._busy_changed()
        return utterance

    def _send(self, request: Synthesize) -> Utterance:
        assert self._child is not None
        utterance = self._board.open(*(span.text for span in request.spans), more=request.more)
        self._child.send(msgspec.structs.replace(request, id=utterance.number))
        return utterance

    def _append(self, message: AppendText) -> None:
        if self._child is not None:
            self._child.send(message)

    def _cancel(self, number: int) -> None:
        if self._child is not None:
            self._child.send(CancelSynthesis(number))

    def lose_card(self, reason: str, *, others: bool) -> None:
        """Its card is gone, and all that is open with it; without `others` nothing can be started for now."""
        if not others and not self._ending.is_set():
            self._refusal = EngineNotReady(reason).body()
        self._condemn(f"{policy.CARD_LOST}{reason}")

    def doubt(self) -> None:
        """Have the engine prove itself again; it is condemned when it cannot."""
        if self.ready and self.engine is not None and not self._canary.slots:
            self._canary.fly(self.engine)

    def retire(self, drain_s: float) -> None:
        """Another worker has taken its place: finish what is open within `drain_s`, then end."""
        self.drain(drain_s)
        self.left.set()

    def drain(self, drain_s: float) -> None:
        """Finish what is open within `drain_s`, then end."""
        if not self.ready:
            self.stop()
        else:
            self._asked = True
            self._drain_until = time.monotonic() + drain_s
            self._move(Phase.DRAINING)
            self._changed(self, True)
            self._end_when_drained()

    def stop(self) -> None:
        """End now; what is open is lost."""
        if not self._ending.is_set():
            self._asked = True
            if self.phase is not Phase.STOPPED:
                self._move(Phase.DRAINING)
            self._end("the daemon is stopping")

    def _end_when_drained(self) -> None:
        if self.phase is Phase.DRAINING and not self._board:
            self._end("")

    # --- news from the process ----------------------------------------------------------------------

    def _on_lost(self, error: Exception | None) -> None:
        if isinstance(error, MessageTooLong | msgspec.DecodeError):
            self._condemn(f"sent what is no message: {error}")
        self._end("the worker process died")

    def _on_message(self, message: FromWorker) -> None:
        match message:
            case Chunk() | Finished() | Failed():
                if utterance := self._board.hear(message):
                    self._spoken(utterance)
            case Pong():
                self._ping_since = None
                self.stats = message.stats
                self.canary_stats = self.canary_stats or message.stats
            case WorkerLog():
                self._board.context(message.id).run(relay, _worker_log, message)
            case Loading() | Ready() | CannotStart():
                if self.phase in (Phase.STARTING, Phase.LOADING):
                    self._on_start(message)
            case _:
                assert_never(message)

    def _on_line(self, line: str) -> None:
        self._board.context().run(relay_line, _worker_log, line)

    def _on_start(self, message: Loading | Ready | CannotStart) -> None:
        self._move(Phase.LOADING)
        match message:
            case Loading():
                self.loading = message
            case Ready():
                self.engine, self.load_s = message.engine, message.load_s
                self._canary.fly(message.engine)
            case CannotStart():
                self._refusal = message.error
                self._end(message.error.message)
        self._changed(self, False)

    def _spoken(self, utterance: Utterance) -> None:
        verdict = self._canary.verdict(utterance)
        if verdict is None:
            self._busy_changed()
            if self.ready and self.engine is not None and self._canary.wanted(utterance):
                self._canary.fly(self.engine)
        elif verdict:
            self._condemn(verdict)
        elif self.phase is Phase.LOADING:
            self._ready_at = time.monotonic()
            self._move(Phase.READY)
            self._ping(self._ready_at)
            log.info("worker.ready", pid=self.pid, load_s=round(self.load_s, 3))
            self.settled.set()
            self._changed(self, True)
        self._end_when_drained()

    def _busy_changed(self) -> None:
        if self.ready:
            self._move(Phase.BUSY if self.busy_slots else Phase.READY)
        self._changed(self, False)

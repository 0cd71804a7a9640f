"""Keeping the worker's memory within its limits, and giving it back when nobody asks for speech."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple, assert_never

import msgspec

from ttsd.clock import Clock
from ttsd.config import Config
from ttsd.config.durations import duration_s
from ttsd.log import get_logger
from ttsd.protocol.errors import TtsdError
from ttsd.protocol.health import ExitCause, HealthSample, MemoryLimit, MemoryStatus, PressureKind
from ttsd.supervisor import memory
from ttsd.supervisor.holding import MB, Books, rules
from ttsd.supervisor.memory import Fine, Pressure, Reading, Recycle, Verdict, Watch
from ttsd.supervisor.supervisor import Supervisor

CAUSES: Final = {True: ExitCause.LEAK, False: ExitCause.VRAM}
"""By whether a leak is seen."""

log = get_logger(__name__)


class _Order(NamedTuple):
    """What is to be done with the worker."""

    unload: bool
    reason: str
    cause: ExitCause


class Keeper:
    """Looks at every sample of health; has the worker replaced for its memory, or unloaded when it is idle.

    `run` carries out what was decided, one thing at a time.
    """

    def __init__(
        self,
        config: Config,
        supervisor: Supervisor,
        clock: Clock,
        *,
        in_use: Callable[[], bool],
        hold: Callable[[bool], None],
    ) -> None:
        """`in_use` tells whether anybody wants speech now; `hold` lets background work begin nothing, or go on."""
        self._config = config
        self._supervisor = supervisor
        self._clock = clock
        self._in_use = in_use
        self._hold = hold
        self._books: Books | None = None
        self._leaking = 0
        """Pid of the worker whose leak was told last."""
        self._watches: dict[MemoryLimit, Watch] = {}
        self._recycled_s: tuple[float, ...] = ()
        self._used_s = clock()
        self._asked = 0
        self._order: _Order | None = None
        self._ordered = asyncio.Event()

    @property
    def budget_bytes(self) -> int:
        """What all workers together may take of a card; 0: all of it."""
        return self._config.gpu.vram_budget_mb * MB

    def reload(self, config: Config) -> None:
        """Take over thresholds and durations."""
        self._config = config

    async def run(self) -> None:
        """Replace and unload, until cancelled."""
        while True:
            await self._ordered.wait()
            self._ordered.clear()
            if self._order is not None:
                await self._carry_out(self._order)
            self._order = None

    async def _carry_out(self, order: _Order) -> None:
        try:
            if order.unload:
                await self._supervisor.unload(order.reason, order.cause, on_demand=True)
            else:
                await self._supervisor.recycle(order.reason, order.cause)
        except TtsdError as error:
            log.warning("worker.kept", wanted=order.reason, reason=error.message)

    def note(self, sample: HealthSample) -> None:
        """Decide, with what is known now."""
        verdict, reading = self._judge(sample)
        self._tell(verdict, reading)
        if self._order is not None:
            return
        if isinstance(verdict, Recycle):
            self._recycled_s = (*memory.recent(self._recycled_s, sample.at_s), sample.at_s)
            self._begin(_Order(unload=False, reason=verdict.reason, cause=CAUSES[bool(reading and reading.growth)]))
        elif (idle := self._idle_for(sample.at_s)) is not None:
            self._begin(_Order(unload=True, reason=idle, cause=ExitCause.IDLE))

    def _begin(self, order: _Order) -> None:
        self._order = order
        self._ordered.set()

    # --- memory -------------------------------------------------------------------------------------

    def _judge(self, sample: HealthSample) -> tuple[Verdict, Reading | None]:
        """The gravest verdict of all limits, and the reading it is of; else the first reading."""
        holding = self._supervisor.holding
        if holding is None:
            self._books, self._watches = None, {}
            return Fine(), None
        if self._books is None or self._books.pid != holding.pid:
            self._books, self._watches = Books(holding.pid), {}
        readings = self._books.readings(holding, sample, self._config)
        verdicts = [(self._verdict(reading), reading) for reading in readings]
        return min(verdicts, key=lambda judged: _gravity(judged[0]))

    def _verdict(self, reading: Reading) -> Verdict:
        if not reading.limit:
            return Fine()
        watch = self._watches.get(reading.limit, Watch())
        self._watches[reading.limit], verdict = memory.decide(
            watch, reading, rules(reading, self._config.gpu), self._recycled_s
        )
        return verdict

    def _tell(self, verdict: Verdict, reading: Reading | None) -> None:
        """Status, log, and whether background work may go on."""
        before = self._supervisor.memory
        now = self._status(verdict, reading)
        self._supervisor.note_memory(now)
        if now.refuses != before.refuses:
            self._hold(now.refuses)
        if now.pressure and now.pressure != before.pressure:
            log.warning("memory.pressure", kind=now.pressure, reason=now.reason, refuses=now.refuses)
        elif before.pressure and not now.pressure:
            log.info("memory.relieved", kind=before.pressure)
        if now.growth and self._books is not None and self._books.pid != self._leaking:
            self._leaking = self._books.pid
            log.warning("memory.grows", growth=now.growth, holds_mb=now.own_bytes // 2**20)

    def _status(self, verdict: Verdict, reading: Reading | None) -> MemoryStatus:
        if reading is None:
            return MemoryStatus()
        growth = reading.growth
        known = MemoryStatus(
            limit=reading.limit,
            used_bytes=reading.used_bytes,
            limit_bytes=round(rules(reading, self._config.gpu).fraction * reading.total_bytes),
            own_bytes=reading.own_bytes,
            canary_bytes=reading.canary_bytes,
            growth_bytes_per_s=growth.bytes_per_s if growth else 0.0,
            growth=memory.in_words(growth) if growth else "",
        )
        match verdict:
            case Fine() | Recycle():
                return known
            case Pressure(kind=kind, reason=reason, refuses=refuses, retry_s=retry_s):
                return msgspec.structs.replace(
                    known, pressure=kind, reason=reason, refuses=refuses, retry_after_s=retry_s
                )
            case _:
                assert_never(verdict)

    # --- idleness -----------------------------------------------------------------------------------

    def _idle_for(self, now_s: float) -> str | None:
        """Why the model is to be unloaded, to follow "the model is unloaded: "; `None`: it is not."""
        keep_s = duration_s(self._config.engine.keep_alive)
        if self._in_use() or self._asked != self._supervisor.asked or self._supervisor.holding is None:
            self._asked, self._used_s = self._supervisor.asked, now_s
            return None
        if keep_s is None or now_s - self._used_s < keep_s:
            return None
        return f"nobody asked for speech for {self._config.engine.keep_alive}" + _unit(self._config.engine.keep_alive)


_GRAVITY: Final[dict[PressureKind, int]] = {"capped": 1, "others": 2, "waiting": 3, "tight": 4}


def _gravity(verdict: Verdict) -> int:
    """The least number is the gravest."""
    match verdict:
        case Recycle():
            return 0
        case Pressure(kind=kind):
            return _GRAVITY[kind]
        case Fine():
            return 9
        case _:
            assert_never(verdict)


def _unit(written: str | float) -> str:
    return " s" if not isinstance(written, str) or written.strip().isdecimal() else ""

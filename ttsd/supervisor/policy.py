"""What the supervisor decides: values and the time in, a value out; nothing here waits or acts."""

import array
import signal
from collections.abc import Sequence
from typing import Final

import msgspec

from ttsd.config import Engine
from ttsd.protocol.engine import EXIT_CANNOT_START, EXIT_OUT_OF_MEMORY
from ttsd.protocol.errors import BadRequest, Busy, EngineNotReady, ErrorBody, TtsdError, Unavailable, WorkerLost
from ttsd.protocol.health import LEGAL_PHASES, Phase

FIRST_DELAY_S: Final = 0.2
LONGEST_DELAY_S: Final = 30.0
HEALTHY_S: Final = 60.0
"""A worker that was ready for so long starts the back-off anew."""
MISSING_DEVICE_S: Final = 60.0
"""How often a device that is not there is looked for."""
OVERSLEPT_S: Final = 1.0
AUDIBLE_PEAK: Final = 328
"""Peak of a 16-bit sample (-40 dBFS) below which a canary counts as silent."""
DOUBTFUL_FAILURES: Final = 5
"""So many segments in a row that the engine could not speak cast doubt on the engine, not on the texts."""


class Exit(msgspec.Struct, frozen=True):
    """How a worker ended, and how it had lived."""

    code: int
    """Exit status; a signal is negative."""
    ready_for_s: float = 0.0
    slots: int = 0
    """Slots it ran with; 0 when it never told."""
    error: ErrorBody | None = None
    """Why it said that it cannot start."""
    verdict: str = ""
    """Why the supervisor ended it, in words; empty when it went by itself."""


class Restart(msgspec.Struct, frozen=True):
    """What to do after an exit."""

    delay_s: float | None
    """`None`: not before a reload."""
    failures: int
    """Short lives in a row, this one included."""
    error: ErrorBody
    slots: int | None = None
    """At most so many slots from now on; `None`: as before."""

    @property
    def hopeless(self) -> bool:
        """Whether waiting is of no use to a request: the engine said that it cannot start."""
        return self.error.code != WorkerLost.code


class Signs(msgspec.Struct, frozen=True):
    """Signs of life at one moment, as times of a monotonic clock; `None` where nothing is due."""

    starting_since: float | None = None
    ping_since: float | None = None
    """When the ping was sent that is not answered yet."""
    quiet_since: float | None = None
    """Last word on the open request that has been silent for longest."""


def move(now: Phase, then: Phase) -> Phase:
    """The next phase; a move that the table forbids is a bug of ours."""
    assert then in LEGAL_PHASES[now], f"the worker cannot go from {now} to {then}"
    return then


def back_off_s(failures: int) -> float:
    """Pause before the next start, after so many short lives in a row."""
    return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(max(failures - 1, 0), 16))


def after_exit(end: Exit, failures: int) -> Restart:
    """When to start the next worker, and what to tell meanwhile. `failures`: short lives in a row before this one."""
    count = 1 if end.ready_for_s >= HEALTHY_S else failures + 1
    if end.error is not None or end.code == EXIT_CANNOT_START:
        return _cannot_start(end, count)
    delay = back_off_s(count)
    error = ErrorBody(WorkerLost.code, f"the worker {describe(end)}; the next one starts in {delay:g} s", None, True)
    slots = fewer_slots(end.slots) if end.code == EXIT_OUT_OF_MEMORY else None
    return Restart(delay, count, error, slots)


def _cannot_start(end: Exit, count: int) -> Restart:
    error = end.error or ErrorBody(
        EngineNotReady.code, "the engine cannot start and gave no reason; its last words are in the log"
    )
    return Restart(MISSING_DEVICE_S if error.retryable else None, count, error)


def fewer_slots(slots: int) -> int:
    """A quarter less, at least one; one when nobody knows how many there were."""
    return max(1, slots * 3 // 4)


def describe(end: Exit) -> str:
    """How the worker ended, to follow "the worker"."""
    if end.verdict:
        return end.verdict
    if end.error is not None:
        return f"could not start: {end.error.message}"
    if end.code < 0:
        return f"was killed by {_signal_name(-end.code)}"
    if end.code == EXIT_OUT_OF_MEMORY:
        return "ran out of memory"
    return f"ended by itself with status {end.code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def hung(signs: Signs, limits: Engine, now: float) -> str | None:
    """Why the worker counts as hung, to follow "the worker"; `None` while it does not."""
    if _due(signs.starting_since, limits.start_timeout_s, now):
        return f"was not ready after {limits.start_timeout_s:g} s"
    if _due(signs.ping_since, limits.ping_timeout_s, now):
        return f"hung: no answer to a ping for {limits.ping_timeout_s:g} s"
    if _due(signs.quiet_since, limits.chunk_timeout_s, now):
        return f"hung: a segment without new audio for {limits.chunk_timeout_s:g} s"
    return None


def _due(since: float | None, timeout_s: float, now: float) -> bool:
    return since is not None and now - since >= timeout_s


def ping_every_s(limits: Engine) -> float:
    """Several pings fit into the timeout; an idle worker is not woken more often than that needs."""
    return min(2.0, max(0.2, limits.ping_timeout_s / 5))


def overslept(slept_s: float, wanted_s: float) -> bool:
    """Whether the daemon itself stood still (suspended, stopped, starved): then nobody else is late."""
    return slept_s > wanted_s + OVERSLEPT_S


def judge_canary(error: TtsdError | None, chunks: Sequence[bytes]) -> str:
    """Why the engine is not to be trusted, to follow "the worker"; empty when it is, or had no slot for the proof."""
    if isinstance(error, Busy):
        return ""
    if error is not None:
        return f"failed its canary: {error.message}"
    if not any(audible(pcm) for pcm in chunks):
        return "failed its canary: the engine spoke silence"
    return ""


def failures_in_a_row(before: int, error: TtsdError | None) -> int:
    """How many segments in a row failed; what the request or the moment is to blame for says nothing of the engine."""
    if error is None:
        return 0
    return before if isinstance(error, BadRequest | Unavailable) else before + 1


def audible(pcm: bytes) -> bool:
    """Whether s16le `pcm` is more than silence."""
    samples = array.array("h", pcm[: len(pcm) // 2 * 2])
    return bool(samples) and (max(samples) >= AUDIBLE_PEAK or min(samples) <= -AUDIBLE_PEAK)

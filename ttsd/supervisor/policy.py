"""What the supervisor decides: values and the time in, a value out; nothing here waits or acts."""

import array
import signal
from collections.abc import Sequence
from typing import Final

import msgspec

from ttsd.config import Engine
from ttsd.protocol.engine import EXIT_CANNOT_START, EXIT_DEVICE_FAILED, EXIT_OUT_OF_MEMORY
from ttsd.protocol.errors import BadRequest, Busy, EngineNotReady, ErrorBody, TtsdError, Unavailable, WorkerLost
from ttsd.protocol.health import LEGAL_PHASES, ExitCause, GpuSample, HealthSample, Phase

FIRST_DELAY_S: Final = 0.2
LONGEST_DELAY_S: Final = 30.0
HEALTHY_S: Final = 60.0
"""A worker that was ready for so long starts the back-off anew."""
MISSING_DEVICE_S: Final = 60.0
"""How often a device that is not there is looked for."""
OVERSLEPT_S: Final = 1.0
OVERDUE_S: Final = 20.0
"""A worker that nobody has looked after for so much longer than meant: its supervisor is stuck."""
AUDIBLE_PEAK: Final = 328
"""Peak of a 16-bit sample (-40 dBFS) below which a canary counts as silent."""
ROOM_FOR_ANOTHER: Final = 1.1
"""A second worker takes as much memory as the first, and a little more while it loads."""
DOUBTFUL_FAILURES: Final = 5
"""So many segments in a row that the engine could not speak cast doubt on the engine, not on the texts."""
CODES: Final = {
    EXIT_CANNOT_START: ExitCause.CANNOT_START,
    EXIT_OUT_OF_MEMORY: ExitCause.OUT_OF_MEMORY,
    EXIT_DEVICE_FAILED: ExitCause.CUDA_ERROR,
}
CANARY_FAILED: Final = "failed its canary: "
HUNG: Final = "hung: "
LATE: Final = "was not ready after "
CARD_LOST: Final = "lost its card: "
UNSTARTED: Final = "could not be started: "
VERDICTS: Final = {
    CANARY_FAILED: ExitCause.CANARY,
    HUNG: ExitCause.HANG,
    LATE: ExitCause.HANG,
    UNSTARTED: ExitCause.CANNOT_START,
    CARD_LOST: ExitCause.CARD_LOST,
}
"""What the verdicts that are no crash begin with."""


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
    if end.code == EXIT_DEVICE_FAILED:
        return "lost its card to a CUDA error; the log has it"
    return f"ended by itself with status {end.code}"


def cause(end: Exit) -> ExitCause:
    """The same in one word, for an end that nobody asked for."""
    for words, meant in VERDICTS.items():
        if end.verdict.startswith(words):
            return meant
    if end.error is not None:
        return ExitCause.CANNOT_START
    return CODES.get(end.code, ExitCause.CRASH)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def hung(signs: Signs, limits: Engine, now: float) -> str | None:
    """Why the worker counts as hung, to follow "the worker"; `None` while it does not."""
    if _due(signs.starting_since, limits.start_timeout_s, now):
        return f"{LATE}{limits.start_timeout_s:g} s"
    if _due(signs.ping_since, limits.ping_timeout_s, now):
        return f"{HUNG}no answer to a ping for {limits.ping_timeout_s:g} s"
    if _due(signs.quiet_since, limits.chunk_timeout_s, now):
        return f"{HUNG}a segment without new audio for {limits.chunk_timeout_s:g} s"
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
        return f"{CANARY_FAILED}{error.message}"
    if not any(audible(pcm) for pcm in chunks):
        return f"{CANARY_FAILED}the engine spoke silence"
    return ""


def failures_in_a_row(before: int, error: TtsdError | None, *, silent: bool = False) -> int:
    """How many segments in a row failed, or were `silent`; the request or the moment may be to blame instead."""
    if error is None:
        return before + 1 if silent else 0
    return before if isinstance(error, BadRequest | Unavailable) else before + 1


def audible(pcm: bytes) -> bool:
    """Whether s16le `pcm` is more than silence."""
    samples = array.array("h", pcm[: len(pcm) // 2 * 2])
    return bool(samples) and (max(samples) >= AUDIBLE_PEAK or min(samples) <= -AUDIBLE_PEAK)


def served(cards: Sequence[GpuSample]) -> GpuSample | None:
    """The card that our worker computes on, as far as that is known."""
    return next((card for card in cards if card.serves), None)


def fits_beside(sample: HealthSample, device: str, fresh_bytes: int = 0, budget_bytes: int = 0) -> bool:
    """Whether there is room for a second worker beside the one on `device`: on the host, and on its card.

    It takes `fresh_bytes` where the engine computes, as far as that is known, else as much as the first one. With a
    budget, both together have to keep to that, too.
    """
    host = sample.host
    resident = fresh_bytes if device == "cpu" and fresh_bytes else host.worker_rss_bytes
    if resident * ROOM_FOR_ANOTHER > host.memory_total_bytes - host.memory_used_bytes:
        return False
    if device == "cpu" or (card := served(sample.gpus)) is None:
        return True
    ours = card.memory_of(ours=True) or sample.work.vram_bytes
    free = (card.memory_total_bytes or 0) - (card.memory_used_bytes or 0)
    return (fresh_bytes or ours) * ROOM_FOR_ANOTHER <= (min(free, budget_bytes - ours) if budget_bytes else free)


def unloaded(reason: str, *, on_demand: bool = False) -> str:
    """Why there is no worker after somebody unloaded the model, or nobody asked for it, and the way out."""
    way_out = "the next request loads it" if on_demand else "`ttsd model load` loads it"
    return f"the model is unloaded: {reason}; {way_out}"


def spared(slots: int) -> str:
    """Why a worker has no more than `slots` slots."""
    return f"memory ran out: it has no more than {slots}, until a reload of the configuration tries all of them again"

"""What the worker's memory calls for: a reading, the rules and the time in, a verdict out; nothing here acts."""

import time
from typing import Final

import msgspec

from ttsd.protocol.health import MemoryLimit, PressureKind
from ttsd.supervisor.trend import Growth

HOUR_S: Final = 3600.0
RETRY_S: Final = 30
"""When to come back while others hold the memory: nobody knows how long they do."""


class Rules(msgspec.Struct, frozen=True):
    """Of one limit."""

    fraction: float
    """Of the whole, above which is too much."""
    hysteresis: float
    sustained_s: float
    pause_s: float
    """Between two replacements; twice as long after each within an hour."""
    most_an_hour: int


class Reading(msgspec.Struct, frozen=True):
    """Memory at one moment, against one limit."""

    at_s: float
    """Unix time."""
    limit: MemoryLimit
    place: str
    """What is measured, to follow "of"."""
    used_bytes: int
    total_bytes: int
    own_bytes: int
    """Of these, the worker's."""
    canary_bytes: int
    """What the worker had when it had just proved itself: what a fresh one has."""
    growth: Growth | None = None
    key: str = ""
    """Where the limit is set."""

    @property
    def grown_bytes(self) -> int:
        """What a fresh worker would give back."""
        return max(0, self.own_bytes - self.canary_bytes)


class Watch(msgspec.Struct, frozen=True):
    """What has to be remembered of one limit from reading to reading."""

    over_since_s: float | None = None
    pressed: bool = False


class Fine(msgspec.Struct, frozen=True):
    """Nothing is to be done."""


class Recycle(msgspec.Struct, frozen=True):
    """A fresh worker would help, and may be had now."""

    reason: str


class Pressure(msgspec.Struct, frozen=True):
    """Too much is in use, and a fresh worker would not help, or may not be had yet."""

    kind: PressureKind
    reason: str
    refuses: bool
    """Whether nothing new is to be begun meanwhile."""
    retry_s: int = RETRY_S


Verdict = Fine | Recycle | Pressure


def recent(recycled_s: tuple[float, ...], now_s: float) -> tuple[float, ...]:
    """The replacements that still count: those of the last hour."""
    return tuple(at_s for at_s in recycled_s if 0 <= now_s - at_s < HOUR_S)


def decide(watch: Watch, reading: Reading, rules: Rules, recycled_s: tuple[float, ...]) -> tuple[Watch, Verdict]:
    """What to do, and what to remember; `recycled_s`: when workers were replaced for their memory, oldest first.

    Use has to stay above the limit for `sustained_s`; pressure lasts until it is below the limit less the hysteresis.
    """
    high, low = _bounds(reading, rules)
    if reading.used_bytes <= (low if watch.pressed else high):
        return Watch(), Fine()
    since_s = reading.at_s if watch.over_since_s is None else watch.over_since_s
    if not watch.pressed and reading.at_s - since_s < rules.sustained_s:
        return Watch(since_s), Fine()
    verdict = _remedy(reading, rules, recent(recycled_s, reading.at_s))
    return Watch(since_s, isinstance(verdict, Pressure)), verdict


def _bounds(reading: Reading, rules: Rules) -> tuple[float, float]:
    return rules.fraction * reading.total_bytes, (rules.fraction - rules.hysteresis) * reading.total_bytes


def _remedy(reading: Reading, rules: Rules, recycled_s: tuple[float, ...]) -> Verdict:
    _, low = _bounds(reading, rules)
    use = _use(reading, rules)
    if reading.used_bytes - reading.grown_bytes >= low:
        return _in_vain(reading, low, use)
    reason = f"{use}; {_own(reading)}"
    if len(recycled_s) >= rules.most_an_hour:
        again_s = recycled_s[-rules.most_an_hour] + HOUR_S
        told = (
            f"{use} again, though the worker was replaced {_times(len(recycled_s))} within an hour; the next time is "
            f"at {_clock(again_s)}, or now by `ttsd model recycle`: fewer slots need less memory"
        )
        return Pressure("capped", told, refuses=True, retry_s=_until(again_s, reading.at_s))
    if recycled_s and reading.at_s < (again_s := recycled_s[-1] + rules.pause_s * 2 ** (len(recycled_s) - 1)):
        told = f"{reason}; it was replaced at {_clock(recycled_s[-1])}, and is not again before {_clock(again_s)}"
        return Pressure("waiting", told, refuses=False, retry_s=_until(again_s, reading.at_s))
    return Recycle(reason)


def _in_vain(reading: Reading, low: float, use: str) -> Pressure:
    """A fresh worker would give back too little."""
    if reading.canary_bytes >= low:
        needs = f"the model alone needs {amount(reading.canary_bytes)}: fewer slots need less, or raise {reading.key}"
        return Pressure("tight", f"{use}; {needs}", refuses=False)
    others = amount(reading.used_bytes - reading.own_bytes)
    told = f"{use}, {others} of it by other processes: a fresh worker would not help; free what they hold"
    return Pressure("others", told, refuses=True)


def _use(reading: Reading, rules: Rules) -> str:
    share = reading.used_bytes / reading.total_bytes
    limit = "" if rules.fraction == 1 else f" ({share:.0%}, above {rules.fraction:.0%})"
    return f"of {reading.place}, {amount(reading.used_bytes)} of {amount(reading.total_bytes)} are in use{limit}"


def _own(reading: Reading) -> str:
    holds = f"the worker holds {amount(reading.own_bytes)}, {amount(reading.grown_bytes)} more than at its start"
    return f"{holds}, and {in_words(reading.growth)}" if reading.growth else holds


def in_words(growth: Growth) -> str:
    """A leak, to follow "the worker's memory"."""
    return f"grew {amount(growth.bytes_per_s * 60)} a minute since {_clock(growth.since_s)}"


def amount(bytes_: float) -> str:
    """Such as `12 MB` or `3.4 GB`, in the powers of two that drivers count in."""
    if bytes_ >= 2**30:
        return f"{bytes_ / 2**30:.1f} GB"
    return f"{bytes_ / 2**20:.0f} MB" if bytes_ >= 10 * 2**20 else f"{bytes_ / 2**20:.1f} MB"


def _clock(at_s: float) -> str:
    return time.strftime("%H:%M", time.localtime(at_s))


def _until(then_s: float, now_s: float) -> int:
    return max(1, round(then_s - now_s))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"

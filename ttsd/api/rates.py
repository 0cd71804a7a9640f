"""How much of something each may do: token buckets and day's allowances. Pure but for the tables they keep."""

import math
from collections import OrderedDict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final

import msgspec

from ttsd.asker import name_of
from ttsd.protocol.errors import Throttled, TtsdError

MOST: Final = 4096
"""Who is remembered at once; who was longest not seen is forgotten first, and has a full bucket again."""
DAY_S: Final = 86_400


class Rate(msgspec.Struct, frozen=True):
    """So many a second, and `burst` at once."""

    per_s: float
    burst: float


class Bucket(msgspec.Struct, frozen=True):
    """What somebody had left at a time."""

    left: float
    at_s: float


def refilled(bucket: Bucket | None, rate: Rate, now_s: float) -> Bucket:
    """The same at `now_s`; who is new has all of it. A clock that went back adds nothing."""
    if bucket is None:
        return Bucket(rate.burst, now_s)
    return Bucket(min(rate.burst, bucket.left + max(0.0, now_s - bucket.at_s) * rate.per_s), now_s)


class Buckets:
    """Owns the buckets of those who were seen of late."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, who: str, rate: Rate, now_s: float) -> float:
        """How long until `who` may do one more; 0: now."""
        left = refilled(self._buckets.get(who), rate, now_s).left
        return 0.0 if left >= 1 else (1 - left) / rate.per_s

    def take(self, who: str, rate: Rate, now_s: float) -> float:
        """One of it is used, if it may be; returns how long to wait otherwise."""
        bucket = refilled(self._buckets.pop(who, None), rate, now_s)
        wait_s = 0.0 if bucket.left >= 1 else (1 - bucket.left) / rate.per_s
        self._buckets[who] = bucket if wait_s else Bucket(bucket.left - 1, now_s)
        if len(self._buckets) > MOST:
            self._buckets.popitem(last=False)
        return wait_s


def midnight(now_s: float) -> float:
    """When the day began, in UTC."""
    return now_s // DAY_S * DAY_S


class Allowance:
    """Owns how many characters each has had spoken on the day that is; a new day (in UTC) forgets it."""

    def __init__(self) -> None:
        self._day = 0
        self._used: OrderedDict[str, int] = OrderedDict()

    def spend(self, who: str, characters: int, most: int, now_s: float) -> None:
        """Count them; `most` of 0 bounds nothing. Raises Throttled, and counts nothing, when they are too many."""
        day = self._turn(now_s)
        used = self._used.get(who, 0)
        if most and used + characters > most:
            raise Throttled(
                f"{name_of(who) or 'this client'} has had {used:,} characters spoken today, and these are "
                f"{characters:,}; at most {most:,} are a day's ([limits] max_chars_per_day), and a "
                "new day begins at midnight UTC",
                retry_after_s=max(1, math.ceil((day + 1) * DAY_S - now_s)),
            )
        self._count(who, characters)

    @contextmanager
    def spent(self, who: str, characters: int, most: int, now_s: float) -> Generator[None]:
        """As `spend`; they are given back when the block is refused or fails: when it raises TtsdError."""
        self.spend(who, characters, most, now_s)
        day = self._day
        try:
            yield
        except TtsdError:
            if day == self._day:
                self._count(who, -min(characters, self._used.get(who, 0)))
            raise

    def recall(self, used: Mapping[str, int], now_s: float) -> None:
        """What was counted on this day before the daemon's start."""
        self._turn(now_s)
        for who, characters in used.items():
            self._count(who, characters)

    def _turn(self, now_s: float) -> int:
        """The day that is; what was used on another one is forgotten."""
        if (day := int(now_s // DAY_S)) != self._day:
            self._day = day
            self._used.clear()
        return day

    def _count(self, who: str, characters: int) -> None:
        self._used[who] = self._used.get(who, 0) + characters
        self._used.move_to_end(who)
        if len(self._used) > MOST:
            self._used.popitem(last=False)

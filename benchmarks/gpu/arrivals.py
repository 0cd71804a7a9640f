"""Many listeners: requests that arrive at random, and as many as there are slots at once."""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec

from benchmarks.gpu.options import Bench
from benchmarks.gpu.playback import Playback
from benchmarks.gpu.sources import Source
from benchmarks.report import Row, Table, percentile, single, spread

RATES: Final = (1.0, 10.0, 20.0)
"""Requests a second."""
DURATION_S: Final = 60.0
QUICK_S: Final = 10.0
REHEARSAL_S: Final = 3.0
ROUNDS: Final = 5
FIRST_NUMBER: Final = 1000
"""So that no text is asked for that was before."""


class Heard(msgspec.Struct, frozen=True):
    """What one listener had of his request; times since it arrived."""

    queued_s: float
    """Until somebody was free to serve it."""
    first_s: float
    ended_s: float
    underruns: int
    silent_s: float
    audio_s: float


class Crowd:
    """As many listeners at once as the worker has slots; the others queue."""

    def __init__(self, source: Source, slots: int) -> None:
        self._source = source
        self._slots = slots
        self._next = FIRST_NUMBER

    def come(self, arrivals: Sequence[float]) -> tuple[list[Heard], float]:
        """One at each of the times, in seconds from now; what they heard, and when the last of it ended."""
        began = time.perf_counter()
        with ThreadPoolExecutor(self._slots) as pool:
            waiting = [pool.submit(self._listen, number, began + at_s) for number, at_s in self._numbered(arrivals)]
            heard = [one.result() for one in waiting]
        return heard, time.perf_counter() - began

    def _numbered(self, arrivals: Sequence[float]) -> Iterator[tuple[int, float]]:
        """Each when its time has come."""
        began = time.perf_counter()
        for at_s in arrivals:
            time.sleep(max(0.0, began + at_s - time.perf_counter()))
            self._next += 1
            yield self._next, at_s

    def _listen(self, number: int, arrived_s: float) -> Heard:
        queued_s = time.perf_counter() - arrived_s
        playback = Playback()
        for pcm in self._source(number):
            playback.hear(time.perf_counter() - arrived_s, pcm)
        ended_s = time.perf_counter() - arrived_s
        return Heard(queued_s, playback.first_s, ended_s, playback.underruns, playback.silent_s, playback.audio_s)


def at_random(rate: float, duration_s: float, seed: int) -> list[float]:
    """Times of a Poisson process."""
    draw, at_s, found = random.Random(seed), 0.0, list[float]()
    while (at_s := at_s + draw.expovariate(rate)) < duration_s:
        found.append(at_s)
    return found or [0.0]


def poisson(bench: Bench, source: Source, where: str) -> Iterator[Table]:
    """A table for each rate."""
    crowd = Crowd(source, bench.options.slots)
    for rate in RATES:
        arrivals = at_random(rate, _duration_s(bench), seed=int(rate))
        heard, _ = crowd.come(arrivals)
        targets = {"first": bench.options.target(35.0), "underruns": bench.options.target(0.0)} if rate == 20 else {}
        note = f"{len(arrivals)} requests in {_duration_s(bench):g} s; each of them 5 s of speech, a known clip's voice"
        title = f"{rate:g} requests a second at random, {where}"
        yield Table(title, _rows(heard, targets), (note, "a listener plays from his first sample on, and counts gaps"))


def _duration_s(bench: Bench) -> float:
    if not bench.card.is_real:
        return REHEARSAL_S
    return QUICK_S if bench.options.quick else DURATION_S


def _rows(heard: Sequence[Heard], targets: dict[str, object]) -> tuple[Row, ...]:
    first = [one.first_s * 1000 for one in heard]
    rows = (
        spread("request to first sound", first),
        single("the same, 95th percentile", percentile(first, 0.95), "ms"),
        spread("of this: until a slot's thread was free", [one.queued_s * 1000 for one in heard]),
        single("gaps in what was played, all listeners", sum(one.underruns for one in heard), ""),
        spread("silence in the gaps of a listener", [one.silent_s * 1000 for one in heard]),
        spread("request to last sound", [one.ended_s * 1000 for one in heard]),
    )
    judged = {1: targets.get("first"), 3: targets.get("underruns")}
    return tuple(msgspec.structs.replace(row, target=judged.get(place)) for place, row in enumerate(rows))


def at_once(bench: Bench, source: Source, where: str) -> Table:
    """As many as there are slots."""
    crowd, slots = Crowd(source, bench.options.slots), bench.options.slots
    rates, all_heard = list[float](), list[Heard]()
    for _ in range(bench.options.count(ROUNDS)):
        heard, took_s = crowd.come([0.0] * slots)
        rates.append(sum(one.audio_s for one in heard) / took_s)
        all_heard += heard
    speed = spread("seconds of speech a second", rates, "s/s", target=bench.options.target(500, at_least=True))
    return Table(f"{slots} requests at once, {where}", (speed, *_rows(all_heard, {})))

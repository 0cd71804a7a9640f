"""Everything at once for minutes: streams that are played, a full queue, a status that is looked at, idle people."""

import asyncio
import itertools
import statistics
from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec
import psutil

from benchmarks.daemon import Daemon, daemon
from benchmarks.options import Options
from benchmarks.players import BUFFERED_S, STAY_S, Crowd, burst
from benchmarks.programs import usage
from benchmarks.report import Row, Table, Target, percentile, single, spread
from benchmarks.texts import sentences
from ttsd.listening import open_many_files

NONE: Final = Target(0.0)
STATUS_MS: Final = Target(50.0)
LAG_MS: Final = Target(20.0)
GROWTH_PERCENT: Final = Target(5.0)
WARMING: Final = 0.25
"""Share of the time after which memory counts as warm."""
STATUS_EVERY_S: Final = 0.1


class Load(msgspec.Struct, frozen=True):
    """How much of everything."""

    seconds: float
    streams: int = 64
    jobs: int = 1000
    slow: int = 8
    """Of the streams."""
    idle: int = 1000
    background: int = 14
    """Slots for jobs."""
    rtf: float = 0.7
    """Seconds of the engine's work for a second of speech: it has little time to spare for the daemon."""
    clips_mb: int = 16
    """Full before memory counts as warm: until then the store's index grows, by 0.3 KB a clip."""

    @property
    def settings(self) -> dict[str, float | str]:
        """Of the daemon: a slot for each who listens, and some for the queue."""
        return {
            "engine.name": "fake",
            "engine.live_slots": self.streams,
            "fake.slots": self.streams + self.background,
            "fake.rtf": self.rtf,
            "fake.first_chunk_ms": 20,
            "gpu.sample_s": 0.5,
            "clips.max_gb": self.clips_mb / 1024,
        }


class Seen(msgspec.Struct, frozen=True):
    """What was measured of the daemon meanwhile."""

    cpu_s: float
    memory_mb: tuple[float, ...]
    """Its own (USS), once a second."""
    accepted: int
    crowd: Crowd


def run(options: Options) -> Iterator[Table]:
    minutes = options.minutes or (0.2 if options.quick else 5.0)
    open_many_files()
    yield under(Load(minutes * 60))
    yield beyond_limits(1000, 200)


def under(load: Load) -> Table:
    """The figures of a daemon under that load."""
    with daemon(load.settings) as ttsd:
        seen = asyncio.run(_loaded(ttsd, load))
    return Table(_title(load), tuple(_rows(load, seen)), tuple(_notes(seen)))


async def _loaded(ttsd: Daemon, load: Load) -> Seen:
    crowd = Crowd(ttsd.socket, sentences(seed=7))
    before_s = usage(ttsd.pid).cpu_s
    async with asyncio.TaskGroup() as group:
        queueing = group.create_task(crowd.keep_queued(load.jobs))
        group.create_task(crowd.look(STATUS_EVERY_S))
        group.create_task(crowd.mind_own_lag())
        memory = group.create_task(_memory(ttsd.pid, load.seconds))
        for n in range(load.idle):
            group.create_task(crowd.stay(n / load.idle * STAY_S))
        playing = load.streams - load.slow
        for who in (*itertools.repeat(crowd.listen, playing), *itertools.repeat(crowd.read_slowly, load.slow)):
            group.create_task(who())
            await asyncio.sleep(min(0.05, 1.0 / load.streams))
        sizes = await memory
        crowd.over = True
        cpu_s = usage(ttsd.pid).cpu_s - before_s
    await crowd.close()
    return Seen(cpu_s, tuple(sizes), queueing.result(), crowd)


async def _memory(pid: int, seconds: float) -> list[float]:
    """Looked at once a second for so long."""
    process, loop = psutil.Process(pid), asyncio.get_running_loop()
    until, found = loop.time() + seconds, list[float]()
    while loop.time() < until:
        found.append(process.memory_full_info().uss / 2**20)
        await asyncio.sleep(1.0)
    return found


def _title(load: Load) -> str:
    return (
        f"{load.streams} streams ({load.slow} of them read at 20 KB/s), {load.jobs} jobs waiting, {load.idle} idle "
        f"connections, status at 10 Hz, for {load.seconds:g} s; engine fake at {load.rtf} of real time"
    )


def _rows(load: Load, seen: Seen) -> Iterator[Row]:
    crowd = seen.crowd
    yield single(f"gaps in what is played ({crowd.streams} streams)", crowd.underruns, "", target=NONE)
    yield single("refused or broken off", len(crowd.failures), "", target=NONE)
    yield spread("status", crowd.status_ms)
    yield single("status, 99 %", percentile(crowd.status_ms, 0.99), "ms", target=STATUS_MS)
    yield spread("worst lateness of the loop in half a second", crowd.lag_ms)
    yield single("the same, 99 %", percentile(crowd.lag_ms, 0.99), "ms", target=LAG_MS)
    yield spread("first sound", crowd.first_ms)
    yield single("memory of the daemon at the end", seen.memory_mb[-1], "MB")
    yield single("growth since it was warm", growth_percent(seen.memory_mb), "%", target=GROWTH_PERCENT)
    done = crowd.status["queue"]["succeeded"]
    yield single("jobs done", done, "")
    yield single("CPU of the daemon", seen.cpu_s / load.seconds * 100, "% of a core")
    yield single("for a second of streamed speech, jobs and all", seen.cpu_s / crowd.audio_s * 1e6, "µs")


def growth_percent(sizes: tuple[float, ...]) -> float:
    """From the time after warming up to the end, by medians of tenths of the samples."""
    warm = sizes[int(len(sizes) * WARMING) :]
    tenth = max(1, len(warm) // 10)
    first, last = statistics.median(warm[:tenth]), statistics.median(warm[-tenth:])
    return (last - first) / first * 100


def _notes(seen: Seen) -> Iterator[str]:
    crowd = seen.crowd
    yield f"a listener begins with {BUFFERED_S * 1000:g} ms buffered; gaps of {crowd.dry_s:.2f} s in all"
    yield f"own lateness of this process, which is in all of it: 99 % {percentile(crowd.own_lag_ms, 0.99):.1f} ms"
    if crowd.dry_at_s:
        yield "gaps at " + ", ".join(f"{at_s:.1f}" for at_s in sorted(crowd.dry_at_s)[:12]) + " s"
    worst = sorted(zip(crowd.lag_ms, crowd.lag_at_s, strict=True), reverse=True)[:8]
    yield "the loop was latest at " + ", ".join(f"{at_s:.1f} s ({lag_ms:.0f} ms)" for lag_ms, at_s in worst)
    for what, count in Counter(crowd.failures).most_common(5):
        yield f"{count} × {what}"


def beyond_limits(count: int, limit: int) -> Table:
    """More connections than there may be: each is answered, or told when to come back."""
    with daemon({"engine.name": "fake", "limits.max_connections": limit}) as ttsd:
        told = Counter(asyncio.run(burst(ttsd.socket, count)))
        again = Counter(asyncio.run(burst(ttsd.socket, limit // 2)))
    rows = (
        single("answered", told["200"], ""),
        single("told when to come back (503)", told["503+"], ""),
        single("anything else, or nothing", count - told["200"] - told["503+"], "", target=NONE),
        single("not answered when the others have left", limit // 2 - again["200"], "", target=NONE),
    )
    return Table(f"{count} connections at once where {limit} may be", rows)

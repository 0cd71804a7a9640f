"""Eight hours of a busy daemon, fast-forward: what the app keeps has an end."""

import gc
import sys
from collections.abc import Iterator

import psutil
import pytest
from msgspec.structs import replace

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.events import EventMessage, HealthSampled, JobChanged, LogEvent
from ttsd.protocol.jobs import JobState
from tui.recording import Recording
from tui.screens.speak import Composer

HOURS = 8
WARM = 3
"""The hour after which everything that has a bound has reached it, but for caches of the libraries."""
BLOCKS = 0.06
RSS_BYTES = 8_000_000
"""What may be added between then and the end: as a share of Python's blocks of memory, and to the process."""
LINES = 5_000
"""The log page keeps more, which a night would not fill."""
JOB_EVERY_S = 4
TAKES_AN_HOUR = 30
MODES = ("speak", "voices", "jobs", "health", "logs")
STATES = (JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED)
NOW_S = 1_770_000_000.0


class Day:
    """What a daemon says in an hour: a sample every two seconds, a line of the log each second, and jobs."""

    def __init__(self, make_status, make_job) -> None:
        self._sample = make_status().health
        self._job = make_job
        self.seq = 1000

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def hour(self, number: int) -> Iterator[EventMessage]:
        for second in range(number * 3600, (number + 1) * 3600):
            at_s = NOW_S + second
            yield LogEvent(self._next(), at_s, "info", f"event.{second % 13}", {"job": f"job {second}", "n": second})
            if second % 2 == 0:
                yield HealthSampled(self._next(), replace(self._sample, at_s=at_s))
            if second % JOB_EVERY_S == 0:
                yield from self._life(second)

    def _life(self, second: int) -> Iterator[EventMessage]:
        for state in STATES:
            job = self._job(f"text-{second}.txt", state, ago_s=-second, segments_total=9, output=f"/out/{second}.wav")
            yield JobChanged(self._next(), job)
        if second % 1800 == 0:
            error = ErrorBody("internal", f"it failed at {second}")
            yield JobChanged(self._next(), self._job(f"bad-{second}.txt", JobState.FAILED, ago_s=-second, error=error))


def memory(app) -> tuple[int, int]:
    """Python's blocks, and bytes of the process."""
    app.clear_notifications()
    gc.collect()
    return sys.getallocatedblocks(), psutil.Process().memory_info().rss


async def listen(replay, app, pilot, until, number: int) -> None:
    """A few takes are made and heard, each instead of the one before."""
    await pilot.press("f1")
    composer = app.screen.query_one(Composer)
    for n in range(TAKES_AN_HOUR):
        composer.clear()
        composer.insert(f"Take {number} {n}. ")
        await until(lambda: app.narrator.take.samples)
        app.narrator.stop()
    for kept in (replay.said, replay.lives, replay.asked, replay.fed):  # the stand-in keeps what it was told
        kept.clear()


@pytest.mark.timeout(180)
@pytest.mark.heavy
async def test_eight_hours_leave_no_more_than_four(replay, running, until, make_status, make_job, monkeypatch):
    monkeypatch.setattr("tui.loglines.MOST_LIVE", LINES)
    day = Day(make_status, make_job)
    used = []
    async with running(replay, size=(120, 36)) as (app, pilot, _):
        await until(lambda: app.state.status)
        for number in range(HOURS):
            await listen(replay, app, pilot, until, number)
            for mode, portion in zip(MODES, _parts(list(day.hour(number)), len(MODES)), strict=True):
                await pilot.press(f"f{MODES.index(mode) + 1}")
                replay.feed(*portion)
                await until(lambda last=portion[-1].seq: app.state.seq == last)
                await pilot.pause()
            used.append(memory(app))

        takes = sum(type(each) is Recording for each in gc.get_objects())  # isinstance wakes others' lazy objects

    blocks, rss = zip(*used, strict=True)
    assert takes <= 2, "a take that is over is let go"
    assert blocks[-1] - blocks[WARM] <= BLOCKS * blocks[WARM], blocks
    assert rss[-1] - rss[WARM] <= RSS_BYTES, rss


def _parts(events: list[EventMessage], count: int) -> Iterator[list[EventMessage]]:
    size = -(-len(events) // count)
    for start in range(0, len(events), size):
        yield events[start : start + size]

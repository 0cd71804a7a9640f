"""Every page at two sizes, as SVG: what changes its looks shows up in a review.

`pytest tests/tui/test_snapshots.py --snapshot-update` accepts the new looks.
"""

import math

import pytest
from msgspec.structs import replace

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.events import HealthSampled, LogEvent
from ttsd.protocol.jobs import JobState
from tui.widgets.composer import Composer

TEXT = (
    "The first train of the morning was late again, and nobody on the platform was surprised. "
    "Somebody had brought coffee for everyone, which helped more than any timetable. The signal turned"
)


@pytest.fixture
def busy(replay, make_job, make_status):
    """A daemon that has something to show on every page."""
    replay.first = [
        make_job(
            "chapters/03-the-return.md", JobState.RUNNING, ago_s=40, segments_total=48, segments_done=19, audio_s=88
        ),
        make_job("letter-to-grandma.txt", ago_s=31),
        make_job(
            "chapters/02-the-road.md", JobState.SUCCEEDED, ago_s=900, audio_s=312.4, output="/spool/outbox/02.wav"
        ),
        make_job(
            "会议纪要.txt", JobState.FAILED, ago_s=1500, error=ErrorBody("unsupported_language", "no voice for it")
        ),
        make_job("draft.txt", JobState.CANCELLED, ago_s=4000),
        *(make_job(f"news/{n:03d}.txt", JobState.SUCCEEDED, ago_s=5000 + n * 60, audio_s=12.5) for n in range(60)),
    ]
    levels = ("info", "info", "warning", "info", "error")
    replay.log = [
        LogEvent(n, 1_770_000_000.0 + n, levels[n % 5], f"event.{n % 7}", {"job": f"01J{n}", "n": n}) for n in range(60)
    ]
    for n in range(120):
        host = replace(make_status().health.host, cpu=0.3 + 0.2 * math.sin(n / 9), loop_lag_ms=abs(3 * math.sin(n / 3)))
        replay.feed(HealthSampled(100 + n, replace(make_status().health, host=host)))
    return replay


async def begin(app, until) -> None:
    await until(lambda: app.state.seq == 219 and app.screen._engine)
    app.screen.query_one(Composer).cursor_blink = False


async def test_speak_before_anything(busy, running, size, looks, until):
    async with running(busy, size=size) as (app, pilot, _):
        await begin(app, until)
        await looks(app, pilot)


async def test_speak_while_it_sounds(busy, running, size, looks, until):
    async with running(busy, size=size) as (app, pilot, player):
        await begin(app, until)
        app.screen.query_one(Composer).insert(TEXT)
        await until(lambda: len(app.narrator.take.phrases) == 4)
        player.hear(6.0)
        take = app.narrator.take
        app.narrator.rendition.take = replace(take, first_sound_ms=41.0, work_s=2.1, worked_samples=take.samples)
        await looks(app, pilot)


async def test_speak_without_a_device(busy, running, size, looks, until):
    async with running(busy, size=size, device=False) as (app, pilot, _):
        await begin(app, until)
        await until(lambda: app.player.sound.available is False)
        await looks(app, pilot)


async def test_health(busy, running, size, looks, until):
    async with running(busy, size=size) as (app, pilot, _):
        await begin(app, until)
        await pilot.press("f4")
        await until(lambda: app.current_mode == "health")
        await looks(app, pilot)


async def test_logs(busy, running, size, looks, until):
    async with running(busy, size=size) as (app, pilot, _):
        await begin(app, until)
        await pilot.press("f5")
        await until(lambda: app.current_mode == "logs")
        await looks(app, pilot)


async def test_help(busy, running, size, looks, until):
    async with running(busy, size=size) as (app, pilot, _):
        await begin(app, until)
        await pilot.press("ctrl+g")
        await until(lambda: len(app.screen_stack) == 2)
        await looks(app, pilot)


async def test_voices(busy, running, size, looks, until):
    async with running(busy, size=size) as (app, pilot, _):
        await begin(app, until)
        await pilot.press("ctrl+t")
        await until(lambda: len(app.screen_stack) == 2)
        await looks(app, pilot)


async def test_away(replay, running, size, looks, until):
    replay.present = False
    async with running(replay, size=size) as (app, pilot, _):
        await until(lambda: app.current_mode == "away")
        await looks(app, pilot)


async def test_in_light_colours(busy, running, size, looks, until):
    async with running(busy, size=size) as (app, pilot, _):
        await begin(app, until)
        dark = app.export_screenshot()
        app.theme = "ttsd-light"
        await until(lambda: app.export_screenshot() != dark)
        await looks(app, pilot)

"""How the log page looks: a line with its details, a search in light colours and in Chinese, the log's beginning."""

import pytest

from ttsd.protocol.events import LogEvent
from tui.language import choose

TRACE = "Traceback (most recent call last):\n  File \"speech.py\", line 210, in speak\nKeyError: 'anna'"
KINDS = (
    ("info", "job.queued", {"job": "01kc7m2v9q4x8t3h", "title": "chapters/03-the-return.md", "door": "spool"}),
    ("info", "job.finished", {"job": "01kc7m2v9q4x8t3h", "title": "会议纪要/第三章.md", "audio_s": 312.4}),
    ("warning", "job.failed", {"job": "01kc7m30f2j6w1ya", "title": "letter.txt", "reason": "no voice can say Korean"}),
    ("info", "live.ended", {"request_id": "ab12cd34ef56ab78", "audio_s": 12.5, "ttfa_ms": 41.0}),
    ("error", "request.crashed", {"path": "/api/tts", "request_id": "ee12cd34ef56ab90", "exception": TRACE}),
)


def line(n: int) -> LogEvent:
    level, event, fields = KINDS[n % len(KINDS)]
    return LogEvent(n, 1_769_990_000.0 + n * 37, level, event, {"logger": "ttsd", **fields})


@pytest.fixture
def log(replay, running, size):
    """The app on the log page of a busy daemon."""
    replay.log = [line(n) for n in range(100)]
    replay.files = [line(n) for n in range(-4, 0)]
    return lambda: running(replay, size=size)


async def test_the_line_under_the_cursor(log, on_page, looks):
    async with log() as (app, pilot, _):
        await on_page(app, pilot, "f5", "logs")
        if app.size.height < 40:
            await pilot.press("d")
        await looks(app, pilot)


async def test_a_search_in_light_colours_and_in_chinese(log, on_page, looks, until):
    choose("zh")
    try:
        async with log() as (app, pilot, _):
            app.theme = "ttsd-light"
            await on_page(app, pilot, "f5", "logs")
            await pilot.press("slash", *"crash", "enter", "up", "up")
            await until(lambda: app.screen._past.stand == "end")
            await looks(app, pilot)
    finally:
        choose("en")


async def test_the_beginning_of_the_log(log, on_page, looks, until):
    async with log() as (app, pilot, _):
        await on_page(app, pilot, "f5", "logs")
        await pilot.press("home")
        await until(lambda: app.screen._past.stand == "end")
        await pilot.press("home")
        await looks(app, pilot)

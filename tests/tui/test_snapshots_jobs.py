"""The jobs page and a receipt at two sizes, in two themes and in Chinese, as SVG."""

import pytest

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import JobState
from tui.screens.receipt import ReceiptScreen
from tui.widgets.joblist import JobList

SENTENCES = [
    "The first train of the morning was late again, and nobody on the platform was surprised.",
    "Somebody had brought coffee for everyone, which helped more than any timetable.",
    "信号灯终于变绿了，站台上的人都笑了起来。",
    "Then the doors closed.",
]


@pytest.fixture
def queue(replay, make_job, make_status, make_receipt):
    running = {"segments_total": 48, "segments_done": 19, "audio_s": 88.0, "eta_s": 125.0}
    replay.first = [
        make_job("urgent-notice.txt", ago_s=12, first=True),
        make_job("letter-to-grandma.txt", ago_s=31),
        make_job("chapters/03-the-return.md", JobState.RUNNING, ago_s=40, **running),
        make_job(
            "chapters/02-the-road.md", JobState.SUCCEEDED, ago_s=900, audio_s=312.4, output="/spool/outbox/02.wav"
        ),
        make_job(
            "会议纪要.txt",
            JobState.FAILED,
            ago_s=1500,
            error=ErrorBody("unsupported_language", "voice heart does not speak Chinese; choose ming or xiao"),
        ),
        make_job("draft.txt", JobState.CANCELLED, ago_s=4000),
        *(make_job(f"news/{n:03d}.txt", JobState.SUCCEEDED, ago_s=5000 + n * 60, audio_s=12.5) for n in range(60)),
    ]
    replay.now = make_status(queue=QueueStatus(queued=2, running=1, succeeded=61, failed=1, cancelled=1))
    replay.receipts[replay.first[3].id] = make_receipt(replay.first[3], SENTENCES)
    return replay


async def open_page(app, pilot, until) -> None:
    await until(lambda: app.state.status)
    await pilot.press("f3")
    await until(lambda: isinstance(app.focused, JobList) and app.focused.selected and app.state.listing.complete)


async def test_marked_jobs_in_light_chinese(queue, running, size, looks, until, in_chinese):
    async with running(queue, size=size) as (app, pilot, _):
        app.theme = "ttsd-light"
        await open_page(app, pilot, until)
        await pilot.press("space", "space", "down", "down")
        await looks(app, pilot)


async def test_what_is_active_in_turn(queue, running, size, looks, until):
    async with running(queue, size=size) as (app, pilot, _):
        await open_page(app, pilot, until)
        await pilot.press("f")
        await until(lambda: app.state.listing.view.which == "active" and app.state.listing.complete)
        await looks(app, pilot)


async def test_a_search(queue, running, size, looks, until):
    async with running(queue, size=size) as (app, pilot, _):
        await open_page(app, pilot, until)
        await pilot.press("slash", *"news", "space", *"01", "enter")
        await until(lambda: app.state.listing.view.search == "news 01" and app.state.listing.complete)
        await looks(app, pilot)


@pytest.mark.parametrize("place", [3, 4], ids=["done", "failed"])
async def test_a_job_opened(queue, running, size, looks, until, place):
    async with running(queue, size=size) as (app, pilot, _):
        await open_page(app, pilot, until)
        await pilot.press(*["down"] * place, "enter")
        await until(lambda: isinstance(app.screen, ReceiptScreen) and app.screen.is_mounted)
        await looks(app, pilot)

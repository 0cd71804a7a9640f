"""The jobs page: a list that moves, and what can be done with a job."""

import pytest

from ttsd.protocol.errors import Conflict, ErrorBody
from ttsd.protocol.events import JobChanged
from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import JobState
from tui.widgets.joblist import JobList


@pytest.fixture
def three(replay, make_job):
    replay.first = [
        make_job("new.txt", ago_s=5),
        make_job("failed.txt", JobState.FAILED, ago_s=60, error=ErrorBody("nope", "no voice speaks it")),
        make_job("done.txt", JobState.SUCCEEDED, ago_s=90, audio_s=12.5, output="/spool/outbox/done.wav"),
    ]
    return replay


async def open_jobs(app, pilot, until) -> JobList:
    await until(lambda: app.state.status)
    await pilot.press("f2")
    await until(lambda: app.screen.query(JobList) and app.screen.query_one(JobList).selected)
    return app.screen.query_one(JobList)


async def test_the_list_moves_with_the_queue(three, running, until, screen_text, make_job):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        assert "○ new.txt" in screen_text(app)

        three.feed(JobChanged(11, make_job("new.txt", JobState.RUNNING, ago_s=5, segments_total=4, segments_done=2)))
        await until(lambda: "◐ new.txt" in screen_text(app))
        assert "━━━━────" in screen_text(app)

        three.feed(JobChanged(12, make_job("new.txt", JobState.SUCCEEDED, ago_s=5, audio_s=3.0)))
        await until(lambda: "● new.txt" in screen_text(app))


async def test_the_cursor_stays_on_its_job_when_others_arrive(three, running, until, make_job):
    async with running(three) as (app, pilot, _):
        jobs = await open_jobs(app, pilot, until)
        await pilot.press("down")
        assert jobs.selected.title == "failed.txt"

        three.feed(JobChanged(11, make_job("newer.txt", ago_s=1)))

        await until(lambda: len(jobs._jobs) == 4)
        assert jobs.selected.title == "failed.txt"


async def test_the_details_tell_why_and_where(three, running, until, screen_text):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await pilot.press("down")
        await until(lambda: "no voice speaks it" in screen_text(app))
        await pilot.press("end")
        await until(lambda: "/spool/outbox/done.json" in screen_text(app))
        assert "12 s of sound" in screen_text(app)


async def test_only_what_a_job_allows_can_be_asked(three, running, until):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        page = app.screen
        allowed = []
        for _ in range(3):
            allowed.append([bool(page.check_action("act", (action,))) for action in ("play", "retry", "cancel")])
            await pilot.press("down")
        assert allowed == [[False, False, True], [False, True, False], [True, False, False]]


async def test_retry_and_cancel_go_to_the_daemon(three, running, until, screen_text, make_job):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await pilot.press("c", "down", "r")
        await until(lambda: len(three.asked) == 2)
        assert three.asked == [("cancel", make_job("new.txt").id), ("retry", make_job("failed.txt").id)]

        three.refuses = Conflict("it is not failed any more")
        await pilot.press("r")
        await until(lambda: "it is not failed any more" in screen_text(app))


async def test_a_finished_job_is_played_and_hushed(three, running, until):
    async with running(three) as (app, pilot, player):
        await open_jobs(app, pilot, until)
        await pilot.press("end", "enter")
        await until(lambda: player._reel.end == 48_000)
        assert player.playing

        await pilot.press("escape")

        assert not player.playing


async def test_the_filter_and_the_counts(three, running, until, screen_text, make_status):
    three.now = make_status(queue=QueueStatus(queued=1, failed=1, succeeded=1))
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        assert "0 running   1 waiting   1 done   1 failed   0 stopped   showing all" in screen_text(app)
        shown = []
        for _ in range(3):
            await pilot.press("f")
            await pilot.pause()
            shown.append([job.title for job in app.screen.query_one(JobList)._jobs])
        assert shown == [["new.txt"], ["failed.txt"], ["done.txt"]]


async def test_the_daemon_counts_again_after_a_job_has_changed(
    three, running, until, screen_text, make_job, make_status
):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        three.now = make_status(queue=QueueStatus(succeeded=4567))
        three.feed(JobChanged(11, make_job("new.txt", JobState.SUCCEEDED, ago_s=5)))

        await until(lambda: "4,567 done" in screen_text(app))


async def test_older_jobs_come_when_the_end_is_reached(three, running, until, make_job):
    async with running(three) as (app, pilot, _):
        jobs = await open_jobs(app, pilot, until)

        await pilot.press("end")

        await until(lambda: len(jobs._jobs) == 4)
        assert three.asked == [("jobs", make_job("done.txt").id)]
        assert jobs._jobs[-1].title == "older.txt"


async def test_without_jobs_the_page_says_where_to_drop_files(replay, running, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f2")
        await until(lambda: "/spool/inbox" in screen_text(app))


async def test_a_burst_of_failures_is_a_few_toasts(replay, running, until, make_job):
    async with running(replay) as (app, _, _):
        await until(lambda: app.state.status)
        for number in range(50):
            replay.feed(JobChanged(11 + number, make_job(f"{number}.txt", JobState.FAILED)))
        await until(lambda: len(app.state.jobs) == 50)
        assert 1 <= len(app._notifications) <= 12


async def test_thousands_of_jobs_cost_no_more_than_a_page(replay, running, until, make_job, screen_text):
    replay.first = [make_job(f"{number:04d}.txt", JobState.SUCCEEDED, ago_s=number) for number in range(2000)]
    async with running(replay) as (app, pilot, _):
        jobs = await open_jobs(app, pilot, until)
        await pilot.press("pagedown", "end", "home", "down", "up", "end")
        await until(lambda: "older.txt" in screen_text(app))
        assert "1999.txt" in screen_text(app)
        assert jobs.selected.title in ("1999.txt", "older.txt")


async def test_a_name_cannot_draw_on_the_terminal(replay, running, until, make_job, screen_text):
    replay.first = [make_job("\x1b[31mred\nline.txt", JobState.FAILED, error=ErrorBody("x", "\x1b[2J[red]no[/]"))]
    async with running(replay) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await until(lambda: "␛[2J[red]no[/]" in screen_text(app))
        assert "\x1b" not in screen_text(app)
        assert "␛[31mred line.txt" in screen_text(app)

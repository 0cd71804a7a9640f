"""The jobs page: a list that moves, and what can be done with jobs."""

import asyncio

import pytest
from msgspec.structs import replace

from ttsd.protocol.errors import Conflict, ErrorBody
from ttsd.protocol.events import JobChanged
from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import JobState
from tui.listing import View
from tui.widgets.confirm import Confirm
from tui.widgets.joblist import JobList


@pytest.fixture
def three(replay, make_job, make_status):
    replay.first = [
        make_job("new.txt", ago_s=5),
        make_job("failed.txt", JobState.FAILED, ago_s=60, error=ErrorBody("nope", "no voice speaks it")),
        make_job("done.txt", JobState.SUCCEEDED, ago_s=90, audio_s=12.5, output="/spool/outbox/done.wav"),
    ]
    replay.now = make_status(queue=QueueStatus(queued=1, failed=1, succeeded=1))
    return replay


@pytest.fixture
def thousands(replay, make_job, make_status):
    replay.first = [make_job(f"{number:05d}.txt", JobState.SUCCEEDED, ago_s=number) for number in range(20_000)]
    replay.now = make_status(queue=QueueStatus(succeeded=20_000))
    return replay


async def open_jobs(app, pilot, until) -> JobList:
    await until(lambda: app.state.status)
    await pilot.press("f3")
    await until(lambda: isinstance(app.focused, JobList) and app.focused.selected)
    return app.screen.query_one(JobList)


def titles(jobs: JobList) -> list[str]:
    return [job.title for job in jobs._rows if job]


async def test_the_list_moves_with_the_queue(three, running, until, screen_text, make_job):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        assert "○ new.txt" in screen_text(app)

        three.feed(
            JobChanged(
                11,
                make_job("new.txt", JobState.RUNNING, ago_s=5, segments_total=4, segments_done=2, eta_s=75.0),
            )
        )
        await until(lambda: "◐ new.txt" in screen_text(app))
        assert "━━━━────" in screen_text(app)
        assert "1:15 left" in screen_text(app)

        three.feed(JobChanged(12, make_job("new.txt", JobState.SUCCEEDED, ago_s=5, audio_s=3.0)))
        await until(lambda: "● new.txt" in screen_text(app))


async def test_the_cursor_stays_on_its_job_when_others_arrive(three, running, until, make_job):
    async with running(three) as (app, pilot, _):
        jobs = await open_jobs(app, pilot, until)
        await pilot.press("down")
        assert jobs.selected.title == "failed.txt"

        three.feed(JobChanged(11, make_job("newer.txt", ago_s=1)))

        await until(lambda: titles(jobs)[0] == "newer.txt")
        assert jobs.selected.title == "failed.txt"


async def test_the_details_tell_why_the_way_out_and_where(three, running, until, screen_text):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await pilot.press("down")
        await until(lambda: "no voice speaks it" in screen_text(app))
        assert "Press r to try again" in screen_text(app)
        await pilot.press("end")
        await until(lambda: "/spool/outbox/done.json" in screen_text(app))
        assert "12 s of sound" in screen_text(app)


async def test_only_what_a_job_allows_can_be_asked(three, running, until):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        page = app.screen
        allowed = []
        for _ in range(3):
            allowed.append(
                [bool(page.check_action(action, ("first",))) for action in ("play", "retry", "cancel", "move")]
            )
            await pilot.press("down")
        assert allowed == [
            [False, False, True, True],
            [False, True, False, False],
            [True, False, False, False],
        ]


async def test_retry_and_cancel_go_to_the_daemon(three, running, until, screen_text, make_job):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await pilot.press("c")
        await until(lambda: isinstance(app.screen, Confirm))
        assert "Stop “new.txt”?" in screen_text(app)
        await pilot.press("y", "down", "r")
        await until(lambda: len(three.asked) == 2)
        assert three.asked == [("cancel", make_job("new.txt").id), ("retry", make_job("failed.txt").id)]

        three.refuses = Conflict("it is not failed any more")
        await pilot.press("r")
        await until(lambda: "it is not failed any more" in screen_text(app))


async def test_who_says_no_stops_nothing(three, running, until):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await pilot.press("c")
        await until(lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        await until(lambda: not isinstance(app.screen, Confirm))
        await pilot.pause()
        assert three.asked == []


async def test_marked_jobs_are_stopped_together(replay, running, until, screen_text, make_job):
    replay.first = [make_job(f"{n}.txt", ago_s=n) for n in range(3)]
    replay.first.append(make_job("done.txt", JobState.SUCCEEDED, ago_s=9))
    async with running(replay) as (app, pilot, _):
        jobs = await open_jobs(app, pilot, until)
        await pilot.press("space", "space", "down", "space")
        await until(lambda: "3 marked" in screen_text(app))
        assert jobs.selected.title == "done.txt"

        await pilot.press("c")
        await until(lambda: "Stop 2 jobs?" in screen_text(app))
        await pilot.press("y")

        await until(lambda: len(replay.asked) == 2)
        assert replay.asked == [("cancel", make_job("0.txt").id), ("cancel", make_job("1.txt").id)]
        await until(lambda: "marked" not in screen_text(app).split("About")[0])


async def test_all_failed_jobs_are_queued_again_once_confirmed(
    replay, running, until, screen_text, make_job, make_status
):
    replay.first = [make_job(f"{n}.txt", JobState.FAILED, ago_s=n) for n in range(4)]
    replay.now = make_status(queue=QueueStatus(failed=4))
    async with running(replay) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await pilot.press("R")
        await until(lambda: "They are 4." in screen_text(app))
        await pilot.press("enter")
        await until(lambda: len(replay.asked) == 4)
        assert replay.asked[0] == ("retry", make_job("3.txt").id), "the oldest first"
        await until(lambda: "4 jobs" in screen_text(app))


async def test_a_waiting_job_goes_before_all_others(three, running, until, make_job):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await pilot.press("t", "K", "J")
        await until(lambda: len(three.asked) == 3)
        assert [to for _, (_, to) in three.asked] == ["first", "up", "down"]


async def test_what_is_active_is_listed_as_its_turn_comes(replay, running, until, make_job, screen_text, make_status):
    replay.first = [make_job(f"{n}.txt", ago_s=n) for n in range(3)]
    replay.now = make_status(queue=QueueStatus(queued=3))
    async with running(replay) as (app, pilot, _):
        jobs = await open_jobs(app, pilot, until)
        await pilot.press("f")
        await until(lambda: titles(jobs) == ["2.txt", "1.txt", "0.txt"])

        replay.feed(JobChanged(11, make_job("0.txt", ago_s=0, first=True)))

        await until(lambda: titles(jobs) == ["0.txt", "2.txt", "1.txt"])
        assert "goes first" in screen_text(app)


async def test_a_finished_job_is_played_and_hushed(three, running, until):
    async with running(three) as (app, pilot, player):
        await open_jobs(app, pilot, until)
        await pilot.press("end", "p")
        await until(lambda: player.reel.end == 48_000)
        assert player.playing

        await pilot.press("escape")

        assert not player.playing


async def test_the_filter_and_the_counts(three, running, until, screen_text):
    async with running(three) as (app, pilot, _):
        jobs = await open_jobs(app, pilot, until)
        assert "0 running  1 waiting  7.0 s left  1 done  1 failed" in screen_text(app)
        for expected in (["new.txt"], ["failed.txt"], ["done.txt"], ["new.txt", "failed.txt", "done.txt"]):
            await pilot.press("f")
            await until(lambda expected=expected: titles(jobs) == expected)
        await pilot.press("o")
        await until(lambda: titles(jobs) == ["done.txt", "failed.txt", "new.txt"])


async def test_the_daemon_counts_again_after_a_job_has_changed(
    three, running, until, screen_text, make_job, make_status
):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        three.now = make_status(queue=QueueStatus(succeeded=4567))
        three.feed(JobChanged(11, make_job("new.txt", JobState.SUCCEEDED, ago_s=5)))

        await until(lambda: "4,567 done" in screen_text(app))


async def test_without_jobs_the_page_says_where_to_drop_files(replay, running, until, screen_text, make_status):
    replay.now = make_status(queue=QueueStatus())
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f3")
        await until(lambda: "/spool/inbox" in screen_text(app))


async def test_a_burst_of_failures_is_a_few_toasts(replay, running, until, make_job):
    async with running(replay) as (app, _, _):
        await until(lambda: app.state.status)
        for number in range(50):
            replay.feed(JobChanged(11 + number, make_job(f"{number}.txt", JobState.FAILED)))
        await until(lambda: len(app.state.jobs) == 50)
        assert 1 <= len(app._notifications) <= 12


async def test_the_end_of_any_list_is_one_key_away(thousands, running, until, screen_text, make_job):
    async with running(thousands) as (app, pilot, _):
        jobs = await open_jobs(app, pilot, until)
        assert "20,000" in screen_text(app)

        await pilot.press("end")
        await until(lambda: jobs.selected and jobs.selected.title == "19999.txt")
        await pilot.press("pageup")
        await until(lambda: jobs.selected and jobs.selected.title < "19999.txt")
        seen = jobs.selected.title

        thousands.feed(JobChanged(11, make_job("newest.txt", ago_s=-1)))
        await until(lambda: len(jobs._rows) == 20_001 and not app.state.listing.lacking(*jobs.sight))
        assert jobs.selected.title == seen, "what is in sight stays, whoever comes on top"

        await pilot.press("home")
        await until(lambda: jobs.selected and jobs.selected.title == "newest.txt")
        assert len(thousands.listed) < 12, "only what is in sight was asked for"


async def test_a_search_looks_through_all_of_them(thousands, running, until, screen_text, make_job):
    async with running(thousands) as (app, pilot, _):
        jobs = await open_jobs(app, pilot, until)
        await pilot.press("slash", *"199", "space", *"TXT")
        await until(lambda: app.state.listing.view == View(search="199 TXT") and app.state.listing.complete)
        await until(lambda: jobs.selected and jobs.selected.title == "00199.txt")
        assert f"{app.state.listing.total} found" in screen_text(app)
        assert titles(jobs)[-1] == "19999.txt"

        thousands.feed(
            JobChanged(11, make_job("new-199.txt", ago_s=-1)), JobChanged(12, make_job("other.txt", ago_s=-2))
        )
        await until(lambda: titles(jobs)[0] == "new-199.txt")
        assert "other.txt" not in titles(jobs)

        await pilot.press("escape")
        await until(lambda: titles(jobs)[0] == "other.txt")


async def test_a_search_without_success_says_so(three, running, until, screen_text):
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await pilot.press("slash", *"zebra")
        await until(lambda: "No job has these words." in screen_text(app))


async def test_a_name_cannot_draw_on_the_terminal(replay, running, until, make_job, screen_text):
    replay.first = [make_job("\x1b[31mred\nline.txt", JobState.FAILED, error=ErrorBody("x", "\x1b[2J[red]no[/]"))]
    async with running(replay) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await until(lambda: "␛[2J[red]no[/]" in screen_text(app))
        assert "\x1b" not in screen_text(app)
        assert "␛[31mred line.txt" in screen_text(app)


async def test_how_long_ago_has_room_in_chinese_too(replay, running, until, make_job, screen_text, in_chinese):
    replay.first = [make_job("新.txt", ago_s=1)]
    async with running(replay) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await until(lambda: "新.txt" in screen_text(app))
        assert "刚刚" in next(line for line in screen_text(app).splitlines() if "新.txt" in line)


async def test_a_list_that_cannot_be_read_is_told_once(three, running, until, monkeypatch):
    async def refuse(*_asked, **_how):
        three.listed.append(("refused", 0))
        raise Conflict("not now")

    monkeypatch.setattr(three, "jobs", refuse)
    async with running(three) as (app, pilot, _):
        await open_jobs(app, pilot, until)
        await until(lambda: three.listed)
        for _ in range(5):
            app.screen.show(app.state)
            await pilot.pause()
        assert len(three.listed) == 1


async def test_where_a_filter_leaves_nothing_the_keys_stay_the_lists(replay, running, until, make_job, screen_text):
    """A list that is hidden would give its focus to the search, which takes letters."""
    replay.first = [make_job("done.txt", JobState.SUCCEEDED)]
    replay.now = replace(replay.now, queue=QueueStatus(succeeded=1))
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f3")
        await until(lambda: app.current_mode == "jobs" and app.screen.is_mounted and app.state.listing.complete)
        await pilot.press("f")
        await until(lambda: "No job here is active." in " ".join(screen_text(app).split()))
        await pilot.press("f", "f")
        await until(lambda: app.state.listing.view.which == "done" and app.state.listing.complete)
        assert app.screen._search.value == ""
        assert app.focused is app.screen._list


async def test_rows_around_those_in_sight_are_read_before_they_are_seen(thousands, running, until):
    async with running(thousands) as (app, pilot, _):
        jobs = await open_jobs(app, pilot, until)
        jobs.scroll_to(y=10_050, animate=False)
        await until(lambda: {99, 100, 101} <= app.state.listing.pages.keys())
        await until(lambda: None not in (jobs._rows[10_090], jobs._rows[10_000]))
        asked = len(thousands.listed)
        jobs.scroll_to(y=10_090, animate=False)
        await pilot.pause()
        assert len(thousands.listed) == asked


async def test_a_page_that_has_gone_by_is_not_waited_for(thousands, running, until, monkeypatch):
    answer, slow = thousands.jobs, asyncio.Event()
    begun: list[int] = []

    async def jobs(*asked, offset=0, **how):
        begun.append(offset)
        if offset == 5000:
            await slow.wait()
        return await answer(*asked, offset=offset, **how)

    monkeypatch.setattr(thousands, "jobs", jobs)
    async with running(thousands) as (app, pilot, _):
        jobs_list = await open_jobs(app, pilot, until)
        jobs_list.scroll_to(y=5050, animate=False)
        await until(lambda: 5000 in begun)
        jobs_list.scroll_to(y=15_050, animate=False)
        await until(lambda: 150 in app.state.listing.pages)
        assert 50 not in app.state.listing.pages


async def test_a_page_that_has_gone_by_may_be_passed_again_and_again(thousands, running, until):
    async with running(thousands) as (app, pilot, _):
        jobs_list = await open_jobs(app, pilot, until)
        for n in range(40):
            jobs_list.scroll_to(y=(n * 7919) % 19_000, animate=False)
            app.screen._read_on()
            app.screen._read_on()
            await asyncio.sleep(0)
        await until(lambda: not app.state.listing.lacking(*jobs_list.sight))

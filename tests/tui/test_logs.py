"""The log page: live lines, the files' older ones, filters, and what leads away from a line."""

from datetime import date

import pytest
from textual.events import MouseScrollDown, MouseScrollUp

from ttsd.protocol.errors import NotFound
from ttsd.protocol.events import LogEvent
from ttsd.protocol.jobs import JobState
from ttsd.protocol.log import LogQuery
from tui.widgets.joblist import JobList
from tui.widgets.logview import LogView


def line(seq: int, level: str = "info", event: str = "job.done", **fields) -> LogEvent:
    return LogEvent(seq=seq, at_s=1_770_000_000.0 + seq, level=level, event=event, fields=fields)


async def test_the_log_is_followed_until_it_is_scrolled_up(replay, running, on_page, until, screen_text):
    replay.log = [line(seq, n=seq) for seq in range(200)]
    async with running(replay) as (app, pilot, _):
        await on_page(app, pilot, "f5", "logs")
        await until(lambda: "n=199" in screen_text(app))

        await pilot.press("pageup")
        await until(lambda: "‖ held" in screen_text(app))
        replay.feed(line(200, n=200), line(201, n=201))
        await until(lambda: "2 new below" in screen_text(app))
        assert "n=201" not in screen_text(app)

        await pilot.press("end")
        await until(lambda: "n=201" in screen_text(app) and "● following" in screen_text(app))


async def test_the_log_is_filtered_by_level_and_by_words(replay, running, on_page, until, screen_text):
    replay.log = [line(1, "debug", "quiet"), line(2), line(3, "warning", "odd", path="a.txt"), line(4, "error", "bad")]
    async with running(replay) as (app, pilot, _):
        await on_page(app, pilot, "f5", "logs")
        await until(lambda: "3 of 4 lines" in screen_text(app))
        await pilot.press("l")
        await until(lambda: "2 of 4 lines" in screen_text(app))
        assert "job.done" not in screen_text(app)

        await pilot.press("slash", "A", "full_stop", "t")
        await until(lambda: "1 of 4 lines" in screen_text(app))
        assert "odd" in screen_text(app)

        await pilot.press("enter")
        assert isinstance(app.focused, LogView)
        await pilot.press("escape")
        await until(lambda: "2 of 4 lines" in screen_text(app))


async def test_an_unknown_level_is_shown_too(replay, running, on_page, until, screen_text):
    replay.log = [line(1, "odd", "strange"), line(2, "critical", "lost")]
    async with running(replay) as (app, pilot, _):
        await on_page(app, pilot, "f5", "logs")
        await until(lambda: "? strange" in screen_text(app) and "✗ lost" in screen_text(app))


@pytest.fixture
def on_log(replay, running, on_page):
    """The app on the log page, with what `replay` has."""

    async def go(app, pilot) -> LogView:
        await on_page(app, pilot, "f5", "logs")
        return app.screen.query_one(LogView)

    return go


def seqs(view: LogView) -> list[object]:
    return [row.fields["n"] for row in view.lines.rows if isinstance(row, LogEvent)]


async def test_the_cursor_shows_everything_about_its_line(replay, running, on_log, until, screen_text):
    trace = "Traceback:\n  File x\nKeyError: 'anna'"
    replay.log = [line(1, n=1), line(2, "error", "bad", n=2, exception=trace), line(3, n=3)]
    async with running(replay, size=(160, 48)) as (app, pilot, _):
        view = await on_log(app, pilot)
        await until(lambda: "2026-02-02 02:40:03.000 +0000" in screen_text(app))
        await pilot.press("up")
        await until(lambda: "  File x" in screen_text(app) and "exception=KeyError: 'anna'" in screen_text(app))
        await pilot.press("d")
        await until(lambda: "  File x" not in screen_text(app))
        assert view.selected.event == "bad"


async def test_details_are_there_when_asked_for_on_a_small_terminal(replay, running, on_log, until, screen_text):
    replay.log = [line(n, n=n) for n in range(40)]
    async with running(replay) as (app, pilot, _):
        view = await on_log(app, pilot)
        await until(lambda: "n=39" in screen_text(app))
        await pilot.press("up", "up", "d")
        await until(lambda: "severity" in screen_text(app))
        await until(lambda: view.scroll_offset.y <= 38 < view.scroll_offset.y + view.size.height)
        assert view.selected.fields["n"] == 37


async def test_days_are_told_apart(replay, running, on_log, until, screen_text):
    replay.log = [line(0, n=0), line(80_000, n=1)]
    async with running(replay) as (app, pilot, _):
        view = await on_log(app, pilot)
        await until(lambda: "─ Tuesday 2026-02-03 " in screen_text(app))
        assert [row for row in view.lines.rows if isinstance(row, date)] == [date(2026, 2, 2), date(2026, 2, 3)]
        await pilot.press("up")
        assert view.selected.fields["n"] == 0
        await pilot.press("down")
        assert view.selected.fields["n"] == 1


async def test_scrolled_up_the_files_lines_come_before_the_live_ones(replay, running, on_log, until, screen_text):
    replay.files = [line(n, n=n) for n in range(-12, 30)]
    replay.log = [line(n, n=n) for n in range(30)]
    async with running(replay) as (app, pilot, _):
        view = await on_log(app, pilot)
        await until(lambda: "n=29" in screen_text(app))
        assert not [what for what, _ in replay.asked if what == "logs"]

        await pilot.press("home")
        await until(lambda: seqs(view) == list(range(-4, 30)))
        assert view.selected.fields["n"] == 0
        await pilot.press("home")
        await until(lambda: seqs(view) == list(range(-9, 30)))
        await pilot.press("home")
        await until(lambda: seqs(view) == list(range(-12, 30)))
        await pilot.press("home")
        await until(lambda: "here the log begins" in screen_text(app))
        assert "‖ held" in screen_text(app)


async def test_the_wheel_brings_the_files_lines_too(replay, running, on_log, until):
    replay.files = [line(n, n=n) for n in range(-3, 0)]
    replay.log = [line(n, n=n) for n in range(30)]
    async with running(replay) as (app, pilot, _):
        view = await on_log(app, pilot)
        await until(lambda: view.max_scroll_y > 0 and view.scroll_y == view.max_scroll_y)
        view.scroll_to(y=0, animate=False)
        await until(lambda: not view.following)
        await pilot._post_mouse_events([MouseScrollUp], view, button=0)
        await until(lambda: seqs(view) == list(range(-3, 30)))
        assert not view.following


async def test_the_wheel_takes_the_cursor_along_and_at_the_end_it_follows(replay, running, on_log, until, screen_text):
    replay.log = [line(n, n=n) for n in range(60)]
    async with running(replay) as (app, pilot, _):
        view = await on_log(app, pilot)
        await until(lambda: view.max_scroll_y > 0 and view.scroll_y == view.max_scroll_y)
        for _ in range(5):
            await pilot._post_mouse_events([MouseScrollUp], view, button=0)
        await until(lambda: "‖ held" in screen_text(app) and view.selected.fields["n"] < 59)
        replay.feed(line(60, n=60))
        await until(lambda: "1 new below" in screen_text(app))
        for _ in range(20):
            await pilot._post_mouse_events([MouseScrollDown], view, button=0)
        await until(lambda: "● following" in screen_text(app) and view.selected.fields["n"] == 60)
        replay.feed(line(61, n=61))
        await until(lambda: view.selected.fields["n"] == 61 and "n=61" in screen_text(app))


async def test_enter_searches_the_files_until_the_page_is_full(replay, running, on_log, until, screen_text):
    replay.files = [line(n, event="odd" if n % 2 else "even", n=n) for n in range(-100, 0)]
    replay.log = [line(n, event="odd" if n % 2 else "even", n=n) for n in range(6)]
    async with running(replay) as (app, pilot, _):
        view = await on_log(app, pilot)
        await pilot.press("slash", "o", "d", "d")
        await until(lambda: seqs(view) == [1, 3, 5])
        await pilot.press("enter")
        await until(lambda: len(seqs(view)) >= 18)
        assert seqs(view)[-5:] == [-3, -1, 1, 3, 5]
        asked = [query for what, (query, _) in replay.asked if what == "logs"]
        assert set(asked) == {LogQuery("info", "odd")}

        await pilot.press("escape")
        await until(lambda: seqs(view) == list(range(6)))


async def test_matches_are_stepped_through_among_the_lines_around_them(replay, running, on_log, until, screen_text):
    replay.log = [line(n, event="odd" if n % 3 == 1 else "even", n=n) for n in range(12)]
    async with running(replay) as (app, pilot, _):
        view = await on_log(app, pilot)
        await pilot.press("n")
        await until(lambda: "No search is on." in screen_text(app))
        await pilot.press("slash", "o", "d", "d", "enter", "f")
        await until(lambda: len(seqs(view)) == 12)
        await pilot.press("N")
        assert view.selected.fields["n"] == 10
        await pilot.press("N", "N")
        assert view.selected.fields["n"] == 4
        await pilot.press("n")
        assert view.selected.fields["n"] == 7


async def test_enter_shows_only_the_lines_of_the_same_job_and_esc_all_again(
    replay, running, on_log, until, screen_text
):
    replay.files = [line(-1, n=-1, job="01j7"), line(-2, n=-2, job="01j8")][::-1]
    replay.log = [line(1, n=1, job="01j7"), line(2, n=2, request_id="r1"), line(3, n=3, job="01j7"), line(4, n=4)]
    async with running(replay, size=(100, 30)) as (app, pilot, _):
        view = await on_log(app, pilot)
        await until(lambda: seqs(view) == [1, 2, 3, 4])
        await pilot.press("enter")
        await until(lambda: "belongs to no job and no request" in screen_text(app))
        await pilot.press("up", "enter")
        await until(lambda: seqs(view) == [-1, 1, 3] and "job 01j7" in screen_text(app))
        assert view.selected.fields["n"] == 3
        await pilot.press("escape")
        await until(lambda: seqs(view) == [1, 2, 3, 4])
        assert view.selected.fields["n"] == 3
        await pilot.press("up", "enter")
        await until(lambda: seqs(view) == [2] and "request r1" in screen_text(app))


async def test_the_job_of_a_line_is_opened_even_when_it_is_not_in_the_list(replay, running, on_log, until, make_job):
    old = make_job("old.txt", JobState.SUCCEEDED, ago_s=1e6)
    replay.first = [make_job("new.txt")]
    replay.log = [line(1, n=1, job=old.id)]
    replay.old_jobs = [old]
    async with running(replay, size=(100, 30)) as (app, pilot, _):
        await on_log(app, pilot)
        await pilot.press("o")
        await until(lambda: app.current_mode == "jobs" and app.screen.query_one(JobList).selected == old)


async def test_a_line_is_copied_without_what_would_steer_a_terminal(replay, running, on_log, until, screen_text):
    replay.log = [line(1, n=1, path="a\x1b[2J\u202eb")]
    async with running(replay) as (app, pilot, _):
        await on_log(app, pilot)
        await pilot.press("c")
        await until(lambda: "in the clipboard" in screen_text(app))
        assert app.clipboard == "2026-02-02T02:40:01.000+00:00 info job.done n=1 path=a␛[2J�b"


async def test_what_the_daemon_refuses_stands_where_the_lines_would(replay, running, on_log, until, screen_text):
    replay.log = [line(n, n=n) for n in range(3)]
    replay.files = [line(-1, n=-1)]
    replay.refuses = NotFound("no such path")
    async with running(replay) as (app, pilot, _):
        view = await on_log(app, pilot)
        await pilot.press("home")
        await until(lambda: "not read: no such path" in screen_text(app))
        replay.refuses = None
        await pilot.press("up")
        await until(lambda: seqs(view) == [-1, 0, 1, 2])


async def test_a_megabyte_in_one_line_is_a_line(replay, running, on_log, until, screen_text):
    replay.log = [line(1, n=1, text="x" * 2**20, more="y" * 2**20), line(2, event="z" * 2**20, n=2)]
    async with running(replay) as (app, pilot, _):
        await on_log(app, pilot)
        await until(lambda: "text=xxx" in screen_text(app) and "zzz" in screen_text(app))


async def test_a_match_beyond_the_lines_that_were_read_is_asked_for_and_gone_to(
    replay, running, on_log, until, screen_text
):
    replay.files = [line(n, event="odd" if n == -40 else "even", n=n) for n in range(-60, 0)]
    replay.log = [line(n, event="odd" if n == 5 else "even", n=n) for n in range(12)]
    async with running(replay) as (app, pilot, _):
        view = await on_log(app, pilot)
        await pilot.press("slash", "o", "d", "d", "enter", "f")
        await until(lambda: len(seqs(view)) >= 12)
        await pilot.press("N")
        await until(lambda: view.selected.fields["n"] == 5)
        await pilot.press("N")
        await until(lambda: view.selected.fields["n"] == -40)
        await pilot.press("n")
        await until(lambda: view.selected.fields["n"] == 5)
        await pilot.press("n")
        await until(lambda: "No later line has these words." in screen_text(app))
        await pilot.press("N", "N")
        await until(lambda: "No earlier line has these words." in screen_text(app))
        assert view.selected.fields["n"] == -40


async def test_far_in_the_past_the_newest_lines_are_one_key_away(
    replay, running, on_log, until, screen_text, monkeypatch
):
    monkeypatch.setattr("tui.loglines.MOST_FOUND", 25)
    replay.files = [line(n, n=n) for n in range(-60, 0)]
    replay.log = [line(n, n=n) for n in range(30)]
    async with running(replay) as (app, pilot, _):
        view = await on_log(app, pilot)
        await until(lambda: seqs(view) == list(range(30)))
        for _ in range(6):
            before = seqs(view)[0]
            await pilot.press("home")
            await until(lambda before=before: seqs(view)[0] < before)
        await until(lambda: "past · End: newest" in screen_text(app))
        assert len(seqs(view)) == 25
        replay.feed(line(30, n=30))
        await until(lambda: app.state.log[-1].fields["n"] == 30)
        await pilot.press("down")
        assert not view.following
        await pilot.press("end")
        await until(lambda: seqs(view) == list(range(31)) and "● following" in screen_text(app))

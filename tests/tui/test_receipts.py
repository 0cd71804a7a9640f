"""One job opened: its receipt, heard and redone sentence by sentence; and files on their way into the queue."""

from pathlib import Path

import pytest
from textual.events import Paste

from ttsd.client import TtsdClient
from ttsd.protocol.errors import ErrorBody, NotFound
from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import Door, JobState
from tui.screens.receipt import ReceiptScreen
from tui.widgets.confirm import Confirm
from tui.widgets.joblist import JobList
from tui.widgets.segmentlist import SegmentList


@pytest.fixture
def done(replay, make_job, make_status, make_receipt):
    job = make_job("done.txt", JobState.SUCCEEDED, audio_s=2.0, output="/spool/outbox/done.wav", segments_total=3)
    replay.first = [job]
    replay.now = make_status(queue=QueueStatus(succeeded=1))
    replay.receipts[job.id] = make_receipt(job, ["One is here.", "Two is [red]here[/].", "Three."])
    return replay


async def open_first(app, pilot, until) -> None:
    await until(lambda: app.state.status)
    await pilot.press("f3")
    await until(lambda: isinstance(app.focused, JobList) and app.focused.selected)
    await pilot.press("enter")
    await until(lambda: isinstance(app.screen, ReceiptScreen) and app.screen.is_mounted)


async def test_a_receipt_lists_the_sentences(done, running, until, screen_text):
    async with running(done, size=(100, 30)) as (app, pilot, _):
        await open_first(app, pilot, until)
        await until(lambda: "Two is [red]here[/]." in screen_text(app))
        assert "0:00.5" in screen_text(app)
        assert "3 segments, 1 of them kept from before" in screen_text(app)
        assert "RTF 0.25: 0.5 s of work for 2.0 s of sound" in screen_text(app)
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, ReceiptScreen))


async def test_the_sound_is_heard_from_a_sentence_on_or_whole(done, running, until):
    async with running(done) as (app, pilot, player):
        await open_first(app, pilot, until)
        await pilot.press("down", "enter")
        await until(lambda: player.reel.end == 36_000)
        await pilot.press("p")
        await until(lambda: player.reel.end == 48_000)
        await pilot.press("h")
        assert not player.playing


async def test_a_sentence_is_redone_once_confirmed(done, running, until, screen_text):
    async with running(done) as (app, pilot, _):
        await open_first(app, pilot, until)
        await pilot.press("down", "r")
        await until(lambda: isinstance(app.screen, Confirm) and "[red]here[/]." in screen_text(app))
        await pilot.press("y")
        await until(lambda: done.asked[-1] == ("redo", (done.first[0].id, 1)))


async def test_the_path_goes_into_the_clipboard(done, running, until):
    async with running(done) as (app, pilot, _):
        await open_first(app, pilot, until)
        await pilot.press("y")
        await until(lambda: app.clipboard == "/spool/outbox/done.wav")


async def test_a_failed_job_has_its_error_in_full_and_keys_that_say_why_not(
    replay, running, until, screen_text, make_job
):
    long = "no voice speaks it " * 30 + "really"
    replay.first = [make_job("failed.txt", JobState.FAILED, error=ErrorBody("unsupported_language", long))]
    async with running(replay, size=(80, 30)) as (app, pilot, _):
        await open_first(app, pilot, until)
        await until(lambda: "really" in screen_text(app))
        assert "Choose a voice that speaks it" in screen_text(app)
        assert "There is a receipt once it is done." in screen_text(app)
        await pilot.press("y")
        await until(lambda: "It has no file yet." in screen_text(app))


@pytest.mark.parametrize(
    "why", [(Door.HTTP, "It did not come as a file"), (Door.SPOOL, "a later job has written its own")]
)
async def test_without_a_receipt_the_reason_is_told(replay, running, until, screen_text, make_job, why):
    door, words = why
    made = {"segments_total": 4, "audio_s": 21.0}
    replay.first = [make_job("done.txt", JobState.SUCCEEDED, door=door, **made)]
    replay.refuses = NotFound("a later job has written its own")
    async with running(replay) as (app, pilot, _):
        await open_first(app, pilot, until)
        await until(lambda: words in screen_text(app))
        assert "4 segments" in screen_text(app)
        assert "7.0 s for 21 s of sound" in screen_text(app)


async def test_a_file_dropped_on_the_window_is_queued_once_confirmed(
    replay, running, until, screen_text, tmp_path: Path, make_status
):
    (tmp_path / "spool/inbox").mkdir(parents=True)
    letter = tmp_path / "my letter.txt"
    letter.write_text("Dear Ada.")
    replay.now = make_status(spool=str(tmp_path / "spool"))
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f3")
        await until(lambda: app.screen.query(JobList) and app.current_mode == "jobs")
        app.screen.post_message(Paste(f"'{letter}'"))
        await until(lambda: "Queue this file?" in screen_text(app))
        await pilot.press("y")
        await until((tmp_path / "spool/inbox/my letter.txt").is_file)


async def test_a_path_is_completed_and_a_text_sent_where_the_inbox_is_elsewhere(
    replay, running, until, screen_text, tmp_path: Path
):
    (tmp_path / "letter.txt").write_text("Dear Ada.")
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f3")
        await until(lambda: app.screen.query(JobList) and app.current_mode == "jobs")
        await pilot.press("a")
        await until(lambda: "Queue a file" in screen_text(app))
        app.screen.query_one("#path").value = f"{tmp_path}/let"
        await pilot.press("end", "tab", "enter")
        await until(lambda: replay.asked and replay.asked[-1][0] == "submit")
        assert replay.asked[-1][1].text == "Dear Ada."


async def test_on_a_real_daemon_a_sentence_is_heard_redone_and_another_goes_first(
    make_daemon, running, until, screen_text
):
    daemon = make_daemon().start()
    daemon.drop("letter.txt", "The first sentence. The second one. The third.")
    daemon.wait_path("done/letter.txt")
    async with running(TtsdClient(daemon.socket), size=(100, 30)) as (app, pilot, player):
        await until(lambda: app.state.queue.succeeded == 1)
        await open_first(app, pilot, until)
        sentences = app.screen.query_one(SegmentList)
        await until(lambda: len(sentences._rows) == 3)
        before = [(row.seed, row.start_s) for row in sentences._rows]
        await pilot.press("down", "enter")
        await until(lambda: player.reel.end)
        await pilot.press("r")
        await until(lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(
            lambda: app.state.queue.succeeded == 1 and daemon.get("/v1/jobs").json()["jobs"][0]["settings"]["takes"]
        )
        await until(lambda: daemon.get("/v1/jobs").json()["jobs"][0]["state"] == "succeeded")
        await pilot.press("escape", "enter")
        await until(lambda: isinstance(app.screen, ReceiptScreen) and app.screen.is_mounted)
        after = app.screen.query_one(SegmentList)
        await until(
            lambda: [(row.seed, row.start_s) for row in after._rows] == [before[0], (1, before[1][1]), before[2]]
        )

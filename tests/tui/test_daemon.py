"""The app on a real daemon: speaking, the queue, and a daemon that dies, stops and comes back."""

import os
import signal

import pytest
from textual.widgets import Input

from tests.spoken_clips import clip
from ttsd.asker import account, name_of
from ttsd.client import TtsdClient
from tui.screens.examining import Examining
from tui.screens.form import Form
from tui.state import Link
from tui.widgets.composer import Composer
from tui.widgets.joblist import JobList
from tui.widgets.transcript import Transcript
from tui.widgets.voicelist import VoiceList


@pytest.fixture
def daemon(make_daemon):
    return make_daemon().start()


async def ready(app, until) -> None:
    await until(lambda: app.state.worker and app.state.worker.engine and isinstance(app.focused, Composer))


async def write(pilot, text: str) -> None:
    names = {" ": "space", ".": "full_stop", ",": "comma"}
    await pilot.press(*(names.get(letter, letter) for letter in text))


def heard_texts(app) -> list[str]:
    return [text.strip() for text, _ in app.screen.query_one(Transcript).texts]


async def test_typing_is_spoken_while_it_is_typed(daemon, running, until):
    async with running(TtsdClient(daemon.socket)) as (app, pilot, player):
        await ready(app, until)
        await write(pilot, "This is one. And this ")
        await until(lambda: heard_texts(app)[:1] == ["This is one."])
        assert app.narrator.take.first_sound_ms < 2000

        await write(pilot, "is two. ")
        await until(lambda: heard_texts(app) == ["This is one.", "And this is two."])
        await until(lambda: app.narrator.recording.samples >= 2 * 24_000 * 0.06 * 10)
        assert player.reel.end == app.narrator.recording.samples


async def test_an_edit_is_made_again_from_its_phrase_on(daemon, running, until):
    async with running(TtsdClient(daemon.socket)) as (app, pilot, _):
        await ready(app, until)
        await write(pilot, "Here is one. Here is tow. Here is three. ")
        await until(lambda: len(app.narrator.take.phrases) == 3)
        second = app.narrator.take.phrases[1].start
        first_sound = bytes(app.narrator.recording.pcm[: 2 * second])

        composer = app.screen.query_one(Composer)
        at = composer.text.index("tow")
        composer.replace("two", (0, at), (0, at + 3))

        await until(lambda: heard_texts(app) == ["Here is one.", "Here is two.", "Here is three."])
        assert app.narrator.take.phrases[1].start == second
        assert bytes(app.narrator.recording.pcm[: 2 * second]) == first_sound


async def test_a_phrase_is_spoken_anew_in_its_place(daemon, running, until):
    async with running(TtsdClient(daemon.socket)) as (app, pilot, player):
        await ready(app, until)
        await write(pilot, "Here is one. Here is two. ")
        await until(lambda: len(app.narrator.take.phrases) == 2)
        second = app.narrator.take.phrases[1].start
        before = bytes(app.narrator.recording.pcm[: 2 * second])

        await pilot.press("tab", "home", "r")

        await until(lambda: app.narrator.take.phrases[0].retakes == 1)
        assert app.narrator.take.phrases[1].start == second
        assert app.narrator.recording.pcm[: 2 * second] != before
        await pilot.press("shift+tab")
        await write(pilot, "Here is three. ")
        await until(lambda: heard_texts(app) == ["Here is one.", "Here is two.", "Here is three."])
        await until(lambda: player.reel.end == app.narrator.take.samples > app.narrator.take.phrases[2].start)


async def test_a_pause_in_typing_is_spoken_too(daemon, running, until):
    async with running(TtsdClient(daemon.socket)) as (app, pilot, _):
        await ready(app, until)
        await write(pilot, "no full stop here")
        await until(lambda: "".join(text for text, _ in app.screen.query_one(Transcript).texts) == "no full stop here")
        await until(lambda: app.narrator.take.samples)


async def test_what_the_engine_cannot_say_is_told(daemon, running, until, screen_text):
    daemon.script.write_text('[[rule]]\nmatch = "unlucky"\nfail = "no luck today"\n')
    async with running(TtsdClient(daemon.socket), size=(120, 30)) as (app, pilot, _):
        await ready(app, until)
        await write(pilot, "an unlucky phrase. ")
        await until(lambda: "no luck today" in screen_text(app))

        await write(pilot, "a lucky one. ")
        await until(lambda: app.narrator.take.samples)


async def test_files_and_texts_move_through_the_list(daemon, running, until, screen_text):
    async with running(TtsdClient(daemon.socket)) as (app, pilot, player):
        await ready(app, until)
        await pilot.press("f3")
        await until(lambda: "No jobs yet" in screen_text(app))

        daemon.drop("letter.txt", "Dear Ada, it works.")
        daemon.drop("empty.txt", "")

        await until(lambda: "● letter.txt" in screen_text(app) and "✗ empty.txt" in screen_text(app))
        await until(lambda: "empty.txt failed" in screen_text(app))
        await until(lambda: "1 done  1 failed" in screen_text(app))
        jobs = app.screen.query_one(JobList)
        while jobs.selected.title != "letter.txt":
            await pilot.press("down")
        await until(lambda: "outbox/letter.wav" in screen_text(app).replace("\n", "").replace("│", "").replace(" ", ""))
        await pilot.press("p")
        await until(lambda: player.reel.end > 20_000)


async def test_a_killed_daemon_is_found_again_and_speaks(daemon, running, until, screen_text):
    async with running(TtsdClient(daemon.socket)) as (app, pilot, _):
        await ready(app, until)
        await write(pilot, "Before. ")
        await until(lambda: app.narrator.rendition.sounded_whole)  # what broke off would be owed, and come first

        daemon.kill()
        await until(lambda: "reconnecting" in screen_text(app))
        assert app.current_mode == "speak"
        daemon.start()
        await until(lambda: app.state.link is Link.UP, 20)

        await write(pilot, "After. ")
        await until(lambda: heard_texts(app) == ["After."] and app.narrator.take.samples, 20)


async def test_a_stopped_daemon_is_not_started_by_looking_at_it(daemon, running, until, screen_text):
    async with running(TtsdClient(daemon.socket)) as (app, pilot, _):
        await ready(app, until)

        daemon.stop()
        await until(lambda: "It said goodbye" in screen_text(app))
        daemon.start()
        assert app.state.link is Link.STOPPED

        await pilot.press("enter")
        await until(lambda: app.state.link is Link.UP and app.current_mode == "speak", 20)


async def test_a_replaced_worker_is_news(daemon, running, until, screen_text):
    async with running(TtsdClient(daemon.socket)) as (app, _, _):
        await ready(app, until)

        os.kill(daemon.worker_pid(), signal.SIGKILL)

        await until(lambda: "The worker was replaced" in screen_text(app), 20)
        await until(lambda: "● ready" in screen_text(app), 20)


async def test_a_daemon_without_an_engine_is_shown_as_it_is(make_daemon, running, until, screen_text):
    daemon = make_daemon()
    daemon.script.write_text('[[rule]]\non = "load"\nfail = "the weights are missing"\n')
    daemon.start(ready=False)
    async with running(TtsdClient(daemon.socket), size=(120, 40)) as (app, pilot, _):
        await until(lambda: "✗ engine failed" in screen_text(app), 20)
        await pilot.press("f4")
        await until(lambda: "the weights are missing" in screen_text(app))
        await pilot.press("f1")
        await write(pilot, "Hello. ")
        await until(lambda: "the weights are missing" in screen_text(app).split("Hear")[1])


async def test_the_log_tells_what_happens(daemon, running, until, screen_text):
    async with running(TtsdClient(daemon.socket), size=(120, 40)) as (app, pilot, _):
        await ready(app, until)
        await pilot.press("f5")
        await until(lambda: "worker.ready" in screen_text(app))
        daemon.drop("a.txt", "Hello.")
        await until(lambda: "a.txt" in screen_text(app))


async def test_voices_are_made_heard_changed_and_brought_back(make_daemon, running, until, tmp_path):
    daemon = make_daemon(fake={"can_clone": True}).start()
    (tmp_path / "carla.wav").write_bytes(clip())
    async with running(TtsdClient(daemon.socket), size=(120, 36)) as (app, pilot, player):
        await until(lambda: app.state.voices)
        await pilot.press("f2")
        await until(lambda: app.screen.query(VoiceList) and app.screen.query_one(VoiceList).selected)
        voices = app.screen.query_one(VoiceList)
        await pilot.press("n")
        await until(lambda: isinstance(app.screen, Form) and app.focused)
        app.screen.query_one("#clip", Input).value = str(tmp_path / "carla.wav")
        app.screen.query_one("#name", Input).value = "carla"
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Examining) and app.screen._report, 30)
        await pilot.press("enter")
        await until(lambda: voices.selected.reference == "carla", 30)
        await until(lambda: all(app.voices.envelopes.values()) and app.voices.reports)

        await pilot.press("space")
        await until(lambda: player.reel.end > 24_000)
        await pilot.press("a")
        await until(lambda: app.voices.sounding == "carla" and player.reel.end > 24_000)

        toml = daemon.root / "state/voices/carla/voice.toml"
        toml.write_text('description = "by hand"\n' + toml.read_text())
        await until(lambda: voices.selected.voice.description == "by hand")

        await pilot.press("d")
        await until(lambda: voices.selected.reference != "carla")
        assert not toml.exists()
        await pilot.press("u")
        await until(lambda: voices.selected.reference == "carla")
        assert "by hand" in toml.read_text()


async def test_the_day_behind_is_drawn_and_the_worker_replaced_by_a_key(daemon, running, until, screen_text):
    async with running(TtsdClient(daemon.socket), size=(120, 40)) as (app, pilot, _):
        await ready(app, until)
        before = app.state.worker.pid
        await pilot.press("f4")
        await until(lambda: app.current_mode == "health" and app.state.past)
        [history] = app.state.past.values()
        await until(lambda: "peak" in screen_text(app))
        assert max(cpu or 0 for cpu in history.machine.cpu.high) <= 1

        await pilot.press("r", "y")
        await until(lambda: app.state.worker.pid not in (before, None) and app.state.worker.restarts == 1, timeout_s=30)
        await until(lambda: f"replaced: {name_of(account(os.getuid()))} asked" in " ".join(screen_text(app).split()))

        await pilot.press("u", "y")
        await until(lambda: app.state.worker.unloaded and not app.state.worker.replacing, timeout_s=30)
        await until(lambda: "○ engine stopped" in screen_text(app))
        await pilot.press("l")
        await until(lambda: app.state.worker.engine is not None, timeout_s=30)


async def test_a_search_of_the_log_finds_what_an_earlier_daemon_wrote(daemon, running, until, screen_text):
    daemon.drop("long-ago.txt", "")
    daemon.wait_path("failed/long-ago.txt")
    logs = daemon.root / "logs"
    await until(lambda: "long-ago.txt" in (logs / "ttsd.log").read_text())
    daemon.process.send_signal(signal.SIGUSR1)
    await until(lambda: list(logs.glob("*.log.gz")))
    daemon.stop()
    daemon.start()
    async with running(TtsdClient(daemon.socket), size=(120, 40)) as (app, pilot, _):
        await ready(app, until)
        await pilot.press("f5", "slash", *"LONG", "minus", *"ago")
        await until(lambda: "0 of" in screen_text(app))
        await pilot.press("enter")
        await until(lambda: "title=long-ago.txt" in screen_text(app) and "here the log begins" in screen_text(app))
        await pilot.press("o")
        await until(lambda: app.current_mode == "jobs" and app.screen.query_one(JobList).selected)
        assert app.screen.query_one(JobList).selected.title == "long-ago.txt"

"""The app on a real daemon: speaking, the queue, and a daemon that dies, stops and comes back."""

import os
import signal

import pytest

from ttsd.client import TtsdClient
from tui.screens.speak import Composer
from tui.state import Link
from tui.widgets.joblist import JobList
from tui.widgets.transcript import Transcript


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
        assert player._reel.end == app.narrator.recording.samples


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
        await pilot.press("f2")
        await until(lambda: "No jobs yet" in screen_text(app))

        daemon.drop("letter.txt", "Dear Ada, it works.")
        daemon.drop("empty.txt", "")

        await until(lambda: "● letter.txt" in screen_text(app) and "✗ empty.txt" in screen_text(app))
        await until(lambda: "empty.txt failed" in screen_text(app))
        await until(lambda: "1 done   1 failed" in screen_text(app))
        jobs = app.screen.query_one(JobList)
        while jobs.selected.title != "letter.txt":
            await pilot.press("down")
        await until(lambda: "outbox/letter.wav" in screen_text(app).replace("\n", "").replace("│", "").replace(" ", ""))
        await pilot.press("enter")
        await until(lambda: player._reel.end > 20_000)


async def test_a_killed_daemon_is_found_again_and_speaks(daemon, running, until, screen_text):
    async with running(TtsdClient(daemon.socket)) as (app, pilot, _):
        await ready(app, until)
        await write(pilot, "Before. ")
        await until(lambda: app.narrator.take.samples)

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
        await pilot.press("f3")
        await until(lambda: "the weights are missing" in screen_text(app))
        await pilot.press("f1")
        await write(pilot, "Hello. ")
        await until(lambda: "the weights are missing" in screen_text(app).split("Hear")[1])


async def test_the_log_tells_what_happens(daemon, running, until, screen_text):
    async with running(TtsdClient(daemon.socket), size=(120, 40)) as (app, pilot, _):
        await ready(app, until)
        await pilot.press("f4")
        await until(lambda: "worker.ready" in screen_text(app))
        daemon.drop("a.txt", "Hello.")
        await until(lambda: "a.txt" in screen_text(app))

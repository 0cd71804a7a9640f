"""A daemon that is killed again and again while the app runs: what the app knew stays, and it always comes back."""

import pytest

from tests.tui.test_daemon import heard_texts, ready
from ttsd.client import TtsdClient
from tui.state import Link
from tui.widgets.composer import Composer

PAGES = ("f2", "f3", "f4", "f5", "f1")


@pytest.mark.parametrize(
    "times", [5, pytest.param(50, marks=[pytest.mark.long, pytest.mark.timeout(600)])], ids=["5", "50"]
)
async def test_kills_take_nothing_from_it(make_daemon, running, until, times, screen_text):
    daemon = make_daemon().start()
    async with running(TtsdClient(daemon.socket)) as (app, pilot, player):
        await ready(app, until)
        composer = app.screen.query_one(Composer)
        daemon.drop("letter.txt", "Dear Ada, it works.")
        await until(lambda: any(job.title == "letter.txt" for job in app.state.jobs.values()))
        written = ""
        spoken: list[str] = []
        app.narrator.on_spoken = lambda text, *_: spoken.append(text)

        for n in range(times):
            await pilot.press(PAGES[n % len(PAGES)])
            written += f"Here is number {n}. "
            composer.insert(f"Here is number {n}. ")
            player.hear(600)
            if n % 2:  # else it dies while it speaks
                await until(lambda: app.narrator.take.samples)
            daemon.kill()
            await until(lambda: app.state.link is Link.LOST)
            await until(lambda: "reconnecting" in screen_text(app))
            assert app.state.status
            assert [job.title for job in app.state.newest_jobs()] == ["letter.txt"]
            if n % 5 == 4:  # once more, as soon as it is found
                daemon.start(ready=False)
                await until(lambda: app.state.link is Link.UP, 20)
                daemon.kill()
                await until(lambda: app.state.link is Link.LOST)
            daemon.start(ready=False)
            await until(lambda: app.state.link is Link.UP and app.state.status.pid == daemon.process.pid, 20)
            assert composer.text == written
            assert [job.title for job in app.state.newest_jobs()] == ["letter.txt"]

        await pilot.press("f1")
        await until(lambda: app.state.worker.engine and app.current_mode == "speak", 20)
        composer.insert("And at last. ")

        def all_is_heard() -> bool:
            player.hear(600)
            return " ".join(heard_texts(app)).endswith("And at last.") and app.narrator.take.samples > 0

        await until(all_is_heard, 20)
        app.narrator.record()
        assert [n for n in range(times) if f"Here is number {n}." not in " ".join(spoken)] == []

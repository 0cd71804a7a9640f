"""Health, logs, help, the palette, and the app without a daemon."""

import os
import subprocess
import sys

from msgspec.structs import replace

from ttsd.protocol.errors import ErrorBody, TtsdError, Unavailable
from ttsd.protocol.events import HealthSampled, StoppingEvent, WorkerChanged
from ttsd.protocol.health import GpuSample, Phase
from ttsd.protocol.jobs import JobState
from tui.state import Link
from tui.widgets.keyline import KeyLine
from tui.widgets.topbar import TopBar

# --- health ---


async def test_health_shows_engine_daemon_and_machine(replay, running, on_page, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await on_page(app, pilot, "f4", "health")
        await until(lambda: "0 of 2 busy" in screen_text(app))
        text = screen_text(app)
        for figure in ("hibari 0.2.1", "up 2 h 05", "1 running, 2 waiting", "50 MB + worker 232 MB", "31 %", "1.4 ms"):
            assert figure in text
        assert "GPU memory" not in text


async def test_health_tells_why_the_worker_was_replaced_and_what_failed(
    replay, running, on_page, until, screen_text, make_status
):
    worker = replace(
        make_status().worker,
        phase=Phase.FAILED,
        restarts=3,
        last_exit="killed by signal 9",
        error=ErrorBody("x", "no weights"),
    )
    async with running(replay, size=(160, 48)) as (app, pilot, _):
        await on_page(app, pilot, "f4", "health")
        replay.feed(WorkerChanged(11, worker))
        await until(lambda: "error     no weights" in screen_text(app) and "killed by signal 9" in screen_text(app))
        assert "✗ engine failed" in screen_text(app)


async def test_a_loading_worker_shows_its_progress(replay, running, until, screen_text, make_status):
    async with running(replay) as (app, _pilot, _):
        await until(lambda: app.state.status)
        loading = replace(make_status().worker, phase=Phase.LOADING, loading_progress=0.4, loading_note="weights")
        replay.feed(WorkerChanged(11, loading))
        await until(lambda: "loading 40%" in screen_text(app))


async def test_a_card_gets_its_own_history(replay, running, on_page, until, screen_text, make_status):
    async with running(replay) as (app, pilot, _):
        await on_page(app, pilot, "f4", "health")
        card = GpuSample(0, "RTX", 6 * 2**30, 24 * 2**30, 0.5, 61.0)
        replay.now = make_status(health=replace(make_status().health, gpus=(card,)))
        replay.feed(HealthSampled(11, replay.now.health))
        await until(lambda: "GPU memory" in screen_text(app))
        assert "6.0 GB" in screen_text(app)


# --- without a daemon ---


async def test_without_a_daemon_the_app_says_how_to_start_one_and_connects_by_itself(
    replay, running, until, screen_text
):
    replay.present = False
    async with running(replay) as (app, _, _):
        await until(lambda: "ttsd serve" in screen_text(app) and str(replay.socket) in screen_text(app))
        assert "no daemon" in screen_text(app)

        replay.present = True

        await until(lambda: app.current_mode == "speak" and "ready" in screen_text(app))


async def test_a_stopped_daemon_is_left_alone_until_a_key(replay, running, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        replay.feed(StoppingEvent(11))
        replay.break_off()
        await until(lambda: "It said goodbye" in screen_text(app))
        connections = replay.connections

        await pilot.press("f1")
        await until(lambda: app.current_mode == "speak")
        assert "■ stopped" in screen_text(app)
        assert replay.connections == connections

        await pilot.press("ctrl+r")
        await until(lambda: app.state.link is Link.UP)


async def test_a_broken_connection_leaves_the_page_where_it_is(replay, running, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        replay.present = False
        replay.break_off(Unavailable("the connection was lost"))
        await until(lambda: "◌ reconnecting" in screen_text(app))
        assert app.current_mode == "speak"
        await pilot.press("x")

        replay.present = True

        await until(lambda: "● ready" in screen_text(app))


async def test_another_protocol_is_explained(replay, running, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        replay.break_off(TtsdError("the daemon is of another version than this client: unknown tag"))
        await until(lambda: "unknown tag" in screen_text(app))

        await pilot.press("enter")

        await until(lambda: app.state.link is Link.UP and app.current_mode == "speak")


# --- everywhere ---


async def test_a_key_that_does_nothing_now_says_why(replay, running, until, make_job):
    replay.first = [make_job("done.txt", JobState.SUCCEEDED)]
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        told = app._notifications
        await pilot.press("f7")
        await until(lambda: [one.message for one in told] == ["Nothing is written yet."])
        await pilot.press("f3")
        await until(lambda: app.current_mode == "jobs" and app.screen.is_mounted)
        await pilot.press("c")
        await until(
            lambda: [one.message for one in told][1:] == ["It is over: only what waits or runs can be stopped."]
        )
        assert ("cancel", replay.first[0].id) not in replay.asked


async def test_modes_by_key_and_by_mouse(replay, running, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        for key, mode in (
            ("f3", "jobs"),
            ("f4", "health"),
            ("f5", "logs"),
            ("f1", "speak"),
            ("f5", "logs"),
            ("3", "jobs"),
        ):
            await pilot.press(key)
            await until(lambda mode=mode: app.current_mode == mode)
        column = screen_text(app).splitlines()[0].index("Health")
        await pilot.click(TopBar, offset=(column, 0))
        await until(lambda: app.current_mode == "health")


async def test_the_keys_in_sight_can_be_clicked(replay, running, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await until(lambda: "default (heart)" in screen_text(app))
        lines = screen_text(app).splitlines()
        before = lines[1]
        await pilot.click("#settings", offset=(lines[1].index("F9"), 0))
        await until(lambda: screen_text(app).splitlines()[1] != before)
        await pilot.click(KeyLine, offset=(lines[-1].index("^g"), 0))
        await until(lambda: "Speak everything from the beginning" in screen_text(app))


async def test_help_lists_the_bindings_themselves(replay, running, until, screen_text):
    async with running(replay, size=(100, 150)) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("ctrl+g")
        await until(lambda: "Empty the page" in screen_text(app))
        for words in ("F8", "Queue a failed or stopped job again", "Least level that is shown", "This list of keys"):
            assert words in screen_text(app)

        await pilot.press("escape")

        await until(lambda: "Empty the page" not in screen_text(app))


async def test_the_palette_does_what_the_keys_do(replay, running, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("ctrl+p", *"health")
        await until(lambda: "Engine, daemon, machine" in screen_text(app))

        await pilot.press("enter")

        await until(lambda: app.current_mode == "health")


async def test_the_palette_names_each_command_once(replay, running, until):
    async with running(replay) as (app, _, _):
        await until(lambda: app.state.status)

        commands = [(command.title, command.help) for command in app.get_system_commands(app.screen)]

        assert "Health" in [title for title, _ in commands]
        assert len(commands) == len(set(commands))


async def test_both_themes_can_be_worn(replay, running, until):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        for theme in ("ttsd-light", "nord", "ttsd-dark"):
            app.theme = theme
            await pilot.pause()


def test_the_app_never_imports_what_is_heavy():
    """Before the first paint: no sound, no numbers, no web client; ever: no model, no daemon."""
    program = (
        "import sys, tui.app, ttsd.client;"
        "heavy = {'torch', 'transformers', 'numpy', 'sounddevice', 'httpx2', 'wsproto', 'starlette', 'ttsd.daemon'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_outside_a_terminal_it_says_so():
    answer = subprocess.run(
        [sys.executable, "-m", "tui"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ},
        stdin=subprocess.DEVNULL,
    )
    assert answer.returncode == 2
    assert "run it in a terminal" in answer.stderr


def test_usage_errors_are_exit_2():
    answer = subprocess.run([sys.executable, "-m", "tui", "--nonsense"], capture_output=True, text=True, check=False)
    assert answer.returncode == 2

"""What has no picture of its own elsewhere, in the dark and the light theme: one app is gone through, as SVG.

`test_snapshots*.py` have each page at its busiest; here every page and dialog stands in both themes.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any

import psutil
import pytest

from ttsd.protocol.jobs import JobState
from tui.screens.health import HealthScreen
from tui.screens.receipt import ReceiptScreen
from tui.screens.recording import RecordingScreen
from tui.widgets.joblist import JobList

THEMES = ("ttsd-dark", "ttsd-light")


@pytest.fixture
def filled(replay, make_job, make_status, make_receipt, monkeypatch):
    """A daemon of this machine, with its default configuration and one job that is done."""
    monkeypatch.setenv("TTSD_CONFIG", "/etc/ttsd/config.toml")
    done = make_job(
        "chapters/02.md", JobState.SUCCEEDED, ago_s=900, audio_s=1.5, output="/spool/outbox/chapters/02.wav"
    )
    replay.first = [done]
    replay.receipts[done.id] = make_receipt(done, ["One is here.", "信号灯终于变绿了。", "Three."])
    replay.now = make_status()
    return replay


@pytest.fixture
def in_both(looks):
    """Takes a picture in each theme."""

    async def take(app: Any, pilot: Any, name: str) -> None:
        for theme in THEMES:
            app.theme = theme
            await pilot.pause()
            await looks(app, pilot, f"{name}-{theme}")

    return take


Take = Callable[[Any, Any, str], Awaitable[None]]


async def test_pages_and_what_stands_before_them(filled, running, size, in_both: Take, until):
    async with running(filled, size=size) as (app, pilot, _):
        await until(lambda: app.state.status and app.screen._engine)
        for cursor in app.screen.query("Composer"):
            cursor.cursor_blink = False
        await in_both(app, pilot, "speak")
        await pilot.press("ctrl+g")
        await until(lambda: len(app.screen_stack) == 2)
        app.screen.query_one("Input").cursor_blink = False
        await in_both(app, pilot, "help")
        await pilot.press("escape")
        await pilot.press("ctrl+p")
        await until(lambda: app.screen.query("CommandInput") and app.screen.query("CommandList").first().option_count)
        app.screen.query_one("CommandInput").cursor_blink = False
        await in_both(app, pilot, "palette")
        await pilot.press("escape")
        await pilot.press("alt+n")
        await until(lambda: app.screen.query("Tour"))
        await in_both(app, pilot, "tour")
        app.screen.query_one("Tour").action_leave()
        await pilot.press("f4")
        await until(lambda: isinstance(app.screen, HealthScreen) and app.state.past)
        await in_both(app, pilot, "health")
        await pilot.press("f5")
        await until(lambda: app.current_mode == "logs")
        await in_both(app, pilot, "logs")


async def test_lists_and_dialogs(filled, running, size, in_both: Take, until):
    async with running(filled, size=size) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f3")
        await until(lambda: isinstance(app.focused, JobList) and app.focused.selected and app.state.listing.complete)
        await in_both(app, pilot, "jobs")
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, ReceiptScreen) and app.screen.is_mounted)
        await in_both(app, pilot, "receipt")
        await pilot.press("escape", "f2")
        await until(lambda: app.current_mode == "voices")
        await in_both(app, pilot, "voices")
        await pilot.press("r")
        await until(lambda: isinstance(app.screen, RecordingScreen))
        await in_both(app, pilot, "recording")


async def test_settings(filled, running, size, in_both: Take, until, make_status):
    filled.now = make_status(
        pid=os.getpid(), started_s=psutil.Process().create_time(), config_file="/etc/ttsd/config.toml"
    )
    async with running(filled, size=size) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f12")
        await until(lambda: app.screen.query("SettingsList") and app.screen.query_one("SettingsList").selected)
        await in_both(app, pilot, "settings")


async def test_without_a_daemon(filled, running, size, in_both: Take, until):
    filled.present = False
    async with running(filled, size=size) as (app, pilot, _):
        await until(lambda: app.current_mode == "away")
        await in_both(app, pilot, "away")

"""Fixtures: the app on an invisible terminal, with a client that replays what a daemon says."""

import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from syrupy.extensions.image import SVGImageSnapshotExtension
from textual.widgets import Input, TextArea

from tests.tui.replay import QuietPlayer, Replay
from tests.tui.sayings import NOW, NOW_S, job, receipt, status
from ttsd.client.preferences import DEFAULTS, Preferences
from ttsd.protocol.health import Status
from ttsd.protocol.jobs import Job, Receipt
from tui.app import TtsdApp
from tui.language import choose
from tui.memory import Memory
from tui.playback import Player, Sound
from tui.voicework import VoiceWork

Running = tuple[TtsdApp, Any, QuietPlayer]
"""App, pilot, player."""


@pytest.fixture
def replay() -> Replay:
    return Replay()


@pytest.fixture
def quiet_player() -> Callable[..., QuietPlayer]:
    return lambda device=True: QuietPlayer(lambda sound: None, device=device)


@pytest.fixture
def make_job() -> Callable[..., Job]:
    return job


@pytest.fixture
def make_receipt() -> Callable[..., Receipt]:
    return receipt


@pytest.fixture
def make_status() -> Callable[..., Status]:
    return status


@pytest.fixture
def running(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Running]]:
    """`async with running(client) as (app, pilot, player)`: the app on an invisible terminal."""

    @asynccontextmanager
    async def run(
        client: Any,
        *,
        size: tuple[int, int] = (80, 24),
        device: bool = True,
        preferences: Preferences = DEFAULTS,
        first_run: bool = False,
    ) -> AsyncIterator[Running]:
        players: list[QuietPlayer] = []

        def make_player(on_change: Callable[[Sound], None]) -> Player:
            players.append(QuietPlayer(on_change, device=device))
            return players[0]

        memory = Memory(tmp_path / "app")
        memory.remember(toured=not first_run)
        app = TtsdApp(client, memory, preferences, make_player=make_player, clock=lambda: NOW_S, now=lambda: NOW)
        if isinstance(client, Replay):
            app.voices = VoiceWork(client.house, app.player, app._play, app.apply)
        async with app.run_test(size=size, notifications=True) as pilot:
            yield app, pilot, players[0]

    return run


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def in_chinese() -> Iterator[None]:
    choose("zh")
    yield
    choose("en")


@pytest.fixture
def screen_text() -> Callable[[TtsdApp], str]:
    """What stands on the terminal, as text."""
    return lambda app: "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


FONTS = re.compile(r"@font-face\s*{.*?}", re.DOTALL)


@pytest.fixture(params=[(80, 24), (160, 48)], ids=["80x24", "160x48"])
def size(request) -> tuple[int, int]:
    return request.param


@pytest.fixture
def looks(snapshot, until):
    """Compares what is on the screen once nothing changes any more."""
    svg = snapshot.use_extension(SVGImageSnapshotExtension)

    async def compare(app, pilot, name: str | None = None) -> None:
        before = ""
        while before != (now := FONTS.sub("", app.export_screenshot())):
            before = now
            await pilot.pause(0.2)
            if isinstance(app.focused, Input | TextArea):
                app.focused.cursor_blink = False
        assert now == (svg(name=name) if name else svg)

    return compare


@pytest.fixture
def on_page(running, until):
    """The app with a page in front."""

    async def go(app, pilot, key: str, mode: str) -> None:
        await until(lambda: app.state.status)
        await pilot.press(key)
        await until(lambda: app.current_mode == mode and app.screen.is_mounted)
        await pilot.pause()

    return go

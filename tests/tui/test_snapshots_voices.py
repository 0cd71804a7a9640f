"""The voices page and its dialogs at two sizes, in two themes and in Chinese, as SVG."""

from collections.abc import Iterator

import pytest

from tests.tui.house import FACTS, NOISY, clip, variant, voice
from ttsd.protocol.hearing import Report
from tui.language import choose
from tui.screens.examining import Examining
from tui.screens.form import Form
from tui.screens.recording import RecordingScreen
from tui.widgets.voicelist import VoiceList


@pytest.fixture
def housed(replay):
    """A few voices, each different."""
    house = replay.house
    house.sound = clip(3.0)
    house.here = [
        voice(
            "anna",
            variant(),
            variant("happy", "I won! I really won!", duration_s=3.2),
            description="reads the news",
            consent="Anna Smith, by e-mail of 2026-03-02, for the news",
        ),
        voice("bob", variant(says="", language="de", revision="bob-1")),
        voice("cracked", problem="voice.toml is not valid TOML (at line 3, column 7)"),
        voice("ming", variant(says="早上好，昨晚下了一场雨。", language="zh", revision="ming-1"), description="讲故事"),
    ]
    house.reports["bob@neutral"] = Report(FACTS, (NOISY,))
    return replay


@pytest.fixture
def in_chinese() -> Iterator[None]:
    choose("zh")
    yield
    choose("en")


async def open_page(app, pilot, until) -> None:
    await until(lambda: app.state.voices)
    await pilot.press("f2")
    await until(lambda: app.screen.query(VoiceList) and len(app.voices.envelopes) == 4 and app.voices.reports)


async def test_voices_side_by_side(housed, running, size, looks, until):
    async with running(housed, size=size) as (app, pilot, player):
        await open_page(app, pilot, until)
        await pilot.press("down", "down", "m")
        await until(lambda: "bob-1" in app.voices.reports)
        await pilot.press("space")
        await until(lambda: player.playing)
        player.hear(1.2)
        await looks(app, pilot)


async def test_voices_in_light_chinese(housed, running, size, looks, until, in_chinese):
    async with running(housed, size=size) as (app, pilot, _):
        app.theme = "ttsd-light"
        await open_page(app, pilot, until)
        await looks(app, pilot)


async def test_a_new_voice(housed, running, size, looks, until):
    async with running(housed, size=size) as (app, pilot, _):
        await open_page(app, pilot, until)
        await pilot.press("n")
        await until(lambda: isinstance(app.screen, Form) and app.focused)
        app.focused.cursor_blink = False
        await looks(app, pilot)


async def test_a_clip_examined(housed, running, size, looks, until, tmp_path):
    (tmp_path / "carla.wav").write_bytes(clip(0.01))
    async with running(housed, size=size) as (app, pilot, _):
        await open_page(app, pilot, until)
        await pilot.press("n")
        await until(lambda: isinstance(app.screen, Form) and app.focused)
        app.screen.query_one("#clip").value = str(tmp_path / "carla.wav")
        app.screen.query_one("#name").value = "carla"
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Examining) and app.screen._report)
        await looks(app, pilot)


async def test_a_voice_to_record(housed, running, size, looks, until):
    async with running(housed, size=size) as (app, pilot, _):
        await open_page(app, pilot, until)
        await pilot.press("r")
        await until(lambda: isinstance(app.screen, RecordingScreen))
        await looks(app, pilot)

"""The writing half of the speak page at two sizes, as SVG; see `test_snapshots.py`."""

import pytest

from tui.settings import Settings
from tui.spoken import Spoken
from tui.widgets.composer import Composer
from tui.widgets.transcript import Transcript

TEXT = "The first train was late again, and nobody was surprised. 没有人觉得奇怪。 Somebody had brought coffee. "


@pytest.fixture
def begun(until):
    async def begin(app) -> Composer:
        await until(lambda: app.state.status and isinstance(app.focused, Composer) and app.screen._engine)
        app.focused.cursor_blink = False
        return app.focused

    return begin


async def test_dials(replay, running, size, looks, begun):
    async with running(replay, size=size) as (app, pilot, _):
        await begun(app)
        await pilot.press("alt+s", "right", "right", "down", "left", "down")
        await looks(app, pilot)


async def test_a_phrase_is_chosen(replay, running, size, looks, begun, until):
    async with running(replay, size=size) as (app, pilot, _):
        composer = await begun(app)
        await pilot.press("f9", "f9")
        composer.insert(TEXT)
        await pilot.press("f6")
        await until(lambda: app.narrator.take.samples and not app.narrator.take.active)
        take = app.narrator.take
        app.narrator.rendition.take = type(take)(take.number, take.phrases, take.samples, 41.0, 2.1, take.samples)
        await pilot.press("tab", "home", "down")
        await until(lambda: isinstance(app.focused, Transcript))
        await looks(app, pilot)


async def test_spoken_before(replay, running, size, looks, begun, until):
    async with running(replay, size=size) as (app, pilot, _):
        await begun(app)
        now_s = app.screen._seconds()
        for place, (text, voice) in enumerate(
            (
                (TEXT, None),
                ("早上的第一班火车又晚点了。", "sky"),
                ("Good evening, and welcome. " * 9, "heart"),
                ("Yes.", None),
            )
        ):
            app.screen._book.add(Spoken(now_s - 3000 * place, 2.5 + 40 * place, text, Settings(voice)))
        await pilot.press("ctrl+o")
        await until(lambda: len(app.screen_stack) == 2 and app.screen._list.selected)
        app.screen.query_one("Input").cursor_blink = False
        await pilot.press("down")
        await looks(app, pilot)

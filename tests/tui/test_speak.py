"""The speak page: writing, hearing, stopping, saving."""

import wave

import pytest

from ttsd.protocol.errors import Busy
from ttsd.protocol.jobs import NewJob
from ttsd.protocol.speech import Start, Text
from tui.screens.speak import Composer
from tui.widgets.picker import Picker
from tui.widgets.prompt import Prompt


async def write(pilot, text: str) -> None:
    await pilot.press(*("space" if letter == " " else "full_stop" if letter == "." else letter for letter in text))


@pytest.fixture
def written(replay, running, until):
    """The app after `text` was typed and sounded."""

    async def type_it(app, pilot, text: str = "hello there. ") -> None:
        await until(lambda: app.state.status and isinstance(app.focused, Composer))
        await write(pilot, text)
        await until(lambda: app.narrator.take.samples)
        await pilot.pause()

    return type_it


async def test_typing_is_heard_phrase_by_phrase(replay, running, written, until, screen_text):
    async with running(replay) as (app, pilot, player):
        await written(app, pilot, "one two. three four. five")
        await until(lambda: len(app.narrator.take.phrases) == 2)
        player.hear(app.narrator.take.phrases[1].start / 24_000 + 0.1)
        await until(lambda: "▶ three four." in screen_text(app))
        assert "✓ one two." in screen_text(app)
        assert "… five" in screen_text(app)
        assert "first sound" in screen_text(app)

        player.hear(60)
        await until(lambda: "✓ three four." in screen_text(app))


async def test_a_corrected_phrase_takes_the_place_of_the_old_one(replay, running, written, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await written(app, pilot, "one. tow. ")
        await until(lambda: "tow." in screen_text(app).split("Hear")[1])
        await pilot.press("backspace", "backspace", "backspace", "backspace")
        await write(pilot, "wo. ")

        await until(lambda: "two." in screen_text(app).split("Hear")[1])
        assert "tow." not in screen_text(app).split("Hear")[1]
        assert "one." in screen_text(app).split("Hear")[1]


async def test_escape_is_silence(replay, running, written):
    async with running(replay) as (app, pilot, player):
        await written(app, pilot)
        assert player.playing

        await pilot.press("escape")

        assert not player.playing
        assert app.screen.query_one(Composer).text == "hello there. "


async def test_f5_speaks_everything_from_the_beginning(replay, running, written, until):
    async with running(replay) as (app, pilot, _):
        await written(app, pilot, "one. two. ")

        await pilot.press("f5")

        await until(lambda: app.narrator.take.number == 2 and app.narrator.take.samples)
        assert Text("one. two. ") in replay.said


async def test_live_off_waits_to_be_asked(replay, running, until):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f6")
        await write(pilot, "quiet. ")
        await pilot.pause()
        assert replay.said == []

        await pilot.press("f5")

        await until(lambda: not app.narrator.take.active and app.narrator.take.samples)


async def test_the_take_is_saved_as_wav(replay, running, written, until, tmp_path, screen_text):
    async with running(replay) as (app, pilot, _):
        await written(app, pilot)
        await pilot.press("ctrl+s")
        await until(lambda: isinstance(app.screen, Prompt))
        target = tmp_path / "take.wav"
        app.screen.query_one("Input").value = str(target)

        await pilot.press("enter")

        await until(target.exists)
        await until(lambda: "Saved" in screen_text(app))
        with wave.open(str(target)) as file:
            assert file.getnframes() == app.narrator.take.samples


async def test_saving_refuses_to_overwrite_and_says_why_it_failed(
    replay, running, written, until, tmp_path, screen_text
):
    there = tmp_path / "there.wav"
    there.write_bytes(b"mine")
    async with running(replay, size=(120, 40)) as (app, pilot, _):
        await written(app, pilot)
        for path in (there, tmp_path / "no" / "such" / "folder.wav"):
            await pilot.press("ctrl+s")
            await until(lambda: isinstance(app.screen, Prompt))
            app.screen.query_one("Input").value = str(path)
            await pilot.press("enter")
        await until(lambda: "another name" in screen_text(app) and "No such file" in screen_text(app))
        await pilot.press("ctrl+s")
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, Prompt))
    assert there.read_bytes() == b"mine"


async def test_without_a_sound_device_there_is_a_notice_and_a_way_out(replay, running, written, until, screen_text):
    async with running(replay, device=False) as (app, pilot, player):
        await until(lambda: "No sound device." in screen_text(app))
        await written(app, pilot)
        await until(lambda: "✓ hello there." in screen_text(app))
        assert app.screen.check_action("save", ()) is True
        assert not player.playing


async def test_the_notice_goes_when_a_device_comes(replay, running, until, screen_text):
    async with running(replay, device=False) as (app, _, player):
        await until(lambda: "No sound device." in screen_text(app))

        player._tell(type(player.sound)(available=True, note="speakers"))

        await until(lambda: "No sound device." not in screen_text(app))


async def test_voice_and_language_are_the_engines_and_count_from_the_next_words_on(
    replay, running, written, until, screen_text
):
    async with running(replay) as (app, pilot, _):
        await written(app, pilot)
        await pilot.press("ctrl+t")
        await until(lambda: isinstance(app.screen, Picker))
        await pilot.press("down", "down", "enter")
        await pilot.press("ctrl+l")
        await until(lambda: isinstance(app.screen, Picker))
        await pilot.press("end", "enter")
        await until(lambda: "voice sky" in screen_text(app) and "language English" in screen_text(app))
        await write(pilot, "more. ")

        await until(lambda: Start(voice="sky", language="en") in replay.said)
        await until(lambda: Text("m") in replay.said)


async def test_the_text_becomes_a_job(replay, running, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f6")
        await write(pilot, "for later.")

        await pilot.press("f7")

        await until(lambda: ("submit", NewJob(text="for later.")) in replay.asked)
        await until(lambda: "Queued" in screen_text(app))


async def test_a_refusal_is_a_toast(replay, running, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f6")
        await write(pilot, "no.")
        replay.refuses = Busy("the queue is full")

        await pilot.press("f7")

        await until(lambda: "the queue is full" in screen_text(app))


async def test_clear_can_be_undone(replay, running, written):
    async with running(replay) as (app, pilot, _):
        await written(app, pilot)
        await pilot.press("f8")
        assert app.screen.query_one(Composer).text == ""

        await pilot.press("ctrl+z")

        assert app.screen.query_one(Composer).text == "hello there. "


async def test_keys_that_do_nothing_are_shown_as_such(replay, running, written):
    async with running(replay) as (app, pilot, _):
        await pilot.pause()
        page = app.screen
        assert [page.check_action(action, ()) for action in ("read", "queue", "clear", "save", "hush")] == [None] * 5

        await written(app, pilot)

        assert [page.check_action(action, ()) for action in ("read", "queue", "clear", "save", "hush")] == [True] * 5

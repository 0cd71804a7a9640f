"""The writing half of the speak page: when what is typed is heard, and how it is spoken."""

import pytest
from textual.events import Paste

from ttsd.protocol.errors import Busy
from ttsd.protocol.speech import End, Start, Style, Text
from tui.settings import Settings
from tui.state import Link
from tui.widgets.composer import Composer
from tui.widgets.dials import Dials
from tui.widgets.transcript import Transcript


@pytest.fixture
def ready(until):
    async def wait(app) -> None:
        await until(lambda: app.state.status and isinstance(app.focused, Composer) and app.screen._engine)

    return wait


async def write(pilot, text: str) -> None:
    names = {" ": "space", ".": "full_stop", ",": "comma", "\n": "enter"}
    await pilot.press(*(names.get(letter, letter) for letter in text))


async def test_f9_goes_through_the_ways_of_hearing_what_is_typed(replay, running, ready, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        for shown in ("● each line", "○ when asked", "● each word", "● each clause"):
            await pilot.press("f9")
            await until(lambda shown=shown: shown in screen_text(app))
        await pilot.press("f9")
        await write(pilot, "one. ")

        await until(lambda: Start(commit="line") in replay.said)


async def test_the_settings_survive_the_app(replay, running, ready, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        await pilot.press("f9", "alt+s", "right", "right", "down", "down", "down", "left", "escape")
        await until(lambda: isinstance(app.focused, Composer))

    async with running(replay) as (app, pilot, _):
        await ready(app)
        assert app.narrator.settings == Settings(live="line", style=Style(clarity=60), speed=0.95)
        await until(lambda: "clarity 60, ×0.95" in screen_text(app))
        await write(pilot, "one. ")
        await until(lambda: Start(commit="line", style=Style(clarity=60), speed=0.95) in replay.said)


async def test_the_dials_are_in_sight_where_there_is_room(replay, running, ready):
    async with running(replay, size=(160, 48)) as (app, pilot, _):
        await ready(app)
        dials = app.screen.query_one(Dials)
        assert dials.display
        await pilot.click(dials, offset=(dials.outer_size.width - 5, 2))
        assert app.narrator.settings.style.naturalness == 100
        await pilot.press("shift+left", "k", "minus")
        assert app.narrator.settings.style == Style(clarity=45, naturalness=99)
        await pilot.press("backspace")
        assert app.narrator.settings.style == Style(naturalness=99)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert not dials.display


async def test_what_the_voice_cannot_do_says_why(replay, running, ready, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        await pilot.press("alt+s", "down", "down")
        await until(lambda: "The voice heart has one range of pitch" in screen_text(app))

        await pilot.press("right")

        assert app.narrator.settings.style == Style()
        await until(lambda: screen_text(app).count("The voice heart has one range") == 2)


async def test_a_language_that_the_engine_does_not_speak_cannot_be_chosen(replay, running, ready, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        await pilot.press("ctrl+l")
        await until(lambda: "German · not with this engine" in screen_text(app))
        await pilot.press("end", "enter")
        await until(lambda: app.narrator.settings.language == "en")


@pytest.fixture
def spoken(ready, until):
    """The app after three phrases were typed and sounded; the transcript has the focus, on the last one."""

    async def speak(app, pilot) -> Transcript:
        await ready(app)
        await write(pilot, "one two. three four. five six. ")
        await until(lambda: len(app.narrator.take.phrases) == 3 and app.narrator.take.phrases[2].start)
        await pilot.press("escape", "tab")
        await until(lambda: isinstance(app.focused, Transcript) and not app.narrator.take.active)
        return app.focused

    return speak


async def test_a_phrase_is_spoken_anew_in_its_place(replay, running, spoken, until):
    async with running(replay) as (app, pilot, player):
        await spoken(app, pilot)
        before = app.narrator.take
        sound = bytes(app.narrator.recording.pcm)
        first, second, third = (phrase.start * 2 for phrase in before.phrases)
        replay.sounds_like = lambda phrase: b"\1\0" * 1200

        await pilot.press("up", "r")

        await until(lambda: app.narrator.take.phrases[1].retakes == 1)
        assert replay.said[-3:] == [Start(seed=1), Text("three four."), End()]
        assert app.narrator.recording.pcm == sound[first:second] + b"\1\0" * 1200 + sound[third:]
        after = app.narrator.take
        assert after.phrases[2].start == before.phrases[1].start + 1200
        assert after.samples == app.narrator.recording.samples == player.reel.end
        assert (player.playing, app.narrator.heard) == (True, before.phrases[1].start)

        await pilot.press("r")
        await until(lambda: app.narrator.take.phrases[1].retakes == 2)
        assert Start(seed=2) in replay.said


async def test_what_is_typed_after_a_phrase_was_spoken_anew_follows_the_rest(replay, running, ready, until):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        await write(pilot, "one two. three four. ")
        await until(lambda: len(app.narrator.take.phrases) == 2 and app.narrator.take.samples > 12_000)
        replay.sounds_like = lambda phrase: b"\1\0" * 1200
        await pilot.press("tab", "home", "r")
        await until(lambda: app.narrator.take.phrases[0].retakes)
        end = app.narrator.take.samples

        await pilot.press("shift+tab")
        await write(pilot, "five. ")

        await until(lambda: len(app.narrator.take.phrases) == 3 and app.narrator.take.samples > end)
        assert app.narrator.take.phrases[2].start == end
        assert app.narrator.recording.samples == app.narrator.take.samples


async def test_a_retake_that_fails_leaves_the_phrase_as_it_was(replay, running, spoken, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await spoken(app, pilot)
        before = app.narrator.take
        replay.refuses = Busy("all places are taken")

        await pilot.press("r")

        await until(lambda: "all places are taken" in screen_text(app))
        assert (app.narrator.take, app.narrator.rendition.retaking) == (before, frozenset())


async def test_a_phrase_is_heard_again_and_found_where_it_is_written(replay, running, spoken, until, screen_text):
    async with running(replay) as (app, pilot, player):
        transcript = await spoken(app, pilot)
        await pilot.press("up", "space")
        assert (player.playing, app.narrator.heard) == (True, app.narrator.take.phrases[1].start)

        await pilot.press("e")
        composer = app.focused
        assert (isinstance(composer, Composer), composer.selected_text) == (True, "three four.")
        await write(pilot, "gone. ")
        await pilot.press("tab")
        await until(lambda: isinstance(app.focused, Transcript))
        await pilot.click(transcript, offset=(6, 1))
        await pilot.press("e")
        await until(lambda: isinstance(app.focused, Composer))
        assert app.focused.selected_text == app.narrator.take.phrases[0].text


async def test_a_phrase_that_was_deleted_cannot_be_gone_to(replay, running, spoken, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await spoken(app, pilot)
        app.screen.query_one(Composer).clear()
        await pilot.press("e")
        await until(lambda: "This is not in the text any more." in screen_text(app))
        assert isinstance(app.focused, Transcript)


async def test_what_was_being_written_is_there_again(replay, running, ready, until, screen_text, tmp_path):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        await write(pilot, "dear ada. ")
        await until(lambda: [file.read_text() for file in tmp_path.glob("app/drafts/*.txt")] == ["dear ada. "])
    replay.said.clear()

    async with running(replay) as (app, pilot, _):
        await ready(app)
        await until(lambda: app.screen.query_one(Composer).text == "dear ada. ")
        await until(lambda: "What you were writing is here again" in screen_text(app))
        await write(pilot, "more. ")
        await until(lambda: app.narrator.take.samples)
        assert [phrase.text for phrase in app.narrator.take.phrases] == ["more."]

        await pilot.press("ctrl+z", "ctrl+z")
        await until(lambda: app.screen.query_one(Composer).text == "")
        await until(lambda: not list(tmp_path.glob("app/drafts/*.txt")))


async def pasting(app, text: str, until) -> Composer:
    """A long text is on its way in, and not all of it is there."""
    composer = app.screen.query_one(Composer)
    app.post_message(Paste(text))
    await until(lambda: 0 < len(composer.text) < len(text))
    return composer


async def test_a_long_text_comes_in_little_by_little_and_is_not_spoken(replay, running, ready, until, screen_text):
    text = ("The first train of the morning was late again. " * 40 + "\n") * 550
    async with running(replay) as (app, pilot, _):
        await ready(app)
        composer = await pasting(app, text, until)
        await pilot.press("x")
        await until(lambda: composer.text.count("\n") > 550 and not composer.read_only)
        await pilot.pause()

        assert composer.text.split() == text.split()
        assert replay.said == []
        assert "F7 makes a job" in screen_text(app)
        await write(pilot, "last. ")
        await until(lambda: Text(".") in replay.said)
        await pilot.press("ctrl+z", "ctrl+z")
        await until(lambda: composer.text == "")


async def test_what_was_pasted_goes_with_one_key_and_comes_back_with_another(replay, running, ready, until):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        composer = app.screen.query_one(Composer)
        await pilot.press("f9", "f9", "a")
        app.post_message(Paste("line\n" * 200))
        await until(lambda: composer.text == "a" + "line\n" * 200)

        await pilot.press("ctrl+z")
        assert (composer.text, composer.cursor_location) == ("a", (0, 1))
        await pilot.press("ctrl+y")
        assert (composer.text, composer.cursor_location) == ("a" + "line\n" * 200, (200, 0))


async def test_how_far_a_long_text_is_heard(replay, running, ready, until, screen_text):
    replay.sounds_like = lambda phrase: bytes(24_000)
    async with running(replay) as (app, pilot, player):
        await ready(app)
        await pilot.press("f9", "f9")
        app.screen.query_one(Composer).insert("one two. " * 200)
        await pilot.press("f6")
        await until(lambda: len(app.narrator.take.phrases) == 200)
        player.hear(25.25)
        await until(lambda: "25 % heard, 1:15 left" in screen_text(app))


async def test_a_history_with_nothing_in_it_says_so(replay, running, ready, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        await pilot.press("ctrl+o")
        await until(lambda: "Nothing is here." in screen_text(app))


@pytest.fixture
def recalled(ready, until, screen_text):
    """The app with two takes in its history, which is open."""

    async def recall(app, pilot) -> None:
        await ready(app)
        await write(pilot, "one two. ")
        await until(lambda: app.narrator.take.samples)
        app.screen._set_voice("sky")
        await until(lambda: not app.narrator.take.active)
        await pilot.press("f8")
        await write(pilot, "three four. ")
        await until(lambda: app.narrator.take.number == 2 and app.narrator.take.samples)
        await pilot.press("escape", "ctrl+o")
        await until(lambda: "three four." in screen_text(app) and "one two." in screen_text(app))

    return recall


async def test_what_was_spoken_is_found_and_brought_back(replay, running, recalled, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await recalled(app, pilot)
        await write(pilot, "tw")
        await until(lambda: [row.text for row in app.screen._list._rows] == ["one two."])

        await pilot.press("enter")

        composer = app.screen.query_one(Composer)
        await until(lambda: composer.text == "one two." and not composer.read_only)
        assert (app.narrator.settings.voice, isinstance(app.focused, Composer)) == (None, True)
        await pilot.press("ctrl+z", "ctrl+z")
        await until(lambda: composer.text == "three four. ")


async def test_in_the_history_one_hears_deletes_and_undoes(replay, running, recalled, until):
    async with running(replay) as (app, pilot, player):
        await recalled(app, pilot)
        rows = app.screen._list
        await pilot.press("down", "down", "space")
        await until(lambda: app.narrator.take.number == 3 and app.narrator.take.samples)
        assert (replay.said[-2], player.playing) == (Text("one two."), True)
        await pilot.press("d")
        await until(lambda: [row.text for row in rows._rows] == ["three four."])
        await pilot.press("u")
        await until(lambda: len(rows._rows) == 2)
        await pilot.press("escape")
        await write(pilot, "five. ")
        await until(lambda: app.narrator.take.number == 4 and app.narrator.take.samples)
        assert [phrase.text for phrase in app.narrator.take.phrases] == ["five."]


async def test_control_c_copies_what_is_selected_and_ends_nothing(replay, running, ready, until):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        await write(pilot, "copy me.")
        await pilot.press("shift+home", "ctrl+c")
        assert app.clipboard == "copy me."
        await pilot.press("end", "ctrl+c")
        await write(pilot, " still here.")
        assert app.screen.query_one(Composer).text == "copy me. still here."


async def test_clear_takes_away_what_still_comes_in(replay, running, ready, until):
    text = ("The first train of the morning was late again. " * 10 + "\n") * 800
    async with running(replay) as (app, pilot, _):
        await ready(app)
        composer = await pasting(app, text, until)
        await pilot.press("f8")
        await until(lambda: not composer.read_only and not app.screen._pouring)
        assert composer.text == ""
        await write(pilot, "on. ")
        await until(lambda: app.narrator.take.samples)


async def test_what_is_typed_without_a_daemon_is_kept_said_to_be_so_and_spoken_later(
    replay, running, ready, until, screen_text
):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        replay.present = False
        replay.break_off()
        await until(lambda: app.state.link is Link.LOST)
        await write(pilot, "one two. ")
        await until(lambda: "The daemon is away: what you write is spoken when it is back." in screen_text(app))
        assert "… one two." in screen_text(app)

        replay.present = True
        await until(lambda: app.narrator.take.samples)
        await until(lambda: "The daemon is away" not in screen_text(app))
        assert [phrase.text for phrase in app.narrator.take.phrases] == ["one two."]


async def test_escape_leaves_unspoken_what_was_typed_without_a_daemon(replay, running, ready, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        replay.present = False
        replay.break_off()
        await until(lambda: app.state.link is Link.LOST)
        await write(pilot, "one two. ")
        await until(lambda: "The daemon is away" in screen_text(app))
        await pilot.press("escape")
        await until(lambda: "The daemon is away" not in screen_text(app))
        replay.present = True
        await until(lambda: app.state.link is Link.UP)
        await write(pilot, "three. ")
        await until(lambda: app.narrator.take.samples)
        assert [phrase.text for phrase in app.narrator.take.phrases] == ["three."]


async def test_undo_and_redo_of_a_paste_do_not_speak_it_again(replay, running, ready, until):
    async with running(replay) as (app, pilot, _):
        await ready(app)
        composer = app.screen.query_one(Composer)
        for pasted in ("The first train was late again. " * 10, "Nobody was surprised by that. " * 900):
            app.post_message(Paste(pasted))
            await until(lambda: composer.text and not composer.read_only and not app.screen._pouring)
            await pilot.press("escape")
            text, said = composer.text, len(replay.said)
            await pilot.press("ctrl+z")
            await until(lambda: composer.text == "")
            await pilot.press("ctrl+y")
            await until(lambda text=text: composer.text == text)
            await pilot.press("f8")
            await until(lambda: composer.text == "")
            await pilot.press("ctrl+z")
            await until(lambda text=text: composer.text == text)
            await pilot.pause()
            assert [message for message in replay.said[said:] if isinstance(message, Text)] == []
            await pilot.press("f8")
        await write(pilot, "on. ")
        await until(lambda: Text(".") in replay.said)


async def test_a_long_text_has_as_many_letters_in_its_notice_as_below_the_page(
    replay, running, ready, until, screen_text
):
    async with running(replay) as (app, _, _):
        await ready(app)
        app.post_message(Paste("  " + "nobody was surprised " * 1000 + "\n"))
        await until(lambda: "F7 makes a job" in screen_text(app))
        await until(lambda: screen_text(app).count(f"{app.screen._letters:,} letters") == 2)


async def test_the_dials_have_room_beside_the_tour(replay, running, ready, until):
    async with running(replay, first_run=True, device=False) as (app, pilot, _):
        await ready(app)
        await until(lambda: app.screen.query("Tour"))
        await pilot.press("alt+s")
        await until(lambda: app.focused is app.screen.query_one(Dials))
        await until(lambda: app.focused.region.bottom <= app.screen.query_one("#notice").region.y)
        assert app.focused.size.height == 6
        await pilot.press("escape")
        await until(lambda: app.screen.query_one("Tour").display and app.screen.query_one("Tour").size.height)

"""The speak page: writing, hearing, stopping, saving."""

import itertools
import wave

import pytest
from msgspec.structs import replace

from tests.tui.replay import QuietPlayer
from ttsd.protocol.errors import BadRequest, Busy
from ttsd.protocol.jobs import JobState, NewJob
from ttsd.protocol.speech import Start, Text
from tui.playback import Sound
from tui.widgets.composer import Composer
from tui.widgets.joblist import JobList
from tui.widgets.picker import Picker
from tui.widgets.prompt import Prompt
from tui.widgets.transcript import Transcript
from tui.widgets.waveform import Waveform


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

        await pilot.press("f6")

        await until(lambda: app.narrator.take.number == 2 and app.narrator.take.samples)
        assert Text("one. two. ") in replay.said


async def test_live_off_waits_to_be_asked(replay, running, until):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f9", "f9")
        await write(pilot, "quiet. ")
        await pilot.pause()
        assert replay.said == []

        await pilot.press("f6")

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


async def save_as(app, pilot, until, path) -> None:
    await pilot.press("ctrl+s")
    await until(lambda: isinstance(app.screen, Prompt))
    app.screen.query_one("Input").value = str(path)
    await pilot.press("enter")


async def test_saving_asks_before_it_replaces(replay, running, written, until, tmp_path):
    there = tmp_path / "there.wav"
    there.write_bytes(b"mine")
    async with running(replay) as (app, pilot, _):
        await written(app, pilot)
        await save_as(app, pilot, until, there)
        await until(lambda: isinstance(app.screen, Picker))
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, Picker))
        assert there.read_bytes() == b"mine"

        await save_as(app, pilot, until, there)
        await until(lambda: isinstance(app.screen, Picker))
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Prompt) and app.screen.query_one("Input").value == str(there))
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, Picker))
        await pilot.press("down", "enter")
        await until(lambda: there.read_bytes()[:4] == b"RIFF")


async def test_a_name_says_the_format_and_what_cannot_be_is_told(
    replay, running, written, until, tmp_path, screen_text
):
    async with running(replay, size=(120, 40)) as (app, pilot, _):
        await written(app, pilot)
        await save_as(app, pilot, until, tmp_path / "take.mp3")
        await until((tmp_path / "take.mp3").exists)
        assert (tmp_path / "take.mp3").read_bytes() == app.narrator.recording.pcm
        assert replay.asked[-1] == ("encode", ("mp3", "hello there.", ""))

        await save_as(app, pilot, until, tmp_path / "take.midi")
        await until(lambda: "Nothing can be written as .midi" in screen_text(app))
        await save_as(app, pilot, until, tmp_path / "no" / "such.wav")
        await until(lambda: "There is no folder" in screen_text(app))

        replay.refuses = BadRequest("mp3 files need the extra")
        await save_as(app, pilot, until, tmp_path / "other.mp3")
        await until(lambda: "mp3 files need the extra" in screen_text(app))
        assert [path.name for path in tmp_path.glob("*.*")] == ["take.mp3"]


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
        await pilot.press("f9", "f9")
        await write(pilot, "for later.")

        await pilot.press("f7")

        await until(lambda: ("submit", NewJob(text="for later.")) in replay.asked)
        await until(lambda: "Queued" in screen_text(app))


async def test_a_refusal_is_a_toast(replay, running, until, screen_text):
    async with running(replay) as (app, pilot, _):
        await until(lambda: app.state.status)
        await pilot.press("f9", "f9")
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


async def test_the_listener_pauses_and_goes_on_and_back_and_forth(replay, running, written, until):
    async with running(replay) as (app, pilot, player):
        await written(app, pilot, "one two. three four. ")
        second = app.narrator.take.phrases[1].start
        player.hear(second / 24_000 + 0.1)

        await pilot.press("alt+p")
        assert (player.playing, player.held) == (False, True)
        await pilot.press("alt+left")
        assert (app.narrator.heard, player.playing) == (second + 2400 - 24_000 if second > 21_600 else 0, False)
        await pilot.press("alt+p")
        assert player.playing

        await pilot.press("alt+down")
        assert app.narrator.heard == second
        await pilot.press("alt+up")
        assert app.narrator.heard == 0
        assert app.screen.query_one(Composer).text == "one two. three four. "


async def test_the_page_moves_on_with_the_listener_after_a_pause(replay, running, written, until, screen_text):
    async with running(replay) as (app, pilot, player):
        await written(app, pilot, "one two three four five six. ")
        player.hear(0.5)
        await until(lambda: "0:00.5 /" in screen_text(app))
        await pilot.press("alt+p")
        await until(lambda: "‖ 0:00.5 /" in screen_text(app))
        await pilot.press("alt+p")
        await until(lambda: "▶ 0:00.5 /" in screen_text(app))

        player.hear(0.5)

        await until(lambda: "▶ 0:01.0 /" in screen_text(app))


async def test_what_was_stopped_can_be_heard_again(replay, running, written, until):
    async with running(replay) as (app, pilot, player):
        await written(app, pilot)
        player.hear(0.2)
        await pilot.press("escape")
        assert (player.playing, app.narrator.heard) == (False, 4800)

        await pilot.press("alt+p")
        assert player.playing
        player.hear(60)
        assert app.narrator.heard == app.narrator.take.samples

        await pilot.press("alt+p")
        assert (player.playing, app.narrator.heard) == (True, 0)
        player.hear(0.1)
        await pilot.press("alt+r")
        assert (player.playing, app.narrator.heard) == (True, 0)


async def test_a_click_in_the_waveform_goes_there_while_more_comes_in(replay, running, written, until):
    async with running(replay) as (app, pilot, player):
        await written(app, pilot, "one two three four. ")
        waveform = app.screen.query_one(Waveform)
        await pilot.click(waveform, offset=(2, 1))
        assert app.narrator.heard == 0
        drawn = len(app.narrator.recording.envelope)

        await pilot.click(waveform, offset=(2 + drawn // 2, 1))

        await until(lambda: app.narrator.heard == round(drawn // 2 / drawn * app.narrator.take.samples))
        await write(pilot, "five. ")
        await until(lambda: len(app.narrator.take.phrases) == 2)
        assert player.playing
        app.screen.set_focus(waveform)
        await pilot.press("home")
        assert app.narrator.heard == 0
        await pilot.press("space")
        assert player.held


async def test_a_result_that_was_played_in_between_leaves_the_take_where_it_was(
    replay, running, written, until, make_job
):
    replay.first = [make_job("done.txt", JobState.SUCCEEDED)]
    async with running(replay) as (app, pilot, player):
        await written(app, pilot)
        player.hear(0.2)
        await pilot.press("f3")
        await until(lambda: app.screen.query(JobList) and app.screen.query_one(JobList).selected)
        await pilot.press("p")
        await until(lambda: player.reel.end == 48_000)
        await pilot.press("f1")
        player.hear(1.0)
        assert (app.narrator.heard, app.narrator.playing) == (4800, False)

        await pilot.press("alt+p")

        assert (app.narrator.heard, app.narrator.playing) == (4800, True)


async def test_the_word_that_is_heard_stands_out(replay, running, written, until):
    async with running(replay, size=(120, 40)) as (app, pilot, player):
        await written(app, pilot, "one two three four. ")
        transcript = app.screen.query_one(Transcript)
        words = []
        for _ in range(12):
            player.hear(0.1)
            await pilot.pause(0.05)
            start, end = transcript._word
            words.append("one two three four."[start:end])
        assert [word for word, _ in itertools.groupby(words) if word] == ["one", "two", "three", "four."]


async def test_the_sound_device_is_chosen_and_remembered(replay, running, written, until, monkeypatch):
    monkeypatch.setattr(QuietPlayer, "outputs", lambda self, timeout_s=0.0: ["Speakers", "Head\x1bset"])
    async with running(replay) as (app, pilot, player):
        await written(app, pilot)
        await pilot.press("alt+o")
        await until(lambda: isinstance(app.screen, Picker))
        await pilot.press("down", "down", "enter")
        await until(lambda: player.device == "Head\x1bset")
        assert app.memory.recall().output == "Head\x1bset"


async def test_a_device_that_is_not_there_is_told_once(replay, running, until):
    async with running(replay) as (app, pilot, player):
        await until(lambda: app.state.status)
        missed = Sound(available=True, note="speakers", missed="Headset is not there")
        player._tell(missed)
        told = app._notifications
        await until(
            lambda: [one.message for one in told] == ["Headset is not there; the system's default device plays."]
        )
        player._tell(replace(missed, note="others"))
        await pilot.pause()
        assert len(told) == 1


async def test_over_ssh_the_notice_has_the_command_for_home(replay, running, until, screen_text, monkeypatch):
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.4 50022 192.0.2.7 22")
    monkeypatch.setenv("LOGNAME", "ada")
    async with running(replay, size=(160, 48), device=False) as (app, _, _):
        await until(lambda: "-L /tmp/ttsd.sock:/run/user/1000/ttsd/ttsd.sock ada@192.0.2.7" in screen_text(app))

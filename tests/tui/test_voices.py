"""The voices page: looking, hearing, making, changing, removing."""

from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import Input

from tests.tui.house import FACTS, NOISY, clip, variant, voice
from ttsd.protocol.errors import Conflict
from ttsd.protocol.events import VoicesChanged
from ttsd.protocol.hearing import Report
from ttsd.protocol.voices import PatchVoice
from tui.screens.examining import Examining
from tui.screens.form import Form
from tui.widgets.answers import Lines
from tui.widgets.confirm import Confirm
from tui.widgets.picker import Picker
from tui.widgets.voicelist import VoiceList


@pytest.fixture
def housed(replay):
    """Two profiles, one with two clips, and one that is broken."""
    happy = variant("happy", "I won! I really won!", duration_s=3.2)
    replay.house.here = [
        voice("anna", variant(), happy, description="reads the news", consent="Anna, by letter"),
        voice("bob", variant(says="", language="de", revision="bob-1")),
        voice("cracked", problem="voice.toml is not valid TOML"),
    ]
    replay.house.reports["bob@neutral"] = Report(FACTS, (NOISY,))
    return replay


async def open_voices(app, pilot, until) -> VoiceList:
    await until(lambda: app.state.voices)
    await pilot.press("f2")
    await until(lambda: app.screen.query(VoiceList) and app.screen.query_one(VoiceList).selected)
    return app.screen.query_one(VoiceList)


async def form(app, until) -> None:
    """Wait for one."""
    await until(lambda: isinstance(app.screen, Form) and app.focused)


async def fill(app, pilot, until, **answers: str) -> None:
    """Put answers into the form in front, and hand it in."""
    await form(app, until)
    for name, value in answers.items():
        field = app.screen.query_one(f"#{name}")
        if isinstance(field, Lines):
            field.text = value
        elif isinstance(field, Input):
            field.value = value
    await pilot.press("enter")


def done(house, *kinds: str) -> list[tuple[object, ...]]:
    return [each for each in house.asked if each[0] in kinds]


async def test_the_list_tells_of_every_voice(housed, running, until, screen_text):
    async with running(housed) as (app, pilot, _):
        voices = await open_voices(app, pilot, until)
        await until(lambda: "A good clip." in screen_text(app) and len(app.voices.envelopes) == 3)
        shown = screen_text(app)
        assert [row.reference for row in voices._rows] == ["anna", "anna@happy", "bob", "cracked", "heart", "sky"]
        assert "3 profiles   2 of the engine" in shown
        [anna] = [line for line in shown.splitlines() if line.startswith("│ ● anna")]
        assert "6.4 s  " in anna
        assert "▆" in anna
        assert "│ ○ heart " in shown

        await pilot.press("down", "down")
        await until(lambda: "above its noise" in screen_text(app))
        assert "only its timbre" in screen_text(app)
        await pilot.press("down")
        await until(lambda: "not valid TOML" in screen_text(app))
        assert len(done(housed.house, "check")) == 2


async def test_the_list_follows_what_changes_elsewhere(housed, running, until):
    async with running(housed) as (app, pilot, _):
        voices = await open_voices(app, pilot, until)
        await pilot.press("down", "down")
        housed.house.here.append(voice("aaron"))
        housed.feed(VoicesChanged(11))
        await until(lambda: len(voices._rows) == 7)
        assert voices.selected.reference == "bob"


async def test_searching(housed, running, until, screen_text):
    async with running(housed) as (app, pilot, _):
        voices = await open_voices(app, pilot, until)
        await pilot.press("slash", *"german")
        await until(lambda: [row.reference for row in voices._rows] == ["bob"])
        await pilot.press(*"zzz")
        await until(lambda: "No voice has these words." in screen_text(app))
        await pilot.press("escape")
        await until(lambda: len(voices._rows) == 6)
        assert voices.has_focus


async def test_voices_are_heard_by_turns(housed, running, until, screen_text):
    async with running(housed) as (app, pilot, player):
        await open_voices(app, pilot, until)
        assert "m first" in app.screen.reason("hear", ("b",))
        await pilot.press("m", "down", "down", "a")
        await until(lambda: player.reel.end == 24_000)
        await until(lambda: "▶ a bob" in screen_text(app))
        await pilot.press("b")
        await until(lambda: len(done(housed.house, "say")) == 2)
        await pilot.press("s")
        await fill(app, pilot, until, sentence="The same for both.")
        await until(lambda: "“The same for both.”" in screen_text(app))
        await pilot.press("a")
        await until(lambda: len(done(housed.house, "say")) == 3)
        said = [each[1:] for each in done(housed.house, "say")]
        assert said[0][0::2] == ("bob", "de")
        assert said[0][1].startswith("Guten Tag")
        assert said[1][0::2] == ("anna", "en")
        assert said[2] == ("bob", "The same for both.", "auto")


async def test_the_clip_is_heard_and_hushed(housed, running, until):
    async with running(housed) as (app, pilot, player):
        await open_voices(app, pilot, until)
        await pilot.press("space")
        await until(lambda: player.playing and player.reel.end == 24_000)
        player.hear(0.5)
        assert app.voices.heard_share == 0.5
        await pilot.press("escape")
        assert not player.playing


async def test_a_voice_is_used_on_the_first_page(housed, running, until):
    async with running(housed) as (app, pilot, _):
        await open_voices(app, pilot, until)
        await pilot.press("down", "enter")
        await until(lambda: app.current_mode == "speak")
        assert app.narrator.settings.voice == "anna@happy"

        await pilot.press("ctrl+t")
        await until(lambda: isinstance(app.screen, Picker))
        assert [value for _, value in app.screen._choices] == ["", "anna", "anna@happy", "bob", "heart", "sky"]


async def test_a_voice_from_a_file_is_examined_before_it_is_kept(housed, running, until, screen_text, tmp_path):
    file = tmp_path / "carla.wav"
    file.write_bytes(clip(0.01))
    async with running(housed) as (app, pilot, _):
        voices = await open_voices(app, pilot, until)
        await pilot.press("n")
        await fill(app, pilot, until, clip=str(tmp_path / "none.wav"), name="carla")
        await until(lambda: "There is no such file." in screen_text(app))
        assert app.focused.id == "clip"
        await fill(app, pilot, until, clip=str(file), name="heart", transcript="Hello there.")
        await until(lambda: "The engine has a voice of that name" in screen_text(app))
        assert app.focused.id == "name"
        await fill(app, pilot, until, name="carla", consent="Carla herself")
        await until(lambda: isinstance(app.screen, Examining) and "above its noise" in screen_text(app))
        assert "denoised" in screen_text(app)
        await pilot.press("d")
        await until(lambda: "noise lowered by 9 dB" in screen_text(app))
        assert not done(housed.house, "add")
        await pilot.press("enter")
        await until(lambda: voices.selected.reference == "carla")
        [(_, new, filename, audio)] = done(housed.house, "add")
        assert (new.name, new.transcript, new.consent, new.denoise) == ("carla", "Hello there.", "Carla herself", True)
        assert (filename, audio) == ("carla.wav", file.read_bytes())


async def test_a_clip_that_is_refused_leads_back_to_the_form(housed, running, until, screen_text, tmp_path):
    (tmp_path / "x.wav").write_bytes(b"no sound")
    async with running(housed) as (app, pilot, _):
        await open_voices(app, pilot, until)
        await pilot.press("n")
        await fill(app, pilot, until, clip=str(tmp_path / "x.wav"), name="carla", transcript="Hello.")
        await until(lambda: "no sound file that is known" in screen_text(app))
        await pilot.press("enter", "t")
        await form(app, until)
        assert app.screen.query_one("#name", Input).value == "carla"
        await until(lambda: app.focused and app.focused.id == "clip")
        await pilot.press("escape")
        await until(lambda: app.screen.query(VoiceList))
        assert not done(housed.house, "add")


async def test_a_file_dropped_on_the_page_becomes_a_voice(housed, running, until, tmp_path):
    file = tmp_path / "Carla Smith.wav"
    file.write_bytes(clip(0.2))
    async with running(housed) as (app, pilot, _):
        await open_voices(app, pilot, until)
        app.screen.post_message(Paste(f"'{file}'"))
        await form(app, until)
        assert app.screen.query_one("#clip", Input).value == str(file)
        assert app.screen.query_one("#name", Input).value == "Carla-Smith"


async def test_tab_completes_a_path(housed, running, until, tmp_path):
    (tmp_path / "carla.wav").touch()
    async with running(housed) as (app, pilot, _):
        await open_voices(app, pilot, until)
        await pilot.press("n")
        await form(app, until)
        field = app.screen.query_one("#clip", Input)
        field.value = f"{tmp_path}/ca"
        await pilot.press("tab")
        assert field.value == f"{tmp_path}/carla.wav"
        await pilot.press("tab")
        assert app.focused.id == "name"

        (tmp_path / "carlo.wav").touch()
        field.focus()
        field.value = f"{tmp_path}/carl"
        await pilot.press("tab")
        assert field.value == f"{tmp_path}/carla.wav"


async def test_another_clip_takes_a_variants_place_only_when_that_is_wanted(housed, running, until, tmp_path):
    file = tmp_path / "a.wav"
    file.write_bytes(clip(0.2))
    async with running(housed) as (app, pilot, _):
        await open_voices(app, pilot, until)
        for answer, added in (("n", 0), ("y", 1)):
            await pilot.press("v")
            await fill(app, pilot, until, clip=str(file), variant="happy", transcript="Yes!")
            await until(lambda: isinstance(app.screen, Examining) and app.screen._report)
            await pilot.press("enter")
            await until(lambda: isinstance(app.screen, Confirm))
            await pilot.press(answer)
            await until(lambda: app.screen.query(VoiceList))
            await until(lambda added=added: len(done(housed.house, "add")) == added)
        assert done(housed.house, "add")[0][1].replace


async def test_only_what_was_changed_is_sent(housed, running, until, screen_text):
    async with running(housed) as (app, pilot, _):
        voices = await open_voices(app, pilot, until)
        await pilot.press("down", "e")
        await fill(app, pilot, until, speed="3")
        await until(lambda: "Speed is from 0.5 to 2." in screen_text(app))
        await fill(app, pilot, until, speed="1.1", transcript="I won!", name="annie")
        await until(lambda: voices.selected.reference == "annie@happy")
        assert done(housed.house, "patch") == [
            ("patch", "anna", PatchVoice(name="annie", speed=1.1, transcript="I won!", variant="happy"))
        ]
        await pilot.press("e")
        await fill(app, pilot, until)
        await until(lambda: app.screen.query(VoiceList))
        assert len(done(housed.house, "patch")) == 1


async def test_what_was_removed_comes_back(housed, running, until, screen_text):
    async with running(housed) as (app, pilot, _):
        voices = await open_voices(app, pilot, until)
        await pilot.press("down", "d")
        await until(lambda: "anna@happy is gone" in screen_text(app) and len(voices._rows) == 5)
        await pilot.press("u")
        await until(lambda: "anna is back" in screen_text(app) and len(voices._rows) == 6)
        assert app.screen.reason("undo", ())

        await pilot.press("home", "d")
        await until(lambda: isinstance(app.screen, Picker))
        await pilot.press("enter")
        await until(lambda: len(voices._rows) == 4)
        await pilot.press("u")
        await until(lambda: len(voices._rows) == 6)


async def test_a_variant_is_not_brought_back_over_later_changes(housed, running, until, screen_text):
    async with running(housed) as (app, pilot, _):
        voices = await open_voices(app, pilot, until)
        await pilot.press("down", "d")
        await until(lambda: len(voices._rows) == 5)
        await housed.house.patch_voice("anna", PatchVoice(description="changed elsewhere"))
        await pilot.press("u")
        await until(lambda: "anna has changed since" in screen_text(app))
        assert not done(housed.house, "import")


async def test_a_broken_voice_is_asked_about(housed, running, until):
    async with running(housed) as (app, pilot, _):
        voices = await open_voices(app, pilot, until)
        voices.seek("cracked")
        for answer, left in (("n", 6), ("y", 5)):
            await pilot.press("d")
            await until(lambda: isinstance(app.screen, Confirm))
            await pilot.press(answer)
            await until(lambda left=left: app.screen.query(VoiceList) and len(voices._rows) == left)
        assert app.voices.removed is None


async def test_a_voice_goes_into_a_file_and_out_of_it(housed, running, until, tmp_path: Path):
    file = tmp_path / "anna.ttsvoice"
    async with running(housed) as (app, pilot, _):
        voices = await open_voices(app, pilot, until)
        await pilot.press("x")
        await fill(app, pilot, until, file=str(file))
        await until(file.exists)
        await until(lambda: app.screen.query(VoiceList))
        await pilot.press("x")
        await fill(app, pilot, until, file=str(file))
        await until(lambda: isinstance(app.screen, Confirm))
        await pilot.press("escape", "i")
        await fill(app, pilot, until, file=str(file), name="anna-2")
        await until(lambda: voices.selected.reference == "anna-2")
        await pilot.press("i")
        await fill(app, pilot, until, file=str(file), name="bob")
        await until(lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(lambda: voices.selected.reference == "bob" and voices.selected.languages == ("en",))
        assert not list(tmp_path.glob(".*"))


async def test_a_refusal_is_told(housed, running, until, screen_text):
    housed.house.refuses = Conflict("somebody else is at it")
    async with running(housed) as (app, pilot, _):
        await open_voices(app, pilot, until)
        await pilot.press("down", "d")
        await until(lambda: "somebody else is at it" in screen_text(app))


async def test_the_engines_own_voices_say_why_they_stay(housed, running, until, screen_text):
    async with running(housed) as (app, pilot, _):
        await open_voices(app, pilot, until)
        await pilot.press("end", "d")
        await until(lambda: "only profiles" in " ".join(notice.message for notice in app._notifications))
        page = app.screen
        assert not page.reason("use", ())
        assert page.reason("clip", ()) == "It has no clip."


async def test_names_and_transcripts_cannot_draw_on_the_terminal(replay, running, until, screen_text):
    replay.house.here = [voice("anna", variant(says="\x1b[2J[red]no[/]"), description="\x1b[31m")]
    async with running(replay, size=(160, 40)) as (app, pilot, _):
        await open_voices(app, pilot, until)
        await until(lambda: "␛[2J[red]no[/]" in screen_text(app))
        assert "\x1b" not in screen_text(app)


async def test_what_is_read_aloud_is_in_the_language_chosen(housed, running, until, screen_text):
    async with running(housed) as (app, pilot, _):
        await open_voices(app, pilot, until)
        await pilot.press("r")
        await until(lambda: "It rained last night" in screen_text(app))
        await pilot.press("left")
        await until(lambda: "昨晚下了一场雨" in screen_text(app))
        await pilot.press("escape")
        await until(lambda: app.screen.query(VoiceList))


async def test_a_dialog_keeps_the_doctor_waiting_and_no_longer(housed, running, until, monkeypatch):
    monkeypatch.setattr("tui.screens.voices.SETTLE_S", 3600.0)
    async with running(housed) as (app, pilot, _):
        await open_voices(app, pilot, until)
        await pilot.press("n")
        await form(app, until)
        assert not app.voices.reports
        monkeypatch.setattr("tui.screens.voices.SETTLE_S", 0.01)
        await pilot.press("escape")
        await until(lambda: app.voices.reports)


async def test_one_profile_is_one(replay, running, until, screen_text):
    replay.house.here = [voice("anna", variant())]
    async with running(replay) as (app, pilot, _):
        await open_voices(app, pilot, until)
        await until(lambda: "1 profile " in screen_text(app))

"""What the forms about voices ask, refuse, and tell the daemon; and how voices become rows."""

import pytest

from tests.tui.house import BUILT_IN, variant, voice
from ttsd.protocol.voices import PatchVoice, VoiceList
from tui import voiceforms as forms
from tui.voicerows import Row, choices, label, rows, spoken

HERE = VoiceList((voice("anna", variant(), variant("happy")), *BUILT_IN), can_clone=True)
ANNA = rows(HERE.voices)[0]


def answers(**changed: str) -> dict[str, str]:
    asked = {question.name: question.value for question in forms.recorded_voice("Hello there.", "en", None)}
    return {**asked, "name": "carla", **changed}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, ""),
        ({"name": ""}, "A name has 1 to 64"),
        ({"name": "../x"}, "A name has 1 to 64"),
        ({"name": "HEART"}, "The engine has a voice"),
        ({"variant": "So Sad"}, "A variant has 1 to 32"),
        ({"variant": ""}, ""),
        ({"consent": "x" * 401}, "at most 400"),
        ({"transcript": "x" * 4001}, "at most 4000"),
        ({"clip": "/none/such.wav"}, "There is no such file."),
    ],
)
def test_what_is_wrong_is_said_before_the_daemon_is_asked(changed, wrong):
    found = forms.wrong_with_new(answers(**changed), HERE)
    assert (wrong in found.why and found.at in changed) if found else not wrong


def test_a_voice_is_called_as_its_file_unless_it_is_named(tmp_path):
    file = tmp_path / "Carla (take 2).wav"
    file.touch()
    assert forms.wrong_with_new(answers(name="", clip=str(file)), HERE) is None
    assert forms.new_variant(answers(name="", clip=str(file))).name == "Carla-take-2"
    assert forms.new_variant(answers(clip=str(file))).name == "carla"
    assert forms.proposed_name("/x/声音.wav") == ""


def test_a_variant_that_is_there_is_known():
    assert forms.exists(forms.new_variant(answers(name="anna", variant="happy")), HERE)
    assert not forms.exists(forms.new_variant(answers(name="anna", variant="calm")), HERE)
    assert forms.reference_of(forms.new_variant(answers(variant=""))) == "carla"


@pytest.mark.parametrize(
    ("changed", "sent"),
    [
        ({}, None),
        ({"speed": "1.5"}, PatchVoice(speed=1.5)),
        ({"seed": "7", "consent": "hers"}, PatchVoice(seed=7, consent="hers")),
        ({"transcript": "Other words."}, PatchVoice(transcript="Other words.", variant="neutral")),
        ({"language": ""}, PatchVoice(language="")),
    ],
)
def test_only_what_differs_is_sent(changed, sent):
    asked = {question.name: question.value for question in forms.changing(ANNA)}
    assert forms.changes({**asked, **changed}, ANNA) == sent


@pytest.mark.parametrize(("speed", "seed"), [("fast", "0"), ("1", "x"), ("0.4", "0"), ("nan", "0"), ("1", "-1")])
def test_settings_have_bounds(speed, seed):
    asked = {question.name: question.value for question in forms.changing(ANNA)}
    assert forms.wrong_with_changes({**asked, "speed": speed, "seed": seed})


def test_rows_show_variants_below_their_voice():
    assert [label(row) for row in rows(HERE.voices)] == ["anna", "  @happy", "heart", "sky"]
    assert label(Row(voice("bob", variant("sad")), variant("sad"))) == "bob@sad"
    assert [reference for _, reference in choices(HERE.voices)] == ["anna", "anna@happy", "heart", "sky"]
    assert choices([voice("cracked", problem="broken")]) == []
    assert [row.reference for row in rows(HERE.voices, "ENGLISH happy")] == ["anna@happy"]
    assert spoken(("en", "zh", "es", "de", "it")) == "en zh es +2"

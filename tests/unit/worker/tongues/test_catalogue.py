"""Who speaks what."""

import pytest

from ttsd.models import styles
from ttsd.protocol.speech import LANGUAGES
from ttsd.worker.tongues.catalogue import VOICES, present, speaker

ALL = tuple(LANGUAGES)


def test_every_voice_of_kokoro_has_a_style_that_is_fetched():
    assert {voice.style for voice in VOICES if voice.by == "kokoro"} == set(styles.STYLES)


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: f"{voice.name}-{voice.by}")
@pytest.mark.parametrize("language", ALL)
def test_every_voice_has_someone_for_every_language_and_of_its_sex(voice, language: str):
    found = speaker(VOICES, voice.name, language)
    assert language in found.languages
    assert found.female == voice.female


def test_a_voice_speaks_itself_what_it_can():
    assert speaker(VOICES, "heart", "en").by == "hibari"
    assert speaker(VOICES, "heart", "zh").name == "heart"
    assert speaker(VOICES, "zm_yunxi", "en").name == "zm_yunxi"
    assert speaker(VOICES, "espeak_m", "ko").name == "espeak_m"


def test_a_companion_whose_own_language_it_is_comes_first():
    assert speaker(VOICES, "zf_xiaobei", "es").name == "ef_dora"
    assert speaker(VOICES, "am_michael", "ru").name == "em_alex"
    assert speaker(VOICES, "am_michael", "ko").name == "jm_kumo"


@pytest.mark.parametrize("language", ALL)
@pytest.mark.parametrize("name", ["heart", "am_michael"])
def test_espeak_speaks_only_for_want_of_another(name, language):
    assert speaker(VOICES, name, language).by != "espeak"
    assert {speaker(VOICES, name, "de").name for name in ("heart", "am_michael")} == {"if_sara", "im_nicola"}


def test_a_companion_of_the_other_sex_is_better_than_silence():
    voices = [voice for voice in VOICES if voice.name in ("am_michael", "espeak_f")]
    assert speaker(voices, "am_michael", "ru").name == "espeak_f"
    assert speaker(voices[:1], "am_michael", "ru") is None


def test_only_what_is_installed_and_wanted_is_there():
    assert [voice.name for voice in present(("hibari",), (), ALL)] == ["heart"]
    found = list(present(("hibari", "kokoro"), ALL, ("zh",)))
    assert {code for voice in found for code in voice.languages} == {"en", "zh"}
    assert all(voice.by != "espeak" for voice in found)

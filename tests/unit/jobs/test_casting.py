"""Who speaks: a built-in voice, a profile, or the nearest there is."""

from pathlib import Path

import msgspec
import pytest

from ttsd.jobs.casting import SEEDS, Asked, VoiceSettings, cast
from ttsd.protocol.engine import EngineInfo, EngineVoice
from ttsd.protocol.errors import BadRequest, CannotClone, UnknownVoice
from ttsd.protocol.speech import NEUTRAL, Segment, Span, Style
from ttsd.storage.voice_folder import Profile, read_profile

VOICES = (EngineVoice("amy", ("en",)), EngineVoice("bea", ("de", "en")), EngineVoice("chen", ("zh",)))
PLAIN = EngineInfo("plain", "1", 1, ("en", "de", "zh"), VOICES, "amy")
CLONING = msgspec.structs.replace(PLAIN, can_clone=True)


@pytest.fixture
def profile(tmp_path: Path):
    def make(language: str = "de", settings: str = "") -> Profile:
        folder = tmp_path / "anna"
        folder.mkdir()
        (folder / "a.wav").write_bytes(b"a")
        (folder / "b.wav").write_bytes(b"b")
        (folder / "voice.toml").write_text(
            f'language = "{language}"\n[settings]\n{settings}\n'
            '[variants.neutral]\nclip = "a.wav"\ntranscript = "A."\n[variants.happy]\nclip = "b.wav"\nlanguage = "zh"\n'
        )
        found = read_profile(folder, 1000)
        assert found is not None
        return found

    return make


def test_a_built_in_voice_is_what_it_is():
    assert cast(Asked("bea", 3, 1.5), PLAIN, None, "refuse") == VoiceSettings("bea", 3, 1.5)


def test_an_unknown_voice_is_told_with_those_there_are():
    with pytest.raises(UnknownVoice, match=r"no voice 'dora'; engine plain has amy, bea, chen"):
        cast(Asked("dora"), PLAIN, None, "refuse")


def test_a_profile_gives_its_clip(profile):
    found = cast(Asked("anna"), CLONING, profile(), "refuse")
    assert found.voice == "anna"
    assert found.reference is not None
    assert (Path(found.reference.path).name, found.reference.transcript) == ("a.wav", "A.")
    assert found.revision


def test_a_variant_is_a_voice_of_its_own(profile):
    voice = profile()
    neutral = cast(Asked("anna@neutral"), CLONING, voice, "refuse")
    happy = cast(Asked("anna@happy"), CLONING, voice, "refuse")
    assert (neutral.voice, happy.voice) == ("anna", "anna@happy")
    assert neutral.revision != happy.revision
    with pytest.raises(UnknownVoice, match="there are anna, anna@happy"):
        cast(Asked("anna@sad"), CLONING, voice, "refuse")


def test_seeds_are_counted_from_the_profiles_own(profile):
    voice = profile(settings="seed = 40")
    drawn = [cast(Asked("anna", seed), CLONING, voice, "refuse").drawn_seed for seed in (0, 2, SEEDS - 1)]
    assert drawn == [40, 42, 39]


def test_pauses_vary_with_the_seed_that_is_drawn(profile):
    """A profile of seed 40 asked for seed 2 is the same take as one of seed 42: in its pauses, too."""
    natural = Style(50, 100, 50)
    segments = [Segment((Span("en", f"Sentence {n}."),), pause_after_ms=400) for n in range(8)]
    counted = cast(Asked("anna", 2, style=natural), CLONING, profile(settings="seed = 40"), "refuse")
    drawn = msgspec.structs.replace(counted, seed=42, own_seed=0)
    assert list(map(counted.paced, segments)) == list(map(drawn.paced, segments))
    other = msgspec.structs.replace(drawn, seed=2)
    assert list(map(other.paced, segments)) != list(map(drawn.paced, segments))
    assert list(map(msgspec.structs.replace(other, style=NEUTRAL).paced, segments)) == segments


@pytest.mark.parametrize(("asked", "effective"), [(1.0, 1.5), (0.5, 0.75), (2.0, 2.0)])
def test_speeds_are_multiplied_within_bounds(profile, asked: float, effective: float):
    settings = cast(Asked("anna", 0, asked), CLONING, profile(settings="speed = 1.5"), "refuse")
    assert settings.request(Segment((Span("en", "Hello."),))).speed == effective


def test_style_chooses_a_variant_unless_one_is_named(profile):
    voice = profile("de", "")
    folder = Path(voice.voice.folder)
    (folder / "voice.toml").write_text((folder / "voice.toml").read_text().replace("happy", "lively"))
    voice = read_profile(folder, 1000)
    moved = Style(emotion=90)
    assert cast(Asked("anna", style=moved), CLONING, voice, "refuse").voice == "anna@lively"
    assert cast(Asked("anna@neutral", style=moved), CLONING, voice, "refuse").voice == "anna"
    assert cast(Asked("anna", style=Style(emotion=10)), CLONING, voice, "refuse").voice == "anna", "it has no calm one"


def test_a_profile_goes_before_a_built_in_voice_of_its_name(profile):
    engine = msgspec.structs.replace(CLONING, voices=(EngineVoice("anna", ("en",)),))
    assert cast(Asked("anna"), engine, profile(), "refuse").reference is not None


def test_an_engine_that_cannot_clone_says_what_to_do(profile):
    with pytest.raises(CannotClone, match=r"engine plain cannot clone; .* uncloned = \"nearest\"") as refused:
        cast(Asked("anna"), PLAIN, profile(), "refuse")
    assert refused.value.param == "voice"


@pytest.mark.parametrize(
    ("language", "nearest"), [("de", "bea"), ("en", "amy"), ("zh", "chen"), ("ru", "amy"), ("", "amy")]
)
def test_the_nearest_voice_speaks_the_profiles_language(profile, language: str, nearest: str):
    found = cast(Asked("anna"), PLAIN, profile(language), "nearest")
    assert (found.voice, found.stands_for, found.reference, found.revision) == (nearest, "anna", None, "")


def test_a_variants_own_language_counts(profile):
    assert cast(Asked("anna@happy"), PLAIN, profile("de"), "nearest").voice == "chen"


def test_a_broken_profile_is_no_reason_to_take_another_voice(profile):
    voice = profile()
    (Path(voice.voice.folder) / "a.wav").unlink()
    broken = read_profile(Path(voice.voice.folder), 1000)
    assert broken is not None
    for engine in (PLAIN, CLONING):
        with pytest.raises(BadRequest, match=r"a\.wav is missing; mend it in"):
            cast(Asked("anna"), engine, broken, "nearest")

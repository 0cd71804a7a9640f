"""The built-in engine with everything that it can have."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ttsd.protocol.engine import Synthesize
from ttsd.protocol.errors import NothingToSay
from ttsd.protocol.speech import LANGUAGES, Span
from ttsd.worker.silence import QUIET

MIXED = (Span("en", "Hello, "), Span("zh", "会议。"), Span("de", "Guten Tag."))


def say(engine, *spans: Span, voice: str = "heart", speed: float = 1.0) -> bytes:
    return b"".join(engine.speak(Synthesize(1, spans, voice, speed=speed), threading.Event()))


def seconds(pcm: bytes) -> float:
    return len(pcm) / 48_000


def test_it_speaks_ten_languages_and_its_revision_covers_the_parts(all_voices):
    info = all_voices.info
    assert set(info.languages) == set(LANGUAGES)
    assert info.default_voice == "heart"
    assert {"heart", "zf_xiaobei", "jm_kumo", "ff_siwis", "espeak_m"} <= {voice.name for voice in info.voices}
    assert info.remedies == {}
    assert "+" in info.revision


def test_a_mixed_segment_is_its_parts_joined_quietly_and_the_same_in_a_crowd(all_voices):
    alone = say(all_voices, *MIXED)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: say(all_voices, *MIXED), range(2))) == [alone, alone]
    parts = sum(seconds(say(all_voices, span)) for span in MIXED)
    assert parts <= seconds(alone) < parts + 1.0
    samples = np.frombuffer(alone, "<i2").astype(np.float32) / 32767
    assert np.abs(samples[[0, -1]]).max() < 5 * QUIET


def test_readings_are_heard(all_voices):
    plain = say(all_voices, Span("zh", "和"))
    assert say(all_voices, Span("zh", "和", reading="huó")) != plain
    assert say(all_voices, Span("zh", "和", reading="hé")) == plain
    assert say(all_voices, Span("zh", "和", reading="?!")) == plain
    assert say(all_voices, Span("en", "lead", reading="lɛd")) == say(all_voices, Span("en", "x", reading="lɛd"))
    said = say(all_voices, Span("ru", "да"), voice="espeak_m")
    assert say(all_voices, Span("ru", "да", reading="net"), voice="espeak_m") == said


def test_speed_is_the_models_own(all_voices):
    span = Span("zh", "图书馆里有很多学生。")
    assert seconds(say(all_voices, span, speed=2.0)) / seconds(say(all_voices, span)) == pytest.approx(0.5, rel=0.25)


def test_a_phrase_under_way_is_given_up(all_voices):
    cancelled = threading.Event()
    threading.Timer(0.2, cancelled.set).start()
    request = Synthesize(1, (Span("zh", "图书馆里有很多学生在看书" * 3),), "zm_yunxi")
    assert list(all_voices.speak(request, cancelled)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_spoken_is_an_error_in_every_language(all_voices, language: str):
    with pytest.raises(NothingToSay):
        say(all_voices, Span(language, "…"))

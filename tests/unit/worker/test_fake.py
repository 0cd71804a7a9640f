"""The fake engine's sound and pace."""

import threading
import time

import numpy as np
import pytest

from ttsd.protocol.engine import EngineConfig, Synthesize
from ttsd.protocol.speech import LANGUAGES, Span
from ttsd.worker.fake import CHARACTER_SAMPLES, Fake


@pytest.mark.parametrize("voice", ["tone", "noise"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_character_is_heard_in_every_language(make_fake, speak, voice: str, language: str):
    sound = np.frombuffer(speak(make_fake(), "abc 你好", language=language, voice=voice), "<i2")
    assert len(sound) == 6 * CHARACTER_SAMPLES
    assert all(np.abs(part).max() > 5000 for part in np.split(sound, 6))


def test_text_voice_seed_and_speed_decide_the_sound(make_fake, speak):
    fake = make_fake()
    takes = [
        speak(fake, "text"),
        speak(fake, "Text"),
        speak(fake, "text", voice="noise"),
        speak(fake, "text", seed=1),
        speak(fake, "text", speed=2.0),
    ]
    assert len(set(takes)) == len(takes)
    assert len(takes[-1]) * 2 == len(takes[0])


def test_tones_join_without_a_click(make_fake, speak):
    sound = np.frombuffer(speak(make_fake(), "zebra"), "<i2").astype(int)
    assert np.abs(np.diff(sound)).max() < 3000


def test_a_default_voice_of_its_own_is_taken():
    assert Fake(EngineConfig("fake", default_voice="noise")).info.default_voice == "noise"
    assert Fake(EngineConfig("fake", default_voice="nobody")).info.default_voice == "tone"


def test_it_takes_the_time_it_is_told_to(make_fake, speak):
    started = time.monotonic()
    speak(make_fake(first_chunk_ms=50, rtf=0.5), "12345")  # 0.3 s of sound
    assert time.monotonic() - started >= 0.05 + 0.15


def test_a_cancel_ends_its_waiting(make_fake):
    cancelled = threading.Event()
    stream = make_fake(rtf=1000).speak(Synthesize(1, (Span("en", "long"),), "tone"), cancelled)
    threading.Timer(0.02, cancelled.set).start()
    assert list(stream) == []


def test_loading_takes_its_time_and_tells_of_it(make_fake):
    seen: list[float] = []
    started = time.monotonic()
    make_fake(load_s=0.1).load(lambda progress, note: seen.append(progress))
    assert time.monotonic() - started >= 0.1
    assert seen == sorted(seen)
    assert len(seen) == 10


def test_short_segments_cost_next_to_nothing(make_fake, speak):
    fake = make_fake()
    started = time.process_time()
    for number in range(1000):
        speak(fake, f"Segment {number}.")
    assert time.process_time() - started < 1.0

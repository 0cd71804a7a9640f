"""The embedded English voice, with its real weights."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ttsd.protocol.engine import Delivery, EngineConfig, Synthesize
from ttsd.protocol.errors import EngineFailed, NothingToSay, UnsupportedLanguage
from ttsd.protocol.speech import LANGUAGES, SAMPLE_RATE_HZ, Span
from ttsd.worker.builtin import Builtin
from ttsd.worker.silence import QUIET
from ttsd.worker.tongues import loading

SENTENCE = "The quick brown fox jumps over the lazy dog."
LONG = (
    "This is a very long sentence which keeps going on and on, adding clause after clause, because the author never "
    "learned to stop, and so the engine has to work through every one of them before anyone may rest."
)


def samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32767


def chunks(builtin: Builtin, text: str, cancelled: threading.Event) -> list[bytes]:
    return list(builtin.speak(Synthesize(1, (Span("en", text),), "heart"), cancelled))


def test_it_speaks(builtin, speak):
    sound = samples(speak(builtin, SENTENCE))
    assert 2.0 < len(sound) / SAMPLE_RATE_HZ < 4.0
    assert 0.05 < np.abs(sound).max() < 1.0


def test_it_says_what_it_is(builtin):
    info = builtin.info
    assert (info.name, info.slots, info.languages, info.default_voice) == ("builtin", 2, ("en",), "heart")
    assert info.revision.startswith("hibari-0.2.1/")


def test_slots_follow_the_cores_unless_set():
    assert 1 <= Builtin(EngineConfig("builtin")).info.slots <= 4


def test_loading_is_reported():
    seen: list[float] = []
    engine = Builtin(EngineConfig("builtin"))
    engine.load(lambda progress, note: seen.append(progress))
    assert seen == sorted(seen)
    assert len(seen) >= 3
    engine.close()


def test_before_loading_it_fails_clearly(speak):
    with pytest.raises(EngineFailed, match="not loaded"):
        speak(Builtin(EngineConfig("builtin")), SENTENCE)


def test_same_request_same_bytes_alone_and_in_a_crowd(builtin, speak):
    alone = {text: speak(builtin, text) for text in (SENTENCE, LONG, "Yes.")}
    texts = list(alone) * 4
    with ThreadPoolExecutor(4) as pool:
        crowd = list(pool.map(lambda text: speak(builtin, text), texts))
    assert crowd == [alone[text] for text in texts]


def test_another_seed_is_another_take(builtin, speak):
    assert speak(builtin, SENTENCE, seed=1) != speak(builtin, SENTENCE, seed=0)
    assert speak(builtin, SENTENCE, seed=2**63 - 1)


@pytest.mark.parametrize(("speed", "ratio"), [(0.5, 2.0), (2.0, 0.5)])
def test_speed(builtin, speak, speed: float, ratio: float):
    normal = len(speak(builtin, LONG))
    assert len(speak(builtin, LONG, speed=speed)) / normal == pytest.approx(ratio, rel=0.15)


@pytest.mark.parametrize("text", [SENTENCE, LONG, "Yes!", "Two sentences. In one segment."])
def test_the_ends_are_tight(builtin, speak, text: str):
    loud = np.flatnonzero(np.abs(samples(speak(builtin, text))) > QUIET)
    length = len(speak(builtin, text)) // 2
    assert loud[0] <= SAMPLE_RATE_HZ * 25 // 1000
    assert length - loud[-1] <= SAMPLE_RATE_HZ * 60 // 1000


def test_more_emotion_is_a_wider_range_of_pitch(builtin):
    def spread(pitch_range: float) -> float:
        asked = Synthesize(1, (Span("en", SENTENCE),), "heart", delivery=Delivery(pitch_range=pitch_range))
        return float(np.std(pitches(samples(b"".join(builtin.speak(asked, threading.Event()))))))

    assert spread(0.6) < 0.8 * spread(1.0) < 0.8 * spread(1.5)


def pitches(sound: np.ndarray) -> np.ndarray:
    """Pitch in semitones of each clearly voiced stretch of 40 ms, between 75 and 500 Hz, by autocorrelation."""
    found: list[float] = []
    for start in range(0, len(sound) - 960, 240):
        window = sound[start : start + 960] * np.hanning(960)
        likeness = np.correlate(window, window, "full")[959:]
        lag = 48 + int(np.argmax(likeness[48:320]))
        if likeness[0] > 0.4 and likeness[lag] > 0.6 * likeness[0]:
            found.append(12 * np.log2(SAMPLE_RATE_HZ / lag))
    return np.array(found)


def test_a_long_sentence_comes_in_parts_that_join_quietly(builtin, speak):
    sound = samples(speak(builtin, LONG))
    loud = np.flatnonzero(np.abs(sound) > QUIET)
    gaps = np.diff(loud) / SAMPLE_RATE_HZ
    assert 0.15 < gaps.max() < 0.5


def test_the_first_chunk_is_short(builtin):
    first, *rest = chunks(builtin, LONG, threading.Event())
    assert len(first) / 2 / SAMPLE_RATE_HZ <= 0.4
    assert len(rest) > 10


def test_cancelled_in_the_middle_it_says_no_more(builtin):
    cancelled = threading.Event()
    stream = builtin.speak(Synthesize(1, (Span("en", LONG),), "heart"), cancelled)
    next(stream)
    cancelled.set()
    assert list(stream) == []


def test_without_the_extra_other_languages_name_it(monkeypatch, speak):
    monkeypatch.setattr(loading, "is_installed", lambda: False)
    engine = Builtin(EngineConfig("builtin"))
    engine.load(lambda progress, note: None)
    assert engine.info.languages == ("en",)
    assert engine.info.remedies["zh"] == 'pip install "ttsd[languages]"'
    with pytest.raises(UnsupportedLanguage, match=r"ttsd\[languages\]"):
        speak(engine, "你好", language="zh")


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_other_languages_are_refused_by_name_with_a_way_out(builtin, speak, language: str):
    with pytest.raises(UnsupportedLanguage, match=LANGUAGES[language].capitalize()) as refused:
        speak(builtin, "text", language=language)
    assert f'add "{language}" to [engine] languages' in refused.value.message


@pytest.mark.parametrize("text", ["naïve café", "π is 3.14", "ﬁne", "½ µm", "ª º ² ™"])
def test_letters_that_english_borrows_are_read(builtin, speak, text: str):
    assert speak(builtin, text)


def test_full_width_letters_are_letters(builtin, speak):
    assert speak(builtin, "Ｈｅｌｌｏ") == speak(builtin, "Hello")


@pytest.mark.parametrize("text", ["", "  \n", "...", "—", "🙂", "?!", "[word](//)"])
def test_what_cannot_be_spoken_is_an_error_and_not_silence(builtin, speak, text: str):
    with pytest.raises(NothingToSay):
        speak(builtin, text)


@pytest.mark.parametrize("text", ["1" * 60, "9" * 5000, "①ß", "$" + "9" * 40, "a" * 3000])
def test_what_the_front_end_stumbles_over_is_read_plainly(builtin, speak, text: str):
    assert speak(builtin, text[:200])
    assert builtin._heart.phonemes(text)

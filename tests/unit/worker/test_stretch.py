"""The pitch-preserving stretch: right length, same pitch, same level, and the same samples however it is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.worker.silence import Sound
from ttsd.worker.stretch import REACH, STEP, Stretch, stretched

SPEEDS = [0.5, 0.75, 0.95, 1.05, 1.3, 1.7, 2.0]


def vowel(pitch_hz: float = 140.0, seconds: float = 1.0) -> Sound:
    """Harmonics under two formants, slowly louder and softer."""
    time_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    harmonics = np.arange(1, 25)
    weights = np.exp(-(((harmonics * pitch_hz - 600) / 400) ** 2)) + 0.3 * np.exp(
        -(((harmonics * pitch_hz - 1800) / 500) ** 2)
    )
    sound = (weights[:, None] * np.sin(2 * np.pi * harmonics[:, None] * pitch_hz * time_s)).sum(0)
    return (0.1 * sound * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time_s))).astype(np.float32)


def all_of(sound: Sound, speed: float) -> Sound:
    return np.concatenate(list(stretched([sound], speed)))


def pitch_hz(sound: Sound) -> float:
    """By autocorrelation over the middle of the sound, between 70 and 400 Hz, to a fraction of a sample."""
    middle = sound[len(sound) // 4 : 3 * len(sound) // 4].astype(np.float64)
    spectrum = np.fft.rfft(middle, 2 * len(middle))
    likeness = np.fft.irfft(np.abs(spectrum) ** 2)
    first, last = SAMPLE_RATE_HZ // 400, SAMPLE_RATE_HZ // 70
    lag = first + int(np.argmax(likeness[first:last]))
    before, at, after = likeness[lag - 1 : lag + 2]
    return SAMPLE_RATE_HZ / (lag + 0.5 * (before - after) / (before - 2 * at + after))


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("pitch", [85.0, 140.0, 260.0])
def test_speech_gets_longer_or_shorter_at_the_same_pitch_and_level(speed: float, pitch: float):
    sound = vowel(pitch)
    made = all_of(sound, speed)
    assert len(made) == round(len(sound) / speed)
    assert pitch_hz(made) == pytest.approx(pitch, rel=0.01)
    assert np.sqrt(np.mean(made**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.05)


@pytest.mark.parametrize("speed", SPEEDS)
def test_no_step_clicks(speed: float):
    sound = vowel(180.0)
    assert np.abs(np.diff(all_of(sound, speed))).max() <= 1.2 * np.abs(np.diff(sound)).max()


def test_at_its_own_speed_nothing_changes():
    blocks = [vowel(), vowel(200.0)]
    assert [id(block) for block in stretched(blocks, 1.0)] == [id(block) for block in blocks]


@given(
    st.lists(st.integers(0, 3000), max_size=30),
    st.sampled_from(SPEEDS),
    st.integers(0, 2**32 - 1),
)
def test_how_it_is_cut_changes_nothing(sizes: list[int], speed: float, seed: int):
    sound = (0.2 * np.random.default_rng(seed).standard_normal(sum(sizes))).astype(np.float32)
    cuts = np.cumsum(sizes[:-1]) if sizes else []
    pieces = list(stretched(np.split(sound, cuts), speed))
    whole = list(stretched([sound], speed))
    nothing = [np.zeros(0, np.float32)]
    assert np.array_equal(np.concatenate(nothing + pieces), np.concatenate(nothing + whole))
    assert sum(map(len, whole)) == round(len(sound) / speed)


@pytest.mark.parametrize("speed", SPEEDS)
def test_sound_comes_out_while_it_goes_in(speed: float):
    stretch = Stretch(speed)
    late = STEP + REACH
    needed = round(STEP * max(speed, 1.0)) + 2 * late
    assert len(stretch.feed(vowel()[:needed])) >= STEP


def test_what_is_past_takes_no_memory():
    stretch = Stretch(1.5)
    for _ in range(200):
        stretch.feed(vowel(seconds=0.1))
    assert len(stretch._input) < SAMPLE_RATE_HZ // 5


def test_silence_stays_silence():
    assert not all_of(np.zeros(24_000, np.float32), 1.4).any()

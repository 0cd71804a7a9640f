"""The mended copy: what is better in it, what is left alone, and that it is the same every time."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.speech import RATE_HZ, TEXTS, file_of, lower_voice, noise, spoken, tight, with_hum, with_noise
from ttsd.audio.reference.decoding import read_recording
from ttsd.prep.examination import Outcome, diagnosed, examine


@pytest.fixture
def mended(tmp_path: Path):
    def run(samples: np.ndarray, rate_hz: int = RATE_HZ, *, denoise: bool = False) -> tuple[np.ndarray, Outcome]:
        source, target = tmp_path / "clip.wav", tmp_path / "clip.flac"
        source.write_bytes(file_of(samples, rate_hz, format="WAV", subtype="PCM_24"))
        outcome = examine(source, target, TEXTS[0], "en", denoise=denoise)
        return soundfile.read(target, dtype="float32")[0], outcome

    return run


def likeness(found: np.ndarray, wanted: np.ndarray) -> float:
    """The correlation of the best of all shifts."""
    size = 1 << (len(found) + len(wanted)).bit_length()
    both = np.fft.irfft(np.fft.rfft(found, size) * np.conj(np.fft.rfft(wanted, size)))
    return float(both.max() / np.sqrt(np.sum(found**2) * np.sum(wanted**2)))


def snr_db(samples: np.ndarray) -> float:
    from ttsd.audio.reference.recording import Recording

    found = diagnosed(Recording(samples[:, np.newaxis], RATE_HZ, "", ""), "", "").measured.facts.snr_db
    assert found is not None
    return found


def test_the_form(tmp_path: Path, mended):
    samples, outcome = mended(spoken())
    info = soundfile.info(tmp_path / "clip.flac")
    assert (info.format, info.subtype, info.samplerate, info.channels) == ("FLAC", "PCM_16", RATE_HZ, 1)
    assert info.frames == outcome.samples == len(samples)
    assert not samples[-RATE_HZ // 2 :].any()
    assert samples[-RATE_HZ // 2 - 2_400 : -RATE_HZ // 2].any()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, mended):
    noisy = with_hum(with_noise(spoken(), "pink", 15), 50, 20)
    _, first = mended(noisy, denoise=True)
    content = (tmp_path / "clip.flac").read_bytes()
    _, second = mended(noisy, denoise=True)
    assert first == second
    assert (tmp_path / "clip.flac").read_bytes() == content


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000])
def test_a_clean_clip_stays_what_it_is(mended, rate_hz: int):
    import soxr

    samples = soxr.resample(spoken(), RATE_HZ, rate_hz)
    found, outcome = mended(samples, rate_hz)
    assert likeness(found, soxr.resample(samples, rate_hz, RATE_HZ)) > 0.999
    assert f"resampled from {rate_hz} Hz to 24000 Hz" in outcome.report.repairs


def test_denoising_does_not_hurt_what_is_clean(mended):
    for samples in (spoken(), with_noise(spoken(), "white", 60), with_noise(spoken(), "pink", 38)):
        assert likeness(mended(samples, denoise=True)[0], spoken()) > 0.98


@pytest.mark.parametrize("kind", ["white", "pink"])
@pytest.mark.parametrize("snr", [5, 15, 25])
def test_denoising_helps_what_is_noisy(mended, kind: str, snr: int):
    clean = spoken()
    noisy = with_noise(clean, kind, snr)
    plain, helped = mended(noisy)[0], mended(noisy, denoise=True)[0]
    assert snr_db(helped) > snr_db(plain) + 5
    assert likeness(helped, clean) >= likeness(plain, clean) - 0.001
    if snr < 20:
        assert likeness(helped, clean) > likeness(plain, clean) + 0.005


def test_noise_is_left_alone_unless_it_is_asked(mended):
    noisy = with_noise(spoken(), "pink", 15)
    assert likeness(mended(noisy)[0], tight(noisy)) > 0.98
    assert not any("noise" in done for done in mended(noisy)[1].report.repairs)
    assert any("reduced the noise" in done for done in mended(noisy, denoise=True)[1].report.repairs)


def test_silence_is_trimmed_with_margins(mended):
    silence = np.zeros(2 * RATE_HZ)
    found, outcome = mended(np.concatenate((silence, spoken(), silence)))
    assert len(found) / RATE_HZ == pytest.approx(len(tight(spoken())) / RATE_HZ + 2 * 0.15 + 0.5, abs=0.2)
    assert likeness(found, spoken()) > 0.999
    assert any("silence from the ends" in done for done in outcome.report.repairs)


def test_an_offset_is_removed(mended):
    found, _ = mended(spoken() * 0.5 + 0.2)
    assert abs(float(found.mean())) < 1e-4
    assert likeness(found, spoken()) > 0.999


def test_hum_is_filtered_and_a_voice_is_not(mended):
    found, outcome = mended(with_hum(spoken(), 50, 15))
    assert any("50 Hz" in done for done in outcome.report.repairs)
    second = np.abs(np.fft.rfft(found[: len(found) // RATE_HZ * RATE_HZ]))
    bins = len(found) // RATE_HZ
    assert second[50 * bins] < second[100 * bins] / 30
    deep = lower_voice(spoken(), 12)
    assert likeness(mended(with_hum(deep, 50, 25))[0], deep) > 0.98


@pytest.mark.parametrize("gain", [0.03, 0.3, 1.7])
def test_speech_has_the_same_level_afterwards(tmp_path: Path, mended, gain: float):
    mended(spoken() * gain)
    recording = read_recording(tmp_path / "clip.flac")
    found = diagnosed(recording, "", "").measured.facts
    assert found.level_dbfs == pytest.approx(-23, abs=1.1)
    assert found.peak_dbfs < -0.9


def test_a_recording_without_speech_is_written_too(mended):
    found, outcome = mended(0.01 * noise("white", 3 * RATE_HZ))
    assert not outcome.report.sound
    assert len(found) > 3 * RATE_HZ

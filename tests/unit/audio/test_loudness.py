"""The meter against what the standards say, and the gain that follows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.audio.loudness import Loudness, gain_db, measure
from ttsd.protocol.speech import SAMPLE_RATE_HZ


def tone(frequency_hz: float, peak: float, *, seconds: float = 5.0, phase: float = 0.0) -> bytes:
    time = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return np.rint(np.sin(2 * np.pi * frequency_hz * time + phase) * peak * 32767).astype("<i2").tobytes()


def test_the_reference_tone():
    """ITU-R BS.1770-4: 997 Hz in one channel at 0 dBFS reads -3.01 LKFS."""
    assert measure([tone(997, 0.1)]).integrated_lufs == pytest.approx(-23.01, abs=0.05)


def test_quiet_stretches_do_not_count():
    """Both gates of EBU R128: silence at -70, pauses at 10 below the rest."""
    speech, faint, silent = tone(997, 0.1), tone(997, 0.01), bytes(480_000)
    assert measure([speech, silent, faint]).integrated_lufs == pytest.approx(-23.0, abs=0.2)


def test_peaks_between_samples_count():
    """A quarter of the sampling rate, sampled at 45 degrees: no sample is higher than 0.5, the curve is."""
    found = measure([tone(SAMPLE_RATE_HZ / 4, 0.707, phase=np.pi / 4)])
    assert 0.7 <= found.true_peak < 0.8


def test_blocks_of_any_size_are_the_same_sound():
    sound = tone(440, 0.3)
    cut = [sound[start : start + 7_002] for start in range(0, len(sound), 7_002)]
    assert measure(cut) == measure([sound])


@pytest.mark.parametrize(("milliseconds", "heard"), [(0, False), (250, False), (600, True)])
def test_what_is_too_short_has_no_loudness(milliseconds, heard):
    found = measure([tone(997, 0.1, seconds=milliseconds / 1000)] if milliseconds else [])
    assert (found.integrated_lufs is not None) == heard


@given(st.floats(-69, 3), st.floats(0.0005, 1.5), st.floats(-30, -5), st.floats(-6, 0))
def test_a_gain_goes_to_the_wanted_loudness_or_to_the_ceiling(lufs, peak, wanted, ceiling):
    gain = gain_db(Loudness(lufs, peak), wanted, ceiling)
    room_db = ceiling - 20 * np.log10(peak)
    assert lufs + gain <= wanted + 1e-9
    assert gain <= room_db + 1e-9
    assert min(wanted - lufs, room_db) - gain <= 0.01 + 1e-9


def test_no_loudness_no_gain():
    assert gain_db(Loudness(None, 0.0005), -16, -1) == 0

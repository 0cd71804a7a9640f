"""What engines read of a reference clip: each sample as it was, behind a header that is always the same."""

import io

import numpy as np
import pytest
import soundfile

from ttsd.audio.reference.plain import plain_samples, write_plain
from ttsd.protocol.hearing import LONGEST_REFERENCE_S

SAMPLES = np.random.default_rng(1).normal(0, 0.3, 2_400).astype(np.float32)


@pytest.fixture
def written(tmp_path):
    write_plain(tmp_path / "a.wav", SAMPLES)
    return (tmp_path / "a.wav").read_bytes()


def test_each_sample_comes_back(written):
    assert plain_samples(written).tobytes() == SAMPLES.tobytes()


def test_it_is_a_wav_for_others_too(written):
    samples, rate_hz = soundfile.read(io.BytesIO(written), dtype="float32")
    assert rate_hz == 24_000
    assert np.array_equal(samples, SAMPLES)


def test_anything_else_is_not_taken_for_it(written):
    other = io.BytesIO()
    soundfile.write(other, SAMPLES, 24_000, format="WAV", subtype="PCM_16")
    broken = (b"", b"RIFF", written[:43], written[:-1], written[:-4], written + b"\0", written[::-1])
    for data in (other.getvalue(), *broken):
        assert plain_samples(data) is None


def test_more_than_an_engine_takes_is_not_read(tmp_path):
    for seconds, fits in ((LONGEST_REFERENCE_S, True), (LONGEST_REFERENCE_S + 1, False)):
        write_plain(tmp_path / "a.wav", np.zeros(seconds * 24_000, np.float32))
        assert (plain_samples((tmp_path / "a.wav").read_bytes()) is not None) == fits

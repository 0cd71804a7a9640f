"""Our streaming against the upstream's whole."""

import os
import subprocess
import sys
from pathlib import Path

import hibari.dsp
import numpy as np
import pytest

from ttsd.worker.heart import BLOCK, HIGHEST_HZ, LOWEST_HZ, plain, ranged


class Noiseless(np.random.Generator):
    """Draws zeros: the one part in which block order matters."""

    def __init__(self) -> None:
        super().__init__(np.random.PCG64(0))

    def standard_normal(self, size, dtype=np.float32):
        return np.zeros(size, dtype)


@pytest.mark.parametrize("frames", [2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 2, 5 * BLOCK])
def test_blocks_join_into_what_upstream_makes_in_one_go(builtin, frames: int):
    draw = np.random.default_rng(frames)
    layers = [draw.standard_normal((601, frames), dtype=np.float32) - shift for shift in (3, 0, 5, 5, 0)]
    f0 = np.where(draw.random(frames) > 0.3, 180 + 40 * draw.random(frames), 0).astype(np.float32)
    whole = hibari.dsp.synth(*layers, f0, Noiseless())
    joined = np.concatenate(list(builtin._heart._waveform([*layers, f0], Noiseless())))
    assert joined.shape == whole.shape
    np.testing.assert_allclose(joined, whole, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "read"), [("①ß", "1ß"), ("call 123", "call 123"), ("1" * 17, " ".join("1" * 17)), ("x²", "x2")]
)
def test_plain(text: str, read: str):
    assert plain(text) == read


@pytest.mark.parametrize("pitch_range", [0.5, 1.5])
def test_the_movements_of_pitch_get_wider_about_their_mean(pitch_range: float):
    curve = np.array([0.0, 200.0, 180.0, 220.0, -0.5, 210.0, 190.0], np.float32)
    moved = ranged(curve, pitch_range)
    voiced = curve > 0
    before, after = (12 * np.log2(pitch[voiced]) for pitch in (curve, moved))
    assert after.mean() == pytest.approx(before.mean(), abs=1e-3)
    assert after.std() == pytest.approx(pitch_range * before.std(), rel=1e-3)
    assert np.array_equal(moved[~voiced], curve[~voiced])


def test_pitch_stays_a_voices_and_what_has_none_gets_none():
    wild = ranged(np.array([80.0, 480.0, 90.0], np.float32), 5.0)
    assert wild.min() == LOWEST_HZ
    assert wild.max() == HIGHEST_HZ
    for curve in (np.zeros(3, np.float32), np.array([200.0, 0.0], np.float32)):
        assert np.array_equal(ranged(curve, 1.5 if not curve.any() else 1.0), curve)


def test_the_libraries_below_keep_no_diary(tmp_path: Path):
    """onnxruntime writes an identifier of the machine for its telemetry unless it is told not to."""
    home = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    code = "from ttsd.worker.heart import Heart; Heart().load_dictionaries()"
    subprocess.run([sys.executable, "-c", code], env=home, check=True)
    assert list(tmp_path.iterdir()) == []

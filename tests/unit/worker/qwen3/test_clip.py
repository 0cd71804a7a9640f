import io
import math
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from tests.spoken_clips import streamed
from ttsd.audio.reference.plain import write_plain
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.hearing import LONGEST_REFERENCE_S
from ttsd.worker.qwen3.clip import Clip, read_clip, with_silence

RATE = 24_000


def tone(seconds, rate=RATE, hertz=220.0):
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def file(samples, rate=RATE, kind="WAV", subtype="FLOAT"):
    target = io.BytesIO()
    soundfile.write(target, samples, rate, format=kind, subtype=subtype)
    return target.getvalue()


def refusal(source):
    with pytest.raises(BadRequest) as refused:
        read_clip(source)
    assert refused.value.param == "ref_audio"
    return refused.value.message


@pytest.mark.parametrize(("subtype", "bits"), [("PCM_16", 16), ("PCM_24", 24), ("PCM_32", 25), ("FLOAT", 25)])
def test_mono_at_24_khz_is_used_as_it_is(subtype, bits):
    samples = np.round(tone(1.5) * 2 ** (bits - 1)).astype(np.float32) / 2 ** (bits - 1)
    clip = read_clip(file(samples, subtype=subtype))
    assert clip.samples.dtype == np.float32
    assert np.array_equal(clip.samples, samples)
    assert clip.seconds == 1.5


def test_a_path_and_its_content_are_the_same(tmp_path):
    (tmp_path / "clip.wav").write_bytes(file(tone(2)))
    assert np.array_equal(read_clip(tmp_path / "clip.wav").samples, read_clip(file(tone(2))).samples)


def test_what_the_daemon_had_decoded_needs_no_decoder(tmp_path):
    samples = tone(1.5)
    write_plain(tmp_path / "clip.wav", samples)
    reading = f"""
import sys
from pathlib import Path
from ttsd.worker.qwen3.clip import read_clip
sys.stdout.buffer.write(read_clip(Path({str(tmp_path / "clip.wav")!r}).read_bytes()).samples.tobytes())
assert "soundfile" not in sys.modules
"""
    assert subprocess.run([sys.executable, "-c", reading], capture_output=True, check=True).stdout == samples.tobytes()
    write_plain(tmp_path / "clip.wav", samples * 0)
    assert "is silent" in refusal((tmp_path / "clip.wav").read_bytes())


def test_channels_are_averaged():
    left, right = tone(1.2), tone(1.2, hertz=330)
    clip = read_clip(file(np.stack((left, right), axis=1)))
    assert np.allclose(clip.samples, (left + right) / 2, atol=1e-7)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_other_rates_keep_pitch_loudness_and_length(rate):
    clip = read_clip(file(np.stack([tone(1.3, rate)] * 2, axis=1), rate))
    assert len(clip.samples) == math.ceil(round(1.3 * rate) * RATE / rate)
    inner = slice(2000, -2000)
    assert np.abs(clip.samples[inner] - tone(1.3)[: len(clip.samples)][inner]).max() < 2e-3


@pytest.mark.parametrize(("kind", "subtype"), [("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")])
def test_compressed_files(kind, subtype):
    clip = read_clip(file(tone(2), kind=kind, subtype=subtype))
    assert 1.9 < clip.seconds < 2.2
    assert np.std(clip.samples) == pytest.approx(np.std(tone(2)), rel=0.03)


def test_what_is_no_sound_file(tmp_path):
    assert "cannot be read" in refusal(b"not a sound")
    assert "cannot be read" in refusal(b"")
    assert "cannot be read" in refusal(tmp_path / "missing.wav")
    assert "cannot be read" in refusal(tmp_path)


def test_a_file_cut_off_is_read_as_far_as_it_goes():
    whole = file(tone(4), subtype="PCM_16")
    assert read_clip(whole[: len(whole) // 2]).seconds == pytest.approx(2, abs=0.01)


def test_too_short():
    assert "0.20 s" in refusal(file(tone(0.2)))
    assert "3 s or more are advised" in refusal(file(tone(0.99)))
    assert "holds no sound" in refusal(file(np.zeros(0)))
    assert read_clip(file(tone(1))).seconds == 1


def test_too_long_is_refused_before_it_is_decoded(monkeypatch):
    read = []
    original = soundfile.SoundFile.read
    monkeypatch.setattr(soundfile.SoundFile, "read", lambda self, n, **how: read.append(n) or original(self, n, **how))
    assert f"longer than {LONGEST_REFERENCE_S} s" in refusal(file(np.zeros(600 * 8000), 8000, subtype="PCM_U8"))
    assert sum(read) <= 8000


def test_a_header_that_says_too_little_is_not_believed(monkeypatch):
    monkeypatch.setattr(soundfile.SoundFile, "frames", property(lambda _: 0))
    read = []
    original = soundfile.SoundFile.read

    def endless(self, n, **how):
        read.append(n)
        self.seek(0)
        return original(self, n, **how)

    monkeypatch.setattr(soundfile.SoundFile, "read", endless)
    monkeypatch.setattr(soundfile.SoundFile, "_check_frames", lambda _self, frames, _fill: frames)
    assert "longer than" in refusal(file(tone(1.5)))
    assert sum(read) <= (LONGEST_REFERENCE_S + 1) * RATE


@pytest.mark.parametrize("kind", ["FLAC", "WAV"])
def test_streamed_files_that_do_not_know_their_length(kind):
    assert read_clip(streamed(file(tone(4), kind=kind, subtype="PCM_16"))).seconds == 4
    assert "longer than" in refusal(streamed(file(np.zeros(61 * 8000), 8000, kind, "PCM_16")))


def test_a_minute_is_not_too_long():
    assert read_clip(file(tone(60, 8000), 8000)).seconds == 60


def test_silence():
    assert "is silent" in refusal(file(np.zeros(RATE * 2)))
    assert "is silent" in refusal(file(np.full(RATE * 2, 0.4)))
    assert "is silent" in refusal(file(tone(2) * 1e-3))
    assert read_clip(file(tone(2) * 0.01)).seconds == 2


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number(value):
    samples = tone(1.5)
    samples[777] = value
    assert "no numbers" in refusal(file(samples))


def test_integers_saved_as_floats():
    assert "full scale is 1.0" in refusal(file(tone(1.5) * 32768))


def test_rates_that_no_microphone_has():
    assert "1000 samples a second" in refusal(file(tone(3, 1000), 1000))
    assert "samples a second" in refusal(file(tone(0.01), 3_000_000))


def test_silence_after_a_clip():
    clip = Clip(tone(1.5))
    longer = with_silence(clip)
    assert longer.seconds == 2
    assert longer.samples.dtype == np.float32
    assert np.array_equal(longer.samples[: len(clip.samples)], clip.samples)
    assert not longer.samples[len(clip.samples) :].any()
    assert with_silence(clip, 0).seconds == clip.seconds


def test_silence_that_a_clip_ends_with_counts():
    sound = np.full(24_000, 0.1, np.float32)
    quiet = Clip(np.concatenate((sound, np.full(4_800, 0.0005, np.float32))))
    assert with_silence(quiet).seconds == 1.5
    assert with_silence(with_silence(quiet)).seconds == 1.5

"""WAV headers and files, read back by the standard library and by sox."""

import io
import shutil
import subprocess
import wave
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.audio.files import WavWriter
from ttsd.audio.pcm import HEADER_BYTES, UNKNOWN_SIZE, duration_s, silence, wav_header
from ttsd.audio.tags import wav_info
from ttsd.protocol.prep import Tags

PCM = bytes(range(256)) * 300


def test_a_header_tells_the_truth():
    with wave.open(io.BytesIO(wav_header(len(PCM)) + PCM)) as found:
        assert (found.getnchannels(), found.getsampwidth(), found.getframerate()) == (1, 2, 24_000)
        assert found.readframes(found.getnframes()) == PCM


def test_a_streamed_header_leaves_the_size_open():
    header = wav_header(None)
    assert len(header) == HEADER_BYTES
    assert header[4:8] == header[40:44] == UNKNOWN_SIZE.to_bytes(4, "little")


def test_audio_too_long_for_a_wav_leaves_the_size_open_too():
    assert wav_header(2**32) == wav_header(None)


def test_silence_and_durations_agree():
    assert duration_s(len(silence(250))) == 0.25
    assert silence(0) == b""
    assert set(silence(5)) == {0}


def test_a_file_is_right_once_closed(tmp_path: Path):
    with WavWriter(tmp_path / "a.wav") as file:
        for start in range(0, len(PCM), 1000):
            file.write(PCM[start : start + 1000])
    with wave.open(str(tmp_path / "a.wav")) as found:
        assert found.readframes(found.getnframes()) == PCM
    assert shutil.which("sox"), "sox is needed: apt-get install sox"
    info = subprocess.run(["sox", "--i", tmp_path / "a.wav"], capture_output=True, text=True, check=True)
    assert "24000" in info.stdout
    assert "16-bit" in info.stdout
    assert info.stderr == ""


def test_bare_pcm_has_no_header(tmp_path: Path):
    with WavWriter(tmp_path / "a.pcm", header=False) as file:
        file.write(PCM)
    assert (tmp_path / "a.pcm").read_bytes() == PCM


def test_an_error_leaves_no_file(tmp_path: Path):
    file = WavWriter(tmp_path / "a.wav")
    with pytest.raises(ZeroDivisionError), file:
        file.write(bytes(1 // 0))
    assert list(tmp_path.iterdir()) == []


def test_a_wav_says_what_it_is_and_plays_as_before(tmp_path: Path):
    path = tmp_path / "told.wav"
    tags = Tags(title="Minutes\nof Monday", voice="heart", engine="builtin")
    with WavWriter(path, info=wav_info(tags)) as file:
        file.write(PCM)
    with wave.open(str(path)) as found:
        assert found.readframes(found.getnframes()) == PCM
    with av.open(str(path)) as container:
        told = container.metadata
    assert (told["title"], told["artist"]) == ("Minutes of Monday", "heart")
    assert told["comment"].startswith("synthetic speech, engine builtin, ttsd ")
    assert int.from_bytes(path.read_bytes()[4:8], "little") == path.stat().st_size - 8


@given(st.text(), st.text())
def test_tags_of_any_text_keep_the_file_whole(title: str, voice: str):
    info = wav_info(Tags(title=title, voice=voice))
    assert len(info) % 2 == 0
    assert int.from_bytes(info[4:8], "little") == len(info) - 8


@pytest.mark.parametrize("samples", [0, 1, 100, 40_000, 24_000 * 3600])
def test_silence_is_exact_and_an_hour_of_it_takes_no_room(tmp_path: Path, samples: int):
    path = tmp_path / "quiet.wav"
    with WavWriter(path) as file:
        file.write(PCM)
        file.silence(samples)
        file.write(PCM)
    assert path.stat().st_blocks * 512 < 2**20
    with wave.open(str(path)) as found:
        assert found.getnframes() == len(PCM) + samples
        assert found.readframes(len(PCM) // 2) == PCM
        assert not any(found.readframes(min(samples, 100_000)))
        found.setpos(len(PCM) // 2 + samples)
        assert found.readframes(len(PCM)) == PCM

"""Untrusted audio: every kind that is promised; everything else is refused in one sentence, soon, in little memory."""

import io
import struct
import sys
import tracemalloc
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.speech import file_of, write
from tests.spoken_clips import streamed
from ttsd.audio.reference.decoding import read_recording
from ttsd.protocol.errors import BadRequest, TooLarge, TtsdError

RATE_HZ = 24_000
TONE = (0.3 * np.sin(2 * np.pi * 300 * np.arange(2 * RATE_HZ) / RATE_HZ)).astype(np.float32)


@pytest.fixture
def refusal(tmp_path: Path):
    def run(content: bytes, kind: type[TtsdError] = BadRequest) -> str:
        path = tmp_path / "clip"
        path.write_bytes(content)
        with pytest.raises(kind) as caught:
            read_recording(path)
        assert caught.value.param == "audio"
        assert str(tmp_path) not in caught.value.message
        return caught.value.message

    return run


def by_ffmpeg(path: Path, muxer: str, codec: str, rate_hz: int = 44_100) -> Path:
    """Two seconds of tone in a container of FFmpeg's."""
    with av.open(str(path), "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.layout = "mono"
        t = np.arange(2 * rate_hz) / rate_hz
        tone = (0.3 * np.sin(2 * np.pi * 300 * t)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(tone[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = rate_hz, 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return path


# --- what can be read ---


@pytest.mark.parametrize(
    ("format", "subtype", "rate_hz"),
    [
        ("WAV", "PCM_U8", 8_000),
        ("WAV", "PCM_16", 11_025),
        ("WAV", "PCM_24", 96_000),
        ("WAV", "FLOAT", 48_000),
        ("WAV", "ULAW", 8_000),
        ("WAVEX", "PCM_16", 22_050),
        ("RF64", "PCM_16", 24_000),
        ("W64", "PCM_16", 24_000),
        ("AIFF", "PCM_16", 44_100),
        ("CAF", "PCM_16", 44_100),
        ("AU", "PCM_16", 16_000),
        ("FLAC", "PCM_24", 44_100),
        ("OGG", "VORBIS", 48_000),
        ("OGG", "OPUS", 48_000),
        ("MP3", "MPEG_LAYER_III", 44_100),
        ("MP3", "MPEG_LAYER_III", 16_000),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_kinds(tmp_path: Path, format: str, subtype: str, rate_hz: int, channels: int):  # noqa: A002
    tone = 0.3 * np.sin(2 * np.pi * 300 * np.arange(2 * rate_hz) / rate_hz)
    path = write(tmp_path / "clip", np.stack([tone] * channels, 1), rate_hz, format=format, subtype=subtype)
    found = read_recording(path)
    assert (found.rate_hz, found.samples.shape[1]) == (rate_hz, channels)
    assert found.duration_s == pytest.approx(2.0, abs=0.1)
    assert float(np.std(found.samples)) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize(
    ("muxer", "codec"), [("ipod", "aac"), ("mp4", "aac"), ("adts", "aac"), ("mov", "alac"), ("matroska", "flac")]
)
def test_kinds_that_need_ffmpeg(tmp_path: Path, muxer: str, codec: str):
    found = read_recording(by_ffmpeg(tmp_path / "clip", muxer, codec))
    assert (found.rate_hz, found.samples.shape[1], found.codec) == (44_100, 1, codec)
    assert found.duration_s == pytest.approx(2.0, abs=0.1)
    assert float(np.std(found.samples)) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize("kind", ["FLAC", "WAV"])
def test_streamed_files_that_do_not_know_their_length(tmp_path: Path, refusal, kind: str):
    path = tmp_path / "clip"
    path.write_bytes(streamed(file_of(TONE, format=kind)))
    found = read_recording(path)
    assert (len(found.samples), found.truncated) == (len(TONE), False)
    assert "longer than 600 s" in refusal(
        streamed(file_of(np.zeros(601 * 8000, np.int16), 8000, format=kind)), TooLarge
    )


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = by_ffmpeg(tmp_path / "clip.m4a", "ipod", "aac")
    monkeypatch.delitem(sys.modules, "ttsd.audio.reference.containers", raising=False)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(BadRequest, match=r"ttsd\[formats\]"):
        read_recording(path)
    assert len(read_recording(write(tmp_path / "clip.wav", TONE)).samples) == len(TONE)


# --- what cannot ---


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"RIFF",
        b"hello, I am a text",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"PK\x03\x04" + bytes(100),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"fLaC" + bytes(100),
        b"OggS" + bytes(100),
        b"ID3" + bytes(100),
        b"\xff\xfb" + bytes(100),
        b"\xff\xf1" + bytes(100),
        b"\0\0\0\x20ftypM4A " + bytes(100),
        b"\x1aE\xdf\xa3" + bytes(100),
        b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff" + bytes(100),
    ],
    ids=lambda content: content[:4].hex() or "empty",
)
def test_what_is_no_sound(refusal, content: bytes):
    assert refusal(content).startswith("the clip ")


def test_values_that_are_no_sound(refusal):
    nan, loud = TONE.copy(), TONE * 30_000
    nan[100] = np.nan
    assert "no numbers" in refusal(file_of(nan, format="WAV", subtype="FLOAT"))
    assert "full scale" in refusal(file_of(loud, format="WAV", subtype="FLOAT"))
    assert "holds no sound" in refusal(file_of(TONE[:0], format="WAV"))


def test_rates_and_widths_that_nobody_records_in(refusal):
    assert "samples a second" in refusal(file_of(TONE, 100, format="WAV"))
    assert "channels" in refusal(file_of(np.zeros((100, 9)), format="WAV"))


def test_a_folder_and_a_missing_file(tmp_path: Path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(BadRequest, match="cannot be read"):
            read_recording(path)


def test_a_truncated_file_gives_what_it_has(tmp_path: Path):
    path = write(tmp_path / "clip.flac", np.random.default_rng(0).uniform(-0.5, 0.5, 5 * RATE_HZ))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = read_recording(path)
    assert found.truncated
    assert 1.5 < found.duration_s < 2.6


@pytest.mark.parametrize(("muxer", "codec"), [("adts", "aac"), ("matroska", "flac")])
def test_a_truncated_stream_gives_what_it_has(tmp_path: Path, muxer: str, codec: str):
    path = by_ffmpeg(tmp_path / "clip", muxer, codec)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 0.3 < read_recording(path).duration_s < 2.0


# --- what is too much ---


def within(most_bytes: int, path: Path) -> str:
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge) as caught:
            read_recording(path)
        assert tracemalloc.get_traced_memory()[1] < most_bytes
    finally:
        tracemalloc.stop()
    return caught.value.message


@pytest.fixture(scope="module")
def four_hours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of silence, in a small file."""
    path = tmp_path_factory.mktemp("long") / "clip.flac"
    with soundfile.SoundFile(path, "w", 8_000, 1, format="FLAC") as file:
        for _ in range(4 * 60):
            file.write(np.zeros(60 * 8_000, np.int16))
    assert path.stat().st_size < 2**22
    return path


def test_four_hours_are_refused_by_their_header(four_hours: Path):
    assert "longer than 600 s" in within(2**20, four_hours)


@pytest.mark.parametrize("seconds", [0, 5])
def test_four_hours_that_say_they_are_short_are_refused_or_read_as_they_say(
    four_hours: Path, tmp_path: Path, seconds: int
):
    content = bytearray(four_hours.read_bytes())
    content[21:26] = ((content[21] & 0xF0) << 32 | seconds * 8_000).to_bytes(5, "big")  # STREAMINFO; 0: not known
    (tmp_path / "clip").write_bytes(content)
    try:
        found = read_recording(tmp_path / "clip")
    except TtsdError as error:
        assert error.param == "audio"  # noqa: PT017 — either way is right, a crash is not
    else:
        assert found.duration_s <= max(seconds, 0.001)


def test_a_file_of_many_bytes_is_not_opened(tmp_path: Path):
    path = tmp_path / "clip.wav"
    with path.open("wb") as file:
        file.truncate(65 * 2**20)
    assert "65 MB" in within(2**16, path)


def test_a_wav_that_claims_four_gigabytes_is_read_as_what_it_is(tmp_path: Path):
    content = bytearray(file_of(TONE, format="WAV", subtype="PCM_16"))
    content[4:8] = content[40:44] = b"\xff\xff\xff\xfe"
    path = tmp_path / "clip.wav"
    path.write_bytes(content)
    assert read_recording(path).duration_s == pytest.approx(2.0)


def test_many_channels_at_a_high_rate_are_bounded_by_memory(tmp_path: Path):
    path = tmp_path / "clip.flac"
    with soundfile.SoundFile(path, "w", 192_000, 8, format="FLAC") as file:
        for _ in range(60):
            file.write(np.zeros((192_000, 8), np.int16))
    assert "longer than 38 s" in within(2**20, path)


# --- what nobody thought of ---


def survives(tmp: Path, content: bytes) -> None:
    tmp.write_bytes(content)
    try:
        found = read_recording(tmp)
    except TtsdError as error:
        assert (error.param, "\n" in error.message) == ("audio", False)  # noqa: PT017 — a crash is wrong
    else:
        assert np.isfinite(found.samples).all()


@settings(max_examples=40, deadline=None)
@given(
    head=st.sampled_from([b"", b"RIFF\x24\0\0\0WAVE", b"fLaC", b"OggS\0\2", b"ID3\4\0\0", b"\xff\xfb\x90", b"FORM"]),
    rest=st.binary(max_size=600),
)
def test_random_bytes(tmp_path_factory: pytest.TempPathFactory, head: bytes, rest: bytes):
    survives(tmp_path_factory.getbasetemp() / "bytes", head + rest)


@settings(max_examples=40, deadline=None)
@given(
    tag=st.sampled_from([1, 2, 3, 6, 7, 17, 49, 80, 85, 0xFFFE, 0]),
    channels=st.integers(0, 65_535),
    rate_hz=st.sampled_from([0, 1, 8_000, 24_000, 192_000, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(0, 65_535), st.integers(0, 65_535)),
    size=st.integers(0, 2**32 - 1),
)
def test_random_wav_headers(tmp_path_factory, tag: int, channels: int, rate_hz: int, shape: tuple[int, int], size: int):
    align, bits = shape
    form = struct.pack("<HHIIHH", tag, channels, rate_hz, (rate_hz * align) & 0xFFFFFFFF, align, bits)
    content = b"RIFF" + struct.pack("<I", size) + b"WAVEfmt \x10\0\0\0" + form + b"data" + struct.pack("<I", size)
    survives(tmp_path_factory.getbasetemp() / "header", content + bytes(range(256)) * 8)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_files_with_flipped_bytes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    content = bytearray(data.draw(st.sampled_from(_small_files())))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    survives(tmp_path_factory.getbasetemp() / "flipped", bytes(content))


def _small_files() -> list[bytes]:
    short = TONE[:4_000]
    made = [file_of(short, format=name) for name in ("WAV", "FLAC", "OGG", "MP3", "AIFF")]
    adpcm = io.BytesIO()
    with wave.open(adpcm, "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(bytes(2_000))
    return [*made, adpcm.getvalue()]

"""Finished audio in every format, read back by FFmpeg, by the standard library and by sox."""

import subprocess
import sys
import wave
from pathlib import Path
from typing import Any, get_args

import av
import numpy as np
import pytest

from ttsd.audio.encoder import Made, encode
from ttsd.audio.files import WavWriter
from ttsd.audio.loudness import measure
from ttsd.protocol.prep import ChapterTime, Encoding, Tags
from ttsd.protocol.speech import SAMPLE_RATE_HZ, FileFormat

FORMATS = get_args(FileFormat)
LOSSLESS = ("wav", "pcm", "flac")
LOSSY = ("mp3", "opus", "m4a", "m4b")
TAGS = Tags(title="Ein Titel — 你好", voice="ada", album="Reader", engine="fake")
CHAPTERS = (ChapterTime("One é", 0.0, 1.25), ChapterTime("Two", 1.25, 3.0))


def sound(seconds: float = 3.0, level: float = 0.1) -> np.ndarray:
    """Something like a voice: a tone that comes and goes, and breath."""
    time = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    tone = np.sin(2 * np.pi * 220 * time) * (1 + np.sin(2 * np.pi * 3 * time)) / 2
    noise = np.random.default_rng(1).normal(0, 0.02, len(time))
    return np.rint((tone + noise) * level * 32767).astype("<i2")


@pytest.fixture
def make(tmp_path: Path):
    """`make(samples, encoding)` → the file, and what was done."""

    def run(samples: np.ndarray, encoding: Encoding) -> tuple[Path, Made]:
        with WavWriter(tmp_path / "source.wav") as file:
            file.write(samples.tobytes())
        target = tmp_path / f"target.{encoding.format}"
        made = encode(tmp_path / "source.wav", target, encoding)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["source.wav", target.name]
        return target, made

    return run


def decoded(path: Path) -> np.ndarray:
    """Samples between -1 and 1 (or as they are, when they are whole numbers)."""
    if path.suffix == ".pcm":
        return np.frombuffer(path.read_bytes(), "<i2")
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])


def tags_of(path: Path) -> dict[str, str]:
    with av.open(str(path)) as container:
        return {**container.metadata, **container.streams.audio[0].metadata}


def chapters_of(path: Path) -> list[tuple[str, float, float]]:
    with av.open(str(path)) as container:
        chapters: list[Any] = container.chapters()
    return [
        (chapter["metadata"]["title"], float(chapter["start"] * base), float(chapter["end"] * base))
        for chapter in chapters
        for base in (chapter["time_base"],)
    ]


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_files_have_every_sample(make, name):
    samples = sound()
    path, made = make(samples, Encoding(name, TAGS, CHAPTERS))
    assert np.array_equal(decoded(path), samples)
    assert made == Made(len(samples), 0.0, None)


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_files_sound_the_same_and_begin_at_the_same_sample(make, name):
    samples = sound() / 32768
    path, made = make(sound(), Encoding(name))
    found = decoded(path)
    if name == "opus":
        found = found[::2]  # it always decodes at 48 kHz
    assert made.samples == len(samples)
    assert 0 <= len(found) - len(samples) < 1024  # FFmpeg's decoder leaves the last frame of AAC whole
    found, inner = found[: len(samples)], slice(2400, -2400)
    shifts = {shift: float(np.dot(np.roll(found, shift)[inner], samples[inner])) for shift in range(-40, 41)}
    assert abs(max(shifts, key=lambda shift: shifts[shift])) <= 1
    noise = found[inner] - samples[inner]
    assert 10 * np.log10(np.sum(samples[inner] ** 2) / np.sum(noise**2)) > 9


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "pcm"])
def test_a_file_says_how_long_it_is(make, name):
    path, _ = make(sound(2.5), Encoding(name))
    with av.open(str(path)) as container:
        assert container.duration / av.time_base == pytest.approx(2.5, abs=0.007)  # opus counts its pre-skip


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "pcm"])
def test_files_are_tagged(make, name):
    found = tags_of(make(sound(), Encoding(name, TAGS))[0])
    assert (found["title"], found["artist"], found["album"]) == ("Ein Titel — 你好", "ada", "Reader")
    assert found["comment"].startswith("synthetic speech, engine fake, ttsd ")
    if name not in ("m4a", "m4b"):  # whose muxer writes only its own name there, or none
        assert found["encoded_by" if name == "flac" else "encoder"].startswith("ttsd ")
    assert found.get("media_type") == ("2" if name == "m4b" else None)


def test_provenance_needs_no_tags(make):
    assert tags_of(make(sound(), Encoding("mp3"))[0])["comment"].startswith("synthetic speech, ttsd ")


def test_tags_are_single_lines(make):
    title = "A\r\nline\0 and\tmore  \x1b[1m" + "x" * 5000
    assert tags_of(make(sound(), Encoding("wav", Tags(title)))[0])["title"] == "A line and more [1m" + "x" * 5000


@pytest.mark.parametrize("name", ["mp3", "opus", "m4a", "m4b"])
def test_files_have_chapters(make, name):
    found = chapters_of(make(sound(), Encoding(name, TAGS, CHAPTERS))[0])
    assert [title for title, _, _ in found] == ["One é", "Two"]
    assert [(start, end) for _, start, end in found] == [(0, 1.25), (1.25, pytest.approx(3, abs=0.01))]


@pytest.mark.parametrize("name", ["mp3", "opus", "m4b"])
def test_a_book_of_many_chapters(make, name):
    chapters = tuple(ChapterTime(f"Chapter {n}", n / 100, (n + 1) / 100) for n in range(300))
    found = chapters_of(make(sound(), Encoding(name, chapters=chapters))[0])
    assert [title for title, _, _ in found] == [chapter.title for chapter in chapters]


def test_an_m4b_begins_with_its_index(make):
    data = make(sound(), Encoding("m4b", TAGS, CHAPTERS))[0].read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_wav_is_read_by_others(make):
    samples = sound()
    path, _ = make(samples, Encoding("wav", TAGS))
    with wave.open(str(path)) as found:
        assert (found.getnchannels(), found.getsampwidth(), found.getframerate()) == (1, 2, SAMPLE_RATE_HZ)
        assert found.readframes(found.getnframes()) == samples.tobytes()
    info = subprocess.run(["sox", "--i", path], capture_output=True, text=True, check=True)
    assert "3.00" in info.stdout
    assert info.stderr == ""


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_gives_the_same_bytes(make, name):
    encoding = Encoding(name, TAGS, CHAPTERS, loudness_lufs=-18)
    assert make(sound(), encoding)[0].read_bytes() == make(sound(), encoding)[0].read_bytes()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("samples", [24, 480])
def test_the_shortest_sounds_become_files(make, name, samples):
    path, made = make(sound()[:samples], Encoding(name, TAGS, (ChapterTime("All", 0, 0.001),), loudness_lufs=-16))
    assert made == Made(samples, 0.0, None)
    assert len(decoded(path)) >= samples


# --- level ---


@pytest.mark.parametrize("name", LOSSLESS)
def test_one_gain_is_applied_to_every_sample_and_rounded_once(make, name):
    samples = sound()
    path, made = make(samples, Encoding(name, loudness_lufs=-23))
    assert made.gain_db == pytest.approx(-23 - made.loudness_lufs, abs=0.011)
    assert np.array_equal(decoded(path), np.rint(samples * 10 ** (made.gain_db / 20)).astype("<i2"))


@pytest.mark.parametrize("name", FORMATS)
def test_files_are_as_loud_as_wanted(make, name):
    path, _ = make(sound(), Encoding(name, loudness_lufs=-20))
    found = decoded(path)
    if found.dtype != np.int16:
        found = np.rint(found.clip(-1, 1) * 32767)[:: 2 if name == "opus" else 1].astype("<i2")
    assert measure([found.tobytes()]).integrated_lufs == pytest.approx(-20, abs=0.3)


def test_peaks_stay_below_the_ceiling(make):
    samples = sound(level=0.01)
    samples[30_000:30_100] = 12_000
    path, made = make(samples, Encoding("wav", loudness_lufs=-10))
    assert -40 < made.loudness_lufs + made.gain_db < -20
    peak = measure([decoded(path).tobytes()]).true_peak
    assert 10 ** (-1.2 / 20) < peak <= 10 ** (-1 / 20) + 0.001


def test_too_high_peaks_are_brought_down(make):
    samples = sound(level=0.9)
    samples[30_000:30_100] = 32_767
    _, made = make(samples, Encoding("wav", loudness_lufs=-5))
    assert made.gain_db < -1


@pytest.mark.parametrize("seconds", [0.13, 1.0, 1.23, 2.999])
def test_the_last_moment_is_measured_too(seconds):
    quiet = np.zeros(int(seconds * SAMPLE_RATE_HZ), "<i2")
    quiet[-1] = 30_000
    assert measure([quiet.tobytes()]).true_peak > 0.9


@pytest.mark.parametrize("level", [0.0, 0.0001])
def test_silence_keeps_its_level(make, level):
    _, made = make(sound(level=level), Encoding("wav", loudness_lufs=-16))
    assert made == Made(72_000, 0.0, None)


# --- failures ---


def test_what_is_no_wav_of_ours_is_refused(tmp_path: Path, make):
    make(sound(), Encoding("wav"))
    whole = (tmp_path / "source.wav").read_bytes()
    for data in (b"", whole[:44], whole[:-1], whole[:-2], b"RIFX" + whole[4:]):
        (tmp_path / "bad.wav").write_bytes(data)
        with pytest.raises(ValueError, match=r"bad\.wav is not a finished WAV"):
            encode(tmp_path / "bad.wav", tmp_path / "bad.mp3", Encoding("mp3"))
    assert not list(tmp_path.glob("*bad.mp3*"))


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, name):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=True)
    try:
        with WavWriter(tmp_path / "source.wav") as file:
            file.write(np.random.default_rng(2).integers(-9000, 9000, 60 * SAMPLE_RATE_HZ, dtype="<i2").tobytes())
        with pytest.raises(OSError, match="No space left") as caught:
            encode(tmp_path / "source.wav", disk / "target", Encoding(name, TAGS, CHAPTERS, loudness_lufs=-16))
        assert not isinstance(caught.value, av.FFmpegError)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_a_file_that_was_there_stays_when_there_is_no_room(tmp_path: Path):
    """In a process of its own: the limit is its own too."""
    with WavWriter(tmp_path / "source.wav") as file:
        file.write(sound().tobytes())
    (tmp_path / "target.mp3").write_bytes(b"before")
    program = f"""
import resource
from pathlib import Path
from ttsd.audio.encoder import encode
from ttsd.protocol.prep import Encoding
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
encode(Path({str(tmp_path / "source.wav")!r}), Path({str(tmp_path / "target.mp3")!r}), Encoding("mp3"))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "File too large" in ran.stderr
    assert (tmp_path / "target.mp3").read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 2


def test_memory_does_not_grow_with_the_sound(tmp_path: Path):
    """Twenty minutes are 58 MB of samples; the encoder's own memory is less, whatever the length."""
    with WavWriter(tmp_path / "source.wav") as file:
        for _ in range(120):
            file.write(sound(10).tobytes())
    program = f"""
import resource
from pathlib import Path
from ttsd.audio.encoder import encode
from ttsd.audio.files import WavWriter
from ttsd.protocol.prep import Encoding
folder = Path({str(tmp_path)!r})
with WavWriter(folder / "short.wav") as file:
    file.write(bytes(48000))
encoding = Encoding("flac", loudness_lufs=-16)
encode(folder / "short.wav", folder / "short.flac", encoding)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
encode(folder / "source.wav", folder / "long.flac", encoding)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    grown_kib = int(ran.stdout)
    assert grown_kib < 8 * 1024

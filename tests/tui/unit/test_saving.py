"""A take as a file."""

import io
import wave

import pytest

from ttsd.protocol.errors import BadRequest, TtsdError
from ttsd.protocol.speech import SAMPLE_RATE_HZ, FileFormat
from tui.saving import Sound, as_wav, save, target_of

SOUND = Sound(bytes(range(200)), "One. Two.", "anna")


class Encoder:
    """Answers with what it was asked."""

    async def encode(self, pcm: bytes, form: FileFormat, *, title: str = "", voice: str = "") -> bytes:
        return f"{form} {title} {voice} ".encode() + pcm


async def test_a_wav_needs_no_daemon_and_appears_whole(tmp_path):
    await save(Encoder(), SOUND, tmp_path / "take.WAV")

    with wave.open(str(tmp_path / "take.WAV")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (SAMPLE_RATE_HZ, 1, 100)
        assert file.readframes(100) == SOUND.pcm
    assert [path.name for path in tmp_path.iterdir()] == ["take.WAV"]


async def test_other_endings_are_made_by_the_daemon(tmp_path):
    await save(Encoder(), SOUND, tmp_path / "take.ogg")

    assert (tmp_path / "take.ogg").read_bytes() == b"opus One. Two. anna " + SOUND.pcm


async def test_what_is_there_is_replaced(tmp_path):
    (tmp_path / "take.pcm").write_bytes(b"old")

    await save(Encoder(), SOUND, tmp_path / "take.pcm")

    assert (tmp_path / "take.pcm").read_bytes() == SOUND.pcm


async def test_a_file_that_cannot_be_written_leaves_nothing_and_says_why(tmp_path):
    (tmp_path / "take.wav").mkdir()

    with pytest.raises(TtsdError, match=r"take\.wav: Is a directory"):
        await save(Encoder(), SOUND, tmp_path / "take.wav")

    assert [path.name for path in tmp_path.iterdir()] == ["take.wav"]


def test_the_ending_says_the_format_and_no_ending_is_the_usual_one(tmp_path):
    assert target_of(f"{tmp_path}/a.mp3") == tmp_path / "a.mp3"
    assert target_of(f"{tmp_path}/a") == tmp_path / "a.wav"
    (tmp_path / "folder.wav").mkdir()
    for name, reason in (
        ("a.midi", r"as \.midi; the name may end in \.wav \.flac"),
        ("folder.wav", "is a folder"),
        ("no/such.wav", "no folder .*/no"),
    ):
        with pytest.raises(BadRequest, match=reason):
            target_of(f"{tmp_path}/{name}")


def test_the_header_is_that_of_a_finished_file():
    with wave.open(io.BytesIO(as_wav(b"\1\0" * 5))) as file:
        assert file.getnframes() == 5

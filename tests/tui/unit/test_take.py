"""A take as it grows, is heard and is taken back."""

import struct
import wave

import pytest

from ttsd.protocol.speech import SAMPLE_RATE_HZ, SegmentStarted
from tui.recording import WINDOW, Recording
from tui.take import Take, retracted, segment_started, sounded


@pytest.fixture
def take() -> Take:
    """Three phrases of 100 samples each."""
    take = Take(number=1, active=True)
    for index, text in enumerate(("One. ", "Two. ", "Three. ")):
        take = sounded(segment_started(take, SegmentStarted(index, text, index * 100)), 100)
    return take


def test_the_phrase_that_sounds_is_the_last_one_that_began(take: Take):
    assert [take.hearing(heard) for heard in (0, 1, 99, 100, 250, 299)] == [None, 0, 0, 1, 2, 2]
    assert take.hearing(300) is None
    assert Take().hearing(5) is None


def test_withdrawn_phrases_go_with_their_sound(take: Take):
    shorter = retracted(take, 1)

    assert [phrase.text for phrase in shorter.phrases] == ["One. "]
    assert shorter.samples == 100
    assert retracted(shorter, 1) is shorter


def test_a_phrase_that_is_announced_again_replaces_the_old_one(take: Take):
    again = segment_started(retracted(take, 1), SegmentStarted(1, "Zwei. ", 100))

    assert [phrase.text for phrase in again.phrases] == ["One. ", "Zwei. "]


def test_length_is_in_seconds(take: Take):
    assert sounded(take, SAMPLE_RATE_HZ - 300).length_s == 1.0


def pcm(value: int, samples: int) -> bytes:
    return struct.pack("<h", value) * samples


def test_the_envelope_has_a_peak_for_each_window():
    recording = Recording()

    recording.append(pcm(16384, WINDOW // 2))
    recording.append(pcm(-32768, WINDOW))
    recording.append(pcm(0, WINDOW))

    assert recording.envelope == [1.0, 1.0, 0.0]
    assert recording.level(0) == 1.0
    assert recording.level(10**9) == 0.0


def test_a_truncated_recording_measures_its_last_window_again():
    recording = Recording()
    recording.append(pcm(8192, WINDOW // 2) + pcm(32767, WINDOW * 3))

    recording.truncate(WINDOW // 2)

    assert recording.samples == WINDOW // 2
    assert recording.envelope == [0.25]
    recording.append(pcm(16384, WINDOW))
    assert recording.envelope == [0.5, 0.5]


def test_the_file_is_a_wav_and_appears_whole(tmp_path):
    recording = Recording()
    recording.append(pcm(123, 2400))

    recording.save(tmp_path / "take.wav")

    with wave.open(str(tmp_path / "take.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (SAMPLE_RATE_HZ, 1, 2400)
        assert file.readframes(2400) == pcm(123, 2400)
    assert [path.name for path in tmp_path.iterdir()] == ["take.wav"]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "take.wav").mkdir()
    recording = Recording()
    recording.append(pcm(1, 10))

    with pytest.raises(OSError):
        recording.save(tmp_path / "take.wav")

    assert [path.name for path in tmp_path.iterdir()] == ["take.wav"]

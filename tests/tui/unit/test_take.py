"""A take as it grows, is heard and is taken back."""

import struct

import pytest

from ttsd.protocol.speech import SAMPLE_RATE_HZ, SegmentStarted
from tui.recording import WINDOW, Recording
from tui.take import Phrase, Take, retaken, retracted, segment_started, sounded


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


def test_work_counts_where_it_is_known():
    take = sounded(sounded(Take(), SAMPLE_RATE_HZ, 0.5), SAMPLE_RATE_HZ)

    assert (take.length_s, take.rtf) == (2.0, 0.5)
    assert Take(samples=100).rtf is None


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


def test_a_phrase_that_was_spoken_anew_moves_those_behind_it():
    take = Take(phrases=(Phrase(0, "a", 0), Phrase(1, "b", 100), Phrase(2, "c", 300)), samples=350)
    after = retaken(take, 1, 120)
    assert after.phrases == (Phrase(0, "a", 0), Phrase(1, "b", 100, 1), Phrase(2, "c", 220))
    assert (after.samples, retaken(after, 2, 10).samples) == (270, 230)

"""From a text to its samples: every character is spoken once, in order, and every sample of it is where it belongs."""

import array
import tempfile
import wave
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.jobs.rendering import LATE_PAUSE_S, Rendering, Sound
from ttsd.protocol.speech import SAMPLE_RATE_HZ, Segment, Span
from ttsd.text.normalize import blocks
from ttsd.text.segment import segments

SAMPLES_A_CHARACTER = 7
WORDS = st.sampled_from(
    ["Hello", "Dr.", "3.14", "1,000", "well,", "end.", "go!", "“open", "close”", "(in", "out)", "…", "—", "今天天气",
     "。", "，", "「引用」", "これは", "안녕", "Привет", "\n", "\n\n", "a" * 120, "天" * 60]
)  # fmt: skip
TEXTS = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)
PAUSES = st.integers(min_value=0, max_value=900)
LENGTHS = st.integers(min_value=1, max_value=30_000)


def sound(index: int, samples: int) -> Sound:
    """Each sample tells whose it is."""
    return Sound(array.array("h", [index + 1] * samples).tobytes(), f"key {index}", 0, reused=False)


def stitched(made: list[tuple[Segment, int]], slots: dict[int, float] | None = None) -> tuple[Rendering, array.array]:
    """The rendering of segments of so many samples, and the samples of its file."""
    with tempfile.TemporaryDirectory() as folder:
        rendering = Rendering(Path(folder) / "output.wav")
        for index, (segment, samples) in enumerate(made):
            rendering.append(index, segment, sound(index, samples), (slots or {}).get(index))
        rendering.close()
        with wave.open(str(rendering.path)) as file:
            assert file.getnframes() == rendering.samples
            return rendering, array.array("h", file.readframes(file.getnframes()))


def check_samples(rendering: Rendering, heard: array.array, lengths: list[int]) -> None:
    """All samples of each segment are where the timeline says, and silence is all that lies between."""
    end = 0
    for index, (told, length) in enumerate(zip(rendering.timeline, lengths, strict=True)):
        start = round(told.start_s * SAMPLE_RATE_HZ)
        assert start >= end
        assert not any(heard[end:start])
        end = round(told.end_s * SAMPLE_RATE_HZ)
        assert heard[start:end] == array.array("h", [index + 1] * length)
    assert end == len(heard) == rendering.samples


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_a_text_is_spoken_once_and_in_order(text: str):
    found = blocks(text)
    if not found:
        return
    spoken = segments(found)
    lengths = [len(segment.text) * SAMPLES_A_CHARACTER for segment in spoken]
    rendering, heard = stitched(list(zip(spoken, lengths, strict=True)))
    check_samples(rendering, heard, lengths)
    told = "".join(each.text for each in rendering.timeline)
    assert "".join(told.split()) == "".join("".join(block.text for block in found).split())
    pauses = [segment.pause_after_ms * SAMPLE_RATE_HZ // 1000 for segment in spoken[:-1]]
    assert rendering.samples == sum(lengths) + sum(pauses)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(PAUSES, LENGTHS), min_size=1, max_size=12))
def test_pauses_are_exact_to_the_sample_and_none_is_at_the_end(pieces: list[tuple[int, int]]):
    made = [(Segment((Span("en", f"Piece {n}."),), pause_ms), length) for n, (pause_ms, length) in enumerate(pieces)]
    rendering, heard = stitched(made)
    check_samples(rendering, heard, [length for _, length in pieces])
    for told, following, (pause_ms, _) in zip(rendering.timeline, rendering.timeline[1:], pieces, strict=False):
        between = round(following.start_s * SAMPLE_RATE_HZ) - round(told.end_s * SAMPLE_RATE_HZ)
        assert between == pause_ms * SAMPLE_RATE_HZ // 1000


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(min_value=0, max_value=1), LENGTHS), min_size=1, max_size=12))
def test_a_slot_begins_on_time_or_as_soon_as_the_one_before_has_ended(pieces: list[tuple[float, int]]):
    """Each slot begins so many seconds after the one before it began."""
    starts: list[float] = []
    for after_s, _ in pieces:
        starts.append(after_s + (starts[-1] if starts else 0.0))
    made = [(Segment((Span("en", f"Cue {n}."),), 500), length) for n, (_, length) in enumerate(pieces)]
    rendering, heard = stitched(made, dict(enumerate(starts)))
    check_samples(rendering, heard, [length for _, length in pieces])
    end = -round(LATE_PAUSE_S * SAMPLE_RATE_HZ)
    for told, wanted_s in zip(rendering.timeline, starts, strict=True):
        soonest = end + round(LATE_PAUSE_S * SAMPLE_RATE_HZ)
        assert round(told.start_s * SAMPLE_RATE_HZ) == max(round(wanted_s * SAMPLE_RATE_HZ), soonest)
        end = round(told.end_s * SAMPLE_RATE_HZ)

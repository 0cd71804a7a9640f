"""The course of a stream: which text row each frame takes, when sound is due, and when enough is enough."""

from ttsd.worker.qwen3.pacing import HURRY_FRAMES, NEVER, RUNAWAY_FRAMES, Pacing


def course(pacing: Pacing, end_at: int | None = None) -> list[int]:
    """Run to the end; the sizes of the decoded chunks."""
    chunks: list[int] = []
    while pacing.reason is None:
        pacing.made(end=pacing.frames == end_at)
        while size := pacing.due():
            chunks.append(size)
            pacing.decoded(size)
    return chunks


def test_sound_comes_early_and_then_in_larger_pieces():
    assert course(Pacing(10, 10, 2048), end_at=50) == [1, 2, 4, 8, 12, 12, 11]


def test_what_is_left_at_the_end_is_decoded_in_pieces_too():
    assert course(Pacing(10, 10, 2048), end_at=2) == [1, 1]
    assert course(Pacing(10, 10, 2048), end_at=0) == []


def test_speech_that_lost_its_end_is_led_to_it_and_then_stopped():
    short, long = Pacing(5, 5, 2048), Pacing(40, 40, 2048)
    pushes = []
    while short.reason is None:
        pushes.append(short.push)
        short.made(end=False)
    course(long)
    assert pushes[:5] == [NEVER] * 5
    assert pushes[5 : 5 + RUNAWAY_FRAMES] == [0.0] * RUNAWAY_FRAMES
    assert pushes[5 + RUNAWAY_FRAMES :] == [0.5 * more for more in range(1, HURRY_FRAMES + 1)]
    assert (short.reason, short.frames) == ("length", 5 + RUNAWAY_FRAMES + HURRY_FRAMES)
    assert (long.reason, long.frames) == ("length", 40 + 240 + HURRY_FRAMES)


def test_speech_that_ends_while_it_is_hurried_was_too_long():
    pacing = Pacing(5, 5, 2048)
    course(pacing, end_at=5 + RUNAWAY_FRAMES)
    assert pacing.reason == "length"
    pacing = Pacing(5, 5, 2048)
    course(pacing, end_at=5 + RUNAWAY_FRAMES - 1)
    assert pacing.reason == "stop"


def test_without_guards_only_the_bound_counts():
    pacing = Pacing(5, 5, 300, guarded=False)
    course(pacing)
    assert (pacing.reason, pacing.frames) == ("length", 300)


def test_a_live_text_holds_the_stream_and_its_end():
    pacing = Pacing(1, 1, 2048)
    pacing.hold()
    assert (pacing.waiting, pacing.push) == (False, NEVER)
    pacing.made(end=False)
    assert pacing.waiting
    pacing.extend(2, 2, last=False)
    assert not pacing.waiting
    pacing.made(end=False)
    pacing.made(end=False)
    assert pacing.waiting
    pacing.extend(1, 0, last=True)
    assert (pacing.waiting, pacing.push) == (False, NEVER)
    pacing.made(end=False)
    assert (pacing.waiting, pacing.push) == (False, 0.0)

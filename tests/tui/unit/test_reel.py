"""The queue of samples between the app and the sound device."""

from hypothesis import given
from hypothesis import strategies as st

from tui.reel import Reel


def pcm(*values: int) -> bytes:
    return b"".join(value.to_bytes(2, "little") for value in values)


def taken(reel: Reel, samples: int) -> bytes:
    out = bytearray(samples * 2)
    return bytes(out[: reel.take(memoryview(out))])


def test_what_is_fed_comes_out_in_order_across_chunks():
    reel = Reel()
    reel.feed(pcm(1, 2, 3))
    reel.feed(pcm(4, 5))

    assert taken(reel, 4) == pcm(1, 2, 3, 4)
    assert taken(reel, 4) == pcm(5)
    assert (reel.position, reel.end, reel.waiting) == (5, 5, 0)


def test_truncating_ahead_of_the_listener_drops_the_tail():
    reel = Reel()
    reel.feed(pcm(1, 2, 3))
    reel.feed(pcm(4, 5, 6))

    reel.truncate(4)
    reel.feed(pcm(9))

    assert taken(reel, 9) == pcm(1, 2, 3, 4, 9)


def test_truncating_behind_the_listener_goes_back():
    reel = Reel()
    reel.feed(pcm(1, 2, 3, 4))
    taken(reel, 3)

    reel.truncate(1)

    assert (reel.position, reel.end) == (1, 1)
    reel.feed(pcm(7, 8))
    assert taken(reel, 4) == pcm(7, 8)
    assert reel.position == 3


def test_skipping_counts_the_rest_as_played():
    reel = Reel()
    reel.feed(pcm(1, 2, 3))
    taken(reel, 1)

    reel.skip()

    assert (reel.position, reel.end, taken(reel, 5)) == (3, 3, b"")


def test_the_head_goes_back_and_forth_as_far_as_there_is_sound():
    reel = Reel()
    reel.feed(pcm(1, 2, 3))
    reel.feed(pcm(4, 5, 6))
    taken(reel, 6)

    reel.seek(2)
    assert taken(reel, 3) == pcm(3, 4, 5)
    reel.seek(99)
    assert (reel.position, reel.waiting) == (6, 0)
    reel.seek(-1)
    assert taken(reel, 1) == pcm(1)
    assert reel.read(1, 5) == pcm(2, 3, 4, 5)
    assert reel.read(4, 99) == pcm(5, 6)
    assert reel.read(7, 9) == b""


def test_what_was_forgotten_cannot_be_gone_back_to():
    reel = Reel()
    for value in range(5):
        reel.feed(pcm(2 * value, 2 * value + 1))
    taken(reel, 7)

    reel.forget(5)
    reel.seek(0)
    assert (reel.start, taken(reel, 9)) == (4, pcm(4, 5, 6, 7, 8, 9))
    reel.seek(6)
    reel.forget(10**9)
    assert taken(reel, 9) == pcm(6, 7, 8, 9)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("feed"), st.integers(0, 9)),
            st.tuples(st.just("take"), st.integers(0, 9)),
            st.tuples(st.just("truncate"), st.integers(0, 30)),
            st.tuples(st.just("seek"), st.integers(0, 30)),
        ),
        max_size=30,
    )
)
def test_positions_always_agree_with_the_samples(moves: list[tuple[str, int]]):
    reel = Reel()
    stream: list[int] = []
    position = 0
    for name, number in moves:
        if name == "feed":
            fresh = [len(stream) + at for at in range(number)]
            stream += fresh
            reel.feed(pcm(*fresh))
        elif name == "take":
            assert taken(reel, number) == pcm(*stream[position : position + number])
            position = min(position + number, len(stream))
        elif name == "seek":
            reel.seek(number)
            position = min(number, len(stream))
        else:
            reel.truncate(number)
            del stream[number:]
            position = min(position, len(stream))
        assert (reel.position, reel.end) == (position, len(stream))

"""Whose turn it is: doors in their order, users and folders fairly, and nobody for ever last."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ttsd.jobs.turns import PATIENCE_S, Seats, Turns, choose
from ttsd.protocol.jobs import Door
from ttsd.storage.lanes import Head

NOW_S = 10_000.0


def head(seq: int, lane: str, *, door: Door = Door.SPOOL, user: str = "", waited_s: float = 0.0) -> Head:
    return Head(seq, door, user or lane, lane, NOW_S - waited_s)


def lanes(chosen: list[Head]) -> str:
    return "".join(one.lane for one in chosen)


def test_lanes_take_turns_however_much_one_of_them_has():
    waiting = [head(n, "a") for n in range(10)] + [head(10, "b"), head(11, "b"), head(12, "c")]
    assert lanes(choose(waiting, Seats(6, 0, {}), {}, NOW_S)) == "abcaba"


def test_who_had_the_last_turn_waits_for_the_others():
    waiting = [head(0, "a"), head(1, "b"), head(2, "c")]
    assert lanes(choose(waiting, Seats(1, 0, {}), {"a": 1, "b": 2}, NOW_S)) == "c"
    assert lanes(choose(waiting, Seats(1, 0, {}), {"a": 2, "b": 1, "c": 3}, NOW_S)) == "b"


def test_a_user_with_many_folders_has_one_share():
    waiting = [head(n, name, user="ann") for n, name in enumerate("abcd")] + [head(9, "x", user="bob")]
    chosen = choose(waiting, Seats(2, 0, {}), {}, NOW_S)
    assert [one.user for one in chosen] == ["ann", "bob"]


def test_somebody_waiting_at_the_door_goes_before_files_and_files_before_batches():
    waiting = [head(0, "b", door=Door.BATCH), head(1, "s"), head(2, "h", door=Door.HTTP)]
    assert lanes(choose(waiting, Seats(3, 0, {}), {}, NOW_S)) == "hsb"


def test_who_has_waited_long_is_as_urgent_as_any():
    waiting = [head(0, "b", door=Door.BATCH, waited_s=PATIENCE_S), head(1, "h", door=Door.HTTP)]
    assert lanes(choose(waiting, Seats(1, 0, {}), {}, NOW_S)) == "b"


def test_a_full_house_has_a_spare_seat_for_a_lane_with_nothing_running():
    books = {("ann", "a"): 4}
    waiting = [head(0, "a", user="ann"), head(1, "b", user="bob"), head(2, "b", user="bob")]
    assert lanes(choose(waiting, Seats(4, 2, books), {}, NOW_S)) == "b"
    assert choose(waiting, Seats(4, 1, books | {("bob", "b"): 1}), {}, NOW_S) == []
    assert Seats(4, 1, books | {("bob", "b"): 1}).full


def test_an_empty_queue_seats_nobody():
    assert choose([], Seats(4, 2, {}), {}, NOW_S) == []


WAITING = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(list(Door)), st.floats(0, 600)), max_size=40)


@given(WAITING, st.integers(0, 8), st.integers(0, 4))
def test_seats_are_never_overbooked_and_lanes_keep_their_order(
    waiting: list[tuple[str, Door, float]], plain: int, spare: int
):
    heads = [head(n, f"{door}{lane}", door=door, waited_s=s) for n, (lane, door, s) in enumerate(waiting)]
    chosen = choose(heads, Seats(plain, spare, {}), {}, NOW_S)
    assert len(chosen) <= plain + spare
    assert len(chosen) >= min(plain, len(heads)), "no seat stays empty while somebody waits"
    for lane in {one.lane for one in heads}:
        own = [one.seq for one in chosen if one.lane == lane]
        assert own == [one.seq for one in heads if one.lane == lane][: len(own)]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30), min_size=2), st.integers(1, 3))
def test_nobody_waits_for_more_turns_than_there_are_lanes(jobs: dict[str, int], seats: int):
    """Jobs come and go one after another, in every lane; each of `lanes` rounds of turns serves each lane."""
    waiting = {lane: list(range(count)) for lane, count in jobs.items()}
    served: dict[str, int] = {}
    passed_over: Counter[str] = Counter()
    turn = 0
    while any(waiting.values()):
        heads = [head(own[0], lane) for lane, own in waiting.items() if own]
        chosen = choose(heads, Seats(seats, 0, {}), served, NOW_S)
        for one in chosen:
            turn += 1
            served[one.lane] = turn
            waiting[one.lane].pop(0)
        taken = {one.lane for one in chosen}
        for one in heads:
            passed_over[one.lane] = 0 if one.lane in taken else passed_over[one.lane] + 1
        assert max(passed_over.values()) <= len(jobs)


def test_the_latest_turns_are_remembered_and_no_more():
    turns = Turns()
    for number in range(Turns.REMEMBERED + 10):
        turns.take("often")
        turns.take(f"lane {number}")
    assert len(turns.last) == Turns.REMEMBERED
    assert "lane 0" not in turns.last
    assert max(turns.last, key=lambda lane: turns.last[lane]) == f"lane {Turns.REMEMBERED + 9}"
    assert "often" in turns.last

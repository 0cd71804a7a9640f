"""Who pays for what the worker does for several at once: shares that add up, whatever the overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.jobs.shares import Share, Shares, drawn_w
from ttsd.protocol.health import GpuProcess, GpuSample, HealthSample, HostSample


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def test_one_alone_pays_for_its_time(time):
    shares = Shares(time)
    shares.power(200.0)
    time.now += 5
    begun = shares.begin()
    time.now += 2
    assert shares.end(begun) == pytest.approx(Share(2.0, 2.0, 400.0))


def test_those_who_speak_at_once_share(time):
    shares = Shares(time)
    shares.power(300.0)
    first = shares.begin()
    time.now += 1  # alone
    second = shares.begin()
    time.now += 2  # two of them
    assert shares.end(first) == pytest.approx(Share(2.0, 2.0, 600.0))
    time.now += 4  # alone again
    assert shares.end(second) == pytest.approx(Share(5.0, 5.0, 1500.0))


@given(st.lists(st.tuples(st.floats(0.001, 10), st.floats(0, 1000), st.booleans()), min_size=1, max_size=40))
def test_shares_add_up_to_the_busy_time_and_its_energy(steps):
    time = Time()
    shares = Shares(time)
    open_: list[Share] = []
    paid: list[Share] = []
    busy_s = energy_j = 0.0
    watts = None
    for passed_s, power_w, begins in steps:
        if begins or not open_:
            open_.append(shares.begin())
        else:
            paid.append(shares.end(open_.pop(0)))
        shares.power(power_w)
        if open_ or watts is None:
            watts = power_w
        time.now += passed_s
        if open_:
            busy_s += passed_s
            energy_j += passed_s * power_w
    paid += [shares.end(begun) for begun in open_]
    assert sum(share.engine_s for share in paid) == pytest.approx(busy_s)
    assert sum(share.energy_j for share in paid) == pytest.approx(energy_j)


def test_without_a_measure_there_is_work_and_no_energy(time):
    shares = Shares(time)
    begun = shares.begin()
    time.now += 3
    shares.power(None)
    time.now += 1
    assert shares.end(begun) == pytest.approx(Share(4.0, 0.0, 0.0))
    shares.power(100.0)
    begun = shares.begin()
    time.now += 1
    shares.power(None)
    time.now += 1
    assert shares.end(begun) == pytest.approx(Share(2.0, 1.0, 100.0))


def test_bursts_between_two_looks_pay_what_work_draws_not_what_rest_draws(time):
    shares = Shares(time)
    shares.power(30.0)
    begun = shares.begin()
    shares.power(300.0)
    time.now += 1
    shares.end(begun)
    shares.power(30.0)  # at rest again
    begun = shares.begin()
    time.now += 0.1
    assert shares.end(begun) == pytest.approx(Share(0.1, 0.1, 30.0))


def card(
    index: int, power_w: float | None, *, ours: bool = False, serves: bool = False, mig: int | None = None
) -> GpuSample:
    return GpuSample(
        index, "card", None, None, power_w=power_w, processes=(GpuProcess(7, 1, ours),), serves=serves, mig=mig
    )


@pytest.mark.parametrize(
    ("cards", "device", "watts"),
    [
        ((), "cuda", None),
        ((card(0, 120.0, ours=True),), "cuda", 120.0),
        ((card(0, 120.0), card(1, 80.0, ours=True)), "cuda", 80.0),
        ((card(0, 120.0, ours=True), card(1, 80.0, ours=True)), "cuda", 200.0),
        ((card(0, None, ours=True),), "cuda", None),
        ((card(0, 120.0), card(1, 80.0, serves=True)), "cuda:0", 80.0),
        ((card(0, 120.0), card(1, 80.0)), "cuda", None),
        ((card(0, 120.0, serves=True),), "cpu", None),
        ((card(0, 120.0, ours=True, mig=0), card(0, 120.0, ours=True, mig=1)), "cuda", 120.0),
    ],
)
def test_which_card_is_ours(cards, device, watts):
    assert drawn_w(HealthSample(0.0, HostSample(0.0, 0, 1, 0), cards), device) == watts

"""Which card the worker computes on, and what follows when something happens to it."""

import pytest

from ttsd.config import Config, Engine, Fake, Qwen3
from ttsd.protocol.health import Ecc, GpuProcess, GpuSample, HealthSample, HostSample, LostCard, XidEvent
from ttsd.protocol.xid import REMEDIES, XIDS, meaning
from ttsd.supervisor.device_watch import Order, absence, orders
from ttsd.supervisor.serving import marked, needs_card

ONE = GpuSample(0, "One", None, None, uuid="GPU-aaaa1111")
TWO = GpuSample(1, "Two", None, None, uuid="GPU-aabb2222")
FIRST = GpuSample(2, "MIG", None, None, uuid="MIG-1", mig=0)
SECOND = GpuSample(2, "MIG", None, None, uuid="MIG-2", mig=1)
ALL = (ONE, TWO, FIRST, SECOND)


@pytest.mark.parametrize(
    ("setting", "chosen"),
    [
        (None, ONE),
        ("0", ONE),
        ("1,0", TWO),
        (" 1 , 0", TWO),
        ("GPU-aabb2222", TWO),
        ("GPU-aab", TWO),
        ("GPU-aa", None),  # fits two
        ("2", FIRST),
        ("MIG-2", SECOND),
        ("7,0", None),  # the first that does not exist ends the list
        ("-1", None),
        ("", None),
        ("all", None),
    ],
)
def test_the_card_that_is_visible_first(setting, chosen):
    env = {} if setting is None else {"CUDA_VISIBLE_DEVICES": setting}
    serving = [card.uuid for card in marked(ALL, env) if card.serves]
    assert serving == ([chosen.uuid] if chosen else [])


def test_a_card_that_holds_our_memory_is_the_one():
    processes = (GpuProcess(7, 100, ours=False), GpuProcess(8, 100, ours=True))
    holding = GpuSample(1, "Two", None, None, processes=processes, uuid="GPU-aabb2222")
    assert [card.serves for card in marked((ONE, holding), {"CUDA_VISIBLE_DEVICES": "0"})] == [False, True]


@pytest.mark.parametrize(
    ("config", "needed"),
    [
        (Config(), False),
        (Config(engine=Engine(name="qwen3")), True),
        (Config(engine=Engine(name="qwen3", allow_cpu=True)), False),
        (Config(engine=Engine(name="qwen3"), qwen3=Qwen3(device="cpu")), False),
        (Config(engine=Engine(name="qwen3", allow_cpu=True), qwen3=Qwen3(device="cuda")), True),
        (Config(engine=Engine(name="fake"), fake=Fake(device="cuda")), True),
    ],
)
def test_which_engine_needs_a_card(config, needed):
    assert needs_card(config, None) is needed


def sample(*cards: GpuSample, lost: tuple[LostCard, ...] = (), driver_error: str = "") -> HealthSample:
    return HealthSample(0.0, HostSample(0.0, 0, 0, 0), cards, lost_gpus=lost, driver_error=driver_error)


def serving(**figures: object) -> GpuSample:
    return GpuSample(0, "One", None, None, uuid="GPU-1", serves=True, **figures)  # pyright: ignore[reportArgumentType]


LOST = LostCard("0", "One", "GPU-1", "GPU is lost", 0.0)


@pytest.mark.parametrize(
    ("before", "now", "acts"),
    [
        (sample(serving()), sample(serving()), []),
        (sample(), sample(serving()), ["retry"]),
        (sample(serving()), sample(lost=(LOST,)), ["wait"]),
        (sample(serving(), TWO), sample(TWO, lost=(LOST,)), ["lose"]),
        (sample(lost=(LOST,)), sample(lost=(LOST,)), []),
        (sample(lost=(LOST,)), sample(serving()), ["retry"]),
        (sample(serving(), TWO), sample(serving(), lost=(LostCard("1", "Two", TWO.uuid, "", 0.0),)), []),
        (sample(serving()), sample(driver_error="Unknown Error"), ["doubt"]),
        (sample(driver_error="Unknown Error"), sample(driver_error="Unknown Error"), []),
        (sample(serving()), sample(serving(xid=XidEvent(31, 5.0))), ["doubt"]),
        (sample(serving(xid=XidEvent(31, 5.0))), sample(serving(xid=XidEvent(31, 5.0))), []),
        (sample(serving(xid=XidEvent(31, 5.0))), sample(serving(xid=XidEvent(31, 6.0))), ["doubt"]),
        (sample(serving(), TWO), sample(serving(), GpuSample(1, "", None, None, xid=XidEvent(31, 5.0))), ["retry"]),
        (sample(serving(ecc=Ecc(1))), sample(serving(ecc=Ecc(2))), ["doubt"]),
        (sample(), sample(serving(ecc=Ecc(2))), ["retry"]),  # old errors are no news
    ],
)
def test_what_follows_for_the_worker(before, now, acts):
    found: list[Order] = list(orders(before, now, "GPU-1"))
    assert [order.act for order in found] == acts
    assert all(order.reason for order in found)


def test_a_card_is_absent_only_when_it_was_there():
    assert absence(sample()) == ""
    assert absence(sample(driver_error="Unknown Error")) == ""
    assert absence(sample(TWO, lost=(LOST,))) == ""
    assert absence(sample(lost=(LOST,))).startswith("GPU 0 (One) is lost: GPU is lost; ")
    both = sample(lost=(LostCard("1", "Two", "GPU-2", "GPU is lost", 0.0), LOST))
    assert absence(both, "GPU-1").startswith("GPU 0 (One) is lost")


def test_every_xid_says_what_it_means_and_what_to_do():
    assert {13, 31, 43, 48, 63, 64, 74, 79, 94, 95, 119} <= XIDS.keys()
    for found in (*XIDS.values(), meaning(4711)):
        assert found.sentence.endswith(".")
        assert found.remedy in REMEDIES

"""The line of `systemctl status`, for what a daemon may be in."""

import pytest
from msgspec.structs import replace

from tests.tui.sayings import status as well
from ttsd.protocol.engine import EngineInfo
from ttsd.protocol.health import (
    GpuProcess,
    GpuSample,
    Phase,
    QueueStatus,
    Readiness,
    Status,
    WorkerStatus,
)
from ttsd.status_line import status_line

GB = 2**30
ENGINE = EngineInfo("qwen3", "r", 2, ("en",), (), "ada")
STATUS = well(worker=WorkerStatus(Phase.READY, 0, engine=ENGINE), queue=QueueStatus(queued=3, running=2))


def card(index: int, used_gb: float | None, *, ours: bool | None = None) -> GpuSample:
    processes = None if ours is None else (GpuProcess(1, GB, ours),)
    used = None if used_gb is None else int(used_gb * GB)
    return GpuSample(index, "card", used, 24 * GB, processes=processes)


def with_cards(*cards: GpuSample) -> Status:
    return replace(STATUS, health=replace(STATUS.health, gpus=cards))


def test_it_tells_state_engine_queue_and_memory():
    assert status_line(with_cards(card(0, 12.1))) == "ready · qwen3 · 3 queued, 2 running · VRAM 12.1 of 24.0 GB"


@pytest.mark.parametrize(
    ("cards", "told"),
    [
        ((), ""),
        ((card(0, None),), ""),
        ((card(0, 1), card(1, 2)), " · VRAM 0: 1.0 of 24.0 GB, VRAM 1: 2.0 of 24.0 GB"),
        ((card(0, 1, ours=False), card(1, 2, ours=True)), " · VRAM 2.0 of 24.0 GB"),
        ((card(0, 1, ours=False), card(1, 2, ours=False)), " · VRAM 0: 1.0 of 24.0 GB, VRAM 1: 2.0 of 24.0 GB"),
    ],
)
def test_the_memory_is_that_of_the_card_we_use(cards, told):
    assert status_line(with_cards(*cards)) == f"ready · qwen3 · 3 queued, 2 running{told}"


def test_it_tells_what_an_operator_has_to_know():
    worker = WorkerStatus(Phase.LOADING, 0)
    status = replace(STATUS, readiness=Readiness(ready=False, reason="the engine is loading"), worker=worker)
    queue = QueueStatus(queued=1, failed=4, paused=True)
    assert status_line(replace(status, queue=queue)) == (
        "not ready: the engine is loading · 1 queued (paused), 0 running, 4 failed"
    )
    assert status_line(STATUS, "[log] is bad").endswith("2 running · config refused: [log] is bad")

"""What the health page says of the worker's memory, and of a model that nobody asks for."""

import pytest

from ttsd.protocol.health import MemoryStatus, Phase, WorkerStatus
from tui.vitals import engine_rows

MB = 2**20


@pytest.mark.parametrize(
    ("memory", "row"),
    [
        (
            MemoryStatus(pressure="others", reason="of card 0, all is in use", refuses=True),
            ("pressure", "no new speech: of card 0, all is in use", "$error"),
        ),
        (
            MemoryStatus(pressure="tight", reason="the model alone needs it"),
            ("pressure", "memory is short: the model alone needs it", "$warning"),
        ),
        (
            MemoryStatus(growth_bytes_per_s=MB / 5, own_bytes=900 * MB, canary_bytes=800 * MB),
            ("grows", "12 MB more a minute: 900 MB now, 800 MB at its start", "$warning"),
        ),
    ],
)
def test_memory_is_told_when_something_is_wrong_with_it(memory, row):
    rows = engine_rows(WorkerStatus(Phase.READY, 0.0, memory=memory), 1.0)
    assert row in rows
    assert len(rows) == len(engine_rows(WorkerStatus(Phase.READY, 0.0), 1.0)) + 1


def test_a_model_that_waits_for_a_request_is_no_trouble():
    worker = WorkerStatus(Phase.STOPPED, 0.0, unloaded="nobody asked for speech for 5m", on_demand=True)
    told = "nobody asked for speech for 5m; the next request loads it"
    assert ("unloaded", told, "$foreground") in engine_rows(worker, 1.0)


def test_fewer_slots_after_memory_ran_out_are_told():
    rows = engine_rows(WorkerStatus(Phase.READY, 0.0, fewer_slots="memory ran out: it has no more than 3"), 1.0)
    assert ("fewer slots", "memory ran out: it has no more than 3", "$warning") in rows

"""The last day on disk: what a row holds, how stretches are summed up, cards that come and go."""

import asyncio
import os

import pytest

from ttsd.protocol.health import GpuProcess, GpuSample, HealthSample, HostSample, WorkSample
from ttsd.protocol.history import CardFigures, MachineHistory
from ttsd.storage import chronicle as module
from ttsd.storage.chronicle import Chronicle, card_row, machine_row, names

NOW_S = 1_770_000_000.0


def sample(at_s: float = NOW_S, *gpus: GpuSample, lag_ms: float = 1.0, cpu: float = 0.5) -> HealthSample:
    return HealthSample(
        at_s, HostSample(cpu, 2**31, 2**33, 5 * 2**20, 0, lag_ms), gpus, WorkSample(4, 2, 61.5, 2**32, 7)
    )


def card(uuid: str = "GPU-a", used: int | None = 2**33, **more) -> GpuSample:
    return GpuSample(0, "RTX 4090", used, 24 * 2**30, 0.4, uuid=uuid, **more)


class Now:
    def __init__(self) -> None:
        self.s = NOW_S

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def kept(tmp_path, now):
    """`kept()` opens the same folder again, as the next daemon does."""
    opened = []

    def open_() -> Chronicle:
        opened.append(Chronicle(tmp_path / "health", now))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.mark.parametrize(("row", "kind"), [(machine_row(sample()), MachineHistory), (card_row(card()), CardFigures)])
def test_a_row_has_its_figures(row, kind):
    assert len(row) == len(names(kind))


def test_figures_stand_where_their_name_is():
    machine = dict(zip(names(MachineHistory), machine_row(sample(lag_ms=3)), strict=True))
    assert (machine["cpu"], machine["loop_lag_ms"], machine["frame_ms"], machine["queued"]) == (0.5, 3, 61.5, 7)
    assert (machine["busy_slots"], machine["slots"], machine["vram_bytes"]) == (2, 4, 2**32)
    processes = (GpuProcess(1, 100, ours=True), GpuProcess(2, 50, ours=False))
    row = card_row(card(processes=processes, throttle=("hw_thermal",), power_w=200, sm_clock_mhz=2500))
    told = dict(zip(names(CardFigures), row, strict=True))
    assert (told["ours_bytes"], told["throttled"], told["power_w"], told["sm_clock_mhz"]) == (100, 1.0, 200, 2500)
    assert (told["temperature_c"], told["memory_clock_mhz"]) == (None, None)


async def test_stretches_have_least_mean_and_most(kept, now):
    written = kept()
    for second, cpu in ((-17, 0.9), (-12, 0.1), (-8, 0.2), (-3, 0.6)):
        written.write(sample(NOW_S + second, card(), cpu=cpu))
    for each in (written, kept()):
        told = await each.read(20, 2)
        assert (told.from_s, told.step_s) == (NOW_S - 20, 10)
        cpu = told.machine.cpu
        assert (cpu.low, cpu.mean, cpu.high) == ((0.1, 0.2), (0.5, 0.4), (0.9, 0.6))
        [history] = told.cards
        assert (history.uuid, history.name) == ("GPU-a", "RTX 4090")
        assert history.figures.memory_used_bytes.mean == pytest.approx((2**33, 2**33))
        assert history.figures.power_w.mean == (None, None)


async def test_time_without_a_daemon_is_a_gap_not_a_nought(kept):
    written = kept()
    written.write(sample(NOW_S - 25))
    written.write(sample(NOW_S - 4))
    assert (await written.read(30, 3)).machine.slots.mean == (4, None, 4)
    assert (await kept().read(30, 30)).machine.slots.mean.count(None) == 28


async def test_edges_do_not_move_with_each_look(kept, now):
    written = kept()
    before = (await written.read(300, 30)).from_s
    now.s += 3
    assert (await written.read(300, 30)).from_s == before + 10
    now.s += 3
    assert (await written.read(300, 30)).from_s == before + 10


async def test_cards_of_another_machine_are_told_apart_and_forgotten(kept, now, tmp_path):
    written = kept()
    written.write(sample(NOW_S - 90_000, card("GPU-old", 1)))
    written.write(sample(NOW_S - 10, card("GPU-a", 2**30), card("../../etc/GPU-b", None)))
    told = (await written.read(60, 1)).cards
    assert [(each.uuid, each.figures.memory_used_bytes.high) for each in told] == [
        ("GPU-a", (pytest.approx(2**30),)),
        ("../../etc/GPU-b", (None,)),
    ]
    assert len(list(tmp_path.rglob("*"))) == 5

    old = next(tmp_path.rglob("*old*"))
    os.utime(old, (NOW_S - 90_000,) * 2)
    for other in set(tmp_path.rglob("*.ring")) - {old}:
        os.utime(other, (NOW_S,) * 2)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(kept().run())
        while old.exists():
            await asyncio.sleep(0.01)
        task.cancel()
    assert len(list(tmp_path.rglob("*.ring"))) == 3


async def test_the_worst_lag_between_two_rows_is_kept(kept, monkeypatch, now):
    monkeypatch.setattr(module, "EVERY_S", 0.02)
    written = kept()
    for lag_ms in (2.0, 40.0, 3.0):
        written.note(sample(NOW_S - 1, lag_ms=lag_ms))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(written.run())
        while (await written.read(10, 1)).machine.loop_lag_ms.high == (None,):
            await asyncio.sleep(0.01)
        task.cancel()
    assert (await written.read(10, 1)).machine.loop_lag_ms.mean == (40.0,)


async def test_a_disk_that_refuses_costs_history_only(kept, tmp_path, caplog):
    caplog.set_level("INFO")
    (tmp_path / "health").write_text("a file where the folder should be")
    written = kept()
    written.write(sample())
    written.write(sample())
    assert [record.message for record in caplog.records].count("health.not_kept") == 1
    told = await written.read(10, 2)
    assert told.machine.cpu.mean == (None, None)
    (tmp_path / "health").unlink()
    written.write(sample())
    assert "health.kept_again" in caplog.text

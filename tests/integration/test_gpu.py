"""Cards through the real NVML binding, over a scripted driver that is compiled here."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from ttsd.protocol.health import Ecc, GpuSample
from ttsd.supervisor import card
from ttsd.supervisor.gpu import Cards

PROGRAM = """
import asyncio, os, sys
import msgspec
from ttsd.clock import wall
from ttsd.supervisor.gpu import Gpus

async def main():
    gpus = Gpus(wall, retry_s=0.05, patience_s=2)
    for line in sys.stdin:
        cards = await gpus.sample([os.getppid()])
        print(msgspec.json.encode(cards).decode(), flush=True)
        await asyncio.sleep(0.06)

asyncio.run(main())
"""


class Machine:
    """A process that looks at the cards when asked, and the values that its driver tells."""

    def __init__(self, values: Path, process: asyncio.subprocess.Process) -> None:
        self._values = values
        self._process = process

    def driver(self, *lines: str) -> None:
        self._values.write_text("".join(line + "\n" for line in lines))

    async def sample(self) -> Cards:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"look\n")
        return msgspec.json.decode(await self._process.stdout.readline(), type=Cards)

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.stdin.wait_closed()
        assert await self._process.wait() == 0


async def start(tmp_path: Path, library_path: Path) -> Machine:
    values = tmp_path / "values.txt"
    environment = {**os.environ, "LD_LIBRARY_PATH": str(library_path), "FAKE_NVML": str(values)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    return Machine(values, process)


@pytest.fixture
async def machine(tmp_path: Path, driver: Path) -> AsyncIterator[Machine]:
    machine = await start(tmp_path, driver)
    machine.driver("count=1")
    yield machine
    await machine.close()


async def test_what_the_driver_tells(machine):
    machine.driver(
        "count=2", "name=RTX 4090", "1.name=RTX 3090", "used=1000", "total=4000", "gpu=37", "temp=55", "power=120500"
    )
    cards = await machine.sample()
    assert (cards.lost, cards.driver_error) == ((), "")
    assert cards.gpus[0] == GpuSample(
        index=0,
        name="RTX 4090",
        memory_used_bytes=1000,
        memory_total_bytes=4000,
        utilisation=0.37,
        temperature_c=55.0,
        power_w=120.5,
        power_limit_w=450.0,
        sm_clock_mhz=2100.0,
        memory_clock_mhz=10501.0,
        throttle=(),
        processes=(),
        uuid="GPU-00000000-0000-0000-0000-000000000000",
    )
    assert [sample.name for sample in cards.gpus] == ["RTX 4090", "RTX 3090"]
    machine.driver("count=2", "used=2000", "total=4000")
    assert (await machine.sample()).gpus[0].memory_used_bytes == 2000


@pytest.mark.parametrize("error", [3, 4, 13, 999], ids=["not supported", "no permission", "no such call", "unknown"])
async def test_what_a_card_does_not_tell_is_none(machine, error):
    of_the_card = ("PowerUsage", "UtilizationRates", "MemoryInfo", "ClockInfo", "CurrentClocksThrottleReasons")
    more = ("EnforcedPowerLimit", "ComputeRunningProcesses_v3", "TotalEccErrors", "RemappedRows", "MigMode")
    calls = [f"rc.nvmlDeviceGet{call}={error}" for call in (*of_the_card, *more, "RetiredPagesPendingStatus")]
    machine.driver("count=1", *calls, f"rc.nvmlEventSetCreate={error}", f"rc.nvmlDeviceRegisterEvents={error}")
    cards = await machine.sample()
    assert cards.driver_error == ""
    [sample] = cards.gpus
    assert sample == GpuSample(0, "NVIDIA Fake GPU", None, None, temperature_c=40.0, uuid=sample.uuid)
    assert sample.memory_of(ours=True) is None


async def test_whose_memory_it_is_and_what_slows_the_card_down(machine):
    machine.driver("count=1", f"proc={os.getpid()}:3000", "proc=4000000000:5000", "throttle=0x25", "mclock=9001")
    [sample] = (await machine.sample()).gpus
    assert [(each.pid, each.memory_bytes, each.ours) for each in sample.processes] == [
        (4_000_000_000, 5000, False),
        (os.getpid(), 3000, True),
    ]
    assert sample.processes[0].name == ""
    assert sample.processes[1].name
    assert (sample.memory_of(ours=True), sample.memory_of(ours=False)) == (3000, 5000)
    assert sample.throttle == ("power_cap", "sw_thermal")
    assert sample.memory_clock_mhz == 9001


async def test_errors_in_a_cards_memory(machine):
    machine.driver("count=2", "0.ecc=2", "0.ecc_ever=7", "0.remapped=1:3:1:0", "1.ecc=0", "1.retired_pending=1")
    ampere, volta = (await machine.sample()).gpus
    assert ampere.ecc == Ecc(uncorrected=2, uncorrected_ever=7, pending=True, exhausted=False)
    assert volta.ecc == Ecc(uncorrected=0, pending=True)


async def test_an_xid_is_told_once_and_kept_for_its_card(machine):
    machine.driver("count=2", "xid=1:1:31")
    assert [sample.xid and sample.xid.number for sample in (await machine.sample()).gpus] == [None, 31]
    machine.driver("count=2", "xid=1:1:31", "xid=2:0:13", "xid=3:0:79")
    first, second = (await machine.sample()).gpus
    assert (first.xid.number, second.xid.number) == (79, 31)
    assert first.xid.at_s > second.xid.at_s
    assert (await machine.sample()).gpus == (first, second)


async def test_an_instance_of_a_card_is_a_device_of_its_own(machine):
    machine.driver(
        "count=2", "0.name=NVIDIA H100", "0.migs=4", "total=85520809984", "temp=61", "power=200000", "0.ecc=1",
        "0:0.name=NVIDIA H100 MIG 1g.10gb", "0:0.used=1000", "0:0.total=10468982784",
        "0:2.name=NVIDIA H100", "0:2.slices=3:2:40448", "0:2.used=2000", f"0:2.proc={os.getpid()}:1500",
        "0:1.absent=1", "0:3.absent=1", "1.name=NVIDIA T4",
    )  # fmt: skip
    one, three, whole = (await machine.sample()).gpus
    assert [each.label for each in (one, three, whole)] == ["0:0", "0:2", "1"]
    assert [each.name for each in (one, three, whole)] == [
        "NVIDIA H100 MIG 1g.10gb", "NVIDIA H100 MIG 2c.3g.40gb", "NVIDIA T4",
    ]  # fmt: skip
    assert (one.memory_used_bytes, one.memory_total_bytes, three.memory_used_bytes) == (1000, 10468982784, 2000)
    assert (one.temperature_c, one.power_w, one.utilisation, one.ecc) == (61.0, 200.0, None, Ecc(uncorrected=1))
    assert three.memory_of(ours=True) == 1500
    assert one.uuid.startswith("MIG-")
    assert len({one.uuid, three.uuid, whole.uuid}) == 3


@pytest.mark.parametrize(
    ("slices", "memory_mb", "card_gb", "name"),
    [((1, 1), 4864, 40, "1g.5gb"), ((1, 1), 9728, 80, "1g.10gb"), ((7, 7), 40192, 40, "7g.40gb"),
     ((3, 1), 19968, 40, "1c.3g.20gb"), ((1, 1), 16384, 139.8, "1g.18gb")],
)  # fmt: skip
def test_the_name_of_an_instance_that_an_old_driver_does_not_tell(slices, memory_mb, card_gb, name):
    assert card.mig_profile(*slices, memory_mb * 2**20, round(card_gb * 2**30)) == name


@pytest.mark.parametrize(("error", "reason"), [(15, "GPU is lost"), (16, "GPU requires restart")])
async def test_a_lost_card_is_told_and_found_again_and_the_others_go_on(machine, error, reason):
    machine.driver("count=2")
    assert len((await machine.sample()).gpus) == 2
    machine.driver("count=2", f"1.rc.nvmlDeviceGetMemoryInfo={error}", "rc.nvmlShutdown=15")
    cards = await machine.sample()
    assert [each.index for each in cards.gpus] == [0]
    [lost] = cards.lost
    assert (lost.label, lost.name, lost.reason) == ("1", "NVIDIA Fake GPU", reason)
    machine.driver("count=2", "1.rc.nvmlDeviceGetHandleByIndex_v2=15")
    assert (await machine.sample()).lost == (lost,)
    machine.driver("count=1")
    assert (await machine.sample()).lost == (lost,)
    machine.driver("count=2")
    cards = await machine.sample()
    assert len(cards.gpus) == 2
    assert cards.lost == ()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (1, "Uninitialized"),
        (9, "Driver Not Loaded"),
        (18, "its library and its kernel module are of different versions"),
    ],
)
async def test_a_driver_that_goes_away_is_told_and_found_again(machine, error, reason):
    assert len((await machine.sample()).gpus) == 1
    machine.driver("count=1", f"rc.nvmlDeviceGetTemperature={error}")
    cards = await machine.sample()
    assert cards.gpus == ()
    assert cards.lost == ()
    assert cards.driver_error == reason
    machine.driver("rc.nvmlInit_v2=9")
    assert (await machine.sample()).driver_error
    machine.driver("count=1")
    assert await machine.sample() == Cards((await machine.sample()).gpus)


async def test_a_driver_that_answers_nothing_is_gone(machine):
    assert len((await machine.sample()).gpus) == 1
    calls = ("MemoryInfo", "UtilizationRates", "Temperature", "PowerUsage", "EnforcedPowerLimit", "ClockInfo")
    more = ("CurrentClocksThrottleReasons", "ComputeRunningProcesses_v3", "RemappedRows", "TotalEccErrors")
    machine.driver("count=1", *(f"rc.nvmlDeviceGet{call}=999" for call in (*calls, *more)))
    cards = await machine.sample()
    assert (cards.gpus, cards.driver_error) == ((), "Unknown Error")


async def test_a_driver_that_blocks_does_not_hold_us_up(machine):
    machine.driver("count=1", "used=1234")
    before = await machine.sample()
    machine.driver("count=1", "used=5678", "delay_ms=200")
    assert await machine.sample() == before
    machine.driver("count=1", "used=5678")
    for _ in range(50):
        after = await machine.sample()
        if after.gpus[0].memory_used_bytes == 5678:
            return
    pytest.fail("the driver answered long ago")


async def test_a_driver_that_comes_late_is_found(machine):
    machine.driver("rc.nvmlInit_v2=9")
    assert await machine.sample() == Cards()
    machine.driver("count=0")
    assert await machine.sample() == Cards()
    machine.driver("count=1")
    assert len((await machine.sample()).gpus) == 1


async def test_a_machine_without_the_library_has_no_cards(tmp_path):
    machine = await start(tmp_path, tmp_path)
    cards = await machine.sample()
    assert cards.driver_error == ""
    if not Path("/dev/nvidiactl").exists():
        assert cards.gpus == ()
    await machine.close()

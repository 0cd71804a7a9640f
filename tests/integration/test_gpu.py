"""Cards through the real NVML binding, over a scripted driver that is compiled here."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.needs import require
from ttsd.protocol.health import GpuSample

SOURCE = Path(__file__).with_name("fake_nvml.c")
PROGRAM = """
import asyncio, sys
import msgspec
from ttsd.supervisor import gpu

gpu.RETRY_S = 0.05
gpu.PATIENCE_S = 0.3

async def main():
    gpus = gpu.Gpus()
    for line in sys.stdin:
        samples = await gpus.sample()
        print(msgspec.json.encode((gpus.lost, samples)).decode(), flush=True)
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

    async def sample(self) -> tuple[str, list[GpuSample]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"look\n")
        return msgspec.json.decode(await self._process.stdout.readline(), type=tuple[str, list[GpuSample]])

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
        env=environment,
    )
    return Machine(values, process)


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the scripted `libnvidia-ml.so.1`."""
    return compiled(tmp_path_factory.mktemp("nvml"))


def compiled(directory: Path) -> Path:
    gcc = shutil.which("gcc")
    require(gcc, "needs gcc: apt install gcc libc6-dev")
    assert gcc is not None
    library = directory / "libnvidia-ml.so.1"
    flags = ["-shared", "-fPIC", "-O1", "-Wl,-soname,libnvidia-ml.so.1", "-o", str(library), str(SOURCE)]
    assert os.spawnv(os.P_WAIT, gcc, ["gcc", *flags]) == 0
    return directory


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
    lost, samples = await machine.sample()
    assert lost == ""
    assert samples[0] == GpuSample(0, "RTX 4090", 1000, 4000, 0.37, 55.0, 120.5)
    assert [sample.name for sample in samples] == ["RTX 4090", "RTX 3090"]
    machine.driver("count=2", "used=2000", "total=4000")
    assert (await machine.sample())[1][0].memory_used_bytes == 2000


async def test_what_a_card_does_not_tell_is_none(machine):
    machine.driver("count=1", "rc.nvmlDeviceGetPowerUsage=3", "rc.nvmlDeviceGetUtilizationRates=3")
    [sample] = (await machine.sample())[1]
    assert (sample.power_w, sample.utilisation, sample.temperature_c) == (None, None, 40.0)


async def test_a_lost_card_is_told_and_found_again(machine):
    assert len((await machine.sample())[1]) == 1
    machine.driver("count=1", "rc.nvmlDeviceGetMemoryInfo=15", "rc.nvmlShutdown=15")
    lost, samples = await machine.sample()
    assert samples == []
    assert lost
    machine.driver("count=1", "rc.nvmlInit_v2=9")
    assert (await machine.sample())[1] == []
    machine.driver("count=1")
    lost, samples = await machine.sample()
    assert lost == ""
    assert len(samples) == 1


async def test_a_driver_that_blocks_does_not_hold_us_up(machine):
    machine.driver("count=1", "used=1234")
    before = await machine.sample()
    machine.driver("count=1", "used=5678", "delay_ms=200")
    assert await machine.sample() == before
    machine.driver("count=1", "used=5678")
    for _ in range(50):
        after = await machine.sample()
        if after[1][0].memory_used_bytes == 5678:
            return
    pytest.fail("the driver answered long ago")


async def test_a_driver_that_is_not_loaded_is_no_card(machine):
    machine.driver("rc.nvmlInit_v2=9")
    assert await machine.sample() == ("", [])


async def test_a_machine_without_the_library_has_no_cards(tmp_path):
    machine = await start(tmp_path, tmp_path)
    lost, samples = await machine.sample()
    assert lost == ""
    if not Path("/dev/nvidiactl").exists():
        assert samples == []
    await machine.close()

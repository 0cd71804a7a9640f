"""Playing for real: through a sound server of our own whose output is recorded."""

import array
import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.needs import needs_pulse
from tests.unit.cli.sound_server import PIPE, program
from ttsd.audio.pcm import duration_s
from ttsd.cli.playing import LEAD_S

SOUND_S = 1.0
PROGRAM = """
import asyncio
from ttsd.cli.exits import explain
from ttsd.cli.playing import Player, seconds

async def main():
    async with Player() as player:
        for _ in range({tenths}):
            await player.write(b"\\x00\\x20" * 2400)
        print("queued", flush=True)

try:
    asyncio.run(main())
except Exception as error:
    raise SystemExit(explain(error))
"""


def play(env: dict[str, str], tenths: int) -> Any:
    return program(sys.executable, "-c", PROGRAM.format(tenths=tenths), env=env, stdout=PIPE, stderr=PIPE)


@needs_pulse
async def test_everything_is_heard_to_its_end(
    silent: dict[str, str], server: object, tmp_path: Path, until: Any
) -> None:
    recording = ("parec", "-d", "test.monitor", "--format=s16le", "--rate=24000", "--channels=1", "--latency-msec=20")
    recorded = tmp_path / "recorded"
    with recorded.open("wb") as file:
        async with program(*recording, env=silent, stdout=file.fileno()):
            await until(lambda: recorded.stat().st_size > 4800)
            async with play(silent, int(SOUND_S * 10)) as player:
                assert (await player.communicate())[1] == b""
                assert player.returncode == 0
    heard = array.array("h", recorded.read_bytes())
    loud = [index for index, sample in enumerate(heard) if abs(sample) > 1000]
    assert loud
    assert duration_s(2 * len(loud)) == pytest.approx(SOUND_S, abs=0.02 + LEAD_S)
    assert duration_s(2 * (loud[-1] - loud[0])) == pytest.approx(SOUND_S, abs=0.02 + LEAD_S)


@needs_pulse
async def test_a_sound_server_that_dies_is_a_clear_error(silent: dict[str, str], server: Any) -> None:
    async with play(silent, 100) as player:
        assert await player.stdout.readline() == b"queued\n"
        server.kill()
        async with asyncio.timeout(30):
            _, err = await player.communicate()
    assert player.returncode == 1
    assert err.decode().splitlines()[-1].startswith("ttsd: the sound device ")


@needs_pulse
async def test_interrupted_it_stops_at_once(silent: dict[str, str], server: object) -> None:
    async with play(silent, 200) as player:
        assert await player.stdout.readline() == b"queued\n"
        player.send_signal(signal.SIGINT)
        async with asyncio.timeout(5):
            await player.wait()


async def test_no_sound_device_names_the_way_out(silent: dict[str, str]) -> None:
    async with play(silent, 1) as player:
        _, err = await player.communicate()
    assert player.returncode == 1
    assert err.decode().startswith("ttsd: ")
    assert "-o FILE.wav" in err.decode()


async def test_without_portaudio_the_package_is_named(silent: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    paths = os.pathsep.join([str(tmp_path), silent["PYTHONPATH"]])
    async with play(silent | {"PYTHONPATH": paths}, 1) as player:
        _, err = await player.communicate()
    assert player.returncode == 1
    assert "apt install libportaudio2" in err.decode()

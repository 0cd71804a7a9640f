"""Playing for real: through a sound server of our own whose output is recorded."""

import array
import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ttsd.audio.pcm import duration_s
from ttsd.cli.playing import LEAD_S

needs_pulse = pytest.mark.skipif(not shutil.which("pulseaudio"), reason="needs the package pulseaudio")
PIPE = asyncio.subprocess.PIPE
QUIET = asyncio.subprocess.DEVNULL

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


@asynccontextmanager
async def program(*command: str, env: dict[str, str], **pipes: int) -> AsyncIterator["asyncio.subprocess.Process"]:
    """Runs for as long as the block, at most."""
    process = await asyncio.create_subprocess_exec(*command, env=env, **pipes)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def silent(env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment in which ALSA's default goes to our sound server, which does not run."""
    (tmp_path / "run").mkdir(mode=0o700)
    (tmp_path / "asound.conf").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    server = {"PULSE_SERVER": f"unix:{tmp_path}/native", "PULSE_COOKIE": f"{tmp_path}/cookie"}
    return (
        env | server | {"ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"), "PULSE_RUNTIME_PATH": str(tmp_path / "run")}
    )


@pytest.fixture
async def server(silent: dict[str, str], tmp_path: Path, until: Any) -> AsyncIterator["asyncio.subprocess.Process"]:
    """A PulseAudio with nothing but a sink that swallows, and its monitor."""
    socket = tmp_path / "native"
    command = (
        "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--realtime=no",
        "-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1",
        "-L", "module-null-sink sink_name=test rate=24000 channels=1",
    )  # fmt: skip
    async with program(*command, env=silent, stdout=QUIET, stderr=QUIET) as process:
        await until(socket.exists)
        yield process


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

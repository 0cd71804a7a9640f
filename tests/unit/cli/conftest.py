"""`ttsd` as a user runs it: a program of its own, with an empty home."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.unit.cli.sound_server import QUIET, program

ROOT = Path(__file__).parents[3]


class Ran(msgspec.Struct, frozen=True):
    status: int
    out: bytes
    err: str


Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Nothing of this machine's user: every place lies below the test's directory."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TTSD", "XDG", "NO_COLOR"))}
    return kept | {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
    }


@pytest.fixture
def ttsd(env: dict[str, str], tmp_path: Path) -> Run:
    """`await ttsd("status", "--json")` runs the command to its end."""

    async def run(*arguments: str, stdin: bytes = b"", **more: str) -> Ran:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ttsd.cli", *arguments,
            env=env | more, cwd=tmp_path, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate(stdin)
        assert process.returncode is not None
        return Ran(process.returncode, out, err.decode())

    return run


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

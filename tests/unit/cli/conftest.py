"""`ttsd` as a user runs it: a program of its own, with an empty home."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

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

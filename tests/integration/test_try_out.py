"""`make run`'s program: it speaks its sample, tells what to try, and leaves nothing running."""

import asyncio
import os
import signal
import sys
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.waiting import wait_ended
from ttsd.cli.try_out import TEXT
from ttsd.ingest.contents import Text
from ttsd.ingest.documents import read_document
from ttsd.text.language import spans

PIPE = asyncio.subprocess.PIPE
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def engine() -> str:
    return "fake"


@pytest.fixture
async def trying(tmp_path: Path, engine: str) -> AsyncIterator["asyncio.subprocess.Process"]:
    """The program in an empty folder with a configuration of its own; the user's socket must not matter."""
    (tmp_path / "config.toml").write_text(f'[engine]\nname = "{engine}"\n[spool]\nsettle_s = 0.05\n')
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ttsd.cli.try_out",
        cwd=tmp_path, env=os.environ | {"TTSD_SOCKET": "/nowhere"}, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    yield process
    if process.returncode is None:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
    await process.wait()


async def read_until(process: "asyncio.subprocess.Process", words: str) -> str:
    assert process.stdout is not None
    told = ""
    async with asyncio.timeout(60):
        while words not in told:
            line = await process.stdout.readline()
            assert line, told
            told += line.decode()
    return told


async def test_it_speaks_and_stops_with_its_daemon(trying: "asyncio.subprocess.Process", tmp_path: Path) -> None:
    told = await read_until(trying, "Ctrl-C stops the daemon.")
    spoken = tmp_path / "var/spool/outbox/welcome.wav"
    assert f"Spoken   {spoken}" in told
    assert f"cp {TEXT} var/spool/inbox/" in told
    with wave.open(str(spoken)) as sound:
        assert sound.getnframes() > 24_000
    children = psutil.Process(trying.pid).children(recursive=True)
    assert len(children) >= 2
    trying.send_signal(signal.SIGINT)
    out, err = await trying.communicate()
    assert (trying.returncode, err) == (0, b"")
    assert b"What was spoken stays in ./var" in out
    wait_ended(children)


async def test_a_daemon_that_was_killed_is_told_of(trying: "asyncio.subprocess.Process") -> None:
    await read_until(trying, "Ctrl-C stops the daemon.")
    [daemon] = psutil.Process(trying.pid).children()
    daemon.kill()
    _, err = await trying.communicate()
    assert trying.returncode == 1
    assert "the daemon has ended (-9)" in err.decode()


@pytest.mark.parametrize("engine", ["nope"])
async def test_a_daemon_that_cannot_start_is_quoted(trying: "asyncio.subprocess.Process") -> None:
    _, err = await trying.communicate()
    assert trying.returncode == 1
    assert "the daemon did not start" in err.decode()
    assert 'name = "nope"' in err.decode()


def test_the_built_in_voice_can_speak_the_text_that_is_proposed() -> None:
    document = read_document(REPOSITORY / TEXT, ".md", max_bytes=10**6, max_chars=10**6)
    assert isinstance(document.contents, Text)
    assert {span.language for block in document.contents.blocks for span in spans(block.text)} == {"en"}

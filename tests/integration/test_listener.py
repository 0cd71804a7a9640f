"""The real examining process, owned by `Prep`: clips good and hostile, killed, frozen, out of memory, given up."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from tests.preparing import running
from tests.speech import RATE_HZ, TEXTS, file_of, spoken
from ttsd.protocol.errors import BadRequest, TooLarge
from ttsd.supervisor.hearing import examine_file
from ttsd.supervisor.prep import Prep


def listening(timeout_s: float = 30) -> AbstractAsyncContextManager[Prep]:
    return running(Prep.listener("listener", timeout_s))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "clip.wav"
    path.write_bytes(file_of(spoken(), format="WAV"))
    return path


async def test_it_starts_when_it_is_asked(source: Path, tmp_path: Path):
    async with listening() as prep:
        assert prep.pid is None
        found = await prep.examine(source, tmp_path / "clip.flac", TEXTS[0], "en")
        assert found.report.findings == ()
        assert soundfile.info(tmp_path / "clip.flac").frames == found.samples
        assert prep.pid is not None


async def test_hostile_files_are_refused_and_the_process_goes_on(source: Path, tmp_path: Path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(65 * 2**20)
    with soundfile.SoundFile(tmp_path / "four_hours", "w", 8_000, 1, format="FLAC") as file:
        for _ in range(4 * 60):
            file.write(np.zeros(60 * 8_000, np.int16))
    (tmp_path / "random").write_bytes(os.urandom(10_000))
    (tmp_path / "playlist").write_text("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")
    (tmp_path / "bomb").write_bytes(b"\x1f\x8b\x08" + bytes(1_000))
    (tmp_path / "empty").touch()
    wanted = {"large": TooLarge, "four_hours": TooLarge} | dict.fromkeys(
        ("random", "playlist", "bomb", "empty"), BadRequest
    )
    async with listening() as prep:
        for name, error in wanted.items():
            with pytest.raises(error):
                await prep.examine(tmp_path / name, tmp_path / "out.flac", "", "auto")
        pid = prep.pid
        assert not (tmp_path / "out.flac").exists()
        await prep.examine(source, tmp_path / "out.flac", TEXTS[0], "en")
        assert prep.pid == pid


async def test_a_clip_that_takes_all_memory_fails_alone(source: Path, tmp_path: Path):
    long = tmp_path / "long.flac"
    with soundfile.SoundFile(long, "w", 48_000, 2, format="FLAC") as file:
        for _ in range(5 * 60):
            file.write(np.zeros((48_000, 2), np.int16))
    async with listening() as prep:
        await prep.examine(source, tmp_path / "out.flac", "", "auto")
        assert prep.pid is not None
        size = psutil.Process(prep.pid).memory_info().vms + 2**25
        resource.prlimit(prep.pid, resource.RLIMIT_AS, (size, size))
        with pytest.raises(BadRequest, match="more memory"):
            await prep.examine(long, tmp_path / "long.out", "", "auto")
        assert not (tmp_path / "long.out").exists()
        await prep.examine(source, tmp_path / "out.flac", "", "auto")


async def test_kill_9_while_it_works_is_not_noticed(source: Path, tmp_path: Path):
    async with listening() as prep:
        await prep.examine(source, tmp_path / "out.flac", "", "auto")
        assert prep.pid is not None
        os.kill(prep.pid, signal.SIGSTOP)
        asked = asyncio.ensure_future(prep.examine(source, tmp_path / "a.flac", "", "auto"))
        await asyncio.sleep(0)
        os.kill(prep.pid, signal.SIGKILL)
        assert (await asked).report.sound
        assert (tmp_path / "a.flac").exists()


async def test_a_frozen_process_is_replaced(source: Path, tmp_path: Path):
    async with listening() as prep:
        await prep.examine(source, tmp_path / "out.flac", "", "auto")
        prep._timeout_s = 1.0
        assert prep.pid is not None
        os.kill(prep.pid, signal.SIGSTOP)
        with pytest.raises(BadRequest, match="longer than 1 s"):
            await prep.examine(source, tmp_path / "a.flac", "", "auto")
        assert not (tmp_path / "a.flac").exists()


async def test_a_clip_given_up_frees_the_process(source: Path, tmp_path: Path, until):
    async with listening() as prep:
        await prep.examine(source, tmp_path / "out.flac", "", "auto")
        pid = prep.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        asked = asyncio.ensure_future(prep.examine(source, tmp_path / "a.flac", "", "auto"))
        await asyncio.sleep(0)
        asked.cancel()
        await until(lambda: prep.pid not in (None, pid), 20)
        assert await prep.examine(source, tmp_path / "b.flac", "", "auto")
        assert not (tmp_path / "a.flac").exists()


async def test_without_a_daemon(source: Path, tmp_path: Path):
    found = await examine_file(source, TEXTS[0], "en", target=tmp_path / "out.flac")
    assert found.report.sound
    assert soundfile.info(tmp_path / "out.flac").samplerate == RATE_HZ
    with pytest.raises(BadRequest, match="cannot be read"):
        await examine_file(tmp_path / "missing.wav")
    assert psutil.Process().children() == []


def test_the_command_examines_a_file_without_a_daemon(source: Path):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ttsd.cli", "voices", "check", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=source.parent)

    good = run("clip.wav", "--transcript", TEXTS[0])
    assert (good.returncode, good.stderr) == (0, "")
    assert "a good clip" in good.stdout
    bad = run(str(source), "--transcript", "Too little.", "--json")
    assert bad.returncode == 1
    assert json.loads(bad.stdout)["findings"][0]["code"] == "transcript_short"
    missing = run("./missing.wav")
    assert missing.returncode == 1
    assert "cannot be read" in missing.stderr
    assert run("clip.wav", "--language", "klingon").returncode == 2

"""The real encoding process, owned by `Prep`: killed, frozen, given up."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import av
import numpy as np
import pytest

from ttsd.audio.files import WavWriter
from ttsd.protocol.prep import Encoding, Tags
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.supervisor.prep import Prep

LENGTH_S = 300


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Prep]:
    prep = Prep.encoder("encode", 30)
    async with asyncio.TaskGroup() as group:
        group.create_task(prep.run())
        yield prep
        await prep.stop()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A finished WAV that takes seconds to encode."""
    with WavWriter(tmp_path / "source.wav") as file:
        noise = np.random.default_rng(1).integers(-3000, 3000, LENGTH_S * SAMPLE_RATE_HZ, dtype="<i2")
        file.write(noise.tobytes())
    return tmp_path / "source.wav"


async def test_kill_9_while_it_encodes_is_not_noticed(source: Path, tmp_path: Path, until):
    target, part = tmp_path / "a.mp3", tmp_path / ".a.mp3.part"
    encoding = Encoding("mp3", Tags(title="Hello"))
    async with running() as prep, asyncio.TaskGroup() as group:
        asked = group.create_task(prep.encode(source, target, encoding, audio_s=LENGTH_S))
        await until(lambda: part.exists() and part.stat().st_size)
        assert not target.exists()
        os.kill(prep.pid, signal.SIGKILL)
    assert asked.result().samples == LENGTH_S * SAMPLE_RATE_HZ
    with av.open(str(target)) as found:
        assert found.duration / av.time_base == LENGTH_S
    assert not part.exists()


async def test_a_file_given_up_never_appears(source: Path, tmp_path: Path, until):
    target, part = tmp_path / "a.mp3", tmp_path / ".a.mp3.part"
    async with running() as prep:
        asked = asyncio.ensure_future(prep.encode(source, target, Encoding("mp3"), audio_s=LENGTH_S))
        await until(lambda: part.exists() and part.stat().st_size)
        pid = prep.pid
        asked.cancel()
        await until(lambda: prep.pid not in (None, pid))
        made = await prep.encode(source, tmp_path / "b.flac", Encoding("flac"), audio_s=LENGTH_S)
    assert made.samples == LENGTH_S * SAMPLE_RATE_HZ
    assert not target.exists()

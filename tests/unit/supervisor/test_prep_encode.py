"""A prep process that encodes: deadlines by length, crashes, who gives up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from ttsd.protocol.errors import EngineFailed, NothingToSay, Unavailable
from ttsd.protocol.prep import Encoded, Encoding, Tags
from ttsd.supervisor.prep import Prep


@pytest.fixture
async def encoder(children: Path) -> AsyncIterator[Prep]:
    prep = Prep.encoder("encode", 0.5, module="acting_prep")
    async with asyncio.TaskGroup() as group:
        group.create_task(prep.run())
        yield prep
        await prep.stop()
    assert psutil.Process().children() == []


@pytest.fixture
def make(encoder: Prep, tmp_path: Path):
    """Ask the process to act `order`; what it wrote."""

    async def run(order: str, *, audio_s: float = 0.0) -> str:
        target = tmp_path / f"{order.replace('/', ' ')}.mp3"
        made = await encoder.encode(tmp_path / "a.wav", target, Encoding("mp3", Tags(title=order)), audio_s=audio_s)
        assert isinstance(made, Encoded)
        return target.read_text()

    return run


async def test_files_are_made_each_in_its_turn(make):
    orders = [f"file {number}" for number in range(30)]
    assert await asyncio.gather(*map(make, orders)) == orders


async def test_errors_keep_their_kind(make):
    with pytest.raises(NothingToSay):
        await make("refuse")


async def test_long_sound_may_take_long(make):
    with pytest.raises(Unavailable, match=r"mp3 file took longer than 0\.5 s"):
        await make("wait 0.9")
    assert await make("wait 0.9", audio_s=60) == "wait 0.9"


async def test_a_crash_is_tried_again_once(make, tmp_path):
    assert await make(f"crash once {tmp_path / 'flag'}")
    with pytest.raises(EngineFailed, match="crashed the encoder, twice"):
        await make("crash")
    assert await make("hello") == "hello"


async def test_who_gives_up_frees_the_process_at_once(make, encoder: Prep):
    pid = await make("pid")
    long = asyncio.ensure_future(make("slow", audio_s=10_000))
    waiting = asyncio.ensure_future(make("slow", audio_s=10_000))
    after = asyncio.ensure_future(make("pid", audio_s=10_000))
    await asyncio.sleep(0)
    waiting.cancel()
    long.cancel()
    async with asyncio.timeout(20):
        assert await after != pid


async def test_who_gives_up_while_another_file_is_made_disturbs_nobody(make):
    pid = await make("pid")
    first = asyncio.ensure_future(make("wait 0.3"))
    gone = asyncio.ensure_future(make("slow", audio_s=10_000))
    await asyncio.sleep(0)
    gone.cancel()
    assert await first == "wait 0.3"
    assert await make("pid") == pid

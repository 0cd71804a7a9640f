"""Sound that waits for its client."""

import asyncio
import errno
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ttsd.api.spill import Spill
from ttsd.protocol.errors import EngineFailed, StorageFull


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    steps=st.lists(st.one_of(st.binary(min_size=1, max_size=40), st.integers(1, 50)), max_size=40),
    memory=st.integers(0, 60),
)
async def test_what_goes_in_comes_out_in_order_whatever_the_pace(tmp_path: Path, steps: list[bytes | int], memory: int):
    spill = Spill(tmp_path, memory)
    written, read = b"", b""
    for step in steps:
        if isinstance(step, bytes):
            spill.write(step)
            written += step
        elif spill.waiting:
            piece = await spill.read(step)
            assert 0 < len(piece) <= step
            read += piece
        assert spill.waiting == len(written) - len(read)
    spill.end()
    while piece := await spill.read(7):
        read += piece
    assert read == written
    assert spill.written == len(written)
    spill.close()


async def test_little_stays_in_memory_and_much_goes_to_a_file_without_a_name(tmp_path: Path):
    folder = tmp_path / "made when needed"
    spill = Spill(folder, 100)
    spill.write(b"x" * 100)
    assert not folder.exists()
    spill.write(b"y" * 1000)
    assert folder.exists()
    assert list(folder.iterdir()) == []
    assert await spill.read(10_000) + await spill.read(10_000) == b"x" * 100 + b"y" * 1000
    spill.close()


async def test_a_file_that_was_read_gives_its_room_back(tmp_path: Path):
    spill = Spill(tmp_path, 0)
    spill.write(b"y" * 100_000)
    file = spill._file
    assert file is not None
    assert await spill.read(100_000)
    assert os.fstat(file.fileno()).st_size == 0
    spill.close()
    assert file.closed


async def test_the_reader_waits_for_the_writer(tmp_path: Path):
    spill = Spill(tmp_path)
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(spill.read(10))
        await asyncio.sleep(0)
        assert not reading.done()
        spill.write(b"late")
    assert reading.result() == b"late"


async def test_what_was_written_before_a_failure_is_read_before_it_is_raised(tmp_path: Path):
    spill = Spill(tmp_path)
    spill.write(b"some")
    spill.end(EngineFailed("broke"))
    assert await spill.read(10) == b"some"
    with pytest.raises(EngineFailed):
        await spill.read(10)
    with pytest.raises(EngineFailed):
        await spill.ended()


async def test_room_comes_with_reading(tmp_path: Path):
    spill = Spill(tmp_path)
    spill.write(b"x" * 100)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(spill.room(50))
        await asyncio.sleep(0)
        assert not waiting.done()
        await spill.read(60)
    assert waiting.done()


async def test_a_full_disk_is_told_as_such():
    spill = Spill(Path("/dev/full/no"), 0)
    with pytest.raises(StorageFull, match=os.strerror(errno.ENOTDIR)):
        spill.write(b"x")

"""`Prep` over the real prep program: texts, documents, and documents that it does not survive."""

import asyncio
import os
import signal
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from ttsd.config import Limits
from ttsd.protocol.errors import NothingToSay, TooLarge, UnreadableDocument
from ttsd.supervisor.prep import Prep

ROUND_TRIP_S = 0.01


@asynccontextmanager
async def running(timeout_s: float = 10.0) -> AsyncIterator[Prep]:
    prep = Prep("test", timeout_s)
    async with asyncio.TaskGroup() as group:
        group.create_task(prep.run())
        try:
            yield prep
        finally:
            await prep.stop()
    assert psutil.Process().children() == []


def spoken(prepared) -> str:
    return " ".join(segment.text.strip() for segment in prepared.segments)


async def test_text_becomes_segments():
    async with running() as prep:
        prepared = await prep.text("Hello there. This is a test.", "en")
        assert spoken(prepared) == "Hello there. This is a test."
        assert {span.language for segment in prepared.segments for span in segment.spans} == {"en"}
        with pytest.raises(NothingToSay):
            await prep.text("   ", "en")


async def test_documents_become_segments_and_front_matter(tmp_path):
    document = tmp_path / "letter.md"
    document.write_text("+++\ntitle = 'A letter'\n+++\n# Dear *you*\n\nIt is late.\n")
    async with running() as prep:
        prepared = await prep.document(document, ".md", "en", Limits())
    assert prepared.front_matter.title == "A letter"
    assert len(prepared.sha256) == 64
    assert "It is late." in spoken(prepared)
    assert "*" not in spoken(prepared)


async def test_documents_that_cannot_be_read_keep_their_reason(tmp_path):
    big, binary = tmp_path / "big.txt", tmp_path / "binary.txt"
    big.write_text("word " * 1000)
    binary.write_bytes(os.urandom(5000))
    async with running() as prep:
        with pytest.raises(TooLarge):
            await prep.document(big, ".txt", "en", Limits(max_file_bytes=1000))
        with pytest.raises(UnreadableDocument):
            await prep.document(binary, ".txt", "en", Limits())
        with pytest.raises(UnreadableDocument):
            await prep.document(tmp_path / "missing.txt", ".txt", "en", Limits())


async def test_a_document_that_takes_too_long_costs_only_itself(tmp_path):
    long, short = tmp_path / "long.txt", tmp_path / "short.txt"
    long.write_text("This is one of very many sentences. " * 25_000)
    short.write_text("Hello.")
    async with running(timeout_s=0.1) as prep:
        await prep.text("warm", "en")
        slow, quick = await asyncio.gather(
            prep.document(long, ".txt", "en", Limits()),
            prep.document(short, ".txt", "en", Limits()),
            return_exceptions=True,
        )
        assert isinstance(slow, UnreadableDocument)
        assert "longer than 0.1 s" in slow.message
        assert spoken(quick) == "Hello."


async def test_kill_9_while_it_works_is_not_noticed(tmp_path):
    document = tmp_path / "long.txt"
    document.write_text("This is one of very many sentences. " * 10_000)
    async with running(timeout_s=30) as prep:
        await prep.text("warm", "en")
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(prep.document(document, ".txt", "en", Limits()))
            await asyncio.sleep(0)
            os.kill(prep.pid, signal.SIGKILL)
        assert len(asked.result().segments) > 1000


async def test_a_frozen_process_is_replaced():
    async with running(timeout_s=0.3) as prep:
        await prep.text("warm", "en")
        os.kill(prep.pid, signal.SIGSTOP)
        with pytest.raises(Exception, match="longer than"):
            await prep.text("hello", "en")
        assert spoken(await prep.text("hello", "en")) == "hello"


async def test_a_round_trip_is_quick():
    async with running() as prep:
        await prep.text("warm", "en")
        took: list[float] = []
        for _ in range(100):
            before = time.perf_counter()
            await prep.text("Hello there.", "en")
            took.append(time.perf_counter() - before)
        assert statistics.median(took) < ROUND_TRIP_S


async def test_many_at_once_are_answered_each(tmp_path: Path):
    async with running() as prep:
        texts = [f"Sentence number {number}." for number in range(300)]
        answers = await asyncio.gather(*(prep.text(text, "en") for text in texts))
        assert len({spoken(answer) for answer in answers}) == 300

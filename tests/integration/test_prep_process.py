"""`Prep` over the real prep program: texts, documents, and documents that it does not survive."""

import asyncio
import os
import signal
import statistics
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.books import Item, write_epub
from tests.preparing import running
from ttsd.config import Limits
from ttsd.protocol.errors import NothingToSay, TooLarge, TtsdError, UnreadableDocument
from ttsd.protocol.prep import SUFFIXES, Chapter, Row, Slot
from ttsd.supervisor.prep import Prep

ROUND_TRIP_S = 0.01


def preparing(timeout_s: float = 10.0) -> AbstractAsyncContextManager[Prep]:
    return running(Prep("test", timeout_s))


def spoken(prepared) -> str:
    return " ".join(segment.text.strip() for segment in prepared.segments)


async def test_text_becomes_segments():
    async with preparing() as prep:
        prepared = await prep.text("Hello there. This is a test.", "en")
        assert spoken(prepared) == "Hello there. This is a test."
        assert {span.language for segment in prepared.segments for span in segment.spans} == {"en"}
        with pytest.raises(NothingToSay):
            await prep.text("   ", "en")


async def test_documents_become_segments_and_front_matter(tmp_path):
    document = tmp_path / "letter.md"
    document.write_text("+++\ntitle = 'A letter'\n+++\n# Dear *you*\n\nIt is late.\n")
    async with preparing() as prep:
        prepared = await prep.document(document, ".md", "en", Limits())
    assert prepared.front_matter.title == "A letter"
    assert len(prepared.sha256) == 64
    assert "It is late." in spoken(prepared)
    assert "*" not in spoken(prepared)


async def test_every_type_of_document_is_read_in_the_sandbox(tmp_path: Path):
    write_epub(
        tmp_path / "d.epub", [Item("a.xhtml", "<h1>One</h1><p>Hello.")], nav_contents="<li><a href='a.xhtml'>I</a>"
    )
    sources = {
        ".txt": "Hello.",
        ".md": "Hello.\n\n<p>Hello.</p>",
        **dict.fromkeys((".html", ".htm", ".xhtml"), "<title>T</title><p>Hello.</p>"),
        ".srt": "1\n00:00:01,000 --> 00:00:02,000\nHello.\n",
        ".vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello.\n",
        ".csv": "text,out\nHello.,a/b.flac\n",
        ".json": '[{"text": "Hello."}]',
        ".jsonl": '"Hello."\n',
    }
    for suffix, text in sources.items():
        (tmp_path / f"d{suffix}").write_text(text)
    async with preparing() as prep:
        found = {suffix: await prep.document(tmp_path / f"d{suffix}", suffix, "en", Limits()) for suffix in SUFFIXES}
    assert all("Hello." in spoken(prepared) for prepared in found.values())
    assert (found[".epub"].title, found[".epub"].chapters) == ("A Book", (Chapter("I", 0),))
    assert found[".html"].title == "T"
    assert found[".srt"].slots == found[".vtt"].slots == (Slot(0, 1.0, 2.0),)
    assert found[".csv"].rows == (Row(1, "a/b", 0, 1, format="flac"),)
    assert found[".json"].rows == found[".jsonl"].rows == (Row(1, "0001", 0, 1),)


HARMFUL: list[tuple[str, str | bytes, str]] = [
    (".html", "<div>" * 300_000, "nothing_to_say"),
    (".html", "<b><p><table><tr><td>" * 90_000 + "end", ""),
    (".md", "> " * 900_000, "nothing_to_say"),
    (".json", "[" * 1_900_000, "unreadable_document"),
    (".json", '{"a":' * 400_000, "unreadable_document"),
    (".jsonl", "[" * 1_900_000, ""),
    (".csv", "text\n" + '"' * 1_900_001, "unreadable_document"),
    (".csv", "text\n" + "a,b\n" * 400_000, "too_large"),
    (".csv", "text\n" + "a,b\n" * 100_000, ""),
    (".srt", "1\n00:00:01,000 --> 00:00:02,000\n" + "<i>{\\" * 300_000, "nothing_to_say"),
    (".vtt", "WEBVTT\n\n" + "00:01.000 --> 00:02.000\n" * 80_000, "nothing_to_say"),
    (".epub", b"PK\x03\x04" + bytes(100_000), "unreadable_document"),
]


@pytest.mark.parametrize(("suffix", "source", "code"), HARMFUL, ids=[f"{s}-{x[:6]!r}" for s, x, _ in HARMFUL])
async def test_what_was_made_to_do_harm_is_answered_by_the_same_process(
    tmp_path: Path, suffix: str, source: str | bytes, code: str
):
    path = tmp_path / "source"
    path.write_bytes(source.encode() if isinstance(source, str) else source)
    async with preparing(timeout_s=30) as prep:
        await prep.text("warm", "en")
        before = prep.pid
        try:
            await prep.document(path, suffix, "en", Limits())
            found = ""
        except TtsdError as error:
            found = error.code
        assert found == code
        assert spoken(await prep.text("Hello.", "en")) == "Hello."
        assert prep.pid == before


async def test_a_bomb_in_a_book_is_not_unpacked(tmp_path: Path):
    write_epub(tmp_path / "bomb.epub", [Item("a.xhtml", "<p>" + "0" * 100_000_000)])
    async with preparing() as prep:
        with pytest.raises(TooLarge, match="unpack to more than"):
            await prep.document(tmp_path / "bomb.epub", ".epub", "en", Limits())


async def test_documents_that_cannot_be_read_keep_their_reason(tmp_path):
    big, binary = tmp_path / "big.txt", tmp_path / "binary.txt"
    big.write_text("word " * 1000)
    binary.write_bytes(os.urandom(5000))
    async with preparing() as prep:
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
    async with preparing(timeout_s=0.6) as prep:
        await prep.text("warm", "en")
        slow, quick = await asyncio.gather(
            prep.document(long, ".txt", "en", Limits()),
            prep.document(short, ".txt", "en", Limits()),
            return_exceptions=True,
        )
        assert isinstance(slow, UnreadableDocument)
        assert "longer than 0.6 s" in slow.message
        assert spoken(quick) == "Hello."


async def test_kill_9_while_it_works_is_not_noticed(tmp_path):
    document = tmp_path / "long.txt"
    document.write_text("This is one of very many sentences. " * 10_000)
    async with preparing(timeout_s=30) as prep:
        await prep.text("warm", "en")
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(prep.document(document, ".txt", "en", Limits()))
            await asyncio.sleep(0)
            os.kill(prep.pid, signal.SIGKILL)
        assert len(asked.result().segments) > 1000


async def test_a_frozen_process_is_replaced():
    async with preparing(timeout_s=0.3) as prep:
        await prep.text("warm", "en")
        os.kill(prep.pid, signal.SIGSTOP)
        with pytest.raises(Exception, match="longer than"):
            await prep.text("hello", "en")
        assert spoken(await prep.text("hello", "en")) == "hello"


async def test_a_round_trip_is_quick():
    async with preparing() as prep:
        await prep.text("warm", "en")
        took: list[float] = []
        for _ in range(100):
            before = time.perf_counter()
            await prep.text("Hello there.", "en")
            took.append(time.perf_counter() - before)
        assert statistics.median(took) < ROUND_TRIP_S


async def test_many_at_once_are_answered_each(tmp_path: Path):
    async with preparing() as prep:
        texts = [f"Sentence number {number}." for number in range(300)]
        answers = await asyncio.gather(*(prep.text(text, "en") for text in texts))
        assert len({spoken(answer) for answer in answers}) == 300

"""The prep process: deadlines, crashes, innocent bystanders."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from ttsd.config import Limits
from ttsd.protocol.errors import EngineFailed, NothingToSay, Stopping, Unavailable, UnreadableDocument
from ttsd.supervisor.prep import Prep

pytestmark = pytest.mark.usefixtures("children")


@pytest.fixture
async def prep(children: Path) -> AsyncIterator[Prep]:
    prep = Prep("test", 0.5, module="acting_prep")
    async with asyncio.TaskGroup() as group:
        group.create_task(prep.run())
        yield prep
        await prep.stop()
    assert prep.pid is None
    assert psutil.Process().children() == []


async def said(prep: Prep, text: str) -> str:
    return (await prep.text(text, "en")).segments[0].text


@pytest.fixture
def document(prep: Prep, tmp_path: Path):
    async def ask(order: str) -> str:
        path = tmp_path / "document.txt"
        path.write_text(order)
        return (await prep.document(path, ".txt", "auto", Limits())).segments[0].text

    return ask


async def test_texts_and_documents_are_prepared(prep, document):
    assert await said(prep, "hello") == "hello"
    assert await document("read me") == "read me"


async def test_errors_keep_their_kind(prep):
    with pytest.raises(NothingToSay, match="nothing to say"):
        await said(prep, "refuse")


async def test_answers_find_their_requests(prep):
    texts = [f"text {number}" for number in range(200)]
    assert await asyncio.gather(*(said(prep, text) for text in texts)) == texts


async def test_one_process_serves_all_and_is_kept(prep):
    first = await said(prep, "pid")
    assert await said(prep, "pid") == first == str(prep.pid)


async def test_a_slow_document_is_given_up_and_the_next_one_served(prep, document):
    pid = await said(prep, "pid")
    with pytest.raises(UnreadableDocument, match=r"longer than 0\.5 s"):
        await document("slow")
    assert await document("hello") == "hello"
    assert await said(prep, "pid") != pid


async def test_a_slow_text_may_be_sent_again(prep):
    with pytest.raises(Unavailable, match=r"longer than 0\.5 s"):
        await said(prep, "slow")


async def test_waiting_in_the_line_is_no_slowness(prep):
    texts = ["wait 0.3"] * 4 + ["hello"]
    assert await asyncio.gather(*(said(prep, text) for text in texts)) == texts


async def test_who_waits_behind_a_slow_one_is_served_by_the_next_process(prep):
    texts = ["slow", *(f"text {number}" for number in range(20))]
    answers = await asyncio.gather(*(said(prep, text) for text in texts), return_exceptions=True)
    assert isinstance(answers[0], Unavailable)
    assert answers[1:] == texts[1:]


async def test_a_crash_is_tried_again_once(prep, document, tmp_path):
    assert await document(f"crash once {tmp_path / 'flag'}") == f"crash once {tmp_path / 'flag'}"
    with pytest.raises(UnreadableDocument, match="crashed the parser"):
        await document("crash")
    with pytest.raises(EngineFailed, match="crashed"):
        await said(prep, "crash")
    assert await said(prep, "hello") == "hello"


async def test_a_crash_blames_only_the_request_it_was_at(prep):
    texts = [f"text {number}" for number in range(5)]
    answers = await asyncio.gather(*(said(prep, text) for text in ("crash", *texts)), return_exceptions=True)
    assert isinstance(answers[0], EngineFailed)
    assert answers[1:] == texts


async def test_killed_while_idle_it_is_there_again(prep, until):
    first = await said(prep, "pid")
    os.kill(prep.pid, signal.SIGKILL)
    await until(lambda: prep.pid is not None and str(prep.pid) != first)
    assert await said(prep, "pid") != first


async def test_an_answer_out_of_turn_is_a_broken_process(prep, caplog):
    with pytest.raises(EngineFailed):
        await said(prep, "out of turn")
    assert "prep.stream_broke" in [record.getMessage() for record in caplog.records]
    assert await said(prep, "hello") == "hello"


async def test_who_gives_up_leaves_the_line(prep):
    async with asyncio.TaskGroup() as group:
        first = group.create_task(said(prep, "wait 0.3"))
        gone = [group.create_task(said(prep, "slow")) for _ in range(20)]
        last = group.create_task(said(prep, "hello"))
        await asyncio.sleep(0)
        for task in gone[7:]:
            task.cancel()
        assert await first == "wait 0.3"
        for task in gone[:7]:
            task.cancel()
        assert await last == "hello"


async def test_stop_answers_who_waits_and_ends_soon(children):
    prep = Prep("test", 5, module="acting_prep")
    async with asyncio.TaskGroup() as group:
        group.create_task(prep.run())
        assert await said(prep, "hello") == "hello"
        waiting = group.create_task(expect_stopping(prep))
        await asyncio.sleep(0)
        before = time.monotonic()
        await prep.stop()
        await waiting
        assert time.monotonic() - before < 3
    with pytest.raises(Stopping):
        await said(prep, "hello")


async def expect_stopping(prep: Prep) -> None:
    with pytest.raises(Stopping):
        await said(prep, "slow")


async def test_stop_before_run_does_not_wait():
    await Prep("test", 5).stop()


async def test_a_process_that_does_not_start_is_told_to_who_waits(children, monkeypatch):
    monkeypatch.setenv("ACT", "no start")
    prep = Prep("test", 5, module="acting_prep")
    async with asyncio.TaskGroup() as group:
        group.create_task(prep.run())
        with pytest.raises(Unavailable, match="does not start: it ended by itself with status 1"):
            await said(prep, "hello")
        monkeypatch.delenv("ACT")
        assert await said(prep, "hello") == "hello"
        await prep.stop()


async def test_a_cancelled_run_leaves_no_process(children, until):
    prep = Prep("test", 5, module="acting_prep")
    run = asyncio.get_running_loop().create_task(prep.run())
    pid = int(await said(prep, "pid"))
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not psutil.pid_exists(pid)


async def test_a_system_that_starts_no_process_is_told_to_who_waits(children, monkeypatch):
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    prep = Prep("test", 5, module="acting_prep")
    async with asyncio.TaskGroup() as group:
        group.create_task(prep.run())
        with pytest.raises(Unavailable, match="No such file"):
            await said(prep, "hello")
        await prep.stop()

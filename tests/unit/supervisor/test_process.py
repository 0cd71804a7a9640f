"""Child processes: messages, lines, ends; nothing is left behind."""

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from ttsd.protocol.engine import FromWorker, Ping, Pong
from ttsd.supervisor.process import MAX_LINE_BYTES, ChildProcess, Listener

pytestmark = pytest.mark.usefixtures("children")


class Ear:
    """Remembers what a child was heard to say."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.lines: list[str] = []
        self.losses: list[Exception | None] = []
        self.listener = Listener(FromWorker, self.messages.append, self.losses.append, self.lines.append)

    async def spawn(self, act: str = "") -> ChildProcess:
        return await ChildProcess.spawn("acting_child", self.listener, env={"ACT": act})


@pytest.fixture
def ear() -> Ear:
    return Ear()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_messages_go_both_ways(ear, until):
    child = await ear.spawn()
    child.send(Ping(42))
    await until(lambda: ear.messages)
    assert isinstance(ear.messages[0], Pong)
    assert ear.messages[0].token == 42
    assert await child.stop(grace_s=5) == 0
    assert ear.losses == [None]


async def test_the_exit_status_is_known_to_everybody_who_waits(ear):
    child = await ear.spawn("exit")
    assert await asyncio.gather(child.wait(), child.wait()) == [7, 7]
    assert await child.wait() == 7


async def test_a_waiter_that_gives_up_does_not_disturb_the_others(ear):
    child = await ear.spawn()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await child.wait()
    assert await child.stop(grace_s=5) == 0


async def test_a_killed_child_has_a_negative_status(ear, until):
    child = await ear.spawn()
    os.kill(child.pid, signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL
    await until(lambda: len(ear.losses) == 1)


async def test_what_it_prints_becomes_lines(ear):
    child = await ear.spawn("print")
    await child.wait()
    assert sorted(ear.lines) == ["no newline at the end", "on stderr", "on stdout"]


async def test_a_line_without_end_is_cut(ear):
    child = await ear.spawn("long line")
    await child.wait()
    assert ear.lines[-1] == "short"
    assert sum(map(len, ear.lines[:-1])) == 1_000_000
    assert max(map(len, ear.lines)) <= MAX_LINE_BYTES


async def test_garbage_on_the_socket_is_a_loss_with_a_reason(ear, until):
    child = await ear.spawn("garbage")
    await until(lambda: ear.losses)
    assert "announced" in str(ear.losses[0])
    await child.stop(grace_s=5)
    assert len(ear.losses) == 1


async def test_a_child_that_ignores_the_end_and_sigterm_is_killed(ear, until):
    child = await ear.spawn("stubborn")
    await until(lambda: ear.messages)
    before = time.monotonic()
    assert await child.stop(grace_s=0.5) == -signal.SIGKILL
    assert time.monotonic() - before < 1.5


async def test_a_frozen_child_is_killed(ear, until):
    child = await ear.spawn("frozen")
    await until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_STOPPED)
    child.send(Ping(1))
    assert await child.stop(grace_s=0.1) == -signal.SIGKILL


async def test_a_grandchild_that_holds_socket_and_output_does_not_hide_the_exit(ear, until):
    child = await ear.spawn("grandchild")
    group = child.pid
    assert await child.wait() == 5
    await until(lambda: ear.losses == [None], timeout_s=2)
    os.killpg(group, signal.SIGKILL)


async def test_killing_takes_the_whole_group(ear, until):
    child = await ear.spawn()
    assert os.getpgid(child.pid) == child.pid != os.getpgid(0)
    child.kill()
    child.kill()
    assert await child.wait() == -signal.SIGKILL
    child.kill()


async def test_a_child_is_not_told_that_it_is_a_systemd_service(ear, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/x")
    monkeypatch.setenv("LISTEN_FDS", "1")
    child = await ear.spawn("environment")
    await child.stop(grace_s=5)
    told = set(" ".join(ear.lines).split())
    assert "PATH" in told
    assert not told & {"NOTIFY_SOCKET", "LISTEN_FDS"}


async def test_a_directory_cannot_replace_our_modules(ear, tmp_path, monkeypatch):
    (tmp_path / "signal.py").write_text("raise SystemExit(99)")
    monkeypatch.chdir(tmp_path)
    child = await ear.spawn()
    assert await child.stop(grace_s=5) == 0


async def test_fifty_children_leave_no_file_and_no_zombie(ear):
    first = await ear.spawn("exit")
    await first.wait()
    before = open_files()
    for _ in range(10):
        some = await asyncio.gather(*(ear.spawn("exit") for _ in range(5)))
        assert [await child.wait() for child in some] == [7] * 5
    assert open_files() == before
    assert psutil.Process().children() == []
    assert len(ear.losses) == 51


async def test_a_system_that_refuses_is_an_error_and_leaves_nothing(ear, monkeypatch):
    before = open_files()
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with pytest.raises(FileNotFoundError):
        await ear.spawn()
    assert open_files() == before

"""The prep program as the daemon starts it: a real process on a real socket pair."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prep_program import PrepProgram, running
from ttsd.ipc import FD_VARIABLE
from ttsd.protocol.prep import FromPrep, Prepared, PrepareDocument, PrepareText, PrepFailed, PrepPing, PrepPong


@pytest.fixture
def prep() -> Iterator[PrepProgram]:
    with running("ttsd.prep", FromPrep) as found:
        yield found


def test_requests_are_answered_in_order(prep: PrepProgram, tmp_path: Path):
    (tmp_path / "a.md").write_text("# Title\n\nHello.")
    messages = [PrepPing(1), PrepareText(2, "Hello. There."), PrepareDocument(3, str(tmp_path / "a.md"), ".md")]
    for message in messages:
        prep.channel.send(message)
    pong, text, document = (prep.channel.receive() for _ in messages)
    assert pong == PrepPong(1)
    assert [segment.text for segment in text.segments] == ["Hello.", "There."]
    assert [segment.text for segment in document.segments] == ["Title", "Hello."]


def test_it_ends_with_the_daemon(prep: PrepProgram):
    assert prep.ask(PrepPing(1)) == PrepPong(1)
    prep.socket.close()
    assert prep.process.wait(10) == 0


def test_it_ends_quietly_when_the_daemon_goes_in_the_middle_of_an_answer(prep: PrepProgram, tmp_path: Path):
    (tmp_path / "a.txt").write_text("One sentence of many. " * 40_000)
    prep.channel.send(PrepareDocument(1, str(tmp_path / "a.txt"), ".txt"))
    prep.socket.close()
    assert prep.process.wait(30) == 0


def test_ctrl_c_is_for_the_daemon(prep: PrepProgram):
    assert prep.ask(PrepPing(1)) == PrepPong(1)
    prep.process.send_signal(signal.SIGINT)
    assert prep.ask(PrepPing(2)) == PrepPong(2)


def test_what_it_gave_up(prep: PrepProgram):
    assert prep.ask(PrepPing(1)) == PrepPong(1)
    pid = prep.process.pid
    assert prep.status("NoNewPrivs") == "1"
    assert resource.prlimit(pid, resource.RLIMIT_AS)[1] == 3 * 2**29
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
    assert resource.prlimit(pid, resource.RLIMIT_FSIZE) == (0, 0)


def test_a_document_over_its_memory_fails_alone(prep: PrepProgram, tmp_path: Path):
    assert prep.ask(PrepPing(1)) == PrepPong(1)
    size = int(prep.status("VmSize")) * 1024
    resource.prlimit(prep.process.pid, resource.RLIMIT_AS, (size + 2**24, size + 2**24))
    (tmp_path / "a.txt").write_text("One sentence of many. " * 90_000)
    found = prep.ask(PrepareDocument(2, str(tmp_path / "a.txt"), ".txt", max_chars=10**7))
    assert isinstance(found, PrepFailed)
    assert found.error.code == "unreadable_document"
    assert isinstance(prep.ask(PrepareText(3, "Hello.")), Prepared)


def test_it_is_small_and_quick(prep: PrepProgram):
    """Bounds with room for a loaded machine; the figures are 28 MB and 0.15 ms."""
    assert isinstance(prep.ask(PrepareText(1, "Hello.")), Prepared)
    assert int(prep.status("VmRSS")) < 45 * 1024
    times: list[float] = []
    for number in range(300):
        start = time.perf_counter()
        prep.ask(PrepareText(number, "The quick brown fox jumps over the lazy dog again."))
        times.append(time.perf_counter() - start)
    assert min(times) < 0.001


def test_a_whole_book_is_quick(prep: PrepProgram, tmp_path: Path):
    (tmp_path / "a.txt").write_text(
        "It was a bright cold day in April, and the clocks were striking thirteen.\n" * 26_000
    )
    start = time.perf_counter()
    found = prep.ask(PrepareDocument(1, str(tmp_path / "a.txt"), ".txt", max_chars=10**7))
    assert len(found.segments) == 26_000
    assert time.perf_counter() - start < 20


def test_it_does_not_load_what_it_does_not_need():
    script = "import sys, ttsd.prep.loop; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "torch", "lingua", "markdown_it", "starlette", "sqlite3"} & set(modules)


def test_started_by_hand_it_says_who_starts_it():
    env = {name: value for name, value in os.environ.items() if name != FD_VARIABLE}
    ran = subprocess.run([sys.executable, "-m", "ttsd.prep"], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "ttsd serve" in ran.stderr


def test_a_slow_daemon_is_waited_for(prep: PrepProgram):
    """Answers larger than the socket holds are not lost."""
    prep.socket.settimeout(20)
    with contextlib.suppress(OSError):
        prep.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    found = prep.ask(PrepareText(1, "One sentence of many. " * 20_000))
    assert len(found.segments) == 20_000

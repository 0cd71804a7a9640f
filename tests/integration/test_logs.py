"""The log of a real daemon: searched through its files, followed as it grows."""

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from ttsd.client import TtsdClient
from ttsd.protocol.log import LogQuery


@pytest.fixture
def logs(daemon, monkeypatch):
    """`logs(…)` runs `ttsd logs`; `stdout` may be a terminal."""
    monkeypatch.setenv("TTSD_SOCKET", str(daemon.socket))
    monkeypatch.delenv("NO_COLOR", raising=False)

    def run(*arguments: str, stdout: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "ttsd.cli", "logs", *arguments], stdout=stdout)

    return run


def fail_one(daemon, wait_for) -> str:
    """A job that fails; its id, once that stands in the log file."""
    daemon.drop("empty.txt", "")
    daemon.wait_path("failed/empty.txt")
    log = daemon.root / "logs/ttsd.log"
    line = wait_for(lambda: next((row for row in log.read_text().splitlines() if "job.failed" in row), None))
    return json.loads(line)["job"]


def test_what_happened_is_found_in_the_files_before_too(daemon, logs, wait_for):
    job = fail_one(daemon, wait_for)
    daemon.process.send_signal(signal.SIGUSR1)
    wait_for(lambda: list((daemon.root / "logs").glob("*.gz")))

    page = asyncio.run(TtsdClient(daemon.socket).logs(LogQuery("warning", job=job)))
    assert [(line.event, line.fields["title"]) for line in page.lines] == [("job.failed", "empty.txt")]

    out, _ = logs("--level", "warning", "EMPTY.txt").communicate(timeout=60)
    assert re.search(f"warning job.failed job={job} .*title=empty.txt", out.decode())
    found = [json.loads(line) for line in logs("--json", "--job", job).communicate(timeout=60)[0].splitlines()]
    assert {line["fields"]["job"] for line in found} == {job}


def test_the_log_is_followed_from_its_last_lines_on(daemon, logs, wait_for):
    with logs("-f", "-n", "1", "--level", "info") as following:
        assert b"worker.ready" in following.stdout.readline()
        job = fail_one(daemon, wait_for)
        lines = iter(following.stdout.readline, b"")
        assert any(f"job.failed job={job}".encode() in line for line in lines)
        following.kill()


def test_a_terminal_gets_colours_and_nothing_that_steers_it(daemon, logs, wait_for):
    daemon.drop("a\x1b[2J\u202eb.txt", "")
    wait_for(lambda: "2J" in (daemon.root / "logs/ttsd.log").read_text())
    ours, theirs = pty.openpty()
    with logs("2J", stdout=theirs) as shown:
        os.close(theirs)
        out = b""
        with suppress(OSError):  # a terminal whose other end was closed
            while piece := os.read(ours, 65536):
                out += piece
    os.close(ours)
    assert shown.returncode == 0
    assert b"\x1b[1m" in out
    assert b"\x1b[2J" not in out
    assert "\u202e" not in out.decode()
    assert b"\\u001b[2J" in out

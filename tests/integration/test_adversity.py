"""What a machine does to a daemon that lives long: disks go away, clocks jump, processes stand still.

More of that, under load: tests/faults.
"""

import contextlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import verdict
from tests.mishaps import Mix, files
from tests.mounts import small_disk
from tests.needs import needs_root
from tests.torture import Storm, replay

# httpcore2 leaves a socket open that found nobody to connect to.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*socket.socket.*:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.timeout(240),
]

MakeDaemon = Callable[..., Any]
WaitFor = Callable[..., Any]
FEW = Mix(kills=0, formats=("wav", "flac"))


@pytest.fixture
def storm(make_daemon: MakeDaemon, hazards: Path, tmp_path: Path) -> Storm:
    """A daemon that has not been started, one segment at a time, on which nothing has befallen yet."""
    (tmp_path / "storm").mkdir()
    spool = {"settle_s": 0.05, "rescan_s": 1.0}
    return Storm(make_daemon(tmp_path / "storm", spool=spool, fake={"first_chunk_ms": 20, "slots": 1}), hazards)


def drop_some(storm: Storm, seed: int, count: int = 6) -> None:
    for drop in files(seed, count, FEW):
        storm.drop(f"{seed}/{drop.name}", drop.data)


def hold_some(storm: Storm, wait_for: WaitFor) -> None:
    """Files that are queued, and nothing goes on."""
    storm.http.post("/v1/queue/pause")
    drop_some(storm, 1)
    wait_for(lambda: storm.daemon.status()["queue"]["queued"] == 6, what="all files queued")


def check(storm: Storm, make_daemon: MakeDaemon, tmp_path: Path) -> None:
    """All is right, and as it would have been without what has befallen."""
    jobs = storm.settle()
    assert {job["state"] for job in jobs} == {"succeeded"}
    assert storm.daemon.stop() == 0
    verdict.check_database(storm.daemon)
    verdict.check_spool(storm.daemon, storm.accepted, jobs)
    verdict.check_stores(storm.daemon, jobs)
    (tmp_path / "calm").mkdir()
    calm = make_daemon(tmp_path / "calm")
    replay(calm, jobs, storm)
    verdict.check_same(storm.daemon, calm)


def lines(storm: Storm, words: str) -> list[str]:
    """Of the log."""
    return [line for line in storm.daemon.stderr.splitlines() if words in line]


@needs_root
def test_a_disk_that_turns_read_only_and_back(
    storm: Storm, make_daemon: MakeDaemon, tmp_path: Path, wait_for: WaitFor
) -> None:
    daemon = storm.daemon
    with small_disk(daemon.spool) as disk:
        daemon.start()
        hold_some(storm, wait_for)
        remount = ["mount", "-o", "remount,ro", str(disk)]
        wait_for(lambda: subprocess.run(remount, check=False, capture_output=True).returncode == 0, what="no file open")
        storm.http.post("/v1/queue/resume")
        wait_for(lambda: lines(storm, "Read-only file system"), 30, "a line in the log")
        assert daemon.get("/healthz").status_code == 200
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        drop_some(storm, 2)
        check(storm, make_daemon, tmp_path)
        assert len(lines(storm, "Read-only file system")) == 1


def test_an_inbox_that_is_deleted_and_made_again(
    storm: Storm, make_daemon: MakeDaemon, tmp_path: Path, wait_for: WaitFor
) -> None:
    daemon = storm.daemon.start()
    drop_some(storm, 1)
    wait_for(lambda: not verdict.files_in(daemon.path("inbox")), what="all files taken")
    shutil.rmtree(daemon.path("inbox"))
    wait_for(lambda: lines(storm, "inbox.absent"), 30, "a line in the log")
    daemon.path("inbox").mkdir()
    drop_some(storm, 2)
    check(storm, make_daemon, tmp_path)
    assert len(lines(storm, "inbox.absent")) == 1


def test_a_clock_that_jumps(storm: Storm, make_daemon: MakeDaemon, tmp_path: Path, wait_for: WaitFor) -> None:
    """A day ahead, then back to before: what waits for its next try does not wait for a day."""
    daemon = storm.daemon
    clock = tmp_path / "clock"
    daemon.env["HAZARD_CLOCK"] = str(clock)
    daemon.script.write_text('[[rule]]\nmatch = "unlucky"\ntimes = 2\nfail = "not now"\nretryable = true\n')
    daemon.start()
    drop_some(storm, 1)
    clock.write_text("86400")
    storm.drop("unlucky.txt", b"An unlucky sentence.")
    wait_for(lambda: lines(storm, "not now") and lines(storm, "clock.jumped"), 30, "a failed try")
    clock.write_text("-86400")
    drop_some(storm, 2)
    check(storm, make_daemon, tmp_path)
    assert all(receipt["queued_ms"] >= 0 for _, receipt in verdict.receipts(daemon).values())
    assert len(lines(storm, "clock.jumped")) == 2


def test_a_daemon_that_stands_still(storm: Storm, make_daemon: MakeDaemon, tmp_path: Path, wait_for: WaitFor) -> None:
    """As a laptop that sleeps: nothing that went on meanwhile, its worker among it, is taken for dead."""
    daemon = storm.daemon.start()
    drop_some(storm, 1)
    wait_for(lambda: daemon.status()["queue"]["succeeded"] >= 2, what="work under way")
    worker = daemon.worker_pid()
    assert daemon.process is not None
    process = psutil.Process(daemon.process.pid)
    process.suspend()
    drop_some(storm, 2)
    with contextlib.suppress(subprocess.TimeoutExpired):
        daemon.process.wait(3.0)
    process.resume()
    wait_for(lambda: lines(storm, "daemon.overslept"), 30, "a line in the log")
    assert daemon.worker_pid() == worker
    check(storm, make_daemon, tmp_path)
    assert len(lines(storm, "daemon.overslept")) == 1

"""The watcher over a real folder and the kernel's real events."""

import asyncio
import contextlib
import errno
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from ttsd.config import Spool
from ttsd.ingest import watcher
from ttsd.ingest.watcher import Watcher

SETTLE_S = 0.1
LATER_S = 3600.0
"""No rescan within a test, unless it asks for one: events alone must do."""


class Intake:
    """Takes what is handed over out of the inbox, as the daemon does, and remembers when."""

    def __init__(self, inbox: Path) -> None:
        self.inbox = inbox
        self.taken: list[str] = []
        self.contents: dict[str, bytes] = {}
        self.batches: list[int] = []
        self.leave = False

    async def accept(self, paths: Sequence[str]) -> None:
        self.batches.append(len(paths))
        for path in paths:
            self.taken.append(path)
            if self.leave:
                continue
            source = self.inbox / path
            if source.is_file() and not source.is_symlink():
                self.contents[path] = source.read_bytes()
            source.unlink()

    def has(self, *paths: str) -> bool:
        return set(paths) <= set(self.taken)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def intake(inbox: Path) -> Intake:
    return Intake(inbox)


@contextlib.asynccontextmanager
async def watching(intake: Intake, **settings) -> AsyncIterator[Watcher]:
    """A running watcher that has looked at the inbox once."""
    spool = Spool(**{"settle_s": SETTLE_S, "rescan_s": LATER_S, **settings})
    found = Watcher(intake.inbox, spool, intake.accept)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(found.run())
        await asyncio.to_thread(shutil.copyfile, __file__, intake.inbox / "ready")
        while not intake.has("ready"):
            await asyncio.sleep(0.01)
        intake.taken.clear()
        try:
            yield found
        finally:
            running.cancel()


async def shell(inbox: Path, script: str) -> None:
    process = await asyncio.create_subprocess_exec("sh", "-c", script, cwd=inbox)
    assert await process.wait() == 0


@pytest.mark.parametrize(
    ("script", "path"),
    [
        ("cp ../source.txt a.txt", "a.txt"),
        ("cp ../source.txt a.part && mv a.part a.txt", "a.txt"),
        ("cp ../source.txt .a.swp && mv .a.swp a.txt", "a.txt"),
        ("mv ../source.txt a.txt", "a.txt"),
        ("ln ../source.txt a.txt", "a.txt"),
        ("ln -s ../source.txt a.txt", "a.txt"),
        ("ln -s ../elsewhere folder", "folder"),
        ("mkfifo pipe", "pipe"),
        ("touch empty.txt", "empty.txt"),
        ("mkdir sub && cp ../source.txt sub/a.txt", "sub/a.txt"),
        ("mkdir -p one/two/three && cp ../source.txt one/two/three/a.txt", "one/two/three/a.txt"),
        ("mkdir one && mv one two && cp ../source.txt two/a.txt", "two/a.txt"),
        ("mv ../elsewhere moved", "moved/deep/b.txt"),
        ("cp -r ../elsewhere copied", "copied/deep/b.txt"),
        ("cp ../source.txt ./-n", "-n"),
        ("cp ../source.txt 'two\nlines.xyz'", "two\nlines.xyz"),
        ("cp ../source.txt 说明.txt", "说明.txt"),
    ],
)
async def test_what_is_dropped_is_handed_over_once(inbox, intake, until, script, path):
    (inbox.parent / "source.txt").write_text("Hello.")
    (inbox.parent / "elsewhere/deep").mkdir(parents=True)
    (inbox.parent / "elsewhere/deep/b.txt").write_text("Hello.")
    async with watching(intake):
        await shell(inbox, script)
        await until(lambda: intake.has(path))
    assert intake.taken == [path]


@pytest.mark.parametrize(
    "name", ["a.part", "a.tmp", ".hidden", "a.txt~", "a.swp", "a.crdownload", "a.error.txt", "a.bak"]
)
async def test_what_is_ignored_stays(inbox, intake, until, name):
    async with watching(intake, ignore=("*.bak",)):
        (inbox / name).write_text("Hello.")
        (inbox / ".cache").mkdir()
        (inbox / ".cache" / "a.txt").write_text("Hello.")
        (inbox / "last.txt").write_text("Hello.")
        await until(lambda: intake.has("last.txt"))
    assert intake.taken == ["last.txt"]


async def test_a_file_is_left_alone_while_its_writer_has_it_open(inbox, intake, until):
    async with watching(intake):
        with (inbox / "slow.txt").open("w") as file:
            for part in ("one ", "two ", "three"):
                file.write(part)
                file.flush()
                await shell(inbox, f"sleep {SETTLE_S * 2}; cp ../inbox/slow.txt ./{part.strip()}.txt")
                await until(lambda part=part: intake.has(f"{part.strip()}.txt"))
                assert not intake.has("slow.txt")
        closed = time.monotonic()
        await until(lambda: intake.has("slow.txt"))
    assert time.monotonic() - closed >= SETTLE_S
    assert intake.contents["slow.txt"] == b"one two three"


async def test_a_file_that_goes_on_changing_is_not_complete(inbox, intake, until):
    async with watching(intake):
        for _ in range(8):
            with (inbox / "log.txt").open("a") as file:
                file.write("more ")
            await asyncio.sleep(SETTLE_S / 3)
            assert not intake.taken
        await until(lambda: intake.has("log.txt"))
    assert intake.contents["log.txt"] == b"more " * 8


async def test_a_reader_does_not_hold_a_file_up(inbox, intake, until):
    (inbox.parent / "a.txt").write_text("Hello.")
    async with watching(intake):
        (inbox.parent / "a.txt").rename(inbox / "a.txt")
        with (inbox / "a.txt").open():
            await until(lambda: intake.has("a.txt"), timeout_s=2)


async def test_a_file_that_goes_before_it_settled_is_forgotten(inbox, intake, until):
    async with watching(intake):
        (inbox / "gone.txt").write_text("Hello.")
        (inbox / "gone.txt").unlink()
        (inbox / "away.txt").write_text("Hello.")
        (inbox / "away.txt").rename(inbox.parent / "away.txt")
        (inbox / "old.txt").write_text("Hello.")
        (inbox / "old.txt").rename(inbox / "new.txt")
        await until(lambda: intake.has("new.txt"))
    assert intake.taken == ["new.txt"]


async def test_the_same_name_again_is_handed_over_again(inbox, intake, until):
    async with watching(intake):
        for text in ("one", "two"):
            (inbox / "a.txt").write_text(text)
            await until(lambda text=text: intake.contents.get("a.txt") == text.encode())
    assert intake.taken == ["a.txt", "a.txt"]


async def test_no_file_is_late_because_of_one_that_was_claimed(inbox, intake, until):
    async with watching(intake, settle_s=0):
        (inbox / "first.txt").write_text("Hello.")
        await until(lambda: intake.has("first.txt"))
        start = time.monotonic()
        (inbox / "second.txt").write_text("Hello.")
        await until(lambda: intake.has("second.txt"), every_s=0.001)
    assert time.monotonic() - start < 0.3


async def test_two_thousand_files_at_once(inbox, intake, until):
    names = [f"{number:04}.txt" for number in range(2000)]
    async with watching(intake):
        start = time.monotonic()
        await asyncio.to_thread(lambda: [(inbox / name).write_text("Hello.") for name in names])
        await until(lambda: len(intake.taken) >= len(names), timeout_s=30)
        took = time.monotonic() - start
    assert sorted(intake.taken) == names
    assert len(intake.batches) < len(names) / 4
    assert took < 15


async def test_folders_and_files_made_in_a_race(inbox, intake, until):
    tree = [f"d{i}/e{j}/f{k}" for i in range(10) for j in range(5) for k in range(3)]
    script = "for p in {}; do mkdir -p $p && echo hi > $p/a.txt; done".format(" ".join(tree))
    async with watching(intake):
        await shell(inbox, script)
        await until(lambda: intake.has(*(f"{folder}/a.txt" for folder in tree)))
    assert len(intake.taken) == len(tree)


async def test_a_folder_moved_away_is_watched_no_more(inbox, intake, until):
    async with watching(intake):
        await shell(inbox, "mkdir -p a/b && mv a ../gone && mkdir a && echo hi > ../gone/b/x.txt && echo hi > a/y.txt")
        await until(lambda: intake.has("a/y.txt"))
    assert intake.taken == ["a/y.txt"]


async def test_what_lay_there_before_the_start_is_found(inbox, intake, until):
    (inbox / "sub").mkdir()
    (inbox / "sub/early.txt").write_text("Hello.")
    async with watching(intake):
        pass
    assert intake.contents["sub/early.txt"] == b"Hello."


async def test_an_inbox_deleted_and_made_again_is_watched_again(inbox, intake, until):
    async with watching(intake):
        await shell(inbox.parent, "rm -r inbox && mkdir inbox && echo hi > inbox/a.txt")
        await until(lambda: intake.has("a.txt"))
        await shell(inbox.parent, "mv inbox old && mkdir inbox && echo hi > inbox/b.txt")
        await until(lambda: intake.has("b.txt"))


async def test_an_inbox_moved_away_with_the_spool_is_missed_by_the_next_rescan(inbox, intake, until):
    spool = inbox.parent
    async with watching(intake, rescan_s=0.2):
        await shell(spool.parent, f"mv {spool.name} old && mkdir -p {spool.name}/inbox")
        (inbox / "a.txt").write_text("Hello.")
        await until(lambda: intake.has("a.txt"))


async def test_an_inbox_that_comes_back_late_is_watched_again(inbox, intake, until, monkeypatch):
    monkeypatch.setattr(watcher, "RETRY_S", 0.05)
    async with watching(intake):
        inbox.rmdir()
        await asyncio.sleep(0.2)
        inbox.write_text("now a file stands in its place")
        await asyncio.sleep(0.2)
        inbox.unlink()
        inbox.mkdir()
        (inbox / "a.txt").write_text("Hello.")
        await until(lambda: intake.has("a.txt"))


async def test_what_events_missed_is_found_after_an_overflow(inbox, intake, until, caplog):
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    async with watching(intake):
        # The loop does not read while this blocks it, so the kernel's queue overflows for real.
        for number in range(limit // 6 + 1):
            name = inbox / f"filler{number}.tmp"
            name.touch()
            name.rename(inbox / f"again{number}.tmp")
            (inbox / f"again{number}.tmp").unlink()
        (inbox / "lost.txt").write_text("Hello.")
        await until(lambda: intake.has("lost.txt"), timeout_s=20)
    assert intake.taken == ["lost.txt"]
    assert "inbox.lost_events" in caplog.messages


async def test_a_rescan_finds_what_was_left(inbox, intake, until):
    intake.leave = True
    async with watching(intake, rescan_s=0.3):
        (inbox / "again.txt").write_text("Hello.")
        await until(lambda: intake.taken.count("again.txt") >= 3)


async def test_a_name_that_is_no_utf8_is_handed_over(inbox, intake, until):
    async with watching(intake):
        (inbox / os.fsdecode(b"caf\xe9.txt")).write_text("Hello.")
        await until(lambda: intake.has("caf\udce9.txt"))


async def test_a_socket_is_handed_over(inbox, intake, until):
    async with watching(intake):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(inbox / "s"))
            await until(lambda: intake.has("s"))


async def test_polling_finds_files_too(inbox, intake, until, monkeypatch):
    monkeypatch.setattr(watcher, "POLL_S", 0.05)
    (inbox.parent / "outside").mkdir()
    (inbox.parent / "outside/c.txt").write_text("Hello.")
    async with watching(intake, polling=True):
        (inbox / "sub").mkdir()
        (inbox / "sub/a.txt").write_text("Hello.")
        (inbox / "link").symlink_to("../outside")
        for _ in range(8):
            with (inbox / "grows.txt").open("a") as file:
                file.write("more ")
            await asyncio.sleep(SETTLE_S / 3)
        await until(lambda: intake.has("sub/a.txt", "grows.txt", "link"))
    assert intake.contents["grows.txt"] == b"more " * 8
    assert sorted(intake.taken) == ["grows.txt", "link", "sub/a.txt"]


async def test_without_inotify_it_polls(inbox, intake, until, monkeypatch, caplog):
    """The limit is the user's, not the process's: reaching it for real would disturb whatever else runs here."""

    def refused(_root: Path):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(watcher, "POLL_S", 0.05)
    monkeypatch.setattr(watcher, "Inotify", refused)
    async with watching(intake):
        (inbox / "a.txt").write_text("Hello.")
        await until(lambda: intake.has("a.txt"))
    assert "inbox.polling" in caplog.messages


IDLE = """
import asyncio, sys, time
from pathlib import Path
from ttsd.config import Spool
from ttsd.ingest.watcher import Watcher

async def accept(paths): ...

async def main():
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Watcher(Path(sys.argv[1]), Spool(polling=sys.argv[2] == "poll"), accept).run())
        await asyncio.sleep(1)
        start = time.process_time()
        await asyncio.sleep(4)
        print((time.process_time() - start) / 4)
        task.cancel()

asyncio.run(main())
"""


@pytest.mark.parametrize(("how", "most"), [("events", 0.001), ("poll", 0.005)])
def test_idle_costs_nothing(inbox, how, most):
    ran = subprocess.run([sys.executable, "-c", IDLE, inbox, how], capture_output=True, text=True, check=True)
    assert float(ran.stdout) < most

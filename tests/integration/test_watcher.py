"""The watcher over a real folder and the kernel's real events."""

import asyncio
import os
import socket
import subprocess
import sys
import time

import pytest

from tests.inboxes import SETTLE_S, shell, watching
from ttsd.ingest import watcher
from ttsd.storage.placing import remove_tree


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


async def test_ten_thousand_files_at_once(inbox, intake, until):
    names = [f"{number:05}.txt" for number in range(10_000)]
    async with watching(intake):
        start = time.monotonic()
        await asyncio.to_thread(lambda: [(inbox / name).write_text("Hello.") for name in names])
        await until(lambda: len(intake.taken) >= len(names), timeout_s=60)
        took = time.monotonic() - start
    assert sorted(intake.taken) == names
    assert len(intake.batches) < len(names) / 4
    assert took < 45


async def test_folders_and_files_made_in_a_race(inbox, intake, until):
    tree = [f"d{i}/e{j}/f{k}" for i in range(10) for j in range(5) for k in range(3)]
    script = "for p in {}; do mkdir -p $p && echo hi > $p/a.txt; done".format(" ".join(tree))
    async with watching(intake):
        await shell(inbox, script)
        await until(lambda: intake.has(*(f"{folder}/a.txt" for folder in tree)))
    assert len(intake.taken) == len(tree)


async def test_a_thousand_folders_moved_in(inbox, intake, until):
    paths = [f"tree/{i // 100}/{i}/a.txt" for i in range(1000)]
    for path in paths:
        (inbox.parent / path).parent.mkdir(parents=True)
        (inbox.parent / path).write_text("Hello.")
    async with watching(intake):
        (inbox.parent / "tree").rename(inbox / "tree")
        await until(lambda: len(intake.taken) >= len(paths), timeout_s=30)
        await shell(inbox, "for n in 0 500 999; do echo hi > tree/$((n / 100))/$n/b.txt; done")
        await until(lambda: len(intake.taken) >= len(paths) + 3)
    assert sorted(intake.taken) == sorted([*paths, "tree/0/0/b.txt", "tree/5/500/b.txt", "tree/9/999/b.txt"])


async def test_folders_deeper_than_python_recurs(inbox, intake, until):
    path = "/".join(["d"] * (sys.getrecursionlimit() + 50))
    async with watching(intake):
        await shell(inbox, f"mkdir -p {path} && echo hi > {path}/a.txt")
        await until(lambda: intake.has(f"{path}/a.txt"), timeout_s=30)
        await shell(inbox, f"echo hi > {path}/b.txt")
        await until(lambda: intake.has(f"{path}/b.txt"))
    assert len(intake.taken) == 2
    remove_tree(inbox)  # which pytest cannot


async def test_the_longest_names(inbox, intake, until):
    names = ["x" * 251 + ".txt", "語" * 85, os.fsdecode(b"\xe9" * 255), "y" * 100 + "\n" * 100]
    async with watching(intake):
        for name in names:
            (inbox / name).write_text("Hello.")
        await until(lambda: intake.has(*names))
    assert sorted(intake.taken) == sorted(names)


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


async def test_what_is_left_is_handed_over_no_more_often_for_polling(inbox, intake, until, monkeypatch):
    monkeypatch.setattr(watcher, "POLL_S", 0.02)
    intake.leave = True
    async with watching(intake, polling=True, rescan_s=0.5):
        start = time.monotonic()
        (inbox / "again.txt").write_text("Hello.")
        await until(lambda: intake.taken.count("again.txt") >= 4)
        assert time.monotonic() - start >= 2 * 0.5


@pytest.mark.parametrize("polling", [False, True])
async def test_a_file_that_comes_back_as_it_was_is_handed_over_again(inbox, intake, until, monkeypatch, polling):
    monkeypatch.setattr(watcher, "POLL_S", 0.05)
    intake.leave = True
    async with watching(intake, polling=polling):
        (inbox / "a.txt").write_text("Hello.")
        await until(lambda: intake.has("a.txt"))
        (inbox / "a.txt").rename(inbox.parent / "a.txt")  # as a claim does
        (inbox / "b.txt").write_text("Hello.")
        await until(lambda: intake.has("b.txt"))
        (inbox.parent / "a.txt").rename(inbox / "a.txt")  # as one who tries a failed file again
        await until(lambda: intake.taken.count("a.txt") == 2)


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


IDLE = """
import asyncio, sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from ttsd.config import Spool
from ttsd.ingest.watcher import Watcher

async def accept(paths): ...

async def main():
    async with asyncio.TaskGroup() as group:
        task = group.create_task(Watcher(Path(sys.argv[1]), Spool(polling=sys.argv[2] == "poll"), accept).run())
        await asyncio.sleep(1)
        start = getrusage(RUSAGE_SELF).ru_nvcsw
        await asyncio.sleep(4)
        print((getrusage(RUSAGE_SELF).ru_nvcsw - start) / 4)
        task.cancel()

asyncio.run(main())
"""


@pytest.mark.parametrize(("how", "most"), [("events", 2), ("poll", 12)])
def test_idle_costs_next_to_nothing(inbox, how, most):
    """Counted in times per second that it wakes up: CPU time depends on who else is on the machine."""
    ran = subprocess.run([sys.executable, "-c", IDLE, inbox, how], capture_output=True, text=True, check=True)
    assert float(ran.stdout) < most

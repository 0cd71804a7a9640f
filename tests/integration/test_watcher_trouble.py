"""The watcher when the kernel, or somebody, takes its inbox away: files are handed over once all the same."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.inboxes import shell, watching
from tests.mounts import mounted, nobody, open_to_all, unmount
from tests.needs import needs_root
from ttsd.ingest import mounts, watcher
from ttsd.ingest.mounts import kind_of


@pytest.fixture(autouse=True)
def _everything_is_told(caplog):
    caplog.set_level("INFO", "ttsd")


def told(caplog) -> list[str]:
    """The events of the log about inboxes."""
    return [message for message in caplog.messages if message.startswith("inbox.")]


# --- another inbox ---------------------------------------------------------------------------------

CHANGES = {
    "deleted and made again": "rm -r inbox && mkdir inbox",
    "moved away and made again": "mv inbox old && mkdir inbox",
    "replaced by another": "mkdir new && echo hi > new/early.txt && mv inbox old && mv new inbox",
    "now a link to elsewhere": "mkdir elsewhere && mv inbox old && ln -s elsewhere inbox",
    "moved away with its spool": "mkdir ../spool2 && mv ../{spool} ../old && mkdir -p ../{spool}/inbox",
    "a file in its place for a while": "rm -r inbox && echo hi > inbox && rm inbox && mkdir inbox",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_another_inbox_is_watched_within_seconds(inbox, intake, until, change):
    async with watching(intake):
        await shell(inbox.parent, change.format(spool=inbox.parent.name))
        await shell(
            inbox.parent.parent, f"mkdir -p {inbox}/sub && echo hi > {inbox}/a.txt && echo hi > {inbox}/sub/b.txt"
        )
        await until(lambda: intake.has("a.txt", "sub/b.txt"), timeout_s=5)
        (inbox / "c.txt").write_text("Hello.")
        (inbox / "sub/d.txt").write_text("Hello.")
        await until(lambda: intake.has("c.txt", "sub/d.txt"), timeout_s=5)
    expected = ["a.txt", "c.txt", "sub/b.txt", "sub/d.txt"]
    assert sorted(set(intake.taken) - {"early.txt"}) == expected
    assert len(intake.taken) == len(set(intake.taken))
    assert intake.has("early.txt") is ("early.txt" in change)


async def test_the_link_to_an_inbox_may_lead_elsewhere(inbox, intake, until):
    (inbox.parent / "one").mkdir()
    (inbox.parent / "two").mkdir()
    (inbox.parent / "two/waiting.txt").write_text("Hello.")
    inbox.rmdir()
    inbox.symlink_to("one")
    async with watching(intake):
        await shell(inbox.parent, "ln -s two new && mv -T new inbox")
        await until(lambda: intake.has("waiting.txt"), timeout_s=5)


async def test_an_absent_inbox_is_told_of_once_and_when_it_is_back(inbox, intake, until, caplog, monkeypatch):
    monkeypatch.setattr(watcher, "RETRY_S", 0.05)
    async with watching(intake):
        inbox.rmdir()
        await until(lambda: "inbox.absent" in told(caplog))
        inbox.mkdir()
        (inbox / "a.txt").write_text("Hello.")
        await until(lambda: intake.has("a.txt"))
        await until(lambda: "inbox.caught_up" in told(caplog))
    assert told(caplog) == ["inbox.lost_events", "inbox.absent", "inbox.back", "inbox.caught_up"]
    (absent,) = [record for record in caplog.records if record.getMessage() == "inbox.absent"]
    assert absent.fields == {"path": str(inbox), "reason": "No such file or directory", "remedy": "put it back"}


# --- overflow --------------------------------------------------------------------------------------


async def test_what_events_missed_is_found_after_an_overflow(inbox, intake, until, caplog):
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    async with watching(intake):
        with (inbox / "open.txt").open("w") as writer:
            writer.write("whose closing is lost")
            # The loop does not read while this blocks it, so the kernel's queue overflows for real.
            for number in range(limit // 6 + 1):
                name = inbox / f"filler{number}.tmp"
                name.touch()
                name.rename(inbox / f"again{number}.tmp")
                (inbox / f"again{number}.tmp").unlink()
        (inbox / "lost.txt").write_text("Hello.")
        (inbox / "new").mkdir()
        (inbox / "new/lost.txt").write_text("Hello.")
        await until(lambda: intake.has("lost.txt", "open.txt", "new/lost.txt"), timeout_s=20)
        (inbox / "new/after.txt").write_text("Hello.")
        await until(lambda: intake.has("new/after.txt"), timeout_s=5)
        await until(lambda: "inbox.caught_up" in told(caplog))
    assert sorted(intake.taken) == ["lost.txt", "new/after.txt", "new/lost.txt", "open.txt"]
    assert told(caplog) == ["inbox.lost_events", "inbox.caught_up"]


# --- limits ----------------------------------------------------------------------------------------

LIMITED = """
import asyncio, logging, sys, time
from pathlib import Path
from ttsd.config import Spool
from ttsd.ingest.watcher import Watcher

inbox, limit = Path(sys.argv[1]), Path("/proc/sys/user", sys.argv[2])
told, taken = [], []

class Ear(logging.Handler):
    def emit(self, record):
        told.append((record.getMessage(), record.fields))

async def accept(paths):
    for path in paths:
        taken.append(path)
        (inbox / path).unlink()

async def until(condition, what):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, (what, told, taken)
        await asyncio.sleep(0.02)

def drop(name):
    paths = [f"{folder}{name}" for folder in ("", *(f"sub{n}/" for n in range(5)), "sub0/deep/")]
    for path in paths:
        (inbox / path).write_text("Hello.")
    return paths

async def main():
    logging.getLogger("ttsd").addHandler(Ear())
    logging.getLogger("ttsd").setLevel("INFO")
    for number in range(5):
        (inbox / f"sub{number}/deep").mkdir(parents=True)
    first = drop("first.txt")
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(Watcher(inbox, Spool(settle_s=0.1, rescan_s=3600), accept).run())
        await until(lambda: set(first) <= set(taken), "what lay there")
        await until(lambda: told, "told of")
        second = drop("second.txt")
        await until(lambda: set(second) <= set(taken), "dropped under polling")
        (event, fields), = told
        assert event == "inbox.polling", told
        assert sys.argv[3] in fields["remedy"], fields
        limit.write_text("1000")
        await until(lambda: told[1:], "told that it is over")
        assert told[1][0] == "inbox.watching", told
        third = drop("third.txt")
        await until(lambda: set(third) <= set(taken), "dropped under inotify")
        assert len(taken) == len(set(taken)) == 21, taken
        assert len(told) == 2, told
        watching.cancel()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("limit", "value", "key"),
    [
        ("max_inotify_watches", 4, "sysctl -w fs.inotify.max_user_watches="),
        ("max_inotify_watches", 0, "sysctl -w fs.inotify.max_user_watches="),
        ("max_inotify_instances", 0, "sysctl -w fs.inotify.max_user_instances="),
    ],
)
def test_at_a_limit_of_the_kernel_it_polls_what_it_cannot_watch_until_there_is_room(inbox, limit, value, key):
    """In a user namespace, whose limits are its own: nothing else on the machine is disturbed."""
    (inbox.parent / "limited.py").write_text(textwrap.dedent(LIMITED))
    script = f'echo {value} > /proc/sys/user/{limit} && exec "$@"'
    program = [sys.executable, inbox.parent / "limited.py", inbox, limit, key]
    ran = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", *program],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert ran.returncode == 0, ran.stderr


# --- permissions -----------------------------------------------------------------------------------


@pytest.fixture
def reachable(inbox):
    """The inbox belongs to nobody, who may get there."""
    open_to_all(inbox)
    os.chown(inbox, 65534, 65534)


def as_root(action):
    os.seteuid(0)
    try:
        action()
    finally:
        os.seteuid(65534)


@needs_root
@pytest.mark.usefixtures("reachable")
async def test_an_inbox_that_cannot_be_read_for_a_while(inbox, intake, until, caplog):
    with nobody():
        async with watching(intake):
            inbox.chmod(0)
            await until(lambda: "inbox.absent" in told(caplog), timeout_s=5)
            as_root(lambda: (inbox / "a.txt").write_text("Hello."))
            inbox.chmod(0o755)
            await until(lambda: intake.has("a.txt"), timeout_s=5)
            (inbox / "b.txt").write_text("Hello.")
            await until(lambda: intake.has("b.txt"), timeout_s=5)
    assert intake.taken == ["a.txt", "b.txt"]
    (absent,) = [record for record in caplog.records if record.getMessage() == "inbox.absent"]
    assert absent.fields["remedy"] == "give the daemon's user access to it"
    assert told(caplog).count("inbox.back") == 1


@needs_root
@pytest.mark.usefixtures("reachable")
async def test_a_folder_that_cannot_be_read_for_a_while(inbox, intake, until, caplog):
    (inbox / "sub").mkdir(mode=0o700)
    (inbox / "sub/a.txt").write_text("Hello.")
    with nobody():
        async with watching(intake):
            await until(lambda: "inbox.unreadable" in told(caplog), timeout_s=5)
            assert intake.taken == []
            as_root(lambda: (inbox / "sub").chmod(0o777))
            await until(lambda: intake.has("sub/a.txt"), timeout_s=5)
            await until(lambda: "inbox.readable" in told(caplog), timeout_s=5)
            as_root(lambda: (inbox / "sub/b.txt").write_text("Hello."))
            await until(lambda: intake.has("sub/b.txt"), timeout_s=5)
    assert told(caplog) == ["inbox.unreadable", "inbox.readable"]


@needs_root
@pytest.mark.usefixtures("reachable")
async def test_a_file_is_not_forgotten_because_it_cannot_be_looked_at(inbox, intake, until):
    (inbox / "sub").mkdir()
    (inbox / "sub").chmod(0o777)
    with nobody():
        async with watching(intake):
            (inbox / "sub/a.txt").write_text("Hello.")
            as_root(lambda: (inbox / "sub").chmod(0o700))
            (inbox / "b.txt").write_text("Hello.")
            await until(lambda: intake.has("b.txt"))
            as_root(lambda: (inbox / "sub").chmod(0o777))
            await until(lambda: intake.has("sub/a.txt"), timeout_s=5)
    assert intake.taken == ["b.txt", "sub/a.txt"]


# --- mounts ----------------------------------------------------------------------------------------


@needs_root
async def test_a_mount_that_comes_and_goes_and_comes(inbox, intake, until):
    async with watching(intake):
        for turn in range(2):
            with mounted(inbox):
                (inbox / "sub").mkdir()
                (inbox / f"sub/mounted{turn}.txt").write_text("Hello.")
                await until(lambda turn=turn: intake.has(f"sub/mounted{turn}.txt"), timeout_s=5)
                (inbox / f"sub/more{turn}.txt").write_text("Hello.")
                await until(lambda turn=turn: intake.has(f"sub/more{turn}.txt"), timeout_s=5)
            (inbox / f"below{turn}.txt").write_text("Hello.")
            await until(lambda turn=turn: intake.has(f"below{turn}.txt"), timeout_s=5)
    assert len(intake.taken) == 6


@needs_root
async def test_a_share_that_hangs_open_when_it_goes(inbox, intake, until):
    """Unmounted while a file on it is open: the kernel tells nothing, as the file system lives on."""
    with mounted(inbox):
        async with watching(intake):
            with (inbox / "open.part").open("w"):
                unmount(inbox)
                (inbox / "below.txt").write_text("Hello.")
                await until(lambda: intake.has("below.txt"), timeout_s=5)


@needs_root
async def test_a_network_mount_is_polled_for_as_long_as_it_is_there(inbox, intake, until, caplog, monkeypatch):
    """A tmpfs stands for a share: none can be mounted without a server."""
    monkeypatch.setattr(mounts, "NETWORK", frozenset({"tmpfs"}))
    monkeypatch.setattr(watcher, "POLL_S", 0.05)
    async with watching(intake):
        with mounted(inbox):
            await until(lambda: "inbox.polling" in told(caplog), timeout_s=5)
            (inbox / "sub").mkdir()
            (inbox / "sub/a.txt").write_text("Hello.")
            await until(lambda: intake.has("sub/a.txt"))
            assert told(caplog) == ["inbox.lost_events", "inbox.polling", "inbox.caught_up"]
        await until(lambda: "inbox.watching" in told(caplog), timeout_s=5)
        (inbox / "b.txt").write_text("Hello.")
        await until(lambda: intake.has("b.txt"))
    assert intake.taken == ["sub/a.txt", "b.txt"]
    (polling,) = [record for record in caplog.records if record.getMessage() == "inbox.polling"]
    assert polling.fields["reason"] == "it lies on tmpfs: of what others change there the kernel tells nothing"


MOUNTS = """\
22 28 0:21 / /proc rw,nosuid shared:12 - proc proc rw
28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
40 28 0:50 / /srv/share rw shared:1 master:2 - nfs4 server:/export rw
41 28 0:51 / /srv/win rw - cifs //server/share rw
42 28 0:52 / /srv/ssh rw - fuse.sshfs me@server: rw
43 28 0:53 / /srv/ntfs rw - fuseblk /dev/sdb1 rw
44 28 0:54 / /srv/overlay rw - fuse.fuse-overlayfs fuse-overlayfs rw
45 28 0:55 / /srv/host rw - 9p share rw
"""


@pytest.mark.parametrize(
    ("minor", "kind"),
    [(50, "nfs4"), (51, "cifs"), (52, "fuse.sshfs"), (53, None), (54, None), (55, "9p"), (21, None), (99, None)],
)
def test_kinds_of_file_systems(minor, kind):
    assert kind_of(os.makedev(0, minor), MOUNTS) == kind
    assert kind_of(os.makedev(254, 1), MOUNTS) is None


def test_this_machines_mounts_can_be_read(inbox):
    assert mounts.network_kind(inbox) is None

"""The inbox under watch: every complete file is handed over, whatever events are lost on the way."""

import asyncio
import contextlib
import errno
import os
import stat
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Final

from ttsd.config import Spool
from ttsd.ingest import inotify
from ttsd.ingest.conditions import Condition, Conditions
from ttsd.ingest.hand import Accept, Hand
from ttsd.ingest.inotify import LIMITS, Inotify, Notice
from ttsd.ingest.mounts import network_kind
from ttsd.ingest.stability import BLIND, Ignored, Kind, Seen, Stability
from ttsd.ingest.walk import walk

POLL_S: Final = 1.0
"""How often the inbox, or a folder of it, is walked where there are no events."""
RETRY_S: Final = 1.0
"""How soon to look again for an inbox that is not there, and whether it is still the same one."""
ACCESS: Final = "give the daemon's user access to it"
REST: Final = 9
"""Rounds of polling are so much longer than their walks, however large the inbox: a tenth of one core at most."""
GROUP_S: Final = 0.005
"""Deadlines so near to each other are met together."""

_KINDS: Final = (
    (inotify.IN_CREATE, Kind.CREATED),
    (inotify.IN_MOVED_TO, Kind.MOVED_IN),
    (inotify.IN_CLOSE_WRITE, Kind.CLOSED),
    (inotify.IN_OPEN, Kind.OPENED),
    (inotify.IN_CLOSE_NOWRITE, Kind.CLOSED_UNWRITTEN),
    (inotify.IN_MOVED_FROM | inotify.IN_DELETE, Kind.GONE),
)
_LOOKED_AT: Final = frozenset({Kind.OPENED, Kind.CLOSED_UNWRITTEN, None})
_GONE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


class Watcher:
    """Hands every complete file below `inbox` to `accept`, as paths relative to it, many at once.

    Whatever is no folder and not ignored is handed over, symlinks and pipes too: refusing them, with a reason,
    is the receiver's part. What `accept` leaves in place is handed over again after the next rescan. The inbox may
    be a symlink; which folder it leads to is looked at each second. No symlink in it is followed.
    """

    def __init__(self, inbox: Path, settings: Spool, accept: Accept) -> None:
        self._inbox = inbox
        self._rescan_s = settings.rescan_s
        self._polling = settings.polling
        self._ignored = Ignored(settings.ignore)
        self._stability = Stability(settings.settle_s)
        self._conditions = Conditions(inbox)
        self._hand = Hand(accept)
        self._wake = asyncio.Event()
        self._hand_again_at = 0.0

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hand.run())
            group.create_task(self._watch_always())

    async def _watch_always(self) -> None:
        while True:
            try:
                await self._watch()
            except OSError as error:
                remedy = ACCESS if error.errno == errno.EACCES else "put it back"
                self._conditions.begin(Condition.ABSENT, os.strerror(error.errno or 0), remedy)
                await asyncio.sleep(RETRY_S)

    async def _watch(self) -> None:
        """Watch for as long as one way of doing so will do. Raises OSError when the inbox is not there."""
        network = None if self._polling else await asyncio.to_thread(network_kind, self._inbox)
        if network is not None:
            reason = f"it lies on {network}: of what others change there the kernel tells nothing"
            self._conditions.begin(Condition.POLLING, reason)
        if network is not None or self._polling:
            await self._poll()
            return
        try:
            with Inotify(self._inbox) as events:
                await self._follow(events)
        except OSError as error:
            if error.errno not in LIMITS:
                raise
            self._begin_polling(error.errno)
            await self._poll()

    def _begin_polling(self, error: int) -> None:
        self._conditions.begin(Condition.POLLING, f"inotify: {os.strerror(error)}", inotify.remedy(error))

    async def _poll(self) -> None:
        """One round without events: a walk, and looks at what it found. Raises OSError when there is no inbox."""
        now = asyncio.get_running_loop().time
        start = now()
        await self._scan_all(_nothing)
        self._conditions.end(Condition.LOST_EVENTS)
        next_scan = now() + max(min(self._rescan_s, POLL_S), REST * (now() - start))
        while now() < next_scan:
            await self._sleep_until(next_scan)
            await self._look()

    async def _follow(self, events: Inotify) -> None:
        """With events, until they are not to be trusted any more. Raises OSError when there can be none."""
        now = asyncio.get_running_loop().time
        start = next_scan = next_check = now()
        self._stability.distrust(start)
        identity = await asyncio.to_thread(_identity, self._inbox)
        lost = None
        while lost is None:
            if now() >= next_scan:
                await self._scan_all(events.watch)
                next_scan = now() + self._rescan_s
            if now() >= next_check:
                if _identity(self._inbox) != identity:  # on a local disk: a thread for it would cost more
                    lost = "another folder has taken its place"
                    break
                if now() >= start + RETRY_S:
                    self._conditions.end(Condition.LOST_EVENTS)
                next_check = now() + await self._scan_unwatched(events)
            await self._look()
            with _waking(events, self._wake):
                await self._sleep_until(min(next_scan, next_check))
            lost = await self._take_in(events)
        self._conditions.begin(Condition.LOST_EVENTS, lost, "none is needed: it is walked from the beginning")

    async def _scan_unwatched(self, events: Inotify) -> float:
        """Walk the folders of which there are no events, and try to watch them; for how long that will do."""
        now = asyncio.get_running_loop().time
        start, top = now(), None
        for folder in sorted(events.unwatched, key=lambda path: path.split("/")):
            if top is None or not folder.startswith(f"{top}/"):
                top = folder
                await self._scan(folder, events.watch)
        limit = next((error for error in events.unwatched.values() if error in LIMITS), None)
        if limit is None:
            self._conditions.end(Condition.POLLING)
        else:
            self._begin_polling(limit)
        hidden = next((folder for folder, error in events.unwatched.items() if error not in LIMITS), None)
        if hidden is None:
            self._conditions.end(Condition.UNREADABLE)
        else:
            self._conditions.begin(Condition.UNREADABLE, f"{hidden}: permission denied", ACCESS)
        return max(RETRY_S, REST * (now() - start))

    async def _sleep_until(self, next_scan: float) -> None:
        """Until then, or the next deadline, or an event."""
        deadline = self._stability.next_deadline()
        soon = asyncio.get_running_loop().time() + GROUP_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(max(next_scan if deadline is None else min(deadline, next_scan), soon)):
                await self._wake.wait()
        self._wake.clear()

    async def _take_in(self, events: Inotify) -> str | None:
        """Take in what the kernel tells; when it has lost track, how."""
        now = asyncio.get_running_loop().time()
        for notice in events.read():
            if notice.lost:
                return _how_lost(notice.mask)
            if notice.mask & inotify.IN_ISDIR:
                await self._take_in_folder(notice, events)
            elif not self._ignored(notice.path):
                kind = next((kind for bits, kind in _KINDS if notice.mask & bits), None)
                if kind is not None:
                    self._stability.note(notice.path, kind, now)
                if kind not in _LOOKED_AT:
                    self._hand.changed(notice.path)
        return None

    async def _take_in_folder(self, notice: Notice, events: Inotify) -> None:
        if notice.mask & inotify.IN_MOVED_FROM:
            events.forget(notice.path)
        elif notice.mask & (inotify.IN_CREATE | inotify.IN_MOVED_TO) and not self._ignored(f"{notice.path}/name"):
            await self._scan(notice.path, events.watch)

    async def _scan_all(self, enter: Callable[[str], None]) -> None:
        """Walk the whole inbox; raises OSError when that cannot be done."""
        now = asyncio.get_running_loop().time()
        if now >= self._hand_again_at:
            self._hand.again()
            self._hand_again_at = now + self._rescan_s
        self._hand.only(await self._scan("", enter))
        self._conditions.end(Condition.ABSENT)

    async def _scan(self, folder: str, enter: Callable[[str], None]) -> list[str]:
        """Walk what lies there now."""
        paths = await asyncio.to_thread(walk, self._inbox, folder, enter)
        now = asyncio.get_running_loop().time()
        for path in paths:
            if not self._ignored(path) and path not in self._hand:
                self._stability.note(path, Kind.FOUND, now)
        return paths

    async def _look(self) -> None:
        """Look at the files whose time has come, and hand over the complete ones."""
        now = asyncio.get_running_loop().time()
        due = self._stability.due(now)
        if due:
            for path, seen in await asyncio.to_thread(_look_at, self._inbox, due):
                if self._stability.check(path, seen, now) and seen is not None:
                    self._hand.add(path, seen)


@contextlib.contextmanager
def _waking(events: Inotify, wake: asyncio.Event) -> Generator[None, None, None]:
    """While the block runs, the first event sets `wake`."""
    loop = asyncio.get_running_loop()

    def on_event() -> None:
        # Reading waits for its turn; until then the descriptor would stay readable and keep the loop busy.
        loop.remove_reader(events.fileno())
        wake.set()

    loop.add_reader(events.fileno(), on_event)
    try:
        yield
    finally:
        loop.remove_reader(events.fileno())


def _look_at(inbox: Path, paths: Sequence[str]) -> list[tuple[str, Seen | None]]:
    return [(path, _seen(inbox / path)) for path in paths]


def _seen(path: Path) -> Seen | None:
    try:
        found = path.lstat()
    except OSError as error:
        return None if error.errno in _GONE else BLIND
    return None if stat.S_ISDIR(found.st_mode) else Seen(found.st_size, found.st_mtime_ns, found.st_ino)


def _identity(folder: Path) -> tuple[int, int]:
    """Of the folder that is there now. Raises OSError when there is none, or it cannot be read."""
    found = folder.stat()
    if not os.access(folder, os.R_OK | os.X_OK, effective_ids=True):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return found.st_dev, found.st_ino


def _how_lost(mask: int) -> str:
    if mask & inotify.IN_Q_OVERFLOW:
        return "more happened at once than fs.inotify.max_queued_events allows to tell"
    return "it, or a folder in it, was unmounted" if mask & inotify.IN_UNMOUNT else "it was moved or deleted"


def _nothing(_folder: str) -> None:
    """Polling enters a folder without a watch."""

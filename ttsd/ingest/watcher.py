"""The inbox under watch: every complete file is handed over, whatever events are lost on the way."""

import asyncio
import contextlib
import itertools
import stat
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import Final

from ttsd.config import Spool
from ttsd.ingest import inotify
from ttsd.ingest.inotify import Inotify, Notice
from ttsd.ingest.stability import Ignored, Kind, Seen, Stability
from ttsd.ingest.walk import walk
from ttsd.log import get_logger

POLL_S: Final = 1.0
"""How often the inbox is walked where there are no events."""
RETRY_S: Final = 1.0
"""How soon to look again for an inbox that is not there."""
GROUP_S: Final = 0.005
"""Deadlines so near to each other are met together."""
BATCH: Final = 500
"""Most files handed over at once."""

_KINDS: Final = (
    (inotify.IN_CREATE, Kind.CREATED),
    (inotify.IN_MOVED_TO, Kind.MOVED_IN),
    (inotify.IN_CLOSE_WRITE, Kind.CLOSED),
    (inotify.IN_OPEN, Kind.OPENED),
    (inotify.IN_CLOSE_NOWRITE, Kind.CLOSED_UNWRITTEN),
    (inotify.IN_MOVED_FROM | inotify.IN_DELETE, Kind.GONE),
)
_ABSENT: Final = (FileNotFoundError, NotADirectoryError, PermissionError)

log = get_logger(__name__)
Accept = Callable[[Sequence[str]], Awaitable[None]]


class Watcher:
    """Hands every complete file below `inbox` to `accept`, as paths relative to it, many at once.

    Whatever is no folder and not ignored is handed over, symlinks and pipes too: refusing them, with a reason,
    is the receiver's part. What `accept` leaves in place is handed over again after the next rescan.
    """

    def __init__(self, inbox: Path, settings: Spool, accept: Accept) -> None:
        self._inbox = inbox
        self._rescan_s = settings.rescan_s
        self._polling = settings.polling
        self._ignored = Ignored(settings.ignore)
        self._stability = Stability(settings.settle_s)
        self._hand = _Hand(accept)
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hand.run())
            group.create_task(self._watch_always())

    async def _watch_always(self) -> None:
        absent = False
        while True:
            try:
                await (self._poll() if self._polling else self._follow())
                absent = False
            except _ABSENT as error:
                if not absent:
                    log.warning("inbox.absent", path=str(self._inbox), reason=error.strerror, remedy="create it again")
                absent = True
                await asyncio.sleep(RETRY_S)
            except OSError as error:
                log.warning("inbox.polling", reason=f"inotify: {error.strerror}", every_s=POLL_S)
                self._polling = True

    async def _poll(self) -> None:
        """Without events: walk often. Raises OSError when the inbox is not there."""
        now = asyncio.get_running_loop().time
        while True:
            await self._scan("", _nothing)
            next_scan = now() + min(self._rescan_s, POLL_S)
            while now() < next_scan:
                await self._sleep_until(next_scan)
                await self._look()

    async def _follow(self) -> None:
        """With events, until they are not to be trusted any more. Raises OSError when there can be none."""
        now = asyncio.get_running_loop().time
        with Inotify(self._inbox) as events:
            self._stability.distrust(now())
            identity = await asyncio.to_thread(_identity, self._inbox)
            next_scan = now()
            while True:
                if now() >= next_scan:
                    if await asyncio.to_thread(_identity, self._inbox) != identity:
                        break
                    await self._scan("", events.watch)
                    next_scan = now() + self._rescan_s
                await self._look()
                with _waking(events, self._wake):
                    await self._sleep_until(next_scan)
                if not await self._take_in(events):
                    break
        log.warning("inbox.lost_events", path=str(self._inbox), remedy="it is walked again from the beginning")

    async def _sleep_until(self, next_scan: float) -> None:
        """Until then, or the next deadline, or an event."""
        deadline = self._stability.next_deadline()
        soon = asyncio.get_running_loop().time() + GROUP_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(max(next_scan if deadline is None else min(deadline, next_scan), soon)):
                await self._wake.wait()
        self._wake.clear()

    async def _take_in(self, events: Inotify) -> bool:
        """Take in what the kernel tells; false when it has lost track."""
        now = asyncio.get_running_loop().time()
        for notice in events.read():
            if notice.lost:
                return False
            if notice.mask & inotify.IN_ISDIR:
                await self._take_in_folder(notice, events)
            elif not self._ignored(notice.path):
                kind = next((kind for bits, kind in _KINDS if notice.mask & bits), None)
                if kind is not None:
                    self._stability.note(notice.path, kind, now)
        return True

    async def _take_in_folder(self, notice: Notice, events: Inotify) -> None:
        if notice.mask & inotify.IN_MOVED_FROM:
            events.forget(notice.path)
        elif notice.mask & (inotify.IN_CREATE | inotify.IN_MOVED_TO) and not self._ignored(f"{notice.path}/name"):
            await self._scan(notice.path, events.watch)

    async def _scan(self, folder: str, enter: Callable[[str], None]) -> None:
        """Walk what lies there now; raises OSError when the inbox itself cannot be walked."""
        paths = await asyncio.to_thread(walk, self._inbox, folder, enter)
        now = asyncio.get_running_loop().time()
        for path in paths:
            if not self._ignored(path) and path not in self._hand:
                self._stability.note(path, Kind.FOUND, now)

    async def _look(self) -> None:
        """Look at the files whose time has come, and hand over the complete ones."""
        now = asyncio.get_running_loop().time()
        due = self._stability.due(now)
        if due:
            looks = await asyncio.to_thread(_look_at, self._inbox, due)
            self._hand.add(path for path, seen in looks if self._stability.check(path, seen, now))


class _Hand:
    """Owns the complete files on their way to `accept`: one batch at a time, while watching goes on."""

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self._waiting: dict[str, None] = {}
        self._going: frozenset[str] = frozenset()
        self._filled = asyncio.Event()

    def __contains__(self, path: str) -> bool:
        return path in self._waiting or path in self._going

    def add(self, paths: Iterable[str]) -> None:
        """Hand these over soon."""
        self._waiting.update(dict.fromkeys(paths))
        if self._waiting:
            self._filled.set()

    async def run(self) -> None:
        while True:
            await self._filled.wait()
            batch = list(itertools.islice(self._waiting, BATCH))
            for path in batch:
                del self._waiting[path]
            if not self._waiting:
                self._filled.clear()
            self._going = frozenset(batch)
            await self._accept(batch)
            self._going = frozenset()


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
    except OSError:
        return None
    return None if stat.S_ISDIR(found.st_mode) else Seen(found.st_size, found.st_mtime_ns, found.st_ino)


def _identity(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_dev, found.st_ino


def _nothing(_folder: str) -> None:
    """Polling enters a folder without a watch."""

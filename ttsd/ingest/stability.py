"""Which files of the inbox are complete: pure, fed with events, sizes and the time.

A file that was written in place is complete once its writer has closed it, one that was renamed in at once;
either way its size and time of change must then be still for `settle_s`. Where no event tells (a file found
by a walk, a hard link, a network mount) only the stillness counts.
"""

import enum
import fnmatch
import heapq
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

OPEN_PATIENCE_S: Final = 600.0
"""A file that is open but unchanged for so long counts as complete: the event of its closing was lost."""
LOOK_AGAIN_S: Final = 1.0
"""How soon to look again at a file that cannot be looked at."""
QUIET_MIN_S: Final = 0.1
"""Least stillness where no event told that the file is complete, whatever `settle_s` is."""
_IGNORED: Final = (".*", "*~", "*.part", "*.tmp", "*.swp", "*.crdownload", "*.filepart", "*.error.txt")


class Seen(NamedTuple):
    """What a look at a file shows; another inode under the same name is another file."""

    size: int
    mtime_ns: int
    inode: int


BLIND: Final = Seen(-1, -1, -1)
"""A look that showed nothing: the file is neither gone nor known to be still."""


class Kind(enum.Enum):
    """What happened to a path."""

    CREATED = "created"
    OPENED = "opened"
    CLOSED = "closed"
    """After writing."""
    CLOSED_UNWRITTEN = "closed_unwritten"
    MOVED_IN = "moved_in"
    FOUND = "found"
    """By a walk of the inbox."""
    GONE = "gone"


_RESTARTS: Final = frozenset({Kind.CREATED, Kind.CLOSED, Kind.MOVED_IN})


class _File:
    """A file under observation: what was seen last and since when it is unchanged."""

    __slots__ = ("deadline", "kind", "opened", "seen", "since")

    def __init__(self, kind: Kind, now: float) -> None:
        self.kind = kind
        self.seen: Seen | None = None
        self.since = now
        self.deadline = now
        self.opened = 0


class Stability:
    """Owns the files that are not complete yet; each is handed out once by `check`, and then forgotten."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._files: dict[str, _File] = {}
        self._deadlines: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._files)

    def note(self, path: str, kind: Kind, now: float) -> None:
        """Something happened to `path`."""
        if kind is Kind.GONE:
            self._files.pop(path, None)
        elif kind in _RESTARTS:
            self._start(path, kind, now)
        elif (file := self._files.get(path)) is None:
            if kind is Kind.FOUND:
                self._start(path, kind, now)
        elif kind is Kind.OPENED and file.kind is Kind.CREATED:
            # Who opens a new file first is its writer; those who look at a complete one do not count.
            file.opened += 1
            self._schedule(path, file, now + OPEN_PATIENCE_S)
        elif kind is Kind.CLOSED_UNWRITTEN and file.opened:
            file.opened -= 1
            if not file.opened:
                self._start(path, Kind.FOUND, now)

    def distrust(self, now: float) -> None:
        """Events were lost: no file is known to be open any more, only stillness counts."""
        for path in [path for path, file in self._files.items() if file.opened]:
            self._start(path, Kind.FOUND, now)

    def next_deadline(self) -> float | None:
        """When `due` will have something; `None` while nothing is under observation."""
        while self._deadlines and self._stale(*self._deadlines[0]):
            heapq.heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else None

    def due(self, now: float) -> list[str]:
        """The paths to look at now, each to be given to `check`."""
        found: list[str] = []
        while self._deadlines and self._deadlines[0][0] <= now:
            deadline, path = heapq.heappop(self._deadlines)
            if not self._stale(deadline, path):
                found.append(path)
        return found

    def check(self, path: str, seen: Seen | None, now: float) -> bool:
        """Whether `path`, which looks like `seen` (`None`: it is gone), is complete."""
        file = self._files.get(path)
        if file is None or seen is None:
            self._files.pop(path, None)
            return False
        if seen == BLIND:
            file.seen = None
            self._schedule(path, file, now + LOOK_AGAIN_S)
            return False
        needed = OPEN_PATIENCE_S if file.opened else self._stillness(file.kind)
        if file.seen != seen:
            file.seen, file.since = seen, now
        elif now >= file.since + needed:
            del self._files[path]
            return True
        self._schedule(path, file, file.since + needed)
        return False

    def _start(self, path: str, kind: Kind, now: float) -> None:
        """Observe `path` from now on; the first look, at once, shows what later ones are compared with."""
        file = self._files[path] = _File(kind, now)
        self._schedule(path, file, now)

    def _schedule(self, path: str, file: _File, at: float) -> None:
        file.deadline = at
        heapq.heappush(self._deadlines, (at, path))

    def _stale(self, deadline: float, path: str) -> bool:
        file = self._files.get(path)
        return file is None or file.deadline != deadline

    def _stillness(self, kind: Kind) -> float:
        told = kind in {Kind.CLOSED, Kind.MOVED_IN}
        return self._settle_s if told else max(self._settle_s, QUIET_MIN_S)


class Ignored:
    """Which paths below the inbox to leave alone: by the file's name, or a hidden folder on the way to it."""

    def __init__(self, more: Sequence[str]) -> None:
        """`more` are glob patterns of names, from the configuration."""
        self._name = re.compile("|".join(map(fnmatch.translate, (*_IGNORED, *more))))

    def __call__(self, relative: str) -> bool:
        *folders, name = relative.split("/")
        return bool(self._name.match(name)) or any(folder.startswith(".") for folder in folders)

"""What happens below a folder, from the kernel: watchdog's bindings of inotify, read on the loop, without threads.

Why not watchdog's Observer on top of them: measured with 7.1, a file moved out of the tree (each of our claims is
that) holds back all later events for 0.5 s, a dropped file costs 0.66 ms of CPU, and lost events are told by a log
line only.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

from watchdog.observers.inotify_c import InotifyConstants as In
from watchdog.observers.inotify_c import WatchDescriptor, inotify_add_watch, inotify_init, inotify_rm_watch

IN_CLOSE_WRITE: Final = In.IN_CLOSE_WRITE
IN_CLOSE_NOWRITE: Final = In.IN_CLOSE_NOWRITE
IN_OPEN: Final = In.IN_OPEN
IN_MOVED_FROM: Final = In.IN_MOVED_FROM
IN_MOVED_TO: Final = In.IN_MOVED_TO
IN_CREATE: Final = In.IN_CREATE
IN_DELETE: Final = In.IN_DELETE
IN_DELETE_SELF: Final = In.IN_DELETE_SELF
IN_MOVE_SELF: Final = In.IN_MOVE_SELF
IN_UNMOUNT: Final = In.IN_UNMOUNT
IN_Q_OVERFLOW: Final = In.IN_Q_OVERFLOW
IN_IGNORED: Final = In.IN_IGNORED
IN_ISDIR: Final = In.IN_ISDIR
_IN_DONT_FOLLOW: Final = In.IN_DONT_FOLLOW
_MASK: Final = (
    IN_CLOSE_WRITE | IN_CLOSE_NOWRITE | IN_OPEN | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE
    | IN_DELETE_SELF | IN_MOVE_SELF | In.IN_ONLYDIR | In.IN_EXCL_UNLINK
)  # fmt: skip
_EVENT: Final = struct.Struct("iIII")
_READ_BYTES: Final = 256 * 1024
_GONE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})
"""A folder below the root that has gone again, or that has no path: there is nothing to watch."""
LIMITS: Final = frozenset({errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""The kernel has no more watches, or instances, to give."""


def remedy(error: int) -> str:
    """What to do about one of `LIMITS`."""
    key = "max_user_watches" if error == errno.ENOSPC else "max_user_instances"
    limit = Path("/proc/sys/fs/inotify", key)
    try:
        now = int(limit.read_text())
    except (OSError, ValueError):
        now = 8192
    return (
        f"raise fs.inotify.{key}, now {now}: sysctl -w fs.inotify.{key}={2 * now},"
        " and write that into a file of /etc/sysctl.d to keep it"
    )


class Notice(NamedTuple):
    """Something happened to `path` (relative to the root; empty: the root itself); `mask` holds `IN_` bits."""

    path: str
    mask: int

    @property
    def lost(self) -> bool:
        """Nothing more will be told of this tree: events overflowed, or the root is not the root any more."""
        return bool(self.mask & (IN_Q_OVERFLOW | IN_UNMOUNT)) or (
            not self.path and bool(self.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED))
        )


class Inotify:
    """Owns an inotify descriptor and the watches on folders below `root`. Raises OSError when a limit is hit."""

    def __init__(self, root: Path) -> None:
        self._root = os.fsencode(root)
        self._paths: dict[int, str] = {}
        self.unwatched: dict[str, int] = {}
        """Folders that cannot be watched now, and the error: one of `LIMITS`, or EACCES."""
        self._descriptor = _checked(inotify_init())
        os.set_inheritable(self._descriptor, False)
        os.set_blocking(self._descriptor, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def fileno(self) -> int:
        """Readable when there is something to `read`."""
        return self._descriptor

    def watch(self, folder: str) -> None:
        """Tell from now on what happens in `folder` (relative, empty: the root), not in folders below it."""
        path, mask = (self._root, _MASK) if not folder else (self._below(folder), _MASK | _IN_DONT_FOLLOW)
        self.unwatched.pop(folder, None)
        try:
            self._paths[_checked(inotify_add_watch(self._descriptor, path, mask))] = folder
        except OSError as error:
            if folder and error.errno in LIMITS | {errno.EACCES}:
                self.unwatched[folder] = error.errno or 0
            elif not folder or error.errno not in _GONE:
                raise

    def _below(self, folder: str) -> bytes:
        return b"/".join((self._root, os.fsencode(folder)))

    def forget(self, folder: str) -> None:
        """Tell nothing more of `folder` and what is below it: it was moved away."""
        gone = [number for number, path in self._paths.items() if path == folder or path.startswith(f"{folder}/")]
        for number in gone:
            inotify_rm_watch(self._descriptor, WatchDescriptor(number))
            del self._paths[number]
        for path in [path for path in self.unwatched if path == folder or path.startswith(f"{folder}/")]:
            del self.unwatched[path]

    def read(self) -> list[Notice]:
        """What happened since the last call; empty when nothing did."""
        try:
            data = os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return []
        return list(self._notices(data))

    def _notices(self, data: bytes) -> Iterator[Notice]:
        offset = 0
        while offset < len(data):
            number, mask, _cookie, length = _EVENT.unpack_from(data, offset)
            offset += _EVENT.size + length
            if mask & IN_Q_OVERFLOW:
                yield Notice("", mask)
                continue
            folder = self._paths.get(number)
            if mask & IN_IGNORED:
                self._paths.pop(number, None)
            if folder is not None:
                name = os.fsdecode(data[offset - length : offset].rstrip(b"\0"))
                yield Notice(f"{folder}/{name}" if folder and name else folder or name, mask)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result

"""What is being written, on the disk within a second: a crash loses no more than that."""

import asyncio
import fcntl
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final
from uuid import uuid4

from ttsd.durable import replace_synced

EVERY_S: Final = 0.5
MOST_BYTES: Final = 16_000_000

log = logging.getLogger(__name__)


class Draft:
    """Owns one text file while this app runs; a lock tells others, and whose app has died is taken over.

    What cannot be written is lost, and logged.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file = directory / f"{uuid4().hex}.txt"
        self._lock: int | None = None
        self._writing = threading.Lock()

    def take_over(self) -> str:
        """The newest text that a dead app has left; this app's from now on. Empty: there is none."""
        try:
            left = sorted(self._directory.glob("*.txt"), key=lambda path: path.stat().st_mtime, reverse=True)
            for file in left:
                if self._claims(file):
                    return file.read_bytes()[:MOST_BYTES].decode(errors="replace")
        except OSError as error:
            log.warning("%s: no draft was read: %s", self._directory, error)
        return ""

    def keep(self, text: str) -> None:
        """Make `text` what would be found after a crash, whole."""
        with self._writing:
            try:
                if not text:
                    self._file.unlink(missing_ok=True)
                    return
                self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
                if self._lock is None:
                    self._claims(self._file)
                replace_synced(self._file, text.encode(errors="replace"), mode=0o600)
            except OSError as error:
                log.warning("%s: not written: %s", self._file, error)

    def close(self) -> None:
        """Let it go: the next app that starts takes it over."""
        if self._lock is None:
            return
        if not self._file.exists():
            _lock_of(self._file).unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None

    def _claims(self, file: Path) -> bool:
        lock = os.open(_lock_of(file), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._file, self._lock = file, lock
        return True


def _lock_of(file: Path) -> Path:
    return file.with_suffix(".lock")


class Drafting:
    """Keeps a draft up with a text that changes."""

    def __init__(self, draft: Draft, text: Callable[[], str]) -> None:
        self._draft = draft
        self._text = text
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """The text is another one now."""
        self._changed.set()

    async def follow(self) -> None:
        """For ever."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(EVERY_S)
            self._changed.clear()
            await asyncio.to_thread(self._draft.keep, self._text())

    def end(self) -> None:
        """Write what is new, and let the draft go."""
        if self._changed.is_set():
            self._draft.keep(self._text())
        self._draft.close()

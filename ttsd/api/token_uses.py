"""When each token was used last, as far as is known."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from ttsd.clock import Clock
from ttsd.durable import replace_synced
from ttsd.storage.token_file import Token

NOTE_S: Final = 60.0
"""How exactly the time is kept."""


class TokenUses:
    """Owns the times by the tokens' names, and their file, which a thread of its own writes: disks may be slow."""

    def __init__(self, file: Path, clock: Clock) -> None:
        """A file that cannot be read tells nothing."""
        self._file = file
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tokens")
        self._used_s: dict[str, float] = {}
        with suppress(OSError, msgspec.DecodeError):
            self._used_s = msgspec.json.decode(file.read_bytes(), type=dict[str, float])

    def used_s(self, name: str) -> float | None:
        """When it was used last, to the minute; Unix seconds."""
        return self._used_s.get(name)

    def note(self, token: Token, there: Iterable[Token]) -> None:
        """It is used now; of tokens that are not `there` any more nothing is kept."""
        now_s = self._clock()
        if now_s - self._used_s.get(token.name, 0.0) < NOTE_S:
            return
        names = {each.name for each in there}
        self._used_s = {name: at_s for name, at_s in self._used_s.items() if name in names} | {token.name: now_s}
        with suppress(RuntimeError):  # no thread to be had now: that keeps nobody out, and the next one writes it
            self._thread.submit(self._write)

    def _write(self) -> None:
        with suppress(OSError):  # a full disk keeps nobody out
            self._file.parent.mkdir(parents=True, exist_ok=True)
            replace_synced(self._file, msgspec.json.encode(self._used_s), mode=0o600)

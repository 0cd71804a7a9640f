"""Sound that waits for its client: in memory up to a bound, beyond it in a file that has no name."""

import asyncio
import os
import tempfile
from collections import deque
from pathlib import Path
from typing import IO, Final

from ttsd.protocol.errors import StorageFull, TtsdError

MEMORY_BYTES: Final = 256 * 1024
"""About five seconds of sound: more waits only for who reads slower than it is played."""


class Spill:
    """A queue of bytes between one writer, who never waits, and one reader, who may take his time.

    What was written before a failure is read before the failure is raised. Loop thread only.
    """

    def __init__(self, folder: Path, memory_bytes: int = MEMORY_BYTES) -> None:
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._chunks: deque[bytes] = deque()
        self._in_memory = 0
        self._file: IO[bytes] | None = None
        self._file_start = 0
        self._file_end = 0
        self._ended = False
        self._error: TtsdError | None = None
        self._changed = asyncio.Event()
        self.written = 0

    @property
    def waiting(self) -> int:
        """Bytes written and not read yet."""
        return self._in_memory + self._in_file

    @property
    def _in_file(self) -> int:
        return self._file_end - self._file_start

    def write(self, data: bytes) -> None:
        """Take `data`. Raises StorageFull."""
        if self._in_file or self._in_memory + len(data) > self._memory_bytes:
            self._write_to_file(data)
        else:
            self._chunks.append(data)
            self._in_memory += len(data)
        self.written += len(data)
        self._changed.set()

    def _write_to_file(self, data: bytes) -> None:
        try:
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 — closed by `close`
            done = 0
            while done < len(data):
                done += os.pwrite(self._file.fileno(), data[done:], self._file_end + done)
        except OSError as error:
            raise StorageFull(f"sound for a slow client cannot be kept in {self._folder}: {error.strerror}") from error
        self._file_end += len(data)

    def end(self, error: TtsdError | None = None) -> None:
        """No more comes; with `error`, because making it failed."""
        self._ended = True
        self._error = error
        self._changed.set()

    async def read(self, most: int) -> bytes:
        """What waits, up to `most` bytes; empty at the end. Raises what `end` was given."""
        while not self.waiting:
            if self._ended:
                if self._error is not None:
                    raise self._error
                return b""
            await self._change()
        data = self._from_memory(most) if self._chunks else self._from_file(most)
        self._changed.set()
        return data

    def _from_memory(self, most: int) -> bytes:
        taken: list[bytes] = []
        room = most
        while self._chunks and len(self._chunks[0]) <= room:
            taken.append(self._chunks.popleft())
            room -= len(taken[-1])
        if not taken:
            first = self._chunks[0]
            taken.append(first[:most])
            self._chunks[0] = first[most:]
        data = taken[0] if len(taken) == 1 else b"".join(taken)
        self._in_memory -= len(data)
        return data

    def _from_file(self, most: int) -> bytes:
        assert self._file is not None
        data = os.pread(self._file.fileno(), min(most, self._in_file), self._file_start)
        self._file_start += len(data)
        if not self._in_file:
            self._file.truncate(0)
            self._file_start = self._file_end = 0
        return data

    async def room(self, most: int) -> None:
        """Wait until at most `most` bytes wait."""
        while self.waiting > most:
            await self._change()

    async def ended(self) -> None:
        """Wait until no more comes. Raises what `end` was given."""
        while not self._ended:
            await self._change()
        if self._error is not None:
            raise self._error

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def close(self) -> None:
        """Drop what is left."""
        if self._file is not None:
            self._file.close()

"""A file on its way in: onto the disk piece by piece, hashed, bounded, and gone when it is not wanted."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from starlette.requests import ClientDisconnect, Request

from ttsd.jobs.enrolment import Upload
from ttsd.protocol.errors import BadRequest, TooLarge
from ttsd.storage.placing import storage_errors

FLUSH_BYTES: Final = 2**20

Place = Callable[[str], Path]
"""A hidden path for a file that the client calls so."""


class Incoming:
    """Owns the file; `discard` it at the end, whether it was taken under another name or not."""

    def __init__(self, place: Place, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._place = place
        self._path: Path | None = None
        self._filename = ""
        self._bytes = 0
        self._pending = bytearray()
        self._hash = hashlib.sha256()

    def begin(self, filename: str) -> None:
        """What comes now is the file. Raises BadRequest for a second one."""
        if self._path is not None:
            raise BadRequest("send one file at a time", param="audio")
        self._filename = filename
        self._path = self._place(filename)

    def take(self, data: bytes) -> None:
        """More of it. Raises TooLarge."""
        self._bytes += len(data)
        if self._bytes > self.max_bytes:
            raise too_large(self.max_bytes)
        self._pending += data

    @property
    def is_full(self) -> bool:
        """Whether it is time to `flush`."""
        return len(self._pending) >= FLUSH_BYTES

    def flush(self) -> None:
        """Hand on what has come to the file. Blocking. Raises StorageFull."""
        if self._path is not None:
            with storage_errors(str(self._path.parent)), self._path.open("ab") as file:
                file.write(self._pending)
            self._hash.update(self._pending)
            self._pending.clear()

    def upload(self) -> Upload | None:
        """The whole file, on the disk for good; `None` when there was none. Blocking. Raises StorageFull."""
        self.flush()
        if self._path is None:
            return None
        with storage_errors(str(self._path.parent)), self._path.open("rb") as file:
            os.fsync(file.fileno())
        return Upload(self._path, self._filename, self._hash.hexdigest())

    def discard(self) -> None:
        """Nobody wants it."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()


async def read_file(request: Request, incoming: Incoming) -> Upload:
    """The body of `request` as one file. Raises TooLarge, BadRequest, StorageFull."""
    check_announced(request, incoming.max_bytes)
    incoming.begin("")
    try:
        async for piece in request.stream():
            incoming.take(piece)
            if incoming.is_full:
                await asyncio.to_thread(incoming.flush)
    except ClientDisconnect as error:
        raise BadRequest("the client left before its request was complete") from error
    upload = await asyncio.to_thread(incoming.upload)
    assert upload is not None
    return upload


def check_announced(request: Request, limit: int) -> None:
    """Refuse what says that it is too large before a byte of it is read. Raises TooLarge."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise too_large(limit)


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"the file is over {limit} bytes ([limits] max_clip_bytes)", param="audio")

"""Clips that requests name: decoded in the process for untrusted audio, and kept for workers as plain samples."""

import asyncio
import hashlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import msgspec

from ttsd.config import Limits
from ttsd.durable import private_folder
from ttsd.jobs.enrolment import check_length
from ttsd.protocol.engine import ReferenceClip
from ttsd.protocol.errors import BadRequest, TooLarge, TtsdError, raised_from
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.storage.placing import storage_errors
from ttsd.supervisor.prep import Prep

MOST_BYTES: Final = 256 * 2**20
"""Of all that is kept: a clip of a minute has 6 MB, one of ten seconds has one."""
PIECE_BYTES: Final = 256 * 1024
_SUFFIX: Final = ".wav"

Opener = Callable[[], BinaryIO]
"""Opens the clip anew, if it may be read. Blocking. Raises TtsdError."""


class _Kept(NamedTuple):
    path: Path
    sha256: str
    """Of what lies there."""
    samples: int
    size_bytes: int


class References:
    """Owns its folder, where each clip lies under the hash of the file it came from. Loop thread only.

    A clip is decoded once for as long as it is kept. The least recently used go when all together have more than
    `max_bytes`; what somebody has taken stays, and alone may pass the bound. Nothing outlasts the daemon's next start.
    """

    def __init__(self, folder: Path, listener: Prep, max_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._listener = listener
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._taken: Counter[str] = Counter()
        self._decoding = asyncio.Lock()

    def prepare(self) -> None:
        """At start: have the folder, with nothing in it. Blocking."""
        private_folder(self._folder)
        for path in self._folder.iterdir():
            with suppress(OSError):
                path.unlink()

    async def take(self, opener: Opener, transcript: str, limits: Limits) -> ReferenceClip:
        """What a worker is told of the clip; it stays where it is until `let_go`.

        Raises BadRequest when no voice can be made of it, TooLarge, StorageFull.
        """
        try:
            key = await asyncio.to_thread(_digest, opener, limits.max_clip_bytes)
            if self._find(key) is None:
                async with self._decoding:
                    key = key if self._find(key) else await self._decode(opener, limits.max_clip_bytes)
            kept = self._kept[key]
            check_length(kept.samples / SAMPLE_RATE_HZ, limits.max_clip_s)
        except TtsdError as error:
            raise _of_the_request(error) from error
        self._taken[key] += 1
        return ReferenceClip(str(kept.path), kept.sha256, transcript.strip())

    def let_go(self, clip: ReferenceClip) -> None:
        """Who took it needs it no longer."""
        key = Path(clip.path).stem
        self._taken[key] -= 1
        if not self._taken[key]:
            del self._taken[key]
            self._evict()

    def _find(self, key: str) -> _Kept | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if not kept.path.exists():  # somebody has emptied the cache
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept

    async def _decode(self, opener: Opener, max_bytes: int) -> str:
        """Under which key it is kept now: that of what the file holds by now."""
        # Names of their own are not needed, one clip is decoded at a time; what a killed process left is overwritten.
        copy, made = self._folder / ".source", self._folder / ".made"
        try:
            with storage_errors(str(self._folder)), copy.open("wb") as file:
                key = await asyncio.to_thread(_copy, opener, file, max_bytes)
            read = await self._listener.read_reference(copy, made)
            path = self._folder / f"{key}{_SUFFIX}"
            with storage_errors(str(self._folder)):
                made.rename(path)
                self._kept[key] = _Kept(path, read.sha256, read.samples, path.stat().st_size)
        finally:
            for left in (copy, made):
                with suppress(OSError):
                    left.unlink()
        self._evict(but=key)
        return key

    def _evict(self, but: str = "") -> None:
        total = sum(kept.size_bytes for kept in self._kept.values())
        for key, kept in list(self._kept.items()):
            if total <= self._max_bytes:
                return
            if key != but and key not in self._taken:
                total -= self._kept.pop(key).size_bytes
                with suppress(OSError):
                    kept.path.unlink()


def _digest(opener: Opener, max_bytes: int) -> str:
    digest = hashlib.sha256()
    with opener() as file:
        for piece in _pieces(file, max_bytes):
            digest.update(piece)
    return digest.hexdigest()


def _copy(opener: Opener, target: BinaryIO, max_bytes: int) -> str:
    """The decoder gets what was allowed to be read, whatever the file's name leads to by then; its SHA-256."""
    digest = hashlib.sha256()
    with opener() as file:
        for piece in _pieces(file, max_bytes):
            digest.update(piece)
            target.write(piece)
    target.flush()
    return digest.hexdigest()


def _pieces(file: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    """Raises TooLarge, also for a file that grows meanwhile, and BadRequest."""
    left = max_bytes
    try:
        while piece := file.read(PIECE_BYTES):
            left -= len(piece)
            if left < 0:
                raise too_large(max_bytes)
            yield piece
    except OSError as error:
        raise BadRequest(f"ref_audio: the clip cannot be read: {error.strerror}", param="ref_audio") from error


def too_large(max_bytes: int) -> TooLarge:
    """Of the file that a request names."""
    return TooLarge(
        f"ref_audio: the clip has over {max_bytes} bytes ([limits] max_clip_bytes); cut it to 15 s", param="ref_audio"
    )


def _of_the_request(error: TtsdError) -> TtsdError:
    """Decoders speak of an upload's `audio`; here it is the request's `ref_audio`."""
    if error.param != "audio":
        return error
    return raised_from(msgspec.structs.replace(error.body(), message=f"ref_audio: {error.message}", param="ref_audio"))

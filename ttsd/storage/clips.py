"""The clip store: finished segments' audio under the hash of everything that decides their sound."""

import contextlib
import hashlib
import os
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from ttsd.audio import flac
from ttsd.durable import private_folder
from ttsd.log import Hindrance, get_logger
from ttsd.protocol.engine import EngineInfo, Synthesize
from ttsd.protocol.speech import BYTES_PER_SAMPLE

_NAME: Final = re.compile(r"([0-9a-f]{64})(\.flac)?")
"""A clip's file: its key, and the suffix that those of the first version, which were not FLAC, lack."""

log = get_logger(__name__)
_encode = msgspec.msgpack.Encoder().encode


def clip_key(engine: EngineInfo, request: Synthesize) -> str:
    """Hex SHA-256 over all that decides a segment's sound; two segments with one key sound the same, to the bit."""
    clip = request.reference
    who = request.voice if clip is None else (clip.sha256, clip.transcript)
    how = (request.seed, request.speed, request.delivery)
    spoken = [(span.language, span.text, span.reading) for span in request.spans]
    decides = (1, engine.name, engine.revision, engine.device, engine.dtype, who, how, spoken)
    return hashlib.sha256(_encode(decides)).hexdigest()


class Clips:
    """Owns the folder of clips and an index of it in memory; the least recently used go when `max_bytes` is passed.

    Clips that a job needs are pinned: they stay, and alone may pass the bound. A clip is a FLAC file of one segment,
    whose own checksum is looked at whenever it is read: what is damaged is dropped, counts as missing, and is made
    anew. A store that cannot be written to is a store that misses: speech never depends on it.

    Blocking, safe from several threads; `in` alone waits for nothing.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self.max_bytes = max_bytes
        self._loose: OrderedDict[str, int] = OrderedDict()
        """Size of each clip that may go, the least recently used first."""
        self._held: dict[str, int] = {}
        """Size of each pinned clip."""
        self._owners: dict[str, tuple[str, ...]] = {}
        self._pins: Counter[str] = Counter()
        self._total = 0
        self._disk = Hindrance("clips.not_kept", "clips.kept")
        self._lock = threading.Lock()

    def open(self) -> None:
        """Read the folder's index; half-written files and those of an earlier format are removed, others left alone."""
        private_folder(self._folder)
        with self._lock:
            for _, key, size in sorted(self._found()):
                self._account(key, size)

    def __contains__(self, key: str) -> bool:
        return key in self._loose or key in self._held

    @property
    def total_bytes(self) -> int:
        return self._total

    def get(self, key: str) -> bytes | None:
        """The clip's PCM (s16le mono 24 kHz), or `None`."""
        if key not in self:
            return None
        path = self._path(key)
        try:
            pcm = flac.decode(path.read_bytes(), key)
        except OSError:
            pcm = None
        if pcm is None:
            log.warning("clips.damaged", clip=key, remedy="none is needed: it is made anew")
        with self._lock:
            if pcm is None:
                self._drop(key)
            elif key in self._loose:
                self._loose.move_to_end(key)
        with contextlib.suppress(OSError):  # on a disk that is read-only now, what was used last is forgotten
            os.utime(path)
        return pcm

    def put(self, key: str, pcm: bytes) -> bool:
        """Keep a clip; false when the disk would not take it, when there is no room beside what is pinned,
        and for what is no sound: no sample, or half a one.
        """
        if self.max_bytes == 0 or key in self:
            return key in self
        if not pcm or len(pcm) % BYTES_PER_SAMPLE:
            return False
        path = self._path(key)
        hidden = path.with_name(f"{key}.{threading.get_ident()}.part")
        try:
            data = flac.encode(pcm, key)
            path.parent.mkdir(exist_ok=True)
            # Not synced: a power cut may leave less than was written, and the checksum tells.
            hidden.write_bytes(data)
            with self._lock:
                hidden.replace(path)
                self._account(key, len(data))
                self._evict()
        except OSError as error:
            with contextlib.suppress(OSError):
                hidden.unlink()
            with self._lock:
                self._disk.met(str(error), remedy="free some space; speech goes on, and is made anew")
            return False
        with self._lock:
            self._disk.over()
        return key in self

    def pin(self, owner: str, keys: Iterable[str]) -> None:
        """Clips of these keys, there or yet to come, stay until `unpin`; the owner's pins from before are off.

        Nothing is removed here: after a restart, pin for every waiting job before the first `put`.
        """
        wanted = tuple(dict.fromkeys(keys))
        with self._lock:
            for key in wanted:
                self._pins[key] += 1
                _move(key, self._loose, self._held)
            self._let_go(owner)
            self._owners[owner] = wanted

    def unpin(self, owner: str) -> None:
        """The owner needs its clips no longer; who has none pinned may say so too."""
        with self._lock:
            self._let_go(owner)
            self._evict()

    def _let_go(self, owner: str) -> None:
        for key in self._owners.pop(owner, ()):
            self._pins[key] -= 1
            if not self._pins[key]:
                del self._pins[key]
                _move(key, self._held, self._loose)

    def _account(self, key: str, size: int) -> None:
        """A clip of `size` bytes is there."""
        index = self._held if key in self._pins else self._loose
        self._total += size - index.get(key, 0)
        index[key] = size

    def _evict(self) -> None:
        while self._total > self.max_bytes and self._loose:
            self._drop(next(iter(self._loose)))

    def _drop(self, key: str) -> None:
        index = self._held if key in self._held else self._loose
        self._total -= index.pop(key, 0)
        with contextlib.suppress(OSError):
            self._path(key).unlink()

    def _found(self) -> Iterator[tuple[float, str, int]]:
        """Time of last use, key and size of every clip in the folder."""
        for shelf in self._folder.glob("[0-9a-f][0-9a-f]/"):
            with contextlib.suppress(OSError), os.scandir(shelf) as entries:
                for entry in entries:
                    if (clip := _looked_at(entry)) and clip[1].startswith(shelf.name):
                        yield clip

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.flac"


def _move(key: str, source: dict[str, int], target: dict[str, int]) -> None:
    """In this order, so that who looks meanwhile finds the clip in one of them."""
    if key in source:
        target[key] = source[key]
        del source[key]


def _looked_at(entry: os.DirEntry[str]) -> tuple[float, str, int] | None:
    """Time of last use, key and size, if it is a clip; what is left of another life is removed."""
    name = _NAME.fullmatch(entry.name)
    with contextlib.suppress(OSError):
        if entry.name.endswith(".part") or (name and not name[2]):
            Path(entry).unlink()
        elif name:
            status = entry.stat(follow_symlinks=False)
            return status.st_mtime, name[1], status.st_size
    return None

"""The clip store: finished segments' audio under the hash of everything that decides their sound."""

import contextlib
import hashlib
import os
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from ttsd.protocol.engine import EngineInfo, ReferenceClip
from ttsd.protocol.speech import Span

_HEADER: Final = struct.Struct("<4sIQ")  # magic, CRC-32 of the PCM, its length in bytes
_MAGIC: Final = b"TCL1"
_encode = msgspec.msgpack.Encoder().encode


def clip_key(
    engine: EngineInfo,
    spans: Iterable[Span],
    voice: str,
    seed: int,
    speed: float,
    reference: ReferenceClip | None = None,
) -> str:
    """Hex SHA-256 over all that decides a segment's sound; two segments with one key sound the same, to the bit."""
    who = voice if reference is None else (reference.sha256, reference.transcript)
    decides = (1, engine.name, engine.revision, engine.device, engine.dtype, who, seed, speed)
    return hashlib.sha256(_encode((*decides, [(span.language, span.text) for span in spans]))).hexdigest()


class Clips:
    """Owns the folder of clips and an index of it in memory; the least recently used go when `max_bytes` is passed.

    Blocking, safe from several threads. A clip that is damaged is dropped and counts as missing; a store that
    cannot be written to is a store that misses: speech never depends on it.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._total = 0
        self._lock = threading.Lock()

    def open(self) -> None:
        """Read the folder's index; half-written files of an earlier life are removed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        found: list[tuple[float, str, int]] = []
        for path in self._folder.glob("??/*"):
            with contextlib.suppress(OSError):
                if path.suffix == ".part":
                    path.unlink()
                else:
                    status = path.stat()
                    found.append((status.st_mtime, path.name, status.st_size))
        for _, key, size in sorted(found):
            self._sizes[key] = size
            self._total += size

    def __contains__(self, key: str) -> bool:
        return key in self._sizes

    @property
    def total_bytes(self) -> int:
        return self._total

    def get(self, key: str) -> bytes | None:
        """The clip's PCM (s16le mono 24 kHz), or `None`."""
        if key not in self._sizes:
            return None
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            data = b""
        pcm = _unpack(data)
        with self._lock:
            if pcm is None:
                self._drop(key)
            elif key in self._sizes:
                self._sizes.move_to_end(key)
        return pcm

    def put(self, key: str, pcm: bytes) -> bool:
        """Keep a clip; false when the disk would not take it."""
        if self._max_bytes == 0 or key in self._sizes:
            return key in self._sizes
        path = self._path(key)
        hidden = path.with_name(f"{key}.{threading.get_ident()}.part")
        try:
            path.parent.mkdir(exist_ok=True)
            with hidden.open("wb") as file:
                file.write(_HEADER.pack(_MAGIC, zlib.crc32(pcm), len(pcm)))
                file.write(pcm)
            hidden.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                hidden.unlink()
            return False
        with self._lock:
            self._total += _HEADER.size + len(pcm) - self._sizes.get(key, 0)
            self._sizes[key] = _HEADER.size + len(pcm)
            while self._total > self._max_bytes and len(self._sizes) > 1:
                self._drop(next(iter(self._sizes)))
        return True

    def _drop(self, key: str) -> None:
        self._total -= self._sizes.pop(key, 0)
        with contextlib.suppress(OSError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


def _unpack(data: bytes) -> bytes | None:
    if len(data) < _HEADER.size:
        return None
    magic, crc, length = _HEADER.unpack_from(data)
    pcm = data[_HEADER.size :]
    return pcm if magic == _MAGIC and length == len(pcm) and crc == zlib.crc32(pcm) else None

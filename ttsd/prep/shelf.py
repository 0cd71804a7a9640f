"""The lexicons a prep process has at hand: read from the daemon's snapshots, and again when those change."""

import os
from collections import OrderedDict
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from ttsd.protocol.errors import Unavailable
from ttsd.protocol.lexicon import Entry, LexiconUse
from ttsd.text.lexicon import Layer, Lexicon

MOST: Final = 32
"""Lexicons at hand: the least recently used go."""


class _Kept(NamedTuple):
    signature: tuple[int, int, int]
    layer: Layer


class Shelf:
    """Owns the lexicons read so far."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def lexicon(self, use: LexiconUse | None, voice: str = "") -> Lexicon | None:
        """What a text of `use` is read with, in `voice` where one is named; `None`: nothing. Raises Unavailable."""
        if use is None:
            return None
        voice = voice.partition("@")[0] or use.voice
        names = ([f"users/{use.user}"] if use.user else []) + ([f"voices/{voice}"] if voice else []) + ["all"]
        layers = [layer for name in names if (layer := self._layer(f"{use.folder}/{name}.msgpack")) is not None]
        return Lexicon(layers) if layers else None

    def _layer(self, path: str) -> Layer | None:
        try:
            status = os.stat(path)  # noqa: PTH116 — three times for each text: a Path costs more than the call
        except (FileNotFoundError, NotADirectoryError):
            self._kept.pop(path, None)
            return None
        signature = (status.st_mtime_ns, status.st_size, status.st_ino)
        kept = self._kept.get(path)
        if kept is None or kept.signature != signature:
            kept = _Kept(signature, _read(path))
        self._kept[path] = kept
        self._kept.move_to_end(path)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return kept.layer


def _read(path: str) -> Layer:
    try:
        return Layer(msgspec.msgpack.decode(Path(path).read_bytes(), type=tuple[Entry, ...]))
    except (OSError, msgspec.DecodeError) as error:
        raise Unavailable(f"the lexicon {path} cannot be read: {error}; try again") from error

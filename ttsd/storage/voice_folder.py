"""One voice's folder, read: `voice.toml`, its clips, and whether either has changed since."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from ttsd.protocol.engine import ReferenceClip
from ttsd.protocol.errors import BadRequest, UnknownVoice
from ttsd.protocol.speech import SAMPLE_RATE_HZ
from ttsd.protocol.voices import DEFAULT_VARIANT, Variant, Voice, VoiceDefaults, joined_reference
from ttsd.storage.voice_file import FILE, LONGEST_BYTES, Entry, VoiceFile, parse

_STREAMINFO: Final = slice(8, 42)
"""The first block of every FLAC file: RFC 9639, 8.2."""

PIECE_BYTES: Final = 64 * 1024

Stamp = tuple[int, int, int] | None
"""Inode, size and time of change (ns); `None`: there is nothing."""


class Profile(msgspec.Struct, frozen=True):
    """A voice as it lay in its folder when it was read."""

    voice: Voice
    file: VoiceFile | None
    """`None` when it could not be read: `voice.problem` says why."""
    clips: dict[str, str]
    """SHA-256 of each variant's clip."""
    stamps: dict[str, Stamp]
    """Of the folder and of everything in it that counts."""

    @property
    def settings(self) -> VoiceDefaults:
        return self.voice.settings

    def reference(self, variant: str) -> tuple[Variant, ReferenceClip]:
        """What a worker is told. Raises UnknownVoice, BadRequest when the voice is broken."""
        name = self.voice.name
        if self.voice.problem:
            raise BadRequest(
                f"voice {name!r} cannot be used: {self.voice.problem}; mend it in {self.voice.folder}", param="voice"
            )
        found = next((each for each in self.voice.variants if each.name == variant), None)
        if found is None:
            known = ", ".join(joined_reference(name, each.name) for each in self.voice.variants)
            raise UnknownVoice(f"voice {name!r} has no variant {variant!r}; there are {known}", param="voice")
        clip = str(Path(self.voice.folder) / found.clip)
        return found, ReferenceClip(clip, self.clips[variant], found.transcript)

    @property
    def is_current(self) -> bool:
        """Whether the folder is still as it was: a few calls of stat(2), microseconds on a local disk."""
        folder = self.voice.folder
        return all(_stamp(f"{folder}/{name}" if name else folder) == stamp for name, stamp in self.stamps.items())


def read_profile(folder: Path, max_clip_bytes: int) -> Profile | None:
    """The voice in `folder`, broken or not; `None` when there is no such folder. Blocking."""
    stamps = {name: _stamp(f"{folder}/{name}" if name else str(folder)) for name in ("", FILE)}
    if stamps[""] is None or not folder.is_dir():
        return None
    nothing = Voice(folder.name, "profile", folder=str(folder))
    try:
        file = parse(b"".join(read_pieces(folder, FILE, LONGEST_BYTES)))
    except BadRequest as error:
        return Profile(msgspec.structs.replace(nothing, problem=error.message), None, {}, stamps)
    stamps |= {entry.clip: _stamp(f"{folder}/{entry.clip}") for entry in file.variants.values()}
    clips: dict[str, str] = {}
    variants: list[Variant] = []
    problem = ""
    for name in sorted(file.variants, key=lambda name: (name != DEFAULT_VARIANT, name)):
        entry = file.variants[name]
        try:
            clips[name], duration_s = _heard(folder, entry.clip, max_clip_bytes)
        except BadRequest as error:
            problem = problem or f"variant {name!r}: {error.message}"
            clips[name], duration_s = hashlib.sha256().hexdigest(), 0.0
        variants.append(_variant(name, entry, file, clips[name], duration_s))
    return Profile(_voice(nothing, file, tuple(variants), problem), file, clips, stamps)


def _voice(nothing: Voice, file: VoiceFile, variants: tuple[Variant, ...], problem: str) -> Voice:
    languages = dict.fromkeys(variant.language for variant in variants if variant.language)
    return msgspec.structs.replace(
        nothing,
        languages=tuple(languages),
        description=file.description,
        consent=file.consent,
        settings=file.settings,
        revision=_hash([(variant.name, variant.revision) for variant in variants]),
        variants=variants,
        problem=problem,
    )


def _variant(name: str, entry: Entry, file: VoiceFile, sha256: str, duration_s: float) -> Variant:
    return Variant(
        name=name,
        transcript=entry.transcript,
        language=entry.language or file.language,
        revision=_hash((sha256, entry.transcript, file.settings.seed, file.settings.speed)),
        duration_s=duration_s,
        clip=entry.clip,
        original=entry.original or "",
        provenance=entry.provenance,
    )


def _hash(decides: object) -> str:
    return hashlib.sha256(msgspec.msgpack.encode(decides)).hexdigest()[:16]


def _stamp(path: str) -> Stamp:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def read_pieces(folder: Path, name: str, max_bytes: int) -> Iterator[bytes]:
    """The content of a regular file, which no link leads to. Raises BadRequest."""
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise BadRequest(f"{name} is no regular file")
            size = 0
            while piece := file.read(PIECE_BYTES):
                size += len(piece)
                if size > max_bytes:
                    raise BadRequest(f"{name} has over {max_bytes} bytes")
                yield piece
    except FileNotFoundError:
        raise BadRequest(f"{name} is missing") from None
    except OSError as error:
        raise BadRequest(f"{name} cannot be read: {error.strerror}") from error


def _heard(folder: Path, name: str, max_bytes: int) -> tuple[str, float]:
    """SHA-256 of a clip, and its length in seconds. Raises BadRequest."""
    digest, start = hashlib.sha256(), b""
    for piece in read_pieces(folder, name, max_bytes):
        digest.update(piece)
        start = start or piece
    return digest.hexdigest(), _flac_s(start)


def _flac_s(start: bytes) -> float:
    """Length of a FLAC file by its header; 0 for any other."""
    head = start[_STREAMINFO]
    if not start.startswith(b"fLaC") or len(head) < 34:
        return 0.0
    packed = int.from_bytes(head[10:18])
    rate_hz, samples = packed >> 44, packed & ((1 << 36) - 1)
    return round(samples / (rate_hz or SAMPLE_RATE_HZ), 3)

"""`.ttsvoice`: a voice in one file, a zip of `voice.toml`, the files it names, and their checksums."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NoReturn

from ttsd.durable import write_pieces_synced
from ttsd.protocol.errors import BadRequest, TooLarge
from ttsd.storage.voice_file import FILE, LONGEST_BYTES, VoiceFile, parse
from ttsd.storage.voice_folder import PIECE_BYTES, read_pieces

CHECKSUMS: Final = "checksums.sha256"
"""As `sha256sum` writes and checks them."""
MOST_AT_ONCE: Final = 256 * 1024
"""The directory of a voice's archive has a few kilobytes."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The same voice gives the same bytes."""
_READ_ERRORS: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What zipfile raises on damaged, encrypted and exotic archives."""


def pack(folder: Path, target: Path, max_bytes: int) -> None:
    """Write the archive of the voice in `folder`.

    Raises BadRequest when a file is missing or cannot be read, TooLarge where `unpack` would, OSError.
    """
    about = b"".join(read_pieces(folder, FILE, LONGEST_BYTES))
    with zipfile.ZipFile(target, "w") as archive:
        sums = _put(archive, FILE, (about,))
        for name in files_of(parse(about)):
            sums += _put(archive, name, read_pieces(folder, name, max_bytes))
            if sum(member.file_size for member in archive.infolist()) + len(sums) > max_bytes:
                raise TooLarge(f"the voice has over {max_bytes} bytes ([limits] max_clip_bytes)", param="voice")
        _put(archive, CHECKSUMS, (sums.encode(),))


def _put(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> str:
    """The line of the file for the checksums."""
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED if name == FILE else zipfile.ZIP_STORED
    member.external_attr = 0o644 << 16
    digest = hashlib.sha256()
    with archive.open(member, "w") as file:
        for piece in _hashed(pieces, digest.update):
            file.write(piece)
    return f"{digest.hexdigest()}  {name}\n"


def unpack(source: Path, building: Path, max_bytes: int) -> VoiceFile:
    """Write what an archive holds into the folder `building`, everything checked but the sound itself.

    No file and all together may have more than `max_bytes`. Raises BadRequest, TooLarge, OSError.
    """
    try:
        with _Guarded(source) as guarded, zipfile.ZipFile(guarded) as archive:
            members = _members(archive)
            file = parse(_content(archive, members, FILE))
            expected = {FILE, CHECKSUMS, *files_of(file)}
            if unknown := sorted(members.keys() - expected):
                _refuse(f"{unknown[0]!r} is in it, which no part of a voice is called")
            if missing := sorted(expected - members.keys()):
                _refuse(f"{missing[0]!r} is missing")
            if sum(member.file_size for member in members.values()) > max_bytes:
                raise TooLarge(f"the archive unpacks to over {max_bytes} bytes ([limits] max_clip_bytes)")
            sums = _sums(_content(archive, members, CHECKSUMS))
            for name in (FILE, *files_of(file)):
                digest = hashlib.sha256()
                write_pieces_synced(building / name, _hashed(_pieces(archive, members, name, max_bytes), digest.update))
                if digest.hexdigest() != sums.get(name):
                    _refuse(f"{name} is not what {CHECKSUMS} says: the archive is damaged")
            return file
    except _READ_ERRORS as error:
        raise BadRequest(f"this is no voice archive: {error}", param="archive") from error


def files_of(file: VoiceFile) -> tuple[str, ...]:
    """The clips and originals that a voice has, each once. Raises BadRequest when one has a name that is taken."""
    for taken in (FILE, CHECKSUMS):
        if taken in file.files:
            raise BadRequest(f"no clip can be called {taken}")
    return file.files


def _members(archive: zipfile.ZipFile) -> Mapping[str, zipfile.ZipInfo]:
    found = {member.filename: member for member in archive.infolist()}
    if len(found) != len(archive.infolist()):
        _refuse("two files in it have one name")
    for member in found.values():
        if member.flag_bits & 1:
            _refuse("it is encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            _refuse("it is packed in a way that is not read; zip it with deflate")
    return found


def _content(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], name: str) -> bytes:
    """Of a small member."""
    return b"".join(_pieces(archive, members, name, LONGEST_BYTES))


def _hashed(pieces: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for piece in pieces:
        update(piece)
        yield piece


def _pieces(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], name: str, max_bytes: int
) -> Iterator[bytes]:
    """A member's bytes; what its header says of its size is not believed."""
    if name not in members:
        _refuse(f"{name!r} is missing")
    size = 0
    with archive.open(members[name]) as stream:
        while piece := stream.read(PIECE_BYTES):
            size += len(piece)
            if size > max_bytes:
                raise TooLarge(f"{name} has over {max_bytes} bytes ([limits] max_clip_bytes)")
            yield piece


def _sums(data: bytes) -> Mapping[str, str]:
    lines = (line.partition("  ") for line in data.decode("utf-8", "replace").splitlines())
    return {name: digest.lower() for digest, _, name in lines}


def _refuse(why: str) -> NoReturn:
    raise BadRequest(f"this is no voice archive: {why}", param="archive")


class _Guarded(io.FileIO):
    """A file that is read in small pieces only: zipfile would read a directory of any size into memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = MOST_AT_ONCE if size is None or size < 0 else size
        if wanted > MOST_AT_ONCE:
            _refuse("its directory is too long")
        return super().read(wanted) or b""

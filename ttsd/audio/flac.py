"""PCM to FLAC and back, to the bit, by the libsndfile that comes with soundfile.

Called through ctypes, because soundfile imports numpy, and the daemon does not: 3 MB and 1 ms instead of 20 MB and
200 ms. Only plain C functions of a stable interface are used (https://libsndfile.github.io/libsndfile/api.html).
"""

import ctypes
import functools
import hashlib
import importlib.util
import os
from ctypes import POINTER, byref, c_char, c_char_p, c_double, c_int, c_int64, c_void_p
from ctypes.util import find_library
from pathlib import Path
from typing import Final

from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ

_READ: Final = 0x10
_WRITE: Final = 0x20
_FLAC_16_BIT: Final = 0x170000 | 0x0002
_SET_LEVEL: Final = 0x1301
"""SFC_SET_COMPRESSION_LEVEL"""
_LEVEL: Final = 0.25
"""FLAC's level 2: a quarter faster both ways than its usual 5, and 8 % larger."""
_TITLE: Final = 1
"""SF_STR_TITLE"""
_COMMENT: Final = 5
"""SF_STR_COMMENT"""
_SEAL: Final = b"sha256:"
"""Before the hex SHA-256 of the whole file, as it was with zeros in this place: half as much to hash as the PCM is,
and by a processor's own instruction; FLAC's MD5 of the PCM, which is there too, has none."""
_ZEROS: Final = b"0" * 64
_HEAD_BYTES: Final = 1 << 10


class _Info(ctypes.Structure):
    """SF_INFO"""

    _fields_ = (
        ("frames", c_int64),
        ("samplerate", c_int),
        ("channels", c_int),
        ("format", c_int),
        ("sections", c_int),
        ("seekable", c_int),
    )


def encode(pcm: bytes, name: str = "") -> bytes:
    """A FLAC file of `pcm` (s16le mono 24 kHz, not empty) that says what it is called, and has a checksum.

    Raises OSError when memory or the library fails.
    """
    library = _library()
    fd = os.memfd_create("flac")
    try:
        info = _Info(0, SAMPLE_RATE_HZ, 1, _FLAC_16_BIT, 0, 0)
        handle = library.sf_open_fd(fd, _WRITE, byref(info), 0)
        if not handle:
            raise OSError("libsndfile cannot write FLAC")
        library.sf_command(handle, _SET_LEVEL, byref(c_double(_LEVEL)), ctypes.sizeof(c_double))
        library.sf_set_string(handle, _TITLE, name.encode())
        library.sf_set_string(handle, _COMMENT, _SEAL + _ZEROS)
        samples = len(pcm) // BYTES_PER_SAMPLE
        written = library.sf_write_short(handle, pcm, samples)
        if library.sf_close(handle) or written != samples:
            raise OSError("libsndfile could not write FLAC")
        made = os.pread(fd, os.fstat(fd).st_size, 0)
    finally:
        os.close(fd)
    seal = _seal(made)
    if seal is None:
        raise OSError("libsndfile wrote FLAC without its comment")
    return made[: seal.start] + _checksum(made, seal) + made[seal.stop :]


def decode(data: bytes, name: str = "") -> bytes | None:
    """The PCM of a file that `encode` made; `None` when it is not whole any more, or is called something else.

    Raises OSError as `encode` does.
    """
    seal = _seal(data)
    if seal is None or data[seal] != _checksum(data, seal):
        return None
    library = _library()
    fd = os.memfd_create("flac")
    try:
        os.write(fd, data)
        os.lseek(fd, 0, os.SEEK_SET)
        info = _Info()
        handle = library.sf_open_fd(fd, _READ, byref(info), 0)
        if not handle:
            return None
        try:
            called = library.sf_get_string(handle, _TITLE) or b""
            pcm = _samples(library, handle, info.frames) if called == name.encode() else None
        finally:
            library.sf_close(handle)
    finally:
        os.close(fd)
    return pcm


def _samples(library: ctypes.CDLL, handle: int, count: int) -> bytes | None:
    pcm = bytearray(count * BYTES_PER_SAMPLE)
    read = library.sf_read_short(handle, (c_char * len(pcm)).from_buffer(pcm), count)
    return bytes(pcm) if read == count else None


def _seal(data: bytes) -> slice | None:
    """Where a file has its checksum."""
    place = data.find(_SEAL, 0, _HEAD_BYTES)
    return None if place < 0 else slice(place + len(_SEAL), place + len(_SEAL) + len(_ZEROS))


def _checksum(data: bytes, seal: slice) -> bytes:
    hashed = hashlib.sha256(data[: seal.start] + _ZEROS, usedforsecurity=False)
    hashed.update(memoryview(data)[seal.stop :])
    return hashed.hexdigest().encode()


@functools.cache
def _library() -> ctypes.CDLL:
    """Raises OSError when there is none."""
    library = ctypes.CDLL(_path())
    library.sf_open_fd.restype, library.sf_open_fd.argtypes = c_void_p, (c_int, c_int, POINTER(_Info), c_int)
    library.sf_write_short.restype, library.sf_write_short.argtypes = c_int64, (c_void_p, c_char_p, c_int64)
    library.sf_read_short.restype, library.sf_read_short.argtypes = c_int64, (c_void_p, c_void_p, c_int64)
    library.sf_set_string.restype, library.sf_set_string.argtypes = c_int, (c_void_p, c_int, c_char_p)
    library.sf_get_string.restype, library.sf_get_string.argtypes = c_char_p, (c_void_p, c_int)
    library.sf_command.restype, library.sf_command.argtypes = c_int, (c_void_p, c_int, c_void_p, c_int)
    library.sf_close.restype, library.sf_close.argtypes = c_int, (c_void_p,)
    return library


def _path() -> str:
    """The library in soundfile's wheel, else the system's, as soundfile itself looks for it."""
    wheel = importlib.util.find_spec("_soundfile_data")
    for folder in (wheel.submodule_search_locations or ()) if wheel else ():
        for path in Path(folder).glob("libsndfile*.so"):
            return str(path)
    if found := find_library("sndfile"):
        return found
    raise OSError("libsndfile is missing: pip install soundfile, or apt install libsndfile1")

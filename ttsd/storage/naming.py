"""What files are called: any name that a source can have gives names that the file system takes."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Final, get_args

from ttsd.protocol.errors import BadRequest
from ttsd.protocol.speech import FileFormat

NAME_MAX_BYTES: Final = 255
"""Longest name on every file system in use."""
ENDING_BYTES: Final = 32
"""Kept free in the outbox for endings such as `.json`, and for the names of copies under way."""

RESULT_ENDINGS: Final = frozenset({".json", ".srt", ".vtt", *(f".{name}" for name in get_args(FileFormat))})
"""Of what is published; no folder for a table's rows is called so."""


def fitted(name: str, ending: str = "", *, room_bytes: int = 0) -> str:
    """`name` with `ending`; a name too long for that is cut, and keeps its own by a piece of its hash."""
    data = os.fsencode(name)
    room = NAME_MAX_BYTES - room_bytes - len(os.fsencode(ending))
    if len(data) <= room:
        return name + ending
    mark = f"~{hashlib.sha256(data).hexdigest()[:8]}"
    cut = room - len(mark)
    while cut and data[cut] & 0xC0 == 0x80:  # not within a character
        cut -= 1
    return os.fsdecode(data[:cut]) + mark + ending


def output_names(source: PurePath) -> Iterator[PurePath]:
    """Names without ending for the results of `source`, best first: `a.txt` gives `a`, `a.txt`, `a.txt~<hash>`."""
    for name in (source.stem, source.name):
        yield source.with_name(fitted(name, room_bytes=ENDING_BYTES))
    mark = hashlib.sha256(os.fsencode(source)).hexdigest()[:8]
    yield source.with_name(fitted(source.name, f"~{mark}", room_bytes=ENDING_BYTES))


def row_name(name: str) -> PurePath:
    """The name of a row's file, without ending, below the table's folder. Raises BadRequest when it is not below."""
    path = PurePath(name)
    if not path.parts or path.is_absolute() or any(part.startswith(".") for part in path.parts) or "\0" in name:
        raise BadRequest(
            f"a row cannot be called {name!r}: a name, or a path below the table's folder, no part of which begins"
            " with a dot, is wanted",
            param="out",
        )
    return PurePath(*(fitted(part, room_bytes=ENDING_BYTES) for part in path.parts))


def with_ending(name: PurePath, ending: str) -> PurePath:
    """`a.b` → `a.b.wav`"""
    return name.with_name(name.name + ending)


def receipt_path(output: Path) -> Path:
    """`outbox/a.wav` → `outbox/a.json`"""
    return output.with_suffix(".json")


def error_path(failed: Path) -> Path:
    """`failed/a.txt` → `failed/a.txt.error.txt`"""
    return failed.with_name(fitted(failed.name, ".error.txt"))


def aside(path: Path, job: str) -> Path:
    """`done/a.txt` → `done/a~<job>.txt`"""
    suffix = path.suffix if len(os.fsencode(path.suffix)) <= ENDING_BYTES else ""
    return path.with_name(fitted(path.name.removesuffix(suffix), f"~{job}{suffix}"))


def hidden_beside(path: Path) -> Path:
    """`a.wav` → `.a.wav.part`, in the same folder: no watcher takes that for a file."""
    return path.with_name("." + fitted(path.name, ".part", room_bytes=1))

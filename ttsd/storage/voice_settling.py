"""Files on their way into a voice's folder or out of it: whatever happens, none stays that nobody names."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from ttsd.durable import replace_synced
from ttsd.protocol.errors import BadRequest
from ttsd.storage.voice_file import FILE, FileName, parse

NOTE: Final = ".unsettled"


@contextmanager
def settling(folder: Path, *names: str) -> Generator[None]:
    """While the block changes which of `names` the voice's file names; those that it does not name then are removed.

    After a crash `settle` does that. What nobody has noted is left alone: people keep files of theirs there. Raises
    OSError.
    """
    replace_synced(folder / NOTE, msgspec.json.encode(names))
    try:
        yield
    finally:
        settle(folder)


def settle(folder: Path) -> None:
    """Finish what was begun in `folder`, if anything was; what cannot be removed now is tried at the next start."""
    note = folder / NOTE
    with suppress(OSError):
        try:
            names = set(msgspec.json.decode(note.read_bytes(), type=tuple[FileName, ...]))
            names -= {FILE, *parse((folder / FILE).read_bytes()).files}
        except BadRequest:  # somebody edits it: who knows what it will name
            return
        except msgspec.DecodeError:
            names = set[str]()
        for name in names:
            (folder / name).unlink(missing_ok=True)
        note.unlink()

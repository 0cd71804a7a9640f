"""What the app remembers from one run to the next: a small file in the user's state folder."""

import logging
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from ttsd.durable import replace_synced
from ttsd.places import state_dir
from tui.settings import Settings

FILE: Final = "app.json"
MAX_BYTES: Final = 65_536

log = logging.getLogger(__name__)


class Remembered(msgspec.Struct, frozen=True, omit_defaults=True):
    """Choices made within the app; each field is at its default until one was made."""

    theme: str = ""
    language: str = ""
    output: str = ""
    """The sound device; empty: the system's default."""
    toured: bool = False
    """The tour was seen, or skipped."""
    speaking: Settings = Settings()
    """How takes are spoken."""


def folder() -> Path:
    """The app's folder below the daemon's of the same user: `$XDG_STATE_HOME/ttsd/tui`."""
    return state_dir() / "tui"


class Memory:
    """Owns the file. What cannot be read counts as nothing remembered; what cannot be written is lost, and logged."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._file = directory / FILE

    def recall(self) -> Remembered:
        """What is remembered now; another running app may have changed it."""
        try:
            with self._file.open("rb") as file:
                return msgspec.json.decode(file.read(MAX_BYTES), type=Remembered)
        except FileNotFoundError:
            return Remembered()
        except (OSError, msgspec.DecodeError) as error:
            log.warning("%s: not read: %s", self._file, error)
            return Remembered()

    def remember(self, **changes: object) -> None:
        """Keep `changes` (fields of `Remembered`), and whatever else is remembered."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_synced(self._file, msgspec.json.encode(replace(self.recall(), **changes)))
        except OSError as error:
            log.warning("%s: not written: %s", self._file, error)

"""The voice profiles that are there: each read once, and again when it has changed."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from ttsd.config import Config, Limits
from ttsd.log import get_logger
from ttsd.protocol.errors import NotFound
from ttsd.protocol.voices import PROFILE_PATTERN
from ttsd.storage.voice_folder import Profile, read_profile

_NAME: Final = re.compile(PROFILE_PATTERN)

log = get_logger(__name__)


class VoiceShelf:
    """Owns the memory of what was read. Blocking, safe from several threads; `at_hand` is quick enough for a loop."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self._limits = limits
        self._read: dict[str, Profile] = {}

    def reload(self, config: Config) -> None:
        """Take over what may change at run time."""
        self._limits = config.limits

    def exists(self, name: str) -> bool:
        """Whether there is a folder of that name."""
        return _NAME.fullmatch(name) is not None and (self.folder / name).is_dir()

    def at_hand(self, name: str) -> Profile | None:
        """The profile, when it was read before and has not changed since."""
        profile = self._read.get(name)
        return profile if profile is not None and profile.is_current else None

    def find(self, name: str) -> Profile | None:
        """The profile, broken or not, read when it has to be; `None` when there is none."""
        if not self.exists(name):
            self._read.pop(name, None)
            return None
        if (known := self.at_hand(name)) is not None:
            return known
        profile = read_profile(self.folder / name, self._limits.max_clip_bytes)
        if profile is None:
            return None
        self._read[name] = profile
        if profile.voice.problem:
            log.warning("voice.broken", voice=name, reason=profile.voice.problem)
        return profile

    def get(self, name: str) -> Profile:
        """Raises NotFound."""
        profile = self.find(name)
        if profile is None:
            raise NotFound(f"there is no voice profile {name[:80]!r}; `ttsd voices list` shows all", param="voice")
        return profile

    def all(self) -> list[Profile]:
        """Every profile by name, broken ones too; folders whose names no voice can have are left alone."""
        with suppress(FileNotFoundError):
            names = sorted(entry.name for entry in os.scandir(self.folder) if _NAME.fullmatch(entry.name))
            return [profile for name in names if (profile := self.find(name)) is not None]
        return []

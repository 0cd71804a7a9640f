"""SIGHUP: read the configuration again, take over what can change, and say what needs a restart."""

from collections.abc import Sequence
from typing import Final, Protocol

from ttsd import systemd
from ttsd.config import Config, Loaded, load_config
from ttsd.log import get_logger
from ttsd.protocol.errors import ConfigError

RELOADABLE: Final = ("engine", "fake", "qwen3", "speech", "log", "limits", "output", "http.ref_dirs")
"""Sections and keys that running objects take over; all others need a restart."""
NOT_RELOADABLE: Final = frozenset({"limits.prep_timeout_s"})
"""Keys of those sections that need one all the same."""

log = get_logger(__name__)


class Reloadable(Protocol):
    """An object that takes over a new configuration while it runs."""

    def reload(self, config: Config) -> None: ...


class Reloader:
    """Owns the configuration in force."""

    def __init__(self, loaded: Loaded, parts: Sequence[Reloadable]) -> None:
        self._file = loaded.file
        self._config = loaded.config
        self._parts = parts

    def reload(self) -> None:
        """Read, compare, take over. A bad file changes nothing and is reported."""
        systemd.notify_reloading()
        try:
            new = load_config(self._file).config
        except ConfigError as error:
            log.error("config.refused", reason=error.message)  # noqa: TRY400 — the message says it all
        else:
            self._take_over(new)
        systemd.notify(READY="1")

    def _take_over(self, new: Config) -> None:
        keys = changed(self._config, new)
        needs_restart = [key for key in keys if not is_reloadable(key)]
        self._config = new
        for part in self._parts:
            part.reload(new)
        log.info("config.reloaded", changed=", ".join(keys), needs_restart=", ".join(needs_restart))


def changed(old: Config, new: Config) -> list[str]:
    """Keys with another value, as `section.key`; those of a spool that came or went too."""
    before, after = old.flat, new.flat
    return [key for key in {**after, **before} if key not in before or key not in after or before[key] != after[key]]


def is_reloadable(key: str) -> bool:
    """Whether a running daemon takes over this key."""
    return key not in NOT_RELOADABLE and (key in RELOADABLE or key.partition(".")[0] in RELOADABLE)

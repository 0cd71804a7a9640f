"""SIGHUP: read the configuration again, take over what can change, and say what needs a restart."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ttsd import systemd
from ttsd.config import Config, Loaded, load_config
from ttsd.config.reloading import changed, is_reloadable
from ttsd.log import get_logger
from ttsd.protocol.errors import ConfigError

log = get_logger(__name__)


class Reloadable(Protocol):
    """An object that takes over a new configuration while it runs."""

    def reload(self, config: Config) -> None:
        """Raises ConfigError, which says what stays as it was."""
        ...


class Reloader:
    """Owns the configuration in force; `tell` hears after each reload what waits, or why it was refused."""

    def __init__(
        self, loaded: Loaded, parts: Sequence[Reloadable], tell: Callable[[tuple[str, ...], str], None]
    ) -> None:
        self._file = loaded.file
        self._started_with = loaded.config
        self._config = loaded.config
        self._parts = parts
        self._tell = tell
        self.refused = ""
        """Why the file as it is now, or something in it, was not taken over; empty when all was."""
        self.waiting: tuple[str, ...] = ()
        """Keys whose new values count after a restart, as `section.key`."""

    def reload(self) -> None:
        """Read, compare, take over. A bad file changes nothing; what a part refuses stays; either is reported."""
        systemd.notify_reloading()
        self.refused = ""
        try:
            new = load_config(self._file)
        except ConfigError as error:
            self._refuse(error)
        else:
            for sentence in new.advice:
                log.warning("config.outdated", advice=sentence)
            self._take_over(new.config)
        told = {"STATUS": f"goes on as it was configured; config refused: {self.refused}"} if self.refused else {}
        systemd.notify(READY="1", **told)
        self._tell(self.waiting, self.refused)

    def _take_over(self, new: Config) -> None:
        keys = changed(self._config, new)
        self.waiting = tuple(key for key in changed(self._started_with, new) if not is_reloadable(key))
        self._config = new
        for part in self._parts:
            try:
                part.reload(new)
            except ConfigError as error:
                self._refuse(error)
        log.info("config.reloaded", changed=", ".join(keys), needs_restart=", ".join(self.waiting))

    def _refuse(self, error: ConfigError) -> None:
        self.refused = error.message
        log.error("config.refused", reason=error.message)

"""Where things live: systemd's directories when it gives them, else the XDG base directories."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ttsd.protocol.errors import ConfigError

SYSTEM_CONFIG: Final = Path("/etc/ttsd/config.toml")
SYSTEM_SOCKET: Final = Path("/run/ttsd/ttsd.sock")
_SOCKET_OF_CARD: Final = re.compile(r"/run/ttsd-([^/]+)/ttsd\.sock")


def _from_systemd(variable: str) -> Path | None:
    """The first of the directories systemd passed (it separates several by colons)."""
    value = os.environ.get(variable, "")
    return Path(value.split(":")[0]) if value else None


def of_service() -> bool:
    """Whether this process is one of the service's, as what a unit's `ExecReload=` starts is too."""
    return _from_systemd("STATE_DIRECTORY") is not None


def _xdg(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable, "")
    if value.startswith("/"):
        return Path(value) / "ttsd"
    try:
        return Path(fallback).expanduser() / "ttsd"
    except RuntimeError as error:
        raise ConfigError(f"user {os.getuid()} has no home directory: set HOME or {variable}") from error


def runtime_dir() -> Path:
    """Sockets. Without systemd and without XDG_RUNTIME_DIR: a private directory below the temporary one."""
    if given := _from_systemd("RUNTIME_DIRECTORY"):
        return given
    if os.environ.get("XDG_RUNTIME_DIR"):
        return _xdg("XDG_RUNTIME_DIR", "")
    return Path(tempfile.gettempdir()) / f"ttsd-{os.getuid()}"


def state_dir() -> Path:
    """The queue's database, voices and (by default) the spool."""
    return _from_systemd("STATE_DIRECTORY") or _xdg("XDG_STATE_HOME", "~/.local/state")


def cache_dir() -> Path:
    """Clips and downloaded models."""
    return _from_systemd("CACHE_DIRECTORY") or _xdg("XDG_CACHE_HOME", "~/.cache")


def user_config() -> Path:
    """The user's configuration file."""
    return _xdg("XDG_CONFIG_HOME", "~/.config") / "config.toml"


def find_config(explicit: Path | None, env: Mapping[str, str]) -> Path | None:
    """The file to read: `--config`, `$TTSD_CONFIG`, the user's, the system's; `None` when there is none.

    One that was named is not looked for: reading it tells what is wrong with it.
    """
    if explicit is not None:
        return explicit
    if env.get("TTSD_CONFIG"):
        return Path(env["TTSD_CONFIG"])
    return next((file for file in (user_config(), SYSTEM_CONFIG) if os.path.lexists(file)), None)


def logs_dir() -> Path:
    return _from_systemd("LOGS_DIRECTORY") or state_dir() / "logs"


def service_of(socket: Path) -> str | None:
    """The system's service behind a socket: `ttsd`, `ttsd@1` of a card; `None`: some other daemon's, if any."""
    if socket == SYSTEM_SOCKET:
        return "ttsd"
    of_card = _SOCKET_OF_CARD.fullmatch(str(socket))
    return of_card and f"ttsd@{of_card[1]}"


def client_socket(explicit: str | None = None) -> Path:
    """The socket a client should try: `--socket`, `$TTSD_SOCKET`, the user's daemon, else the system's."""
    named = explicit or os.environ.get("TTSD_SOCKET")
    if named:
        return Path(named)
    own = runtime_dir() / "ttsd.sock"
    # The folder, not the socket: that is gone while the service has failed, and only its group may look for it.
    return own if own.exists() or not SYSTEM_SOCKET.parent.exists() else SYSTEM_SOCKET

"""The configuration as the commands that need one load it."""

import os
from pathlib import Path

from ttsd.config import Loaded, load_config


def load(config_file: str | None, socket: str | None) -> Loaded:
    """The effective configuration; `socket` wins over file and environment. Raises ConfigError."""
    return load_config(Path(config_file) if config_file else None, environment(socket))


def environment(socket: str | None) -> dict[str, str]:
    """The environment, in which `socket` is set where one was given."""
    given = {"TTSD__DAEMON__SOCKET": str(Path(socket).absolute())} if socket else {}
    return {**os.environ, **given}

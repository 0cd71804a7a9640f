"""How a person wants the terminal app: `[tui]` of the configuration that this person's daemon would read."""

import os
from collections.abc import Mapping
from typing import Final

import msgspec

from ttsd import places
from ttsd.protocol.errors import ConfigError

PREFIX: Final = "TTSD__TUI__"


class Preferences(msgspec.Struct, frozen=True):
    """`[tui]`, with its defaults; a test keeps the two equal."""

    theme: str = "dark"
    language: str = "auto"
    keys: Mapping[str, str] = {}
    source: str = ""
    """The file it came from."""
    problem: str = ""
    """What is wrong with the configuration; it counts as empty then."""


DEFAULTS: Final = Preferences()


def preferences(env: Mapping[str, str] = os.environ) -> Preferences:
    """What is configured. A configuration that is wrong is said in `problem`, and keeps nobody from the app.

    A system's file that is not for this person's eyes counts as none.
    """
    file = places.find_config(None, env)
    if file is not None and file == places.SYSTEM_CONFIG and not os.access(file, os.R_OK):
        return Preferences()
    if file is None and not any(name.startswith(PREFIX) for name in env):
        return Preferences()
    from ttsd.config import load_config  # 12 ms of the first paint, for those who have a configuration

    try:
        tui = load_config(None, env).config.tui
    except ConfigError as error:
        return Preferences(source=str(file or ""), problem=error.message)
    return Preferences(tui.theme, tui.language, tui.keys, str(file or PREFIX))

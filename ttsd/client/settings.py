"""A configuration file as a client shows and changes it: every setting with its sentence, and what a change needs."""

import difflib
import errno
import os
import shlex
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import msgspec.inspect

from ttsd import places
from ttsd.client.running import file_of, is_here, order_for
from ttsd.config import Config, Section, check_text
from ttsd.config.allowed import allowed
from ttsd.config.editing import edited, replace_text
from ttsd.config.loading import value_of
from ttsd.config.reloading import is_reloadable
from ttsd.config.sentences import sentences
from ttsd.protocol.errors import ConfigError, Forbidden, TtsdError
from ttsd.protocol.health import Status

APP: Final = frozenset({"tui"})
"""Sections that the daemon leaves alone."""


class Setting(msgspec.Struct, frozen=True):
    """One key: what it is set to, and what may be said of it."""

    section: str
    key: str
    sentence: str
    allowed: str
    """What it takes, in words."""
    choices: tuple[str, ...]
    """All that it takes, as TOML, where that is a short list."""
    default: Any
    value: Any
    takes_over: str
    """When a change counts: `reload`, `restart`, or `app`: at the next start of the terminal app."""

    @property
    def name(self) -> str:
        return f"{self.section}.{self.key}"


class Change(msgspec.Struct, frozen=True):
    """A text that could stand in the file, checked; nothing is written yet."""

    file: Path
    setting: Setting
    before: str
    after: str

    @property
    def diff(self) -> str:
        """As `diff -u` writes it."""
        name = str(self.file)
        lines = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), name, name, lineterm="", n=2)
        return "\n".join(lines)

    def write(self) -> None:
        """Put it in place, whole or not at all. Raises Forbidden where this user may not, TtsdError for the rest."""
        try:
            replace_text(self.file, self.after)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise Forbidden(f"{self.file} cannot be written by this user ({error.strerror})") from error
            raise TtsdError(f"{self.file}: cannot be written: {error.strerror}") from error

    @property
    def by_hand(self) -> str:
        """The command with which somebody who may makes this change."""
        return f"sudoedit {shlex.quote(str(self.file))}"


class SettingsFile:
    """Owns the path of a configuration file, which need not be there yet."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @classmethod
    def of(cls, status: Status | None) -> "SettingsFile":
        """The daemon's own; without one, where a daemon of this user would look.

        Raises Forbidden for a daemon that runs on another machine.
        """
        if status and not is_here(status):
            raise Forbidden("the daemon runs on another machine: its settings are changed there")
        theirs = file_of(status) if status else None
        return cls(theirs or places.find_config(None, os.environ) or places.user_config())

    def settings(self) -> list[Setting]:
        """Every setting, in the order of `config.toml`. Raises ConfigError."""
        config = check_text(self.file, self._text())
        return [setting for section in _sections(config) for setting in _of_section(config, section)]

    def change(self, setting: Setting, text: str) -> Change:
        """What the file would be with `text` as the value. Raises ConfigError, which says what is allowed."""
        before = self._text()
        value = value_of(setting.section, setting.key, text.strip())
        try:
            after = edited(before, _nested(setting, value))
        except ValueError as error:
            raise ConfigError(f"{self.file} cannot be changed by program ({error})", param=setting.name) from error
        check_text(self.file, after)
        return Change(self.file, setting, before, after)

    def _text(self) -> str:
        try:
            return self.file.read_bytes().decode()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self.file}: cannot be read: {error}") from error


def order(status: Status, change: Change) -> str:
    """The command after which a daemon works with the change; empty for the app's own settings."""
    return "" if change.setting.takes_over == "app" else order_for(status, change.setting.takes_over)


def as_toml(value: Any) -> str:
    """A value as it is written in the file."""
    import tomlkit

    if isinstance(value, dict):
        table: Any = tomlkit.inline_table()
        table.update(value)
        return str(table.as_string())
    return str(cast("Any", tomlkit.item(value)).as_string())


def _nested(setting: Setting, value: Any) -> dict[str, dict[str, Any]]:
    return {setting.section: {setting.key: value}}


def _sections(config: Config) -> list[str]:
    """Further spools are changed by hand: their tables are two deep."""
    return [field.name for field in msgspec.structs.fields(config) if field.name != "spools"]


def _of_section(config: Config, section: str) -> list[Setting]:
    part: Section = getattr(config, section)
    kind = type(part)
    said = sentences()[kind.__name__]
    values, defaults = msgspec.to_builtins(part), msgspec.to_builtins(kind())
    return [
        Setting(
            section=section,
            key=field.name,
            sentence=said[field.name],
            allowed=allowed(field.type),
            choices=_choices(field.type),
            default=defaults[field.name],
            value=values[field.name],
            takes_over="app" if section in APP else "reload" if is_reloadable(f"{section}.{field.name}") else "restart",
        )
        for field in msgspec.structs.fields(kind)
    ]


def _choices(annotation: Any) -> tuple[str, ...]:
    match msgspec.inspect.type_info(annotation):
        case msgspec.inspect.BoolType():
            return ("true", "false")
        case msgspec.inspect.LiteralType() as literal:
            return tuple(as_toml(value) for value in literal.values)
        case _:
            return ()

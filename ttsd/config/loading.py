"""From a file and the environment to a checked `Config`, or one error that says exactly what to mend."""

import difflib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import msgspec
import tomli

from ttsd import places
from ttsd.config.outdated import today
from ttsd.config.roots import check_roots
from ttsd.config.rules import objection
from ttsd.config.sections import Config, Section, Spool
from ttsd.protocol.errors import ConfigError

ENV_PREFIX: Final = "TTSD__"
SPOOLS: Final = "spools"
SPOOL_NAME: Final = re.compile("[a-z0-9-]{1,32}")


class Loaded(msgspec.Struct, frozen=True):
    """A configuration and the file it came from (`None`: defaults and environment only)."""

    config: Config
    file: Path | None
    advice: tuple[str, ...] = ()
    """What was taken although it is outdated, and what to write instead: a sentence each."""
    origins: dict[str, str] = {}
    """Where each key was set that was: a file or an environment variable, by `section.key`."""

    @property
    def overrides(self) -> dict[str, str]:
        """The environment variable of each key that was set by one: it counts more than a file."""
        return {key: origin for key, origin in self.origins.items() if origin.startswith(ENV_PREFIX)}


class Setting(NamedTuple):
    """A value as it was written, and where: a file or an environment variable."""

    value: Any
    origin: str


def load_config(explicit: Path | None = None, env: Mapping[str, str] = os.environ) -> Loaded:
    """Read and check the configuration.

    Raises ConfigError that names file, section, key, value and what is allowed.
    """
    file = places.find_config(explicit, env)
    settings = _from_file(file) if file else {}
    for name, value in sorted(env.items()):
        if name.startswith(ENV_PREFIX):
            section, key = _env_key(name)
            settings.setdefault(section, {})[key] = Setting(value_of(section, key, value), name)
    settings, advice = _of_today(settings)
    config = msgspec.convert(_nested(_checked(settings)), Config)
    check_roots(config, lambda section: _origin(settings.get(section, {}), file))
    origins = {f"{name}.{key}": each.origin for name, table in settings.items() for key, each in table.items()}
    return Loaded(config, file, advice, origins)


def _of_today(settings: dict[str, dict[str, Setting]]) -> tuple[dict[str, dict[str, Setting]], tuple[str, ...]]:
    """`settings` with outdated values replaced by what they mean, and what to say of each."""
    translated = {section: dict(table) for section, table in settings.items()}
    advice: list[str] = []
    for section, table in settings.items():
        for key, (value, origin) in table.items():
            if (meant := today(f"{section}.{key}", value)) is not None:
                translated[section][key] = Setting(meant.value, origin)
                advice.append(f"{origin}: [{section}] {key} = {_shown(value)} {meant.advice}")
    return translated, tuple(advice)


def check_text(file: Path, text: str) -> Config:
    """What a daemon would make of `text` in `file`. Raises ConfigError that names `file`."""
    with tempfile.NamedTemporaryFile(suffix=".toml") as trial:
        trial.write(text.encode())
        trial.flush()
        try:
            return load_config(Path(trial.name)).config
        except ConfigError as error:
            raise ConfigError(error.message.replace(trial.name, str(file)), param=error.param) from error


def _from_file(file: Path) -> dict[str, dict[str, Setting]]:
    """What is written there by section; every further spool is a section `spools.NAME`."""
    settings: dict[str, dict[str, Setting]] = {}
    for section, table in _read(file).items():
        if section not in (known := _known_sections()):
            raise ConfigError(f"{file}: unknown section [{section}]; {_instead(section, known)}", param=section)
        if section != SPOOLS:
            settings[section] = _from_table(file, section, table)
            continue
        for name, inner in _from_table(file, SPOOLS, table).items():
            spool = _spool_section(name, str(file))
            settings[spool] = _from_table(file, spool, inner.value)
    return settings


def _from_table(file: Path, section: str, table: Any) -> dict[str, Setting]:
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: {section} = {_shown(table)}: [{section}] is a section, not a key", param=section)
    return {key: Setting(value, str(file)) for key, value in cast("dict[str, Any]", table).items()}


def _spool_section(name: str, origin: str) -> str:
    section = f"{SPOOLS}.{name}"
    if not SPOOL_NAME.fullmatch(name):
        raise ConfigError(f"{origin}: [{section}]: a spool's name is 1 to 32 of a-z, 0-9 and -", param=section)
    return section


def _origin(table: Mapping[str, Setting], file: Path | None) -> str:
    """Where the root of a spool was set, else the spool."""
    of_any = next((setting.origin for setting in table.values()), str(file or "defaults"))
    return table["root"].origin if "root" in table else of_any


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomli.loads(file.read_text(encoding="utf-8-sig"))
    except tomli.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 text: byte {error.start} is 0x{error.object[error.start]:02x}") from error
    except FileNotFoundError as error:
        raise ConfigError(f"{file}: no such config file; name another with --config or TTSD_CONFIG") from error
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error


def _env_key(name: str) -> tuple[str, str]:
    section, _, key = name.removeprefix(ENV_PREFIX).lower().partition("__")
    if section == SPOOLS:
        spool, _, key = key.partition("__")
        if not spool or not key:
            raise ConfigError(f"{name}: settings of a further spool are written TTSD__SPOOLS__NAME__KEY")
        return _spool_section(spool.replace("_", "-"), name), key  # a shell takes no - in the name of a variable
    if not section or not key:
        raise ConfigError(f"{name}: environment settings are written TTSD__SECTION__KEY")
    if section not in (known := _known_sections()):
        raise ConfigError(f"{name}: unknown section [{section}]; {_instead(section, known)}", param=section)
    return section, key


def value_of(section: str, key: str, text: str) -> Any:
    """`text`, written for a key: as TOML where the key takes that (numbers, arrays), else as the string it is."""
    field = _fields(section).get(key)
    try:
        value = tomli.loads(f"value = {text}")["value"]
        if field is not None:
            msgspec.convert(value, field.type)
    except (tomli.TOMLDecodeError, msgspec.ValidationError):
        return text
    return value


def _checked(settings: dict[str, dict[str, Setting]]) -> dict[str, dict[str, Any]]:
    return {
        section: {key: _checked_value(section, key, setting) for key, setting in table.items()}
        for section, table in settings.items()
    }


def _checked_value(section: str, key: str, setting: Setting) -> Any:
    fields = _fields(section)
    where = f"{setting.origin}: [{section}] {key}"
    name = f"{section}.{key}"
    if key not in fields:
        raise ConfigError(f"{where}: unknown key; {_instead(key, fields)}", param=name)
    kind = fields[key].type
    try:
        value = msgspec.convert(setting.value, kind)
    except msgspec.ValidationError as error:
        from ttsd.config.allowed import allowed  # only to explain an error: 15 ms

        wanted = allowed(kind)
        raise ConfigError(f"{where} = {_shown(setting.value)} is not allowed: it takes {wanted}", param=name) from error
    if (wanted := objection(name, value)) is not None:
        raise ConfigError(f"{where} = {_shown(setting.value)} is not allowed: it takes {wanted}", param=name)
    return value


def _nested(sections: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """`{"spools.NAME": …}` as `Config` has it: `{"spools": {"NAME": …}}`."""
    prefix = f"{SPOOLS}."
    plain = {section: table for section, table in sections.items() if not section.startswith(prefix)}
    more = {section.removeprefix(prefix): table for section, table in sections.items() if section.startswith(prefix)}
    return {**plain, SPOOLS: more}


def _known_sections() -> list[str]:
    return [field.name for field in msgspec.structs.fields(Config)]


def _fields(section: str) -> dict[str, msgspec.structs.FieldInfo]:
    kinds = {field.name: field.type for field in msgspec.structs.fields(Config)}
    kind: type[Section] = Spool if section.startswith(f"{SPOOLS}.") else kinds[section]
    return {field.name: field for field in msgspec.structs.fields(kind)}


def _instead(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"


def _shown(value: Any) -> str:
    """As TOML would write it, near enough."""
    return json.dumps(value, default=str, ensure_ascii=False)

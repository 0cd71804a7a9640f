"""Every setting and a reload: a running daemon takes it over, or names it among what needs a restart."""

import ast
import gc
import logging
import types
from collections.abc import AsyncIterator, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from tests.conftest import toml
from ttsd import places
from ttsd.bus import Bus
from ttsd.config import Config, Loaded, load_config
from ttsd.config.reloading import is_reloadable
from ttsd.config.rules import objection
from ttsd.daemon import Daemon
from ttsd.log import configure
from ttsd.reload import Reloader
from ttsd.supervisor.worker_env import worker_env

ROOT = Path(__file__).parents[2]
SECTIONS = {field.name: field.type for field in msgspec.structs.fields(Config) if field.name != "spools"}
FIELDS = {
    f"{section}.{field.name}": field
    for section, kind in SECTIONS.items()
    if section != "tui"  # the app's own
    for field in msgspec.structs.fields(kind)
}
PARTICULAR: dict[str, tuple[Any, Any]] = {
    "engine.keep_alive": ("71m", "72m"),
    "http.listen": ("127.0.0.1:7171", "127.0.0.1:7172"),
    "http.trusted_networks": (["10.71.0.0/24"], ["10.72.0.0/24"]),
    "http.trusted_proxies": (["10.71.1.0/24"], ["10.72.1.0/24"]),
    "http.token_file": ("", ""),
    "spool.file_mode": ("0640", "0660"),
    "spool.group": ("7171", "7172"),
    "usage.currency": ("CHF 71", "CHF 72"),
}
"""Keys that take not just any text; and the file of tokens, which would have to be there."""
OF_THE_DAEMON = {
    "engine.live_slots",
    "engine.keep_alive",
    "engine.rss_restart_mb",
    "engine.start_timeout_s",
    "engine.ping_timeout_s",
    "engine.chunk_timeout_s",
    "qwen3.live_slots",
}
"""Settings of engines that the daemon itself goes by; all others are told to the worker."""


def two_values(key: str, number: int) -> tuple[Any, Any]:
    """Allowed values of a key that differ; most numbers and texts are like no other value in the program."""
    if key in PARTICULAR:
        return PARTICULAR[key]
    match inspect.type_info(FIELDS[key].type):
        case inspect.LiteralType(values):
            return values[0], values[-1]
        case inspect.VarTupleType(inspect.LiteralType(values)):
            return [values[0]], [values[1]]
        case inspect.IntType() | inspect.FloatType() as kind:
            return two_numbers(kind, number)
        case kind:
            text = f"first{number}", f"second{number}"
            return {inspect.BoolType: (False, True), inspect.StrType: text}.get(type(kind), ([text[0]], [text[1]]))


def two_numbers(kind: inspect.IntType | inspect.FloatType, number: int) -> tuple[float, float]:
    most = kind.le if kind.le is not None else kind.lt
    if isinstance(kind, inspect.FloatType):
        below = (9_000 if most is None else most) - 0.001 * number
        return below - 0.000_1, below - 0.000_2
    return (most - 1, most) if most is not None else (7_000_000 + 2 * number, 7_000_001 + 2 * number)


VALUES = {key: two_values(key, number) for key, number in zip(FIELDS, count())}
CHANGING = [key for key, (before, after) in VALUES.items() if before != after]


def written(values: dict[str, Any]) -> Config:
    """As a file would have them."""
    tables: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for key, value in values.items():
        section, _, name = key.partition(".")
        tables[section][name] = value
    config = msgspec.convert(tables, Config)
    for key, value in config.flat.items():
        assert objection(key, value) is None, f"{key} = {value}"
    return config


BEFORE, AFTER = (written({key: pair[place] for key, pair in VALUES.items()}) for place in (0, 1))


def test_all_settings_can_change_but_the_one_of_a_single_value_and_the_one_that_needs_a_file():
    assert [key for key in FIELDS if key not in CHANGING] == ["output.sample_rate_hz", "http.token_file"]


# --- named or taken over ---------------------------------------------------------------------------


@pytest.mark.parametrize("key", CHANGING)
def test_a_change_is_handed_to_the_parts_or_named(key: str, tmp_path: Path):
    file = tmp_path / "config.toml"
    section, _, name = key.partition(".")
    file.write_text(f"[{section}]\n{name} = {toml(VALUES[key][0])}\n")
    parts: list[Config] = []
    told: list[tuple[tuple[str, ...], str]] = []
    part = types.SimpleNamespace(reload=parts.append)
    reloader = Reloader(load_config(file, {}), [part], lambda *what: told.append(what))
    file.write_text(f"[{section}]\n{name} = {toml(VALUES[key][1])}\n")
    reloader.reload()
    assert told == [((), "") if is_reloadable(key) else ((key,), "")]
    assert parts[0].flat[key] == AFTER.flat[key]


# --- taken over by all who hold it -----------------------------------------------------------------


@pytest.fixture
async def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Daemon]:
    """All objects of a daemon, as they were built for `BEFORE`."""
    for name in ("RUNTIME", "STATE", "CACHE", "LOGS"):
        monkeypatch.setenv(f"{name}_DIRECTORY", str(tmp_path / name.lower()))
    bus = Bus(first_seq=1)
    logger = logging.getLogger("ttsd")
    level = logger.level
    with configure(BEFORE.log, places.logs_dir(), bus.publish) as log_handle:
        yield Daemon(Loaded(BEFORE, None), [], log_handle, bus)
    logger.setLevel(level)


def held(daemon: Daemon) -> Iterator[object]:
    """Whatever the parts of a daemon refer to, however indirectly, but what it was started with."""
    own = ("_config", "_reloader")  # for what needs a restart, such as the path of the socket
    waiting: list[object] = [value for name, value in vars(daemon).items() if name not in own]
    seen: dict[int, object] = {}
    elsewhere = (types.ModuleType, types.CodeType, type, Loaded, Reloader, Daemon)
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, elsewhere):
            continue
        seen[id(found)] = found
        yield found
        if isinstance(found, types.FunctionType):  # not all that its module knows
            waiting += gc.get_referents(found.__closure__, found.__defaults__, found.__kwdefaults__)
        else:
            waiting += gc.get_referents(found)


UNLIKE_OTHERS = {
    value: key
    for key, (value, _) in VALUES.items()
    if isinstance(value, float) or (isinstance(value, int) and value >= 7_000_000) or str(value).startswith("first")
}
"""Values before the reload that are found by themselves."""


def kept(daemon: Daemon) -> set[str]:
    """Keys whose values before the reload are still held: in a section as it was, or by themselves."""
    old = {id(getattr(BEFORE, section)): section for section in SECTIONS}
    keys: set[str] = set()
    for each in held(daemon):
        if (section := old.get(id(each))) is not None:
            keys |= {key for key in FIELDS if key.startswith(f"{section}.")}
        elif isinstance(each, int | float | str) and each in UNLIKE_OTHERS:
            keys.add(UNLIKE_OTHERS[each])
    return keys


async def test_nobody_goes_by_the_old_value_of_what_is_taken_over(daemon: Daemon):
    assert kept(daemon) == set(FIELDS)
    for part in daemon._reloader._parts:
        part.reload(AFTER)
    still = kept(daemon)
    assert {key for key in still if is_reloadable(key)} == set()
    # What was built with them before, and is not told of a reload: such are found.
    assert still >= {"limits.prep_timeout_s", "gpu.sample_s", "spool.settle_s"}


# --- and heeded ------------------------------------------------------------------------------------


@cache
def names_read() -> set[str]:
    """Attributes that the program reads anywhere but where settings are declared, checked and shown."""
    apart = [ROOT / "ttsd/config", ROOT / "ttsd/cli", ROOT / "ttsd/client"]
    files = [file for file in (ROOT / "ttsd").rglob("*.py") if not any(file.is_relative_to(each) for each in apart)]
    return {
        node.attr
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }


@pytest.mark.parametrize("key", CHANGING)
def test_somebody_reads_it(key: str):
    name = key.partition(".")[2]
    by_property = {"file_mode": "mode", "group": "gid", "root": "all_spools", "socket": "socket_path"}
    assert by_property.get(name, name) in names_read()


@pytest.mark.parametrize("key", [key for key in CHANGING if key.partition(".")[0] in ("engine", "fake", "qwen3")])
def test_a_setting_of_engines_has_another_worker_started_or_is_the_daemons_own(key: str):
    section, _, name = key.partition(".")
    changed = msgspec.structs.replace(getattr(BEFORE, section), **{name: getattr(getattr(AFTER, section), name)})
    after = msgspec.structs.replace(BEFORE, **{section: changed})
    assert (worker_env(BEFORE, None) == worker_env(after, None)) is (key in OF_THE_DAEMON)

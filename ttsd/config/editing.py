"""Changing settings in a configuration file that somebody has written: all else in it stays as it is."""

import os
import re
import secrets
from pathlib import Path
from typing import Any, Final, cast

import tomli

from ttsd.durable import sync_directory

Settings = dict[str, dict[str, Any]]
"""Values by section and key."""

BOM: Final = "\ufeff"


def edited(text: str, settings: Settings) -> str:
    """`text` (TOML) with `settings`; comments, order and blank lines stay. Raises ValueError when that is too hard."""
    bom, windows = text.startswith(BOM), "\r\n" in text
    plain = text.removeprefix(BOM).replace("\r\n", "\n")
    changed = _changed(plain if plain.endswith("\n") or not plain else plain + "\n", settings)
    _check(plain, changed, settings)
    return (BOM if bom else "") + (changed.replace("\n", "\r\n") if windows else changed)


def as_lines(settings: Settings) -> str:
    """`settings` as one would write them by hand."""
    return edited("", settings)


def _changed(text: str, settings: Settings) -> str:
    import tomlkit  # only by who writes: 25 ms

    document: Any = tomlkit.parse(text)
    for section, keys in settings.items():
        for key, value in keys.items():
            if section not in document:
                document[section] = tomlkit.table()
            _set(document[section], key, value)
    return tomlkit.dumps(document)


def _set(table: Any, key: str, value: Any) -> None:
    """Below the line that has `key` commented out, else below the last key: not below a comment of the next section."""
    from tomlkit.items import SingleKey, Table, item

    if key in table or not isinstance(table, Table) or _is_dotted(table):
        table[key] = value
        return
    body = cast("list[tuple[Any, Any]]", table.value.body)
    keys = [place for place, (name, _) in enumerate(body) if name is not None]
    remark = re.compile(rf"\s*#\s*{key}\s*=")
    remarks = [place for place, (name, line) in enumerate(body) if name is None and remark.match(line.as_string())]
    last = (remarks or keys or [-1])[-1]
    body.insert(last + 1, (SingleKey(key), cast("Any", item(value))))


def _is_dotted(table: Any) -> bool:
    return any(name is not None and name.is_dotted() for name, _ in table.value.body)


def _check(before: str, after: str, settings: Settings) -> None:
    wanted = tomli.loads(before)
    for section, keys in settings.items():
        wanted[section] = {**wanted.get(section, {}), **keys}
    if tomli.loads(after) != wanted:
        raise ValueError("its tables are written in a way that no program here can change")


def replace_text(file: Path, text: str) -> None:
    """Have `text` in `file`, at once and for good; links are followed, mode and owner stay. Raises OSError."""
    target = file.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside it, as only within a file system can a rename replace.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write(temporary, text, target.stat() if target.exists() else None)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(target.parent)


def _write(file: Path, text: str, like: os.stat_result | None) -> None:
    mode = 0o666 if like is None else like.st_mode & 0o7777
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as data:
        if like is not None:
            os.fchown(descriptor, like.st_uid, like.st_gid)
            os.fchmod(descriptor, mode)
        data.write(text)
        data.flush()
        os.fsync(descriptor)

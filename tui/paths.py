"""Paths that people type, paste or drop: completed as a shell does it, and recognised. Blocking, for local disks."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from tui.compose import common

MOST_SCANNED: Final = 5000
"""Entries of a folder that are looked at: one key press does not wait for a huge folder."""
LONGEST: Final = 4096


def expanded(text: str) -> Path:
    """The path that `text` means; `~` is the home directory."""
    return Path(os.path.expanduser(text.strip()))  # noqa: PTH111 — Path.expanduser raises for a user nobody knows


def completions(text: str, suffixes: tuple[str, ...] = ()) -> list[str]:
    """What may stand in the place of `text`, folders with a `/` behind them, in order.

    Of files only those that end in one of `suffixes`, in any case, when there are any; hidden ones when asked for.
    """
    folder, _, stem = text.rpartition("/")
    head = text[: len(text) - len(stem)]
    try:
        with os.scandir(expanded(head) if folder or head else Path()) as entries:
            found = [
                entry.name + ("/" if entry.is_dir() else "")
                for _, entry in zip(range(MOST_SCANNED), entries, strict=False)
                if _fits(entry, stem, suffixes)
            ]
    except OSError:
        return []
    return [head + name for name in sorted(found)]


def _fits(entry: os.DirEntry[str], stem: str, suffixes: tuple[str, ...]) -> bool:
    if not entry.name.startswith(stem) or (entry.name.startswith(".") and not stem):
        return False
    try:
        return not suffixes or entry.is_dir() or entry.name.lower().endswith(suffixes)
    except OSError:
        return False


def completed(text: str, suffixes: tuple[str, ...] = ()) -> str:
    """`text` with as much added as all completions have in common; as it is when there are none."""
    found = completions(text, suffixes)
    return found[0][: common(found[0], found[-1])] if found else text


def pasted(text: str) -> Path | None:
    """The file that a terminal pastes when one is dropped on it: bare, quoted, escaped or as a `file:` address."""
    text = text.strip()
    if not text or len(text) > LONGEST or "\n" in text or "\0" in text:
        return None
    for path in (text, text.strip("'\""), text.replace("\\", ""), _of_address(text)):
        if path and _is_file(path):
            return expanded(path)
    return None


def _is_file(text: str) -> bool:
    try:
        path = expanded(text)
        return path.is_absolute() and path.is_file()
    except OSError:
        return False


def _of_address(text: str) -> str:
    try:
        address = urlsplit(text)
    except ValueError:
        return ""
    return unquote(address.path) if address.scheme == "file" and address.netloc in ("", "localhost") else ""

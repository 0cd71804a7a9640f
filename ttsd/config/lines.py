"""Where in a configuration file a key stands: for who has to mend it."""

import re
from typing import Final

_TABLE: Final = re.compile(r"\s*\[\s*(?P<name>[^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY: Final = re.compile(r"\s*(?P<name>[A-Za-z0-9_.\"'\s-]+?)\s*=")


def line_of(text: str, key: str) -> int | None:
    """The number of the line that sets `key` (as `section.key`; or a section's own); `None` where it is not found.

    It is found as people write it: below its table, or with dots. A string of several lines may mislead it.
    """
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if table := _TABLE.match(line):
            section = _plain(table["name"])
            if section == key:
                return number
        elif found := _KEY.match(line):
            name = _plain(found["name"])
            if (f"{section}.{name}" if section else name) == key:
                return number
    return None


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))

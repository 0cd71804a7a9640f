"""Which side is the older one, when daemon and app are of different versions."""

import re
from typing import Final, Literal

from ttsd.client import VERSION
from tui.language import later

Side = Literal["daemon", "app", "unknown"]

ADVICE: Final[dict[Side, str]] = {
    "daemon": later("The daemon is the older one: update it and start it anew."),
    "app": later("This app is the older one: update it, then open it again."),
    "unknown": later("Update the older of the two, the daemon or this app."),
}


def older(theirs: str, ours: str = VERSION) -> Side:
    """Compared number by number, as far as both have some; what follows them decides nothing."""
    daemon, app = _numbers(theirs), _numbers(ours)
    if not daemon or daemon == app:
        return "unknown"
    return "daemon" if daemon < app else "app"


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, found.group().split("."))) if found else ()

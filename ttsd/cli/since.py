"""`--since`: a stretch of time before now, or a day."""

import re
from datetime import datetime
from typing import Final

import click

FORMS: Final = "`30d`, `12h`, `2w`, `2026-11-01` or `all`"
UNITS_S: Final = {"h": 3600.0, "d": 86_400.0, "w": 7 * 86_400.0}
_STRETCH: Final = re.compile(r"(?P<count>\d{1,6})\s*(?P<unit>[hdw])")


def since(text: str, now_s: float) -> float:
    """Unix seconds. Raises BadParameter that says what is understood."""
    wanted = text.strip().lower()
    if wanted == "all":
        return 0.0
    if found := _STRETCH.fullmatch(wanted):
        return max(0.0, now_s - int(found["count"]) * UNITS_S[found["unit"]])
    try:
        day_s = datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{text!r} is no time; write {FORMS}", param_hint="--since") from None
    if day_s > now_s:
        raise click.BadParameter(f"{text} is still to come", param_hint="--since")
    return max(0.0, day_s)

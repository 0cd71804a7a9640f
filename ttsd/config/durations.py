"""How long a model stays loaded, as people write it: `"5m"`, `300`, `"forever"`."""

import re
from typing import Final

FOREVER: Final = "forever"
UNITS_S: Final = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}

_NUMBER: Final = r"[0-9]+(?:\.[0-9]+)?"
_PART: Final = re.compile(rf"({_NUMBER})(ms|s|m|h|d|)")
_WHOLE: Final = re.compile(rf"-?(?:{_NUMBER}|(?:{_NUMBER}(?:ms|s|m|h|d))+)")


def duration_s(value: str | float) -> float | None:
    """Seconds; `None` is for ever: a negative duration means that, too. A number without a unit is in seconds.

    Raises ValueError for what is no duration.
    """
    if isinstance(value, str):
        return _written_s(value.strip().lower())
    return None if value < 0 else float(value)


def _written_s(text: str) -> float | None:
    if text == FOREVER:
        return None
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    if text.startswith("-"):
        return None
    return sum(float(number) * UNITS_S[unit] for number, unit in _PART.findall(text))

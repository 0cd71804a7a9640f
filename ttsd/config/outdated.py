"""Values that older versions took: what they mean today, and what to write instead."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast


class Today(NamedTuple):
    """An old value's meaning."""

    value: Any
    advice: str
    """To follow "[section] key = value"."""


def today(key: str, value: Any) -> Today | None:
    """What `value`, once allowed for `key` (as `section.key`), means; `None` when it is none of those."""
    translate = _TRANSLATIONS.get(key)
    return translate(value) if translate is not None else None


def _keep_alive(value: Any) -> Today | None:
    meant = _KEPT.get(value.strip().lower() if isinstance(value, str) else value if isinstance(value, bool) else None)
    return (
        None
        if meant is None
        else Today(meant, f'is taken as "{meant}": it is a duration now; write keep_alive = "{meant}"')
    )


_KEPT: Final[dict[Any, str]] = {True: "forever", False: "5m", "true": "forever", "false": "5m"}
"""Whether it was to be kept, in a file and in the environment."""


_TRANSLATIONS: Final[dict[str, Callable[[Any], Today | None]]] = {"engine.keep_alive": _keep_alive}


def outdated(settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Of what stands in a file (tables by section), what is outdated, as one would write it today."""
    found: dict[str, dict[str, Any]] = {}
    for section, table in settings.items():
        keys = cast("dict[str, Any]", table if isinstance(table, dict) else {})
        for key, value in keys.items():
            if (meant := today(f"{section}.{key}", value)) is not None:
                found.setdefault(section, {})[key] = meant.value
    return found

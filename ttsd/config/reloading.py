"""Which settings a running daemon takes over, and which differ."""

from typing import Final

from ttsd.config.rules import of_any_spool
from ttsd.config.sections import Config

RELOADABLE: Final = (
    "engine",
    "fake",
    "qwen3",
    "speech",
    "log",
    "limits",
    "output",
    "usage",
    "http",
    "access",
    "gpu",
    "spool.voice",
    "spool.language",
    "spool.format",
    "spool.captions",
)
"""Sections and keys that running objects take over; all others need a restart. Each spool has the keys of `spool`."""
NOT_RELOADABLE: Final = frozenset({"limits.prep_timeout_s", "http.listen", "gpu.sample_s"})
"""Keys of those sections that need one all the same."""


def changed(old: Config, new: Config) -> list[str]:
    """Keys with another value, as `section.key`; those of a spool that came or went too, the app's own not."""
    before, after = old.flat, new.flat
    keys = [key for key in {**after, **before} if not key.startswith("tui.")]
    return [key for key in keys if key not in before or key not in after or before[key] != after[key]]


def is_reloadable(key: str) -> bool:
    """Whether a running daemon takes over this key."""
    key = of_any_spool(key)
    return key not in NOT_RELOADABLE and (key in RELOADABLE or key.partition(".")[0] in RELOADABLE)

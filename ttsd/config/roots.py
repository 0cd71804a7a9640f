"""Every spool has a folder of its own: none lies in another's, so that no file is taken twice."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path

from ttsd.config.sections import Config
from ttsd.protocol.errors import ConfigError


def check_roots(config: Config, origin: Callable[[str], str]) -> None:
    """Look at the roots together; `origin` tells where a section's was set. Raises ConfigError that names both."""
    if not config.spools:
        return
    for name, spool in config.spools.items():
        if not spool.root:
            section = f"spools.{name}"
            message = f"{origin(section)}: [{section}] root is missing: each further spool needs a directory of its own"
            raise ConfigError(message, param=f"{section}.root")
    roots = {f"spools.{name}" if name else "spool": spool.root for name, spool in config.all_spools.items()}
    for other, section in itertools.combinations(roots, 2):
        if (relation := _relation(roots[section], roots[other])) is not None:
            conflict = f'[{section}] root = "{roots[section]}" {relation} [{other}] root = "{roots[other]}"'
            message = f"{origin(section)}: {conflict}: give each spool a directory of its own"
            raise ConfigError(message, param=f"{section}.root")


def _relation(root: str, other_root: str) -> str | None:
    """How `root` stands in the way of `other_root`, whatever symlinks lead there; `None`: it does not."""
    path, other = (Path(os.path.realpath(text)) for text in (root, other_root))
    if path == other:
        return "is the same directory as"
    if other in path.parents:
        return "lies in"
    return "contains" if path in other.parents else None

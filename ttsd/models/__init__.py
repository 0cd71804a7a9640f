"""Checkpoints on this machine: the published ones, where they are kept, and fetching them from the hub."""

from ttsd.models.local import (
    PUBLISHED,
    REVISION_FILE,
    SYSTEM_MODELS,
    Local,
    Published,
    describe,
    find,
    folder_of,
    local_models,
    locate,
    models_dir,
)
from ttsd.models.pulling import Report, pull
from ttsd.models.whole import check

__all__ = [
    "PUBLISHED",
    "REVISION_FILE",
    "SYSTEM_MODELS",
    "Local",
    "Published",
    "Report",
    "check",
    "describe",
    "find",
    "folder_of",
    "local_models",
    "locate",
    "models_dir",
    "pull",
]

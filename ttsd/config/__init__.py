"""Configuration: frozen structs that mirror `config.toml`, checked before anything heavy is imported."""

from ttsd.config.loading import ENV_PREFIX, Loaded, find_config, load_config
from ttsd.config.sections import (
    Clips,
    Config,
    Daemon,
    Engine,
    Fake,
    Gpu,
    Http,
    Limits,
    Log,
    Output,
    Qwen3,
    Section,
    Speech,
    Spool,
    language_code,
)

__all__ = [
    "ENV_PREFIX",
    "Clips",
    "Config",
    "Daemon",
    "Engine",
    "Fake",
    "Gpu",
    "Http",
    "Limits",
    "Loaded",
    "Log",
    "Output",
    "Qwen3",
    "Section",
    "Speech",
    "Spool",
    "find_config",
    "language_code",
    "load_config",
]

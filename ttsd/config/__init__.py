"""Configuration: frozen structs that mirror `config.toml`, checked before anything heavy is imported."""

from ttsd.config.languages import language_asked, language_code
from ttsd.config.loading import ENV_PREFIX, Loaded, check_text, load_config
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
    Tui,
    Usage,
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
    "Tui",
    "Usage",
    "check_text",
    "language_asked",
    "language_code",
    "load_config",
]

"""Configuration files, and front matter of texts: taken, or refused with a sentence; nothing else comes of them."""

import tempfile
from pathlib import Path

from ttsd.config import load_config
from ttsd.config.editing import edited
from ttsd.config.lines import line_of
from ttsd.ingest.frontmatter import split
from ttsd.protocol.errors import BadRequest, ConfigError

SEEDS = [
    b'[engine]\nname = "fake"\nkeep_alive = true\nlanguages = ["en", "zh"]\n[log]\nlevel = "info"\nmax_mb = 3\n',
    b'[spools.books]\nroot = "/x/books"\nfile_mode = "0640"\n[http]\ntrusted_networks = ["127.0.0.0/8"]\n',
    b'engine.slots = 2\n[tui]\nkeys = { read = "f12" }\n[qwen3]\nslots = 16\ndtype = "float32"\n',
    b'+++\nvoice = "anna@happy"\nlanguage = "en"\nspeed = 1.5\nseed = 3\ncaptions = "both"\n+++\nText.\n',
]
_FOLDER = tempfile.TemporaryDirectory(prefix="ttsd-fuzz-")
_FILE = Path(_FOLDER.name) / "config.toml"


def check(data: bytes) -> None:
    _FILE.write_bytes(data)
    text = data.decode("utf-8", "replace")
    try:
        loaded = load_config(_FILE, {})
    except ConfigError as error:
        if str(_FILE) not in error.message:
            raise AssertionError(error.message) from error
    else:
        assert loaded.origins.keys() <= loaded.config.flat.keys()
        _change(text)
    for key in ("log.level", "engine", "spools.books.root"):
        line_of(text, key)
    try:
        split(text)
    except BadRequest:
        return


def _change(text: str) -> None:
    """What is changed in it by program is changed, or refused; the editor itself looks that all else stays."""
    try:
        edited(text, {"log": {"level": "debug"}})
    except ValueError:
        return

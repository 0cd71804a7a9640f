"""Configuration: frozen structs that mirror `config.toml`, checked before anything heavy is imported.

Every key has a default and a sentence here, and stands with both in the repository's `config.toml`
(a test compares the two). Any key can be set from the environment as `TTSD__SECTION__KEY`.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import tomli

from ttsd import places
from ttsd.protocol.errors import ConfigError
from ttsd.protocol.speech import LANGUAGES, AudioFormat, VoiceName

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]
LanguageCode = Literal["auto", "zh", "en", "ja", "ko", "de", "fr", "ru", "pt", "es", "it"]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of the sections: unknown keys are refused."""


class Daemon(Section):
    socket: str = ""
    """Path of the Unix socket; empty: `ttsd.sock` in the runtime directory."""
    drain_s: NotNegative = 20.0
    """How long running work may go on after a request to stop (keep it below systemd's TimeoutStopSec)."""


class Fake(Section):
    """The scriptable engine for tests and drills; see `ttsd/worker/fake.py`."""

    slots: Count = 4
    """How many segments it speaks at once."""
    load_s: NotNegative = 0.0
    """How long loading takes."""
    first_chunk_ms: NotNegative = 0.0
    """Delay before the first chunk of a segment."""
    rtf: NotNegative = 0.0
    """Seconds of work per second of audio."""
    script: str = ""
    """Path of a TOML file with faults to act out; it is read again before every segment."""


class Engine(Section):
    name: Literal["builtin", "qwen3", "fake", "remote"] = "builtin"
    """The model behind the daemon: `builtin` speaks English without a GPU or a download."""
    slots: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    """Segments spoken at once by the built-in engine; 0: one for each core, four at most."""
    live_slots: Annotated[int, msgspec.Meta(ge=0, le=64)] = 1
    """Slots that background work leaves free for live sessions and streams (never the last one)."""
    keep_alive: bool = True
    """Keep the model loaded while idle."""
    allow_cpu: bool = False
    """Let an engine made for a GPU run on the CPU."""
    start_timeout_s: Positive = 180.0
    """How long loading may take before the worker is replaced."""
    ping_timeout_s: Positive = 10.0
    """A worker that does not answer for so long is replaced."""
    chunk_timeout_s: Positive = 60.0
    """A segment without new audio for so long means a hung engine: the worker is replaced."""


class Qwen3(Section):
    model: str = ""
    """Directory of the checkpoint, or its hub id."""
    device: Literal["auto", "cuda", "cpu"] = "auto"
    """`auto` is `cuda`, or a failure that says why (see `[engine] allow_cpu`)."""
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"
    """Arithmetic of the model."""
    slots: Annotated[int, msgspec.Meta(ge=1, le=64)] = 16
    """Streams at once."""
    live_slots: Annotated[int, msgspec.Meta(ge=0, le=64)] = 2
    """Of these, kept free for live sessions."""
    max_frames: Count = 2048
    """Longest segment in frames of 80 ms."""


class Speech(Section):
    voice: VoiceName | Literal[""] = ""
    """Voice when a request names none; empty: the engine's own default."""
    language: LanguageCode = "auto"
    """Language when a request names none; `auto` looks at the text."""
    uncloned: Literal["refuse", "nearest"] = "refuse"
    """What a reference clip gets on an engine that cannot clone: an error, or the nearest built-in voice."""


class Spool(Section):
    root: str = ""
    """Directory of `inbox/ outbox/ done/ failed/`; empty: `spool/` in the state directory."""
    settle_s: NotNegative = 1.0
    """A file is complete when its size and time of change have been still for so long."""
    rescan_s: Positive = 60.0
    """How often the inbox is walked for what events missed."""
    ignore: tuple[str, ...] = ()
    """More glob patterns of file names to leave alone."""
    polling: bool = False
    """Poll instead of inotify, for network mounts."""


class Output(Section):
    format: AudioFormat = "wav"
    """Format of files in the outbox and of `/api/tts`."""
    sample_rate_hz: Annotated[int, msgspec.Meta(ge=8000, le=192_000)] = 24_000
    """Sample rate of `/api/tts` and of files in the outbox."""
    captions: Literal["none"] = "none"
    """Captions beside the audio."""


class Clips(Section):
    max_gb: NotNegative = 2.0
    """Bound of the clip store (finished segments, for resume and for redoing one sentence)."""


class Http(Section):
    listen: str = ""
    """`host:port` to listen on besides the Unix socket; empty: none."""
    token_file: str = ""
    """File with the token that TCP clients outside `trusted_networks` must send as `Authorization: Bearer`."""
    trusted_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks whose clients need no token."""
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    """Values of `Host` (and hosts of `Origin`) that are answered over TCP; add the name clients use."""
    ref_dirs: tuple[str, ...] = ()
    """Folders below which `ref_audio` may name a file."""


class Gpu(Section):
    sample_s: Positive = 2.0
    """How often cards, CPU and memory are looked at."""
    vram_restart: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.90
    """Replace the worker above this fraction of the card's memory."""
    vram_hysteresis: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.05
    """And not again before use was below `vram_restart` less this."""
    sustained_s: NotNegative = 10.0
    """Only when use stays above for so long."""


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is written."""
    format: Literal["auto", "console", "json"] = "auto"
    """On stderr: `auto` is plain lines for journald and pipes, colours on a terminal."""
    keep_days: Count = 7
    """Days of rotated logs to keep."""
    max_mb: Positive = 50.0
    """Rotate before the day is over when the file is larger."""
    max_total_mb: Positive = 500.0
    """Bound of all logs together; the oldest go first."""
    log_text: Literal["hash", "full"] = "hash"
    """How spoken texts appear in logs."""


class Limits(Section):
    max_text_chars: Count = 20_000
    """Longest text of one HTTP request."""
    max_body_bytes: Count = 32 * 2**20
    """Largest HTTP body."""
    max_file_bytes: Count = 2 * 2**20
    """Largest file in the inbox."""
    max_document_chars: Count = 1_000_000
    """Longest text of one document, front matter apart."""
    max_queue: Count = 100_000
    """Jobs waiting at once."""
    max_streams: Count = 256
    """HTTP speech requests at once."""
    max_live_sessions: Count = 32
    """Live sessions at once."""
    slow_reader_s: Positive = 60.0
    """A client that takes no byte for so long is dropped."""
    prep_timeout_s: Positive = 30.0
    """How long preparing one text may take."""
    max_attempts: Count = 5
    """How often a job is tried before it fails."""


class Config(Section):
    daemon: Daemon = Daemon()
    engine: Engine = Engine()
    fake: Fake = Fake()
    qwen3: Qwen3 = Qwen3()
    speech: Speech = Speech()
    spool: Spool = Spool()
    output: Output = Output()
    clips: Clips = Clips()
    http: Http = Http()
    gpu: Gpu = Gpu()
    log: Log = Log()
    limits: Limits = Limits()

    @property
    def socket_path(self) -> Path:
        """Where the daemon listens."""
        return Path(self.daemon.socket) if self.daemon.socket else places.runtime_dir() / "ttsd.sock"

    @property
    def spool_root(self) -> Path:
        return Path(self.spool.root) if self.spool.root else places.state_dir() / "spool"


class Loaded(msgspec.Struct, frozen=True):
    """A configuration and the file it came from (`None`: defaults and environment only)."""

    config: Config
    file: Path | None


SEARCH: Final = (
    Path("~/.config/ttsd/config.toml"),
    Path("/etc/ttsd/config.toml"),
)
ENV_PREFIX: Final = "TTSD__"


def find_config(explicit: Path | None, env: Mapping[str, str]) -> Path | None:
    """The file to read: `--config`, `$TTSD_CONFIG`, the user's, the system's; `None` when there is none.

    Raises ConfigError when a file that was named does not exist.
    """
    named = explicit or (Path(env["TTSD_CONFIG"]) if env.get("TTSD_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ConfigError(f"{named}: no such config file; name another with --config or TTSD_CONFIG")
        return named
    return next((p for p in (s.expanduser() for s in SEARCH) if p.is_file()), None)


def load_config(explicit: Path | None = None, env: Mapping[str, str] = os.environ) -> Loaded:
    """Read and check the configuration.

    Raises ConfigError that names file, section, key, value and what is allowed.
    """
    file = find_config(explicit, env)
    data = _read(file) if file else {}
    origin = str(file) if file else "defaults"
    for name, value in sorted(env.items()):
        if name.startswith(ENV_PREFIX):
            _set_from_env(data, name, value)
    return Loaded(_convert(data, origin), file)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomli.loads(file.read_text(encoding="utf-8"))
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error


def _set_from_env(data: dict[str, Any], name: str, value: str) -> None:
    parts = name.removeprefix(ENV_PREFIX).lower().split("__")
    if len(parts) != 2 or not all(parts):
        raise ConfigError(f"{name}: environment settings are written TTSD__SECTION__KEY")
    section, key = parts
    data.setdefault(section, {})[key] = _env_value(value)


def _env_value(value: str) -> Any:
    """`value` as TOML where it is TOML (numbers, booleans, arrays), else as the string it is."""
    try:
        return tomli.loads(f"value = {value}")["value"]
    except tomli.TOMLDecodeError:
        return value


def _convert(data: dict[str, Any], origin: str) -> Config:
    """Section by section and key by key, so that an error can name the key and its value."""
    sections: dict[str, Section] = {}
    known = {f.name: f.type for f in msgspec.structs.fields(Config)}
    for section, table in data.items():
        if section not in known:
            raise ConfigError(f"{origin}: unknown section [{section}]; there are {', '.join(known)}", param=section)
        if not isinstance(table, dict):
            raise ConfigError(f"{origin}: {section} must be a table: [{section}]", param=section)
        sections[section] = _convert_section(section, known[section], table, origin)
    return Config(**sections)


def _convert_section(section: str, kind: type[Section], table: dict[str, Any], origin: str) -> Section:
    fields = {f.name: f for f in msgspec.structs.fields(kind)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        where = f"{origin}: [{section}] {key}"
        if key not in fields:
            raise ConfigError(f"{where}: unknown key; [{section}] has {', '.join(fields)}", param=f"{section}.{key}")
        try:
            values[key] = msgspec.convert(value, fields[key].type)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{where} = {value!r}: {_explain(error)}", param=f"{section}.{key}") from error
    return kind(**values)


def _explain(error: msgspec.ValidationError) -> str:
    text = str(error)
    if "enum value" in text or "Invalid" in text and "expected" not in text:
        return text
    return text[0].lower() + text[1:]


def language_code(name: str) -> str:
    """The code for a code or an English name in any case; `auto` stays.

    Raises KeyError for anything else.
    """
    wanted = name.strip().lower()
    if wanted == "auto" or wanted in LANGUAGES:
        return wanted
    return {english: code for code, english in LANGUAGES.items()}[wanted]

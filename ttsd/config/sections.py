"""The sections and keys of `config.toml`: types, defaults and a sentence for each.

The sentences stand in the repository's `config.toml` too; a test compares the two.
"""

import grp
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from ttsd import places
from ttsd.protocol.speech import LANGUAGES, VOICE_PATTERN, Amount, Captions, FileFormat

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]
LanguageCode = Literal["auto", "zh", "en", "ja", "ko", "de", "fr", "ru", "pt", "es", "it"]
SpokenCode = Literal["zh", "en", "ja", "ko", "de", "fr", "ru", "pt", "es", "it"]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of the sections: unknown keys are refused."""


class Daemon(Section, frozen=True):
    """The process itself."""

    socket: str = ""
    """Path of the Unix socket; empty: `ttsd.sock` in the runtime directory."""
    drain_s: NotNegative = 20.0
    """How long running work may go on after a request to stop (keep it below systemd's TimeoutStopSec)."""


class Fake(Section, frozen=True):
    """The engine `fake`, for tests and drills: it makes tones, and acts out faults."""

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
    can_clone: bool = False
    """Speak reference clips, each with a pitch of its own."""


class Engine(Section, frozen=True):
    """What speaks, and how patient the daemon is with it."""

    name: Literal["builtin", "qwen3", "fake", "remote"] = "builtin"
    """The model: `builtin` needs no GPU; the others are `qwen3`, `remote` and `fake`."""
    slots: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    """Segments spoken at once by the built-in engine; 0: one for each core, four at most."""
    languages: tuple[SpokenCode, ...] = ()
    """What the built-in engine loads, as `["en", "zh"]`; empty: all that is installed (see docs/voices.md)."""
    live_slots: Annotated[int, msgspec.Meta(ge=0, le=64)] = 1
    """Slots that background work leaves free for live sessions and streams (never the last one)."""
    keep_alive: bool = True
    """Keep the model loaded while idle; always so for the built-in engine."""
    allow_cpu: bool = False
    """Let an engine made for a GPU run on the CPU; takes effect with `qwen3`."""
    start_timeout_s: Positive = 180.0
    """How long loading may take before the worker is replaced."""
    ping_timeout_s: Positive = 10.0
    """A worker that does not answer for so long is replaced."""
    chunk_timeout_s: Positive = 60.0
    """A segment without new audio for so long means a hung engine: the worker is replaced."""


class Qwen3(Section, frozen=True):
    """The engine `qwen3`; it needs the extra `ttsd[qwen]`."""

    model: str = ""
    """Directory of the checkpoint, or its hub id."""
    device: Literal["auto", "cuda", "cpu"] = "auto"
    """`cuda`, `cpu`, or `auto`: that is `cuda`, or a failure that says why (see `[engine] allow_cpu`)."""
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"
    """Arithmetic of the model: `bfloat16`, `float16` or `float32`; on a CPU always `float32`."""
    slots: Annotated[int, msgspec.Meta(ge=1, le=64)] = 16
    """Streams at once. Each takes memory for its longest segment: 110 KiB a position in `bfloat16`, 340 MiB in all."""
    live_slots: Annotated[int, msgspec.Meta(ge=0, le=64)] = 2
    """Of these, kept free for live sessions."""
    max_frames: Count = 2048
    """Longest segment in frames of 80 ms."""


class Speech(Section, frozen=True):
    """What a request leaves open."""

    voice: Annotated[str, msgspec.Meta(pattern=rf"^({VOICE_PATTERN})?\Z")] = ""
    """Voice when a request names none; empty: the engine's own default."""
    language: LanguageCode = "auto"
    """Language when a request names none: `zh en ja ko de fr ru pt es it`, or `auto`, which looks at the text."""
    uncloned: Literal["refuse", "nearest"] = "refuse"
    """A reference clip on an engine that cannot clone: `refuse` it, or take the `nearest` built-in voice."""
    clarity: Amount = 50
    """Crisper and slower, from 0 to 100; 50: the engine's own way. `docs/style.md` tells what it moves."""
    naturalness: Amount = 50
    """More breath, and pauses and tempo that vary, from 0 to 100."""
    emotion: Amount = 50
    """A wider range of pitch and tone, from 0 to 100."""


class Spool(Section, frozen=True):
    """The hot folder. More of them: `[spools.NAME]`, below."""

    root: str = ""
    """Directory of `inbox/ outbox/ done/ failed/`; empty: `spool/` in the state directory."""
    settle_s: NotNegative = 1.0
    """A file is complete when its size and time of change have been still for so long."""
    rescan_s: Positive = 60.0
    """How often the inbox is walked for what events missed."""
    ignore: tuple[str, ...] = ()
    """More glob patterns of file names to leave alone."""
    polling: bool = False
    """Look every second instead of being told by the kernel; on NFS, SMB, 9p and FUSE it is so in any case."""
    voice: Annotated[str, msgspec.Meta(pattern=rf"^({VOICE_PATTERN})?\Z")] = ""
    """Voice of files from this spool; empty: that of `[speech]`."""
    language: Literal["", LanguageCode] = ""
    """Their language: `zh en ja ko de fr ru pt es it` or `auto`; empty: that of `[speech]`."""
    format: Literal["", "wav", "pcm", "flac", "mp3", "opus", "m4a", "m4b"] = ""
    """Format of their audio: `wav pcm flac mp3 opus m4a m4b`; empty: that of `[output]`."""
    captions: Literal["", "none", "srt", "vtt", "both"] = ""
    """Captions beside it: `none`, `srt`, `vtt` or `both`; empty: those of `[output]`."""
    file_mode: str = ""
    """Mode of results, such as `"0640"`; folders made for them also get x where r is. Empty: as the umask has it."""
    group: str = ""
    """Group of results and of folders made for them, by name or number; empty: as it comes."""

    @property
    def mode(self) -> int | None:
        """`file_mode` as a number; `None`: as the umask has it."""
        return int(self.file_mode, 8) if self.file_mode else None

    @property
    def gid(self) -> int | None:
        """`group` as a number; `None`: as it comes. Raises KeyError when there is no such group."""
        if not self.group:
            return None
        return int(self.group) if self.group.isdecimal() else grp.getgrnam(self.group).gr_gid


class Output(Section, frozen=True):
    """What results look like."""

    format: FileFormat = "wav"
    """Format of files in the outbox: `wav pcm flac mp3 opus m4a m4b`."""
    sample_rate_hz: Literal[24_000] = 24_000
    """Sample rate of `/api/tts` and of files in the outbox: 24000, the only one so far."""
    captions: Captions = "none"
    """Captions beside the audio: `none`, `srt`, `vtt` or `both`."""
    loudness_lufs: Annotated[float, msgspec.Meta(ge=-40, le=0)] = 0.0
    """Bring each file to this loudness by one gain (EBU R128; -16 suits podcasts, -23 broadcast); 0: as it was made."""


class Clips(Section, frozen=True):
    """The store of finished segments."""

    max_gb: NotNegative = 2.0
    """Bound of the clip store (finished segments, for resume and for redoing one sentence)."""


class Http(Section, frozen=True):
    """HTTP beyond the Unix socket, and what requests may reach."""

    listen: str = ""
    """`host:port` to listen on besides the Unix socket; empty: none."""
    token_file: str = ""
    """File with the token that TCP clients outside `trusted_networks` must send (`Authorization: Bearer TOKEN`)."""
    trusted_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks whose clients need no token."""
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    """Values of `Host` (and hosts of `Origin`) that are answered over TCP; add the name clients use."""
    ref_dirs: tuple[str, ...] = ()
    """Folders below which `ref_audio` may name a file."""


class Gpu(Section, frozen=True):
    """Watching cards, CPU and memory."""

    sample_s: Positive = 2.0
    """How often cards, CPU and memory are looked at."""
    vram_restart: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.90
    """Replace the worker above this fraction of the card's memory; takes effect with `qwen3`."""
    vram_hysteresis: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.05
    """And not again before use was below `vram_restart` less this."""
    sustained_s: NotNegative = 10.0
    """Only when use stays above for so long."""


class Log(Section, frozen=True):
    """The log on standard error and in `ttsd.log`, in the logs directory."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is written: `debug`, `info`, `warning` or `error`."""
    format: Literal["auto", "console", "json"] = "auto"
    """On stderr: `auto` is plain lines for journald and pipes and colours on a terminal; or `console`, or `json`."""
    keep_days: Count = 7
    """Days of rotated logs to keep."""
    max_mb: Positive = 50.0
    """Rotate before the day is over when the file is larger."""
    max_total_mb: Positive = 500.0
    """Bound of all logs together; the oldest go first."""
    log_text: Literal["hash", "full"] = "hash"
    """How spoken texts appear in logs: `hash` is the beginning of their SHA-256 and their length, `full` the texts."""


class Limits(Section, frozen=True):
    """Bounds that keep one client from taking everything."""

    max_text_chars: Count = 20_000
    """Longest text of one HTTP request."""
    max_body_bytes: Count = 32 * 2**20
    """Largest HTTP body."""
    max_file_bytes: Count = 2 * 2**20
    """Largest file in the inbox."""
    max_book_bytes: Count = 200 * 2**20
    """Largest EPUB in the inbox; most of it is pictures."""
    max_document_chars: Count = 1_000_000
    """Longest text of one document, front matter apart."""
    max_voices: Count = 1000
    """Voice profiles."""
    max_clip_bytes: Count = 64 * 2**20
    """Largest file of a reference clip, and of a voice's archive."""
    max_clip_s: Positive = 60.0
    """Longest reference clip; 3 to 15 seconds are best."""
    max_queue: Count = 100_000
    """Jobs waiting at once."""
    max_queue_per_user: Count = 100_000
    """Of these, jobs of one user: the owner of a file, the user of a Unix socket's client, an address."""
    history_days: NotNegative = 90.0
    """How long ended jobs are remembered, and results of jobs that came over HTTP are kept; 0: for ever."""
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


class Config(Section, frozen=True):
    """All of it."""

    daemon: Daemon = Daemon()
    engine: Engine = Engine()
    fake: Fake = Fake()
    qwen3: Qwen3 = Qwen3()
    speech: Speech = Speech()
    spool: Spool = Spool()
    spools: dict[str, Spool] = {}
    output: Output = Output()
    clips: Clips = Clips()
    http: Http = Http()
    gpu: Gpu = Gpu()
    log: Log = Log()
    limits: Limits = Limits()

    @property
    def socket_path(self) -> Path:
        """Where the daemon listens."""
        return Path(self.daemon.socket).expanduser() if self.daemon.socket else places.runtime_dir() / "ttsd.sock"

    @property
    def live_slots(self) -> int:
        """Slots of the engine in use that background work leaves free."""
        return self.qwen3.live_slots if self.engine.name == "qwen3" else self.engine.live_slots

    @property
    def spool_root(self) -> Path:
        """Where the hot folder is."""
        return Path(self.spool.root).expanduser() if self.spool.root else places.state_dir() / "spool"

    @property
    def all_spools(self) -> dict[str, Spool]:
        """Every spool by its name, the first and main one under `""`, each with its `root` in full."""
        main = msgspec.structs.replace(self.spool, root=str(self.spool_root))
        more = {
            name: msgspec.structs.replace(spool, root=str(Path(spool.root).expanduser()))
            for name, spool in self.spools.items()
        }
        return {"": main, **more}

    @property
    def flat(self) -> dict[str, Any]:
        """Every setting as a plain value, by `section.key`, those of more spools by `spools.name.key`."""
        sections: dict[str, dict[str, Any]] = msgspec.to_builtins(self)
        spools: dict[str, dict[str, Any]] = sections.pop("spools")
        sections |= {f"spools.{name}": keys for name, keys in spools.items()}
        return {f"{section}.{key}": value for section, keys in sections.items() for key, value in keys.items()}


def language_code(name: str) -> str:
    """The code for a code or an English name in any case; `auto` stays.

    Raises KeyError for anything else.
    """
    wanted = name.strip().lower()
    if wanted == "auto" or wanted in LANGUAGES:
        return wanted
    return {english: code for code, english in LANGUAGES.items()}[wanted]

"""The sections and keys of `config.toml`: types, defaults and a sentence for each.

The sentences stand in the repository's `config.toml` too; a test compares the two.
"""

import grp
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from ttsd import places
from ttsd.protocol.hearing import LARGEST_CLIP_BYTES, LONGEST_REFERENCE_S
from ttsd.protocol.speech import VOICE_PATTERN, Amount, Captions, FileFormat, LanguageCode

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


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
    device: Literal["cpu", "cuda"] = "cpu"
    """What it says that it computes on: `cpu` or `cuda`; with `cuda`, readiness follows the card."""


class Engine(Section, frozen=True):
    """What speaks, and how patient the daemon is with it."""

    name: Literal["builtin", "qwen3", "fake", "remote"] = "builtin"
    """The model: `builtin` needs no GPU; the others are `qwen3`, `remote` and `fake`."""
    slots: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    """Segments spoken at once by the built-in engine; 0: one for each core, four at most."""
    languages: tuple[LanguageCode, ...] = ()
    """What the built-in engine loads, as `["en", "zh"]`; empty: all that is installed (see docs/voices.md)."""
    live_slots: Annotated[int, msgspec.Meta(ge=0, le=64)] = 1
    """Slots that background work leaves free for live sessions and streams (never the last one)."""
    keep_alive: str | float = "forever"
    """How long it stays loaded when nobody asks for speech: `"5m"`, seconds, 0, or `"forever"`; see docs/memory.md."""
    rss_restart_mb: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Replace the worker when its memory on the host stays above so many MB, and a fresh one has less; 0: never."""
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
    language: Literal["auto", LanguageCode] = "auto"
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
    language: Literal["", "auto", LanguageCode] = ""
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
    """File of the tokens of TCP clients outside `trusted_networks`; `ttsd token add` writes it (docs/security.md)."""
    trusted_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks whose clients need no token."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks, or users of the Unix socket, whose `X-Forwarded-For` counts; see docs/reverse-proxy.md."""
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    """Values of `Host` (and hosts of `Origin`) that are answered over TCP; add the name clients use."""
    ref_dirs: tuple[str, ...] = ()
    """Folders below which `ref_audio` may name a file."""

    @property
    def tokens_path(self) -> Path | None:
        """`token_file` in full, for all who read or write it."""
        return Path(self.token_file).expanduser() if self.token_file else None


class Access(Section, frozen=True):
    """Who may do what; docs/security.md has the table."""

    admin_group: str = "ttsd-admin"
    """Group (or its number) whose members see and change all jobs, like root and the daemon's user; empty: none."""

    manage: Literal["members", "admins"] = "members"
    """Who may change what belongs to all (pause, model, voices, common lexicon): `members` who connect, or `admins`."""


class Gpu(Section, frozen=True):
    """Watching cards, CPU and memory."""

    sample_s: Positive = 2.0
    """How often cards, CPU and memory are looked at."""
    vram_restart: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.90
    """Replace the worker when use of its card stays above this fraction, and that helps; 1: only above a budget."""
    vram_budget_mb: Annotated[int, msgspec.Meta(ge=0)] = 0
    """On a card shared with others: the fraction is of this, and the worker's own memory counts alone; 0: all of it."""
    vram_hysteresis: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.05
    """It helps when use falls below `vram_restart` less this; then pressure by other programs is over, too."""
    sustained_s: NotNegative = 10.0
    """Only when use stays above for so long."""
    recycle_pause_s: NotNegative = 60.0
    """Least time between two replacements for memory; twice as long after each one within an hour."""
    recycles_per_hour: Count = 6
    """And no more than so many an hour: after that new speech is refused until there is room again."""


class Usage(Section, frozen=True):
    """What speech costs, for `ttsd usage`; amounts in any currency, 0: not told."""

    price_per_kwh: NotNegative = 0.0
    """Of electricity; power is measured where the driver of the card tells it."""
    hardware_cost_per_month: NotNegative = 0.0
    """Price of the machine, or of the card, over the months it is to last."""
    compared_price_per_10k_clips: NotNegative = 0.0
    """What 10,000 clips of 30 characters cost elsewhere."""
    currency: Annotated[str, msgspec.Meta(max_length=8)] = "¥"
    """What stands before amounts: `¥`, `€`, or a code such as `CHF`."""
    keep_days: Count = 730
    """Days of usage to keep; what is older than 60 is kept by day instead of by hour."""


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
    max_sound_bytes: Count = 512 * 2**20
    """Most sound that is made into a file for a client at once; this is three hours."""
    max_document_chars: Count = 1_000_000
    """Longest text of one document, front matter apart."""
    max_voices: Count = 1000
    """Voice profiles."""
    max_clip_bytes: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_CLIP_BYTES)] = LARGEST_CLIP_BYTES
    """Largest file of a reference clip, and of a voice's archive; 64 MB at most."""
    max_clip_s: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_REFERENCE_S)] = 60.0
    """Longest reference clip; a minute at most, and 3 to 15 seconds are best."""
    max_queue: Count = 100_000
    """Jobs waiting at once."""
    max_queue_per_user: Count = 100_000
    """Of these, jobs of one user: the owner of a file, the user of a Unix socket's client, an address."""
    min_free_mb: NotNegative = 16.0
    """Not ready when the file system of a spool or of the state has less room; 0: until it is full."""
    history_days: NotNegative = 90.0
    """How long ended jobs are remembered, and results of jobs that came over HTTP are kept; 0: for ever."""
    max_connections: Count = 4096
    """Connections at once; fewer where the process may not open so many files (256 are kept for the daemon itself)."""
    max_streams: Count = 256
    """HTTP speech requests at once."""
    max_streams_per_user: Count = 256
    """Of these, requests of one user."""
    max_live_sessions: Count = 32
    """Live sessions at once."""
    max_live_per_user: Count = 32
    """Of these, sessions of one user."""
    requests_per_s: NotNegative = 0.0
    """Requests of one user in a second, with `requests_burst` at once; 0: as many as come."""
    requests_burst: Count = 50
    """See `requests_per_s`."""
    max_chars_per_day: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Characters that one user may have spoken from midnight to midnight UTC, files in the inbox apart; 0: any."""
    slow_reader_s: Positive = 60.0
    """A client that takes no byte for so long is dropped."""
    prep_timeout_s: Positive = 30.0
    """How long preparing one text may take."""
    max_attempts: Count = 5
    """How often a job is tried before it fails."""


class Tui(Section, frozen=True):
    """The terminal app `ttsd-tui`; the daemon leaves it alone."""

    theme: Literal["dark", "light", "contrast-dark", "contrast-light"] = "dark"
    """Colours: `dark`, `light`, `contrast-dark` or `contrast-light`; what is chosen in the app comes first."""
    language: Literal["auto", "en", "zh"] = "auto"
    """What the app says: `en`, `zh`, or `auto`: by the locale (LC_ALL, LC_MESSAGES, LANG)."""
    keys: dict[str, str] = {}
    """Other keys for what the app does, as `{ read = "f8", jobs = "alt+j" }`; its help (Ctrl+G) has the names."""


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
    access: Access = Access()
    gpu: Gpu = Gpu()
    usage: Usage = Usage()
    log: Log = Log()
    limits: Limits = Limits()
    tui: Tui = Tui()

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

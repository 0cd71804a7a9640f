"""Messages between the daemon and its worker, and what an engine is told and says about itself."""

from typing import Final, Literal

import msgspec

from ttsd.protocol.errors import ErrorBody, UnsupportedLanguage
from ttsd.protocol.speech import LANGUAGES, SAMPLE_RATE_HZ, Span

ENGINE_VARIABLE: Final = "TTSD_ENGINE"
"""Environment variable in which the worker finds its `EngineConfig`, as JSON."""


class FakeSettings(msgspec.Struct, frozen=True):
    """The keys of `[fake]`; the worker does not import `ttsd.config`."""

    slots: int = 4
    load_s: float = 0.0
    first_chunk_ms: float = 0.0
    rtf: float = 0.0
    script: str = ""
    can_clone: bool = False
    device: str = "cpu"


class Qwen3Settings(msgspec.Struct, frozen=True):
    """The keys of `[qwen3]` that the worker needs, and `[engine] allow_cpu`."""

    model: str = ""
    device: str = "auto"
    dtype: str = "bfloat16"
    slots: int = 16
    max_frames: int = 2048
    allow_cpu: bool = False


class EngineConfig(msgspec.Struct, frozen=True):
    """Which engine the worker builds; each engine's own settings have a field of their own."""

    name: str
    slots: int = 0
    """Segments spoken at once by the built-in engine; 0: one for each core, four at most."""
    languages: tuple[str, ...] = ()
    """What the built-in engine is to speak; empty: all that is installed."""
    default_voice: str = ""
    """Default of requests that name no voice, where the engine has it; else the engine's own."""
    fake: FakeSettings = FakeSettings()
    qwen3: Qwen3Settings = Qwen3Settings()


class EngineVoice(msgspec.Struct, frozen=True):
    """A voice the engine brings with it."""

    name: str
    languages: tuple[str, ...]
    description: str = ""
    expressive: bool = False
    """Whether `emotion` changes its range of pitch."""


class EngineInfo(msgspec.Struct, frozen=True):
    """What the daemon must know of a loaded engine; part of every segment's key."""

    name: str
    revision: str
    slots: int
    languages: tuple[str, ...]
    voices: tuple[EngineVoice, ...]
    default_voice: str
    can_clone: bool = False
    can_append: bool = False
    """Whether it takes more text for a segment while it speaks it; see `AppendText`."""
    device: str = "cpu"
    dtype: str = "float32"
    sample_rate_hz: int = SAMPLE_RATE_HZ
    canary_text: str = "Ready."
    canary_language: str = "en"
    remedies: dict[str, str] = {}
    """For languages that it could speak: what to do for them."""

    def unsupported(self, span: Span) -> UnsupportedLanguage:
        """What to raise where it does not speak the language of `span`: one sentence, with the way out there is."""
        name = LANGUAGES.get(span.language, span.language).title()
        spoken = ", ".join(LANGUAGES[code].title() for code in self.languages)
        way_out = self.remedies.get(span.language, "choose another engine in [engine] name")
        return UnsupportedLanguage(
            f"engine {self.name} has no voice for {name} ({span.text.strip()[:30]!r}); it speaks {spoken}. "
            f"For {name}: {way_out}",
            param="language",
        )


Reason = Literal["stop", "length"]
"""How speech ends: by itself, or because it would not end."""


class EngineGauges(msgspec.Struct, frozen=True):
    """What an engine tells of itself at any time."""

    frame_ms: float = 0.0
    """One step of the model for all its streams, a running mean; 0: it has no frames."""
    waiting: int = 0
    """Requests that the engine has taken and not begun."""
    vram_bytes: int = 0


class WorkerStats(msgspec.Struct, frozen=True):
    """Sent with every pong."""

    busy_slots: int
    rss_bytes: int
    spoken_samples: int
    """Samples delivered since the worker started."""
    work_s: float
    """Seconds of synthesis since the worker started, summed over slots."""
    engine: EngineGauges = EngineGauges()


# --- daemon → worker -------------------------------------------------------------------------------


class ReferenceClip(msgspec.Struct, frozen=True):
    """A clip whose voice is to be cloned."""

    path: str
    sha256: str
    """Of the file: the same clip under another name is the same voice."""
    transcript: str = ""
    """What is said in it; empty: only its timbre is taken."""


class Delivery(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a segment is spoken: factors on what an engine does by itself; each uses those that mean something to it."""

    temperature: float = 1.0
    """Of what decides tone and pace."""
    detail: float = 1.0
    """Of what decides breath and timbre."""
    pitch_range: float = 1.0
    """Of the pitch's movements about its mean, in semitones."""


class Synthesize(msgspec.Struct, frozen=True, tag="synthesize"):
    """Speak `spans` as one segment in one slot; answered by `Chunk`s and one `Finished` or `Failed`."""

    id: int
    spans: tuple[Span, ...]
    """Their `text` is what is to be spoken."""
    voice: str
    seed: int = 0
    speed: float = 1.0
    reference: ReferenceClip | None = None
    """Its voice instead of `voice`."""
    delivery: Delivery = Delivery()
    more: bool = False
    """More of its text follows; only for engines that `can_append`."""


class AppendText(msgspec.Struct, frozen=True, tag="append"):
    """More text of request `id`, as it comes: speech waits for it where it must, and does not end before the last."""

    id: int
    text: str
    last: bool = False


class CancelSynthesis(msgspec.Struct, frozen=True, tag="cancel"):
    """Stop `id` at the next opportunity; still answered by one `Finished` with reason `cancelled`."""

    id: int


class Ping(msgspec.Struct, frozen=True, tag="ping"):
    """Are you alive? Answered by `Pong` with the same token."""

    token: int


class Shutdown(msgspec.Struct, frozen=True, tag="shutdown"):
    """Finish nothing, release everything, exit 0. So is end-of-file on the socket."""


ToWorker = Synthesize | AppendText | CancelSynthesis | Ping | Shutdown

# --- worker → daemon -------------------------------------------------------------------------------


class Loading(msgspec.Struct, frozen=True, tag="loading"):
    """Progress of loading, 0..1."""

    progress: float
    note: str = ""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The engine is loaded and warmed up; it takes requests from now on."""

    engine: EngineInfo
    load_s: float


class CannotStart(msgspec.Struct, frozen=True, tag="cannot_start"):
    """Why the worker is about to exit with code 3."""

    error: ErrorBody


class Chunk(msgspec.Struct, frozen=True, tag="chunk"):
    """PCM of request `id`: s16le mono at 24 kHz."""

    id: int
    pcm: bytes


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The last word on request `id`."""

    id: int
    samples: int
    reason: Reason | Literal["cancelled"]
    first_chunk_ms: float
    work_ms: float


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Request `id` could not be spoken; the worker goes on."""

    id: int
    error: ErrorBody


class Pong(msgspec.Struct, frozen=True, tag="pong"):
    token: int
    stats: WorkerStats


class WorkerLog(msgspec.Struct, frozen=True, tag="log"):
    """A log record of the worker: the daemon is the one writer of logs."""

    level: Literal["debug", "info", "warning", "error"]
    event: str
    fields: dict[str, str | int | float | bool | None]
    id: int | None = None
    """The request it is about: the daemon knows whose that is."""


FromWorker = Loading | Ready | CannotStart | Chunk | Finished | Failed | Pong | WorkerLog

EXIT_ASKED = 0
EXIT_CANNOT_START = 3
EXIT_OUT_OF_MEMORY = 4
EXIT_DEVICE_FAILED = 5
"""The card refuses everything from this process on: only another process may use it."""

"""Speech as clients ask for it and as engines receive it."""

import enum
from typing import Annotated, Final, Literal

import msgspec

SAMPLE_RATE_HZ: Final = 24_000
"""Everything inside is mono s16le at this rate; other rates and formats are made at the edge."""
BYTES_PER_SAMPLE: Final = 2

LanguageCode = Literal["zh", "en", "ja", "ko", "de", "fr", "ru", "pt", "es", "it"]
LanguageOrNone = Literal["", LanguageCode]
LANGUAGES: Final = {
    "zh": "chinese",
    "en": "english",
    "ja": "japanese",
    "ko": "korean",
    "de": "german",
    "fr": "french",
    "ru": "russian",
    "pt": "portuguese",
    "es": "spanish",
    "it": "italian",
}
"""Code to English name; both are accepted wherever a language is named."""

VOICE_PATTERN: Final = r"[A-Za-z0-9._-]{1,64}(@[a-z0-9][a-z0-9_-]{0,31})?"
VoiceName = Annotated[str, msgspec.Meta(pattern=rf"^{VOICE_PATTERN}\Z")]
"""How a voice is named: a built-in one or a profile by its name, a profile's variant as `NAME@VARIANT`."""
Speed = Annotated[float, msgspec.Meta(ge=0.5, le=2.0)]
Seed = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=100)]
AudioFormat = Literal["wav", "pcm"]
"""What is streamed, and what a client writes by itself."""
FileFormat = Literal["wav", "pcm", "flac", "mp3", "opus", "m4a", "m4b"]
"""What files of finished jobs come as; each is the extension too."""
Captions = Literal["none", "srt", "vtt", "both"]


class Service(enum.StrEnum):
    """Class of service, given by the door a request came through; earlier is served first."""

    LIVE = "live"
    STREAM = "stream"
    BACKGROUND = "background"


class Style(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a text is spoken, from 0 to 100 each; 50 is the engine's own way, `None` leaves it to the daemon.

    What the amounts do is written down in `docs/style.md`.
    """

    clarity: Amount | None = None
    """Crisper and slower, with longer pauses."""
    naturalness: Amount | None = None
    """Breath, and pauses and tempo that vary."""
    emotion: Amount | None = None
    """A wider range of pitch and tone; chooses a voice's `calm` or `lively` variant where it has one."""

    def or_else(self, other: "Style") -> "Style":
        """What is left open here is taken from `other`."""
        return Style(
            other.clarity if self.clarity is None else self.clarity,
            other.naturalness if self.naturalness is None else self.naturalness,
            other.emotion if self.emotion is None else self.emotion,
        )


NEUTRAL: Final = Style(50, 50, 50)


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """A run of text in one language."""

    language: str
    text: str
    """As it is written: what captions show."""
    say: str = ""
    """In words, as it is to be spoken; empty: as it is written."""
    reading: str = ""
    """How it is pronounced, where the writer says so: pinyin with tone marks in Chinese, kana in Japanese, else IPA."""

    @property
    def spoken(self) -> str:
        """What an engine is given."""
        return self.say or self.text


class Segment(msgspec.Struct, frozen=True, omit_defaults=True):
    """The unit given to an engine: a sentence or so, and the silence that follows it."""

    spans: tuple[Span, ...]
    pause_after_ms: int = 0
    pause_asked: bool = False
    """Whether the writer asked for just that pause."""
    pause_before_ms: int = 0
    """Only of the first one of a text, and only where its writer asked for it."""
    lexicon: tuple[str, ...] = ()
    """The entries of lexicons that decided how it is said, as `written=spoken`."""

    @property
    def text(self) -> str:
        """The segment's text as it is written."""
        return "".join(span.text for span in self.spans)

    @property
    def spoken(self) -> str:
        """The same as it is said: numbers in words, and the like."""
        return "".join(span.spoken for span in self.spans)


class SpeechRequest(msgspec.Struct, frozen=True):
    """Body of `POST /api/tts` and `/api/tts_stream`; unknown keys are ignored, as the scripts in use rely on."""

    text: str
    voice: VoiceName | None = None
    language: str = ""
    """A code, an English name, or `auto`; empty: the daemon's default."""
    ref_audio: str | None = None
    ref_text: str | None = None
    seed: Seed = 0
    speed: Speed = 1.0
    style: Style = Style()


# --- WS /v1/speak, subprotocol ttsd.speak.v1 -------------------------------------------------------

SPEAK_SUBPROTOCOL: Final = "ttsd.speak.v1"
SampleCount = Annotated[int, msgspec.Meta(ge=0)]


Commit = Literal["word", "clause", "sentence", "line"]
"""The smallest stretch of typed text that is spoken by itself while the rest is still being typed."""


class Start(msgspec.Struct, frozen=True, tag="start"):
    """First message of a live session."""

    voice: VoiceName | None = None
    language: str = ""
    """A code, an English name, or `auto`; empty: the daemon's default."""
    seed: Seed = 0
    speed: Speed = 1.0
    style: Style = Style()
    commit: Commit = "clause"
    """When typed text is spoken; `word` and `clause` also speak what stands there when typing pauses."""


class Text(msgspec.Struct, frozen=True, tag="text"):
    """More text, appended to what was sent before. Text that an input method is still composing is not sent."""

    text: str


class Replace(msgspec.Struct, frozen=True, tag="replace"):
    """Everything from segment `from_segment` on is taken back and replaced by `text`.

    With the number of committed segments, that is what was typed and not committed: nothing of it was made yet.
    """

    from_segment: Annotated[int, msgspec.Meta(ge=0)]
    text: str


class Played(msgspec.Struct, frozen=True, tag="played"):
    """How many samples the listener has heard."""

    samples: SampleCount


class Flush(msgspec.Struct, frozen=True, tag="flush"):
    """Speak what is held back now, complete phrase or not."""


class End(msgspec.Struct, frozen=True, tag="end"):
    """No more text; the server speaks the rest and sends `ended`."""


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Stop at once and forget what is not spoken yet; the session can be used again."""


ClientMessage = Start | Text | Replace | Played | Flush | End | Cancel


class Started(msgspec.Struct, frozen=True, tag="started"):
    """The session is open."""

    session: str
    sample_rate_hz: int = SAMPLE_RATE_HZ


class SegmentStarted(msgspec.Struct, frozen=True, tag="segment"):
    """A committed phrase; its PCM begins at `start_sample` of the session's stream."""

    index: int
    text: str
    start_sample: int


class Retracted(msgspec.Struct, frozen=True, tag="retracted"):
    """Segments from this one on are withdrawn; the stream goes on at the first one's `start_sample`."""

    from_segment: int


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """All text was spoken (or cancelled); `samples` is the length of the session's stream."""

    samples: int
    reason: Literal["end", "cancel"] = "end"


class SpeakError(msgspec.Struct, frozen=True, tag="error"):
    """Something failed; the session goes on unless the server closes it."""

    code: str
    message: str
    param: str | None = None
    retryable: bool = False


ServerMessage = Started | SegmentStarted | Retracted | Ended | SpeakError

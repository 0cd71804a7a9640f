"""Voice profiles as clients see them: a reference clip or several, what is said in them, and settings."""

from typing import Annotated, Final, Literal

import msgspec

from ttsd.protocol.hearing import Report
from ttsd.protocol.speech import LanguageOrNone, Seed, Speed

PROFILE_PATTERN: Final = r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}\Z"
VARIANT_PATTERN: Final = r"^[a-z0-9][a-z0-9_-]{0,31}\Z"
NAME_RULE: Final = "a voice's name has 1 to 64 of letters, digits, . _ - and does not begin with a dot"

ProfileName = Annotated[str, msgspec.Meta(pattern=PROFILE_PATTERN)]
"""What a profile may be called: it is a folder's name too."""
VariantName = Annotated[str, msgspec.Meta(pattern=VARIANT_PATTERN)]
DEFAULT_VARIANT: Final = "neutral"
"""The variant that is meant where none is named."""
ARCHIVE_SUFFIX: Final = ".ttsvoice"
ARCHIVE_TYPE: Final = "application/vnd.ttsd.voice+zip"

Transcript = Annotated[str, msgspec.Meta(max_length=4000)]
Line = Annotated[str, msgspec.Meta(max_length=400)]
MOST_REPAIRS: Final = 32
"""Far more than there are kinds of repair."""


class VoiceDefaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a voice brings to every request."""

    seed: Seed = 0
    """What the seeds of requests are counted from: theirs is added to it."""
    speed: Speed = 1.0
    """Of this voice; the speed of a request is a multiple of it."""


class Provenance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a variant's clip came from."""

    added: str = ""
    """When, in UTC: `2026-11-30T05:31:44Z`."""
    added_by: str = ""
    """Who, as the queue knows users: `uid 1000`, an address, or empty."""
    source: str = ""
    """Name of the file it was made from."""
    source_sha256: str = ""
    repairs: Annotated[tuple[Line, ...], msgspec.Meta(max_length=MOST_REPAIRS)] = ()
    """What was done to it."""


class Variant(msgspec.Struct, frozen=True):
    """One reference clip, and all that belongs to it."""

    name: str
    transcript: str
    language: str
    """Spoken in the clip; empty: not said."""
    revision: str
    """Hash of everything of it that decides sound."""
    duration_s: float
    """0: not known."""
    clip: str
    """Its file, in the voice's folder."""
    original: str = ""
    provenance: Provenance = Provenance()


class Voice(msgspec.Struct, frozen=True):
    """A voice that requests may name: a profile, or one that the engine brings."""

    name: str
    kind: Literal["profile", "built-in"]
    languages: tuple[str, ...] = ()
    """Of its clips; of a built-in voice: those it speaks."""
    description: str = ""
    consent: str = ""
    settings: VoiceDefaults = VoiceDefaults()
    revision: str = ""
    """Hash of everything of it that decides sound; empty for built-in voices, which the engine's covers."""
    variants: tuple[Variant, ...] = ()
    """`neutral` first."""
    problem: str = ""
    """Why it cannot be used, in one sentence; empty: it can."""
    folder: str = ""
    """Where a profile lies."""


class VoiceList(msgspec.Struct, frozen=True):
    """Answer of `GET /v1/voices`: profiles first."""

    voices: tuple[Voice, ...]
    can_clone: bool | None = None
    """Whether the engine speaks profiles with their own voice; `None`: no engine is ready."""


class NewVariant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields beside the file `audio` in a multipart `POST /v1/voices[/NAME]`."""

    name: ProfileName
    transcript: Transcript = ""
    """What is said in the clip, word for word."""
    variant: VariantName = DEFAULT_VARIANT
    language: LanguageOrNone = ""
    description: Line | None = None
    consent: Line | None = None
    denoise: bool = False
    strict: bool = False
    """Refuse a clip that the doctor finds fault with."""
    replace: bool = False
    """Take the place of a variant that is there."""
    keep: bool = True
    """`false`: only say what the doctor finds; nothing is stored."""


class VariantReport(msgspec.Struct, frozen=True):
    """What the doctor says of one variant."""

    variant: str
    report: Report


class CheckedVoice(msgspec.Struct, frozen=True):
    """A voice, and what the doctor says: answer to adding, importing and checking one."""

    voice: Voice
    reports: tuple[VariantReport, ...]


class PatchVoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `PATCH /v1/voices/NAME`; what is left out stays."""

    name: ProfileName | None = None
    """A new name."""
    description: Line | None = None
    consent: Line | None = None
    language: Line | None = None
    """A code or an English name; `auto`, or empty: not said."""
    seed: Seed | None = None
    speed: Speed | None = None
    variant: VariantName = DEFAULT_VARIANT
    """Whose transcript is meant."""
    transcript: Transcript | None = None


def split_reference(reference: str) -> tuple[str, str]:
    """`anna@happy` → `anna`, `happy`; `anna` → `anna`, `neutral`."""
    name, _, variant = reference.partition("@")
    return name, variant or DEFAULT_VARIANT


def joined_reference(name: str, variant: str) -> str:
    """How a request names that variant: the neutral one by the voice's name alone."""
    return name if variant == DEFAULT_VARIANT else f"{name}@{variant}"

"""Who speaks: from the voice that a request names to what an engine is told. Pure."""

from typing import Final, Literal

import msgspec

from ttsd.jobs import style
from ttsd.protocol.engine import EngineInfo, EngineVoice, ReferenceClip, Synthesize
from ttsd.protocol.errors import CannotClone, UnknownVoice
from ttsd.protocol.speech import NEUTRAL, Segment, Span, Style
from ttsd.protocol.voices import Variant, joined_reference, split_reference
from ttsd.storage.voice_folder import Profile

SEEDS: Final = 2**63


class VoiceSettings(msgspec.Struct, frozen=True):
    """What decides the sound of a segment besides its text."""

    voice: str
    """As receipts show it: a built-in voice, or a profile's, such as `anna@happy`."""
    seed: int = 0
    """As it was asked for."""
    speed: float = 1.0
    """As it was asked for, times the profile's own."""
    reference: ReferenceClip | None = None
    """Its voice instead of `voice`."""
    style: Style = NEUTRAL
    own_seed: int = 0
    """Of the profile: what seeds are counted from."""
    revision: str = ""
    """Of the profile's variant."""
    stands_for: str = ""
    """The profile in whose stead a built-in voice speaks."""

    @property
    def drawn_seed(self) -> int:
        """What the engine is told."""
        return (self.own_seed + self.seed) % SEEDS

    def request(self, segment: Segment) -> Synthesize:
        """What the engine is asked for."""
        return Synthesize(
            0,
            tuple(Span(span.language, span.spoken, reading=span.reading) for span in segment.spans),
            self.voice,
            self.drawn_seed,
            style.speed(self.speed, self.style, segment.spoken, self.drawn_seed),
            self.reference,
            style.delivery(self.style),
        )

    def paced(self, segment: Segment) -> Segment:
        """`segment` with the pause after it as this voice makes it."""
        if self.style == NEUTRAL:
            return segment
        return msgspec.structs.replace(segment, pause_after_ms=style.pause_ms(segment, self.style, self.drawn_seed))


class Asked(msgspec.Struct, frozen=True):
    """What a request says of its voice, the defaults filled in."""

    voice: str
    seed: int = 0
    speed: float = 1.0
    style: Style = NEUTRAL


def cast(
    asked: Asked, engine: EngineInfo, profile: Profile | None, uncloned: Literal["refuse", "nearest"]
) -> VoiceSettings:
    """The settings that are meant. A profile goes before a built-in voice of its name.

    Raises UnknownVoice, CannotClone, BadRequest for a profile that is broken.
    """
    if profile is not None:
        return _from_profile(asked, engine, profile, uncloned)
    if asked.voice not in [voice.name for voice in engine.voices]:
        known = ", ".join(voice.name for voice in engine.voices)
        raise UnknownVoice(
            f"no voice {asked.voice!r}; engine {engine.name} has {known}, and `ttsd voices list` shows profiles",
            param="voice",
        )
    return VoiceSettings(asked.voice, asked.seed, asked.speed, style=asked.style)


def _from_profile(
    asked: Asked, engine: EngineInfo, profile: Profile, uncloned: Literal["refuse", "nearest"]
) -> VoiceSettings:
    name, wanted = split_reference(asked.voice)
    if "@" not in asked.voice and style.variant(asked.style) in profile.clips:
        wanted = style.variant(asked.style)
    variant, reference = profile.reference(wanted)
    own = profile.settings
    settings = VoiceSettings(
        joined_reference(name, wanted),
        asked.seed,
        asked.speed * own.speed,
        reference,
        asked.style,
        own_seed=own.seed,
        revision=variant.revision,
    )
    if engine.can_clone:
        return settings
    if uncloned == "refuse":
        raise cannot_clone(engine, f"voice {settings.voice!r} is made from a clip", "voice")
    nearest = nearest_voice(engine, variant)
    return VoiceSettings(nearest.name, asked.seed, asked.speed, style=asked.style, stands_for=settings.voice)


def nearest_voice(engine: EngineInfo, variant: Variant) -> EngineVoice:
    """The built-in voice to speak in a profile's stead: the default one, or the first that has its language."""
    first = [voice for voice in engine.voices if voice.name == engine.default_voice]
    candidates = [*first, *engine.voices]
    return next((voice for voice in candidates if variant.language in voice.languages), candidates[0])


def cannot_clone(engine: EngineInfo, why: str, param: str) -> CannotClone:
    """The error, with the ways out."""
    return CannotClone(
        f"{why}, and engine {engine.name} cannot clone; name one of its own voices, choose an engine that can "
        '(`ttsd model use`), or set [speech] uncloned = "nearest" to hear a built-in voice instead',
        param=param,
    )

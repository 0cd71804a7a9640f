"""Stands where VoicesClient stands: a few voices in memory, which do what they are asked."""

import json
import math
import struct
from collections.abc import AsyncGenerator

from msgspec.structs import replace

from ttsd.client.microphone import wav
from ttsd.protocol.errors import BadRequest, Conflict, NotFound, TtsdError
from ttsd.protocol.hearing import ClipFacts, Finding, Report
from ttsd.protocol.speech import SAMPLE_RATE_HZ, SpeechRequest
from ttsd.protocol.voices import (
    CheckedVoice,
    NewVariant,
    PatchVoice,
    Provenance,
    Variant,
    VariantReport,
    Voice,
    VoiceDefaults,
    VoiceList,
)

NOISY = Finding(
    "noisy",
    "warning",
    "The clip is 17 dB above its noise, which will be heard in everything the voice says.",
    "Record in a quiet room, close to the microphone, or have the clip denoised.",
    17.0,
    "dB",
)
FACTS = ClipFacts(
    "WAV", "PCM_16", 48_000, 1, 6.4, speech_s=5.1, snr_db=34.0, peak_dbfs=-3.2, bandwidth_hz=11_400, pitch_hz=208.0,
    covered=0.97, language="en",
)  # fmt: skip


def variant(name: str = "neutral", says: str = "Good evening, this is the news.", **changes: object) -> Variant:
    """A clip of a voice."""
    whole = Variant(
        name=name,
        transcript=says,
        language="en",
        revision=f"{name}-3f9a0b2c",
        duration_s=6.4,
        clip=f"{name}.flac",
        original=f"{name}.original.m4a",
        provenance=Provenance(
            "2026-11-30T05:31:44Z", "uid 1000", "anna.m4a", "9f86d081", ("trimmed 0.52 s of silence from the ends",)
        ),
    )
    return replace(whole, **changes)


def voice(name: str, *variants: Variant, **changes: object) -> Voice:
    """A profile."""
    clips = variants or (variant(revision=f"{name}-3f9a0b2c"),)
    languages = tuple(dict.fromkeys(each.language for each in clips))
    folder = f"/home/ada/.local/state/ttsd/voices/{name}"
    whole = Voice(name, "profile", languages, revision=f"{name}-r1", variants=clips, folder=folder)
    return replace(whole, **changes)


BUILT_IN = (Voice("heart", "built-in", ("en", "zh", "es")), Voice("sky", "built-in", ("en",), "a second voice"))


def clip(seconds: float = 6.4, pitch: float = 0.05) -> bytes:
    """A hum with words in it, as a WAV."""
    count = round(seconds * SAMPLE_RATE_HZ)
    swell = [
        abs(math.sin(at / SAMPLE_RATE_HZ * 5 * pitch * 20)) * abs(math.sin(at / count * math.pi * 3))
        for at in range(count)
    ]
    pcm = struct.pack(f"<{count}h", *(round(26_000 * loud * math.sin(at * pitch)) for at, loud in enumerate(swell)))
    return wav(pcm, SAMPLE_RATE_HZ)


def hum(seconds: float) -> bytes:
    """A tone that swells and fades a few times a second, as speech does."""
    count = round(seconds * SAMPLE_RATE_HZ)
    swell = [abs(math.sin(at / SAMPLE_RATE_HZ * 7)) * abs(math.sin(at / count * math.pi)) for at in range(count)]
    return struct.pack(
        f"<{count}h",
        *(round(26_000 * loud * math.sin(at * 0.05)) for at, loud in enumerate(swell)),
    )


class House:
    """Owns voices. `asked` tells what was done; `refuses` is raised by whatever changes something."""

    def __init__(self) -> None:
        self.here: list[Voice] = []
        self.reports: dict[str, Report] = {}
        self.asked: list[tuple[object, ...]] = []
        self.refuses: TtsdError | None = None
        self.can_clone: bool | None = True
        self.sound = clip(1.0)

    def _did(self, *what: object) -> None:
        self.asked.append(what)
        if self.refuses:
            raise self.refuses

    def _place(self, name: str) -> int:
        for place, each in enumerate(self.here):
            if each.name == name:
                return place
        raise NotFound(f"there is no voice profile {name!r}", param="voice")

    async def voices(self) -> VoiceList:
        return VoiceList((*sorted(self.here, key=lambda each: each.name), *BUILT_IN), self.can_clone)

    async def voice(self, name: str) -> Voice:
        return self.here[self._place(name)]

    async def clip(self, name: str, kind: str | None = None) -> bytes:
        self.asked.append(("clip", name, kind))
        return self.sound

    async def check_voice(self, name: str, kind: str | None = None) -> CheckedVoice:
        self.asked.append(("check", name, kind))
        found = self.here[self._place(name)]
        report = self.reports.get(f"{name}@{kind}", Report(FACTS))
        return CheckedVoice(found, (VariantReport(kind or "neutral", report),))

    async def add_voice(self, new: NewVariant, filename: str, audio: bytes) -> CheckedVoice:
        self._did("add" if new.keep else "examine", new, filename, audio)
        if audio[:4] != b"RIFF":
            raise BadRequest("the clip is no sound file that is known here; send WAV", param="audio")
        findings = () if new.denoise or len(audio) > 1000 else (NOISY,)
        report = Report(FACTS, findings, ("noise lowered by 9 dB",) if new.denoise else ())
        made = variant(new.variant, new.transcript, language=new.language, revision=f"new-{len(self.asked)}")
        if new.keep:
            others = [each for each in self.here if each.name == new.name]
            kept = tuple(each for other in others for each in other.variants if each.name != new.variant)
            self.here = [each for each in self.here if each.name != new.name]
            self.here.append(voice(new.name, *kept, made, consent=new.consent or "", description=new.description or ""))
        return CheckedVoice(Voice(new.name, "profile"), (VariantReport(new.variant, report),))

    async def patch_voice(self, name: str, changes: PatchVoice) -> Voice:
        self._did("patch", name, changes)
        found = self.here[self._place(name)]
        settings = VoiceDefaults(changes.seed or found.settings.seed, changes.speed or found.settings.speed)
        clips = tuple(
            replace(each, transcript=changes.transcript)
            if changes.transcript is not None and each.name == changes.variant
            else each
            for each in found.variants
        )
        self.here[self._place(name)] = made = replace(
            found,
            name=changes.name or name,
            settings=settings,
            variants=clips,
            consent=found.consent if changes.consent is None else changes.consent,
            description=found.description if changes.description is None else changes.description,
            revision=f"{found.revision}+",
        )
        return made

    async def remove_voice(self, name: str, kind: str | None = None) -> None:
        self._did("remove", name, kind)
        found = self.here.pop(self._place(name))
        if kind:
            kept = tuple(each for each in found.variants if each.name != kind)
            self.here.append(replace(found, variants=kept, revision=f"{found.revision}-"))

    async def export_voice(self, name: str) -> AsyncGenerator[bytes]:
        self._did("export", name)
        found = self.here[self._place(name)]
        yield json.dumps([name, [each.name for each in found.variants]]).encode()

    async def import_voice(self, archive: bytes, name: str | None = None, *, replace: bool = False) -> CheckedVoice:
        self._did("import", archive, name, replace)
        called, variants = json.loads(archive)
        called = name or called
        if any(each.name == called for each in self.here) and not replace:
            raise Conflict(f"there is a voice {called!r} already", param="name")
        self.here = [each for each in self.here if each.name != called]
        self.here.append(voice(called, *(variant(each) for each in variants)))
        return CheckedVoice(self.here[-1], ())

    async def tts_stream(self, request: SpeechRequest) -> AsyncGenerator[bytes]:
        self._did("say", request.voice, request.text, request.language)
        yield bytes(2 * SAMPLE_RATE_HZ)

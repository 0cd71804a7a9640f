"""Engine `fake`: deterministic sound in all languages at any speed, and faults on demand, for tests and drills.

Every character becomes 60 ms (at speed 1) of a tone or of noise whose pitch follows from text, voice and seed. What
it costs is set in `[fake]`: nothing unless asked. What goes wrong is told by a script, see `ttsd.worker.faults`.
"""

import contextlib
import functools
import hashlib
import math
import random
import struct
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

from ttsd.protocol.engine import (
    EngineConfig,
    EngineGauges,
    EngineInfo,
    EngineVoice,
    FakeSettings,
    Reason,
    ReferenceClip,
    Synthesize,
)
from ttsd.protocol.errors import CannotClone, NothingToSay, UnknownVoice
from ttsd.protocol.speech import BYTES_PER_SAMPLE, LANGUAGES, SAMPLE_RATE_HZ
from ttsd.worker.engine import Report
from ttsd.worker.faults import Faults, Rule
from ttsd.worker.reference import reference_bytes

CHARACTER_SAMPLES: Final = SAMPLE_RATE_HZ * 60 // 1000
CHUNK_SAMPLES: Final = SAMPLE_RATE_HZ * 160 // 1000
_PITCHES: Final = 32
_AMPLITUDE: Final = 8000


class Fake:
    """Owns its faults. See `Engine`."""

    def __init__(self, config: EngineConfig) -> None:
        self._settings = config.fake
        self._faults = Faults(config.fake.script)
        self._known: dict[str, tuple[str, int, int, int]] = {}
        """Clips that were read: a model keeps what it made of them, too."""
        languages = tuple(LANGUAGES)
        voices = (EngineVoice("tone", languages, "a tone"), EngineVoice("noise", languages, "noise"))
        names = [voice.name for voice in voices]
        self.info = EngineInfo(
            name="fake",
            revision="1",
            slots=config.fake.slots,
            languages=languages,
            voices=voices,
            default_voice=config.default_voice if config.default_voice in names else "tone",
            can_clone=config.fake.can_clone,
            device=config.fake.device,
        )

    def load(self, report: Report) -> None:
        for rule in self._faults.for_load():
            time.sleep(rule.slow_ms / 1000)
            self._faults.act(rule)
        steps = 10 if self._settings.load_s else 0
        for step in range(steps):
            report(step / steps, "pretending")
            time.sleep(self._settings.load_s / steps)

    def speak(self, request: Synthesize, cancelled: threading.Event) -> Generator[bytes, None, Reason]:
        text = self._check(request)
        rules = self._faults.for_text(text)
        endless = any(rule.endless for rule in rules)
        sound = render(text, _voice(request), request.seed, request.speed) * (2 if endless else 1)
        pace = _Pace(self._settings, cancelled)
        size = CHUNK_SAMPLES * BYTES_PER_SAMPLE
        chunks = [sound[start : start + size] for start in range(0, len(sound), size)]
        for number, chunk in enumerate(chunks):
            pace.work(len(chunk) // BYTES_PER_SAMPLE)
            for rule in rules:
                self._meet(rule, number, pace)
            if cancelled.is_set():
                return "stop"
            yield bytes(len(chunk)) if any(rule.silent for rule in rules) else chunk
        for rule in rules:
            if rule.after_chunks >= len(chunks):
                self._faults.act(rule)
        return "length" if endless else "stop"

    def _check(self, request: Synthesize) -> str:
        if request.reference is not None:
            self._look_at(request.reference)
        elif request.voice not in (voice.name for voice in self.info.voices):
            raise UnknownVoice(f"the fake engine has no voice {request.voice!r}; it has tone and noise", param="voice")
        for span in request.spans:
            if span.language not in self.info.languages:
                raise self.info.unsupported(span)
        text = "".join(span.text for span in request.spans)
        if not text.strip():
            raise NothingToSay("there is nothing in this text that can be spoken", param="text")
        return text

    def _look_at(self, clip: ReferenceClip) -> None:
        if not self._settings.can_clone:
            raise CannotClone("the fake engine clones when [fake] can_clone is set", param="voice")
        with contextlib.suppress(OSError):
            status = Path(clip.path).stat()
            looked_at = (clip.sha256, status.st_ino, status.st_size, status.st_mtime_ns)
            if self._known.get(clip.path) != looked_at:
                reference_bytes(clip)
                self._known[clip.path] = looked_at
            return
        reference_bytes(clip)

    def _meet(self, rule: Rule, chunk: int, pace: "_Pace") -> None:
        if chunk >= rule.after_chunks:
            pace.wait(rule.slow_ms / 1000)
        if chunk == rule.after_chunks:
            self._faults.act(rule)

    def gauges(self) -> EngineGauges:
        return EngineGauges(vram_bytes=0 if self.info.device == "cpu" else self._faults.kept_bytes)

    def close(self) -> None:
        """Nothing is held."""


class _Pace:
    """Pretends the work of one segment: waits, but not longer than until it is cancelled."""

    def __init__(self, settings: FakeSettings, cancelled: threading.Event) -> None:
        self._rtf = settings.rtf
        self._first_s = settings.first_chunk_ms / 1000
        self._cancelled = cancelled

    def work(self, samples: int) -> None:
        """Take the time that so much sound costs, and before the first of it the time that the first costs."""
        self.wait(self._first_s + self._rtf * samples / SAMPLE_RATE_HZ)
        self._first_s = 0.0

    def wait(self, seconds: float) -> None:
        if seconds > 0:
            self._cancelled.wait(seconds)


def _voice(request: Synthesize) -> str:
    """What makes the pitch: a clone's is that of its clip and transcript."""
    clip = request.reference
    return request.voice if clip is None else f"{clip.sha256} {clip.transcript}"


def render(text: str, voice: str, seed: int, speed: float) -> bytes:
    """The whole sound of `text`: `CHARACTER_SAMPLES / speed` samples a character."""
    digest = hashlib.sha256(f"{voice}\0{seed}\0{text}".encode()).digest()
    samples = round(CHARACTER_SAMPLES / speed)
    sound = _noise if voice == "noise" else _tone
    pitches = ((ord(character) + digest[place % 32]) % _PITCHES for place, character in enumerate(text))
    return b"".join([sound(pitch, samples) for pitch in pitches])


@functools.lru_cache(maxsize=1024)
def _tone(pitch: int, samples: int) -> bytes:
    """Whole periods, so that characters join without a click: at speed 1, 200 Hz and 16.7 Hz more for each pitch."""
    step = 2 * math.pi * (12 + pitch) / samples
    return _packed(round(_AMPLITUDE * math.sin(step * n)) for n in range(samples))


@functools.lru_cache(maxsize=1024)
def _noise(pitch: int, samples: int) -> bytes:
    draw = random.Random(pitch)  # noqa: S311 — a fixed sequence is wanted
    return _packed(draw.randint(-_AMPLITUDE, _AMPLITUDE) for _ in range(samples))


def _packed(values: Iterator[int]) -> bytes:
    numbers = list(values)
    return struct.pack(f"<{len(numbers)}h", *numbers)

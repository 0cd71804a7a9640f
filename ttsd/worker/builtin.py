"""Engine `builtin`: speaks without a GPU; English at once, nine more languages with the extra `ttsd[languages]`."""

import os
import threading
from collections.abc import Generator, Iterator, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

import msgspec

from ttsd.protocol.engine import EngineConfig, EngineGauges, EngineInfo, EngineVoice, Synthesize
from ttsd.protocol.errors import EngineFailed, NothingToSay
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, Span
from ttsd.worker.engine import Report

if TYPE_CHECKING:
    from ttsd.worker.heart import Heart
    from ttsd.worker.tongues.choir import Choir, Run
    from ttsd.worker.tongues.tongue import Take

MOST_SLOTS: Final = 4
SOUND_REVISION: Final = 1
"""Counts changes of this package that alter the samples, so that old clips are not taken for new ones."""
_HEART: Final = EngineVoice("heart", ("en",), "American English, female", expressive=True)


class Builtin:
    """Owns the built-in voices; each request is spoken by the thread that asks. See `Engine`."""

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        self.info = EngineInfo(
            name="builtin",
            revision=f"hibari-{version('hibari-tts')}/{SOUND_REVISION}",
            slots=config.slots or min(len(os.sched_getaffinity(0)), MOST_SLOTS),
            languages=("en",),
            voices=(_HEART,),
            default_voice=_HEART.name,
        )
        self._heart: Heart | None = None
        self._choir: Choir | None = None

    def load(self, report: Report) -> None:
        # One thread for each slot is what the cores are for; set before the first import of numpy.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        report(0.0, "reading the model")
        from ttsd.worker.heart import Heart

        heart = Heart()
        report(0.2, "reading the dictionaries")
        heart.load_dictionaries()
        self._heart = heart
        self._choir = self._assembled(heart, report)
        self.info = msgspec.structs.replace(
            self.info,
            revision=self._choir.revision,
            languages=self._choir.languages,
            voices=self._choir.voices,
            default_voice=self._default_voice(self._choir),
            remedies=self._choir.remedies,
        )
        report(0.9, "warming up")
        self._warm_up()

    def _assembled(self, heart: "Heart", report: Report) -> "Choir":
        from ttsd.worker.tongues import loading

        wanted = self._config.languages
        if wanted == ("en",) or not loading.is_installed():
            return loading.alone(heart, self.info.revision)
        return loading.load(heart, self.info.revision, wanted, lambda share, note: report(0.4 + share / 2, note))

    def _default_voice(self, choir: "Choir") -> str:
        named = self._config.default_voice
        return named if named in (voice.name for voice in choir.voices) else _HEART.name

    def _warm_up(self) -> None:
        canary = Synthesize(0, (Span("en", self.info.canary_text),), self.info.default_voice)
        for _ in self.speak(canary, threading.Event()):
            pass

    def speak(self, request: Synthesize, cancelled: threading.Event) -> Generator[bytes]:
        from ttsd.worker.tongues.tongue import Take

        runs = self._runs(request)
        spoken = 0
        for chunk in _stream(runs, Take(request.seed, request.speed, cancelled, request.delivery.pitch_range)):
            if cancelled.is_set():
                return
            spoken += len(chunk)
            yield chunk
        if not spoken and not cancelled.is_set():
            raise NothingToSay("there is nothing in this text that can be spoken", param="text")

    def _runs(self, request: Synthesize) -> "Sequence[Run]":
        if self._choir is None:
            raise EngineFailed("the built-in engine is not loaded")
        for span in request.spans:
            if span.language not in self.info.languages:
                raise self.info.unsupported(span)
        return self._choir.runs(request.spans, request.voice)

    def gauges(self) -> EngineGauges:
        return EngineGauges()

    def close(self) -> None:
        self._heart = self._choir = None


def _stream(runs: "Sequence[Run]", take: "Take") -> Iterator[bytes]:
    """The sound of all runs: tight at its ends, with the text's own pauses between phrases."""
    from ttsd.worker.silence import pcm, trimmed

    pause = b""
    for phrase in (phrase for run in runs for phrase in run.tongue.speak(run.spans, run.voice, take)):
        for block in trimmed(phrase.sound):
            yield pause + pcm(block)
            pause = b""
        if take.cancelled.is_set():
            return
        pause = bytes(int(phrase.pause_ms / take.speed) * SAMPLE_RATE_HZ // 1000 * BYTES_PER_SAMPLE)

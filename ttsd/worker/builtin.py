"""Engine `builtin`: English without a GPU and without a download."""

import importlib.metadata
import os
import threading
import unicodedata
from collections.abc import Generator, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final

from ttsd.protocol.engine import EngineConfig, EngineGauges, EngineInfo, EngineVoice, Synthesize
from ttsd.protocol.errors import EngineFailed, NothingToSay, UnknownVoice, UnsupportedLanguage
from ttsd.protocol.speech import BYTES_PER_SAMPLE, LANGUAGES, SAMPLE_RATE_HZ, Span
from ttsd.worker.engine import Report
from ttsd.worker.phrases import Phrase, phrases

if TYPE_CHECKING:
    from ttsd.worker.heart import Heart

MOST_SLOTS: Final = 4
SOUND_REVISION: Final = 1
"""Counts changes of this package that alter the samples, so that old clips are not taken for new ones."""

_SCRIPTS: Final = {
    "HIRAGANA": "Japanese",  # before Chinese: Japanese is written with Chinese letters too
    "KATAKANA": "Japanese",
    "CJK": "Chinese",
    "HANGUL": "Korean",
    "CYRILLIC": "Russian",
}
_READ_IN_ENGLISH: Final = frozenset(("LATIN", "GREEK", "MODIFIER"))


class Builtin:
    """Owns the embedded voice; each request is spoken by the thread that asks. See `Engine`."""

    def __init__(self, config: EngineConfig) -> None:
        voice = EngineVoice("heart", ("en",), "American English, female")
        self.info = EngineInfo(
            name="builtin",
            revision=f"hibari-{importlib.metadata.version('hibari-tts')}/{SOUND_REVISION}",
            slots=config.slots or min(len(os.sched_getaffinity(0)), MOST_SLOTS),
            languages=("en",),
            voices=(voice,),
            default_voice=voice.name,
        )
        self._heart: Heart | None = None

    def load(self, report: Report) -> None:
        # One thread for each slot is what the cores are for; set before the first import of numpy.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        report(0.0, "reading the model")
        from ttsd.worker.heart import Heart

        heart = Heart()
        report(0.4, "reading the dictionaries")
        heart.load_dictionaries()
        report(0.9, "warming up")
        self._heart = heart
        self._warm_up()

    def _warm_up(self) -> None:
        canary = Synthesize(0, (Span("en", self.info.canary_text),), self.info.default_voice)
        for _ in self.speak(canary, threading.Event()):
            pass

    def speak(self, request: Synthesize, cancelled: threading.Event) -> Generator[bytes]:
        text = self._check(request)
        spoken = 0
        for chunk in self._stream(text, request, cancelled):
            if cancelled.is_set():
                return
            spoken += len(chunk)
            yield chunk
        if not spoken and not cancelled.is_set():
            raise NothingToSay("there is nothing in this text that can be spoken", param="text")

    def _check(self, request: Synthesize) -> str:
        if request.voice != self.info.default_voice:
            raise UnknownVoice(f"the built-in engine has no voice {request.voice!r}; it has heart", param="voice")
        for span in request.spans:
            if span.language != "en":
                raise _unsupported(LANGUAGES.get(span.language, span.language).capitalize())
        text = _plain_letters("".join(span.text for span in request.spans))
        if foreign := _foreign_language(text):
            raise _unsupported(foreign)
        return text

    def _stream(self, text: str, request: Synthesize, cancelled: threading.Event) -> Iterator[bytes]:
        from ttsd.worker.silence import pcm, trimmed

        heart = self._loaded()
        pause = b""
        for number, phrase in enumerate(self._phrases(heart, text)):
            if cancelled.is_set():
                return
            sound = heart.sound(phrase.phonemes, (request.seed, number), request.speed)
            for block in trimmed(sound):
                yield pause + pcm(block)
                pause = b""
            pause = bytes(int(phrase.pause_ms / request.speed) * SAMPLE_RATE_HZ // 1000 * BYTES_PER_SAMPLE)

    def _loaded(self) -> "Heart":
        if self._heart is None:
            raise EngineFailed("the built-in engine is not loaded")
        return self._heart

    @staticmethod
    def _phrases(heart: "Heart", text: str) -> Iterator[Phrase]:
        spoken = (heart.phonemes(sentence) for sentence in heart.sentences(text))
        return chain.from_iterable(phrases(phonemes) for phonemes in spoken if phonemes)

    def gauges(self) -> EngineGauges:
        return EngineGauges()

    def close(self) -> None:
        self._heart = None


def _unsupported(language: str) -> UnsupportedLanguage:
    return UnsupportedLanguage(
        f"the built-in voice speaks English only, and this text is {language}: "
        'pip install "ttsd[languages]", or set [engine] name = "qwen3"',
        param="language",
    )


def _plain_letters(text: str) -> str:
    """Full-width, mathematical and ligature letters as the letters they stand for."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFKC", c) if c.isalpha() else c for c in text)


def _foreign_language(text: str) -> str:
    """The language, or the script, of letters in `text` that English does not use; else empty.

    What is declared as English may hold other letters, and the voice would pass over them in silence.
    """
    letters = {c for c in text if not c.isascii() and c.isalpha()}
    scripts = {unicodedata.name(letter, "unnamed").split(" ", 1)[0] for letter in letters} - _READ_IN_ENGLISH
    for script, language in _SCRIPTS.items():
        if script in scripts:
            return language
    return f"in {min(scripts).capitalize()} script" if scripts else ""

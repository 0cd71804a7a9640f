"""Kokoro as a tongue: each language's way to phonemes before it, phrase by phrase."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from ttsd.protocol.speech import Span
from ttsd.worker.phrases import Lengths, phrases
from ttsd.worker.tongues.catalogue import Voice
from ttsd.worker.tongues.kokoro import FIRST, LONGEST, Kokoro, Styles
from ttsd.worker.tongues.tongue import Spoken, Take

_LENGTHS: Final = Lengths(LONGEST, FIRST)


class Letters(NamedTuple):
    """How a language is turned into Kokoro's phonemes."""

    text: Callable[[str], str]
    reading: Callable[[str], str]
    """Of what its writer asks for; empty where it is no reading."""


class Manifold:
    """The voices of Kokoro; see `Tongue`."""

    def __init__(self, kokoro: Kokoro, styles: Mapping[str, Styles], letters: Mapping[str, Letters]) -> None:
        self._kokoro = kokoro
        self._styles = styles
        self._letters = letters

    def speak(self, spans: Sequence[Span], voice: Voice, take: Take) -> Iterator[Spoken]:
        styles = self._styles[voice.style]
        for phrase in phrases(self._phonemes(spans), _LENGTHS):
            if take.cancelled.is_set():
                return
            if not any(map(str.isalpha, phrase.phonemes)):  # marks alone: the model would make a sound of them
                continue
            sound = self._kokoro.sound(phrase.phonemes, styles, take.speed, take.cancelled)
            yield Spoken((sound * np.float32(10 ** (voice.gain_db / 20)),), phrase.pause_ms)

    def _phonemes(self, spans: Sequence[Span]) -> str:
        letters = self._letters[spans[0].language]
        found = ((span.reading and letters.reading(span.reading)) or letters.text(span.text) for span in spans)
        return " ".join(chain.from_iterable(map(str.split, found)))

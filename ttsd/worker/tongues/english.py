"""hibari as a tongue: English, and what its phonemes are good for elsewhere."""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain

from ttsd.protocol.speech import Span
from ttsd.worker.heart import Heart
from ttsd.worker.phrases import Phrase, phrases
from ttsd.worker.tongues import alphabet
from ttsd.worker.tongues.catalogue import Voice
from ttsd.worker.tongues.tongue import Spoken, Take


class English:
    """The embedded voice; see `Tongue`."""

    def __init__(self, heart: Heart) -> None:
        self._heart = heart

    def speak(self, spans: Sequence[Span], voice: Voice, take: Take) -> Iterator[Spoken]:
        for number, phrase in enumerate(self._phrases(spans)):
            if take.cancelled.is_set():
                return
            sound = self._heart.sound(phrase.phonemes, (take.seed, number), take.speed, take.pitch_range)
            yield Spoken(sound, phrase.pause_ms)

    def sentences(self, spans: Sequence[Span]) -> Iterator[str]:
        """The phonemes of each sentence; where readings are given, of all at once."""
        if any(span.reading for span in spans):
            yield self._with_readings(spans)
            return
        for sentence in self._heart.sentences(plain_letters("".join(span.text for span in spans))):
            if phonemes := self._heart.phonemes(sentence):
                yield phonemes

    def text(self, text: str) -> str:
        """Phonemes of a whole text."""
        return " ".join(self.sentences([Span("en", text)]))

    def word(self, text: str) -> str:
        """Phonemes of letters or of a word in a text of another language."""
        return self._heart.phonemes(text).strip(" .")

    def _phrases(self, spans: Sequence[Span]) -> Iterator[Phrase]:
        return chain.from_iterable(map(phrases, self.sentences(spans)))

    def _with_readings(self, spans: Sequence[Span]) -> str:
        spoken = (alphabet.english(span.reading) or self._heart.phonemes(plain_letters(span.text)) for span in spans)
        return " ".join(filter(None, spoken))


def plain_letters(text: str) -> str:
    """Full-width, mathematical and ligature letters as the letters they stand for."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFKC", c) if c.isalpha() else c for c in text)

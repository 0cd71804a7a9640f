"""espeak-ng as a tongue: any language, in a voice that nobody takes for a human's."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ttsd.protocol.speech import Span
from ttsd.worker.tongues.catalogue import Voice
from ttsd.worker.tongues.espeak import VOICES, Espeak
from ttsd.worker.tongues.tongue import Spoken, Take

_PAUSE_MS: Final = 320
_ENDS: Final = tuple(".!?…。！？")


class Formants:
    """The voices of espeak-ng; see `Tongue`. It takes no readings: the text itself is spoken."""

    def __init__(self, espeak: Espeak) -> None:
        self._espeak = espeak

    def speak(self, spans: Sequence[Span], voice: Voice, take: Take) -> Iterator[Spoken]:
        text = "".join(span.text for span in spans)
        if not any(map(str.isalnum, text)) or take.cancelled.is_set():
            return
        gain = np.float32(10 ** (voice.gain_db / 20))
        name = f"{VOICES[spans[0].language]}+{voice.style}"
        sound = (block * gain for block in self._espeak.sound(text, name, take.speed, take.cancelled))
        yield Spoken(sound, _PAUSE_MS if text.rstrip().endswith(_ENDS) else 0)

"""What every synthesiser of the built-in engine offers, and what a run of text is to it."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from ttsd.protocol.speech import Span
from ttsd.worker.silence import Sound
from ttsd.worker.tongues.catalogue import Voice


class Take(NamedTuple):
    """How a request is to be spoken."""

    seed: int
    speed: float
    cancelled: threading.Event
    pitch_range: float = 1.0
    """For those whose pitch can be told."""


class Spoken(NamedTuple):
    """Some words in one breath, made as they are read from it, and the silence after them."""

    sound: Iterable[Sound]
    pause_ms: int


class Tongue(Protocol):
    """A synthesiser. Methods may be called by several threads at once."""

    def speak(self, spans: Sequence[Span], voice: Voice, take: Take) -> Iterator[Spoken]:
        """Phrase by phrase what `spans`, all of one language, say. Raises TtsdError."""
        ...

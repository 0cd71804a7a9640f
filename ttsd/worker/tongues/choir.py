"""All tongues of the built-in engine together: which voices there are, and who speaks which part of a segment."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from ttsd.protocol.engine import EngineVoice
from ttsd.protocol.errors import UnknownVoice
from ttsd.protocol.speech import LANGUAGES, Span
from ttsd.worker.tongues.catalogue import Synthesiser, Voice, speaker
from ttsd.worker.tongues.tongue import Tongue


class Run(NamedTuple):
    """Neighbouring spans of one language, and who speaks them."""

    spans: tuple[Span, ...]
    voice: Voice
    tongue: Tongue


class Choir:
    """The voices that are there, each with its tongue, and what to do for languages that none of them speaks."""

    def __init__(
        self,
        voices: Sequence[Voice],
        tongues: Mapping[Synthesiser, Tongue],
        parts: Sequence[str],
        remedies: Mapping[str, str],
    ) -> None:
        self._voices = tuple(voices)
        self._tongues = tongues
        self._parts = tuple(parts)
        self.remedies = {code: way for code, way in remedies.items() if code not in self.languages}
        """For each language that is missing: how to get it."""

    @property
    def revision(self) -> str:
        """Of everything that decides the samples: the English voice by name, all other parts as one hash."""
        first, *others = self._parts
        return f"{first}+{hashlib.sha256(' '.join(others).encode()).hexdigest()[:10]}" if others else first

    @property
    def languages(self) -> tuple[str, ...]:
        spoken = {code for voice in self._voices for code in voice.languages}
        return ("en", *(code for code in LANGUAGES if code in spoken and code != "en"))

    @property
    def voices(self) -> tuple[EngineVoice, ...]:
        languages: dict[str, dict[str, None]] = {}
        for voice in self._voices:  # an entry for each synthesiser of a voice
            languages.setdefault(voice.name, {}).update(dict.fromkeys(voice.languages))
        described = {voice.name: voice.description for voice in self._voices}
        return tuple(EngineVoice(name, tuple(spoken), described[name]) for name, spoken in languages.items())

    def runs(self, spans: Sequence[Span], name: str) -> list[Run]:
        """Who speaks what; all languages of `spans` are among `languages`. Raises UnknownVoice."""
        if name not in (names := dict.fromkeys(voice.name for voice in self._voices)):
            raise UnknownVoice(f"the built-in engine has no voice {name!r}; it has {', '.join(names)}", param="voice")
        return list(self._runs(spans, name))

    def _runs(self, spans: Sequence[Span], name: str) -> Iterator[Run]:
        for language, neighbours in groupby(spans, lambda span: span.language):
            voice = speaker(self._voices, name, language)
            assert voice is not None  # somebody speaks each of the languages
            yield Run(tuple(neighbours), voice, self._tongues[voice.by])

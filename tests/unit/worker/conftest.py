"""Engines, loaded once for all tests of the worker."""

import threading
from collections.abc import Callable

import pytest

from ttsd.protocol.engine import EngineConfig, FakeSettings, Synthesize
from ttsd.protocol.speech import Span
from ttsd.worker.builtin import Builtin
from ttsd.worker.engine import Engine
from ttsd.worker.fake import Fake

Speak = Callable[..., bytes]


@pytest.fixture(scope="session")
def builtin() -> Builtin:
    engine = Builtin(EngineConfig("builtin", slots=2, languages=("en",)))
    engine.load(lambda progress, note: None)
    return engine


@pytest.fixture
def make_fake() -> Callable[..., Fake]:
    def make(**settings: object) -> Fake:
        return Fake(EngineConfig("fake", fake=FakeSettings(**settings)))

    return make


@pytest.fixture
def speak() -> Speak:
    """All that `engine` says to a text."""

    def collect(
        engine: Engine, text: str, *, language: str = "en", voice: str = "", seed: int = 0, speed: float = 1.0
    ) -> bytes:
        request = Synthesize(1, (Span(language, text),), voice or engine.info.default_voice, seed, speed)
        return b"".join(engine.speak(request, threading.Event()))

    return collect

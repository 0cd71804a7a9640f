"""Which engines there are, and what each of them promises."""

import threading

import pytest

from ttsd.protocol.engine import EngineConfig, Synthesize
from ttsd.protocol.errors import ConfigError, NothingToSay, UnknownVoice, UnsupportedLanguage
from ttsd.protocol.speech import Span
from ttsd.worker.engine import Engine, build_engine


@pytest.fixture(params=["builtin", "fake"])
def engine(request: pytest.FixtureRequest, builtin: Engine) -> Engine:
    return builtin if request.param == "builtin" else build_engine(EngineConfig(request.param))


def test_it_speaks_its_canary_with_its_default_voice(engine, speak):
    info = engine.info
    assert info.default_voice in [voice.name for voice in info.voices]
    sound = speak(engine, info.canary_text, language=info.canary_language)
    assert len(sound) > 2400
    assert len(sound) % 2 == 0


def test_the_same_request_gives_the_same_bytes(engine, speak):
    assert speak(engine, "The same again.") == speak(engine, "The same again.")
    assert speak(engine, "The same again.", seed=1) != speak(engine, "The same again.")


def test_spans_are_one_text(engine, speak):
    spans = (Span("en", "One, "), Span("en", "two."))
    request = Synthesize(1, spans, engine.info.default_voice)
    assert b"".join(engine.speak(request, threading.Event())) == speak(engine, "One, two.")


def test_cancelled_before_it_began_it_says_nothing(engine):
    cancelled = threading.Event()
    cancelled.set()
    request = Synthesize(1, (Span("en", "Not to be heard."),), engine.info.default_voice)
    assert list(engine.speak(request, cancelled)) == []


@pytest.mark.parametrize("text", ["", " \n"])
def test_blank_text_is_an_error_and_not_silence(engine, speak, text: str):
    with pytest.raises(NothingToSay):
        speak(engine, text)


def test_unknown_voices_and_languages_are_refused(engine, speak):
    with pytest.raises(UnknownVoice, match=engine.info.default_voice):
        speak(engine, "text", voice="nobody")
    with pytest.raises(UnsupportedLanguage):
        speak(engine, "text", language="tlh")


@pytest.mark.parametrize("name", ["remote"])
def test_planned_engines_say_what_to_set(name: str):
    with pytest.raises(ConfigError, match='set \\[engine\\] name = "builtin"'):
        build_engine(EngineConfig(name))


def test_others_are_unknown():
    with pytest.raises(ConfigError, match="builtin and fake"):
        build_engine(EngineConfig("nonsense"))

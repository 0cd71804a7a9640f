"""How takes are spoken: what dials do to settings, and what settings ask of the daemon."""

import pytest

from ttsd.protocol.engine import EngineInfo, EngineVoice
from ttsd.protocol.speech import Start, Style
from tui.settings import DIALS, MODES, Settings, at_fraction, fraction, impossible, shown


def test_a_session_is_opened_as_it_is_set():
    settings = Settings("ada", "en", "word", Style(emotion=70), 1.25, 7)
    assert settings.start() == Start("ada", "en", 7, 1.25, Style(emotion=70), "word")
    assert settings.start(seed=8).seed == 8
    assert Settings(live="off").start().commit == "clause"
    assert settings.job("Hello.").seed == 7


def test_all_ways_come_round():
    settings = Settings()
    seen = []
    for _ in MODES:
        settings = settings.next_mode()
        seen.append(settings.live)
    assert sorted(seen) == sorted(MODES)
    assert settings == Settings()


@pytest.mark.parametrize("dial", DIALS)
def test_no_dial_goes_beyond_its_ends(dial):
    low, high = Settings().turned(dial, -100_000), Settings().turned(dial, 100_000)
    assert (fraction(low, dial), fraction(high, dial)) == (0.0, 1.0)
    assert fraction(at_fraction(Settings(), dial, 1.0), dial) == 1.0
    assert high.set(dial, None) == Settings()


def test_a_dial_says_where_it_stands():
    settings = Settings(style=Style(clarity=80), speed=1.5, seed=12)
    assert [shown(settings, dial) for dial in DIALS] == ["80", "usual", "usual", "×1.5", "12"]


def test_emotion_needs_a_voice_that_has_some():
    engine = EngineInfo(
        "builtin", "1", 2, ("en",), (EngineVoice("heart", ("en",), "", True), EngineVoice("b", ())), "b"
    )
    assert list(impossible(Settings(), engine)) == ["emotion"]
    assert impossible(Settings("heart"), engine) == {}
    assert impossible(Settings("a-profile"), engine) == {}
    assert impossible(Settings(), None) == {}

"""espeak-ng, as it is installed here."""

import re
import threading
import time

import numpy as np
import pytest

from ttsd.protocol.errors import EngineFailed
from ttsd.worker.tongues.espeak import Espeak

TEXT = "Guten Morgen, wie geht es Ihnen heute?"


def sound(espeak: Espeak, text: str = TEXT, voice: str = "de+f4", speed: float = 1.0) -> np.ndarray:
    return np.concatenate(list(espeak.sound(text, voice, speed, threading.Event())))


def test_what_was_spoken_before_changes_nothing(installed):
    first = sound(installed)
    for _ in range(3):
        sound(installed, "Привет, как дела?", "ru+m3")
        assert np.array_equal(sound(installed), first)
    assert 1.2 < len(first) / 24_000 < 3.5
    assert 0.05 < np.abs(first).max() <= 1


@pytest.mark.parametrize(("speed", "ratio"), [(0.5, 2.0), (2.0, 0.5)])
def test_speed(installed, speed: float, ratio: float):
    assert len(sound(installed, speed=speed)) / len(sound(installed)) == pytest.approx(ratio, rel=0.15)


def test_it_stops_when_told(installed):
    cancelled = threading.Event()
    blocks = installed.sound(TEXT * 500, "de+f4", 0.5, cancelled)
    next(blocks)
    cancelled.set()
    began = time.monotonic()
    assert list(blocks) == []
    assert time.monotonic() - began < 5  # the whole takes longer; how much sooner, benchmarks tell


def test_phonemes_keep_their_punctuation(installed):
    assert re.fullmatch(r"\w+, \w+\. \w+!", installed.phonemes("Sì, grazie. Ciao!", "it"))
    assert installed.phonemes("¿Qué?", "es") == "kˈe?"
    assert installed.phonemes("…", "es") == "…"


def test_every_sound_of_german_has_a_letter(installed):
    """espeak-ng 1.51 writes `b??k`."""
    assert installed.phonemes("Burg", "de") in ("bˈʊɾk", "bˈʊɐk", "bˈuːɾk")


def test_a_voice_that_is_not_there_is_an_error(installed):
    with pytest.raises(EngineFailed, match="espeak"):
        sound(installed, voice="xx-none")
    with pytest.raises(EngineFailed, match="espeak"):
        sound(installed, TEXT * 3000, voice="xx-none")  # more than a pipe holds: nobody reads the rest of it
    with pytest.raises(EngineFailed, match="espeak"):
        installed.phonemes("text", "xx-none")


def test_one_that_takes_too_long_is_an_error(installed):
    hasty = Espeak("libespeak-ng.so.1", "", "", patience_s=0.001)
    with pytest.raises(EngineFailed, match=r"espeak-ng has not answered in 0\.001 s"):
        hasty.phonemes("text", "de")

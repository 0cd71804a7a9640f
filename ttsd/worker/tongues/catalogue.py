"""The built-in voices, and who speaks a language when the voice asked for does not."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, Literal

import msgspec

from ttsd.worker.tongues import espeak

Synthesiser = Literal["hibari", "kokoro", "espeak"]


class Voice(msgspec.Struct, frozen=True):
    """What one synthesiser does for a voice; a voice of several has as many entries, all of its name."""

    name: str
    by: Synthesiser
    female: bool
    languages: tuple[str, ...]
    """What it speaks, its own first; all else is left to companions."""
    description: str
    gain_db: float = 0.0
    """Brings its speech to the loudness of `heart`."""
    style: str = ""
    """What its synthesiser calls it."""


HEART: Final = Voice("heart", "hibari", female=True, languages=("en",), description="American English, female")


def _kokoro(name: str, languages: str, gain_db: float, description: str) -> Voice:
    return Voice(name, "kokoro", name[1] == "f", tuple(languages.split()), description, gain_db, style=name)


# Of espeak-ng's variants these have no breath: its noise is not the same twice.
def _espeak(name: str, style: str, gain_db: float, *, female: bool) -> Voice:
    description = f"espeak-ng, {'female' if female else 'male'}, plainly a machine"
    return Voice(name, "espeak", female, tuple(espeak.VOICES), description, gain_db, style)


# Languages: its own, and those that it speaks with an accent, as docs/voices.md tells.
VOICES: Final = (
    HEART,
    Voice("heart", "kokoro", True, ("en", "zh"), HEART.description, -3.5, "af_heart"),
    _kokoro("af_bella", "en zh", -4.0, "American English, female"),
    _kokoro("am_michael", "en zh", -2.3, "American English, male"),
    _kokoro("bf_emma", "en zh", -6.0, "British English, female"),
    _kokoro("bm_george", "en zh", -5.4, "British English, male"),
    _kokoro("zf_xiaobei", "zh en", -5.7, "Chinese, female"),
    _kokoro("zf_xiaoxiao", "zh en", -10.0, "Chinese, female"),
    _kokoro("zm_yunxi", "zh en", -4.9, "Chinese, male"),
    _kokoro("zm_yunjian", "zh en", -5.8, "Chinese, male"),
    _kokoro("jf_alpha", "ja ko en zh", -6.1, "Japanese, female"),
    _kokoro("jf_gongitsune", "ja en zh", -6.5, "Japanese, female"),
    _kokoro("jm_kumo", "ja ko en zh", -6.9, "Japanese, male"),
    _kokoro("ef_dora", "es en", -2.8, "Spanish, female"),
    _kokoro("em_alex", "es ru fr en", -3.3, "Spanish, male"),
    _kokoro("ff_siwis", "fr en", -6.9, "French, female"),
    _kokoro("if_sara", "it de ru en", -12.1, "Italian, female"),
    _kokoro("im_nicola", "it de en", -7.3, "Italian, male"),
    _kokoro("pf_dora", "pt en", -2.7, "Brazilian Portuguese, female"),
    _kokoro("pm_alex", "pt en", -3.2, "Brazilian Portuguese, male"),
    _espeak("espeak_f", "f4", -6.1, female=True),
    _espeak("espeak_m", "m3", -5.1, female=False),
)


def present(by: Collection[Synthesiser], able: Collection[str], wanted: Collection[str]) -> Iterator[Voice]:
    """The voices of the synthesisers that are there; `able`: what Kokoro has phonemes for, `wanted`: by the user."""
    for voice in VOICES:
        spoken = tuple(
            code
            for code in voice.languages
            if voice is HEART or (code in wanted and (voice.by != "kokoro" or code in able))
        )
        if voice.by in by and spoken:
            yield msgspec.structs.replace(voice, languages=spoken)


def speaker(voices: Sequence[Voice], name: str, language: str) -> Voice | None:
    """Who of `voices` speaks `language` for voice `name`, which is one of them.

    It itself; else a companion: of the same sex where there is one, whose own language it is where there is one, and
    espeak-ng's only where there is no other.
    """
    itself = [voice for voice in voices if voice.name == name]
    able = sorted(
        (voice for voice in voices if language in voice.languages),
        key=lambda voice: (voice.by == "espeak", voice.languages[0] != language),
    )
    same_sex = [voice for voice in able if voice.female == itself[0].female]
    return next((voice for voice in (*itself, *same_sex, *able) if voice in able), None)

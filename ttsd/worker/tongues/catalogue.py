"""The built-in voices, and who speaks a language when the voice asked for does not."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, Literal

import msgspec

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


KOKORO_LANGUAGES: Final = ("en", "zh", "ja", "es", "fr", "it", "pt")
"""Every voice of Kokoro speaks them all, in its own timbre; best its own."""
ESPEAK_LANGUAGES: Final = ("de", "ru", "ko", "es", "fr", "it", "pt")
"""English, Chinese and Japanese are left to those who do it better."""
HEART: Final = Voice("heart", "hibari", female=True, languages=("en",), description="American English, female")


def _kokoro(name: str, own: str, description: str, gain_db: float = 0.0) -> Voice:
    languages = (own, *(code for code in KOKORO_LANGUAGES if code != own))
    return Voice(name, "kokoro", name[1] == "f", languages, description, gain_db, style=name)


# Of espeak-ng's variants these have no breath: its noise is not the same twice.
def _espeak(name: str, female: bool, description: str, style: str) -> Voice:
    return Voice(name, "espeak", female, ESPEAK_LANGUAGES, description, style=style)


VOICES: Final = (
    HEART,
    msgspec.structs.replace(_kokoro("af_heart", "en", HEART.description), name=HEART.name),
    _kokoro("af_bella", "en", "American English, female"),
    _kokoro("am_michael", "en", "American English, male"),
    _kokoro("bf_emma", "en", "British English, female"),
    _kokoro("bm_george", "en", "British English, male"),
    _kokoro("zf_xiaobei", "zh", "Chinese, female"),
    _kokoro("zf_xiaoxiao", "zh", "Chinese, female"),
    _kokoro("zm_yunjian", "zh", "Chinese, male"),
    _kokoro("zm_yunxi", "zh", "Chinese, male"),
    _kokoro("jf_alpha", "ja", "Japanese, female"),
    _kokoro("jf_gongitsune", "ja", "Japanese, female"),
    _kokoro("jm_kumo", "ja", "Japanese, male"),
    _kokoro("ef_dora", "es", "Spanish, female"),
    _kokoro("em_alex", "es", "Spanish, male"),
    _kokoro("ff_siwis", "fr", "French, female"),
    _kokoro("if_sara", "it", "Italian, female"),
    _kokoro("im_nicola", "it", "Italian, male"),
    _kokoro("pf_dora", "pt", "Brazilian Portuguese, female"),
    _kokoro("pm_alex", "pt", "Brazilian Portuguese, male"),
    _espeak("espeak_f", female=True, description="espeak-ng, female, a machine's voice", style="f4"),
    _espeak("espeak_m", female=False, description="espeak-ng, male, a machine's voice", style="m3"),
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

    It itself; else a companion, of the same sex where there is one.
    """
    itself = [voice for voice in voices if voice.name == name]
    able = [voice for voice in voices if language in voice.languages]
    same_sex = [voice for voice in able if voice.female == itself[0].female]
    return next((voice for voice in (*itself, *same_sex, *able) if voice in able), None)

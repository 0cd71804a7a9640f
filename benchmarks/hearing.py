"""What a recogniser heard, held against what was to be said: as written, as said, and by its sound alone."""

import functools
import importlib
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from ttsd.text.comparing import Errors, count, distance, in_words, letters

EARS: Final = Path(__file__).with_name("ears.py")
_PATIENCE_S: Final = 3600


class Heard(msgspec.Struct, frozen=True):
    """One line of `ears.py`."""

    file: str
    text: str
    language: str
    """The one that the recogniser finds by itself."""
    probability: float
    timbre: tuple[float, ...]
    """A unit vector: the cosine of two says how alike the voices are."""
    mos: float | None
    """None where it was not asked for."""
    speech: float
    seconds: float


def listen(python: Path, files: Sequence[Path], *how: str) -> list[Heard]:
    """What is heard in `files`; `how` are options of `ears.py`."""
    command = [python, EARS, *how, *files]
    done = subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE_S)
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    return [msgspec.json.decode(line, type=Heard) for line in done.stdout.splitlines()]


def errors_by_sound(said: str, heard: str, language: str) -> Errors | None:
    """Syllables of Mandarin without tones, or kana, that differ; none for languages that are written as they sound."""
    if language not in _SOUNDS:
        return None
    sounds = _SOUNDS[language]
    return count(sounds(in_words(said, language)), sounds(in_words(heard, language)))


def recognised(run: str, heard: str, language: str) -> float:
    """Share of `run`'s characters that are found together somewhere in `heard`, as written or in words."""
    shares: list[float] = []
    for one, other in ((run, heard), (in_words(run, language), in_words(heard, language))):
        wanted = letters(one)
        shares.append(1 - distance(wanted, letters(other), anywhere=True) / len(wanted))
    return max(shares)


def percent(counts: Sequence[Errors]) -> float:
    """Of all of them together."""
    return 100 * sum(count.wrong for count in counts) / sum(count.of for count in counts)


def _pinyin(text: str) -> list[str]:
    pinyin: Any = importlib.import_module("pypinyin")
    return pinyin.lazy_pinyin(letters(text))


@functools.cache
def _sudachi() -> Any:
    sudachi: Any = importlib.import_module("sudachipy")
    return sudachi.Dictionary(dict="small").tokenizer(mode=sudachi.SplitMode.C)


def _kana(text: str) -> list[str]:
    return list("".join(word.reading_form() for word in _sudachi().tokenize(letters(text))))


_SOUNDS: Final[dict[str, Callable[[str], list[str]]]] = {"zh": _pinyin, "ja": _kana}

"""Texts with what is to come of them, written for this project; see the README beside each kind."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

FOLDER: Final = Path(__file__).parent


class Sentences(NamedTuple):
    """A text and its sentences."""

    name: str
    language: str
    expected: tuple[str, ...]
    known_miss: bool

    @property
    def text(self) -> str:
        return "".join(self.expected)


class Spans(NamedTuple):
    """A text and its runs of one language each."""

    name: str
    expected: tuple[tuple[str, str], ...]
    known_miss: bool

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.expected)


def _lines(path: Path) -> Iterable[tuple[str, str, bool]]:
    """Name, content, and whether we are known to get it wrong."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            yield f"{path.stem}:{number}", line.removeprefix("?"), line.startswith("?")


@cache
def sentence_cases(language: str) -> tuple[Sentences, ...]:
    """The cases of one language."""
    path = FOLDER / "sentences" / f"{language}.txt"
    return tuple(Sentences(name, language, tuple(line.split("|")), known) for name, line, known in _lines(path))


@cache
def span_cases() -> tuple[Spans, ...]:
    """Texts in several languages."""
    return tuple(Spans(name, _marked(line), known) for name, line, known in _lines(FOLDER / "spans" / "mixed.txt"))


def _marked(line: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for part in line.split("|"):
        language, _, text = part.partition(":")
        found.append((language, text))
    return tuple(found)


def ends(parts: Iterable[str]) -> frozenset[int]:
    """Where `parts` end, in characters that are no spaces: who strips spaces is right too."""
    found: list[int] = [0]
    for part in parts:
        found.append(found[-1] + len("".join(part.split())))
    return frozenset(found[1:])


def runs(parts: Iterable[tuple[str, str]]) -> frozenset[tuple[int, int, str]]:
    """Start, end and language of each run, in letters and digits: where punctuation goes is a matter of taste."""
    found: list[tuple[int, int, str]] = []
    at = 0
    for language, text in parts:
        end = at + sum(map(str.isalnum, text))
        if end > at:
            found.append((at, end, language))
        at = end
    return frozenset(found)


def f1(expected: Sequence[frozenset[Any]], found: Sequence[frozenset[Any]]) -> float:
    """Harmonic mean of precision and recall over all cases."""
    right = sum(len(one & other) for one, other in zip(expected, found, strict=True))
    return 2 * right / (sum(map(len, expected)) + sum(map(len, found)))

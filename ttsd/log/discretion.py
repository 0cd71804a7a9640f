"""What a log must not repeat: texts that are spoken, wherever a message, a traceback or a library quotes them."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Final, Literal, NamedTuple

Mode = Literal["hash", "full"]

SHORTEST: Final = 8
"""Letters in a row that stand in a text are a quotation of it."""
SHORTEST_HAN: Final = 3
"""And of scripts in which a letter is a syllable or a word."""
_HAN: Final = re.compile("[\u2e80-\uffdc\U00020000-\U0003ffff]+")
_QUOTED: Final = re.compile(r"""(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?!\w)""", re.DOTALL)

_PLACE: Final = re.compile(r'\s+File "|Traceback \(most recent|Fatal Python error:|Current thread 0x|Thread 0x|\s*$')
_KIND: Final = re.compile(r"[\w./-]*?:?\d*:? ?[A-Z]\w*(?:Error|Warning|Exception):")

_confided: ContextVar[tuple[str, ...]] = ContextVar("confided", default=())


def text_field(text: str, mode: Mode) -> str:
    """A spoken text as `[log] log_text` lets it appear: in full, or the first digits of its SHA-256 and its length."""
    if mode == "full":
        return text
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
    return f"sha256:{digest[:12]} ({len(text)} chars)"


def confide(*texts: str | None) -> None:
    """From here on no log line of this task, nor of those that it starts, quotes these texts in `hash` mode."""
    _confided.set((*_confided.get(), *(text for text in texts if text)))


def confided() -> tuple[str, ...]:
    """What was confided to this task."""
    return _confided.get()


class Guarded(NamedTuple):
    """A value of a log field that `[log] log_text` decides about."""

    full: str
    bare: str

    def shown(self, mode: Mode) -> str:
        return self.full if mode == "full" else self.bare


def spoken_text(text: str) -> Guarded:
    """A text, or its hash."""
    return Guarded(text, text_field(text, "hash"))


def quoting(said: str) -> Guarded:
    """A message that may quote a text which nobody has at hand: what stands in its quotation marks is guarded."""
    return Guarded(said, _QUOTED.sub(lambda found: hashed_within(found[0]), said))


def printed(line: str) -> Guarded:
    """A line that a library printed over a text which nobody has at hand: places in programs, kinds of errors stay."""
    if _PLACE.match(line):
        return Guarded(line, line)
    kind = _KIND.match(line)
    return Guarded(line, f"{kind[0]} {text_field(line[kind.end() :], 'hash')}" if kind else text_field(line, "hash"))


def hashed_within(quoted: str) -> str:
    """The hash of what stands between two marks; a sign or two tell nothing."""
    return text_field(quoted[1:-1], "hash") if (len(quoted) > 2 and not quoted.isascii()) or len(quoted) > 4 else quoted


def discreet(said: str, texts: Iterable[str]) -> str:
    """`said` with the hash of all that it quotes of `texts`: what stands in quotation marks, and longer pieces."""
    known = [form for text in texts for form in _forms(text)]
    if not known:
        return said
    said = _QUOTED.sub(lambda found: _hidden(found[0], known), said)
    pieces: list[str] = []
    done = 0
    for start, end in _quotations(said, known):
        pieces += (said[done:start], text_field(said[start:end], "hash"))
        done = end
    return "".join((*pieces, said[done:]))


def _forms(text: str) -> Iterator[str]:
    """As it is, and as programs write it that trust no letter."""
    yield text
    if (escaped := text.encode("unicode_escape").decode()) != text:
        yield escaped


def _hidden(quoted: str, known: list[str]) -> str:
    return hashed_within(quoted) if any(quoted[1:-1] in text for text in known) else quoted


def _quotations(said: str, known: list[str]) -> Iterator[tuple[int, int]]:
    """Where pieces of `known` stand, in their order, those that meet as one."""
    covered = bytearray(len(said))
    for text in known:
        for size in (SHORTEST_HAN, SHORTEST):
            for place in _places(said, text, size):
                covered[place : place + size] = b"\x01" * size
    for found in re.finditer(rb"\x01+", covered):
        piece = said[found.start() : found.end()]
        start = found.end() - len(piece.lstrip())
        yield start, start + len(piece.strip())


def _places(said: str, text: str, size: int) -> list[int]:
    """Where in `said` so many letters begin that stand in `text`; the short ones count in Han scripts only."""
    at: dict[str, list[int]] = {}
    for place in range(len(said) - size + 1):
        piece = said[place : place + size]
        if size == SHORTEST or _HAN.fullmatch(piece):
            at.setdefault(piece, []).append(place)
    if not at:
        return []
    found = {text[place : place + size] for place in range(len(text) - size + 1)} & at.keys()
    return [place for piece in found for place in at[piece]]

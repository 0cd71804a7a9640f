"""Markup that people type: `[pause 500ms]`, `和(hè)`, `{lead|lɛd}`, `*emphasis*`; a backslash before it undoes it.

What is asked for travels inside the text as private characters, which `normalize.clean` takes out of what people
send, so that joining, cutting and counting text need not know of it. `marked` puts it in, `taken_apart` takes it
out, with the places.
"""

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, NamedTuple

from ttsd.protocol.lexicon import MAX_CHARS
from ttsd.text.pronunciation import Reading, bracketed, reading
from ttsd.text.scripts import HAN

MAX_PAUSE_MS: Final = 10_000
"""Of one silence that is asked for; more is this much."""

_OPEN, _BAR, _CLOSE, _PAUSE = "\ue000", "\ue001", "\ue002", "\ue003"
_SHIFT: Final = 0xF0000
"""From a character to the one in plane 15 that stands for it inside a mark."""
_MOST_SHIFTED: Final = 0xFFFD

_FIRST: Final = re.compile(r"[\[{(（*]")
_MARKUP: Final = re.compile(
    r"\[ ?pause ?(?P<amount>\d{1,6}(?:[.,]\d{1,3})?) ?(?P<unit>ms|s) ?\]"
    rf"|\{{(?<![A-Za-z0-9_$%#{{]\{{)(?P<word>[\w.@#][^{{}}|]{{0,{MAX_CHARS}}})\|(?P<given>[^{{}}|]{{1,{MAX_CHARS}}})\}}"
    r"(?![A-Za-z0-9_}(])"
    rf"|[(（](?<=[{HAN}\\][(（])(?P<reading>[^()（）{{}}\[\]*]{{1,60}})[)）]"
    r"|\*(?<![A-Za-z0-9_*]\*)(?P<stressed>[^\W_][^*]{0,100}|[\"'“‘「『¡¿{][^*]{1,100})"
    r"(?<=[\w.!?…\"'”’」』})）])\*(?![A-Za-z0-9_*])",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[\w.@#](?:[\w '’.&+#·・\-]*[\w.+#])?")
_HAN_BEFORE: Final = re.compile(rf"[{HAN}]{{1,30}}$")
_LOOK_BACK: Final = 40
"""Characters before a bracket in which the word it reads is looked for."""
_LONE_LETTERS: Final = re.compile(r"[A-Za-z_]")
_PRIVATE: Final = re.compile(
    "\ue003(?P<pause>[\U000f0030-\U000f0039]{1,5})"
    "|\ue000(?P<word>[^\ue000-\ue003]*)\ue001(?P<kind>[\U000f0000-\U000ffffd]+)\ue001"
    "(?P<value>[\U000f0000-\U000ffffd]*)\ue002"
    "|[\ue000-\uf8ff\U000f0000-\U0010fffd]"
)


_UNCLOSED: Final = re.compile(
    r"(?:\[ ?pause\b[^\]\n]{0,20}|\[ ?p?a?u?s?"
    rf"|\{{[^{{}}\n]{{0,{2 * MAX_CHARS}}}|[{HAN}][(（][^()（）\n]{{0,60}}"
    r"|(?<![A-Za-z0-9_*])\*[^\s*][^*\n]{0,100})\Z",
    re.IGNORECASE,
)


class Mark(NamedTuple):
    """A word with a reading: where it stands in the text without marks."""

    start: int
    end: int
    reading: Reading


class Pause(NamedTuple):
    """A silence that is asked for, before the character `at`."""

    at: int
    ms: int


class Apart(NamedTuple):
    """A text as a reader sees it, and what was asked for in it, in order."""

    text: str
    marks: tuple[Mark, ...] = ()
    pauses: tuple[Pause, ...] = ()


def marked(text: str) -> str:
    """`text`, which is clean, with its markup as private characters; text that only looks similar is left alone."""
    return "".join(_pieces(text)) if _FIRST.search(text) else text


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for match in _MARKUP.finditer(text):
        found = _found(text, start, match)
        if found is None:
            continue
        first, inner = found
        escaped = match.start() > start and text[match.start() - 1] == "\\"
        yield text[start : match.start() - 1 if escaped else first]
        yield match.group() if escaped else inner
        start = match.end() + (inner[0] == _PAUSE and not escaped and _between_spaces(text, match))
    yield text[start:]


def _between_spaces(text: str, match: re.Match[str]) -> bool:
    """Of the spaces around a silence only one stays."""
    return text[match.end() : match.end() + 1] == " " and text[max(match.start() - 1, 0) : match.start()] in {"", " "}


def _found(text: str, start: int, match: re.Match[str]) -> tuple[int, str] | None:
    """Where the markup of `match` begins, its word included, and what stands for it; `None` when it is none."""
    if match["reading"]:
        word = _HAN_BEFORE.search(text[max(start, match.start() - _LOOK_BACK) : match.start()].rstrip("\\"))
        said = bracketed(word.group(), match["reading"]) if word else None
        if said is None:
            return None
        first = match.start() - said[0]
        inner = _word(text[first : match.start()], said[1])
    else:
        first, inner = match.start(), _mark(match)
    return None if inner is None else (first, inner)


def _mark(match: re.Match[str]) -> str | None:
    if match["amount"]:
        return _PAUSE + _shifted(str(milliseconds(match["amount"], match["unit"])))
    if match["stressed"]:
        return marked(match["stressed"]) if any(map(str.isalpha, match["stressed"])) else None
    said = _braces(match["word"], match["given"])
    return None if said is None else _word(match["word"], said)


def _braces(word: str, given: str) -> Reading | None:
    """`{a|b}` is more often a choice or a set than a respelling: a letter alone needs a reading in IPA."""
    found = reading(word, given) if _WORD.fullmatch(word) else None
    return None if found and found.kind == "say" and _LONE_LETTERS.fullmatch(word) else found


def milliseconds(amount: str, unit: str) -> int:
    """Of `1.5` `s` or `500` `ms`, at most `MAX_PAUSE_MS`."""
    factor = 1 if unit.lower() == "ms" else 1000
    return min(MAX_PAUSE_MS, round(float(amount.replace(",", ".")) * factor))


def _word(word: str, said: Reading) -> str | None:
    if any(ord(c) > _MOST_SHIFTED for c in said.value):
        return None
    return f"{_OPEN}{word}{_BAR}{_shifted(said.kind)}{_BAR}{_shifted(said.value)}{_CLOSE}"


def _shifted(text: str) -> str:
    return "".join(chr(ord(c) + _SHIFT) for c in text)


def _back(text: str) -> str:
    return "".join(chr(ord(c) - _SHIFT) for c in text)


def taken_apart(text: str) -> Apart:
    """`text` as `marked` made it, or pieces of such joined, without its private characters, and what they ask for.

    A silence is one with those right beside it; the space around it stays, once.
    """
    if text.isascii() or not _PRIVATE.search(text):
        return Apart(text)
    parts: list[str] = []
    marks: list[Mark] = []
    pauses: list[Pause] = []
    length = start = 0
    for match in _PRIVATE.finditer(text):
        parts.append(text[start : match.start()])
        length += len(parts[-1])
        start = match.end()
        if match["pause"]:
            pauses.append(Pause(length, int(_back(match["pause"]))))
        elif match["word"]:
            end = length + len(match["word"])
            marks.append(Mark(length, end, Reading(_back(match["kind"]), _back(match["value"]))))
            parts.append(match["word"])
            length = end
    return Apart("".join(parts) + text[start:], tuple(marks), tuple(pauses))


def plain(text: str) -> str:
    """`text` as `marked` made it, as a reader sees it."""
    apart = taken_apart(text)
    return " ".join(apart.text.split()) if apart.pauses else apart.text


def has_pause(text: str) -> bool:
    """Whether `text`, as `marked` made it, asks for a silence."""
    return _PAUSE in text


def only_pauses(text: str) -> str:
    """The silences in `text`, as `marked` made it, without the rest."""
    return "".join(match.group() for match in _PRIVATE.finditer(text) if match["pause"])


def unclosed(text: str) -> int:
    """Where markup begins that `text` ends in the middle of, so far as can be told; its length when it does not."""
    tail = max(0, len(text) - 2 * MAX_CHARS - 2)
    found = _UNCLOSED.search(text, tail) if _FIRST.search(text, tail) else None
    return len(text) if found is None else found.start()


def literal(text: str) -> str:
    """`text` with backslashes where `marked` would see markup: `marked` gives `text` back."""
    if not _FIRST.search(text):
        return text
    return _undone(text, [match.start() for match in _MARKUP.finditer(text) if _found(text, 0, match)])


def with_literals(text: str, escape: str) -> str:
    """`text` without the characters `escape`; what would be markup is none where a sign of it follows one."""
    if escape not in text:
        return text
    parts = text.split(escape)
    places = list(itertools.accumulate(map(len, parts)))[:-1]
    text = "".join(parts)
    found = [match.span() for match in _MARKUP.finditer(text) if _found(text, 0, match)]
    return _undone(text, [start for start, end in found if bisect_left(places, start) < bisect_left(places, end)])


def _undone(text: str, cuts: list[int]) -> str:
    return "\\".join(text[a:b] for a, b in itertools.pairwise([0, *cuts, len(text)]))

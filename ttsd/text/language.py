"""Text into runs of one language each: by script, and among Latin languages by evidence.

Digits, punctuation and symbols belong to no script: they join the run before them, except what plainly
opens the next one (a bracket, a number before a Latin unit as in `3 p.m.`).
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from ttsd.protocol.errors import UnsupportedLanguage
from ttsd.protocol.speech import LANGUAGES, Span
from ttsd.text.evidence import latin_language

AUTO: Final = "auto"
HAN: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
KANA: Final = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
HANGUL: Final = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff\uffa1-\uffdc"
CYRILLIC: Final = "\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f"
LATIN: Final = "A-Za-zªºÀ-ÖØ-öø-ʯḀ-ỿＡ-Ｚａ-ｚﬀ-ﬆ"
CJK: Final = HAN + KANA + HANGUL
"""Character classes, for use inside `[...]`."""

_LATIN_LANGUAGES: Final = frozenset({"en", "de", "fr", "pt", "es", "it"})
_OTHER: Final = rf"[^\W\d_{LATIN}{CJK}{CYRILLIC}]"
_RUN: Final = re.compile(
    rf"(?P<latin>[{LATIN}]+(?:[ '’-][{LATIN}]+)*)|(?P<han>[{HAN}]+)|(?P<kana>[{KANA}]+)|(?P<hangul>[{HANGUL}]+)"
    rf"|(?P<cyrillic>[{CYRILLIC}]+)|(?P<other>{_OTHER}(?:{_OTHER}|(?!\w)[\u0300-\u1dff])*)"
)
_OPENS_NEXT: Final = re.compile(r"[(\[{<“‘„«「『（［【《〈¿¡#$€£¥@&\"']+$")
_NUMBER_BEFORE_LATIN: Final = re.compile(r"[$€£]?\d[\d.,:]*[ \u00a0-]?$")
_SENTENCE: Final = re.compile(r".+?(?:[。！？!?\n]+|\.(?=\s)|$)", re.DOTALL)
_A_LATIN: Final = re.compile(f"[{LATIN}]")
_NOT_LATIN: Final = re.compile(rf"[^\W\d_{LATIN}]")
_ANY_CJK: Final = re.compile(f"[{CJK}]")
_KANA: Final = re.compile(f"[{KANA}]")
_HAN: Final = re.compile(f"[{HAN}]")


class _Run(NamedTuple):
    start: int
    end: int
    script: str


def spans(text: str, language: str = AUTO, *, prior: str = "en") -> list[Span]:
    """`text` in runs of one language; put together again they are `text`.

    `language` is a code or `auto`; `prior` is the Latin language that `auto` assumes where the text itself
    gives no clear evidence. Raises UnsupportedLanguage for words in a script that none of the languages uses.
    """
    pieces = [piece for sentence, near in _sentences(text) for piece in _pieces(sentence, language, prior, near)]
    alone = prior if language == AUTO else language
    first = next((label for label, _ in pieces if label), alone)
    runs: list[tuple[str, list[str]]] = []
    for label, piece in pieces:
        label = label or (runs[-1][0] if runs else first)  # noqa: PLW2901 — no label: it joins its neighbour
        if not runs or runs[-1][0] != label:
            runs.append((label, []))
        runs[-1][1].append(piece)
    return [Span(label, "".join(parts)) for label, parts in runs]


def dominant(found: list[Span]) -> str:
    """The language that most of the text is in."""
    if len(found) == 1:
        return found[0].language
    amount: dict[str, int] = {}
    for span in found:
        weight = len(span.text) + 2 * len(_ANY_CJK.findall(span.text))
        amount[span.language] = amount.get(span.language, 0) + weight
    return max(amount, key=amount.__getitem__)


def _sentences(text: str) -> Iterator[tuple[str, bool]]:
    """Sentences, roughly, each with whether it or the one before or after is written with kana."""
    if text.isascii():
        for match in _SENTENCE.finditer(text):
            yield match.group(), False
        return
    parts = _SENTENCE.findall(text)
    kana = [_written_with_kana(part) for part in parts]
    for i, part in enumerate(parts):
        yield part, any(kana[max(i - 1, 0) : i + 2])


def _written_with_kana(sentence: str) -> bool:
    """More than a kana that Chinese quotes."""
    kana = len(_KANA.findall(sentence))
    return kana >= 2 or (kana == 1 and len(_HAN.findall(sentence)) <= 2)


def _latin(sentence: str, language: str, prior: str) -> str:
    if language == AUTO:
        return latin_language(sentence, prior)
    return language if language in _LATIN_LANGUAGES else "en"


def _pieces(sentence: str, language: str, prior: str, kana_near: bool) -> Iterator[tuple[str | None, str]]:
    """The sentence in runs, each with its language; `None` when it has no letters."""
    if sentence.isascii() or not _NOT_LATIN.search(sentence):
        yield _latin(sentence, language, prior) if _A_LATIN.search(sentence) else None, sentence
        return
    runs = list(_runs(sentence))
    if not runs:
        yield None, sentence
        return
    labels = {
        "latin": _latin(sentence, language, prior),
        "han": "ja" if language == "ja" or (language == AUTO and kana_near) else "zh",
        "kana": "ja",
        "hangul": "ko",
        "cyrillic": "ru",
    }
    start = 0
    for run, following in zip(runs, [*runs[1:], None], strict=True):
        end = _boundary(sentence, run, following) if following else len(sentence)
        yield labels[run.script], sentence[start:end]
        start = end


def _runs(sentence: str) -> Iterator[_Run]:
    for match in _RUN.finditer(sentence):
        start, end = match.span()
        script = match.lastgroup or ""
        if script == "other":
            if sum(map(str.isalpha, match.group())) > 1:
                raise UnsupportedLanguage(_unknown_script(match.group()), param="text")
        elif script != "latin" or not _letter_among_cjk(sentence, start, end):
            yield _Run(start, end, script)


def _letter_among_cjk(sentence: str, start: int, end: int) -> bool:
    """A single Latin letter that touches CJK (`A股`, `Tシャツ`) is read in that language."""
    around = sentence[max(start - 1, 0) : start] + sentence[end : end + 1]
    return end - start == 1 and bool(_ANY_CJK.search(around))


def _boundary(sentence: str, run: _Run, following: _Run) -> int:
    """Where `following`'s span begins in the neutral text between the two."""
    between = sentence[run.end : following.start]
    if following.script == "latin" and (number := _NUMBER_BEFORE_LATIN.search(between)):
        between = between[: number.start()]
    opening = _OPENS_NEXT.search(between)
    return run.end + (opening.start() if opening else len(between))


def _unknown_script(word: str) -> str:
    script = unicodedata.name(word[0], "an unknown script").split()[0].capitalize()
    return f"{word[:20]!r}: no voice reads the script {script}; there are {', '.join(LANGUAGES.values())}"

"""Text into runs of one language each: by script, and among Latin languages by evidence.

Digits, punctuation and symbols belong to no script: they join the run before them, except what plainly
opens the next one (a bracket, a number before its unit as in `3 p.m.` or `3点`).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from ttsd.protocol.errors import UnsupportedLanguage
from ttsd.protocol.speech import LANGUAGES, Span
from ttsd.text.enclosed import Enclosed, enclosed
from ttsd.text.evidence import foreign_stretches, latin_language, quoted_language, short_language
from ttsd.text.han import around_quotes, han_language, written_with_kana
from ttsd.text.measures import read_around, read_in_russian
from ttsd.text.scripts import CJK, CYRILLIC, HAN, HANGUL, KANA, LATIN
from ttsd.text.sentences import sentences

AUTO: Final = "auto"

LATIN_LANGUAGES: Final = frozenset({"en", "de", "fr", "pt", "es", "it"})
_OTHER: Final = rf"[^\W\d_{LATIN}{CJK}{CYRILLIC}]"
_RUN: Final = re.compile(
    rf"(?P<latin>[{LATIN}]+(?:[ '’-][{LATIN}]+)*)|(?P<han>[{HAN}]+)|(?P<kana>[{KANA}]+)|(?P<hangul>[{HANGUL}]+)"
    rf"|(?P<cyrillic>[{CYRILLIC}]+)|(?P<other>{_OTHER}(?:{_OTHER}|(?!\w)[\u0300-\u1dff])*)"
)
_OPENS_NEXT: Final = re.compile(r"(?:[(\[{<“‘„«「『（［【《〈¿¡#$€£¥@&\"']|«[ \u00a0])+$")
_NUMBER_BEFORE_LATIN: Final = re.compile(r"[$€£]?\d[\d.,:]*[ \u00a0-]?$")
_NUMBER_BEFORE_CJK: Final = re.compile(r"(?<=\s)\d[\d.,:]*$")
_COUNTS: Final = re.compile("[元圆円圓块塊年月日号号時时点點分秒岁歲歳个個個人本枚回次度層년월일시분초개명살번원]")
_NAME: Final = re.compile(r"[A-Za-z]*[a-z][A-Z]|[A-Z][a-z]+$")
_A_LATIN: Final = re.compile(f"[{LATIN}]")
_LATIN_LETTERS: Final = re.compile(f"[{LATIN}]+")
_NOT_LATIN: Final = re.compile(rf"[^\W\d_{LATIN}]")
_ANY_CJK: Final = re.compile(f"[{CJK}]")
_CYRILLIC: Final = re.compile(f"[{CYRILLIC}]")
_HANGUL: Final = re.compile(f"[{HANGUL}]")
_KANA: Final = re.compile(f"[{KANA}]")
_HAN: Final = re.compile(f"[{HAN}]")
_ENOUGH_CHARS: Final = 4_000


class _Run(NamedTuple):
    start: int
    end: int
    script: str
    language: str = ""


class _Reader(NamedTuple):
    """What is known before a sentence is looked at."""

    language: str
    """A code, or `auto`."""
    prior: str
    """The Latin language of what gives no clear evidence itself."""
    kana_near: bool
    """Whether the sentence, or one beside it, is written with kana."""

    def latin(self, text: str) -> str:
        """The language of Latin letters."""
        if self.language == AUTO:
            return latin_language(text, self.prior)
        return self.language if self.language in LATIN_LANGUAGES else "en"


def spans(text: str, language: str = AUTO, *, prior: str = "") -> list[Span]:
    """`text` in runs of one language; put together again they are `text`.

    `language` is a code or `auto`; `prior` is the Latin language of the text around it, where that is known.
    Raises UnsupportedLanguage for words in a script that none of the languages uses.
    """
    return spans_of(list(sentences(text, main_language(text, language, prior=prior))), language, prior=prior)


def spans_of(parts: Sequence[str], language: str = AUTO, *, prior: str = "") -> list[Span]:
    """The runs of a text whose sentences are `parts`; as `spans`."""
    if language == AUTO:
        prior = _prevailing(parts, prior)
    pieces = [piece for part, near in _with_kana_near(parts) for piece in _pieces(part, _Reader(language, prior, near))]
    alone = prior if language == AUTO else language
    first = next((label for label, _ in pieces if label), alone)
    runs: list[tuple[str, list[str]]] = []
    for label, piece in pieces:
        label = label or (runs[-1][0] if runs else first)  # noqa: PLW2901 — no label: it joins its neighbour
        if not runs or runs[-1][0] != label:
            runs.append((label, []))
        runs[-1][1].append(piece)
    return [Span(label, "".join(parts)) for label, parts in runs]


def _prevailing(parts: Sequence[str], prior: str) -> str:
    """The Latin language that most sentences are in: clear evidence counts twice; at a tie `prior`, or English."""
    votes = Counter([prior] if prior else [])
    for part in parts:
        if clear := latin_language(part, ""):
            votes[clear] += 2
        elif likely := short_language(part):
            votes[likely] += 1
    most = max(votes.values(), default=0)
    winners = [language for language, n in votes.items() if n == most]
    return winners[0] if len(winners) == 1 else prior or "en"


def main_language(text: str, language: str = AUTO, *, prior: str = "") -> str:
    """The language whose rules say where the sentences of `text` end: a first guess, from how it is written."""
    sample = text[:_ENOUGH_CHARS]
    cjk = 0 if sample.isascii() else len(_ANY_CJK.findall(sample))
    if cjk and (cjk * 3 >= len(_A_LATIN.findall(sample)) or language in {"zh", "ja", "ko"}):
        hangul, kana, han = (len(script.findall(sample)) for script in (_HANGUL, _KANA, _HAN))
        if hangul > han + kana:
            return "ko"
        return "ja" if kana * 4 > han or language == "ja" else "zh"
    if language != AUTO:
        return language
    if not sample.isascii() and len(_CYRILLIC.findall(sample)) > len(_A_LATIN.findall(sample)):
        return "ru"
    return latin_language(sample, "") or prior or short_language(sample) or "en"


def _with_kana_near(parts: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Sentences, each with whether it or the one before or after is written with kana."""
    kana = [not part.isascii() and written_with_kana(part) for part in parts]
    for i, part in enumerate(parts):
        yield part, any(kana[max(i - 1, 0) : i + 2])


def _pieces(sentence: str, reader: _Reader) -> Iterator[tuple[str | None, str]]:
    """The sentence in runs, each with its language; `None` when it has no letters."""
    if sentence.isascii() or not _NOT_LATIN.search(sentence):
        runs = _latin_runs(sentence, reader) if _A_LATIN.search(sentence) else []
    else:
        runs = list(_runs(sentence, reader))
    if not runs:
        yield None, sentence
        return
    start = 0
    for run, following in zip(runs, [*runs[1:], None], strict=True):
        end = _boundary(sentence, run, following) if following else len(sentence)
        yield run.language, sentence[start:end]
        start = end


def _latin_runs(sentence: str, reader: _Reader) -> list[_Run]:
    """A sentence in Latin letters alone: in one language but for what is plainly foreign."""
    if reader.language != AUTO:
        return [_Run(0, len(sentence), "latin", reader.latin(sentence))]
    quotes = [quote for quote in enclosed(sentence) if not quote.bracket]
    around = reader.latin(sentence)
    if quotes and _A_LATIN.search(outside := _outside(sentence, quotes)):
        likely = short_language(outside)
        around = latin_language(outside, "") or (likely if likely in {"en", reader.prior} else around)
    foreign = [*_foreign_quotes(sentence, quotes, around)] or foreign_stretches(sentence, around)
    return _cut_out(sentence, around, foreign)


def _outside(sentence: str, quotes: Sequence[Enclosed]) -> str:
    """What is in none of `quotes`."""
    ends = [0, *(quote.end for quote in quotes)]
    starts = [*(quote.start for quote in quotes), len(sentence)]
    return " ".join(sentence[end:start] for end, start in zip(ends, starts, strict=True))


def _foreign_quotes(sentence: str, quotes: Sequence[Enclosed], around: str) -> Iterator[tuple[int, int, str]]:
    for quote in quotes:
        language = quoted_language(sentence[quote.start : quote.end], around)
        if language != around:
            yield quote.start, quote.end, language


def _cut_out(sentence: str, around: str, foreign: Sequence[tuple[int, int, str]]) -> list[_Run]:
    """`foreign` stretches and what is around them as runs, each from its first letter to its last."""
    if not foreign:
        return [_Run(0, len(sentence), "latin", around)]
    found: list[_Run] = []
    at = 0
    for start, end, language in [*foreign, (len(sentence), len(sentence), "")]:
        for first, last, label in ((at, start, around), (start, end, language)):
            letters = list(_LATIN_LETTERS.finditer(sentence, first, last))
            if letters:
                found.append(_Run(letters[0].start(), letters[-1].end(), "latin", label))
        at = end
    return found


def _runs(sentence: str, reader: _Reader) -> Iterator[_Run]:
    """A sentence in several scripts, or another than the Latin one."""
    quotes = [quote for quote in enclosed(sentence) if not quote.bracket]
    labels = {"kana": "ja", "hangul": "ko", "cyrillic": "ru"}
    han = _HanReader(sentence, quotes, reader)
    latin = _LatinReader(sentence, quotes, reader)
    for match in _RUN.finditer(sentence):
        start, end = match.span()
        script = match.lastgroup or ""
        if script == "other":
            if sum(map(str.isalpha, match.group())) > 1:
                raise UnsupportedLanguage(_unknown_script(match.group()), param="text")
        elif script == "latin" and not latin.stays(start, end):
            yield _Run(start, end, script, latin.language(start, end))
        elif script != "latin":
            yield _Run(start, end, script, labels.get(script) or han.language(start))


class _HanReader:
    """Owns the answer to whether Chinese characters of a sentence are Chinese or Japanese, quotations by themselves."""

    def __init__(self, sentence: str, quotes: Sequence[Enclosed], reader: _Reader) -> None:
        self._sentence = sentence
        self._quotes = quotes
        self._reader = reader
        self._around = ""

    def language(self, at: int) -> str:
        """The language of the character at `at`."""
        if self._reader.language != AUTO:
            return "ja" if self._reader.language == "ja" else "zh"
        self._around = self._around or self._around_quotes()
        for quote in self._quotes:
            if quote.start < at < quote.end:
                return han_language(self._sentence[quote.start : quote.end], self._around)
        return self._around

    def _around_quotes(self) -> str:
        if not self._quotes or not _KANA.search(self._sentence):
            return han_language(self._sentence, "ja" if self._reader.kana_near else "zh")
        japanese = self._reader.kana_near or written_with_kana(self._sentence)
        return around_quotes(_outside(self._sentence, self._quotes), self._reader.kana_near) if japanese else "zh"


class _LatinReader:
    """Owns the answer to which language Latin letters of a sentence in several scripts are in, if any of their own."""

    def __init__(self, sentence: str, quotes: Sequence[Enclosed], reader: _Reader) -> None:
        self._sentence = sentence
        self._quotes = quotes
        self._reader = reader
        cjk = len(_ANY_CJK.findall(sentence))
        self._guest = 3 * cjk + len(_CYRILLIC.findall(sentence)) > len(_A_LATIN.findall(sentence))
        self._belongs = read_around if cjk else read_in_russian if self._guest else None
        self._around = "en" if self._guest and reader.language == AUTO else reader.latin(sentence)

    def stays(self, start: int, end: int) -> bool:
        """Whether the letters from `start` to `end` belong to what is around them: units, numerals, codes."""
        return self._belongs is not None and self._belongs(self._sentence, start, end)

    def language(self, start: int, end: int) -> str:
        """The language of the letters from `start` to `end`: the sentence's; among other scripts
        English, if they tell nothing else."""
        if self._reader.language in LATIN_LANGUAGES:
            return self._around
        for quote in self._quotes:
            if quote.start < start < quote.end:
                return quoted_language(self._sentence[quote.start : quote.end], self._around)
        return latin_language(self._sentence[start:end], self._around) if self._guest else self._around


def _boundary(sentence: str, run: _Run, following: _Run) -> int:
    """Where `following`'s span begins in the neutral text between the two."""
    between = sentence[run.end : following.start]
    number = _number_of(sentence, between, run, following)
    if number:
        between = between[: number.start()]
    opening = _OPENS_NEXT.search(between)
    return run.end + (opening.start() if opening else len(between))


def _number_of(sentence: str, between: str, run: _Run, following: _Run) -> re.Match[str] | None:
    """The number at the end of `between` that goes with `following`: a measure or a count, not one before a name."""
    if following.script != "latin":
        counted = _COUNTS.match(sentence, following.start)
        return _NUMBER_BEFORE_CJK.search(between) if counted and run.script == "latin" else None
    if run.script == "latin" or _NAME.match(sentence, following.start, following.end):
        return None
    return _NUMBER_BEFORE_LATIN.search(between)


def _unknown_script(word: str) -> str:
    script = unicodedata.name(word[0], "an unknown script").split()[0].capitalize()
    return f"{word[:20]!r}: no voice reads the script {script}; there are {', '.join(LANGUAGES.values())}"

"""Live typing: which beginning of the text so far can be spoken now, while the rest is still being typed.

A phrase once committed is never taken back by this module, so it commits only where what may still be typed
cannot change how the phrase is said: after a full stop that a space follows, but not after `Dr.` or `3.`.
"""

import re
from typing import Final

from ttsd.protocol.speech import Commit
from ttsd.text.abbreviations import may_need_more
from ttsd.text.budget import best_cut, overflow
from ttsd.text.markup import unclosed
from ttsd.text.normalize import speakable
from ttsd.text.scripts import CJK, LATIN

_CLOSERS: Final = "\"'”’»)\\]"
_ENDER: Final = re.compile(
    rf"(?P<line>\n)"
    rf"|(?P<sentence>[.!?…]+[{_CLOSERS}]*(?:\s|(?=[{CJK}])))"
    rf"|(?P<clause>[,;:—–][{_CLOSERS}]*\s)"
    rf"|(?P<cjk_sentence>[。！？])"
    rf"|(?P<cjk_clause>[，、；：])"
    rf"|(?P<word>(?<=\w)\s)"
)
_CLAUSES: Final = frozenset({"clause", "cjk_clause"})
_ENDS: Final[dict[Commit, frozenset[str]]] = {
    "line": frozenset({"line"}),
    "sentence": frozenset({"line", "sentence", "cjk_sentence"}),
    "clause": frozenset({"line", "sentence", "cjk_sentence", *_CLAUSES}),
    "word": frozenset({"line", "sentence", "cjk_sentence", *_CLAUSES, "word"}),
}
"""What ends a phrase, for each choice of the client."""
_ENDS_IN_NUMBER: Final = re.compile(r"\d\S*\s$")
"""A unit, or the rest of the number, may follow."""
_LETTERS_ALONE: Final = re.compile(rf"[{LATIN}'’]+")
_IS_CJK: Final = re.compile(f"[{CJK}]")
_OPEN_QUOTE: Final = re.compile(r"[「『“‘（《][^」』”’）》]*$")
_CJK_CLOSER: Final = frozenset("」』”’）》")
_CLAUSE_WORTH: Final = 5.0
"""Least weight of a clause spoken alone: five CJK characters, or a dozen Latin letters."""
_WORD_WORTH: Final = 1.6
"""The same of words spoken alone: four Latin letters, so that no `a` or `to` is."""
_LETTER_WORTH: Final = 0.4
_LOOK: Final = 2
"""Characters beyond the budget that tell whether what ends there does."""


class Phrases:
    """Owns the text that is typed but not yet committed; what it hands out and holds, in order, is the text."""

    def __init__(self, commit: Commit = "clause") -> None:
        self._commit: Commit = commit
        self._text = ""

    @property
    def pending(self) -> str:
        """What is not committed yet."""
        return self._text

    def feed(self, text: str) -> list[str]:
        """Take more text; the phrases that can be spoken now."""
        self._text += text
        found: list[str] = []
        start = 0
        while end := next_phrase(self._text, start, self._commit):
            found.append(self._text[start:end])
            start = end
        self._text = self._text[start:]
        return found

    def flush(self) -> list[str]:
        """Commit the rest, complete or not; nothing when it has nothing speakable."""
        if not speakable(self._text):
            return []
        rest, self._text = self._text, ""
        return [rest]

    def clear(self) -> None:
        """Forget what is pending."""
        self._text = ""


def next_phrase(text: str, start: int = 0, commit: Commit = "clause") -> int:
    """Where the phrase that begins at `start` ends; 0 when it cannot be committed yet.

    The answer depends only on the text up to that end (and one character more where a quotation may close):
    text that arrives in one piece or character by character gives the same phrases.
    """
    limit = overflow(text, start)
    within = len(text) if limit is None else limit + _LOOK
    for match in _ENDER.finditer(text, start, within):
        end = match.end()
        if limit is not None and end > limit:
            break
        kind = "line" if text[end - 1] == "\n" else match.lastgroup or ""
        if kind not in _ENDS[commit]:
            continue
        if kind == "cjk_sentence" and _OPEN_QUOTE.search(text, start, end):
            if end == len(text):
                return 0
            end += text[end] in _CJK_CLOSER
        phrase = text[start:end]
        if _complete(phrase, kind, commit) and unclosed(phrase) == len(phrase):
            return end
    return 0 if limit is None else start + _forced(text[start : limit + 1], limit - start)


def may_be_composed(before: str, pending: str) -> bool:
    """Whether `pending`, typed right after `before`, may be the letters of a Chinese or Japanese word on its way.

    Clients send composed text only; should one send pinyin as it is typed, it is not read letter by letter.
    """
    return bool(_IS_CJK.match(before[-1:]) and _LETTERS_ALONE.fullmatch(pending))


def _complete(phrase: str, kind: str, commit: Commit) -> bool:
    if not speakable(phrase):
        return False
    if kind in _CLAUSES:
        return _worth(phrase) >= (_WORD_WORTH if commit == "word" else _CLAUSE_WORTH)
    if kind == "word":
        return _worth(phrase) >= _WORD_WORTH and not _ENDS_IN_NUMBER.search(phrase[-24:])
    return kind != "sentence" or not may_need_more(phrase.rstrip())


def _worth(phrase: str) -> float:
    cjk = len(_IS_CJK.findall(phrase))
    return cjk + _LETTER_WORTH * (sum(map(str.isalnum, phrase)) - cjk)


def _forced(text: str, limit: int) -> int:
    """Where to cut a phrase that is over the budget at `limit` and has no end of its own."""
    cut = best_cut(text, limit, limit)
    return cut if speakable(text[:cut]) else limit

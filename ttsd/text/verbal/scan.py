"""Written forms in a text: where they are and what they mean."""

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from ttsd.text.verbal.tokens import Token
from ttsd.text.verbal.writing import EDGE, LETTER, Form

_NAMED: Final = re.compile(r"\(\?P<\w+>")
_AFTER_WORD: Final = rf"[^\s{LETTER},;:!?…)\]}}”’'\"»]|://| [0-9]|(?<=[A-ZÀ-ÞА-Я])(?![{LETTER}])"
"""What makes a word worth a look: `etc.`, `a@b`, `MP3`, `May 3`, a capital at its end."""
_NEEDS_FIGURE: Final = r"\-(.'’‘"
"""Signs that begin a form only before a figure."""
_NEVER: Final = r"\s,;:!?…)\]}“”\"„«»‹›\[{*_/\\|–—·•"
"""Signs that begin no form."""
_GATE: Final = (
    rf"[0-9½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]"
    rf"|[^\w{_NEEDS_FIGURE}{_NEVER}]|[{_NEEDS_FIGURE}][0-9]"
    rf"|{EDGE}(?:[{LETTER}]{{1,40}}(?:{_AFTER_WORD})|[A-ZÀ-ÞА-Я]{{2}}%s)"
    rf"|[^\W0-9_{LETTER}][^0-9\n]{{0,6}}[0-9]"
)
"""Where a form may begin: at figures and signs, at words of such shape, at other letters (CJK) near a figure."""


class Found(NamedTuple):
    """A token and the stretch of text it stands for."""

    start: int
    end: int
    token: Token


class Scanner:
    """Finds the forms of one language; of those that begin at the same place the first in the list that fits.

    Most words are passed over by a small pattern, the gate. `starts` is a pattern of words that pass it only
    because it is given: abbreviations without a full stop. `gate` replaces it as a whole.
    """

    def __init__(self, forms: Sequence[Form], starts: str = "", *, gate: str = "") -> None:
        self._forms = forms
        self._gate = re.compile(gate or _GATE % (f"|(?:{starts})(?![0-9{LETTER}])" if starts else ""))

    def find(self, text: str) -> Iterator[Found]:
        """The tokens of `text`, in its order; they do not overlap."""
        at = 0
        while gate := self._gate.search(text, at):
            found = self._at(text, gate.start())
            at = found.end if found else gate.start() + 1
            if found:
                yield found

    def _at(self, text: str, start: int) -> Found | None:
        some = self._any.match(text, start)
        for form in self._forms[(some.lastindex or 1) - 1 :] if some else ():
            match = _compiled(form.pattern).match(text, start)
            if match and match.end() > start and (token := form.build(match)):
                return Found(start, match.end(), token)
        return None

    @functools.cached_property
    def _any(self) -> re.Pattern[str]:
        """All forms in one: the number of the group that matches is that of the form. Compiling takes 50 ms."""
        return re.compile("|".join(f"({_anonymous(form.pattern)})" for form in self._forms))


_compiled: Final = functools.cache(re.compile)


def _anonymous(pattern: str) -> str:
    """`pattern` without groups that capture."""
    anonymous = _NAMED.sub("(?:", pattern)
    assert "(?P" not in anonymous, f"a reference to a group: {pattern}"
    return anonymous

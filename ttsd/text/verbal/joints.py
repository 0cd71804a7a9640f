"""Where what is said meets what is around it: spaces, full stops, and signs between two forms as in `£2m–£3m`."""

import re
from typing import Final

from ttsd.text.verbal.lexis import Lexis
from ttsd.text.verbal.scan import Found
from ttsd.text.verbal.tokens import Cardinal, Measure, Money, Number, Percent, Token
from ttsd.text.verbal.writing import DASH, LETTER

_LONGEST: Final = 3
_TO: Final = re.compile(DASH)
_MOST_MARKS: Final = (5, 10, 20, 100)
"""Out of so many, marks are given."""


_CLOSES: Final = re.compile(r"[\s\"'”’»)\]]*$")
_WORD: Final = re.compile(rf"[0-9{LETTER}]")
_SOUND: Final = re.compile(rf"[0-9{LETTER}$€£¥₩₽₹]")
"""With a currency's sign, words begin."""


def with_stop(words: str, text: str, found: Found) -> str:
    """`words` with the full stop of the written form that was the sentence's too."""
    ends = text[found.end - 1] == "." and not words.endswith(".") and _CLOSES.match(text, found.end)
    return f"{words}." if ends else words


def parted(words: str, text: str, found: Found) -> str:
    """`words` with spaces where they would touch their neighbours."""
    before = " " if found.start and _touch(text[found.start - 1], words[0]) else ""
    after = " " if found.end < len(text) and _touch(words[-1], text[found.end]) else ""
    return before + words + after


def _touch(left: str, right: str) -> bool:
    return bool(_WORD.match(left) and _SOUND.match(right))


def joint(first: Token | None, written: str, last: Token, lexis: Lexis) -> str:
    """What is said for what is `written` between two tokens (`5*3`, `2^10`, `4.5/5`); else `written` itself."""
    if type(first) is not type(last) or not 0 < len(written) <= _LONGEST:
        return written
    if isinstance(last, Cardinal):
        said = _between_numbers(written.strip(), last, lexis)
    else:
        ranged = isinstance(last, Money | Measure | Percent) and isinstance(last.amount, Number)
        said = lexis.to if ranged and _TO.fullmatch(written) else ""
    return f" {said} " if said else written


def _between_numbers(sign: str, last: Cardinal, lexis: Lexis) -> str:
    match sign:
        case "*":
            return lexis.signs["×"]
        case "^":
            return lexis.power
        case "/" if isinstance(last.amount, Number) and last.amount.value in _MOST_MARKS:
            return lexis.out_of
        case _:
            return ""

"""Whether four figures in English are a year, or count what follows: `in 1987`, but `1500 people`."""

import re
from typing import Final

_SINCE: Final = re.compile(
    r"(?i:\b(?:in|since|until|till|circa|ca\.|c\.|before|after|during|around|year|years|spring|summer|autumn|fall|winter"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|early|late|mid)[ -])$"
)
"""A moment follows."""
_THE: Final = re.compile(r"(?i:(?:\b(?:the|this|that|its|his|her|their|our)|['’]s) )$")
_AMOUNT: Final = re.compile(
    r"(?i:\b(?:over|under|nearly|almost|exactly|only|just|roughly|approximately|some|another|extra|total of|at least"
    r"|at most|up to|as many as|(?:more|fewer|less|better) than|every|per|worth|paid|pay|costs?|times|plus|minus) )$"
)
_NOT_COUNTED: Final = """
    a an the this that these those his her its our their my your was is were are be been has have had does did do will
    would could should can may might must and or but nor so yet if then than as because while when where who which what
    whose how i he she it we they you him us them there here in on at by to of for from with without into onto about
    over under after before since until during between against not no never also already still just only even again
    saw marks marked brings sees begins began starts started ends ended comes came went became remains remained opens
    plus minus times across thus always perhaps"""
_COUNTED_WORD: Final = rf"(?!(?:{'|'.join(_NOT_COUNTED.split())})\b)[a-z]"
_COUNTABLE: Final = re.compile(
    rf" (?:{_COUNTED_WORD}+[- ]){{0,2}}{_COUNTED_WORD}"
    r"(?:[a-z]+(?<![sui])s|eople|en|omen|hildren|eet|ish|ata|ercent)\b(?!['’])"
)
"""A noun in the plural, with up to two words before it."""
_LATELY: Final = range(1950, 2040)
"""A number that is not round is most likely a year here, whatever follows: `2024 sales`."""


def is_year(value: int, before: str, after: str) -> bool:
    """Whether `value`, between 1100 and 2099, is a year beside what stands around it."""
    if _AMOUNT.search(before):
        return False
    if value % 100 == 0:
        return not _COUNTABLE.match(after) and (not after.startswith(" of ") or bool(_SINCE.search(before)))
    return value in _LATELY or not _COUNTABLE.match(after) or bool(_SINCE.search(before) or _THE.search(before))

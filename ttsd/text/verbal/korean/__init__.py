"""Korean: numbers, dates, money, units and the like in words."""

from typing import Final

from ttsd.text.verbal.addresses import spelled
from ttsd.text.verbal.cjk import SignReader
from ttsd.text.verbal.korean.counting import FORMS as COUNTING
from ttsd.text.verbal.korean.figures import BETWEEN, LAST, NUMBERED
from ttsd.text.verbal.korean.moments import FORMS as MOMENTS
from ttsd.text.verbal.korean.numerals import by_digit
from ttsd.text.verbal.korean.quantities import FORMS as QUANTITIES

_ADDRESS: Final = {
    ".": "닷",
    "/": "슬래시",
    "@": "골뱅이",
    "-": "하이픈",
    "_": "언더바",
    ":": "콜론",
    "?": "물음표",
    "=": "는",
    "&": "앤드",
    "#": "샵",
    "+": "플러스",
    "%": "퍼센트",
}


def _address(text: str) -> str:
    return spelled(text, _ADDRESS, by_digit)


READER: Final = SignReader((*BETWEEN, *MOMENTS, *NUMBERED, *QUANTITIES, *COUNTING, *LAST), _address)

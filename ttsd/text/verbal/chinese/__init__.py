"""Chinese, in simplified and traditional characters: numbers, dates, money, units and the like in words."""

from collections.abc import Mapping
from typing import Final

from ttsd.text.verbal.addresses import spelled
from ttsd.text.verbal.chinese.figures import BETWEEN, LAST, NUMBERED
from ttsd.text.verbal.chinese.moments import FORMS as MOMENTS
from ttsd.text.verbal.chinese.numerals import code
from ttsd.text.verbal.chinese.quantities import COUNTS
from ttsd.text.verbal.chinese.quantities import FORMS as QUANTITIES
from ttsd.text.verbal.chinese.script import SIMPLE, TRADITIONAL, is_traditional
from ttsd.text.verbal.cjk import SignReader

_ADDRESS: Final = {
    ".": "点",
    "/": "斜杠",
    "@": "艾特",
    "-": "横杠",
    "_": "下划线",
    ":": "冒号",
    "?": "问号",
    "=": "等于",
    "&": "和",
    "#": "井号",
    "+": "加",
    "%": "百分号",
}


class ChineseReader(SignReader):
    """Says the written forms of Chinese text, in its own script."""

    def __init__(self) -> None:
        super().__init__((*BETWEEN, *MOMENTS, *NUMBERED, *QUANTITIES, *COUNTS, *LAST), _address, "一-鿿")

    def plain(self, text: str) -> str:
        """`text` with simplified characters, where the forms look for them."""
        return super().plain(text).translate(SIMPLE)

    def script(self, text: str) -> Mapping[int, str]:
        """The forms say simplified characters."""
        return TRADITIONAL if is_traditional(text) else {}


def _address(text: str) -> str:
    return spelled(text, _ADDRESS, code)


READER: Final = ChineseReader()

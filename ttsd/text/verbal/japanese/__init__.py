"""Japanese: numbers, dates, money, units and the like in words, numbers in kanji."""

from typing import Final

from ttsd.text.verbal.addresses import spelled
from ttsd.text.verbal.cjk import SignReader
from ttsd.text.verbal.japanese.figures import BETWEEN, LAST, NUMBERED
from ttsd.text.verbal.japanese.moments import FORMS as MOMENTS
from ttsd.text.verbal.japanese.numerals import by_digit
from ttsd.text.verbal.japanese.quantities import COUNTS
from ttsd.text.verbal.japanese.quantities import FORMS as QUANTITIES

_ADDRESS: Final = {
    ".": "ドット",
    "/": "スラッシュ",
    "@": "アットマーク",
    "-": "ハイフン",
    "_": "アンダーバー",
    ":": "コロン",
    "?": "はてな",
    "=": "イコール",
    "&": "アンド",
    "#": "シャープ",
    "+": "プラス",
    "%": "パーセント",
}


def _address(text: str) -> str:
    return spelled(text, _ADDRESS, by_digit)


READER: Final = SignReader(
    (*BETWEEN, *MOMENTS, *NUMBERED, *QUANTITIES, *COUNTS, *LAST), _address, "一-鿿々ぁ-ゖァ-ヺー"
)

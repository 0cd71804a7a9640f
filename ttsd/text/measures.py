"""Latin letters among other scripts that are read in the language around them: units, currencies, `A4`, `XIX`."""

import re
from typing import Final

from ttsd.text.scripts import CJK

_UNIT: Final = re.compile(
    "[kcmdnμµ]?m[23²³]?|ha|[kmμµ]?g|KG|[mdc]?[Ll]|ML|cc|min|m?s|[kMG]?Hz|[kKMG]?W|[kM]?Wh|[km]?V|mAh?|[kK]?J|k?cal"
    "|[khM]?Pa|mmHg|mol|px|rpm|fps|[kKMGT]?bps|[kKMGT]i?B|dB|ppm|mph|ft|lb|oz|USD|CNY|RMB|JPY|EUR|GBP|KRW|HKD|TWD"
)
_CURRENCY: Final = re.compile(r"(?:USD|CNY|RMB|JPY|EUR|GBP|KRW|HKD|TWD)(?= ?[0-9０-９])|(?:US|HK|NT|JP|CN)(?=[$＄¥￥])")
_AFTER_FIGURE: Final = re.compile(r"[0-9０-９][ \u00a0]?$")
_PER: Final = re.compile(r"(?:[A-Za-z²³]|[0-9０-９][A-Za-z]{1,3}[23]?)/$")
_CODE: Final = re.compile(rf"[A-ZＡ-Ｚ]{{1,3}}(?=-?[0-9０-９]+(?:[.．][0-9０-９]+)?[{CJK}])")
_ROMAN: Final = re.compile("[IVX]+")
_A_CJK: Final = re.compile(f"[{CJK}]")


def read_around(sentence: str, start: int, end: int) -> bool:
    """Whether the run of Latin letters from `start` to `end` is read in the language around it.

    A single letter that touches CJK (`A股`, `Tシャツ`), a code before it (`A4纸`, `MP3プレーヤー`), a unit after a
    figure (`5kg`, `80km/h`), a currency before one.
    """
    letters = sentence[start:end]
    before, after = sentence[max(start - 5, 0) : start], sentence[end : end + 1]
    if len(letters) == 1 and (_A_CJK.match(after) or _A_CJK.search(before[-1:])):
        return True
    if _CURRENCY.match(sentence, start) or _CODE.match(sentence, start):
        return True
    return _is_unit(letters, before)


def read_in_russian(sentence: str, start: int, end: int) -> bool:
    """The same among Cyrillic letters: a Roman numeral (`Пётр I`, `XIX в.`), a unit after a figure, `°C`."""
    letters, before = sentence[start:end], sentence[max(start - 5, 0) : start]
    return bool(_ROMAN.fullmatch(letters)) or before.endswith("°") or _is_unit(letters, before)


def _is_unit(letters: str, before: str) -> bool:
    if letters == "h" or _UNIT.fullmatch(letters):
        return bool(_PER.search(before) or (letters != "h" and _AFTER_FIGURE.search(before)))
    return False

"""How Japanese says numbers and what they count, in katakana: 三百 サンビャク, 六本 ロッポン, 二十日 ハツカ, 四時 ヨジ.

Dictionaries of words read 四 and 日 one by one; which sound a numeral and its counter make together is grammar.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple


class Counter(NamedTuple):
    """What stands behind a number, as it is said by itself, after a doubled consonant, and after サン and ナン."""

    plain: str
    doubled: str
    nasal: str
    nasal_after: str = "三千万何"


class Reading(NamedTuple):
    """A part of a text that is said otherwise than its words one by one."""

    start: int
    end: int
    kana: str


def _pairs(*rows: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in " ".join(rows).split())


def _rows(*rows: str) -> dict[str, Counter]:
    """From `written=plain/doubled/nasal`; what is left out is said like plain."""
    found: dict[str, Counter] = {}
    for written, said in _pairs(*rows).items():
        plain, *changed = said.split("/")
        found |= {one: Counter(plain, *(changed or (plain, plain))) for one in written.split("|")}
    return found


_DIGITS: Final = _pairs("〇=ゼロ 零=レイ 一=イチ 二=ニ 三=サン 四=ヨン 五=ゴ 六=ロク 七=ナナ 八=ハチ 九=キュウ")
_FIGURES: Final = {**_DIGITS, "二": "ニー", "五": "ゴー"}
"""One by one, as in telephone numbers, where each takes two beats."""
_UNITS: Final = _rows("十=ジュウ 百=ヒャク/ピャク/ビャク 千=セン/セン/ゼン 万=マン 億=オク 兆=チョウ")
_COUNTERS: Final = _rows(
    "本=ホン/ポン/ボン 匹=ヒキ/ピキ/ビキ 杯=ハイ/パイ/バイ 泊=ハク/パク/パク 発=ハツ/パツ/パツ 階=カイ/カイ/ガイ",
    "軒=ケン/ケン/ゲン 足=ソク/ソク/ゾク 回=カイ 個|箇|コ=コ 件=ケン 曲=キョク 校=コウ 機=キ キロ=キロ",
    "ヶ月|ヵ月|か月|カ月|ケ月|箇月=カゲツ ヶ所|ヵ所|か所|カ所|箇所=カショ ヶ国|ヵ国|か国|カ国=カコク",
    "歳|才=サイ 冊=サツ 週=シュウ 周=シュウ 周年=シュウネン 章=ショウ 種類=シュルイ 世紀=セイキ 隻=セキ 席=セキ",
    "社=シャ 頭=トウ 通=ツウ 着=チャク 丁目=チョウメ 点=テン 等=トウ セット=セット センチ=センチ トン=トン",
    "パーセント=パーセント ページ=ページ ポイント=ポイント 人=ニン 名=メイ 月=ガツ 日=ニチ 時=ジ 年=ネン",
    "秒=ビョウ 円=エン 枚=マイ 台=ダイ 番=バン 度=ド 号=ゴウ 倍=バイ 割=ワリ 羽=ワ メートル=メートル",
    "グラム=グラム ドル=ドル",
)
_COUNTERS["分"] = Counter("フン", "プン", "プン", "三四千万何")
_DOUBLES: Final = {**dict.fromkeys("カキクケコハヒフヘホ", "一六八十百"), **dict.fromkeys("パピプペポ", "一六八十"),
                   **dict.fromkeys("サシスセソタチツテト", "一八十")}  # fmt: skip
"""By what a counter begins with: the numerals whose last sound becomes ッ before it."""
_OTHER_DIGITS: Final[Mapping[str, Mapping[str, str]]] = {
    "時": {"四": "ヨ", "七": "シチ", "九": "ク"}, "月": {"四": "シ", "七": "シチ", "九": "ク"},
    "人": {"四": "ヨ", "七": "シチ"}, "年": {"四": "ヨ"}, "円": {"四": "ヨ"}, "日": {"七": "シチ", "九": "ク"},
}  # fmt: skip
_WHOLE: Final = _pairs(
    "二日=フツカ 三日=ミッカ 四日=ヨッカ 五日=イツカ 六日=ムイカ 七日=ナノカ 八日=ヨウカ 九日=ココノカ 十日=トオカ",
    "十四日=ジュウヨッカ 二十日=ハツカ 二十四日=ニジュウヨッカ 一人=ヒトリ 二人=フタリ 二十歳=ハタチ 一つ=ヒトツ",
    "二つ=フタツ 三つ=ミッツ 四つ=ヨッツ 五つ=イツツ 六つ=ムッツ 七つ=ナナツ 八つ=ヤッツ 九つ=ココノツ",
)

_NUMERAL: Final = "[〇零一二三四五六七八九十百千万億兆]"
_COUNTED: Final = re.compile(
    rf"(?P<number>{_NUMERAL}+|何(?:[十百千万億]+)?)"
    rf"(?:(?P<counter>{'|'.join(sorted((*_COUNTERS, 'つ'), key=len, reverse=True))})"
    r"(?P<span>(?<=[日年時分秒週月])間)?(?P<nth>目(?!的|標|安))?)?"
)
_DIGIT: Final = "[一二三四五六七八九何]?"
_GROUP: Final = re.compile(f"(?:({_DIGIT})千)?(?:({_DIGIT})百)?(?:({_DIGIT})十)?({_DIGIT})")
_ENOUGH: Final = re.compile(
    "に|な|で(?:す|は|も|あ|な)|だ|じゃ|と|すぎ|過ぎ|理解|注意|承知|可能|満足|条件|[。、！？]|$"
)
"""Behind 十分: it is `enough`, unless a time is told."""
_TIME_BEFORE: Final = re.compile("(?:[時約と歩後前一二三四五六七八九]|から|まで)$")


def readings(text: str) -> Iterator[Reading]:
    """Numbers with their counters, and numbers alone that have several numerals."""
    for match in _COUNTED.finditer(text):
        if kana := _said(match):
            yield Reading(match.start(), match.end(), kana)


def _said(match: re.Match[str]) -> str:
    number, counter = match["number"], match["counter"]
    if counter is None:
        return _number(number)[0] if len(number) > 1 else ""
    number = _with_units(number)
    said = (_not_minutes(match) if counter == "分" else "") or _counted(match, number, counter)
    behind = ("カン" if match["span"] else "") + ("メ" if match["nth"] else "")
    return said + behind if said else ""


def _with_units(number: str) -> str:
    """二〇二六 as 二千二十六: in figures, as dates and prices in columns have it."""
    figures = number.replace("零", "〇")
    if not 2 <= len(figures) <= 4 or re.search("[^〇一二三四五六七八九]", figures) or figures[0] == "〇":
        return number
    places = zip(figures, "千百十 "[-len(figures) :], strict=True)
    return "".join(
        ("" if figure == "一" and unit != " " else figure) + unit for figure, unit in places if figure != "〇"
    ).strip()


def _counted(match: re.Match[str], number: str, counter: str) -> str:
    if number + counter == "一日" and match.string.endswith("月", 0, match.start()):
        return "ツイタチ"
    if (whole := _WHOLE.get(number + counter)) is not None:
        return whole
    if counter not in _COUNTERS:  # つ goes no further than nine
        return ""
    return _behind(*_number(number, _OTHER_DIGITS.get(counter, {})), _COUNTERS[counter])


def _not_minutes(match: re.Match[str]) -> str:
    """三分の一 and 十分な."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    if re.match(f"の{_NUMERAL}", after):
        return _number(match["number"])[0] + "ブン"
    return "ジュウブン" if match[0] == "十分" and _ENOUGH.match(after) and not _TIME_BEFORE.search(before) else ""


def _behind(number: str, last: str, counter: Counter) -> str:
    """`number`, whose last numeral is `last`, and what it counts; empty where there is no number."""
    if not number:
        return ""
    if last in _DOUBLES.get(counter.plain[0], ""):
        return f"{number[:-1]}ッ{counter.doubled}"
    return number + (counter.nasal if last in counter.nasal_after else counter.plain)


def _number(written: str, last_digits: Mapping[str, str] | None = None) -> tuple[str, str]:
    """How a number is said, and the numeral it ends with; `last_digits`: said otherwise at the end. Empty for none."""
    if not re.search("[十百千万億兆]", written):
        if len(written) > 1:
            return "".join(_FIGURES[figure] for figure in written), written[-1]
        return _digit(written, last_digits), written
    said, rest = "", written
    for unit in "兆億万":
        group, found, behind = rest.partition(unit)
        if found:
            above = _behind(*_below_ten_thousand(group, None), _UNITS[unit])
            if not above:
                return "", ""
            said, rest = said + above, behind
    if not rest:
        return said, written[-1]
    last, numeral = _below_ten_thousand(rest, last_digits)
    return (said + last, numeral) if last else ("", "")


def _below_ten_thousand(written: str, last_digits: Mapping[str, str] | None) -> tuple[str, str]:
    digits = _GROUP.fullmatch(written)
    if digits is None or not written:
        return "", ""
    said = ""
    for digit, unit in zip(digits.groups()[:3], "千百十", strict=True):
        if digit is None:
            continue
        said += _behind(_digit(digit), digit, _UNITS[unit]) if digit else _UNITS[unit].plain
    return said + (_digit(digits[4], last_digits) if digits[4] else ""), written[-1]


def _digit(digit: str, otherwise: Mapping[str, str] | None = None) -> str:
    return "ナン" if digit == "何" else (otherwise or {}).get(digit, _DIGITS[digit])

"""Russian number words in six cases and three genders, counted nouns with them."""

from collections.abc import Sequence
from typing import Final, Literal

from ttsd.text.verbal.tables import listed

Case = int
"""One of the six below."""
NOMINATIVE: Final = 0
GENITIVE: Final = 1
DATIVE: Final = 2
ACCUSATIVE: Final = 3
INSTRUMENTAL: Final = 4
LOCATIVE: Final = 5
"""An inanimate accusative: `один` and `два` as in the nominative."""

Gender = Literal["m", "f", "n", "pl"]

_ONE: Final = {
    "m": listed("один одного одному один одним одном"),
    "f": listed("одна одной одной одну одной одной"),
    "n": listed("одно одного одному одно одним одном"),
    "pl": listed("одни одних одним одни одними одних"),
}
_TWO: Final = listed("два двух двум два двумя двух")
_SMALL: Final = {
    3: listed("три трёх трём три тремя трёх"),
    4: listed("четыре четырёх четырём четыре четырьмя четырёх"),
    8: listed("восемь восьми восьми восемь восемью восьми"),
    40: listed("сорок сорока сорока сорок сорока сорока"),
    90: listed("девяносто девяноста девяноста девяносто девяноста девяноста"),
    100: listed("сто ста ста сто ста ста"),
    200: listed("двести двухсот двумстам двести двумястами двухстах"),
    300: listed("триста трёхсот трёмстам триста тремястами трёхстах"),
    400: listed("четыреста четырёхсот четырёмстам четыреста четырьмястами четырёхстах"),
}
_SOFT: Final = dict(
    zip(
        (0, 5, 6, 7, 8, 9, *range(10, 21), 30),
        listed("""
        нол пят шест сем восем девят десят одиннадцат двенадцат тринадцат четырнадцат пятнадцат шестнадцат
        семнадцат восемнадцат девятнадцат двадцат тридцат
    """),
        strict=True,
    )
)
"""What ends in a soft sign: `пять`, `пяти`, `пятью`."""
_THOUSAND: Final = ("тысяча тысячи тысяче тысячу тысячей тысяче", "тысячи тысяч тысячам тысячи тысячами тысячах")
_SCALES: Final = ((10**12, "триллион"), (10**9, "миллиард"), (10**6, "миллион"))

_ORDINALS: Final = {
    0: "нулевой",
    **dict(
        enumerate(
            listed("""
        первый второй третий четвёртый пятый шестой седьмой восьмой девятый десятый одиннадцатый двенадцатый
        тринадцатый четырнадцатый пятнадцатый шестнадцатый семнадцатый восемнадцатый девятнадцатый
    """),
            1,
        )
    ),
    **dict(
        zip(
            range(20, 100, 10),
            listed("""
        двадцатый тридцатый сороковой пятидесятый шестидесятый семидесятый восьмидесятый девяностый
    """),
            strict=True,
        )
    ),
    100: "сотый",
    **{n * 100: f"{stem}сотый" for n, stem in enumerate(listed("двух трёх четырёх пяти шести семи восьми девяти"), 2)},
}
_HARD: Final = {
    "m": listed("ый ого ому ый ым ом"),
    "f": listed("ая ой ой ую ой ой"),
    "n": listed("ое ого ому ое ым ом"),
    "pl": listed("ые ых ым ые ыми ых"),
}
_THIRD: Final = {
    "m": listed("ий ьего ьему ий ьим ьем"),
    "f": listed("ья ьей ьей ью ьей ьей"),
    "n": listed("ье ьего ьему ье ьим ьем"),
    "pl": listed("ьи ьих ьим ьи ьими ьих"),
}


def cardinal(number: int, gender: Gender = "m", case: Case = NOMINATIVE) -> str:
    """`number` below 10^15, agreeing with what is counted; a thousand alone is `тысяча`."""
    words: list[str] = []
    for scale, name in _SCALES:
        count, number = divmod(number, scale)
        if count:
            words += [*_below_1000(count, "m", case), counted(count, _masculine(name), case)]
    thousands, rest = divmod(number, 1000)
    if thousands:
        words += [] if thousands == 1 and not words else _below_1000(thousands, "f", case)
        words.append(counted(thousands, _THOUSAND, case))
    if rest or not words:
        words += _below_1000(rest, gender, case)
    return " ".join(words)


def counted(count: int, noun: tuple[str, str], case: Case = NOMINATIVE) -> str:
    """The form of `noun` (six cases of the singular, six of the plural) after `count` in `case`."""
    singular, plural = noun[0].split(), noun[1].split()
    one, few = count % 10 == 1 and count % 100 != 11, count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14}
    if one:
        return singular[case]
    if case not in {NOMINATIVE, ACCUSATIVE}:
        return plural[case]
    return singular[GENITIVE] if few else plural[GENITIVE]


def ordinal(number: int, gender: Gender = "m", case: Case = NOMINATIVE) -> str:
    """`number` below a million as an ordinal: only its last word is one."""
    before, last = _split_last(number)
    words = cardinal(before).split() if before else []
    return " ".join([*words, _declined(_ordinal_word(last), gender, case)])


def _split_last(number: int) -> tuple[int, int]:
    for unit in (1000, 100, 10):
        if unit == 10 and number % 100 < 20:
            break
        if number and number % unit == 0:
            last = number % (unit * 10) if unit < 1000 else number
            return number - last, last
    last = number % 100 if number % 100 < 20 else number % 10
    return number - last, last


def _ordinal_word(number: int) -> str:
    if number < 1000:
        return _ORDINALS[number]
    thousands = number // 1000
    prefix = "".join(_below_1000(thousands, "m", GENITIVE)) if thousands > 1 else ""
    return prefix.replace("ста", "сто").replace("одного", "одно") + "тысячный"


def _declined(word: str, gender: Gender, case: Case) -> str:
    if word == "третий":
        return word[:-2] + _THIRD[gender][case]
    if word.endswith("ой") and gender == "m" and case in {NOMINATIVE, ACCUSATIVE}:
        return word
    return word[:-2] + _HARD[gender][case]


def _below_1000(number: int, gender: Gender, case: Case) -> list[str]:
    hundreds, rest = number // 100 * 100, number % 100
    parts = [hundreds] if hundreds else []
    if rest > 20 and rest % 10:
        parts += [rest // 10 * 10, rest % 10]
    elif rest or not parts:
        parts.append(rest)
    return [_word(part, gender, case) for part in parts]


def _word(part: int, gender: Gender, case: Case) -> str:
    if part == 1:
        return _ONE[gender][case]
    if part == 2:
        return "две" if gender == "f" and case in {NOMINATIVE, ACCUSATIVE} else _TWO[case]
    if part in _SMALL:
        return _SMALL[part][case]
    if part in _SOFT:
        return _SOFT[part] + _soft_ending(part, case)
    if part < 100:
        return _compound(part // 10, "десят", ("", "и", "и", "", "ью", "и"), case)
    return _compound(part // 100, "с", ("от", "от", "там", "от", "тами", "тах"), case)


def _soft_ending(part: int, case: Case) -> str:
    if part == 0:
        return listed("ь я ю ь ём е")[case]
    return listed("ь и и ь ью и")[case]


def _compound(digit: int, second: str, endings: Sequence[str], case: Case) -> str:
    """`пятьдесят` and `пятьсот`, of which both halves are declined."""
    return _word(digit, "m", case) + second + endings[case]


def _masculine(stem: str) -> tuple[str, str]:
    return f"{stem} {stem}а {stem}у {stem} {stem}ом {stem}е", f"{stem}ы {stem}ов {stem}ам {stem}ы {stem}ами {stem}ах"

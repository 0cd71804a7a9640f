"""Portuguese number words in Brazilian wording: `dezesseis`, `vinte e uma páginas`, `um bilhão`."""

from typing import Final

from ttsd.text.verbal.tables import listed

_UNITS: Final = (
    *listed("zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze"),
    *["dezesseis", "dezessete", "dezoito", "dezenove"],
)
_TENS: Final = listed("_ _ vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
_HUNDREDS: Final = listed("""
        _ cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos
    """)
_SCALES: Final = (
    (10**12, "trilhão", "trilhões"),
    (10**9, "bilhão", "bilhões"),
    (10**6, "milhão", "milhões"),
)
_ORDINALS: Final = listed("_ primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono")
_ORDINAL_TENS: Final = listed("""
        _ décimo vigésimo trigésimo quadragésimo quinquagésimo sexagésimo septuagésimo octogésimo nonagésimo
    """)
_ORDINAL_HUNDREDS: Final = [
    *listed("_ centésimo ducentésimo tricentésimo quadringentésimo quingentésimo sexcentésimo septingentésimo"),
    "octingentésimo",
    "noningentésimo",
]


def cardinal(number: int, feminine: bool = False) -> str:
    """`number` below 10^15; `feminine`: `uma`, `duas`, `duzentas`."""
    groups: list[tuple[int, str]] = []
    for scale, singular, plural in _SCALES:
        count, number = divmod(number, scale)
        if count:
            groups.append((count, f"{_below_1000(count)} {plural if count > 1 else singular}"))
    thousands, rest = divmod(number, 1000)
    if thousands:
        groups.append((thousands, "mil" if thousands == 1 else f"{_below_1000(thousands, feminine)} mil"))
    if rest or not groups:
        groups.append((rest, _below_1000(rest, feminine)))
    *before, (last, words) = groups
    if not before:
        return words
    joint = " e " if last < 100 or last % 100 == 0 else " "
    return " ".join(each for _, each in before) + joint + words


def ordinal(number: int, feminine: bool = False) -> str:
    """`number` from 1 to 999 as an ordinal."""
    tables = ((number // 100, _ORDINAL_HUNDREDS), (number // 10 % 10, _ORDINAL_TENS), (number % 10, _ORDINALS))
    words = [table[digit] for digit, table in tables if digit]
    return " ".join(word[:-1] + "a" if feminine else word for word in words)


def _below_1000(number: int, feminine: bool = False) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_100(rest, feminine)
    if number == 100:
        return "cem"
    words = _HUNDREDS[hundreds]
    if feminine and hundreds > 1:
        words = words[:-2] + "as"
    return f"{words} e {_below_100(rest, feminine)}" if rest else words


def _below_100(number: int, feminine: bool) -> str:
    if number >= 20:
        tens, unit = divmod(number, 10)
        return f"{_TENS[tens]} e {_below_100(unit, feminine)}" if unit else _TENS[tens]
    if feminine and number in {1, 2}:
        return "uma" if number == 1 else "duas"
    return _UNITS[number]

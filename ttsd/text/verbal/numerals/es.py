"""Spanish number words: `veintiún libros`, `doscientas mil personas`, `mil millones`."""

from typing import Final

from ttsd.text.verbal.tables import listed

_UNITS: Final = (
    *listed("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"),
    *listed("""
        dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro
    """),
    *["veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve"],
)
_TENS: Final = listed("_ _ _ treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_HUNDREDS: Final = listed("""
        _ ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos
        novecientos
    """)
_SCALES: Final = ((10**12, "billón", "billones"), (10**6, "millón", "millones"))
_ORDINALS: Final = (
    *listed("""
        _ primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo
    """),
    *listed("""
        decimotercero decimocuarto decimoquinto decimosexto decimoséptimo decimoctavo decimonoveno
    """),
)
_ORDINAL_TENS: Final = listed("""
        _ _ vigésimo trigésimo cuadragésimo quincuagésimo sexagésimo septuagésimo octogésimo nonagésimo
    """)
_ORDINAL_HUNDREDS: Final = [
    *listed("_ centésimo ducentésimo tricentésimo cuadringentésimo quingentésimo sexcentésimo septingentésimo"),
    "octingentésimo",
    "noningentésimo",
]


def cardinal(number: int, one: str = "uno") -> str:
    """`number` below 10^18; `one` is its final one: `uno` alone, `un` or `una` before a noun (`una`: hundreds too)."""
    words: list[str] = []
    for scale, singular, plural in _SCALES:
        count, number = divmod(number, scale)
        if count:
            words.append(f"{_below_million(count, 'un')} {plural if count > 1 else singular}")
    if number or not words:
        words.append(_below_million(number, one))
    return " ".join(words)


def ordinal(number: int, feminine: bool = False, short: bool = False) -> str:
    """`number` from 1 to 999 as an ordinal, `short` as before a noun (`primer`, `tercer`)."""
    hundreds, rest = divmod(number, 100)
    words = [_ORDINAL_HUNDREDS[hundreds]] if hundreds else []
    if rest >= 20:
        words.append(_ORDINAL_TENS[rest // 10])
        rest %= 10
    if rest:
        words.append(_ORDINALS[rest])
    if feminine:
        words = [word[:-1] + "a" for word in words]
    elif short and rest in {1, 3, 13}:
        words[-1] = words[-1].removesuffix("o")
    return " ".join(words)


def _below_million(number: int, one: str) -> str:
    thousands, rest = divmod(number, 1000)
    words: list[str] = []
    if thousands:
        # one thousand is `mil`, and `un` of `veintiún mil` is an adjective whatever is counted
        words.append("mil" if thousands == 1 else f"{_below_1000(thousands, 'un', one == 'una')} mil")
    if rest or not words:
        words.append(_below_1000(rest, one, one == "una"))
    return " ".join(words)


def _below_1000(number: int, one: str, feminine: bool) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_100(rest, one)
    if number == 100:
        return "cien"
    words = _HUNDREDS[hundreds]
    if feminine and hundreds > 1:
        words = words[:-2] + "as"
    return f"{words} {_below_100(rest, one)}" if rest else words


def _below_100(number: int, one: str) -> str:
    if number >= 30:
        tens, unit = divmod(number, 10)
        return f"{_TENS[tens]} y {_below_100(unit, one)}" if unit else _TENS[tens]
    if number == 1:
        return one
    if number == 21:
        return {"un": "veintiún", "una": "veintiuna"}.get(one, "veintiuno")
    return _UNITS[number]

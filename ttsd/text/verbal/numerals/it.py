"""Italian number words: `ventuno`, `centotré`, `duemilaventiquattro`, `ventitreesimo`."""

from typing import Final

from ttsd.text.verbal.tables import listed

_UNITS: Final = (
    *listed("""
        zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici
    """),
    *["sedici", "diciassette", "diciotto", "diciannove"],
)
_TENS: Final = listed("_ _ venti trenta quaranta cinquanta sessanta settanta ottanta novanta")
_ORDINALS: Final = listed("_ primo secondo terzo quarto quinto sesto settimo ottavo nono decimo")
_SCALES: Final = (
    (10**12, "bilione", "bilioni"),
    (10**9, "miliardo", "miliardi"),
    (10**6, "milione", "milioni"),
)


def cardinal(number: int) -> str:
    """`number` below 10^15: one word below a million, with the accent of a final `tré`."""
    words: list[str] = []
    for scale, singular, plural in _SCALES:
        count, number = divmod(number, scale)
        if count:
            words.append(f"un {singular}" if count == 1 else f"{_accented(_below_1000(count))} {plural}")
    if number or not words:
        words.append(_accented(_below_million(number)))
    return " ".join(words)


def ordinal(number: int, feminine: bool = False) -> str:
    """`number` from 1 up, below a million, as an ordinal."""
    if number <= 10:
        word = _ORDINALS[number]
    elif number % 100 == 10:
        word = _below_million(number - 10) + "decimo"
    else:
        stem = _below_million(number)
        if stem.endswith("mila"):
            stem = stem.removesuffix("a") + "l"
        elif not stem.endswith(("tre", "sei")) or number % 100 in {13, 16}:
            stem = stem[:-1]
        word = stem + "esimo"
    return word[:-1] + "a" if feminine else word


def _accented(word: str) -> str:
    return word[:-1] + "é" if word.endswith("tre") and word != "tre" else word


def _below_million(number: int) -> str:
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _below_1000(rest)
    words = "mille" if thousands == 1 else _below_1000(thousands) + "mila"
    return words + (_below_1000(rest) if rest else "")


def _below_1000(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_100(rest)
    words = "cento" if hundreds == 1 else f"{_UNITS[hundreds]}cento"
    if not rest:
        return words
    if rest == 8 or rest // 10 == 8:
        words = words[:-1]
    return words + _below_100(rest)


def _below_100(number: int) -> str:
    if number < 20:
        return _UNITS[number]
    tens, unit = divmod(number, 10)
    if not unit:
        return _TENS[tens]
    return (_TENS[tens][:-1] if unit in {1, 8} else _TENS[tens]) + _UNITS[unit]

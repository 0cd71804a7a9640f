"""The written forms that Chinese, Japanese and Korean share; each language says what they mean."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from ttsd.text.verbal.tokens import Token
from ttsd.text.verbal.writing import Form, one_of

Build = Callable[[re.Match[str]], Token | None]

NUMBER: Final = r"(?>(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?)"
"""Without a sign; commas only between groups of three. Never a part of a number: matched whole or not at all."""
ALONE: Final = r"(?<![0-9])(?<![0-9][.,])"
"""Not inside a number."""
TO: Final = "[-‐‑‒–—~〜～∼]"
"""A sign between the ends of a range."""
MINUS: Final = "-−–"
SIGN: Final = rf"(?<![0-9A-Za-z)）\]])[{MINUS}+±]"
"""Before what has a unit: there a dash after a word is a minus too."""
_YEAR: Final = "1[0-9]{3}|20[0-9]{2}"
_CENTURIES: Final = "1[5-9][0-9]{2}|20[0-9]{2}"
_HALF: Final = r"[AaPp]\.?[Mm]\.?"
_KEPT: Final = "(?![A-Za-z])"


# --- moments -------------------------------------------------------------------------------------


def date_form(build: Build, mark: str = "[-/.]") -> Form:
    """`2024-03-05`: groups `year month day`."""
    month, day = "(?P<month>1[0-2]|0?[1-9])", "(?P<day>3[01]|[12][0-9]|0?[1-9])"
    return Form(rf"(?<![0-9])(?P<year>{_YEAR}){mark}{month}{mark}{day}(?![0-9])(?!\.[0-9])", build)


def month_form(build: Build) -> Form:
    """`2024/3`, `2024-03`: as `date_form`, with an empty `day`."""
    month = "(?:-(?=[01])|/)(?P<month>0[1-9]|1[0-2]|(?<=/)[1-9])(?P<day>)"
    return Form(rf"(?<![0-9])(?P<year>{_YEAR}){month}(?![-/0-9])", build)


def day_form(build: Build) -> Form:
    """`3/5`: groups `month day`, which may be a fraction or a score as well."""
    return Form(r"(?<![0-9./])(?P<month>[01]?[0-9])/(?P<day>[0-3]?[0-9])(?![0-9/.%])", build)


def years_form(build: Build, after: str = "") -> Form:
    """`2019-2023`, `2023/2024`: groups `year last`."""
    first, last = rf"(?P<year>{_CENTURIES})", rf"(?P<last>{_CENTURIES})"
    return Form(rf"(?<![0-9.]){first} ?(?:{TO}|/) ?{last}(?![0-9.]){after}", build)


def time_form(build: Build, hour: str = "[01]?[0-9]|2[0-4]") -> Form:
    """`15:05`, `3:30 pm`, `9:00-17:30`: groups `first last`, and `half` or `early` for the half of the day."""
    time = f"(?:{hour}):[0-5][0-9](?::[0-5][0-9])?(?![0-9:])"
    early, half = rf"(?:(?P<early>{_HALF}) ?)?", rf"(?: ?(?P<half>{_HALF}){_KEPT})?"
    return Form(rf"(?<![0-9:]){early}(?P<first>{time}){half}(?: ?{TO} ?(?P<last>{time}))?", build)


def is_day(month: str, day: str) -> bool:
    """Whether there is such a day in some year."""
    return 1 <= int(month) <= 12 and 1 <= int(day or "1") <= 31


def looks_like_day(month: str, day: str) -> bool:
    """Whether `3/5` is written so that it is no share of a whole."""
    return int(month) >= int(day) or int(day) > 12 or month[0] == "0" or day[0] == "0"


# --- amounts -------------------------------------------------------------------------------------


def amounts(scale: str, unit: str = "") -> str:
    """Pattern of an amount, or from one to another; `unit` may stand after the first as well.

    Groups: `sign a scale`, `last_sign b last_scale`.
    """
    between = f"(?: ?(?:{unit}))?" if unit else ""
    return (
        rf"{ALONE}(?P<sign>{SIGN})?(?P<a>{NUMBER})(?: ?(?P<scale>{scale}))?"
        rf"(?:{between} ?{TO} ?(?P<last_sign>[{MINUS}+])?(?P<b>{NUMBER})(?: ?(?P<last_scale>{scale}))?)?"
    )


def money_forms(build: Build, scale: str, currencies: Mapping[str, str], repeated: str) -> list[Form]:
    """`$5`, `-¥3.50`, `€5万`, `$1.5M`, `500 USD`: groups of `amounts`, and `minus currency letter`.

    `repeated` is a pattern of what is written after the amount although the sign has said it.
    """
    codes = one_of({code: name for code, name in currencies.items() if code.isalpha()})
    ahead = rf"(?P<minus>(?<![0-9A-Za-z])[{MINUS}])?(?P<currency>{one_of(currencies)}) ?"
    letter = f"(?:(?P<letter>[KMBkmb]){_KEPT})?"
    behind = rf"(?P<letter>[KMB])? ?(?P<currency>{codes}|[$€£¥₩]){_KEPT}"
    return [
        Form(rf"{ahead}{amounts(scale)}{letter}(?: ?(?:{repeated}))?", build),
        Form(rf"(?P<minus>){amounts(scale, '[$€£¥₩]')}{behind}", build),
    ]


def percent_form(build: Build, scale: str) -> Form:
    """`5%`, `5-10%`, `2‰`, `3%p`: groups of `amounts`, and `kind`."""
    return Form(rf"{amounts(scale, '[%‰]')} ?(?P<kind>%[pP]{_KEPT}|[%‰])", build)


def degrees_form(build: Build, scale: str) -> Form:
    """`25℃`, `-5~3°C`, `90°`: groups of `amounts`, and `unit`."""
    degree = f"℃|℉|[°º] ?[CcF]{_KEPT}|[°º]"
    return Form(rf"{amounts(scale, degree)} ?(?P<unit>{degree})", build)


def measure_form(build: Build, scale: str, units: Mapping[str, str]) -> Form:
    """`5kg`, `80 km/h`: groups of `amounts`, and `unit per`."""
    unit = one_of(units)
    return Form(
        rf"{amounts(scale, unit)} ?(?P<unit>{unit})(?:/(?P<per>{unit}))?(?![A-Za-z0-9²³]|/[A-Za-z])",
        build,
    )


def fraction_form(build: Build, whole: str) -> Form:
    """`1/2`, `2 1/3`: groups `above below whole`; `whole` is a pattern between the whole and the fraction."""
    ahead = rf"(?:(?P<whole>[0-9]{{1,3}})(?:{whole}))?"
    return Form(
        rf"{ALONE}(?<![0-9A-Za-z]/){ahead}(?P<above>[0-9]{{1,3}})[/⁄∕](?P<below>[0-9]{{1,4}})(?![0-9/]|\.[0-9])",
        build,
    )


VULGAR: Final = {
    "½": ("1", "2"),
    "⅓": ("1", "3"),
    "⅔": ("2", "3"),
    "¼": ("1", "4"),
    "¾": ("3", "4"),
    "⅕": ("1", "5"),
    "⅛": ("1", "8"),
}


def vulgar_form(build: Build) -> Form:
    """`½`, `2½`: groups `whole sign`; the fraction is in `VULGAR`."""
    return Form(rf"(?P<whole>[0-9]{{1,3}})? ?(?P<sign>[{''.join(VULGAR)}])", build)


# --- figures -------------------------------------------------------------------------------------


def called_form(build: Build, counted: str) -> Form:
    """Figures, perhaps in groups, that may be a number one dials or types; `counted` may not follow."""
    return Form(rf"(?<![0-9A-Za-z.])[0-9]{{3,24}}(?:[- ][0-9]{{1,12}}){{0,5}}(?![0-9.,%])(?! ?[{counted}])", build)


def version_form(build: Build) -> Form:
    """`2.0.1`, `v3.11.4`, `192.168.0.1`: group `parts`."""
    return Form(r"(?<![0-9A-Za-z.])(?:[Vv]\.? ?)?(?P<parts>[0-9]{1,5}(?:\.[0-9]{1,5}){2,6})(?![0-9])", build)


def ratio_form(build: Build) -> Form:
    """`3:2`, `1:2:3`."""
    return Form(rf"(?<![0-9:]){NUMBER} ?: ?{NUMBER}(?: ?: ?{NUMBER})?(?![0-9])", build)


def letters_form(build: Build) -> Form:
    """`A4`, `MP3`, `F-16`, `PM2.5`: groups `head digits`."""
    return Form(r"(?<![A-Za-z])(?P<head>[A-Za-z]{1,12})-?(?P<digits>[0-9]{1,9}(?:\.[0-9]{1,3})?)(?![0-9])", build)


def between_form(build: Build) -> Form:
    """`10~20`, `3-2`: groups `first last`."""
    return Form(rf"(?<![0-9A-Za-z.,-])(?P<first>{NUMBER}) ?{TO} ?(?P<last>{NUMBER})(?![0-9.,]| ?=)", build)


def falls(match: re.Match[str]) -> bool:
    """Whether the numbers of `between_form` go downwards, or stay: no range then."""
    return float(match["first"].replace(",", "")) >= float(match["last"].replace(",", ""))


ROMAN: Final = {
    "I": "1",
    "II": "2",
    "III": "3",
    "IV": "4",
    "V": "5",
    "VI": "6",
    "VII": "7",
    "VIII": "8",
    "IX": "9",
    "X": "10",
}
_ONE_SIGN: Final = ((0x2160, 12), (0x2170, 12), (0x2460, 20), (0x2474, 20), (0x2488, 20), (0x3220, 10))
"""Where numerals of one character begin, and how many there are: Ⅰ ⅰ ① ⑴ ⒈ ㈠."""
_FIGURES: Final = {chr(start + place): str(place + 1) for start, length in _ONE_SIGN for place in range(length)}
LISTED: Final = f"[{''.join(sign for sign in _FIGURES if sign >= '①')}]"
"""Pattern of a sign that counts the items of a list: `①`."""
ROMAN_SIGN: Final = "[Ⅰ-Ⅻⅰ-ⅻ]"
"""Pattern of a Roman numeral in one character."""


def figures_of(sign: str) -> str:
    """The number that one character stands for."""
    return _FIGURES[sign]


# --- text around a match ---------------------------------------------------------------------------


def before(match: re.Match[str], pattern: re.Pattern[str], reach: int = 12) -> bool:
    """Whether `pattern`, which ends in `$`, is found in the few characters before the match."""
    start = match.start()
    return pattern.search(match.string[max(0, start - reach) : start]) is not None


def after(match: re.Match[str], pattern: re.Pattern[str]) -> bool:
    """Whether `pattern` follows the match."""
    return pattern.match(match.string, match.end()) is not None


class Around(msgspec.Struct, frozen=True):
    """Text before or after a match that shows what it is."""

    before: re.Pattern[str]
    """Ends in `$`."""
    after: re.Pattern[str]

    def shows(self, match: re.Match[str]) -> bool:
        """Whether one of the two is there."""
        return before(match, self.before) or after(match, self.after)


def unsigned(written: str) -> str:
    """A number without its sign and separators."""
    return written.lstrip("-−–+±").replace(",", "")


def shifted(number: str, letter: str) -> str:
    """`number` with `K`, `M` or `B` after it, as it is written without: `1.5` and `M` are `1500000`."""
    places = {"K": 3, "M": 6, "B": 9}[letter.upper()]
    whole, _, decimals = unsigned(number).partition(".")
    digits = (whole + decimals[:places].ljust(places, "0")).lstrip("0") or "0"
    rest = decimals[places:]
    return f"{digits}.{rest}" if rest else digits


def trimmed(number: str) -> str:
    """An amount of money without zeros at the end of its decimals: `3.50` is `3.5`."""
    return number.rstrip("0").rstrip(".") if "." in number else number

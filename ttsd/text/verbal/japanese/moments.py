"""Japanese years, dates and times."""

import re
from typing import Final

from ttsd.text.verbal.cjk import TO, after, before, is_day
from ttsd.text.verbal.japanese.numerals import cardinal
from ttsd.text.verbal.japanese.quantities import minutes
from ttsd.text.verbal.japanese.words import DATE_AFTER, DATE_BEFORE, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form

_TIME: Final = "(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9])?(?![0-9:])"


def _day(figures: str) -> str:
    """A day of a month; the first in kana, since 四月一日 is a surname too."""
    return "ついたち" if int(figures) == 1 else f"{cardinal(str(int(figures)))}日"


def _date(match: re.Match[str]) -> Token | None:
    if not is_day(match["month"], match["day"] or "1"):
        return None
    day = _day(match["day"]) if match["day"] else ""
    return Said(f"{cardinal(match['year'])}年{cardinal(str(int(match['month'])))}月{day}")


def _short_date(match: re.Match[str]) -> Token | None:
    month, day = int(match["month"]), int(match["day"])
    padded = match["month"][0] == "0" or match["day"][0] == "0"
    likely = month >= day or day > 12 or padded or before(match, DATE_BEFORE) or after(match, DATE_AFTER)
    return Said(f"{cardinal(str(month))}月{_day(match['day'])}") if likely and is_day(match["month"], match["day"]) else None


def _first_day(match: re.Match[str]) -> Token:
    return Said(f"{cardinal(str(int(match['month'])))}月ついたち")


def _years(match: re.Match[str]) -> Token:
    return Said(f"{cardinal(match['year'])}から{cardinal(match['last'])}")


def _times(match: re.Match[str]) -> Token | None:
    if before(match, RESULT_BEFORE) or after(match, RESULT_AFTER):
        return None
    first = _time(match["first"], (match["half"] or match["half_before"] or "").lower())
    return Said(f"{first}から{_time(match['last'])}" if match["last"] else first)


def _time(written: str, half: str = "") -> str:
    hour, minute, *second = written.split(":")
    said = {"a": "午前", "p": "午後", "": ""}[half[:1]] + cardinal(str(int(hour)), zero="零") + "時"
    if minute != "00" or second:
        said += minutes(str(int(minute)))
    return said + (f"{cardinal(str(int(second[0])))}秒" if second else "")


def _padded(match: re.Match[str]) -> Token | None:
    return Said(cardinal(match[0][1]))


def _padded_minutes(match: re.Match[str]) -> Token:
    return Said(minutes(match["minute"]))


_YMD: Final = r"(?<![0-9])(?P<year>1[0-9]{3}|20[0-9]{2})"
_MD: Final = "(?P<month>1[0-2]|0?[1-9])"
FORMS: Final = (
    Form(rf"{_YMD}[-/.]{_MD}[-/.](?P<day>3[01]|[12][0-9]|0?[1-9])(?![0-9])(?!\.[0-9])", _date),
    Form(rf"{_YMD}[-/](?P<month>0[1-9]|1[0-2])(?P<day>)(?![-/0-9])(?= ?(?:[^0-9-]|$))", _date),
    Form(rf"(?<![0-9]){_MD} ?月 ?0?1 ?日(?![間中目]|本)", _first_day),
    Form(rf"(?<![0-9.])(?P<year>1[5-9][0-9]{{2}}|20[0-9]{{2}}) ?{TO} ?(?P<last>1[5-9][0-9]{{2}}|20[0-9]{{2}})(?![0-9.])", _years),
    Form(
        rf"(?<![0-9:])(?:(?P<half_before>[AaPp]\.?[Mm]\.?) ?)?(?P<first>{_TIME})(?: ?(?P<half>[AaPp]\.?[Mm]\.?)(?![A-Za-z]))?(?: ?{TO} ?(?P<last>{_TIME}))?",
        _times,
    ),
    Form("(?<![0-9.])0(?P<minute>[1-9]) ?分(?!の)", _padded_minutes),
    Form("(?<![0-9.])0[1-9](?= ?[月日時秒])", _padded),
    Form(r"(?<![0-9./])(?P<month>[01]?[0-9])/(?P<day>[0-3]?[0-9])(?![0-9/.%])", _short_date),
)

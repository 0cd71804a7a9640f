"""Korean dates and times that are written in figures and signs."""

import re
from typing import Final

from ttsd.text.verbal.cjk import TO, after, before, is_day
from ttsd.text.verbal.korean.counting import hour, month
from ttsd.text.verbal.korean.numerals import cardinal
from ttsd.text.verbal.korean.words import DATE_AFTER, DATE_BEFORE, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form

_TIME: Final = "(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9])?(?![0-9:])"


def _date(match: re.Match[str]) -> Token | None:
    if not is_day(match["month"], match["day"] or "1"):
        return None
    day = f" {cardinal(str(int(match['day'])))} 일" if match["day"] else ""
    return Said(f"{cardinal(match['year'])} 년 {month(match['month'])}{day}")


def _short_date(match: re.Match[str]) -> Token | None:
    first, last = int(match["month"]), int(match["day"])
    padded = match["month"][0] == "0" or match["day"][0] == "0"
    likely = first >= last or last > 12 or padded or before(match, DATE_BEFORE) or after(match, DATE_AFTER)
    return Said(f"{month(match['month'])} {cardinal(str(last))} 일") if likely and is_day(match["month"], match["day"]) else None


def _years(match: re.Match[str]) -> Token:
    first, last = cardinal(match["year"]), cardinal(match["last"])
    return Said(f"{first} 년에서 {last} 년" if "년" in match[0] else f"{first}에서 {last}")


def _times(match: re.Match[str]) -> Token | None:
    if before(match, RESULT_BEFORE) or after(match, RESULT_AFTER):
        return None
    first = _time(match["first"], (match["half"] or match["half_before"] or "").lower())
    return Said(f"{first}에서 {_time(match['last'])}" if match["last"] else first)


def _time(written: str, half: str = "") -> str:
    figures, minute, *second = written.split(":")
    said = {"a": "오전 ", "p": "오후 ", "": ""}[half[:1]] + f"{hour(figures)} 시"
    if minute != "00" or second:
        said += f" {cardinal(str(int(minute)))} 분"
    return said + (f" {cardinal(str(int(second[0])))} 초" if second else "")


_YMD: Final = r"(?<![0-9])(?P<year>1[0-9]{3}|20[0-9]{2})"
_MD: Final = "(?P<month>1[0-2]|0?[1-9])"
FORMS: Final = (
    Form(rf"{_YMD}(?:[-/]|\. ?){_MD}(?:[-/]|\. ?)(?P<day>3[01]|[12][0-9]|0?[1-9])(?![0-9])(?:\.(?![0-9]))?", _date),
    Form(rf"{_YMD}[-/](?P<month>0[1-9]|1[0-2])(?P<day>)(?![-/0-9])(?= ?(?:[^0-9-]|$))", _date),
    Form(rf"(?<![0-9.])(?P<year>1[5-9][0-9]{{2}}|20[0-9]{{2}}) ?{TO} ?(?P<last>1[5-9][0-9]{{2}}|20[0-9]{{2}})(?![0-9.])(?: ?년(?!대))?", _years),
    Form(
        rf"(?<![0-9:])(?:(?P<half_before>[AaPp]\.?[Mm]\.?) ?)?(?P<first>{_TIME})(?: ?(?P<half>[AaPp]\.?[Mm]\.?)(?![A-Za-z]))?(?: ?{TO} ?(?P<last>{_TIME}))?",
        _times,
    ),
    Form(r"(?<![0-9./])(?P<month>[01]?[0-9])/(?P<day>[0-3]?[0-9])(?![0-9/.%])", _short_date),
)

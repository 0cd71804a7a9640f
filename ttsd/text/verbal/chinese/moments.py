"""Chinese years, dates and times."""

import re
from typing import Final

from ttsd.text.verbal.chinese.numerals import by_digit, cardinal, number
from ttsd.text.verbal.chinese.words import (
    DATE_AFTER,
    DATE_BEFORE,
    DURATION,
    MEASURE,
    RESULT_AFTER,
    RESULT_BEFORE,
    YEAR_AFTER,
    YEAR_BEFORE,
)
from ttsd.text.verbal.cjk import TO, after, before, is_day
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form

_TIME: Final = "(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9])?(?![0-9:])"
_COUNTED: Final = re.compile(rf" ?(?:{MEASURE}|多|余|万|亿|%)")


def _date(match: re.Match[str]) -> Token | None:
    if not is_day(match["month"], match["day"] or "1"):
        return None
    day = f"{cardinal(match['day'].lstrip('0'))}日" if match["day"] else ""
    return Said(f"{by_digit(match['year'])}年{cardinal(match['month'].lstrip('0'))}月{day}")


def _short_date(match: re.Match[str]) -> Token | None:
    if not is_day(match["month"], match["day"]):
        return None
    month, day = int(match["month"]), int(match["day"])
    zero_padded = match["month"][0] == "0" or match["day"][0] == "0"
    likely = month >= day or day > 12 or zero_padded
    if not (likely or before(match, DATE_BEFORE) or after(match, DATE_AFTER)):
        return None
    return Said(f"{cardinal(str(month))}月{cardinal(str(day))}日")


def _days(match: re.Match[str]) -> Token:
    return Said(f"{cardinal(match['first'].lstrip('0') or '0')}到{cardinal(match['last'].lstrip('0') or '0')}")


def _year(match: re.Match[str]) -> Token | None:
    year = int(match["year"])
    if not 1000 <= year < 2200 or (year % 100 == 0 and after(match, DURATION)):
        return None
    return Said(by_digit(match["year"]))


def _years(match: re.Match[str]) -> Token:
    return Said(f"{by_digit(match['year'])}到{by_digit(match['last'])}")


def _old_year(match: re.Match[str]) -> Token:
    return Said(by_digit(match["year"]))


def _short_year(match: re.Match[str]) -> Token | None:
    near_month = match.string[match.end() : match.end() + 4]
    if match["year"] >= "70" and after(match, DURATION):
        return None
    is_year = match["year"] >= "70" or match["year"][0] == "0" or re.match(r" ?年 ?[01]?[0-9] ?月", near_month + "月")
    return Said(by_digit(match["year"])) if is_year and len(match["year"]) == 2 else None


def _bare_year(match: re.Match[str]) -> Token | None:
    if after(match, YEAR_AFTER) or (before(match, YEAR_BEFORE) and not after(match, _COUNTED)):
        return Said(by_digit(match[0]))
    return None


def _generation(match: re.Match[str]) -> Token:
    return Said(by_digit(match[0]))


def _times(match: re.Match[str]) -> Token | None:
    if before(match, RESULT_BEFORE) or after(match, RESULT_AFTER):
        return None
    first = _time(match["first"], match["half"] or "")
    return Said(f"{first}到{_time(match['last'])}" if match["last"] else first)


def _time(written: str, half: str = "") -> str:
    hour, minute, *second = written.split(":")
    said = {"a": "上午", "p": "下午", "": ""}[half[:1].lower()]
    said += number(str(int(hour)), two="两") + "点"
    if minute != "00" or second:
        said += f"{cardinal_of_clock(minute)}分"
    return said + (f"{cardinal_of_clock(second[0])}秒" if second else "")


def cardinal_of_clock(figures: str) -> str:
    """Minutes or seconds: a zero before them is said."""
    return cardinal(figures) if figures != "00" else "零"


def _clock(match: re.Match[str]) -> Token:
    return Said(cardinal_of_clock(match[0]))


def _padded(match: re.Match[str]) -> Token:
    digit = match[0][1]
    two = "两" if after(match, re.compile(" ?[点时]")) else "二"
    return Said(number(digit, two=two))


_YMD: Final = r"(?<![0-9])(?P<year>1[0-9]{3}|20[0-9]{2})"
_MD: Final = "(?P<month>1[0-2]|0?[1-9])"
FORMS: Final = (
    Form(rf"{_YMD}[-/.]{_MD}[-/.](?P<day>3[01]|[12][0-9]|0?[1-9])(?![0-9])(?!\.[0-9])", _date),
    Form(rf"{_YMD}[-/](?P<month>0[1-9]|1[0-2])(?P<day>)(?![-/0-9])(?= ?(?:[^0-9-]|$))", _date),
    Form(r"(?<![0-9])(?P<year>[12][0-9]{3})(?= ?年(?!以?[内]))", _year),
    Form(rf"(?<![0-9.])(?P<year>1[5-9][0-9]{{2}}|20[0-9]{{2}}) ?{TO} ?(?P<last>1[5-9][0-9]{{2}}|20[0-9]{{2}})(?![0-9.])(?! ?(?:元|人|万|米|块|个|克|毫|公|千))", _years),
    Form("(?<=公元)(?P<year>[0-9]{1,4})(?= ?年)|(?<=公元前)(?P<old>[0-9]{1,4})(?= ?年)", lambda m: Said(by_digit(m[0]))),
    Form(r"(?<![0-9.])(?P<year>[0-9]{2})(?= ?年(?!代|级))", _short_year),
    Form("(?<![0-9])[0-9]0(?= ?年代)", lambda m: Said("零零" if m[0] == "00" else cardinal(m[0]))),
    Form("(?<![0-9.])(?:[5-9][05]|0[05]|10)(?= ?后(?![天来续面]))", _generation),
    Form("(?<![0-9.])(?:1[89][0-9]{2}|20[0-9]{2})(?![0-9.,:/~×*-]|年)", _bare_year),
    Form(rf"(?<![0-9:])(?P<first>{_TIME})(?: ?(?P<half>[AaPp]\.?[Mm]\.?)(?![A-Za-z]))?(?: ?{TO} ?(?P<last>{_TIME}))?", _times),
    Form("(?<![0-9.])0[1-9](?= ?[月日号时点])", _padded),
    Form("(?<=[点时])(?:[0-5][0-9])(?= ?分|[^0-9万亿]|$)|(?<=分)[0-5][0-9](?= ?秒)", _clock),
    Form(r"(?<![0-9./])(?P<month>[01]?[0-9])/(?P<day>[0-3]?[0-9])(?![0-9/.%])", _short_date),
)

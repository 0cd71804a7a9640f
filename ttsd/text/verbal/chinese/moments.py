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
from ttsd.text.verbal.cjk_forms import Around, after, before, date_form, day_form, month_form, time_form, years_form
from ttsd.text.verbal.cjk_moments import Moments, years
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form

_COUNTED: Final = re.compile(rf" ?(?:{MEASURE}|多|余|万|亿|%)")
_MONTH_AFTER: Final = re.compile(r" ?年 ?[01]?[0-9] ?月")
_HOUR_AFTER: Final = re.compile(" ?[点时]")


def _plain(figures: str) -> str:
    return cardinal(str(int(figures)))


def _figures(match: re.Match[str]) -> Token:
    return Said(by_digit(match[0]))


def _year(match: re.Match[str]) -> Token | None:
    year = int(match[0])
    lasts = year % 100 == 0 and after(match, DURATION)
    return Said(by_digit(match[0])) if year < 2200 and not lasts else None


def _short_year(match: re.Match[str]) -> Token | None:
    """`98年`, `08年`; `30年` is a time."""
    if match[0] >= "70":
        return None if after(match, DURATION) else Said(by_digit(match[0]))
    return Said(by_digit(match[0])) if match[0][0] == "0" or after(match, _MONTH_AFTER) else None


def _bare_year(match: re.Match[str]) -> Token | None:
    if after(match, YEAR_AFTER) or (before(match, YEAR_BEFORE) and not after(match, _COUNTED)):
        return Said(by_digit(match[0]))
    return None


def _clock(figures: str) -> str:
    """Minutes or seconds: a zero before them is said."""
    return cardinal(figures) if figures != "00" else "零"


def _padded(match: re.Match[str]) -> Token:
    return Said(number(match[0][1], two="两" if after(match, _HOUR_AFTER) else "二"))


_MOMENTS: Final = Moments(
    year=lambda figures: f"{by_digit(figures)}年",
    month=lambda figures: f"{_plain(figures)}月",
    day=lambda figures: f"{_plain(figures)}日",
    hour=lambda figures: number(str(int(figures)), two="两") + "点",
    minute=lambda figures: f"{_clock(figures)}分",
    second=lambda figures: f"{_clock(figures)}秒",
    am="上午",
    pm="下午",
    to="到",
    dated=Around(DATE_BEFORE, DATE_AFTER),
    result=Around(RESULT_BEFORE, RESULT_AFTER),
)
FORMS: Final = (
    date_form(_MOMENTS.date),
    month_form(_MOMENTS.date),
    Form("(?<![0-9])[12][0-9]{3}(?= ?年(?!以?内))", _year),
    years_form(years(by_digit, "到"), "(?! ?[元人万米块个克毫公千])"),
    Form("(?<=公元)[0-9]{1,4}(?= ?年)|(?<=公元前)[0-9]{1,4}(?= ?年)", _figures),
    Form("(?<![0-9.])[0-9]{2}(?= ?年(?![代级]))", _short_year),
    Form("(?<![0-9])00(?= ?年代)", _figures),
    Form("(?<![0-9.])(?:[5-9][05]|0[05]|10)(?= ?后(?![天来续面]))", _figures),
    Form("(?<![0-9.])(?:1[89][0-9]{2}|20[0-9]{2})(?![0-9.,:/~×*-]|年)", _bare_year),
    time_form(_MOMENTS.times),
    Form("(?<![0-9.])0[1-9](?= ?[月日号时点])", _padded),
    Form("(?<=[0-9][点时])2(?= ?分(?!之))", lambda _: Said("二")),
    Form("(?<=[点时])[0-5][0-9](?= ?分|[^0-9万亿]|$)|(?<=分)[0-5][0-9](?= ?秒)", lambda m: Said(_clock(m[0]))),
    day_form(_MOMENTS.short_date),
)

"""Japanese years, dates and times."""

import re
from typing import Final

from ttsd.text.verbal.cjk_forms import (
    after,
    before,
    date_form,
    day_form,
    is_day,
    looks_like_day,
    month_form,
    time_form,
    years_form,
)
from ttsd.text.verbal.japanese.numerals import cardinal
from ttsd.text.verbal.japanese.quantities import minutes
from ttsd.text.verbal.japanese.words import DATE_AFTER, DATE_BEFORE, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form

_HOUR: Final = "[01]?[0-9]|2[0-9]"
"""Programmes of the night are on at 25:00."""


def _plain(figures: str) -> str:
    return cardinal(str(int(figures)))


def _day(figures: str) -> str:
    """A day of a month; the first in kana, since 四月一日 is a surname too."""
    return "ついたち" if int(figures) == 1 else f"{_plain(figures)}日"


def _date(match: re.Match[str]) -> Token | None:
    if not is_day(match["month"], match["day"]):
        return None
    day = _day(match["day"]) if match["day"] else ""
    return Said(f"{cardinal(match['year'])}年{_plain(match['month'])}月{day}")


def _short_date(match: re.Match[str]) -> Token | None:
    month, day = match["month"], match["day"]
    likely = looks_like_day(month, day) or before(match, DATE_BEFORE) or after(match, DATE_AFTER)
    return Said(f"{_plain(month)}月{_day(day)}") if likely and is_day(month, day) else None


def _first_day(match: re.Match[str]) -> Token:
    return Said(f"{_plain(match['month'])}月ついたち")


def _years(match: re.Match[str]) -> Token | None:
    if match["year"] >= match["last"]:
        return None
    return Said(f"{cardinal(match['year'])}から{cardinal(match['last'])}")


def _times(match: re.Match[str]) -> Token | None:
    if before(match, RESULT_BEFORE) or after(match, RESULT_AFTER):
        return None
    first = _time(match["first"], match["early"] or match["half"] or "")
    return Said(f"{first}から{_time(match['last'])}" if match["last"] else first)


def _time(written: str, half: str = "") -> str:
    hour, minute, *second = written.split(":")
    said = {"a": "午前", "p": "午後", "": ""}[half[:1].lower()] + cardinal(str(int(hour)), zero="零") + "時"
    if minute != "00" or second:
        said += minutes(str(int(minute)))
    return said + (f"{_plain(second[0])}秒" if second else "")


FORMS: Final = (
    date_form(_date),
    month_form(_date),
    Form("(?<![0-9])(?P<month>1[0-2]|0?[1-9]) ?月 ?0?1 ?日(?![間中目]|本)", _first_day),
    years_form(_years),
    time_form(_times, _HOUR),
    Form("(?<![0-9.])0(?P<minute>[1-9]) ?分(?!の)", lambda m: Said(minutes(m["minute"]))),
    Form("(?<![0-9.])0[1-9](?= ?[月日時秒])", lambda m: Said(_plain(m[0]))),
    day_form(_short_date),
)

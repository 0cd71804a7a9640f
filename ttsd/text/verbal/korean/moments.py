"""Korean dates and times that are written in figures and signs."""

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
from ttsd.text.verbal.korean.counting import hour, month
from ttsd.text.verbal.korean.numerals import cardinal
from ttsd.text.verbal.korean.words import DATE_AFTER, DATE_BEFORE, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form


def _plain(figures: str) -> str:
    return cardinal(str(int(figures)))


def _date(match: re.Match[str]) -> Token | None:
    if not is_day(match["month"], match["day"]):
        return None
    day = f" {_plain(match['day'])} 일" if match["day"] else ""
    return Said(f"{cardinal(match['year'])} 년 {month(match['month'])}{day}")


def _short_date(match: re.Match[str]) -> Token | None:
    first, last = match["month"], match["day"]
    likely = looks_like_day(first, last) or before(match, DATE_BEFORE) or after(match, DATE_AFTER)
    return Said(f"{month(first)} {_plain(last)} 일") if likely and is_day(first, last) else None


def _years(match: re.Match[str]) -> Token | None:
    if match["year"] >= match["last"]:
        return None
    year = " 년" if match["counter"] else ""
    return Said(f"{cardinal(match['year'])}{year}에서 {cardinal(match['last'])}{year}")


def _times(match: re.Match[str]) -> Token | None:
    if before(match, RESULT_BEFORE) or after(match, RESULT_AFTER):
        return None
    first = _time(match["first"], match["early"] or match["half"] or "")
    return Said(f"{first}에서 {_time(match['last'])}" if match["last"] else first)


def _time(written: str, half: str = "") -> str:
    figures, minute, *second = written.split(":")
    said = {"a": "오전 ", "p": "오후 ", "": ""}[half[:1].lower()] + f"{hour(figures)} 시"
    if minute != "00" or second:
        said += f" {_plain(minute)} 분"
    return said + (f" {_plain(second[0])} 초" if second else "")


FORMS: Final = (
    date_form(_date),
    Form(
        r"(?<![0-9])(?P<year>1[0-9]{3}|20[0-9]{2})\. ?(?P<month>1[0-2]|0?[1-9])\. ?"
        r"(?P<day>3[01]|[12][0-9]|0?[1-9])(?![0-9])(?:\.(?![0-9]))?",
        _date,
    ),
    month_form(_date),
    years_form(_years, "(?P<counter> ?년(?!대))?"),
    time_form(_times),
    day_form(_short_date),
)

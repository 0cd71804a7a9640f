"""Korean dates and times that are written in figures and signs."""

from typing import Final

from ttsd.text.verbal.cjk_forms import Around, date_form, day_form, month_form, time_form, years_form
from ttsd.text.verbal.cjk_moments import Moments, years
from ttsd.text.verbal.korean.counting import hour, month
from ttsd.text.verbal.korean.numerals import cardinal
from ttsd.text.verbal.korean.words import DATE_AFTER, DATE_BEFORE, RESULT_AFTER, RESULT_BEFORE
from ttsd.text.verbal.writing import Form


def _plain(figures: str) -> str:
    return cardinal(str(int(figures)))


_MOMENTS: Final = Moments(
    year=lambda figures: f"{cardinal(figures)} 년 ",
    month=month,
    day=lambda figures: f" {_plain(figures)} 일",
    hour=lambda figures: f"{hour(figures)} 시",
    minute=lambda figures: f" {_plain(figures)} 분",
    second=lambda figures: f" {_plain(figures)} 초",
    am="오전 ",
    pm="오후 ",
    to="에서 ",
    dated=Around(DATE_BEFORE, DATE_AFTER),
    result=Around(RESULT_BEFORE, RESULT_AFTER),
)
FORMS: Final = (
    date_form(_MOMENTS.date),
    Form(
        r"(?<![0-9])(?P<year>1[0-9]{3}|20[0-9]{2})\. ?(?P<month>1[0-2]|0?[1-9])\. ?"
        r"(?P<day>3[01]|[12][0-9]|0?[1-9])(?![0-9])(?:\.(?![0-9]))?",
        _MOMENTS.date,
    ),
    month_form(_MOMENTS.date),
    years_form(years(cardinal, "에서 ", " 년"), "(?P<counter> ?년(?!대))?"),
    time_form(_MOMENTS.times),
    day_form(_MOMENTS.short_date),
)

"""Japanese years, dates and times."""

import re
from typing import Final

from ttsd.text.verbal.cjk_forms import Around, date_form, day_form, month_form, time_form, years_form
from ttsd.text.verbal.cjk_moments import Moments, years
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


def _first_day(match: re.Match[str]) -> Token:
    return Said(f"{_plain(match['month'])}月ついたち")


_MOMENTS: Final = Moments(
    year=lambda figures: f"{cardinal(figures)}年",
    month=lambda figures: f"{_plain(figures)}月",
    day=_day,
    hour=lambda figures: cardinal(str(int(figures)), zero="零") + "時",
    minute=lambda figures: minutes(str(int(figures))),
    second=lambda figures: f"{_plain(figures)}秒",
    am="午前",
    pm="午後",
    to="から",
    dated=Around(DATE_BEFORE, DATE_AFTER),
    result=Around(RESULT_BEFORE, RESULT_AFTER),
)
FORMS: Final = (
    date_form(_MOMENTS.date),
    month_form(_MOMENTS.date),
    Form("(?<![0-9])(?P<month>1[0-2]|0?[1-9]) ?月 ?0?1 ?日(?![間中目]|本)", _first_day),
    years_form(years(cardinal, "から")),
    time_form(_MOMENTS.times, _HOUR),
    Form("(?<![0-9.])0(?P<minute>[1-9]) ?分(?!の)", lambda m: Said(minutes(m["minute"]))),
    Form("(?<![0-9.])0[1-9](?= ?[月日時秒])", lambda m: Said(_plain(m[0]))),
    day_form(_MOMENTS.short_date),
)

"""Years, dates and times that are written in figures and signs, as Chinese, Japanese and Korean say them."""

import re
from collections.abc import Callable

import msgspec

from ttsd.text.verbal.cjk_forms import Around, Build, is_day, looks_like_day
from ttsd.text.verbal.tokens import Said, Token

Say = Callable[[str], str]
"""From figures to words."""


class Moments(msgspec.Struct, frozen=True, kw_only=True):
    """How a language says what the forms of moments matched; each function adds its 年, 月 and so on."""

    year: Say
    month: Say
    day: Say
    hour: Say
    minute: Say
    second: Say
    am: str
    pm: str
    to: str
    """Between the ends of a range."""
    dated: Around
    """Shows a date where a share would be as likely."""
    result: Around
    """Shows a result, such as that of a match, where a time would be as likely."""

    def date(self, match: re.Match[str]) -> Token | None:
        """What `date_form` or `month_form` matched."""
        if not is_day(match["month"], match["day"]):
            return None
        day = self.day(match["day"]) if match["day"] else ""
        return Said(self.year(match["year"]) + self.month(match["month"]) + day)

    def short_date(self, match: re.Match[str]) -> Token | None:
        """What `day_form` matched."""
        month, day = match["month"], match["day"]
        likely = looks_like_day(month, day) or self.dated.shows(match)
        return Said(self.month(month) + self.day(day)) if likely and is_day(month, day) else None

    def times(self, match: re.Match[str]) -> Token | None:
        """What `time_form` matched."""
        if self.result.shows(match):
            return None
        first = self._time(match["first"], match["early"] or match["half"] or "")
        return Said(f"{first}{self.to}{self._time(match['last'])}" if match["last"] else first)

    def _time(self, written: str, half: str = "") -> str:
        hour, minute, *second = written.split(":")
        said = {"a": self.am, "p": self.pm, "": ""}[half[:1].lower()] + self.hour(hour)
        if minute != "00" or second:
            said += self.minute(minute)
        return said + (self.second(second[0]) if second else "")


def years(say: Say, to: str, counter: str = "") -> Build:
    """For `years_form`: from one year to a later one, each with `counter` where the group of that name matched."""

    def build(match: re.Match[str]) -> Token | None:
        behind = counter if counter and match["counter"] else ""
        is_range = match["year"] < match["last"]
        return Said(f"{say(match['year'])}{behind}{to}{say(match['last'])}{behind}") if is_range else None

    return build

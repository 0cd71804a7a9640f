"""The written forms of dates, times of day, years and decades."""

import re
from typing import Final

from ttsd.text.verbal.tokens import Date, Decade, Time, Times, Token, Year
from ttsd.text.verbal.writing import DASH, EDGE, END, LETTER, Form, Writing, one_of

_DAYS: Final = 31


def date_forms(writing: Writing) -> list[Form]:
    """Dates in figures and with the month's name."""
    return [*_named_dates(writing), *_numeric_dates(writing)]


def _named_dates(writing: Writing) -> list[Form]:
    month = rf"(?P<month>(?i:{one_of(writing.months)}))\.?{END}"
    day = rf"(?P<day>[0-9]{{1,2}})(?:{writing.day_mark})"
    last = rf"(?:(?:{DASH})(?P<last>[0-9]{{1,2}})(?:{writing.day_mark}))?"
    year = rf"(?:{writing.before_year})(?P<year>[12][0-9]{{3}}){END}"

    def named(match: re.Match[str]) -> Token | None:
        return _date(match, writing.months[match["month"].lower()], named=True)

    forms = [Form(rf"{EDGE}{day}{last}(?:{writing.of}){month}(?:{year})?", named)]
    if writing.month_first:
        forms.append(Form(rf"{EDGE}{month} {day}{last}{END}(?:{year})?", named))
    return [*forms, Form(rf"{EDGE}{month}{year}", named)]


def _numeric_dates(writing: Writing) -> list[Form]:
    one, two = r"[0-9]{1,2}", "[0-9]{4}|[0-9]{2}"
    order = {
        "dmy": rf"(?P<day>{one})S(?P<month>{one})S(?P<year>{two})",
        "mdy": rf"(?P<month>{one})S(?P<day>{one})S(?P<year>{two})",
        "ymd": rf"(?P<year>[0-9]{{4}})S(?P<month>{one})S(?P<day>{one})",
    }

    def numeric(match: re.Match[str]) -> Token | None:
        return _date(match, int(match["month"]), named=False) or _other_order(match)

    iso = r"(?P<year>[12][0-9]{3})-(?P<month>[01][0-9])-(?P<day>[0-3][0-9])"
    forms = [Form(rf"{EDGE}{iso}(?:{END}|(?=T[0-9]))", numeric)]
    for mark in writing.date_marks:
        pattern = order[writing.date_order].replace("S", re.escape(mark))
        forms.append(Form(rf"{EDGE}{pattern}(?!{re.escape(mark)}[0-9]){END}", numeric))
    return forms


def _date(match: re.Match[str], month: int, *, named: bool) -> Token | None:
    found = match.groupdict()
    day, last, year = (int(found[key]) if found.get(key) else None for key in ("day", "last", "year"))
    if not 1 <= month <= 12 or not (day is None or 1 <= day <= _DAYS) or not (last is None or 1 <= last <= _DAYS):
        return None
    if year is not None and len(found["year"] or "") == 2:
        year += 2000 if year < 70 else 1900
    month_first = day is not None and match.start("month") < match.start("day")
    return Date(month, day, year, last, named, month_first)


def _other_order(match: re.Match[str]) -> Token | None:
    """`14/07/1789` where the month comes first: it can only be a day."""
    day, month, year = int(match["day"]), int(match["month"]), match["year"]
    if len(year) == 4 and 12 < month <= _DAYS and 1 <= day <= 12:
        return Date(day, month, int(year))
    return None


def time_forms(writing: Writing) -> list[Form]:
    """Times of day and spans of them."""
    mark = rf" ?(?P<mark>(?i:{writing.clock_mark}))(?![{LETTER}])" if writing.clock_mark else "(?P<mark>(?!))"
    points = ":." if writing.clock_dot else ":"
    marked = rf"(?P<hour>[0-2]?[0-9])(?:[{points}](?P<minute>[0-5][0-9]))?"
    forms = [
        Form(rf"{EDGE}{marked.replace('P<', 'P<from_')}{DASH}{marked}{mark}", _times),
        Form(rf"{EDGE}{marked}{mark}", _time),
        Form(
            rf"{EDGE}(?P<from_hour>[0-2]?[0-9]):(?P<from_minute>[0-5][0-9]){DASH}(?P<hour>[0-2]?[0-9]):(?P<minute>[0-5][0-9])(?P<mark>){END}",
            _times,
        ),
        Form(
            rf"(?:{EDGE}|(?<=[0-9]T))(?P<hour>[0-2]?[0-9]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9]))?(?:{mark})?{END}",
            _time,
        ),
    ]
    if writing.clock_h:
        h = r"(?P<hour>[0-2]?[0-9]) ?(?P<mark>h) ?(?P<minute>[0-5][0-9])?"
        forms.append(Form(rf"{EDGE}{h}{END}", _time))
    return forms


def _time(match: re.Match[str]) -> Token | None:
    found = match.groupdict()
    hour, minute, second = (int(found[key]) if found.get(key) else None for key in ("hour", "minute", "second"))
    if hour is None or hour > 24:
        return None
    return Time(hour, minute, second, _plain(found.get("mark")))


def _times(match: re.Match[str]) -> Token | None:
    first, last, mark = int(match["from_hour"]), int(match["hour"]), _plain(match["mark"])
    if first > 24 or last > 24:
        return None
    minutes = [int(minute) if minute else None for minute in (match["from_minute"], match["minute"])]
    return Times(Time(first, minutes[0]), Time(last, minutes[1], mark=mark))


def _plain(mark: str | None) -> str:
    return re.sub(r"[. \u00a0]", "", mark or "").lower()


def year_forms() -> list[Form]:
    """Years and runs of years."""
    after = rf"(?![0-9{LETTER}:/]|[.,][0-9]|[-–][0-9])"
    year = r"(?P<year>1[1-9][0-9]{2}|20[0-9]{2})"
    return [
        Form(rf"{EDGE}{year}{DASH}(?P<last>1[1-9][0-9]{{2}}|20[0-9]{{2}}|[0-9]{{2}}){after}", _years),
        Form(rf"{EDGE}{year}{after}", lambda m: Year(int(m["year"]))),
    ]


def decade_forms(writing: Writing) -> list[Form]:
    """Decades, with and without their century."""
    if not writing.decade:
        return []
    mark = rf"['’]?(?P<mark>{writing.decade}){END}"
    return [
        Form(rf"{EDGE}(?P<year>[12][0-9]{{2}}0){mark}", _decade),
        Form(rf"(?<![0-9{LETTER}])(?:['’‘])?(?P<year>[1-9]0){mark}", _decade),
    ]


def _years(match: re.Match[str]) -> Token | None:
    first, last = int(match["year"]), int(match["last"])
    if len(match["last"]) == 2:
        whole = first - first % 100 + last
        return Year(first, last) if whole > first else None
    return Year(first, last) if last > first else None


def _decade(match: re.Match[str]) -> Token:
    return Decade(int(match["year"]), match["mark"])

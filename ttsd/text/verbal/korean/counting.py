"""Korean numbers before counters: native or Sino-Korean by the counter, and by what is said around it."""

import re
from typing import Final

from ttsd.text.verbal.cjk import MINUS, NUMBER, TO, after, before
from ttsd.text.verbal.korean.amounts import SCALE, amounts, scaled, says
from ttsd.text.verbal.korean.numerals import a_few, cardinal, native, number
from ttsd.text.verbal.korean.words import AGES_AFTER, NATIVE, SINO, TIMES_AFTER, TIMES_BEFORE, VEHICLES_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form

_WHOLE: Final = "[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,16}"
_PAIR: Final = rf"(?<![0-9제])(?<![0-9][.,])(?P<a>{_WHOLE})(?: ?{TO} ?(?P<b>{_WHOLE}))?(?![0-9.,])"
_MONTHS: Final = {6: "유", 10: "시"}
_NTH: Final = {1: "첫", 2: "둘", 3: "셋", 4: "넷"}
_HOURS: Final = "시(?!간|즌|리|장|청|민|립|험|스|도|티|절|선|계|대)"


def hour(figures: str) -> str:
    """An hour of the day: native up to twelve, Sino-Korean on the clock of 24 hours."""
    value = int(figures)
    return native(str(value)) if 1 <= value <= 12 else cardinal(str(value))


def month(figures: str) -> str:
    """A month's name."""
    value = int(figures)
    return _MONTHS.get(value, cardinal(str(value))) + "월"


def _native(match: re.Match[str]) -> Token | None:
    return _native_words(match["a"].replace(",", ""), (match["b"] or "").replace(",", ""), match["counter"])


def _native_words(first: str, last: str, counter: str) -> Token | None:
    if first[0] == "0" and len(first) > 1:
        return None
    if not last:
        return Said(f"{native(first)} {counter}")
    few = a_few(int(first), int(last))
    return Said(f"{few or f'{native(first)} {counter}에서 {native(last)}'} {counter}")


def _nth(match: re.Match[str]) -> Token:
    value = int(match["a"])
    return Said(f"{'첫' if value == 1 else native(str(value))} 번째")


def _short_nth(match: re.Match[str]) -> Token:
    return Said(_NTH[int(match["a"])] + "째")


def _times(match: re.Match[str]) -> Token | None:
    """`3번` as times; a number of something is left to the form for Sino-Korean."""
    counts = before(match, TIMES_BEFORE) or TIMES_AFTER.match(match.string, match.end() - 1)
    return _native_words(match["a"].replace(",", ""), match["b"] or "", "번") if counts else None


def _machines(match: re.Match[str]) -> Token | None:
    """`10대` as machines; as people in their teens it is left to the form for Sino-Korean."""
    figures = match["a"].replace(",", "")
    is_age = figures[-1] == "0" and len(figures) == 2 and not before(match, VEHICLES_BEFORE)
    if is_age or AGES_AFTER.match(match.string, match.end() - 1):
        return None
    return _native_words(figures, (match["b"] or "").replace(",", ""), "대")


def _hours_long(match: re.Match[str]) -> Token:
    last = match["b"] or match["a"]
    say = native if int(last) < 20 else cardinal
    if match["b"] and (few := a_few(int(match["a"]), int(last))):
        return Said(f"{few} 시간")
    return Said(f"{say(match['a'])} 시간에서 {say(last)} 시간" if match["b"] else f"{say(last)} 시간")


def _hour(match: re.Match[str]) -> Token:
    return Said(f"{hour(match['a'])} 시에서 {hour(match['b'])} 시" if match["b"] else f"{hour(match['a'])} 시")


def _month(match: re.Match[str]) -> Token | None:
    if not 1 <= int(match["a"]) <= 12:
        return None
    return Said(f"{month(match['a'])}에서 {month(match['b'])}" if match["b"] else month(match["a"]))


def _sino(match: re.Match[str]) -> Token:
    counter = match["counter"]
    gap = "" if counter in {"주일", "자리"} else " "
    if not match["b"] or match["scale"] or match["last_scale"] or counter in {"만", "원"}:
        return Said(says(match, money=counter == "원") + gap + counter)
    first, last = match["a"], match["b"]
    is_day_of_month = before(match, re.compile("월 ?$"))
    if a_few(int(float(first.replace(",", ""))), int(float(last.replace(",", "")))) and "." not in first + last and not is_day_of_month:
        return Said(f"{number(first)}{number(last)}{gap}{counter}")
    return Said(f"{scaled(match['sign'], first, None)}{gap}{counter}에서 {number(last)}{gap}{counter}")


def _padded(match: re.Match[str]) -> Token:
    return Said(cardinal(match[0].strip()[1]) + " ")


def _scaled_before_figures(match: re.Match[str]) -> Token:
    return Said(f"{scaled(match['sign'], match['a'], match['scale'])} ")


def _before_native(match: re.Match[str]) -> Token:
    return Said(f"{says(match)} ")


FORMS: Final = (
    Form(r"(?<![0-9.,])(?P<a>[0-9]{1,4}) ?번째", _nth),
    Form(r"(?<![0-9.,])(?P<a>[1-4])째(?!로)", _short_nth),
    Form(r"(?<![0-9.,])0[1-9] ?(?=[일분초시])", _padded),
    Form(rf"(?<![0-9.,])(?P<a>[01]?[0-9])(?: ?{TO} ?(?P<b>1[0-2]|[1-9]))? ?월(?!드|급|세|요|간)", _month),
    Form(rf"(?<![0-9.,])(?P<a>[0-9]{{1,3}})(?: ?{TO} ?(?P<b>[0-9]{{1,3}}))? ?시간", _hours_long),
    Form(rf"(?<![0-9.,])(?P<a>[01]?[0-9]|2[0-4])(?: ?{TO} ?(?P<b>[01]?[0-9]|2[0-4]))? ?{_HOURS}", _hour),
    Form(rf"{_PAIR} ?번(?!호|지|길|역|갈|영|개)", _times),
    Form(rf"{_PAIR} ?대(?!표|학|비|회|신|한|략|로|에서)", _machines),
    Form(rf"{_PAIR} ?(?P<counter>{NATIVE})", _native),
    Form(rf"{amounts()} ?(?P<counter>{SINO})", _sino),
    Form(rf"(?P<sign>(?<![0-9A-Za-z)])[{MINUS}+])?(?P<a>{NUMBER}) ?(?P<scale>{SCALE}) ?(?=[0-9])", _scaled_before_figures),
    Form(rf"(?<![0-9])(?<![0-9][.,])(?P<sign>)(?P<a>{NUMBER}) ?(?P<scale>{SCALE})(?P<b>)(?P<last_sign>)(?P<last_scale>) ?(?=(?:{NATIVE})|대)", lambda m: Said(f"{scaled('', m['a'], m['scale'])} ")),
    Form(rf"{amounts()}(?=여 )", lambda m: Said(says(m))),
)

"""Korean numbers before counters: native or Sino-Korean by the counter, and by what is said around it."""

import re
from typing import Final

from ttsd.text.verbal.cjk_forms import ALONE, TO, after, amounts, before
from ttsd.text.verbal.korean.amounts import SCALE, says, scaled
from ttsd.text.verbal.korean.numerals import a_few, cardinal, native, number
from ttsd.text.verbal.korean.words import AGES_AFTER, NATIVE, SINO, TIMES_AFTER, TIMES_BEFORE, VEHICLES_BEFORE
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form

_WHOLE: Final = "[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,16}"
_PAIR: Final = rf"(?<!제){ALONE}(?P<a>{_WHOLE})(?: ?{TO} ?(?P<b>{_WHOLE}))?(?![0-9.,])"
_MONTHS: Final = {6: "유", 10: "시"}
_MONTH_BEFORE: Final = re.compile("월 ?$")
_FIGURE: Final = re.compile("[0-9]")
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
    return _native_words(match, match["counter"])


def _native_words(match: re.Match[str], counter: str) -> Token | None:
    first, last = match["a"].replace(",", ""), (match["b"] or "").replace(",", "")
    if first[0] == "0" and len(first) > 1:
        return None
    if not last:
        return Said(f"{native(first)} {counter}{_gap(match)}")
    few = a_few(first, last)
    return Said(f"{few or f'{native(first)} {counter}에서 {native(last)}'} {counter}{_gap(match)}")


def _gap(match: re.Match[str]) -> str:
    """A space before the next number: `2박3일`."""
    return " " if after(match, _FIGURE) else ""


def _nth(match: re.Match[str]) -> Token:
    value = int(match["a"])
    return Said(f"{'첫' if value == 1 else native(str(value))} 번째")


def _short_nth(match: re.Match[str]) -> Token:
    return Said(_NTH[int(match["a"])] + "째")


def _times(match: re.Match[str]) -> Token | None:
    """`3번` as times; a number of something is left to the form for Sino-Korean."""
    counts = before(match, TIMES_BEFORE) or TIMES_AFTER.match(match.string, match.end() - 1)
    return _native_words(match, "번") if counts else None


def _machines(match: re.Match[str]) -> Token | None:
    """`10대` as machines; as people in their teens it is left to the form for Sino-Korean."""
    figures = match["a"].replace(",", "")
    is_age = figures[-1] == "0" and len(figures) == 2 and not before(match, VEHICLES_BEFORE)
    if is_age or AGES_AFTER.match(match.string, match.end() - 1):
        return None
    return _native_words(match, "대")


def _hours_long(match: re.Match[str]) -> Token:
    last = match["b"] or match["a"]
    say = native if int(last) < 20 else cardinal
    if match["b"] and (few := a_few(match["a"], last)):
        return Said(f"{few} 시간")
    return Said(f"{say(match['a'])} 시간에서 {say(last)} 시간" if match["b"] else f"{say(last)} 시간")


def _hour(match: re.Match[str]) -> Token | None:
    if int(match["b"] or match["a"]) > 24:
        return None
    return Said(f"{hour(match['a'])} 시에서 {hour(match['b'])} 시" if match["b"] else f"{hour(match['a'])} 시")


def _month(match: re.Match[str]) -> Token | None:
    if not all(1 <= int(figures) <= 12 for figures in (match["a"], match["b"] or "1")):
        return None
    return Said(f"{month(match['a'])}에서 {month(match['b'])}" if match["b"] else month(match["a"]))


def _sino(match: re.Match[str]) -> Token:
    counter = match["counter"]
    gap, end = "" if counter in {"주일", "자리"} else " ", _gap(match)
    if not match["b"] or match["scale"] or match["last_scale"] or counter in {"만", "원"}:
        return Said(says(match, money=counter == "원") + gap + counter + end)
    first, last = match["a"], match["b"]
    if a_few(first, last) and not before(match, _MONTH_BEFORE):
        return Said(f"{number(first)}{number(last)}{gap}{counter}{end}")
    return Said(f"{scaled(match['sign'], first, None)}{gap}{counter}에서 {number(last)}{gap}{counter}{end}")


def _padded(match: re.Match[str]) -> Token:
    return Said(cardinal(match[0].strip()[1]) + " ")


def _spaced(match: re.Match[str]) -> Token:
    return Said(f"{says(match)} ")


_ONE_OR_TWO: Final = rf"(?<![0-9.,])(?P<a>[0-9]{{1,3}})(?: ?{TO} ?(?P<b>[0-9]{{1,3}}))? ?"
_AMOUNTS: Final = amounts(SCALE)
_CHAPTER: Final = "장(?!소|면|기|애|관|품|조|출)"
FORMS: Final = (
    Form(r"(?<![0-9.,])(?P<a>[0-9]{1,4}) ?번째", _nth),
    Form(r"(?<![0-9.,])(?P<a>[1-4])째(?!로)", _short_nth),
    Form("(?<![0-9.,])0[1-9] ?(?=[일분초시])", _padded),
    Form(rf"{_ONE_OR_TWO}월(?!드|급|세|요|간)", _month),
    Form(rf"{_ONE_OR_TWO}시간", _hours_long),
    Form(rf"{_ONE_OR_TWO}{_HOURS}", _hour),
    Form(rf"{_PAIR} ?번(?!호|지|길|역|갈|영|개)", _times),
    Form(rf"{_PAIR} ?대(?!표|학|비|회|신|한|략|로|에서)", _machines),
    Form(rf"{_PAIR} ?(?P<counter>{NATIVE})", _native),
    Form(rf"{_AMOUNTS} ?(?P<counter>{SINO})", _sino),
    Form(rf"(?<=제){_AMOUNTS} ?(?={_CHAPTER})", _spaced),
    Form(rf"{_AMOUNTS} ?(?=(?:{NATIVE}|{_HOURS}|대))", _spaced),
    Form(rf"{_AMOUNTS}(?<=[십백천만억조]) ?(?=[0-9])", _spaced),
)

"""Numbers that are said figure by figure in Chinese, Japanese and Korean, and signs with numbers."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from ttsd.text.verbal.cjk_forms import (
    LISTED,
    ROMAN,
    ROMAN_SIGN,
    Around,
    Build,
    before,
    called_form,
    falls,
    figures_of,
    letters_form,
    ratio_form,
    version_form,
)
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form, fixed, one_of

Say = Callable[[str], str]
"""From figures to words."""

_GROUP: Final = re.compile("[0-9]+")
_MOBILE: Final = re.compile("(?<![0-9])([0-9]{3})([0-9]{4})([0-9]{4})$")
_ROMANS: Final = one_of(ROMAN)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How a language says such numbers."""

    cardinal: Say
    number: Say
    by_digit: Say
    dialled: Say
    """Figure by figure, as telephone numbers are said."""
    pause: str
    """Between the groups of a telephone number."""
    plus: str
    """Before the code of a country."""
    point: str
    """Between the parts of a version."""
    to: str
    """Between the ends of a range."""
    against: str
    """Between the sides of a ratio or a result."""
    gap: str = ""
    """Between letters and their number."""

    def numbered_forms(self) -> list[Form]:
        """Versions, ratios, letters with figures."""
        return [version_form(self._version), ratio_form(self._ratio), letters_form(self._letters)]

    def dialled_form(self, called: re.Pattern[str], counted: str) -> Form:
        """A number that one dials or types, after `called`; `counted` is as in `called_form`."""
        return called_form(lambda m: Said(self.groups(m[0])) if before(m, called) else None, counted)

    def roman_form(self, behind: str) -> Form:
        """`V` after 第, or before a character of `behind`."""
        pattern = f"(?<=第){_ROMANS}(?![A-Za-z])|(?<![A-Za-z0-9]){_ROMANS}(?=[{behind}])"
        return Form(pattern, lambda m: Said(self.cardinal(ROMAN[m[0]])))

    def sign_forms(self, letters: str, mark: str) -> list[Form]:
        """`Ⅳ` and `①` in one character; after `①`, `mark` where one of `letters` follows."""
        return [
            Form(ROMAN_SIGN, lambda m: Said(self.cardinal(figures_of(m[0])))),
            Form(
                f"(?P<sign>{LISTED})(?P<more>(?=[{letters}]))?",
                lambda m: Said(self.cardinal(figures_of(m["sign"])) + ("" if m["more"] is None else mark)),
            ),
        ]

    def between(self, result: Around) -> Build:
        """For `between_form`: a range, or a result where `result` shows it."""

        def build(match: re.Match[str]) -> Token:
            is_result = "-" in match[0] and (falls(match) or result.shows(match))
            to = self.against if is_result else self.to
            return Said(f"{self.number(match['first'])}{to}{self.number(match['last'])}")

        return build

    def digits(self, match: re.Match[str]) -> Token:
        """Figure by figure, as something dialled."""
        return Said(self.dialled(match[0]))

    def phone(self, match: re.Match[str]) -> Token:
        """A telephone number; eleven figures alone are said as those of a mobile telephone."""
        written = match[0]
        if len(_GROUP.findall(written)) == 1:
            written = mobile(written)
        return Said((self.plus if match[0][0] == "+" else "") + self.groups(written))

    def groups(self, written: str) -> str:
        """Groups of figures, with pauses between them."""
        return self.pause.join(map(self.dialled, _GROUP.findall(written)))

    def _version(self, match: re.Match[str]) -> Token:
        parts = match["parts"].split(".")
        return Said(self.point.join(self.by_digit(part) if len(part) > 2 else self.cardinal(part) for part in parts))

    def _letters(self, match: re.Match[str]) -> Token:
        digits = match["digits"]
        say = self.dialled if len(digits) > 2 and "." not in digits else self.number
        return Said(match["head"] + self.gap + say(digits))

    def _ratio(self, match: re.Match[str]) -> Token:
        return Said(self.against.join(map(self.number, match[0].replace(" ", "").split(":"))))


def mobile(written: str) -> str:
    """`written` with eleven figures at its end in groups of three, four and four."""
    return _MOBILE.sub(r"\1-\2-\3", written)


def mark_forms(powers: Mapping[str, str], number: str, minutes: str, seconds: str) -> list[Form]:
    """`²` and `³` after a unit, `No. 5`, and `5′30″`."""
    return [
        Form("(?<=[0-9A-Za-z])[²³]", lambda m: Said(powers[m[0]])),
        fixed("(?:№|(?<![A-Za-z])[Nn][Oo][.]) ?(?=[0-9])", number),
        Form("(?<=[0-9])[′″]", lambda m: Said(minutes if m[0] == "′" else seconds)),
    ]

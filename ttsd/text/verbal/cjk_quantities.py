"""Money and fractions, as Chinese, Japanese and Korean say them."""

import re
from collections.abc import Callable, Mapping

import msgspec

from ttsd.text.verbal.cjk_forms import VULGAR, Around, fraction_form, vulgar_form
from ttsd.text.verbal.tokens import Said, Token
from ttsd.text.verbal.writing import Form

Parts = Callable[[str | None, str, str], Token]
"""From a whole, what is above the line and what is below it."""


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """How a language says what `money_forms` matched."""

    cardinal: Callable[[str], str]
    says: Callable[[re.Match[str]], str]
    """The amount, as it is written."""
    in_millions: Callable[[re.Match[str]], str]
    """The amount where `K`, `M` or `B` stands after it."""
    currencies: Mapping[str, str]
    cents: Mapping[str, str]
    """From currencies to their hundredth parts, where those are said."""
    minus: str
    gap: str = ""
    """Between words."""

    def build(self, match: re.Match[str]) -> Token:
        """The amount and its currency."""
        name = self.currencies[match["currency"]]
        minus = self.minus if match["minus"] else ""
        if match["letter"] and not match["b"]:
            return Said(minus + self.in_millions(match) + self.gap + name)
        if name in self.cents and not match["b"] and not match["scale"] and match["a"][-3:-2] == ".":
            return Said(minus + self._with_cents(match["a"].replace(",", ""), name))
        return Said(minus + self.says(match) + self.gap + name)

    def _with_cents(self, written: str, name: str) -> str:
        whole, _, cents = written.partition(".")
        small = self.cardinal(cents.lstrip("0")) + self.gap + self.cents[name] if cents != "00" else ""
        big = self.cardinal(whole) + self.gap + name if whole != "0" or not small else ""
        return self.gap.join(filter(None, (big, small)))


def fraction_forms(parts: Parts, whole: str, share: Around) -> list[Form]:
    """`1/2`, `2½`; a fraction of one or more, such as `24/7`, only where `share` shows it or a whole is before it.

    `whole` is as in `fraction_form`.
    """

    def fraction(match: re.Match[str]) -> Token | None:
        above, below = int(match["above"]), int(match["below"])
        is_share = match["whole"] or share.shows(match)
        if not below or (above >= below and not is_share):
            return None
        return parts(match["whole"], match["above"], match["below"])

    return [fraction_form(fraction, whole), vulgar_form(lambda m: parts(m["whole"], *VULGAR[m["sign"]]))]

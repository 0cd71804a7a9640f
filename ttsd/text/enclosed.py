"""Quotations and brackets: stretches of a text that are better not cut."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_MOST: Final = 800
"""Characters between the marks; what is longer was left open, or is a text of its own."""
_ENCLOSED: Final = re.compile(
    rf"“[^“”]{{0,{_MOST}}}”|„[^„“”]{{0,{_MOST}}}[“”]|«[^«»]{{0,{_MOST}}}»|(?<!\S)»(?=\S)[^«»]{{0,{_MOST}}}«"
    rf"|‘(?:[^‘’]|’(?=[A-Za-z])){{0,{_MOST}}}’|「[^「」]{{0,{_MOST}}}」|『[^『』]{{0,{_MOST}}}』|《[^《》]{{0,{_MOST}}}》"
    rf"|(?<![A-Za-zÀ-ɏЀ-ӿ\d])\"(?=[^\s\"])[^\"]{{0,{_MOST}}}\""
    rf"|\([^()]{{0,{_MOST}}}\)|（[^（）]{{0,{_MOST}}}）|\[[^\[\]]{{0,{_MOST}}}\]|【[^【】]{{0,{_MOST}}}】"
)
_BRACKETS: Final = frozenset("(（[【")


class Enclosed(NamedTuple):
    """From the opening mark to after the closing one."""

    start: int
    end: int
    bracket: bool


def enclosed(text: str) -> Iterator[Enclosed]:
    """The outermost quotations and brackets of `text`, in order; time grows with the text."""
    for match in _ENCLOSED.finditer(text):
        yield Enclosed(match.start(), match.end(), text[match.start()] in _BRACKETS)

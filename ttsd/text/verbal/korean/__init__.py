"""Korean: numbers, dates, money, units and the like in words."""

import re
from typing import Final

from ttsd.text.verbal.cjk import SIGNS, has_forms, joined, narrow, rewrite
from ttsd.text.verbal.korean.counting import FORMS as COUNTING
from ttsd.text.verbal.korean.figures import BETWEEN, LAST, NUMBERED
from ttsd.text.verbal.korean.moments import FORMS as MOMENTS
from ttsd.text.verbal.korean.quantities import FORMS as QUANTITIES
from ttsd.text.verbal.scan import Scanner

_SCANNER: Final = Scanner((*BETWEEN, *MOMENTS, *NUMBERED, *QUANTITIES, *COUNTING, *LAST))
_NO_LETTER: Final = re.compile(r"(?!)")


class KoreanReader:
    """Says the written forms of Korean text."""

    def read(self, text: str) -> str:
        """`text` as a reader says it; the same object where nothing is to be put into words."""
        if not has_forms(text):
            return text
        narrowed = narrow(text)
        return joined(rewrite(narrowed, narrowed.translate(SIGNS), _SCANNER), _NO_LETTER)


READER: Final = KoreanReader()

"""Chinese, in simplified and traditional characters: numbers, dates, money, units and the like in words."""

import re
from typing import Final

from ttsd.text.verbal.chinese.figures import BETWEEN, LAST, NUMBERED
from ttsd.text.verbal.chinese.moments import FORMS as MOMENTS
from ttsd.text.verbal.chinese.quantities import COUNTS
from ttsd.text.verbal.chinese.quantities import FORMS as QUANTITIES
from ttsd.text.verbal.chinese.script import SIMPLE, TRADITIONAL, is_traditional
from ttsd.text.verbal.cjk import SIGNS, has_forms, joined, narrow, rewrite
from ttsd.text.verbal.scan import Scanner

_SCANNER: Final = Scanner((*BETWEEN, *MOMENTS, *NUMBERED, *QUANTITIES, *COUNTS, *LAST))
_PLAIN: Final = {**SIMPLE, **SIGNS}
_HAN: Final = re.compile("[一-鿿]")


class ChineseReader:
    """Says the written forms of Chinese text."""

    def read(self, text: str) -> str:
        """`text` as a reader says it; the same object where nothing is to be put into words."""
        if not has_forms(text):
            return text
        narrowed = narrow(text)
        traditional = is_traditional(narrowed)
        pieces = rewrite(narrowed, narrowed.translate(_PLAIN), _SCANNER, TRADITIONAL if traditional else None)
        return joined(pieces, _HAN)


READER: Final = ChineseReader()

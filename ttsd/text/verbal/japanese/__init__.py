"""Japanese: numbers, dates, money, units and the like in words, numbers in kanji."""

import re
from typing import Final

from ttsd.text.verbal.cjk import SIGNS, has_forms, joined, narrow, rewrite
from ttsd.text.verbal.japanese.figures import BETWEEN, LAST, NUMBERED
from ttsd.text.verbal.japanese.moments import FORMS as MOMENTS
from ttsd.text.verbal.japanese.quantities import COUNTS
from ttsd.text.verbal.japanese.quantities import FORMS as QUANTITIES
from ttsd.text.verbal.scan import Scanner

_SCANNER: Final = Scanner((*BETWEEN, *MOMENTS, *NUMBERED, *QUANTITIES, *COUNTS, *LAST))
_LETTERS: Final = re.compile("[一-鿿々ぁ-ゖァ-ヺー]")


class JapaneseReader:
    """Says the written forms of Japanese text."""

    def read(self, text: str) -> str:
        """`text` as a reader says it; the same object where nothing is to be put into words."""
        if not has_forms(text):
            return text
        narrowed = narrow(text)
        return joined(rewrite(narrowed, narrowed.translate(SIGNS), _SCANNER), _LETTERS)


READER: Final = JapaneseReader()

"""Korean in Kokoro's phonemes: hangul as it is said, and the letters and marks beside it."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from ttsd.worker.tongues import hangul

_PIECES: Final = re.compile(r"(?P<hangul>[가-힣]+)|(?P<latin>[A-Za-z]+)|(?P<mark>[,.!?:;…—“”()])|\s+")
_KEPT: Final = str.maketrans("「」『』《》〈〉~", "“”“”“”“”—")


class Korean:
    """`latin` gives the phonemes of letters and words that stand in the text."""

    def __init__(self, latin: Callable[[str], str]) -> None:
        self._latin = latin

    def phonemes(self, text: str) -> str:
        """Words separated by spaces, with their punctuation."""
        plain = unicodedata.normalize("NFC", text).translate(_KEPT)
        return "".join(self._pieces(hangul.said(plain))).strip()

    def _pieces(self, text: str) -> Iterator[str]:
        for piece in _PIECES.finditer(text):
            if piece["hangul"]:
                yield hangul.phonemes(piece["hangul"])
            elif piece["latin"]:
                yield f" {self._latin(piece['latin']).strip(' .')} "
            else:
                yield piece["mark"] or " "

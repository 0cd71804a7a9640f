"""Web and e-mail addresses in words."""

import re
from collections.abc import Callable, Mapping
from typing import Final

_PIECE: Final = re.compile(r"[^\W\d_]+|[0-9]+|\S")


def spelled(text: str, signs: Mapping[str, str], digits: Callable[[str], str]) -> str:
    """`text` with words as they are, signs by their names in `signs` (others left out) and figures by `digits`.

    A stroke at its end is not said, nor is the scheme (the scanner leaves it out); `www` comes as letters.
    """
    return " ".join(filter(None, (_said(piece, signs, digits) for piece in _PIECE.findall(text.rstrip("/")))))


def _said(piece: str, signs: Mapping[str, str], digits: Callable[[str], str]) -> str:
    if piece.isalpha():
        return "w w w" if piece.lower() == "www" else piece
    return digits(piece) if piece.isdigit() else signs.get(piece, "")

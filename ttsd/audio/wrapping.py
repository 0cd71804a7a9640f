"""Text cut into caption lines: at spaces, in Chinese and Japanese between characters, all about equally long."""

import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

NARROW: Final = 8
WIDE: Final = 21
LINE: Final = 42 * NARROW
"""A line takes 42 letters, or 16 of the wide characters of East Asia (16 × 21 is 42 × 8)."""

_NOT_FIRST: Final = frozenset(
    "、。，．！？：；）］｝〕〉》」』】〗〟’”・ー々…—％ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"
)
"""What no line begins with, and…"""
_NOT_LAST: Final = frozenset("（［｛〔〈《「『【〖〝‘“")
"""what none ends with, in Chinese and Japanese."""
_JOINERS: Final = frozenset({"Mn", "Mc", "Me", "Cf", "Sk"})
"""Categories of what belongs to the character before it: accents, joiners, shades of skin."""
_ZERO_WIDTH_JOINER: Final = "\u200d"


class Piece(NamedTuple):
    """What stays on one line, and whether a space comes before it when it is not the first there."""

    text: str
    spaced: bool
    width: int


def width(text: str) -> int:
    """Room that `text` needs, in the units of `LINE`."""
    if text.isascii():
        return NARROW * len(text)
    return sum(
        0 if unicodedata.category(character) in _JOINERS else WIDE if _wide(character) else NARROW for character in text
    )


def lines(text: str) -> list[str]:
    """`text` in as few lines as can be, of about the same length; the longest word is cut when it fits on none."""
    pieces = list(_pieces(text))
    needed = len(_filled(pieces, LINE))
    low, high = 1, LINE
    while low < high:  # the narrowest column that needs no more lines
        middle = (low + high) // 2
        if len(_filled(pieces, middle)) > needed:
            low = middle + 1
        else:
            high = middle
    return _filled(pieces, high)


def _filled(pieces: list[Piece], room: int) -> list[str]:
    """Lines filled one after the other; a piece that is wider than `room` gets one for itself."""
    found: list[list[str]] = []
    left = 0
    for piece in pieces:
        need = piece.width + NARROW * piece.spaced
        if found and need <= left:
            found[-1].append(" " * piece.spaced + piece.text)
            left -= need
        else:
            found.append([piece.text])
            left = room - piece.width
    return ["".join(line) for line in found]


def _pieces(text: str) -> Iterator[Piece]:
    for word in text.split():
        spaced = True
        for part in _parts(word):
            yield Piece(part, spaced, width(part))
            spaced = False


def _parts(word: str) -> Iterator[str]:
    """`word` cut wherever a line may end, and where it must."""
    if word.isascii() and width(word) <= LINE:
        yield word
        return
    start = 0
    for place in range(1, len(word)):
        if _whole(word, place) and (_may_end(word, place) or width(word[start : place + 1]) > LINE):
            yield word[start:place]
            start = place
    yield word[start:]


def _may_end(word: str, place: int) -> bool:
    before, after = word[place - 1], word[place]
    between = _ideographic(before) or _ideographic(after)
    return between and after not in _NOT_FIRST and before not in _NOT_LAST


def _whole(word: str, place: int) -> bool:
    """Whether what a reader calls a character ends before `place`."""
    return unicodedata.category(word[place]) not in _JOINERS and word[place - 1] != _ZERO_WIDTH_JOINER


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _ideographic(character: str) -> bool:
    """Wide, but not Hangul, which has spaces between its words."""
    return _wide(character) and not "\uac00" <= character <= "\ud7a3"

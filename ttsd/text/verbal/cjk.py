"""A reader for languages without spaces between words, or with few: Chinese, Japanese and Korean."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from ttsd.text.verbal.forms_name import address_forms
from ttsd.text.verbal.scan import Scanner
from ttsd.text.verbal.tokens import Email, Said, Token, Url
from ttsd.text.verbal.writing import WIDE_LETTERS, Form

_WIDE_SIGNS: Final = {ord(c) + 0xFEE0: c for c in "#$%&+-./:=@\\~"}
_SAME_SIGNS: Final = {
    0xFFE5: "¥",
    0xFFE1: "£",
    0xFFE0: "¢",
    0xFFE6: "₩",
    0x2236: ":",
    0x2103: "℃",
    0x301C: "~",
    0x223C: "~",
}
_SIGNS: Final = {**_WIDE_SIGNS, **_SAME_SIGNS}
"""Signs of full width, and others that mean the same as one of ASCII: for matching only."""
_TRIGGER: Final = re.compile(r"[0-9０-９²³¼-¾⅐-⅞Ⅰ-ⅿ①-⒇㈠-㈩㍘-㏿℃℉№@/％%$¥€£₩￥￦~∼〜～]|www\.")
_GATE: Final = (
    r"[0-9¼-¾⅐-⅞Ⅰ-ⅿ①-⒛㈠-㈩²³]|(?<![A-Za-z])[A-Za-z]| (?=[^\w\s])|[^\w\s，。！？、；：“”‘’「」『』）《》【】…]"
)
"""Where a form may begin: at figures and signs, at a Latin word, at a space before a sign."""


class SignReader:
    """Says the written forms of a language without spaces between words, or with few; owns its scanner.

    A number is looked for in a text whose signs are those of ASCII, character for character; what no form covers
    stays as it is written, but for letters and digits of full width.
    """

    def __init__(self, forms: Sequence[Form], address: Callable[[str], str], letters: str = "") -> None:
        """`address` says a web or mail address; between two of `letters` (inside `[...]`) no space is left."""
        self._scanner = Scanner([*address_forms()[:2], *forms], gate=_GATE)
        self._address = address
        self._letters = re.compile(f"[{letters}]" if letters else "(?!)")
        self._signs = _SIGNS

    def read(self, text: str) -> str:
        """`text` as a reader says it; the same object where nothing is to be put into words."""
        if not _TRIGGER.search(text):
            return text
        narrowed = text.translate(WIDE_LETTERS)
        pieces = list(self._pieces(narrowed))
        return _joined(pieces, self._letters) if len(pieces) > 1 or narrowed != text else text

    def plain(self, text: str) -> str:
        """`text` as the forms know it, character for character."""
        return text.translate(self._signs)

    def script(self, text: str) -> Mapping[int, str]:
        """From the characters that the forms say to those that `text` would write."""
        return {}

    def _pieces(self, text: str) -> Iterator[str]:
        """`text` in pieces by turns: as it is, in words."""
        at, script = 0, self.script(text)
        for found in self._scanner.find(self.plain(text)):
            yield text[at : found.start]
            yield self._said(found.token).translate(script)
            at = found.end
        yield text[at:]

    def _said(self, token: Token) -> str:
        match token:
            case Said(words):
                return words
            case Url(address) | Email(address):
                return self._address(address)
            case _:
                raise AssertionError(token)


def _joined(pieces: list[str], letters: re.Pattern[str]) -> str:
    """`pieces` put together, without a space between two `letters` of which one is in words now."""
    parts: list[str] = []
    for piece in pieces:
        bare = piece.lstrip(" ")
        if parts and letters.match(bare) and letters.match(parts[-1].rstrip(" ")[-1:]):
            parts[-1:] = parts[-1].rstrip(" "), bare
        elif piece:
            parts.append(piece)
    return "".join(parts)

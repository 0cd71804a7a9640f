"""Whether Chinese characters are Chinese or Japanese: by kana beside them, and by those that only one of them has."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from ttsd.text.scripts import HAN, HIRAGANA, KANA

_NO_LONGER_JAPANESE: Final = frozenset("很没写听从怎找嘛呀哦它咱")
"""In the Japanese standard, and not in the Japanese of today."""


def _repertoire(encoding: str, leads: range, trails: Iterable[int]) -> frozenset[str]:
    """The characters of a double-byte national standard."""
    pairs = b"\n".join(bytes((lead, trail)) for lead in leads for trail in trails)
    return frozenset(pairs.decode(encoding, "ignore"))


@cache
def _only() -> tuple[frozenset[str], frozenset[str]]:
    """What Chinese alone writes (in GB 2312 or Big5, not in JIS X 0208), and what Japanese alone does.

    It takes some 20 ms, so it is done when first needed.
    """
    mainland = _repertoire("gb2312", range(0xB0, 0xF8), range(0xA1, 0xFF))
    taiwan = _repertoire("big5", range(0xA4, 0xFA), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])
    japan = _repertoire("euc_jp", range(0xB0, 0xF5), range(0xA1, 0xFF))
    chinese = frozenset(filter(_HAN.match, mainland | taiwan))  # Big5 has kana too
    return (chinese - japan) | _NO_LONGER_JAPANESE, japan - mainland - taiwan


_HIRAGANA: Final = re.compile(f"[{HIRAGANA}]")
_KANA: Final = re.compile(f"[{KANA}]")
_HAN: Final = re.compile(f"[{HAN}]")
_SO_MUCH_WITHOUT_KANA: Final = 5
"""Characters of Japanese in which kana are all but certain."""


_PARTICLE: Final = re.compile(f"(?<=[{HAN}0-9])[はをがにへとでも](?=[{HAN}0-9、])")

_OF: Final = re.compile(f"(?<=[{HAN}0-9])の(?=[{HAN}0-9])")
"""Chinese likes it in names (鮮の每日), but not beside figures."""
_DIGIT: Final = re.compile("[0-9]")


def written_with_kana(text: str) -> bool:
    """More than a kana that Chinese quotes: two, or one among few characters, or one that joins two words."""
    kana = len(_KANA.findall(text))
    if kana != 1 or len(_HAN.findall(text)) <= 2:
        return kana > 0
    particle = _PARTICLE.search(text) or (_OF.search(text) and _DIGIT.search(text))
    return particle is not None and _only()[0].isdisjoint(text)


def han_language(text: str, otherwise: str) -> str:
    """The language of the Chinese characters in `text`: `zh` or `ja`, or `otherwise` where nothing tells."""
    if _HIRAGANA.search(text) and written_with_kana(text):
        return "ja"
    chinese_only, japanese_only = _only()
    if not chinese_only.isdisjoint(text):
        return "zh"
    return "ja" if not japanese_only.isdisjoint(text) or written_with_kana(text) else otherwise


def around_quotes(text: str, near: bool) -> str:
    """The language of what stands around quotations that have kana; `near`: the sentences beside it are Japanese."""
    certain = len(_HAN.findall(text)) >= _SO_MUCH_WITHOUT_KANA
    return han_language(text, "zh" if certain and not near else "ja")

"""What the daemon and its settings say in English, in the reader's language: sentences are known by their pattern."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from tui.language import chosen

_PLACE: Final = re.compile(r"\{(\w+)\}")
_OR: Final = " or "


def told(text: str) -> str:
    """`text`, with what stands in its places, in the reader's language; as it is where nobody has put it into that."""
    return text if chosen() == "en" else _in_chinese(text)


def choice(text: str) -> str:
    """The same for a phrase that says what a setting takes, of several kinds perhaps."""
    return text if chosen() == "en" else " 或 ".join(map(_in_chinese, text.split(_OR)))


def pattern(sentence: str) -> re.Pattern[str]:
    """What matches `sentence` whatever stands at its `{places}`."""
    parts = _PLACE.split(sentence)
    return re.compile("".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))


@lru_cache(512)
def _in_chinese(text: str) -> str:
    from tui.chinese.daemon import TOLD
    from tui.chinese.settings import SETTINGS

    if found := SETTINGS.get(text) or TOLD.get(text):
        return found
    for one, chinese in _patterns():
        if match := one.fullmatch(text):
            return chinese.format_map({name: _in_chinese(value) for name, value in match.groupdict().items()})
    return text


@lru_cache(1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those with the most to go by come first."""
    from tui.chinese.daemon import TOLD

    return tuple(_compiled(TOLD))


def _compiled(sentences: Mapping[str, str]) -> Iterator[tuple[re.Pattern[str], str]]:
    for sentence in sorted(sentences, key=lambda one: len(_PLACE.sub("", one)), reverse=True):
        if _PLACE.search(sentence):
            yield pattern(sentence), sentences[sentence]

"""Numbers, dates, money, units and the like in words, as each language says them.

How it works: a `Scanner` (`scan.py`) walks once through the text with one regular expression made of all forms
of the language. A form (`writing.Form`) is a pattern and what it means: a token of the closed union in
`tokens.py`. The language's `Reader` says the token, seeing a little of the text around it.

How to add a language, in one module `verbal/<name>.py` and one corpus:

1. A `Writing` (`writing.py`): decimal mark, separators, months, order of dates, marks of times, abbreviations that
   always mean the same. Forms that no other language has (declined ordinals, `Dr.` before or after a name) go to
   `own`: they are tried first, and may answer with `Said(words)`.
2. A `Lexis` (`lexis.py`): small words, names of signs, units and currencies with their plural and gender.
3. A subclass of `Reader` (`reader.py`) for what the language says its own way, and `READER = ...` at the end.
4. Its line in `_MODULES` below.
5. `tests/corpora/verbal/<code>.tsv`: category, written, spoken; at least 60 cases.

Chinese, Japanese and Korean have forms of their own (`cjk_forms.py`) that answer with `Said(words)` at once, and a
reader for them (`cjk.py`); a package each, which fills in what they share (`cjk_figures.py`, `cjk_moments.py`,
`cjk_quantities.py`).

Rules: a form that begins with a word of small letters which no figure, sign or full stop follows needs
`Writing.starts`, or it is passed over; patterns are bounded, their groups are named, and no group refers to another;
no digit 0-9 is left in what is said; what is not a written form stays untouched; saying twice is saying once.
`tests/unit/text/test_verbal.py` proves it for all languages.
"""

import functools
import importlib
from types import MappingProxyType
from typing import Final, Protocol, cast

_MODULES: Final = MappingProxyType(
    {
        "en": "english",
        "de": "german",
        "fr": "french",
        "es": "spanish",
        "it": "italian",
        "pt": "portuguese",
        "ru": "russian",
        "zh": "chinese",
        "ja": "japanese",
        "ko": "korean",
    }
)
"""Imported when their language is first met."""
LANGUAGES: Final = tuple(_MODULES)
"""Those that are read; the others stay as they are written."""


class Reads(Protocol):
    """What `READER` of a language's module is: a `reader.Reader`, or a `cjk.SignReader`."""

    def read(self, text: str) -> str:
        """`text` with its written forms in words; `text` itself when it has none."""
        ...


def verbalize(text: str, language: str) -> str:
    """`text` as a reader says it; the same object where every word is written out, or nobody reads the language."""
    reader = reader_of(language)
    return reader.read(text) if reader else text


@functools.cache
def reader_of(language: str) -> Reads | None:
    """The reader of a language; `None` where there is none."""
    module = _MODULES.get(language)
    return cast("Reads", importlib.import_module(f"{__name__}.{module}").READER) if module else None

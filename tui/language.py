"""What the app says, in the reader's language: English stands in the code, Chinese in `tui.chinese`."""

import os
from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["en", "zh"]
NAMES: Final[dict[Language, str]] = {"en": "English", "zh": "简体中文"}

_catalogue: Mapping[str, str] = {}


def of_locale(environ: Mapping[str, str] = os.environ) -> Language:
    """The language of the messages, as POSIX orders the variables (XBD 8.2); any but Chinese is English."""
    locale = next((found for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (found := environ.get(name))), "")
    if locale not in ("", "C", "POSIX") and (wanted := environ.get("LANGUAGE")):  # GNU gettext's list
        locale = wanted.split(":")[0]
    return "zh" if locale.lower().startswith("zh") else "en"


def wanted(*wishes: str) -> Language:
    """The first of `wishes` that names a language, else that of the locale."""
    named: list[Language] = [language for wish in wishes for language in NAMES if language == wish]
    return named[0] if named else of_locale()


def choose(language: Language) -> None:
    """Speak `language` from now on; what is on the screen already stays until it is drawn anew."""
    global _catalogue  # noqa: PLW0603 — one reader sits at a terminal; passing it to every label would say nothing more
    if language == "zh":
        from tui.chinese import CHINESE

        _catalogue = CHINESE
    else:
        _catalogue = {}


def chosen() -> Language:
    """What is spoken now."""
    return "zh" if _catalogue else "en"


def t(text: str, /, **values: object) -> str:
    """`text` in the reader's language, `{name}` replaced by the value of that name. Values are never read as text."""
    translated = _catalogue.get(text, text)
    return translated.format_map(values) if values else translated


def later(text: str, /) -> str:
    """`text` itself: said with `t` when it is shown. It marks what the catalogue must have."""
    return text

"""Languages by their code or their English name, as people write them in settings and requests."""

from ttsd.protocol.errors import BadRequest
from ttsd.protocol.speech import LANGUAGES


def language_code(name: str) -> str:
    """The code for a code or an English name in any case; `auto` stays.

    Raises KeyError for anything else.
    """
    wanted = name.strip().lower()
    if wanted == "auto" or wanted in LANGUAGES:
        return wanted
    return {english: code for code, english in LANGUAGES.items()}[wanted]


def language_asked(name: str) -> str:
    """`language_code` for somebody who asks for it. Raises BadRequest, which says what may be written."""
    try:
        return language_code(name)
    except KeyError:
        allowed = ", ".join((*LANGUAGES, "auto"))
        raise BadRequest(
            f"no language {name[:40]!r}; write one of {allowed}, or its English name", param="language"
        ) from None

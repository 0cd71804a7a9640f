"""The settings at the top of a `.txt` or `.md` file: TOML between two `+++` lines."""

import re
from collections.abc import Callable
from typing import Any, Final, Literal, get_args

import msgspec
import tomli

from ttsd.config import language_code
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.prep import FrontMatter
from ttsd.protocol.speech import LANGUAGES, Captions, FileFormat, Seed, Speed, Style, VoiceName

_FENCE: Final = re.compile(r"\A\s*\+\+\+[ \t]*(?:\r\n?|\n)")
_CLOSING: Final = re.compile(r"^\+\+\+[ \t]*(?:\r\n?|\n|\Z)", re.MULTILINE)
_FOREIGN: Final = re.compile(r"\A---[ \t]*\r?\n(?:(?:[\w-]+:|[ \t]+|- |#)[^\n]*\n|\r?\n)+?---[ \t]*(?:\r?\n|\Z)")
"""Metadata of other programs (YAML between `---` lines): not ours to obey, and not to be read aloud."""
_LONGEST: Final = 200


def split(text: str) -> tuple[FrontMatter, str]:
    """The front matter of a document and the text below it.

    Raises BadRequest that names key, value and what is allowed.
    """
    opening = _FENCE.match(text)
    if opening is None:
        foreign = _FOREIGN.match(text)
        return FrontMatter(), text[foreign.end() :] if foreign else text
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise BadRequest("front matter: the +++ in line 1 is not closed; end it with a line +++", param="front_matter")
    return parse(text[opening.end() : closing.start()]), text[closing.end() :]


def parse(toml: str) -> FrontMatter:
    """Checked settings. Raises BadRequest."""
    try:
        table = tomli.loads(toml.replace("\r\n", "\n"))
    except tomli.TOMLDecodeError as error:
        message = f"front matter: not valid TOML: {error} (line 1 is the one below the +++)"
        raise BadRequest(message, param="front_matter") from error
    return FrontMatter(**{key: _checked(key, value) for key, value in table.items()})


def _checked(key: str, value: Any) -> Any:
    if key not in _CHECKS:
        raise BadRequest(f"front matter: unknown key {key!r}; there are {', '.join(_CHECKS)}", param=key)
    check, allowed = _CHECKS[key]
    try:
        return check(value)
    except (msgspec.ValidationError, KeyError, AttributeError) as error:
        raise BadRequest(f"front matter: {key} = {value!r}: must be {allowed}", param=key) from error


def _as(kind: Any) -> Callable[[Any], Any]:
    return lambda value: msgspec.convert(value, kind)


def _line(value: Any) -> str:
    return msgspec.convert(value, str)[:_LONGEST]


_CHECKS: Final[dict[str, tuple[Callable[[Any], Any], str]]] = {
    "voice": (_as(VoiceName), "a voice's name (letters, digits, . _ -), or NAME@VARIANT"),
    "language": (language_code, f"auto, {', '.join(LANGUAGES)}, or an English name such as german"),
    "format": (_as(FileFormat), " or ".join(get_args(FileFormat))),
    "speed": (_as(Speed), "a number from 0.5 to 2.0"),
    "seed": (_as(Seed), "a whole number from 0 to 2^63 - 1"),
    "style": (_as(Style), "a table such as { clarity = 80, naturalness = 50, emotion = 30 }, each from 0 to 100"),
    "captions": (_as(Captions), " or ".join(get_args(Captions))),
    "title": (_line, "a string"),
    "code": (_as(Literal["skip", "read"]), "skip or read"),
}

"""What clients say of a voice, in forms and in JSON, as the store has it. Pure."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ttsd.api.body import invalid
from ttsd.config import language_code
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.speech import LANGUAGES
from ttsd.protocol.voices import NewVariant, PatchVoice, ProfileName

NAME_RULE: Final = "a voice's name has 1 to 64 of letters, digits, . _ - and does not begin with a dot"
TRUE: Final = ("1", "true", "yes", "on")


def new_variant(path: Mapping[str, str], fields: Mapping[str, str]) -> NewVariant:
    """The fields of a form, whose name may stand in the path instead. Raises BadRequest."""
    given: dict[str, Any] = {**path, **fields}
    if path.get("name") not in (None, given.get("name")):
        raise BadRequest("the name in the form is not the one in the path", param="name")
    for key in ("denoise", "strict", "replace"):
        if key in given:
            given[key] = given[key].strip().lower() in TRUE
    if given.get("language"):
        given["language"] = _language(given["language"])
    profile_name(given.get("name", ""))
    try:
        return msgspec.convert(given, NewVariant)
    except msgspec.ValidationError as error:
        raise invalid(error) from error


def profile_name(name: str) -> str:
    """Raises BadRequest."""
    try:
        return msgspec.convert(name, ProfileName)
    except msgspec.ValidationError as error:
        raise BadRequest(NAME_RULE, param="name") from error


def _language(name: str) -> str:
    """The code of a clip's language; empty for `auto`. Raises BadRequest."""
    try:
        code = language_code(name)
    except KeyError:
        raise BadRequest(
            f"no language {name[:40]!r}; write one of {', '.join(LANGUAGES)}, or its English name", param="language"
        ) from None
    return "" if code == "auto" else code


def changes_of(wanted: PatchVoice) -> dict[str, Any]:
    """As the voice's file has them."""
    top = {key: value for key in ("description", "consent", "language") if (value := getattr(wanted, key)) is not None}
    settings = {key: value for key in ("seed", "speed") if (value := getattr(wanted, key)) is not None}
    changes: dict[str, Any] = {**top, **({"settings": settings} if settings else {})}
    if wanted.transcript is not None:
        changes["variants"] = {wanted.variant: {"transcript": wanted.transcript.strip()}}
    return changes

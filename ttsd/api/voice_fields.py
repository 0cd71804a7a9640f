"""What clients say of a voice, in forms and in JSON, as the store has it. Pure."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ttsd.api.body import invalid
from ttsd.config import language_asked
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.voices import NAME_RULE, NewVariant, PatchVoice, ProfileName

TRUE: Final = ("1", "true", "yes", "on")


def new_variant(path: Mapping[str, str], fields: Mapping[str, str]) -> NewVariant:
    """The fields of a form, whose name may stand in the path instead. Raises BadRequest."""
    given: dict[str, Any] = {**path, **fields}
    if path.get("name") not in (None, given.get("name")):
        raise BadRequest("the name in the form is not the one in the path", param="name")
    for key in ("denoise", "strict", "replace", "keep"):
        if key in given:
            given[key] = given[key].strip().lower() in TRUE
    given["language"] = _language(given.get("language", ""))
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
    code = language_asked(name) if name else ""
    return "" if code == "auto" else code


def changes_of(wanted: PatchVoice) -> dict[str, Any]:
    """As the voice's file has them. Raises BadRequest."""
    top = {key: value for key in ("description", "consent", "language") if (value := getattr(wanted, key)) is not None}
    if "language" in top:
        top["language"] = _language(top["language"])
    settings = {key: value for key in ("seed", "speed") if (value := getattr(wanted, key)) is not None}
    changes: dict[str, Any] = {**top, **({"settings": settings} if settings else {})}
    if wanted.transcript is not None:
        changes["variants"] = {wanted.variant: {"transcript": wanted.transcript.strip()}}
    return changes

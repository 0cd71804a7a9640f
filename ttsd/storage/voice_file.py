"""`voice.toml`: what a voice says of itself; read strictly, changed without touching what people wrote in it."""

import re
from collections.abc import Mapping, MutableMapping
from types import MappingProxyType
from typing import Annotated, Any, Final, cast

import msgspec
import tomli

from ttsd.protocol.errors import BadRequest
from ttsd.protocol.voices import (
    PROFILE_PATTERN,
    ClipLanguage,
    Line,
    Provenance,
    Transcript,
    VariantName,
    VoiceDefaults,
)

FILE: Final = "voice.toml"
LONGEST_BYTES: Final = 512 * 1024
MOST_VARIANTS: Final = 32
HEADER: Final = "A voice of ttsd: edit it at will, it is read again when it changes. Its folder's name is the voice's."

FileName = Annotated[str, msgspec.Meta(pattern=r"^[^./\x00-\x1f][^/\x00-\x1f]{0,199}\Z")]
"""A file in the voice's own folder, not hidden."""

_AT: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[variants.NAME]`"""

    clip: FileName
    transcript: Transcript = ""
    """What is said in it; empty: only its timbre is taken."""
    language: ClipLanguage = ""
    """Where it is another one than the voice's."""
    original: FileName | None = None
    """The file it was made from, untouched."""
    provenance: Provenance = Provenance()


class VoiceFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole of it."""

    name: Annotated[str, msgspec.Meta(pattern=PROFILE_PATTERN)] = ""
    """What the voice was called when this was written; the folder's name decides."""
    description: Line = ""
    language: ClipLanguage = ""
    consent: Line = ""
    """Who agreed to this voice being used, when, and for what."""
    settings: VoiceDefaults = VoiceDefaults()
    variants: Annotated[dict[VariantName, Entry], msgspec.Meta(min_length=1, max_length=MOST_VARIANTS)]


def parse(data: bytes) -> VoiceFile:
    """Raises BadRequest that names the key."""
    try:
        return msgspec.convert(tomli.loads(data.decode("utf-8-sig")), VoiceFile)
    except UnicodeDecodeError as error:
        raise BadRequest(f"{FILE} is not UTF-8") from error
    except tomli.TOMLDecodeError as error:
        raise BadRequest(f"{FILE} is not valid TOML: {error}") from error
    except RecursionError as error:
        raise BadRequest(f"{FILE} is nested too deeply") from error
    except msgspec.ValidationError as error:
        text = str(error)
        at = _AT.search(text)
        where = at["path"] if at else ""
        raise BadRequest(f"{FILE}: {where + ': ' if where else ''}{_AT.sub('', text)}", param=where or None) from error


def written(file: VoiceFile) -> bytes:
    """A new `voice.toml`."""
    import tomlkit  # late: most daemons never write one

    document = tomlkit.document()
    document.add(tomlkit.comment(HEADER))
    _merge(document, msgspec.to_builtins(file))
    return tomlkit.dumps(document).encode()  # pyright: ignore[reportUnknownMemberType]


def edited(
    data: bytes,
    changes: Mapping[str, Any],
    *,
    variants: Mapping[str, Entry] = MappingProxyType({}),
    without_variant: str | None = None,
) -> bytes:
    """`data` with the values of `changes` (tables within tables) and with `variants` whole; comments and order stay.

    Raises BadRequest when what comes out is no voice any more.
    """
    import tomlkit

    parse(data)
    document = tomlkit.parse(data.decode("utf-8-sig"))
    _merge(document, changes)
    theirs = cast("MutableMapping[str, Any]", document["variants"])
    for name, entry in variants.items():
        theirs.pop(name, None)
        _merge(theirs, {name: msgspec.to_builtins(entry)})
    if without_variant is not None:
        del theirs[without_variant]
    result = tomlkit.dumps(document).encode()  # pyright: ignore[reportUnknownMemberType]
    parse(result)
    return result


def _merge(target: MutableMapping[str, Any], changes: Mapping[str, Any]) -> None:
    import tomlkit

    for key, value in changes.items():
        if not isinstance(value, Mapping):
            target[key] = value
            continue
        if key not in target:
            target[key] = tomlkit.table(is_super_table=key == "variants")
        _merge(target[key], cast("Mapping[str, Any]", value))

"""`voice.toml`: what a voice says of itself; read strictly, changed without touching what people wrote in it."""

import re
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from types import MappingProxyType
from typing import Annotated, Any, Final, cast

import msgspec
import tomli

from ttsd.protocol.errors import BadRequest, TooLarge
from ttsd.protocol.speech import LanguageOrNone
from ttsd.protocol.voices import (
    PROFILE_PATTERN,
    Line,
    Provenance,
    Transcript,
    VariantName,
    VoiceDefaults,
)

FILE: Final = "voice.toml"
LONGEST_BYTES: Final = 64 * 1024
"""To change so much and keep its comments takes a fifth of a second."""
MOST_VARIANTS: Final = 32
HEADER: Final = "A voice of ttsd: edit it at will, it is read again when it changes. Its folder's name is the voice's."

FileName = Annotated[str, msgspec.Meta(pattern=r"^[^./\x00-\x1f][^/\x00-\x1f]{0,199}\Z")]
"""A file in the voice's own folder, not hidden."""

_TROUBLE: Final = (ValueError, TypeError, LookupError, AttributeError)
"""What tomlkit raises, beside errors of its own, on tables it cannot change."""
_AT: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[variants.NAME]`"""

    clip: FileName
    transcript: Transcript = ""
    """What is said in it; empty: only its timbre is taken."""
    language: LanguageOrNone = ""
    """Where it is another one than the voice's."""
    original: FileName | None = None
    """The file it was made from, untouched."""
    provenance: Provenance = Provenance()

    @property
    def files(self) -> tuple[str, ...]:
        """Its clip, and what that was made from."""
        return (self.clip,) if self.original is None else (self.clip, self.original)


class VoiceFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole of it."""

    name: Annotated[str, msgspec.Meta(pattern=PROFILE_PATTERN)] = ""
    """What the voice was called when this was written; the folder's name decides."""
    description: Line = ""
    language: LanguageOrNone = ""
    consent: Line = ""
    """Who agreed to this voice being used, when, and for what."""
    settings: VoiceDefaults = VoiceDefaults()
    variants: Annotated[dict[VariantName, Entry], msgspec.Meta(min_length=1, max_length=MOST_VARIANTS)]

    @property
    def files(self) -> tuple[str, ...]:
        """The clips and originals of all variants, each once."""
        return tuple(dict.fromkeys(name for entry in self.variants.values() for name in entry.files))


def parse(data: bytes) -> VoiceFile:
    """Raises BadRequest that names the key."""
    if len(data) > LONGEST_BYTES:
        raise BadRequest(f"{FILE} has over {LONGEST_BYTES} bytes")
    try:
        return _valid(tomli.loads(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise BadRequest(f"{FILE} is not UTF-8") from error
    except tomli.TOMLDecodeError as error:
        raise BadRequest(f"{FILE} is not valid TOML: {error}") from error
    except RecursionError as error:
        raise BadRequest(f"{FILE} is nested too deeply") from error


def _valid(tables: Mapping[str, Any]) -> VoiceFile:
    try:
        return msgspec.convert(tables, VoiceFile)
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
    return _text(document)


class Edit(msgspec.Struct, frozen=True):
    """What is to change in a `voice.toml`."""

    values: Mapping[str, Any] = MappingProxyType({})
    """Tables within tables; what is not in them stays."""
    variants: Mapping[str, Entry] = MappingProxyType({})
    """Whole ones."""
    without_variant: str | None = None

    def apply(self, tables: MutableMapping[str, Any]) -> None:
        """To plain dicts, or to a document of tomlkit."""
        _merge(tables, self.values)
        variants = cast("MutableMapping[str, Any]", tables["variants"])
        for name, entry in self.variants.items():
            variants.pop(name, None)
            _merge(variants, {name: msgspec.to_builtins(entry)})
        if self.without_variant is not None:
            del variants[self.without_variant]


def edited(data: bytes, edit: Edit) -> bytes:
    """`data` with the changes; comments and order stay.

    Tables that people wrote in a way that does not take the change, in one line for example, are written anew. Raises
    BadRequest when what comes out is no voice any more, TooLarge.
    """
    from tomlkit.exceptions import TOMLKitError

    tables = cast("dict[str, Any]", msgspec.to_builtins(parse(data)))
    edit.apply(tables)
    wanted = _valid(tables)
    for write in (_in_place, _anew):
        result = b""
        with suppress(TOMLKitError, *_TROUBLE):
            result = write(data.decode("utf-8-sig"), edit, tables)
        if len(result) > LONGEST_BYTES:
            raise TooLarge(f"{FILE} would have over {LONGEST_BYTES} bytes")
        with suppress(BadRequest):
            if parse(result) == wanted:
                return result
    raise BadRequest(f"{FILE} is written in a way that no program here can change: edit it by hand")


def _in_place(text: str, edit: Edit, _tables: Mapping[str, Any]) -> bytes:
    import tomlkit

    document = tomlkit.parse(text)
    edit.apply(document)
    return _text(document)


def _anew(text: str, _edit: Edit, tables: Mapping[str, Any]) -> bytes:
    import tomlkit

    document = tomlkit.parse(text)
    for key, value in tables.items():
        if isinstance(value, Mapping):
            document.pop(key, None)  # pyright: ignore[reportUnknownMemberType]
    _merge(document, tables)
    return _text(document)


def _text(document: Any) -> bytes:
    import tomlkit

    return tomlkit.dumps(document).encode()  # pyright: ignore[reportUnknownMemberType]


def _merge(target: MutableMapping[str, Any], changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if not isinstance(value, Mapping):
            target[key] = value
            continue
        if key not in target:
            target[key] = _table(target, is_super_table=key == "variants")
        _merge(target[key], cast("Mapping[str, Any]", value))


def _table(target: MutableMapping[str, Any], *, is_super_table: bool) -> MutableMapping[str, Any]:
    import tomlkit

    return {} if type(target) is dict else tomlkit.table(is_super_table=is_super_table)

"""Messages between the daemon and its prep processes: heavy or untrusted text work."""

from typing import Literal

import msgspec

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.speech import Segment


class PrepareText(msgspec.Struct, frozen=True, tag="prepare_text"):
    """Turn plain text into segments. `language` is a code or `auto`."""

    id: int
    text: str
    language: str = "auto"


class PrepareDocument(msgspec.Struct, frozen=True, tag="prepare_document"):
    """Read the file at `path`, whose name ends in `suffix` (`.txt`, `.md`), and turn it into segments."""

    id: int
    path: str
    suffix: str
    language: str = "auto"
    max_bytes: int = 2 * 2**20
    max_chars: int = 1_000_000


class FrontMatter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Settings at the top of a `.txt` or `.md` file between `+++` lines, in TOML."""

    voice: str | None = None
    language: str | None = None
    format: str | None = None
    speed: float | None = None
    seed: int | None = None
    style: str | None = None
    captions: str | None = None
    title: str | None = None


class Prepared(msgspec.Struct, frozen=True, tag="prepared"):
    """The segments of request `id`, in speaking order; never empty (that is `nothing_to_say`)."""

    id: int
    segments: tuple[Segment, ...]
    front_matter: FrontMatter = FrontMatter()
    sha256: str = ""
    """Of the document's bytes; empty for plain text."""


class PrepFailed(msgspec.Struct, frozen=True, tag="prep_failed"):
    id: int
    error: ErrorBody


class PrepPing(msgspec.Struct, frozen=True, tag="ping"):
    id: int


class PrepPong(msgspec.Struct, frozen=True, tag="pong"):
    id: int


ToPrep = PrepareText | PrepareDocument | PrepPing
FromPrep = Prepared | PrepFailed | PrepPong

DocumentSuffix = Literal[".txt", ".md"]

"""Messages between the daemon and its prep processes: heavy or untrusted text work."""

from typing import Literal

import msgspec

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.speech import FileFormat, Segment


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


class Chapter(msgspec.Struct, frozen=True):
    """A chapter of a book or a heading of a text: it begins with the segment `first`."""

    title: str
    first: int


class Slot(msgspec.Struct, frozen=True):
    """A subtitle's time: its speech begins with the segment `first`, not before `start_s`, and had best end by `end_s`.

    A slot lasts to the next slot's first segment.
    """

    first: int
    start_s: float
    end_s: float


class Row(msgspec.Struct, frozen=True):
    """A row of a table, which gets a file of its own: the segments from `first` on, `count` of them."""

    number: int
    """Counted from 1, as in the file, its header apart."""
    name: str
    """Of its file, below the table's folder, without extension: `id`, or `out`, or the number as `0001`."""
    first: int
    count: int
    voice: str | None = None
    language: str | None = None
    format: FileFormat | None = None
    error: ErrorBody | None = None
    """Why it cannot be spoken; then it has no segments, and the other rows are spoken all the same."""


class Prepared(msgspec.Struct, frozen=True, tag="prepared"):
    """The segments of request `id`, in speaking order; never empty (that is `nothing_to_say`)."""

    id: int
    segments: tuple[Segment, ...]
    front_matter: FrontMatter = FrontMatter()
    sha256: str = ""
    """Of the document's bytes; empty for plain text."""
    chapters: tuple[Chapter, ...] = ()
    """In order; empty where a text has no headings."""
    slots: tuple[Slot, ...] = ()
    """Of subtitles, in order."""
    rows: tuple[Row, ...] = ()
    """Of a table, in order; a table may consist of rows with errors alone, and has no segments then."""
    title: str = ""
    author: str = ""
    """What a book says of itself."""


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

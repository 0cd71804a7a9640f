"""Messages between the daemon and its prep processes: heavy or untrusted text work, and the encoding of audio."""

from typing import Final, Literal, get_args

import msgspec

from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.lexicon import LexiconUse
from ttsd.protocol.speech import Captions, FileFormat, Segment, Style

DocumentSuffix = Literal[
    ".txt", ".md", ".html", ".htm", ".xhtml", ".epub", ".srt", ".vtt", ".csv", ".json", ".jsonl"
]  # fmt: skip
"""What names of documents end in, in any case."""
SUFFIXES: Final[tuple[DocumentSuffix, ...]] = get_args(DocumentSuffix)


class PrepareText(msgspec.Struct, frozen=True, tag="prepare_text"):
    """Turn plain text into segments. `language` is a code or `auto`."""

    id: int
    text: str
    language: str = "auto"
    lexicon: LexiconUse | None = None
    prior: str = ""
    """The Latin language of what was said before, which `auto` assumes where this text is unclear."""


class PrepareDocument(msgspec.Struct, frozen=True, tag="prepare_document"):
    """Read the file at `path`, whose name ends in `suffix` (one of `SUFFIXES`), and turn it into segments."""

    id: int
    path: str
    suffix: str
    language: str = "auto"
    max_bytes: int = 2 * 2**20
    max_book_bytes: int = 200 * 2**20
    """Of an EPUB, which carries its pictures; `max_bytes` is for all others."""
    max_chars: int = 1_000_000
    """Of what is to be spoken."""
    lexicon: LexiconUse | None = None


class FrontMatter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Settings at the top of a `.txt` or `.md` file between `+++` lines, in TOML."""

    voice: str | None = None
    language: str | None = None
    format: FileFormat | None = None
    speed: float | None = None
    seed: int | None = None
    style: Style | None = None
    captions: Captions | None = None
    title: str | None = None
    code: Literal["skip", "read"] = "skip"
    """Blocks of code in Markdown."""


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


class ChapterTime(msgspec.Struct, frozen=True):
    """A chapter of a finished file."""

    title: str
    start_s: float
    end_s: float


class Tags(msgspec.Struct, frozen=True):
    """What a file says of itself, in its format's own fields; an empty one is left out.

    That it is synthetic speech, made by which engine, is said in the comment of every file that can.
    """

    title: str = ""
    voice: str = ""
    """Stands as the artist."""
    album: str = ""
    engine: str = ""


CEILING_DBTP: Final = -1.0
"""No higher does a gain lift the true peak: EBU R128's bound for what goes on to a lossy encoder."""


class Encoding(msgspec.Struct, frozen=True):
    """What a finished file shall be."""

    format: FileFormat
    tags: Tags = Tags()
    chapters: tuple[ChapterTime, ...] = ()
    """In order, without overlap; formats that know no chapters leave them out."""
    loudness_lufs: float = 0.0
    """Wanted integrated loudness (EBU R128); 0 leaves the level, and in lossless formats every sample, alone."""
    ceiling_dbtp: float = CEILING_DBTP


class Encode(msgspec.Struct, frozen=True, tag="encode"):
    """Turn the finished WAV at `source` (s16le mono at the inner rate, as `WavWriter` leaves it) into `target`."""

    id: int
    source: str
    target: str
    encoding: Encoding


class Encoded(msgspec.Struct, frozen=True, tag="encoded"):
    """`target` is complete and on the disk."""

    id: int
    samples: int
    """Of the source, at the inner rate; the file plays as long."""
    gain_db: float = 0.0
    """The one gain of the whole file."""
    loudness_lufs: float | None = None
    """Of the source; `None` when it was not measured, or is too short or too quiet to have a loudness."""


class PrepFailed(msgspec.Struct, frozen=True, tag="prep_failed"):
    id: int
    error: ErrorBody


class PrepPing(msgspec.Struct, frozen=True, tag="ping"):
    id: int


class PrepPong(msgspec.Struct, frozen=True, tag="pong"):
    id: int


ToPrep = PrepareText | PrepareDocument | PrepPing
FromPrep = Prepared | PrepFailed | PrepPong
ToEncoder = Encode | PrepPing
FromEncoder = Encoded | PrepFailed | PrepPong

"""Lexicons: how words are to be said, for everybody, for one user, for one voice."""

from typing import Annotated, Final, Literal

import msgspec

from ttsd.protocol.speech import LanguageOrNone, Segment, VoiceName

MAX_ENTRIES: Final = 10_000
"""Of one lexicon."""
MAX_CHARS: Final = 100
"""Of a word, and of how it is said."""

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_CHARS)]
Scope = Literal["user", "voice", "all"]
"""Whose lexicon it is: the asker's own, a voice's, everybody's; of two entries for one word the first of these wins."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One word, or several, and how they are said."""

    written: Words
    spoken: Words
    """A respelling; or a reading as in markup: IPA (`/lɛd/`), pinyin for Chinese words, kana for Japanese ones."""
    language: LanguageOrNone = ""
    """Only where the text is in this language; empty: in any."""
    case: bool = False
    """Only with these capitals."""
    whole: bool = True
    """Not as part of a longer word. Chinese, Japanese and Korean writing has no such parts: there it always matches."""

    def __str__(self) -> str:
        return f"{self.written}={self.spoken}"


class Placed(msgspec.Struct, frozen=True):
    """An entry and the lexicon it stands in."""

    entry: Entry
    scope: Scope
    voice: str = ""


class LexiconPage(msgspec.Struct, frozen=True):
    """Answer of `GET /v1/lexicon`, in the order of their words; and of changes, then what was changed."""

    entries: tuple[Placed, ...]


class LexiconChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /v1/lexicon`: these entries, instead of those for the same words (of the same language)."""

    entries: Annotated[tuple[Entry, ...], msgspec.Meta(min_length=0, max_length=MAX_ENTRIES)]
    scope: Scope = "user"
    voice: VoiceName | None = None
    """Whose, with `scope` = `voice`."""
    replace: bool = False
    """Instead of all that were in this lexicon."""


class LexiconTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /v1/lexicon/test`: how would this be read?"""

    text: Annotated[str, msgspec.Meta(min_length=1)]
    voice: VoiceName | None = None
    language: str = ""
    """A code, an English name, or `auto`; empty: the daemon's default."""


class Tried(msgspec.Struct, frozen=True):
    """Answer to it: the segments with what the engine would be given (`say` and `reading` of each span)."""

    voice: str
    segments: tuple[Segment, ...]


class LexiconUse(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which lexicons a text is read with: files below `folder`, as the daemon keeps them for prep processes."""

    folder: str
    user: str = ""
    """The number of the user whose lexicon it is, too; empty: nobody's."""
    voice: str = ""
    """Where the text names none."""

"""Messages between the daemon and the process that listens to reference clips with a recogniser."""

import msgspec

from ttsd.protocol.prep import PrepFailed, PrepPing, PrepPong


class Recognise(msgspec.Struct, frozen=True, tag="recognise"):
    """Hear the clip at `source`, in which `transcript` is to be said; `language` is a code, or empty: find it out."""

    id: int
    source: str
    transcript: str
    language: str


class Recognised(msgspec.Struct, frozen=True, tag="recognised"):
    """What was heard."""

    id: int
    text: str
    wrong: int
    """Words of the transcript, or characters in Chinese, Japanese and Korean, that were heard otherwise or not at all,
    and those that were heard beside it."""
    of: int
    """So many the transcript has; 0: there is none."""
    timbre: tuple[float, ...]
    """A unit vector: the cosine of two says how alike the voices are."""


ToEars = Recognise | PrepPing
FromEars = Recognised | PrepFailed | PrepPong

"""What a file says of itself: the words every format has, and the chunk that carries them in a WAV of our own."""

import struct
from typing import Final

from ttsd import __version__
from ttsd.protocol.prep import Tags

PROVENANCE: Final = "synthetic speech"
PROGRAM: Final = f"ttsd {__version__}"


def comment(tags: Tags) -> str:
    """That it is synthetic speech, and what made it."""
    return ", ".join(filter(None, (PROVENANCE, tags.engine and f"engine {tags.engine}", PROGRAM)))


def line(text: str) -> str:
    """Tags are single lines; control characters have no place in them."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def wav_info(tags: Tags) -> bytes:
    """The `LIST` chunk that stands behind the samples of a WAV.

    Source: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, INFO list).
    """
    fields = ((b"INAM", tags.title), (b"IART", tags.voice), (b"IPRD", tags.album), (b"ICMT", comment(tags)))
    found = b"".join(_padded(key, line(text)) for key, text in (*fields, (b"ISFT", PROGRAM)) if line(text))
    return struct.pack("<4sI4s", b"LIST", len(found) + 4, b"INFO") + found


def _padded(key: bytes, text: str) -> bytes:
    """Text ends with a NUL, chunks at even places."""
    data = text.encode() + b"\0"
    return struct.pack("<4sI", key, len(data)) + data + b"\0" * (len(data) % 2)

"""A take as a file: the ending of its name says the format; WAV is written here, the daemon makes the others."""

import asyncio
import io
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

import msgspec

from ttsd.durable import replace_synced
from ttsd.protocol.errors import BadRequest, TtsdError
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, FileFormat
from tui.language import t

FORMATS: Final[Mapping[str, FileFormat]] = {
    ".wav": "wav",
    ".flac": "flac",
    ".mp3": "mp3",
    ".opus": "opus",
    ".ogg": "opus",
    ".m4a": "m4a",
    ".m4b": "m4b",
    ".pcm": "pcm",
}
USUAL: Final = ".wav"


class Encodes(Protocol):
    """The part of the client that this needs."""

    async def encode(self, pcm: bytes, form: FileFormat, *, title: str = "", voice: str = "") -> bytes: ...


class Sound(msgspec.Struct, frozen=True):
    """PCM (s16le mono), and what its file says of itself."""

    pcm: bytes
    title: str = ""
    voice: str = ""


def target_of(answer: str) -> Path:
    """The path that `answer` names; without an ending it becomes a WAV file. Raises BadRequest for another ending."""
    path = Path(answer).expanduser()
    if not path.suffix:
        path = path.with_name(path.name + USUAL)
    if path.suffix.lower() not in FORMATS:
        raise BadRequest(
            t(
                "Nothing can be written as {suffix}; the name may end in {possible}.",
                suffix=path.suffix,
                possible=" ".join(FORMATS),
            )
        )
    if path.is_dir():
        raise BadRequest(t("{path} is a folder.", path=path))
    if not path.parent.is_dir():
        raise BadRequest(t("There is no folder {path}.", path=path.parent))
    return path


async def save(client: Encodes, sound: Sound, path: Path) -> None:
    """Write `sound` to `path`, in the place of what is there; it appears whole or not at all.

    Raises TtsdError: what the daemon says, or why the file cannot be written.
    """
    form = FORMATS[path.suffix.lower()]
    if form in ("wav", "pcm"):
        data = sound.pcm if form == "pcm" else as_wav(sound.pcm)
    else:
        data = await client.encode(sound.pcm, form, title=sound.title, voice=sound.voice)
    try:
        await asyncio.to_thread(replace_synced, path, data)
    except OSError as error:
        raise TtsdError(f"{path}: {error.strerror}") from error


def as_wav(pcm: bytes) -> bytes:
    """With its header."""
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(BYTES_PER_SAMPLE)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(pcm)
    return whole.getvalue()

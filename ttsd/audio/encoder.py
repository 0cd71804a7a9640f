"""A finished WAV becomes the file that was asked for: format, level, tags, chapters. Block by block, however long."""

import io
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

import av
from av.audio.frame import AudioFrame
from av.container import Flags as ContainerFlags
from av.error import FFmpegError

from ttsd.audio.files import WavSource
from ttsd.audio.formats import RECIPES, Recipe
from ttsd.audio.frames import filtered, frames
from ttsd.audio.loudness import gain_db, measure
from ttsd.audio.tags import PROGRAM, comment, line
from ttsd.durable import sync_directory
from ttsd.protocol.prep import ChapterTime, Encoding
from ttsd.protocol.speech import SAMPLE_RATE_HZ

_MILLISECOND: Final = Fraction(1, 1000)
_IO_BYTES: Final = 1 << 16
_AUDIOBOOK: Final = "2"
"""Apple's kind of media (`stik`), by which players file a book under books."""


class Made(NamedTuple):
    """What was done to a file."""

    samples: int
    gain_db: float
    loudness_lufs: float | None


def encode(source: Path, target: Path, encoding: Encoding) -> Made:
    """Write `target` from the WAV at `source`; it appears complete and on the disk, or not at all.

    The same source and encoding give the same bytes. Raises OSError as files do, ValueError when `source` is no
    finished WAV of ours, FFmpegError when the codec gives up.
    """
    wav = WavSource(source)
    loudness = measure(wav.blocks()) if encoding.loudness_lufs else None
    gain = gain_db(loudness, encoding.loudness_lufs, encoding.ceiling_dbtp) if loudness else 0.0
    part = target.with_name(f".{target.name}.part")
    try:
        _write(part, _louder(frames(wav.blocks()), gain), encoding)
        part.replace(target)
        sync_directory(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Made(wav.samples, gain, loudness.integrated_lufs if loudness else None)


def _louder(source: Iterator[AudioFrame], gain: float) -> Iterator[AudioFrame]:
    """In double precision, which the encoder rounds once; without a gain the samples stay what they are."""
    return filtered(source, "volume", f"volume={gain}dB:precision=double") if gain else source


def _write(path: Path, audio: Iterable[AudioFrame], encoding: Encoding) -> None:
    with _File(path, "w") as file:
        try:
            _mux(file, audio, encoding)
        except (OSError, FFmpegError) as error:
            raise file.failure or error from None
        if file.failure is not None:
            raise file.failure
        os.fsync(file.fileno())


def _mux(file: "_File", audio: Iterable[AudioFrame], encoding: Encoding) -> None:
    recipe = RECIPES[encoding.format]
    with _container(file, recipe) as container:
        # Without the libraries' own signatures and random numbers: same input, same bytes.
        container.flags |= ContainerFlags.bitexact.value
        fields = _fields(encoding, recipe)
        container.metadata.update(fields)
        options = {**recipe.quality, "flags": recipe.quality.get("flags", "") + "+bitexact"}
        stream = container.add_stream(recipe.codec, rate=SAMPLE_RATE_HZ, options=options, layout="mono")
        if recipe.encoder_key == "encoder":  # which FFmpeg removes from the container's own
            stream.metadata.update(fields)
        container.set_chapters([_chapter(number, chapter) for number, chapter in enumerate(encoding.chapters)])
        for frame in audio:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _container(file: "_File", recipe: Recipe) -> Any:
    """PyAV's container, whose type does not say what its streams take."""

    def reopen(_url: str, _flags: int, _options: dict[str, Any]) -> io.FileIO:
        """For the step in which the index moves to the front."""
        return io.FileIO(file.name, "r")

    return av.open(
        file,
        "w",
        format=recipe.muxer,
        container_options=dict(recipe.layout),
        buffer_size=_IO_BYTES,
        io_open=reopen if "movflags" in recipe.layout else None,
    )


def _fields(encoding: Encoding, recipe: Recipe) -> dict[str, str]:
    tags = encoding.tags
    found = {"title": tags.title, "artist": tags.voice, "album": tags.album, "comment": comment(tags)}
    if recipe.encoder_key:
        found[recipe.encoder_key] = PROGRAM
    if encoding.format == "m4b":
        found["media_type"] = _AUDIOBOOK
    return {key: said for key, text in found.items() if (said := line(text))}


def _chapter(number: int, chapter: ChapterTime) -> dict[str, Any]:
    """As PyAV takes it."""
    return {
        "id": number,
        "start": round(chapter.start_s * 1000),
        "end": round(chapter.end_s * 1000),
        "time_base": _MILLISECOND,
        "metadata": {"title": line(chapter.title)},
    }


class _File(io.FileIO):
    """Writes whole blocks, and remembers what went wrong: FFmpeg does not tell all it was told."""

    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[super().write(rest) :]
        except OSError as error:
            self.failure = error
            raise
        return len(data)

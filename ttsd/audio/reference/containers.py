"""Clips in containers that libsndfile does not know, by FFmpeg: with the one demuxer that is named, from one file."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from ttsd.audio.reference.decoding import KINDS, Budget, refused
from ttsd.audio.reference.recording import Recording

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples


def by_ffmpeg(file: BinaryIO, demuxer: str, longest_s: int) -> Recording:
    """The first audio stream of `file`. Raises BadRequest (`audio`), TooLarge."""
    try:
        with av.open(file, format=demuxer, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise refused("holds no sound, only pictures or data; send the sound alone")
            stream = container.streams.audio[0]
            rate_hz, channels = int(stream.codec_context.sample_rate), int(stream.codec_context.channels)
            budget = Budget(rate_hz, channels, longest_s)
            if stream.duration is not None and stream.time_base is not None:
                budget.check(math.floor(stream.duration * stream.time_base * rate_hz))
            samples = budget.collect(_blocks(container, stream))
            codec = str(stream.codec_context.name)
    except (FFmpegError, OSError) as error:
        raise refused(f"cannot be read ({error.strerror or type(error).__name__}); send {KINDS}") from None
    return Recording(samples, rate_hz, demuxer, codec)


def _blocks(container: Any, stream: Any) -> Iterator["Samples"]:
    """Blocks of [frames, channels]; a broken packet ends a clip, it does not spoil what came before it."""
    converter = AudioResampler(format="flt")
    heard = False
    try:
        for frame in container.decode(stream):
            for block in converter.resample(frame):
                yield _block(block)
                heard = True
    except FFmpegError:
        if not heard:
            raise


def _block(frame: AudioFrame) -> "Samples":
    values = np.asarray(frame.to_ndarray(), np.float32)
    return values.reshape(-1, len(frame.layout.channels))

"""Untrusted audio files: what kind they are by their first bytes, and their sound, within bounds of time and memory."""

import math
from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ttsd.audio.reference.recording import Recording
from ttsd.protocol.errors import BadRequest, TooLarge
from ttsd.protocol.hearing import LARGEST_CLIP_BYTES, LONGEST_CLIP_S, UNKNOWN_FRAMES

if TYPE_CHECKING:
    from ttsd.audio.reference.recording import Samples

KINDS: Final = "WAV, FLAC, Ogg, MP3, M4A or AAC"
_RATES_HZ: Final = range(4_000, 384_001)
_MOST_CHANNELS: Final = 8
_MOST_VALUES: Final = LONGEST_CLIP_S * 48_000 * 2
"""Samples of all channels: ten minutes of stereo at 48 kHz are 230 MB."""
_FULL_SCALE: Final = 8.0
"""Float files may exceed 1.0 a little; at integer scale they exceed this by far."""


def read_recording(path: Path, longest_s: int = LONGEST_CLIP_S) -> Recording:
    """Decode a file: WAV, FLAC, Ogg, MP3, AIFF, CAF, AU; with the extra `formats` M4A, AAC, WebM and more.

    Raises BadRequest (`audio`) when it cannot be read or holds no usable sound, TooLarge when it is too large or too
    long, which is found without decoding it to its end.
    """
    try:
        size = path.stat().st_size
        with path.open("rb", buffering=0) as file:
            check_size(size)
            recording = _decoded(file, _kind(file.read(64)), longest_s)
    except OSError as error:
        raise refused(f"cannot be read: {error.strerror or error}") from None
    return _checked(recording)


def check_size(size: int) -> None:
    """Refuse what is empty or too large. Raises BadRequest, TooLarge."""
    if size > LARGEST_CLIP_BYTES:
        raise TooLarge(
            f"the clip has {size / 2**20:.0f} MB, and {LARGEST_CLIP_BYTES >> 20} MB are allowed; "
            "cut out 3 to 15 seconds of clear speech",
            param="audio",
        )
    if not size:
        raise refused(f"is empty; send {KINDS}")


def _kind(head: bytes) -> str:
    """`sndfile`, or FFmpeg's name of the one demuxer that may read it. Nothing is left to guesses of a library:
    a playlist that names other files is no clip.
    """
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"fLaC", b"OggS", b"FORM", b"caff", b".snd", b"riff"):
        return "sndfile"
    if head[4:8] == b"ftyp":
        return "mov"
    for magic, demuxer in ((b"\x1aE\xdf\xa3", "matroska"), (b"0&\xb2u", "asf"), (b"#!AMR", "amr"), (b"ADIF", "aac")):
        if head.startswith(magic):
            return demuxer
    if head[:3] == b"ID3":
        return "sndfile"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "aac" if head[1] & 0xF6 == 0xF0 else "sndfile"
    raise refused(f"is no sound file that is known here; send {KINDS}")


def _decoded(file: FileIO, kind: str, longest_s: int) -> Recording:
    file.seek(0)
    if kind == "sndfile":
        return _by_sndfile(file, longest_s)
    try:
        from ttsd.audio.reference.containers import by_ffmpeg
    except ImportError as error:
        raise BadRequest(
            f'clips of this kind ({kind}) need the extra: pip install "ttsd[formats]" ({error}); or send WAV or FLAC',
            param="audio",
        ) from None
    return by_ffmpeg(file, kind, longest_s)


def _by_sndfile(file: FileIO, longest_s: int) -> Recording:
    import soundfile

    try:
        # By its descriptor: libsndfile's own reading does not stumble over offsets that a header makes up.
        with soundfile.SoundFile(file.fileno(), closefd=False) as sound:
            rate_hz, channels, promised = int(sound.samplerate), int(sound.channels), int(sound.frames)
            promised = 0 if promised == UNKNOWN_FRAMES else promised
            budget = Budget(rate_hz, channels, longest_s)
            budget.check(promised)
            samples = _samples(sound, budget)
            container, codec = str(sound.format), str(sound.subtype)
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError) as error:
        raise refused(f"cannot be read ({_reason(error)}); send {KINDS}") from None
    return Recording(samples, rate_hz, container, codec, truncated=len(samples) < promised)


def _samples(sound: Any, budget: "Budget") -> "Samples":
    """[frames, channels], at once: soundfile seeks after each read, and an MP3 decoder stumbles over that.

    Of a file that is broken in the middle, what comes before that, block by block; so is one of unknown length.
    """
    import soundfile

    if sound.frames == UNKNOWN_FRAMES:
        sound.seekable = lambda: False  # its end cannot be sought, and soundfile would after the last block
        return budget.collect(_blocks(sound, int(sound.samplerate) // 4))
    try:
        return sound.read(dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        sound.seek(0)
        return budget.collect(_blocks(sound, int(sound.samplerate) // 4))


def _blocks(sound: Any, size: int) -> Iterable["Samples"]:
    """Blocks of [frames, channels]; where the file breaks off, so do they."""
    import soundfile

    heard = False
    try:
        while len(block := sound.read(size, dtype="float32", always_2d=True)):
            yield block
            heard = True
    except soundfile.LibsndfileError:
        if not heard:
            raise


def _reason(error: Exception) -> str:
    """Without names of files."""
    return str(getattr(error, "error_string", "") or type(error).__name__).rstrip(". ")


class Budget:
    """How much sound of this rate and width may be decoded. Raises BadRequest for a rate or width nobody records in."""

    def __init__(self, rate_hz: int, channels: int, longest_s: int) -> None:
        if rate_hz not in _RATES_HZ:
            raise refused(f"has {rate_hz} samples a second; {_RATES_HZ[0]} to {_RATES_HZ[-1]} can be used")
        if not 1 <= channels <= _MOST_CHANNELS:
            raise refused(f"has {channels} channels; 1 to {_MOST_CHANNELS} can be used")
        self._rate_hz = rate_hz
        self._channels = channels
        self._most = min(longest_s * rate_hz, _MOST_VALUES // channels)

    def check(self, frames: int) -> None:
        """Raises TooLarge when there are more than may be."""
        if frames > self._most:
            raise TooLarge(
                f"the clip is longer than {self._most / self._rate_hz:.0f} s; cut out 3 to 15 seconds of clear speech, "
                "and cut its transcript too",
                param="audio",
            )

    def collect(self, blocks: Iterable["Samples"]) -> "Samples":
        """[frames, channels] of blocks that are not asked for once there are too many."""
        kept: list[Samples] = []
        count = 0
        for block in blocks:
            count += len(block)
            self.check(count)
            kept.append(block)
        return np.concatenate(kept) if kept else np.zeros((0, self._channels), np.float32)


def _checked(recording: Recording) -> Recording:
    samples = recording.samples
    if not len(samples):
        raise refused("holds no sound; record the voice again")
    if not np.isfinite(samples).all():
        raise refused("holds samples that are no numbers (NaN or infinite); save it again")
    peak = float(np.abs(samples).max())
    if not math.isfinite(peak) or peak > _FULL_SCALE:
        raise refused(f"has samples of {peak:g}, and full scale is 1.0; save it as 16-bit WAV")
    return recording


def refused(why: str) -> BadRequest:
    """That the clip cannot be used, and why."""
    return BadRequest(f"the clip {why}", param="audio")

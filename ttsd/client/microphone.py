"""The default microphone through PortAudio: its sound as it comes, and that sound as a WAV file."""

import array
import io
import queue
import sys
import threading
import wave
from types import ModuleType, TracebackType
from typing import Any, Final, Self

from ttsd.protocol.errors import PlaybackFailed

BLOCK_S: Final = 0.1
SILENT_DEVICE_S: Final = 3.0
"""A device that gives nothing for so long is not there."""
CLIPPING: Final = 32_000
"""A peak of so much is too loud: waves are cut off."""

listening: Final = threading.Lock()
"""Held while a microphone is open. PortAudio is one for the process, and must not be begun anew meanwhile."""


class Microphone:
    """Owns an open stream of the default input: mono, s16 in this machine's byte order. Its calls may block."""

    def __init__(self, block_s: float = BLOCK_S) -> None:
        """Raises PlaybackFailed when there is none."""
        self._blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        listening.acquire()
        try:
            self.rate_hz, self._stream = self._open(_sounddevice(), block_s)
        except BaseException:
            listening.release()
            raise

    def _open(self, sounddevice: ModuleType, block_s: float) -> tuple[int, Any]:
        try:
            rate_hz = int(sounddevice.query_devices(kind="input")["default_samplerate"])
            stream = sounddevice.RawInputStream(
                samplerate=rate_hz, channels=1, dtype="int16", blocksize=int(rate_hz * block_s), callback=self._take
            )
            stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise PlaybackFailed(f"no microphone can be opened ({error})") from error
        return rate_hz, stream

    def _take(self, data: Any, _frames: int, _time: Any, _status: Any) -> None:
        """PortAudio's thread."""
        self._blocks.put(bytes(data))

    def block(self) -> bytes:
        """The next `block_s` of sound. Raises PlaybackFailed when nothing comes."""
        try:
            return self._blocks.get(timeout=SILENT_DEVICE_S)
        except queue.Empty:
            raise PlaybackFailed("the microphone gives nothing") from None

    def skip(self) -> None:
        """Forget what has come and was not asked for."""
        while not self._blocks.empty():
            self._blocks.get()

    def close(self) -> None:
        try:
            self._stream.abort()
            self._stream.close()
        finally:
            listening.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def peak(pcm: bytes) -> int:
    """The largest sample of s16 in this machine's byte order."""
    samples = array.array("h", pcm)
    return max(-min(samples), max(samples)) if samples else 0  # noqa: PLW3301 — a list of arguments as long as a sound


def wav(pcm: bytes, rate_hz: int) -> bytes:
    """Mono s16 as a WAV file."""
    if sys.byteorder == "big":
        samples = array.array("h", pcm)
        samples.byteswap()
        pcm = samples.tobytes()
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate_hz)
        writer.writeframes(pcm)
    return file.getvalue()


def _sounddevice() -> ModuleType:
    try:
        import sounddevice
    except OSError as error:
        raise PlaybackFailed("there is no PortAudio to record with (apt install libportaudio2)") from error
    return sounddevice

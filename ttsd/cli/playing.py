"""Playing sound as it arrives, through PortAudio."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType, TracebackType
from typing import Any, Final, Self

from ttsd.protocol.errors import PlaybackFailed
from ttsd.protocol.speech import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ

LATENCY_S: Final = 0.1
AHEAD_S: Final = 30.0
"""Sound held here at most; beyond it, the daemon waits."""
LEAD_S: Final = 0.05
"""Silence first: some servers swallow the first milliseconds."""
TAIL_S: Final = 0.3
"""Silence last, beside the latency: stopping does not wait for what the sound server still holds."""
STUCK_S: Final = 5.0
"""How long over its time the end may take before the device counts as dead."""

WAY_OUT: Final = "save the sound with -o FILE.wav, or pipe it on with -o -"


def seconds(amount: float) -> int:
    """Bytes of our PCM in `amount` seconds."""
    return int(amount * SAMPLE_RATE_HZ) * BYTES_PER_SAMPLE


class Player:
    """A sink that plays; owns the stream of the default device. PortAudio's thread takes from the buffer."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray(seconds(LEAD_S))
        self._lock = threading.Lock()
        self._complete = False
        self._stopped = False
        self._changed = asyncio.Event()
        self._sounddevice = _sounddevice()
        self._stream: Any = None

    async def __aenter__(self) -> Self:
        self._stream = await asyncio.to_thread(self._open)
        return self

    def _open(self) -> Any:
        try:
            stream: Any = self._sounddevice.RawOutputStream(
                samplerate=SAMPLE_RATE_HZ,
                channels=1,
                dtype="int16",
                latency=LATENCY_S,
                callback=self._fill,
                finished_callback=self._finish,
            )
            stream.start()
        except (self._sounddevice.PortAudioError, ValueError) as error:
            raise PlaybackFailed(f"no sound device can be opened ({error}); {WAY_OUT}") from error
        return stream

    async def write(self, pcm: bytes) -> None:
        """Queue `pcm`; waits while more than AHEAD_S of sound is queued. Raises PlaybackFailed."""
        with self._lock:
            self._buffer += pcm
        await self._until(lambda: len(self._buffer) <= seconds(AHEAD_S))
        if self._stopped:
            raise PlaybackFailed(f"the sound device went away; {WAY_OUT}")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Play to the end; after an error, stop at once."""
        try:
            if error is None:
                await self._drain()
        finally:
            self._close()

    async def _drain(self) -> None:
        with self._lock:
            self._buffer += bytes(seconds(LATENCY_S + TAIL_S))
            self._complete = True
            left_s = len(self._buffer) / seconds(1)
        try:
            async with asyncio.timeout(left_s + STUCK_S):
                await self._until(lambda: False)
        except TimeoutError:
            raise PlaybackFailed(f"the sound device stopped taking sound; {WAY_OUT}") from None
        if self._buffer:
            raise PlaybackFailed(f"the sound device went away; {WAY_OUT}")

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Wait for `condition`, or for the end of the stream."""
        while not (self._stopped or condition()):
            self._changed.clear()
            await self._changed.wait()

    def _close(self) -> None:
        """In a thread that is not waited for: with a frozen sound server PortAudio blocks for tens of seconds."""
        closing = threading.Thread(target=self._stream.close, kwargs={"ignore_errors": True}, daemon=True)
        closing.start()
        closing.join(timeout=1.0)

    def _fill(self, out: Any, _frames: int, _time: Any, _status: Any) -> None:
        """PortAudio's thread: the next of the buffer, silence where there is none yet."""
        size = len(out)
        with self._lock:
            data = bytes(self._buffer[:size])
            del self._buffer[:size]
            last = self._complete and not self._buffer
        out[:] = data.ljust(size, b"\0")
        self._tell()
        if last:
            raise self._sounddevice.CallbackStop

    def _finish(self) -> None:
        """PortAudio's thread: everything was played, or the device is gone."""
        self._stopped = True
        self._tell()

    def _tell(self) -> None:
        # After an interrupt PortAudio may still be playing while the loop is closing.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._changed.set)


def _sounddevice() -> ModuleType:
    try:
        import sounddevice
    except OSError as error:
        raise PlaybackFailed(f"there is no PortAudio to play with (apt install libportaudio2); {WAY_OUT}") from error
    return sounddevice

"""PortAudio, wrapped: every call here may block, so only the player's thread makes them."""

import atexit
import importlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from ttsd.protocol.errors import PlaybackFailed

NO_PORTAUDIO: Final = "PortAudio is not installed (Debian: apt install libportaudio2)"
NO_DEVICE: Final = "no sound device"

Fill = Callable[[memoryview], None]
"""Writes the next samples (s16le mono) over all of the given buffer; runs in PortAudio's thread."""


class Output:
    """Owns one open output stream; silent when closed."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.latency_s = float(stream.latency)

    def drop(self) -> None:
        """Silence now: what the device still holds is gone."""
        self._stream.abort()

    def resume(self) -> None:
        """After `drop`: go on with what `fill` gives next."""
        self._stream.start()

    def close(self) -> None:
        self._stream.abort()
        self._stream.close()


def open_output(rate_hz: int, latency_s: float, fill: Fill, on_end: Callable[[], None]) -> Output:
    """Start the default device; `on_end` is called from PortAudio's thread when the stream ends by itself.

    Raises PlaybackFailed.
    """
    portaudio = _portaudio()

    def callback(out: Any, _frames: int, _time: Any, _status: Any) -> None:
        with memoryview(out) as raw, raw.cast("B") as buffer:
            fill(buffer)

    try:
        stream = portaudio.RawOutputStream(
            samplerate=rate_hz,
            channels=1,
            dtype="int16",
            latency=latency_s,
            callback=callback,
            finished_callback=on_end,
        )
        stream.start()
    except (portaudio.PortAudioError, ValueError) as error:
        raise PlaybackFailed(f"{NO_DEVICE}: {_words(error)}") from error
    return Output(stream)


def find_device() -> str:
    """Name of the default output device. Raises PlaybackFailed when there is none."""
    portaudio = _portaudio()
    try:
        return str(portaudio.query_devices(kind="output")["name"])
    except (portaudio.PortAudioError, ValueError) as error:
        raise PlaybackFailed(NO_DEVICE) from error


def renew() -> None:
    """Look for devices again: PortAudio lists them once, when it is initialised. No stream may be open."""
    portaudio = _portaudio()
    with suppress(portaudio.PortAudioError):
        portaudio._terminate()  # noqa: SLF001 — sounddevice offers no public call for it
    with suppress(portaudio.PortAudioError):
        portaudio._initialize()  # noqa: SLF001 — as above


def _portaudio() -> Any:
    """The module, imported on first use: that takes half a second, and fails where the library is missing."""
    try:
        portaudio: Any = importlib.import_module("sounddevice")
    except OSError as error:
        raise PlaybackFailed(NO_PORTAUDIO) from error
    # Its handler waits for the sound server, which may be frozen; the player closes what it opened.
    atexit.unregister(portaudio._exit_handler)  # noqa: SLF001 — registered on import, no public way
    return portaudio


def _words(error: Exception) -> str:
    return str(error.args[0] if error.args else error)

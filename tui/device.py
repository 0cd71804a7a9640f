"""PortAudio, wrapped: every call here may block, so only the player's thread makes them."""

import atexit
import importlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

from ttsd.client.microphone import listening
from ttsd.protocol.errors import PlaybackFailed
from tui.language import later

NO_PORTAUDIO: Final = later("PortAudio is not installed (Debian: apt install libportaudio2)")
NO_DEVICE: Final = later("no sound device")
BLOCK_S: Final = 0.015
"""Asked for at once: PortAudio by itself asks for less twice as often, which costs a hundredth of a core."""
DEFAULT: Final = ""
"""The device that the system chooses."""


class Fill(Protocol):
    """Writes the next samples (s16le mono) over all of the given buffer; runs in PortAudio's thread.

    `late`: the device ran dry before.
    """

    def __call__(self, out: memoryview, *, late: bool = False) -> None: ...


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


def open_output(
    rate_hz: int, latency_s: float, fill: Fill, on_end: Callable[[], None], *, device: str = DEFAULT
) -> Output:
    """Start `device`; `on_end` is called from PortAudio's thread when the stream ends by itself.

    Raises PlaybackFailed.
    """
    portaudio = _portaudio()
    if device and device not in outputs():
        raise PlaybackFailed(f"{device} is not there")

    def callback(out: Any, _frames: int, _time: Any, status: Any) -> None:
        with memoryview(out) as raw, raw.cast("B") as buffer:
            fill(buffer, late=bool(status.output_underflow))

    try:
        stream = portaudio.RawOutputStream(
            device=device or None,
            samplerate=rate_hz,
            channels=1,
            dtype="int16",
            latency=latency_s,
            blocksize=round(rate_hz * min(BLOCK_S, latency_s / 2)),
            callback=callback,
            finished_callback=on_end,
        )
        stream.start()
    except (portaudio.PortAudioError, ValueError) as error:
        raise PlaybackFailed(f"{NO_DEVICE}: {_words(error)}") from error
    return Output(stream)


def outputs() -> list[str]:
    """The names of the devices that sound can be played on. Raises PlaybackFailed."""
    portaudio = _portaudio()
    try:
        found = [str(device["name"]) for device in portaudio.query_devices() if device["max_output_channels"] > 0]
    except portaudio.PortAudioError as error:
        raise PlaybackFailed(NO_DEVICE) from error
    return list(dict.fromkeys(found))


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
    if not listening.acquire(blocking=False):
        return  # somebody records: the list of devices stays as it is until that is over
    try:
        with suppress(portaudio.PortAudioError):
            portaudio._terminate()  # noqa: SLF001 — sounddevice offers no public call for it
        with suppress(portaudio.PortAudioError):
            portaudio._initialize()  # noqa: SLF001 — as above
    finally:
        listening.release()


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

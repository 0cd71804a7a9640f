"""Recording from the microphone, with a countdown and a level meter on standard error."""

import array
import io
import queue
import select
import sys
import time
import wave
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

import click

from ttsd.protocol.errors import PlaybackFailed

COUNTDOWN_S: Final = 3
BLOCK_S: Final = 0.1
SILENT_DEVICE_S: Final = 3.0
"""A device that gives nothing for so long is not there."""
METER_WIDTH: Final = 40
CLIPPING: Final = 32_000
WAY_OUT: Final = "record with another program, and give the file with --audio"


def record(seconds: float) -> bytes:
    """Up to `seconds` from the default microphone as a WAV, mono, 16 bits. Enter ends it. Raises PlaybackFailed."""
    sounddevice = _sounddevice()
    try:
        rate_hz = int(sounddevice.query_devices(kind="input")["default_samplerate"])
        with _microphone(sounddevice, rate_hz) as blocks:
            _count_down()
            pcm = _taken(blocks, seconds, rate_hz)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise PlaybackFailed(f"no microphone can be opened ({error}); {WAY_OUT}") from error
    return wav(pcm, rate_hz)


@contextmanager
def _microphone(sounddevice: ModuleType, rate_hz: int) -> Generator["queue.SimpleQueue[bytes]"]:
    blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def take(data: Any, _frames: int, _time: Any, _status: Any) -> None:
        """PortAudio's thread."""
        blocks.put(bytes(data))

    with sounddevice.RawInputStream(
        samplerate=rate_hz, channels=1, dtype="int16", blocksize=int(rate_hz * BLOCK_S), callback=take
    ):
        yield blocks


def _count_down() -> None:
    for left in range(COUNTDOWN_S, 0, -1):
        _draw(f"recording in {left} …")
        time.sleep(1)


def _taken(blocks: "queue.SimpleQueue[bytes]", seconds: float, rate_hz: int) -> bytes:
    """What comes from now on."""
    while not blocks.empty():
        blocks.get()
    pcm = bytearray()
    wanted = int(seconds * rate_hz) * 2
    while len(pcm) < wanted and not _enter_pressed():
        try:
            block = blocks.get(timeout=SILENT_DEVICE_S)
        except queue.Empty:
            raise PlaybackFailed(f"the microphone gives nothing; {WAY_OUT}") from None
        pcm += block
        _draw(meter(peak(block), (wanted - len(pcm)) / 2 / rate_hz))
    _draw("")
    return bytes(pcm[:wanted])


def peak(pcm: bytes) -> int:
    """The largest sample of s16 in this machine's byte order."""
    samples = array.array("h", pcm)
    return max(-min(samples), max(samples)) if samples else 0  # noqa: PLW3301 — a list of arguments as long as a sound


def meter(loudest: int, left_s: float) -> str:
    """A bar for the level, and what is left."""
    filled = min(METER_WIDTH, round(loudest / 32768 * METER_WIDTH * 1.6))
    colour = "red" if loudest >= CLIPPING else "green" if loudest >= 1000 else "yellow"
    bar = click.style("█" * filled, fg=colour) + "·" * (METER_WIDTH - filled)
    warning = "  too loud" if loudest >= CLIPPING else ""
    return f"● {bar} {max(0.0, left_s):4.0f} s left, Enter ends it{warning}"


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


def _draw(line: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{line}", nl=False, err=True)


def _enter_pressed() -> bool:
    if not sys.stdin.isatty() or not select.select([sys.stdin], [], [], 0)[0]:
        return False
    sys.stdin.readline()
    return True


def _sounddevice() -> ModuleType:
    try:
        import sounddevice
    except OSError as error:
        raise PlaybackFailed(f"there is no PortAudio to record with (apt install libportaudio2); {WAY_OUT}") from error
    return sounddevice

"""Recording from the microphone, with a countdown and a level meter on standard error."""

import select
import sys
import time
from typing import Final

import click

from ttsd.client.microphone import CLIPPING, Microphone, peak, wav
from ttsd.protocol.errors import PlaybackFailed

COUNTDOWN_S: Final = 3
METER_WIDTH: Final = 40
WAY_OUT: Final = "record with another program, and give the file with --audio"


def record(seconds: float) -> bytes:
    """Up to `seconds` from the default microphone as a WAV, mono, 16 bits. Enter ends it. Raises PlaybackFailed."""
    try:
        with Microphone() as microphone:
            _count_down()
            pcm = _taken(microphone, seconds)
            return wav(pcm, microphone.rate_hz)
    except PlaybackFailed as error:
        raise PlaybackFailed(f"{error.message}; {WAY_OUT}") from error


def _count_down() -> None:
    for left in range(COUNTDOWN_S, 0, -1):
        _draw(f"recording in {left} …")
        time.sleep(1)


def _taken(microphone: Microphone, seconds: float) -> bytes:
    """What comes from now on."""
    microphone.skip()
    pcm = bytearray()
    wanted = int(seconds * microphone.rate_hz) * 2
    while len(pcm) < wanted and not _enter_pressed():
        block = microphone.block()
        pcm += block
        _draw(meter(peak(block), (wanted - len(pcm)) / 2 / microphone.rate_hz))
    _draw("")
    return bytes(pcm[:wanted])


def meter(loudest: int, left_s: float) -> str:
    """A bar for the level, and what is left."""
    filled = min(METER_WIDTH, round(loudest / 32768 * METER_WIDTH * 1.6))
    colour = "red" if loudest >= CLIPPING else "green" if loudest >= 1000 else "yellow"
    bar = click.style("█" * filled, fg=colour) + "·" * (METER_WIDTH - filled)
    warning = "  too loud" if loudest >= CLIPPING else ""
    return f"● {bar} {max(0.0, left_s):4.0f} s left, Enter ends it{warning}"


def _draw(line: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{line}", nl=False, err=True)


def _enter_pressed() -> bool:
    if not sys.stdin.isatty() or not select.select([sys.stdin], [], [], 0)[0]:
        return False
    sys.stdin.readline()
    return True

"""How figures, times and states read on the screen."""

import re
from typing import Final

from rich.cells import cell_len, chop_cells, set_cell_size

from ttsd.protocol.jobs import JobState
from ttsd.protocol.speech import LANGUAGES

UNITS: Final = ("B", "KB", "MB", "GB", "TB")

JOB_GLYPHS: Final = {
    JobState.QUEUED: "○",
    JobState.RUNNING: "◐",
    JobState.SUCCEEDED: "●",
    JobState.FAILED: "✗",
    JobState.CANCELLED: "–",
}
"""Told apart by shape, so that they read without colour."""


def clock(seconds: float) -> str:
    """A position in a sound: `0:07.4`, `12:03.0`."""
    tenths = round(max(0.0, seconds) * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def duration(seconds: float) -> str:
    """A length in at most six cells: `0.8 s`, `42 s`, `3:05`, `2 h 10`, `4 d`."""
    whole = round(seconds)
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f} s"
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d}"
    return f"{whole // 86_400} d"


def age(seconds: float) -> str:
    """How long ago, coarse: `now`, `40 s`, `5 min`, `3 h`, `2 d`."""
    whole = int(max(0.0, seconds))
    if whole < 5:
        return "now"
    for limit, divisor, unit in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h")):
        if whole < limit:
            return f"{whole // divisor} {unit}"
    return f"{whole // 86_400} d"


def size(count: float) -> str:
    """Bytes with a unit: `812 MB`, `3.2 GB`."""
    value = float(count)
    for unit in UNITS[:-1]:
        if value < 1000:
            return f"{value:.1f} {unit}" if unit in UNITS[3:] and value < 100 else f"{value:.0f} {unit}"
        value /= 1024
    return f"{value:.1f} {UNITS[-1]}"


def milliseconds(value: float) -> str:
    """`41 ms`, and `1.2 s` once that reads better."""
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def percent(fraction: float) -> str:
    return f"{fraction * 100:.0f} %"


def counted(number: int, noun: str) -> str:
    """`1 job`, `3 jobs`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def language(code: str) -> str:
    """`English` for `en`; an unknown code stays as it is."""
    return LANGUAGES.get(code, code).capitalize() if code in LANGUAGES else code


_PICTURES: Final = {code: 0x2400 + code for code in range(32)} | {127: 0x2421} | dict.fromkeys(range(128, 160), 0xFFFD)


def plain(text: str) -> str:
    """`text` on one line, control characters made visible: names of files come from anywhere."""
    return text.replace("\n", " ").translate(_PICTURES)


def fitted(text: str, width: int) -> str:
    """`text` in exactly `width` cells, its end replaced by `…` when it is too long."""
    return set_cell_size(text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…", width)


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken between words where there are any; never no line."""
    lines: list[str] = []
    line = ""
    for word in re.findall(r"\S+\s*", plain(text)):
        if cell_len(line) + cell_len(word.rstrip()) <= width:
            line += word
            continue
        if line:
            lines.append(line.rstrip())
        *whole, line = chop_cells(word.rstrip(), max(2, width))
        line += word[len(word.rstrip()) :]
        lines += whole
    return [*lines, line.rstrip()]

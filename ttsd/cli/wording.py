"""Times, sizes and counts as people read them."""

from datetime import datetime
from typing import Final

import click

from ttsd.protocol.jobs import JobState

STATE_COLOURS: Final[dict[JobState, str]] = {
    JobState.QUEUED: "white",
    JobState.RUNNING: "cyan",
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "yellow",
}


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`, `5 h 02 min`, `4 days 3 h`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02} min"
    return f"{hours // 24} days {hours % 24} h"


def size(count: float) -> str:
    """`480 B`, `31 MB`, `1.9 GB`, in powers of 1024."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GB"


def moment(unix_s: float) -> str:
    """Local date and time."""
    return datetime.fromtimestamp(unix_s).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def coloured(state: JobState, width: int = 0) -> str:
    """The state's name in its colour."""
    return click.style(state.value.ljust(width), fg=STATE_COLOURS[state])


def one_line(text: str, width: int) -> str:
    """`text` without line breaks and control characters, cut at `width`."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"

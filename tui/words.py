"""How figures, times and states read on the screen."""

import re
from typing import Final

from rich.cells import cell_len, chop_cells, set_cell_size

from ttsd.protocol.jobs import Job, JobState
from ttsd.protocol.speech import LANGUAGES
from tui.language import chosen, later, t

UNITS: Final = ("B", "KB", "MB", "GB", "TB")

NOUNS: Final = (later("gap"), later("job"), later("line"), later("letter"), later("segment"), later("session"))
"""What is counted."""

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
        return t("now")
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


def celsius(degrees: float) -> str:
    return f"{degrees:.0f} °C"


def watts(power_w: float) -> str:
    return f"{power_w:.0f} W"


def counted(number: int, noun: str) -> str:
    """`1 job`, `3 jobs`; Chinese has no plural, and its noun brings its measure word: `3 个任务`."""
    plural = number != 1 and chosen() == "en"
    return f"{number:,} {t(noun)}{'s' if plural else ''}"


def language(code: str) -> str:
    """`English` for `en`; an unknown code stays as it is."""
    return t(LANGUAGES[code].capitalize()) if code in LANGUAGES else code


_UNSEEN: Final = (
    *range(0x80, 0xA0),
    *(0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    *(0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB),
    *range(0xE0000, 0xE0080),
)
"""Signs that order a terminal about, turn the direction of writing, or take no room; half a pair is none at all."""
_PICTURES: Final = {code: 0x2400 + code for code in range(32)} | {127: 0x2421} | dict.fromkeys(_UNSEEN, 0xFFFD)
_STRAY: Final = re.compile("(?<![^\\x00-\\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\\x00-\\x7f])|[\ud800-\udfff]")
"""Joiners between letters of ASCII, where no script needs them, and bytes of a file's name that are no UTF-8."""


def title_of(job: Job) -> str:
    """What a job is called; others' titles are kept from who asks."""
    return t("another user's job") if job.veiled else job.title


def plain(text: str) -> str:
    """`text` on one line, what would act on a terminal or hide made visible: names of files come from anywhere."""
    return _STRAY.sub("�", text.replace("\n", " ")).translate(_PICTURES)


def plain_lines(text: str) -> str:
    """The same, but the lines stay."""
    return "\n".join(map(plain, text.split("\n")))


def shortened(text: str, chars: int) -> str:
    """At most `chars` of `text`, ending with a word and `…` when it is longer."""
    return text if len(text) <= chars else text[: chars - 1].rsplit(maxsplit=1)[0].rstrip(" ,;:") + "…"


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

"""Everything about one line of the log."""

from typing import Final

from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import in_words, rank, said
from tui import words
from tui.language import t
from tui.widgets.facts import Fact
from tui.widgets.logview import TRACE, moment

MOST_FIELDS: Final = 100
LONGEST_NAME: Final = 24


def about(line: LogEvent) -> list[Fact]:
    """Its fields in two columns; the traceback is apart."""
    colour = ("$quiet", "$foreground", "$warning", "$error")[rank(line.level)]
    at = moment(line.at_s)
    rows: list[Fact] = [
        (t("when"), f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} {at:%z}", "$foreground"),
        (t("severity"), words.plain(line.level), colour),
    ]
    if lines := trace(line).splitlines():
        rows.append((TRACE, lines[-1], colour))
    fields = [(name, value) for name, value in line.fields.items() if name != TRACE]
    for name, value in fields[:MOST_FIELDS]:
        short = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
        rows.append((words.plain(short), words.plain(in_words(value)), "$foreground"))
    return rows


def trace(line: LogEvent) -> str:
    """The traceback, a line each; empty where there is none."""
    return "\n".join(map(words.plain, in_words(line.fields.get(TRACE) or "").splitlines()))


def as_text(line: LogEvent) -> str:
    """The line, for somewhere else: nothing in it steers a terminal."""
    return f"{moment(line.at_s).isoformat(timespec='milliseconds')} {words.plain(f'{line.level} {said(line)}')}"

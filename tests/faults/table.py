"""docs/faults.md: what operators and clients see of each fault."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.faults.acting import Outcome
from tests.faults.scenarios import CLIENTS, DAEMON, MACHINE, WORKER

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "faults.md"
GROUPS: Final = {"The worker": WORKER, "The daemon": DAEMON, "The machine": MACHINE, "Clients": CLIENTS}
HEAD: Final = ("fault", "brought about by", "a live session", "a stream", "the daemon", "log", "not ready for")
INTRODUCTION: Final = """\
# What happens when something happens

Each line was acted out on a real daemon with the engine `fake`, while a live session and an HTTP stream were being
listened to, and files and a text waited in the queue: `python -m tests.faults` does it and writes this page. The test
suite does the same, and fails when a line comes out otherwise.

**In every line, nothing that was accepted is lost and nothing is made twice**: all files and texts come out once and
whole, with their receipts, their sources in `done/`, and a sound database. A live session or a stream that outlives a
worker keeps its connection and goes on where it stopped, after a silence as long as it takes the next worker to get
ready; "all of it" was compared sample by sample. Every 503 has `Retry-After`. "not ready for" is how long `/readyz`
said so, on the machine that wrote this; a large model adds the time it takes to load, and a daemon that was killed adds
what systemd waits before it starts another (`RestartSec`).
"""


def rows(times: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Of the table, one for each scenario; the time is empty where it is not known."""
    return [
        (
            each.name,
            each.how,
            each.live,
            each.stream,
            each.ready,
            f"`{each.told}`" if each.told else "–",
            times.get(each.name, ""),
        )
        for group in GROUPS.values()
        for each in group
    ]


def time_of(outcome: Outcome) -> str:
    """As the table has it."""
    return f"{outcome.not_ready_s:.1f} s" if outcome.not_ready_s else "–"


def document(times: Mapping[str, str]) -> str:
    """The whole page."""
    found = iter(rows(times))
    parts = [INTRODUCTION]
    for title, group in GROUPS.items():
        lines = [HEAD, ("---",) * len(HEAD), *(next(found) for _ in group)]
        parts.append(f"## {title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines))
    return "\n".join(parts)


def rows_of(text: str) -> list[tuple[str, ...]]:
    """The rows of a page."""
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith(("| fault", "| ---"))]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]

"""`ttsd logs`: the daemon's log, searched through all its files, and followed."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any, Final

import click
import msgspec

from ttsd.cli.exits import complain
from ttsd.cli.options import json_option, socket_option
from ttsd.client import TtsdClient
from ttsd.log.lines import coloured, plain, timestamp
from ttsd.protocol.events import EventMessage, LogEvent, Missed, Snapshot, StoppingEvent
from ttsd.protocol.log import LEVELS, LogQuery, before_line, matcher, without

PAGE: Final = 1000
NEWEST: Final = 100
FOLLOWED: Final = 10


@click.command(
    epilog="""\b
Examples:
  ttsd logs -f
  ttsd logs --level warning -n 20
  ttsd logs --job 01k9w3x7r5m2hq8d
  ttsd logs --json -n 100000 job.failed | jq -r .fields.reason | sort | uniq -c"""
)
@click.argument("words", nargs=-1)
@click.option("-f", "--follow", is_flag=True, help="Then show what comes, until Ctrl+C.")
@click.option("-n", "--limit", type=click.IntRange(min=0), help=f"So many lines at most: {NEWEST}; with -f {FOLLOWED}.")
@click.option("--level", type=click.Choice(LEVELS), default="debug", help="This level and worse.")
@click.option("--job", default="", metavar="ID", help="What happened to this job.")
@click.option("--request", default="", metavar="ID", help="What this request did (its X-Request-Id).")
@socket_option
@json_option
def command(
    words: Sequence[str], limit: int | None, socket: str | None, *, follow: bool, as_json: bool, **wanted: Any
) -> None:
    """Show the daemon's log, oldest line first: the newest lines that have all WORDS in them.

    All files are searched, the compressed ones of the days before too.
    """
    query = LogQuery(q=" ".join(words), **wanted)
    client = TtsdClient(socket)
    tell = _json if as_json else _teller()
    if follow:
        asyncio.run(_follow(client, query, FOLLOWED if limit is None else limit, tell))
    else:
        asyncio.run(_search(client, query, NEWEST if limit is None else limit, tell))


Tell = Callable[[LogEvent], None]


async def _search(client: TtsdClient, query: LogQuery, limit: int, tell: Tell) -> None:
    lines, notes = await newest(client, query, limit)
    for note in notes:
        complain(note)
    for line in reversed(lines):
        tell(line)


async def newest(
    client: TtsdClient, query: LogQuery, limit: int, before: str | None = None
) -> tuple[list[LogEvent], list[str]]:
    """Up to `limit` lines, newest first, in as many requests as it takes; and what could not be read."""
    lines: list[LogEvent] = []
    notes: dict[str, None] = {}
    while len(lines) < limit:
        page = await client.logs(query, before, min(PAGE, limit - len(lines)))
        lines += page.lines
        notes |= dict.fromkeys(page.notes)
        if (before := page.next) is None:
            break
    return lines, list(notes)


async def _follow(client: TtsdClient, query: LogQuery, limit: int, tell: Tell) -> None:
    matches = matcher(query)
    told = -1
    async with aclosing(client.events()) as events:
        async for event in events:
            lines: Sequence[LogEvent] = ()
            match event:
                case Snapshot(log=log) if told < 0:
                    lines = await _past(client, query, limit, log)
                case Snapshot(log=log):
                    lines = [line for line in log if line.seq > told and matches(line)]
                case LogEvent():
                    lines = [event] if matches(event) else []
                case _:
                    _warn(event)
            for line in lines:
                tell(line)
            told = event.seq


def _warn(event: EventMessage) -> None:
    match event:
        case Missed(count=count):
            complain(f"this reader is too slow: {count} events were left out")
        case StoppingEvent():
            complain("the daemon is stopping")
        case _:
            pass


async def _past(client: TtsdClient, query: LogQuery, limit: int, log: Sequence[LogEvent]) -> list[LogEvent]:
    """The last `limit` lines, oldest first: of what the events begin with, and of the files where that is too short."""
    recent = list(filter(matcher(query), log))
    missing = limit - len(recent)
    if missing <= 0:
        return recent[-limit:] if limit else []
    lines, _ = await newest(client, query, missing, before_line(log[0]) if log else None)
    return [*reversed(without(lines, log)), *recent]


def _json(line: LogEvent) -> None:
    click.echo(msgspec.json.encode(line).decode())


def _teller() -> Tell:
    """In colours for a terminal; for a pipe each line with its date, whatever is in it."""
    fancy = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def tell(line: LogEvent) -> None:
        click.echo(coloured(line, day=True) if fancy else f"{timestamp(line.at_s)} {line.level} {plain(line)}")

    return tell

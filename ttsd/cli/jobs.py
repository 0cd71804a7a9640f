"""`ttsd jobs`: the queue, one job, and what happens to them."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Final

import click
import msgspec

from ttsd.cli.exits import FAILED, complain
from ttsd.cli.options import echo_json, json_option, socket_option
from ttsd.cli.wording import coloured, duration, moment, one_line, plural
from ttsd.client import TtsdClient
from ttsd.protocol.errors import DaemonUnreachable, TtsdError
from ttsd.protocol.events import JobChanged, Snapshot, StoppingEvent
from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import Job, JobPage, JobState, Redo

PAGE: Final = 1000
ID_WIDTH: Final = 16
STATE_WIDTH: Final = 9
WIDE: Final = 10_000
"""Into a pipe, titles are not cut."""


@click.group(
    epilog="""\b
Examples:
  ttsd jobs list --state failed
  ttsd jobs retry $(ttsd jobs list --state failed --json | jq -r '.jobs[].id')
  ttsd jobs watch"""
)
def command() -> None:
    """List, show, cancel, retry, redo, reorder, pause, resume and watch jobs."""


@command.command(
    "list",
    epilog="""\b
Examples:
  ttsd jobs list
  ttsd jobs list --state queued --state running
  ttsd jobs list --search "chapter heart"
  ttsd jobs list --limit 1000 --json | jq -r '.jobs[].output'""",
)
@click.option("--state", "states", multiple=True, type=click.Choice([s.value for s in JobState]), help="Only these.")
@click.option("--search", default="", metavar="WORDS", help="Only with these in title, id, voice or error.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@socket_option
@json_option
def list_command(states: Sequence[str], search: str, limit: int, socket: str | None, *, as_json: bool) -> None:
    """List jobs, newest first."""
    page = asyncio.run(_pages(TtsdClient(socket), [JobState(state) for state in states], search, limit))
    if as_json:
        echo_json(page)
        return
    for job in page.jobs:
        click.echo(row(job, _title_width()))
    if not page.jobs:
        among = f" that are {' or '.join(states)}" if states else ""
        found = f"no jobs{among}" if among or search else "no jobs; drop a text file into the inbox"
        click.echo(found, err=True)
    elif page.next:
        click.echo(f"… and more; see --limit ({plural(sum(page.counts.values()), 'job')} in all)", err=True)


async def _pages(client: TtsdClient, states: Sequence[JobState], search: str, limit: int) -> JobPage:
    """Up to `limit` jobs as one page, in as many requests as the daemon wants."""
    page = await client.jobs(states, None, min(limit, PAGE), search=search)
    while page.next and len(page.jobs) < limit:
        more = await client.jobs(states, page.next, min(limit - len(page.jobs), PAGE), search=search)
        page = msgspec.structs.replace(more, jobs=page.jobs + more.jobs)
    return page


@command.command(
    epilog="""\b
Example:
  ttsd jobs show 01k9w3x7r5m2hq8d"""
)
@click.argument("job_id", metavar="ID")
@socket_option
@json_option
def show(job_id: str, socket: str | None, *, as_json: bool) -> None:
    """Show everything about one job."""
    job = asyncio.run(TtsdClient(socket).job(job_id))
    if as_json:
        echo_json(job)
        return
    for name, value in details(job):
        click.echo(f"{click.style(name.ljust(9), dim=True)} {value}")


@command.command(
    epilog="""\b
Example:
  ttsd jobs cancel 01k9w3x7r5m2hq8d"""
)
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
@socket_option
@json_option
def cancel(job_ids: Sequence[str], socket: str | None, *, as_json: bool) -> int:
    """Cancel waiting or running jobs."""
    return asyncio.run(_each(job_ids, TtsdClient(socket).cancel, as_json=as_json))


@command.command(
    epilog="""\b
Example:
  ttsd jobs retry 01k9w3x7r5m2hq8d"""
)
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
@socket_option
@json_option
def retry(job_ids: Sequence[str], socket: str | None, *, as_json: bool) -> int:
    """Queue failed or cancelled jobs again."""
    return asyncio.run(_each(job_ids, TtsdClient(socket).retry, as_json=as_json))


@command.command(
    epilog="""\b
Examples:
  ttsd jobs first 01k9w3x7r5m2hq8d
  ttsd jobs first $(ttsd jobs list --state queued --search urgent --json | jq -r '.jobs[].id')"""
)
@click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
@socket_option
@json_option
def first(job_ids: Sequence[str], socket: str | None, *, as_json: bool) -> int:
    """Put waiting jobs before all others, the last one named before those named earlier."""
    client = TtsdClient(socket)
    return asyncio.run(_each(job_ids, lambda job_id: client.move(job_id, "first"), as_json=as_json))


async def _each(job_ids: Sequence[str], call: Callable[[str], Awaitable[Job]], *, as_json: bool) -> int:
    """Call for every job, whatever happens to the others; one line for each."""
    status = 0
    for job_id in job_ids:
        try:
            job = await call(job_id)
        except DaemonUnreachable:
            raise
        except TtsdError as error:
            complain(error.message)
            status = FAILED
        else:
            _tell(job, as_json=as_json)
    return status


@command.command(
    epilog="""\b
Examples:
  ttsd jobs redo 01k9w3x7r5m2hq8d --segment 12
  ttsd jobs redo 01k9w3x7r5m2hq8d --segment 12 --seed 7
The receipt beside the output tells each segment's index, text and time."""
)
@click.argument("job_id", metavar="ID")
@click.option("--segment", type=click.IntRange(min=0), required=True, help="Its index in the receipt.")
@click.option("--seed", type=click.IntRange(min=0), default=None, help="Of the new take; else one it has not had.")
@socket_option
@json_option
def redo(job_id: str, segment: int, seed: int | None, socket: str | None, *, as_json: bool) -> None:
    """Make another take of one sentence, and the output anew with it."""
    _tell(asyncio.run(TtsdClient(socket).redo(job_id, Redo(segment, seed))), as_json=as_json)


@command.command(
    epilog="""\b
Example:
  ttsd jobs pause && long-game; ttsd jobs resume"""
)
@socket_option
@json_option
def pause(socket: str | None, *, as_json: bool) -> None:
    """Hold background work: files, batches, queued texts. Live speech goes on; a restart does not forget it."""
    _tell_queue(asyncio.run(TtsdClient(socket).pause(on=True)), as_json=as_json)


@command.command(
    epilog="""\b
Example:
  ttsd jobs resume"""
)
@socket_option
@json_option
def resume(socket: str | None, *, as_json: bool) -> None:
    """Let background work go on."""
    _tell_queue(asyncio.run(TtsdClient(socket).pause(on=False)), as_json=as_json)


def _tell_queue(queue: QueueStatus, *, as_json: bool) -> None:
    if as_json:
        echo_json(queue)
    else:
        state = "paused" if queue.paused else "going on"
        click.echo(f"background work is {state}: {queue.queued} queued, {queue.running} running")


@command.command(
    epilog="""\b
Examples:
  ttsd jobs watch
  ttsd jobs watch --json | jq -r 'select(.state == "succeeded") | .output'"""
)
@socket_option
@json_option
def watch(socket: str | None, *, as_json: bool) -> None:
    """Follow the queue: a line whenever a job changes (JSON lines with --json), until Ctrl-C."""
    asyncio.run(_watch(TtsdClient(socket), as_json=as_json))


async def _watch(client: TtsdClient, *, as_json: bool) -> None:
    async with aclosing(client.events()) as events:
        async for event in events:
            match event:
                case Snapshot(jobs=jobs):
                    for job in sorted((job for job in jobs if not job.state.final), key=lambda job: job.id):
                        _tell(job, as_json=as_json)
                case JobChanged(job=job):
                    _tell(job, as_json=as_json)
                case StoppingEvent():
                    complain("the daemon is stopping")
                case _:
                    pass


def _tell(job: Job, *, as_json: bool) -> None:
    click.echo(msgspec.json.encode(job).decode() if as_json else row(job, _title_width()))


def row(job: Job, title_width: int) -> str:
    """One job on one line."""
    progress = f"{job.segments_done}/{job.segments_total}" if job.segments_total else ""
    sound = duration(job.audio_s) if job.audio_s else ""
    left = "" if job.eta_s is None else f" ({duration(job.eta_s)} left)"
    note = one_line(f"{job.title}: {job.error.message}" if job.error else f"{job.title}{left}", title_width)
    when = moment(job.finished_s or job.started_s or job.created_s)
    state = coloured(job.state, STATE_WIDTH)
    return f"{job.id.ljust(ID_WIDTH)}  {state}  {progress:>7}  {sound:>12}  {when}  {note}"


def _title_width() -> int:
    if not sys.stdout.isatty():
        return WIDE
    return max(20, shutil.get_terminal_size().columns - ID_WIDTH - STATE_WIDTH - 48)


def details(job: Job) -> Iterator[tuple[str, str]]:
    """Name and value of each line about one job."""
    yield "job", job.id
    yield "title", one_line(job.title, WIDE)
    yield "state", coloured(job.state)
    yield "door", job.door.value + (f" {job.spool}" if job.spool else "")
    if job.user:
        yield "user", job.user if job.who in ("", job.user) else f"{job.who} ({job.user})"
    yield "voice", job.settings.voice or "the daemon's own"
    yield "language", job.settings.language or "the daemon's own"
    yield "created", moment(job.created_s)
    if job.started_s:
        yield "started", f"{moment(job.started_s)} (waited {duration(job.started_s - job.created_s)})"
    if job.finished_s:
        took = f" (took {duration(job.finished_s - job.started_s)})" if job.started_s else ""
        yield "finished", moment(job.finished_s) + took
    if job.attempts:
        yield "failed tries", str(job.attempts)
    yield "segments", f"{job.segments_done} of {job.segments_total}"
    yield "sound", duration(job.audio_s)
    if job.eta_s is not None:
        yield "ready in", duration(job.eta_s)
    if job.output:
        yield "output", job.output
    if job.error:
        yield "error", click.style(f"{job.error.message} ({job.error.code})", fg="red")

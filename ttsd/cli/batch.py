"""`ttsd batch`: a table of texts into a folder of sound, one file for each row."""

import asyncio
import csv
import io
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, get_args

import click
import msgspec

from ttsd.cli.batching import Batch, Outcome
from ttsd.cli.exits import FAILED, complain
from ttsd.cli.manifest import Finished, Manifest, unwritable
from ttsd.cli.meter import Meter
from ttsd.cli.options import echo_json, json_option, socket_option, style_options, taken_style
from ttsd.cli.orders import Order, Settings, read_orders
from ttsd.cli.wording import duration, plural
from ttsd.client import TtsdClient
from ttsd.ingest.tables import SUFFIXES
from ttsd.protocol.speech import FileFormat

MANIFEST: Final = "batch.jsonl"
ERRORS: Final = "batch-errors.csv"
TOLD_FAILURES: Final = 20
"""So many failures are told one by one; the file of errors has all."""


class RowError(msgspec.Struct, frozen=True):
    row: int
    id: str
    error: str


class Summary(msgspec.Struct, frozen=True):
    """What `--json` prints. `reused`: rows whose file was there already; `x_realtime`: sound made per time taken."""

    folder: str
    rows: int
    spoken: int
    reused: int
    failed: int
    audio_s: float
    wall_s: float
    x_realtime: float
    errors: tuple[RowError, ...]


class Tally:
    """Counts the outcomes of a run, and tells of them while it lasts."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self.spoken = 0
        self.audio_s = 0.0
        self.errors: list[RowError] = []

    def failed(self, order: Order, error: str) -> None:
        """A row that comes to nothing."""
        self.errors.append(RowError(order.row, order.id, error))
        if len(self.errors) <= TOLD_FAILURES:
            self._meter.say(f"row {order.row}: {error}")
        elif len(self.errors) == TOLD_FAILURES + 1:
            self._meter.say(f"more rows failed; {ERRORS} will have them all")

    def take(self, outcome: Outcome) -> None:
        """The end of one order that was carried out."""
        if outcome.error:
            self.failed(outcome.order, outcome.error)
        else:
            self.spoken += 1
            self.audio_s += outcome.audio_s
        self._meter.step(failed=bool(outcome.error))


@click.command(
    epilog=f"""\b
Examples:
  ttsd batch lines.csv -o lines/
  ttsd batch lines.jsonl -o lines/ --voice heart --format flac
  ttsd batch lines.csv -o lines/ --json | jq .x_realtime

\b
The first line of a .csv names its columns: text, and if you like
  id        names the file: ID.wav; else the row's number does, 0001.wav
  out       names the file, sub-folder and format too: intro/hello.flac
  voice, language
A .json is a list of objects with these keys, a .jsonl has one on each line.

\b
Run the same command again to go on where it stopped, or to speak only the
rows that are new or changed: {MANIFEST} in DIR remembers what was made of what.
Rows that failed are told, written to {ERRORS}, and tried again then.
After a change of engine or voice, remove DIR to have all of them anew.

\b
Exit codes: 0 all files are there, 1 a row failed, 2 wrong usage, 4 no daemon answers."""
)
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", "folder", metavar="DIR", required=True, help="Folder for the files; made when there is none.",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--voice", metavar="NAME", help="Voice of rows that name none.")
@click.option(
    "--language", default="", metavar="L", help="Language of rows that name none: code, English name or auto."
)
@click.option("--format", type=click.Choice(get_args(FileFormat)), default="wav", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Another seed, another reading.")
@click.option("--speed", type=click.FloatRange(0.5, 2.0), default=1.0, show_default=True)
@style_options
@socket_option
@json_option
def command(file: Path, folder: Path, socket: str | None, *, as_json: bool, **wanted: Any) -> int:
    """Speak each row of FILE (.csv, .json or .jsonl) into a file of its own in DIR."""
    if file.suffix.lower() not in SUFFIXES:
        raise click.UsageError(f"{file} is no table: a batch is one of {' '.join(SUFFIXES)}")
    orders = read_orders(file, Settings(style=taken_style(wanted), **wanted))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    with Manifest(folder / MANIFEST) as manifest:
        summary = _carry_out(TtsdClient(socket), folder, manifest, orders)
        _keep_errors(folder / ERRORS, summary.errors)
    if as_json:
        echo_json(summary)
    else:
        click.echo(line(summary))
    return FAILED if summary.failed else 0


def _carry_out(client: TtsdClient, folder: Path, manifest: Manifest, orders: Sequence[Order]) -> Summary:
    """Speak what is not there yet."""
    began = time.monotonic()
    good = [order for order in orders if not order.error]
    todo = [order for order in good if not is_there(order, folder, manifest)]
    with Meter(len(todo)) as meter:
        tally = Tally(meter)
        for order in orders:
            if order.error:
                tally.failed(order, order.error)
        if todo:
            try:
                asyncio.run(Batch(client, folder, manifest, tally.take, meter.say).run(todo))
            except KeyboardInterrupt:
                meter.say(
                    f"stopped with {tally.spoken:,} of {plural(len(todo), 'row')} spoken; run the same command to go on"
                )
                raise
    wall_s = time.monotonic() - began
    return Summary(
        folder=str(folder),
        rows=len(orders),
        spoken=tally.spoken,
        reused=len(good) - len(todo),
        failed=len(tally.errors),
        audio_s=round(tally.audio_s, 3),
        wall_s=round(wall_s, 3),
        x_realtime=round(tally.audio_s / wall_s, 2),
        errors=tuple(sorted(tally.errors, key=lambda error: error.row)),
    )


def is_there(order: Order, folder: Path, manifest: Manifest) -> bool:
    """Whether the order's file is what an earlier run made of the same order."""
    entry = manifest.latest(order.file, order.fingerprint)
    try:
        return isinstance(entry, Finished) and (folder / order.file).stat().st_size == entry.bytes
    except OSError:
        return False


def line(summary: Summary) -> str:
    """The summary as people read it."""
    counts = f"{summary.spoken:,} spoken, {summary.reused:,} reused, {summary.failed:,} failed"
    told = f"{plural(summary.rows, 'row')}: {counts}"
    if summary.spoken:
        told += f"; {duration(summary.audio_s)} of sound in {duration(summary.wall_s)}"
        told += f", {summary.x_realtime:.1f} times real time"
    return told


def _keep_errors(path: Path, errors: Sequence[RowError]) -> None:
    """The rows that failed as a table, or no file."""
    try:
        if not errors:
            path.unlink(missing_ok=True)
            return
        table = io.StringIO(newline="")
        writer = csv.writer(table)
        writer.writerow(RowError.__struct_fields__)
        writer.writerows(msgspec.structs.astuple(error) for error in errors)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        part.write_text(table.getvalue(), encoding="utf-8", newline="")
        part.replace(path)
    except OSError as error:
        complain(unwritable(path, error).message)

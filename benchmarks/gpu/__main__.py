"""`python -m benchmarks.gpu [NAME]...`: the Qwen3-TTS engine on a card, with random weights of the published shapes."""

import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import msgspec
import torch

from benchmarks import machine
from benchmarks.daemon import private_folder
from benchmarks.gpu import arrivals, first, frames, load, peers, sources, syncs
from benchmarks.gpu.card import Card
from benchmarks.gpu.options import Bench, Options
from benchmarks.gpu.weights import write_drawn
from benchmarks.report import Report, Table, lines
from ttsd import __version__

REGISTRY: Final = {
    "load": "process start to ready; memory of the card",
    "frames": "a frame of 1 to 64 streams, its parts, its floor; the codec",
    "engine": "first sound, requests at random and all at once, in process",
    "syncs": "how often the host waits for the card, and what it launches",
    "daemon": "first sound and requests at random through a daemon's socket (with --daemon)",
    "peers": "others on the same card (with --official, --faster)",
}
FOLDERS: Final = (Path("/dev/shm"), Path("/var/tmp"), Path("/tmp"))
ROOM_BYTES: Final = 6 * 10**9
HEAD: Final = """\
# The Qwen3-TTS engine on a card

Taken with `python -m benchmarks.gpu --markdown FILE`; benchmarks/README.md tells what is measured, and how.
"""


def _engine(bench: Bench) -> Iterator[Table]:
    with sources.engine(bench) as engine:
        yield first.in_process(bench, engine)
        source = sources.inside(engine, sources.recorded(bench.folder))
        yield arrivals.at_once(bench, source, "in process")
        yield syncs.speaking(source)
        yield from arrivals.poisson(bench, source, "in process")


def _daemon(bench: Bench) -> Iterator[Table]:
    if not bench.options.daemon:
        click.echo("  not run: it needs --daemon")
        return
    with sources.served(bench) as source:
        yield first.through_socket(bench, source)
        yield from arrivals.poisson(bench, source, "through the daemon's socket")


RUNS: Final[dict[str, Callable[[Bench], Iterator[Table]]]] = {
    "load": load.run,
    "frames": frames.run,
    "engine": _engine,
    "syncs": syncs.run,
    "daemon": _daemon,
    "peers": peers.run,
}


@click.command(epilog="\b\n" + "\n".join(f"{name.ljust(8)}{summary}" for name, summary in REGISTRY.items()))
@click.argument("names", nargs=-1, metavar="[NAME]...", type=click.Choice(list(REGISTRY)))
@click.option("--device", type=click.Choice(("cuda", "cpu")), default="cuda", help="cpu: a rehearsal.")
@click.option("--size", type=click.Choice(("tiny", "0.6b", "1.7b")), default="1.7b", show_default=True)
@click.option("--quick", is_flag=True, help="A tenth of the samples: does everything work?")
@click.option("--daemon", is_flag=True, help="Through a real daemon's socket too.")
@click.option("--official", type=click.Path(path_type=Path, exists=True), help="Python that has qwen-tts.")
@click.option("--faster", type=click.Path(path_type=Path, exists=True), help="Python that has faster-qwen3-tts.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all figures to this file too.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Write all figures to this file, for readers.")
def main(names: tuple[str, ...], json_file: Path | None, markdown: Path | None, **given: Any) -> None:
    """Run the measurements NAME (all when none is named) and print their figures, as soon as there are some."""
    options = Options(**given)
    if options.rehearsal and markdown is not None and markdown.name == "RESULTS.md":
        raise click.UsageError(f"figures taken {options.rehearsal} are a rehearsal, and none for RESULTS.md")
    torch.set_num_threads(1)
    card = Card(torch.device(options.device))
    about = {**machine.describe(), **card.describe(), "model": f"{options.size}, {card.dtype}, random weights"}
    click.echo(f"ttsd {__version__} on " + " · ".join(f"{name} {value}" for name, value in about.items()))
    _say_rehearsal(options)
    report = Report(about, __version__, datetime.now(UTC).isoformat(timespec="seconds"), {}, ())
    writer = _Writer(report, options, json_file, markdown)
    with private_folder(_room()) as folder:
        started = time.perf_counter()
        checkpoint = write_drawn(folder / options.size, options.size, card.device)
        click.echo(f"(weights drawn and written in {time.perf_counter() - started:.0f} s)")
        bench = Bench(options, card, checkpoint, folder)
        failed = [name for name in names or REGISTRY if not _measured(name, bench, writer)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _say_rehearsal(options: Options) -> None:
    if options.rehearsal:
        click.echo(f"REHEARSAL {options.rehearsal}: it shows that the program works, and its figures say nothing")


def _room() -> Path:
    """The first folder that has room for a checkpoint, in memory if there is one."""
    fit = [folder for folder in FOLDERS if folder.is_dir() and shutil.disk_usage(folder).free > ROOM_BYTES]
    return (fit or [FOLDERS[-1]])[0]


class _Writer:
    """Owns the files, which hold at any time what has been measured so far: a run may be cut short."""

    def __init__(self, report: Report, options: Options, json_file: Path | None, markdown: Path | None) -> None:
        self._report = report
        self._options = options
        self._json = json_file
        self._markdown = markdown
        self._tables: list[Table] = []

    def take(self, table: Table) -> None:
        self._tables.append(table)
        click.echo("\n" + "\n".join(lines(table)))
        whole = msgspec.structs.replace(self._report, tables=tuple(self._tables))
        if self._json:
            self._json.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")
        if self._markdown:
            self._markdown.write_text(render(whole, self._options.rehearsal), encoding="utf-8")

    def others(self, name: str, share: float) -> None:
        """What other programs took of the machine meanwhile."""
        self._report.others[name] = share


def render(report: Report, rehearsal: str) -> str:
    """The whole file for readers."""
    label = [f"**A rehearsal {rehearsal}: no figure here says anything.**", ""] if rehearsal else []
    about = [f"- {name}: {value}" for name, value in report.machine.items()]
    tables = "\n\n".join("\n".join(lines(table)) for table in report.tables)
    return "\n".join([HEAD, *label, f"- ttsd {report.version}, {report.at}", *about, "", "```", tables, "```", ""])


def _measured(name: str, bench: Bench, writer: _Writer) -> bool:
    """Whether it ran; what fails does not keep the rest from being measured."""
    click.echo(f"\n== {name}: {REGISTRY[name]}")
    watch, started = machine.Watch(), time.perf_counter()
    bench.card.let_go()
    try:
        for table in RUNS[name](bench):
            writer.take(table)
    except Exception:  # noqa: BLE001 — the border: time on a card is scarce, and the other measurements are worth it
        traceback.print_exc()
        return False
    finally:
        writer.others(name, watch.others())
        click.echo(f"  ({time.perf_counter() - started:.0f} s)")
    return True


if __name__ == "__main__":
    main()

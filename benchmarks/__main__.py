"""`python -m benchmarks [NAME]...`: run benchmarks and print their tables."""

import compileall
import importlib
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from benchmarks import machine
from benchmarks.options import Options
from benchmarks.report import Report, Table, lines
from benchmarks.results import render
from ttsd import __version__

REGISTRY: Final = {
    "ttfa": "time to first audio over the socket, above the engine itself",
    "espeak": "beside speech-dispatcher + espeak-ng and the bare espeak-ng command",
    "files": "1,000 small files dropped at once",
    "spool": "the hot folder: how soon, beside a plain loop, 10,000 files, a book, one sentence of it edited",
    "torture": "200 kills at random instants, and what came of the files (needs the extra `dev`, and gcc)",
    "doctor": "examining a reference clip of 10 s, as when a voice is added",
    "lexicon": "what lexicons of 10,000 entries add to a sentence",
    "frontend": "text to segments: ten languages, one sentence, and the start of its process",
    "commands": "commands, cold",
    "startup": "the daemon from its start to its first answer",
    "terminal": "the terminal app: first paint, key to screen, key to sound, work while speaking, memory",
    "overhead": "CPU of the daemon for a second of speech; what metrics and health cost, asked for 10 times a second",
    "jobs_table": "a queue of 100,000 jobs: pages, searches, and the app's list as it is scrolled",
    "log_search": "a search through a week of rotated, compressed logs",
    "idle": "CPU and memory of a daemon nobody uses",
    "recycle": "the silence a client hears while the worker is replaced (needs the extra `dev`, and gcc)",
    "voices": "adding a voice without the model; what speaking with a profile adds",
    "tongues": "the built-in voices in each language: work, first sound, memory (needs `ttsd model pull voices`)",
    "load": "64 streams, 1,000 jobs, 1,000 connections and a status at 10 Hz for 5 minutes (`--minutes`)",
    "crowd": "50 streams at once, 10 live sessions",
    "qwen3": "the Qwen3-TTS engine on the CPU, beside the official package (needs `make oracle`)",
    "qwen3_full": "the same in the published 0.6B shapes, beside what the memory can give (takes 12 GB)",
    "qwen3_load": "loading a checkpoint: time and memory, beside the official package (as `qwen3`)",
    "segmentation": "where sentences end and languages change, beside public libraries (see benchmarks/README.md)",
    "listening": "what was spoken, heard by a recogniser (needs --ears; see benchmarks/README.md)",
}
"""Each is a module of this package with `run(Options) -> Iterator[Table]`."""

USUAL: Final = tuple(
    name
    for name in REGISTRY
    if name not in ("listening", "load", "torture", "segmentation", "tongues") and "qwen3" not in name
)
ROOT: Final = Path(__file__).parents[1]
QUIET: Final = 0.05
"""Share of the machine that others may take before figures are called unquiet."""


@click.command(epilog="\b\n" + "\n".join(f"{name.ljust(11)}{summary}" for name, summary in REGISTRY.items()))
@click.argument("names", nargs=-1, metavar="[NAME]...", type=click.Choice(list(REGISTRY)))
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all figures to this file too.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Write all figures to this file, for readers.")
@click.option("--quick", is_flag=True, help="A tenth of the samples: does everything work?")
@click.option(
    "--profile", type=click.Path(path_type=Path), help="`files`: leave a profile of the daemon in this folder."
)
@click.option("--disk", type=click.Path(path_type=Path, exists=True), help="`files`: a folder on the disk to measure.")
@click.option(
    "--ears", type=click.Path(path_type=Path, exists=True), help="`listening`: Python of the venv that listens."
)
@click.option("--minutes", type=click.FloatRange(min=0.05), help="`load`: how long; 5 unless told, 30 as a soak.")
@click.option("--languages", metavar="CODES", help="`listening`: only these, such as zh,ja,mixed.")
def main(names: tuple[str, ...], json_file: Path | None, markdown: Path | None, **given: Any) -> None:
    """Run the benchmarks NAME (without any: but for `qwen3…`, `torture`, `segmentation`, `listening`)."""
    options = Options(**{name: value for name, value in given.items() if value is not None})
    for package in ("ttsd", "tui"):  # as pip does when it installs them
        compileall.compile_dir(ROOT / package, quiet=1)
    about = machine.describe()
    click.echo(f"ttsd {__version__} on " + " · ".join(f"{name} {value}" for name, value in about.items()))
    report = Report(about, __version__, datetime.now(UTC).isoformat(timespec="seconds"), {}, ())
    tables: list[Table] = []
    for name in names or USUAL:
        click.echo(f"\n== {name}: {REGISTRY[name]}")
        watch, started = machine.Watch(), time.perf_counter()
        for table in importlib.import_module(f"benchmarks.{name}").run(options):
            tables.append(table)
            click.echo("\n" + "\n".join(lines(table)))
        report.others[name] = others = watch.others()
        verdict = "NOT quiet, not for keeping" if others > QUIET else "quiet"
        click.echo(f"  ({time.perf_counter() - started:.0f} s; others took {others:.0%} of the machine: {verdict})")
    whole = msgspec.structs.replace(report, tables=tuple(tables))
    if json_file:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")
    if markdown:
        markdown.write_text(render(whole))


if __name__ == "__main__":
    main()

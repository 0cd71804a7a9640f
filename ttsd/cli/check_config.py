"""`ttsd check-config`: the configuration as the daemon would take it, and where each value comes from."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec
import tomli

from ttsd import places
from ttsd.cli.options import config_option, echo_json, json_option, socket_option
from ttsd.cli.settings import environment, load
from ttsd.config import Config, Loaded, Spool
from ttsd.config.editing import edited, replace_text
from ttsd.config.lines import line_of
from ttsd.config.outdated import outdated
from ttsd.protocol.errors import ConfigError
from ttsd.storage import token_file

DEFAULT = "default"


class Report(msgspec.Struct, frozen=True):
    """What `--json` prints: the file (`null`: none was found), every key that is not at its default, and all keys."""

    file: str | None
    changed: dict[str, Any]
    config: Config
    advice: tuple[str, ...] = ()
    """What is taken although it is outdated, and what to write instead."""
    origins: dict[str, str] = {}
    """Where each key's value comes from: `FILE:LINE`, an environment variable, or `default`."""


@click.command(
    epilog="""\b
Examples:
  ttsd check-config
  ttsd check-config --effective | grep environment
  ttsd check-config --config ./config.toml --json | jq .origins
  ttsd check-config --migrate
  ttsd check-config --quiet && sudo systemctl restart ttsd

Exits 3, naming file, line, key, value and what is allowed, when something is wrong."""
)
@config_option
@socket_option
@click.option("--effective", "show", flag_value="every", help="Every key with its value and where that comes from.")
@click.option("--quiet", "show", flag_value="none", help="Nothing, or the one sentence that says what is wrong.")
@click.option("--migrate", is_flag=True, help="Write outdated values as they are written today; comments stay.")
@click.option("--yes", is_flag=True, help="With --migrate: do not ask before the file is changed.")
@json_option
def command(
    config_file: str | None, socket: str | None, show: str | None, *, migrate: bool, yes: bool, as_json: bool
) -> None:
    """Check the configuration and show what differs from the defaults."""
    try:
        loaded = load(config_file, socket)
        if not migrate:
            _check_tokens(loaded.config.http.tokens_path)
    except ConfigError as error:
        if show != "none":
            _point_at(places.find_config(Path(config_file) if config_file else None, environment(socket)), error)
        raise
    if migrate:
        _migrate(loaded, ask=not yes)
    elif show != "none":
        _report(loaded, every=show == "every", as_json=as_json)


def _check_tokens(file: Path | None) -> None:
    """The file of tokens, without which the daemon takes no `[http]`. Raises ConfigError.

    It is closed to most people, who learn nothing of it here; the daemon, for whom a reload asks, has to read it.
    """
    if file is None:
        return
    try:
        token_file.read(file)
    except ConfigError as error:
        if places.of_service() or not isinstance(error.__cause__, PermissionError):
            raise


def _report(loaded: Loaded, *, every: bool, as_json: bool) -> None:
    report = Report(
        str(loaded.file) if loaded.file else None, changed(loaded), loaded.config, loaded.advice, origins(loaded)
    )
    if as_json:
        echo_json(report)
    else:
        _show(report, loaded.config.flat if every else report.changed)


def changed(loaded: Loaded) -> dict[str, Any]:
    """`section.key` and value of every setting that is not its default."""
    more = {name: Spool() for name in loaded.config.spools}
    default = Config(spools=more).flat
    return {key: value for key, value in loaded.config.flat.items() if value != default[key]}


def origins(loaded: Loaded) -> dict[str, str]:
    """Where the value of each key comes from."""
    text = loaded.file.read_text(encoding="utf-8-sig") if loaded.file else ""
    return {key: _origin(loaded, text, key) for key in loaded.config.flat}


def _origin(loaded: Loaded, text: str, key: str) -> str:
    origin = loaded.origins.get(key)
    if origin is None:
        return DEFAULT
    if origin != str(loaded.file):
        return f"environment: {origin}"
    line = line_of(text, key)
    return f"{origin}:{line}" if line else origin


def _show(report: Report, values: Mapping[str, Any]) -> None:
    click.echo(f"{report.file or 'no config file'}: {click.style('good', fg='green')}")
    for key, value in values.items():
        setting = f"  {key} = {msgspec.json.encode(value).decode()}"
        click.echo(f"{setting.ljust(44)}  {click.style(report.origins[key], dim=True)}")
    if not values:
        click.echo("  every key is at its default")
    for sentence in report.advice:
        click.echo(f"{click.style('outdated:', fg='yellow')} {sentence}")
    if report.advice and any(report.file and report.file in sentence for sentence in report.advice):
        click.echo("`ttsd check-config --migrate` writes the file as it is written today")


def _point_at(file: Path | None, error: ConfigError) -> None:
    """Show the line that is wrong, where the error is one of the file's."""
    if file is None or not error.param or str(file) not in error.message:
        return
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    if (number := line_of("\n".join(lines), error.param)) is not None:
        click.echo(f"{file}:{number}: {lines[number - 1].strip()}", err=True)


def _migrate(loaded: Loaded, *, ask: bool) -> None:
    """Show what would change in the file, and change it at once or not at all. Raises ConfigError."""
    if loaded.file is None:
        raise ConfigError("there is no config file to be migrated; name one with --config")
    before = loaded.file.read_bytes().decode()
    old = outdated(tomli.loads(before.removeprefix("\ufeff")))
    if not old:
        click.echo(f"{loaded.file}: nothing in it is outdated")
        return
    try:
        after = edited(before, old)
    except ValueError as error:
        raise ConfigError(f"{loaded.file} cannot be changed by program ({error}); change it by hand") from error
    name = str(loaded.file)
    click.echo("\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="", n=2)))
    if ask and not click.confirm(f"Change {name}?"):
        raise click.Abort
    try:
        replace_text(loaded.file, after)
    except OSError as error:
        raise ConfigError(f"{name}: cannot be written: {error.strerror}; run this as who may") from error
    click.echo(f"{name}: written; `systemctl reload ttsd` (or SIGHUP) has a running daemon read it")

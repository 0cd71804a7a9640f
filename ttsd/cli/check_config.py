"""`ttsd check-config`: the configuration as the daemon would take it."""

from typing import Any

import click
import msgspec

from ttsd.cli.options import config_option, echo_json, json_option, socket_option
from ttsd.cli.settings import load
from ttsd.config import Config, Loaded, Spool


class Report(msgspec.Struct, frozen=True):
    """What `--json` prints: the file (`null`: none was found), every key that is not at its default, and all keys."""

    file: str | None
    changed: dict[str, Any]
    config: Config


@click.command(
    epilog="""\b
Examples:
  ttsd check-config
  ttsd check-config --config ./config.toml --json

Exits 3, naming file, key, value and what is allowed, when something is wrong."""
)
@config_option
@socket_option
@json_option
def command(config_file: str | None, socket: str | None, *, as_json: bool) -> None:
    """Check the configuration and show what differs from the defaults."""
    loaded = load(config_file, socket)
    report = Report(str(loaded.file) if loaded.file else None, changed(loaded), loaded.config)
    if as_json:
        echo_json(report)
    else:
        _show(report)


def changed(loaded: Loaded) -> dict[str, Any]:
    """`section.key` and value of every setting that is not its default."""
    more = {name: Spool() for name in loaded.config.spools}
    default = Config(spools=more).flat
    return {key: value for key, value in loaded.config.flat.items() if value != default[key]}


def _show(report: Report) -> None:
    click.echo(f"{report.file or 'no config file'}: {click.style('good', fg='green')}")
    for key, value in report.changed.items():
        click.echo(f"  {key} = {msgspec.json.encode(value).decode()}")
    if not report.changed:
        click.echo("  every key is at its default")

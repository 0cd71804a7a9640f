"""`ttsd serve`: the daemon in the foreground."""

import click

from ttsd.cli.options import config_option, socket_option
from ttsd.cli.settings import load


@click.command(
    epilog="""\b
Examples:
  ttsd serve
  ttsd serve --config ./config.toml
  TTSD__ENGINE__NAME=fake ttsd serve

Exits 3 when the configuration is bad; `ttsd check-config` looks at it without starting."""
)
@config_option
@socket_option
def command(config_file: str | None, socket: str | None) -> None:
    """Run the daemon in the foreground until it is told to stop (Ctrl-C, SIGTERM)."""
    loaded = load(config_file, socket)
    from ttsd import daemon

    daemon.run(loaded)

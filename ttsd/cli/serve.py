"""`ttsd serve`: the daemon in the foreground."""

import gc
import sys

import click

from ttsd import systemd
from ttsd.cli.exits import first_cause
from ttsd.cli.options import config_option, socket_option
from ttsd.cli.settings import load
from ttsd.cli.turning_away import turn_away
from ttsd.listening import opened
from ttsd.protocol.errors import ConfigError


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
    systemd.notify(STATUS="starting")
    try:
        _run(config_file, socket)
    except ConfigError as error:
        systemd.notify(STATUS=f"cannot start: {error.message}")
        turn_away(systemd.inherited_sockets(), error)
        raise
    except Exception as error:
        systemd.notify(STATUS=f"ended by an error: {first_cause(error)}")
        raise


def _run(config_file: str | None, socket: str | None) -> None:
    loaded = load(config_file, socket)
    # structlog imports it where it is installed, for tracebacks in colours that we never show: a tenth of the start.
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type] — as the import system documents it
    with opened(loaded.config) as sockets:
        gc.disable()  # until it has started: nothing that is imported is garbage
        from ttsd import daemon

        daemon.run(loaded, sockets)

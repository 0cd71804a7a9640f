"""Options that several commands share."""

import click
import msgspec

socket_option = click.option(
    "--socket", envvar="TTSD_SOCKET", metavar="PATH", help="Unix socket of the daemon (or set TTSD_SOCKET)."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
config_option = click.option(
    "--config", "config_file", metavar="FILE", help="Configuration file (or set TTSD_CONFIG).", type=click.Path()
)


def echo_json(value: object) -> None:
    """Print `value` as indented JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))

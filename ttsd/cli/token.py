"""`ttsd token`: who may speak to the daemon over TCP."""

import asyncio
from pathlib import Path

import click

from ttsd.cli.options import config_option, echo_json, json_option, socket_option
from ttsd.cli.settings import load
from ttsd.cli.wording import moment
from ttsd.client import TtsdClient
from ttsd.clock import wall
from ttsd.protocol.errors import ConfigError, TtsdError
from ttsd.protocol.tokens import TokenList, TokenUse
from ttsd.storage import token_file


@click.group(
    epilog="""\b
Examples:
  sudo ttsd token add laptop --days 90
  sudo ttsd token list
  sudo ttsd token revoke laptop
A client sends it as `Authorization: Bearer TOKEN`; ttsd's own commands take it from TTSD_TOKEN."""
)
def command() -> None:
    """Make, list and revoke the tokens of TCP clients; the daemon takes changes over by itself."""


file_option = click.option("--file", "file", metavar="FILE", type=click.Path(), help="Instead of [http] token_file.")


def _file(file: str | None, config_file: str | None) -> Path:
    """Raises ConfigError where none is named."""
    named = Path(file) if file else load(config_file, None).config.http.tokens_path
    if named is None:
        raise ConfigError('[http] token_file names no file; write token_file = "/etc/ttsd/tokens" below [http] first')
    return named


@command.command(
    epilog="""\b
Examples:
  sudo ttsd token add laptop --days 90
  ttsd token add test --file ./tokens | xclip"""
)
@click.argument("name", metavar="NAME")
@click.option("--days", type=click.IntRange(1, 3650), default=None, help="Good for so long; else until it is revoked.")
@click.option("--admin", is_flag=True, help="May see and change what belongs to others.")
@file_option
@config_option
def add(name: str, days: int | None, file: str | None, config_file: str | None, *, admin: bool) -> None:
    """Make a token and print it, this once: only its hash is kept."""
    path = _file(file, config_file)
    if path.exists() and token_file.migrate(path):
        click.echo(f"ttsd: the token that stood in {path} is called {token_file.OLD_NAME} now, and is hashed", err=True)
    click.echo(token_file.add(path, name, wall(), days, admin=admin))
    click.echo("ttsd: this is the only time that it is shown", err=True)


@command.command("list")
@file_option
@config_option
@socket_option
@json_option
def list_command(file: str | None, config_file: str | None, socket: str | None, *, as_json: bool) -> None:
    """List the tokens, and when each was used last as far as the daemon tells."""
    tokens = token_file.read(_file(file, config_file)).tokens
    used = _used(socket)
    found = TokenList(tuple(TokenUse(one.name, one.expires, one.admin, used.get(one.name)) for one in tokens))
    if as_json:
        echo_json(found)
        return
    for one in found.tokens:
        until = f"until {one.expires}" if one.expires else "for good"
        last = f"used {moment(one.used_s)}" if one.used_s else "never used, as far as is known"
        click.echo(f"{one.name:<24} {until:<16} {'admin' if one.admin else '':<5}  {last}")


def _used(socket: str | None) -> dict[str, float]:
    """Nothing where no daemon tells it to us."""
    try:
        uses = asyncio.run(TtsdClient(socket).tokens()).tokens
    except TtsdError:
        return {}
    return {use.name: use.used_s for use in uses if use.used_s is not None}


@command.command()
@click.argument("name", metavar="NAME")
@file_option
@config_option
def revoke(name: str, file: str | None, config_file: str | None) -> None:
    """Make a token worthless, a second from now."""
    token_file.revoke(_file(file, config_file), name)
    click.echo(f"revoked: {name}")


@command.command()
@file_option
@config_option
def migrate(file: str | None, config_file: str | None) -> None:
    """Hash the token of a file that holds it as it is; it goes on being good."""
    path = _file(file, config_file)
    done = token_file.migrate(path)
    click.echo(f"{path}: " + (f"hashed; its token is called {token_file.OLD_NAME}" if done else "nothing to do"))

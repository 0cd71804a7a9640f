"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, Final

import click
import msgspec

from ttsd.protocol.speech import Style

_AMOUNTS: Final = {
    "clarity": "Crisper and slower, 0 to 100; 50: the engine's own way.",
    "naturalness": "More breath, and pauses and tempo that vary, 0 to 100.",
    "emotion": "A wider range of pitch and tone, 0 to 100.",
}

socket_option = click.option(
    "--socket", envvar="TTSD_SOCKET", metavar="PATH", help="Unix socket of the daemon (or set TTSD_SOCKET)."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
config_option = click.option(
    "--config", "config_file", metavar="FILE", help="Configuration file (or set TTSD_CONFIG).", type=click.Path()
)


def style_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--clarity`, `--naturalness` and `--emotion`; `taken_style` makes one of what they gave."""
    for name, help_text in reversed(_AMOUNTS.items()):
        command = click.option(f"--{name}", type=click.IntRange(0, 100), metavar="N", help=help_text)(command)
    return command


def taken_style(given: dict[str, Any]) -> Style:
    """The style among a command's options, which are taken out."""
    return Style(**{name: given.pop(name) for name in _AMOUNTS})


def echo_json(value: object) -> None:
    """Print `value` as indented JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))

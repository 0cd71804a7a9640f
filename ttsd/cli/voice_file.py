"""`ttsd voices check FILE`: what the doctor says of a clip that is no voice yet, without a daemon."""

import asyncio
from pathlib import Path

import click

from ttsd.cli.exits import FAILED
from ttsd.cli.options import echo_json
from ttsd.cli.voice_wording import show_report
from ttsd.config.languages import language_asked
from ttsd.protocol.errors import BadRequest


def check_file(path: Path, transcript: str, language: str, *, as_json: bool) -> int:
    """Print the report; exit status 1 when the clip cannot be trusted."""
    from ttsd.supervisor.hearing import examine_file

    examined = asyncio.run(examine_file(path, transcript, _code(language)))
    if as_json:
        echo_json(examined.report)
    else:
        show_report(str(path), examined.report, facts=True)
    return 0 if examined.report.sound else FAILED


def _code(language: str) -> str:
    try:
        return language_asked(language)
    except BadRequest as error:
        raise click.BadParameter(error.message, param_hint="--language") from None

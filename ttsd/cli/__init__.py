"""The command line: one module for each noun, imported when that noun is asked for."""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

import click

from ttsd import __version__

SUMMARIES: Final = {
    "serve": "Run the daemon in the foreground.",
    "say": "Speak a text: play it, save it, or stream it.",
    "status": "Show how the daemon and its engine are doing.",
    "voices": "List, add, check, change, hear, export and import voices.",
    "jobs": "List, show, cancel, retry, redo, pause, resume and watch jobs.",
    "logs": "Show the daemon's log, search it, follow it.",
    "lexicon": "Say how words are spoken, for you, for a voice, for everybody.",
    "usage": "Show what was spoken, for whom, and what a clip costs.",
    "batch": "Speak each row of a table into a file of its own.",
    "model": "Fetch checkpoints of the Qwen3-TTS engine, choose one, look into one.",
    "token": "Make, list and revoke tokens of TCP clients.",
    "doctor": "Find what is wrong, and say how to mend it.",
    "check-config": "Check the configuration without starting anything.",
}
"""Each command and its line of help; its module below `ttsd.cli` has the same name and holds `command`."""

EPILOG: Final = """\b
Examples:
  ttsd say "Good morning."               play it
  ttsd say "Good morning." -o hello.wav  save it
  echo "As it comes." | ttsd say -o - | aplay -t raw -f S16_LE -r 24000 -c 1
  ttsd status
  ttsd doctor

\b
Exit codes: 0 done, 1 the request failed, 2 wrong usage, 3 cannot start or bad config,
4 no daemon answers.
"""


class LazyGroup(click.Group):
    """Imports a command's module when the command is used; its own help needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUMMARIES:
            return None
        return importlib.import_module(f"ttsd.cli.{cmd_name.replace('-', '_')}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ttsd")
@click.pass_context
def commands(ctx: click.Context) -> None:
    """A speech daemon for your own machine: drop a text file, get speech; type, and hear it."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every error becomes one line on stderr."""
    try:
        result = commands.main(list(arguments), prog_name="ttsd", standalone_mode=False)
    except click.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except _failures() as error:
        from ttsd.cli.exits import explain

        return explain(error)
    return result if isinstance(result, int) else 0


def _failures() -> tuple[type[Exception], ...]:
    """What is ours to explain; imported only once something has failed."""
    from ttsd.protocol.errors import TtsdError

    return (TtsdError, ExceptionGroup)


def main() -> NoReturn:
    """Entry point of `ttsd`."""
    sys.exit(run(sys.argv[1:]))

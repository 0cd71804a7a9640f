"""The edge where an error becomes an exit code and a line on stderr."""

from typing import Final, cast

import click

from ttsd.protocol.errors import ConfigError, DaemonUnreachable, TtsdError

FAILED: Final = 1
EXIT_CODES: Final[dict[type[TtsdError], int]] = {
    TtsdError: FAILED,
    ConfigError: 3,
    DaemonUnreachable: 4,
}


class AlreadyTold(TtsdError):
    """The reason stands on stderr already."""


def exit_code(error: TtsdError) -> int:
    """The code of the nearest ancestor in the table."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def complain(message: str) -> None:
    """One line on stderr, with our name before it."""
    click.echo(f"ttsd: {message}", err=True)


def explain(error: Exception) -> int:
    """Print what `error` says and return its exit code; what is not ours to explain is raised again.

    A reader of our output that went away needs no explanation.
    """
    cause = first_cause(error)
    if isinstance(cause, BrokenPipeError):
        return FAILED
    if not isinstance(cause, TtsdError):
        raise error
    if not isinstance(cause, AlreadyTold):
        complain(cause.message)
    return exit_code(cause)


def first_cause(error: Exception) -> Exception:
    """The first one inside groups: tasks that ran side by side fail as one."""
    while isinstance(error, ExceptionGroup):
        error = cast("ExceptionGroup[Exception]", error).exceptions[0]
    return error

"""How a prep program lives: one request after the other, each answered, until the daemon goes."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from ttsd.ipc import Channel
from ttsd.prep import sandbox

QUIET_S: Final = 2.0
"""Nobody asks for so long: there is time for what would make later answers slower."""
_NOTHING_LEFT: Final = object()


def serve(
    kind: Any,
    answer: Callable[[Any], msgspec.Struct],
    *,
    may_write_bytes: int | None = 0,
    when_quiet: Iterator[object] | None = None,
) -> int:
    """Answer messages of the union `kind` over the inherited channel; exit status 0 when the daemon closes it.

    `when_quiet` does a bit of work each time it is asked for its next, until there is none left.
    """
    channel = Channel.inherited(kind)
    sandbox.enter(may_write_bytes=may_write_bytes)
    rest = when_quiet or iter(())
    try:
        while True:
            while channel.is_quiet(QUIET_S) and next(rest, _NOTHING_LEFT) is not _NOTHING_LEFT:
                pass
            if (message := channel.receive()) is None:
                return 0
            channel.send(answer(message))
    except ConnectionError:
        return 0

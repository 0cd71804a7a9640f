"""How a prep program lives: one request after the other, each answered, until the daemon goes."""

from collections.abc import Callable
from typing import Any

import msgspec

from ttsd.ipc import Channel
from ttsd.prep import sandbox


def serve(kind: Any, answer: Callable[[Any], msgspec.Struct], *, may_write_bytes: int | None = 0) -> int:
    """Answer messages of the union `kind` over the inherited channel; exit status 0 when the daemon closes it."""
    channel = Channel.inherited(kind)
    sandbox.enter(may_write_bytes=may_write_bytes)
    try:
        while (message := channel.receive()) is not None:
            channel.send(answer(message))
    except ConnectionError:
        return 0
    return 0

"""A prep process for tests of `Prep`: the texts, what is in the files, or the titles say what to act."""

import os
import signal
import sys
import time
from pathlib import Path

from ttsd.ipc import Channel
from ttsd.protocol.errors import ErrorBody
from ttsd.protocol.prep import (
    Encode,
    Encoded,
    Prepared,
    PrepareDocument,
    PrepareText,
    PrepFailed,
    PrepPing,
    PrepPong,
    ToEncoder,
    ToPrep,
)
from ttsd.protocol.speech import Segment, Span


def act(channel: Channel, number: int, order: str) -> None:
    if (answer := acted(channel, number, order)) is not None:
        channel.send(Prepared(number, (Segment((Span("en", answer),)),)))


def make(channel: Channel, message: Encode) -> None:
    """The file has its order for contents."""
    if (answer := acted(channel, message.id, message.encoding.tags.title)) is not None:
        Path(message.target).write_text(answer)
        channel.send(Encoded(message.id, len(answer)))


def acted(channel: Channel, number: int, order: str) -> str | None:  # noqa: C901 — a list of acts
    """What to answer; `None` when that is done already."""
    match order.split():
        case ["crash"]:
            os.kill(os.getpid(), signal.SIGSEGV)
        case ["crash", "once", flag]:
            if not Path(flag).exists():
                Path(flag).touch()
                sys.exit(1)
        case ["slow"]:
            time.sleep(600)
        case ["wait", seconds]:
            time.sleep(float(seconds))
        case ["refuse"]:
            channel.send(PrepFailed(number, ErrorBody("nothing_to_say", "there is nothing to say")))
            return None
        case ["out", "of", "turn"]:
            channel.send(PrepPong(number + 1))
        case ["pid"]:
            return str(os.getpid())
    return order


if os.environ.get("ACT") == "no start":
    sys.exit(1)
channel = Channel.inherited(ToPrep | ToEncoder)
while (message := channel.receive()) is not None:
    match message:
        case PrepPing():
            channel.send(PrepPong(message.id))
        case PrepareText():
            act(channel, message.id, message.text)
        case PrepareDocument():
            act(channel, message.id, Path(message.path).read_text())
        case Encode():
            make(channel, message)
